"""What fills the stores of benchmarks.scale: real rows, at the planner's instants, the same each time."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.scale.fill import Filler
from benchmarks.scale.fleet import Fleet
from benchmarks.scale.rows import Rows, Thinning
from benchmarks.scale.tempers import temper_of
from benchmarks.scale.templates import ADDRESS, HOST, load_templates, taken
from schedules.cadence import load_schedule
from schedules.plan import Planner
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Conditions, Evidence, IncidentState, Outcome, PageKind, Reason
from thuocdo.core.portals import load_registry
from thuocdo.core.wire import measurement_to_json
from thuocdo.store import Store

NOW = datetime(2026, 10, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
FLEET = Fleet(portals=6)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fleet")
    return FLEET.write(folder, f"sqlite:///{folder}/store.sqlite")


@pytest.fixture(scope="module")
def rows(settings):
    return Rows(settings, NOW)


def between(rows, since, until):
    return [one for piece in rows.between(since, until) for one in piece]


def test_instants_are_the_planner_s(settings, rows):
    targets = load_registry(settings.registry_dir, at=NOW.date()).probed_targets()
    planner = Planner(targets, load_schedule(settings.schedule, all_kinds()), set(all_kinds()), vantage_id="ha-noi")
    due = [job.key for job in planner.due(NOW, NOW + HOUR)]
    assert sorted(map(str, due)) == sorted(str(one.key) for one in between(rows, NOW, NOW + HOUR))
    assert {key.kind for key in due} >= {"http", "homepage", "eform"}


def test_a_time_gives_the_same_measurements_however_it_is_asked_for(settings, rows):
    whole = between(rows, NOW, NOW + 2 * HOUR)
    cut = NOW + timedelta(minutes=71, seconds=3)
    again = Rows(settings, NOW)
    late = between(again, cut, NOW + 2 * HOUR)
    assert [*between(again, NOW, cut), *late] == whole


def test_times_are_whole_microseconds_and_the_portal_s_own(rows):
    medians = {}
    for one in between(rows, NOW, NOW + 6 * HOUR):
        for name, value in one.observation.values.items():
            if name.endswith("_seconds") and "expiry" not in name:
                assert value == round(value, 6)
        assert one.duration_seconds == round(one.duration_seconds, 6)
        assert one.started_at >= one.key.scheduled_at
        if one.key.kind == "http" and one.observation.outcome is Outcome.OK:
            medians.setdefault(one.agency_id, []).append(one.observation.values["total_seconds"])
    middle = sorted(sorted(times)[len(times) // 2] for times in medians.values())
    assert middle[-1] > 1.5 * middle[0]


def test_facts_name_the_portal_s_own_host(rows):
    for one in between(rows, NOW, NOW + HOUR):
        told = measurement_to_json(one)
        assert HOST not in told
        assert ADDRESS not in told
        if one.key.kind == "http" and one.observation.outcome is Outcome.OK:
            assert one.observation.attributes["final_host"] == f"dichvucong.{one.agency_id}.scale.test"


def test_evidence_is_never_the_same_twice_and_rare_where_all_is_well(rows):
    found = between(rows, NOW, NOW + 12 * HOUR)
    visits = [one for one in found if one.key.kind == "homepage" and one.observation.outcome is Outcome.OK]
    seen = [piece.sha256 for one in found for piece in one.observation.evidence]
    assert len(seen) == len(set(seen)) > 0
    assert sum(bool(one.observation.evidence) for one in visits) < len(visits) / 8


def test_an_outage_lasts_and_takes_every_kind_along():
    temper = temper_of("tinh-003")
    outage = next(temper.outages(NOW - timedelta(days=300), NOW))
    assert lasts(outage) > timedelta(minutes=1)
    middle = outage.started_at + (outage.ended_at - outage.started_at) / 2
    assert {temper.conclusion(middle, chance) for chance in (0.0, 0.5, 0.999)} == {outage.reason}
    assert outage.reason.outcome is Outcome.FAILED
    assert temper.outage_at(outage.ended_at) != outage


def test_what_is_thinned_out_stands_for_the_rest(settings):
    thin = Rows(settings, NOW, Thinning(one_in=10, full_since=NOW + 5 * HOUR))
    kept = between(thin, NOW, NOW + 6 * HOUR)
    answers = Counter(one.key.scheduled_at >= NOW + 5 * HOUR for one in kept if one.key.kind == "http")
    assert answers == {False: 6 * 5 * 6, True: 6 * 60}
    weights = [thin.weight(one.key.kind, one.key.target_id, one.key.scheduled_at) for one in kept]
    assert sum(weights) == len(between(Rows(settings, NOW), NOW, NOW + 6 * HOUR))
    each = Counter(one.key.target_id for one in kept if one.key.kind == "http")
    assert set(each.values()) == {30 + 60}


@pytest.fixture(scope="module")
def filled(settings, rows):
    with Store.open(settings.store_url) as store:
        yield store, Filler(store, rows).fill(NOW, NOW + 26 * HOUR)


def test_a_filled_store_holds_what_was_made(filled, rows):
    store, told = filled
    made = between(rows, NOW, NOW + 26 * HOUR)
    assert store.measurements.count() == told.rows == told.stands_for == len(made)
    assert store.measurements.newest_at() == made[-1].key.scheduled_at
    assert {agent.agent for agent in store.agents.all()} == {"agent-http", "agent-browser"}
    assert store.incidents.judged_at() == NOW + 26 * HOUR


def test_its_tallies_are_those_of_its_answers(filled, rows):
    store, _ = filled
    answers = (one for one in between(rows, NOW, NOW + 26 * HOUR) if one.key.kind == "http")
    counted = Counter(one.observation.outcome.value for one in answers)
    tallies = store.incidents.tallies(NOW, NOW + 26 * HOUR)
    assert len(tallies) == 6 * 26
    assert {name: sum(getattr(one, name) for one in tallies) for name in counted} == counted


def test_its_incidents_rest_on_failures(settings, rows, tmp_path):
    outage = next(one for one in temper_of("tinh-003").outages(NOW - timedelta(days=60), NOW) if lasts(one) > HOUR / 4)
    since = outage.started_at.replace(minute=0, second=0, microsecond=0)
    with Store.open(f"sqlite:///{tmp_path}/outage.sqlite") as store:
        filler = Filler(store, rows)
        filler.fill(since, outage.ended_at - timedelta(minutes=5))
        (lasting,) = store.incidents.lasting()
        filler.fill(outage.ended_at - timedelta(minutes=5), outage.ended_at + HOUR)
        assert store.incidents.lasting() == []
        (ended,) = (one for one in store.incidents.all() if one.id == lasting.id)
        assert set(ended.measurements) <= store.measurements.keys()
    assert (lasting.state, ended.state) == (IncidentState.DOWN, IncidentState.ENDED)
    assert (lasting.subject_id, lasting.reason, ended.ended_at) == ("tinh-003.home", outage.reason, outage.ended_at)


def lasts(outage):
    return outage.ended_at - outage.started_at


def test_every_kind_has_a_template_that_is_ok():
    for kind in all_kinds().values():
        if not kind.needs_mandate:
            found = load_templates()[kind.name].ok(PageKind.PORTAL).real.observation
            assert found.outcome is Outcome.OK
            assert not kind.main_value or kind.main_value.name in found.values


def test_templates_are_of_median_size_and_without_the_testbed_s_hosts(make_measurement):
    found = [
        make_measurement(
            number,
            detail="x" * number,
            attributes={"final_host": "dichvucong.hue.thuocdo.test:41234", "address": "127.77.1.9"},
            conditions=Conditions(saturated=number == 2),
            evidence=(Evidence(kind="har", sha256="0" * 64, media_type="application/json", size_bytes=1),)
            * (number // 4),
        )
        for number in range(5)
    ]
    (line,) = taken(found)
    assert '"final_host":"{host}","address":"{address}"' in line
    assert '"saturated":false' in line
    assert line.count('"har"') == 1
    assert '"detail":"x"' in line  # of 0, 1, 3 and 4 letters, 2 being spoilt


def test_reasons_without_a_template_give_one_of_the_same_outcome():
    homepage = load_templates()["homepage"]
    assert homepage.ended(Reason.TIMEOUT).real.observation.reason is Reason.TIMEOUT
    for reason in Reason:
        assert homepage.ended(reason).real.observation.outcome is reason.outcome
