from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.clock import HANOI
from thuocdo.core.i18n import translator
from thuocdo.core.model import HourTally
from thuocdo.incidents.availability import (
    availability,
    availability_rule,
    error_budget_remaining_ratio,
    month_of,
    objective_rule,
)

FIRST = datetime(2026, 10, 31, 17, tzinfo=UTC)  # 1 November in Hanoi
HOUR = timedelta(hours=1)


def tally(hours: int = 0, **counts: int) -> HourTally:
    return HourTally(target_id="hue.home", vantage_id="local", hour=FIRST + hours * HOUR, **counts)


def test_availability_is_ok_of_ok_and_failed_and_the_rest_is_beside_it():
    report = availability([tally(ok=90, failed=5, inconclusive=5), tally(1, ok=5, excluded=60)])
    assert (report.ok, report.failed, report.inconclusive, report.excluded) == (95, 5, 5, 60)
    assert report.availability_ratio == 0.95
    assert report.coverage_ratio == pytest.approx(100 / 105)


def test_a_missed_start_lowers_the_coverage_and_nothing_else():
    measured = availability([tally(ok=50, failed=5, inconclusive=5)])
    missed = availability([tally(ok=50, failed=5, inconclusive=5, missed=50), tally(1, missed=10)])
    assert (measured.coverage_ratio, missed.coverage_ratio) == (55 / 60, 55 / 120)
    assert missed.availability_ratio == measured.availability_ratio
    assert missed.missed == 60
    assert availability([tally(missed=9)]).coverage_ratio == 0.0


def test_what_was_not_measured_is_absent_and_not_zero():
    assert (availability([]).availability_ratio, availability([]).coverage_ratio) == (None, None)
    walled = availability([tally(inconclusive=60)])
    assert (walled.availability_ratio, walled.coverage_ratio) == (None, 0.0)
    resting = availability([tally(excluded=60)])
    assert (resting.availability_ratio, resting.coverage_ratio) == (None, None)


@pytest.mark.parametrize(
    ("instant", "first", "last"),
    [
        (FIRST, "2026-11-01", "2026-12-01"),
        (FIRST - timedelta(microseconds=1), "2026-10-01", "2026-11-01"),
        (datetime(2026, 12, 31, 12, tzinfo=UTC), "2026-12-01", "2027-01-01"),
    ],
)
def test_a_month_is_that_of_hanoi(instant, first, last):
    assert month_of(instant) == tuple(datetime.fromisoformat(day).replace(tzinfo=HANOI) for day in (first, last))


def budget(tallies, hours):
    return error_budget_remaining_ratio(tallies, objective=0.995, now=FIRST + hours * HOUR)


def test_the_budget_is_of_the_whole_month():
    # 720 hours of 60 probes: 216 may fail.
    assert budget([tally(hour, ok=60) for hour in range(719)], 719) == 1.0
    last = [tally(hour, ok=60) for hour in range(718)] + [tally(718, failed=60)]
    assert budget(last, 719) == pytest.approx(1 - 60 / 216)
    assert budget([tally(hour, ok=60) for hour in range(23)] + [tally(23, failed=60)], 24) == pytest.approx(
        1 - 60 / 216
    )
    assert budget([tally(hour, ok=60) for hour in range(20)] + [tally(20 + n, failed=60) for n in range(4)], 24) < 0


def test_a_month_that_was_measured_from_its_middle_on_has_the_same_budget():
    tallies = [tally(360 + hour, ok=60) for hour in range(23)] + [tally(383, failed=60)]
    assert budget(tallies, 384) == pytest.approx(1 - 60 / 216)


def test_other_months_and_months_without_an_answer_say_nothing():
    assert budget([tally(-1, failed=60)], 24) is None
    assert budget([tally(inconclusive=60, excluded=9)], 24) is None
    assert budget([tally(-1, failed=60), tally(0, ok=60)], 1) == 1.0


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=48))
def test_a_failure_more_never_raises_the_budget(hours):
    tallies = [tally(hour, ok=ok, failed=failed) for hour, (ok, failed) in enumerate(hours)]
    before = budget(tallies, len(hours))
    after = budget([tally(0, ok=hours[0][0], failed=hours[0][1] + 1), *tallies[1:]], len(hours))
    assert before is None or after <= before + 1e-9


@pytest.mark.parametrize(
    ("lang", "words", "objective"),
    [
        ("vi", "Mức sẵn sàng = thành công / (thành công + lỗi)", "99,5 %"),
        ("en", "Availability = ok / (ok + failed)", "99.5 %"),
    ],
)
def test_the_rule_is_said_in_both_languages(lang, words, objective):
    assert availability_rule(translator(lang)).startswith(words)
    assert objective in objective_rule(translator(lang), 0.995, lang)
