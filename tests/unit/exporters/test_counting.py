from datetime import UTC, datetime, timedelta

import pytest

from exporters.counting import LATEST_ARRIVAL, JudgedProbes, ResponseTimes, histograms
from exporters.text import Exemplar
from thuocdo.core.config import bundled
from thuocdo.core.model import (
    Conditions,
    Evidence,
    HourTally,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reading,
)
from thuocdo.incidents.rules import POOR_SECONDS, slow_rules
from thuocdo.score.basis import load_criteria_sets

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
HOUR = NOW.replace(minute=0)


def reading(seconds, *, at=NOW, target="a.home"):
    key = MeasurementKey(target_id=target, kind="http", vantage_id="ha-noi", profile="desktop", scheduled_at=at)
    return Reading(key=key, agency_id="a", outcome=Outcome.OK, seconds=seconds)


def tally(ok=0, failed=0, *, vantage="ha-noi", hour=HOUR, **others):
    return HourTally(target_id="a.home", vantage_id=vantage, hour=hour, ok=ok, failed=failed, **others)


@pytest.fixture
def times():
    return ResponseTimes(NOW - timedelta(hours=1))


def test_a_time_falls_into_the_first_bucket_that_holds_it(times):
    times.take("http", [reading(seconds, at=NOW + timedelta(seconds=n)) for n, seconds in enumerate((0.3, 0.31, 9.0))])
    assert times.by_series() == {("a.home", "http"): ((1, 1, 0, 0, 0, 0, 1), 9.61)}


def test_a_reading_that_comes_again_is_counted_once(times):
    times.take("http", [reading(0.2)])
    times.forget(NOW)
    times.take("http", [reading(0.2), reading(0.2, at=NOW + timedelta(seconds=1))])
    assert times.by_series()["a.home", "http"][0] == (2, 0, 0, 0, 0, 0, 0)


def test_a_reading_without_a_trustworthy_time_is_not_counted(times):
    times.take("http", [reading(None)])
    assert times.by_series() == {}


def test_what_cannot_come_again_is_forgotten_and_never_asked_for_again(times):
    old = NOW - LATEST_ARRIVAL - timedelta(seconds=1)
    times.take("http", [reading(0.2, at=old), reading(0.2)])
    times.forget(NOW)
    assert list(times._seen) == [reading(0.2).key]
    assert times.since(NOW) > old


def test_nothing_from_before_the_process_is_asked_for():
    assert ResponseTimes(NOW).since(NOW) == NOW


def test_what_was_judged_before_the_process_began_is_not_counted():
    judged = JudgedProbes()
    judged.take([tally(ok=50, failed=3)])
    assert judged.by_target() == {}
    judged.take([tally(ok=51, failed=4)])
    assert judged.by_target() == {"a.home": (1, 1, 0, 0)}


def test_all_vantage_points_and_new_hours_are_added():
    judged = JudgedProbes()
    judged.take([])
    judged.take([tally(ok=2), tally(ok=1, inconclusive=1, vantage="da-nang")])
    judged.take([tally(ok=2), tally(ok=4, excluded=1, hour=HOUR + timedelta(hours=1))])
    assert judged.by_target() == {"a.home": (7, 0, 1, 1)}


def test_a_tally_that_becomes_less_lets_no_counter_fall_and_counts_nothing_twice():
    judged = JudgedProbes()
    judged.take([tally()])
    for failed in (5, 4, 5, 6):
        judged.take([tally(failed=failed)])
    assert judged.by_target() == {"a.home": (0, 6, 0, 0)}


def limits_of(kind, value):
    """Limits by which incidents and the shipped criteria sets judge a time."""
    rule = slow_rules().get(kind)
    found = {rule.limit_seconds} if rule is not None and rule.value == value.name else set()
    for criteria in load_criteria_sets(bundled("criteria"), "survey-2023").values():
        for criterion in criteria.criteria:
            if criterion.metric == f"{kind}.{value.name}" and criterion.curve is not None:
                found |= {criterion.curve.below} - {None} | {band.at for band in criterion.curve.bands}
    return found


@pytest.mark.parametrize("kind", histograms())
def test_every_limit_is_a_bound_of_its_histogram_with_a_bound_on_either_side(kind):
    value = histograms()[kind]
    assert list(value.bounds) == sorted(value.bounds)
    for limit in limits_of(kind, value):
        assert limit in value.bounds
        assert value.bounds[0] < limit < value.bounds[-1]


def test_the_limit_of_slow_answers_is_among_them():
    assert limits_of("http", histograms()["http"]) >= {POOR_SECONDS}


def form(seconds, at=NOW, evidence=("ab",)):
    key = MeasurementKey(target_id="a.eform", kind="eform", vantage_id="ha-noi", profile="desktop", scheduled_at=at)
    files = tuple(Evidence(kind="har", sha256=one * 32, media_type="x/y", size_bytes=1) for one in evidence)
    seen = Observation(outcome=Outcome.OK, values={"entry_seconds": seconds}, evidence=files)
    return Measurement(
        key=key, agency_id="a", started_at=at, duration_seconds=9.0, observation=seen, conditions=Conditions()
    )


def test_what_was_counted_and_has_evidence_is_the_exemplar_of_its_bucket(times):
    taken = [form(1.5), form(1.6, NOW + timedelta(seconds=1), ("cd", "ef")), form(9.0, NOW + timedelta(seconds=2), ())]
    uncounted = form(3.0, NOW + timedelta(seconds=3))
    times.take(
        "eform",
        [
            Reading(key=one.key, agency_id="a", outcome=Outcome.OK, seconds=one.observation.values["entry_seconds"])
            for one in taken
        ],
    )
    times.show([*taken, uncounted])
    [(bucket, exemplar)] = times.exemplars()["a.eform", "eform"].items()
    assert bucket == 1
    assert exemplar == Exemplar(labels={"evidence": "cd" * 32}, value=1.6, timestamp=NOW.timestamp() + 1)
