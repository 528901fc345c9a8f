from datetime import UTC, datetime, timedelta

import pytest

from exporters.freshness import CADENCES, STALE_AFTER, Freshness, longest_rest
from schedules.cadence import Window, load_schedule
from thuocdo.core.kinds.kind import all_kinds

DAILY = frozenset(range(7))
HOUR = 60


def window(days, start, end):
    return Window(days=frozenset(days), from_minute=start * HOUR, to_minute=end * HOUR)


@pytest.fixture
def freshness(tmp_path):
    file = tmp_path / "schedule.yaml"
    file.write_text(
        "id: x\ncadences:\n  - {kind: http, every_seconds: 60}\n"
        "  - {kind: homepage, every_seconds: 900, profiles: [desktop, mobile], windows: [{from: '06:00', to: '23:00'}]}\n"
    )
    return Freshness(load_schedule(file, all_kinds()))


@pytest.mark.parametrize(
    ("kind", "life"),
    [
        ("http", timedelta(minutes=CADENCES)),
        ("homepage", timedelta(minutes=15 * CADENCES, hours=7)),  # the night belongs to no cadence
        ("accessibility", STALE_AFTER),  # of a round: no cadence takes it
    ],
)
def test_what_was_not_measured_for_several_cadences_is_stale(freshness, make, target, now, kind, life):
    targets = {target.id: target}
    one = make(kind, age=life)
    assert freshness.fresh([one], targets, now) == ([one], now)
    assert freshness.fresh([one], targets, now + timedelta(microseconds=1)) == ([], None)


def test_it_holds_until_the_first_of_them_is_stale(freshness, make, target, now):
    told = [make("http"), make("accessibility"), make("homepage")]
    assert freshness.fresh(told, {target.id: target}, now) == (told, now + timedelta(minutes=CADENCES))


def test_of_targets_that_are_not_probed_nothing_is_fresh(freshness, make, target, now):
    assert freshness.fresh([make(target="gone.home")], {target.id: target}, now) == ([], None)
    assert freshness.fresh([make()], {}, now) == ([], None)


def test_a_vantage_point_may_be_silent_as_long_as_what_it_measures_most_often_is_told(freshness, make, target, now):
    told = [
        make("http", age=timedelta(hours=2)),
        make("homepage", age=timedelta(minutes=8)),
        make("homepage", vantage="da-nang", age=timedelta(hours=1)),
        make("accessibility", vantage="can-tho"),  # of a round
    ]
    targets = {target.id: target}
    freshness.fresh(told, targets, now)
    assert freshness.silences([*told, make(target="gone.home")], targets) == {
        "da-nang": (now - timedelta(hours=1), timedelta(minutes=15 * CADENCES, hours=7)),
        "ha-noi": (now - timedelta(minutes=8), timedelta(minutes=CADENCES)),
    }


@pytest.mark.parametrize(
    ("windows", "hours"),
    [
        ((), 0),
        ((window(DAILY, 0, 24),), 0),
        ((window(DAILY, 6, 23),), 7),
        ((window(DAILY, 22, 6),), 16),  # across midnight, and on Sunday across the end of the week
        ((window({0, 1, 2, 3, 4}, 8, 17),), 63),
        ((window(DAILY, 6, 12), window(DAILY, 10, 20)), 10),
        ((window({6}, 22, 6),), 160),
    ],
)
def test_the_longest_rest_of_a_week(windows, hours):
    assert longest_rest(windows) == timedelta(hours=hours)
    at = datetime(2026, 11, 22, tzinfo=UTC)
    runs = longest = 0
    for minute in range(14 * 24 * HOUR):
        is_open = not windows or any(one.holds(at + timedelta(minutes=minute)) for one in windows)
        runs = 0 if is_open else runs + 1
        longest = max(longest, runs)
    assert longest == hours * HOUR
