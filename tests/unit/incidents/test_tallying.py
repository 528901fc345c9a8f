"""Tallies over a real store: every answer once, and hours anew only where something changed how they count."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thuocdo.core.model import HourTally, Incident, IncidentScope, IncidentState, MissedStarts
from thuocdo.incidents import missing, tallying
from thuocdo.incidents.missing import missed_tallies
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.tallying import FARTHEST, HOUR, HOURS_AT_ONCE, LATE, Tallying, hour_of
from thuocdo.store import Store
from thuocdo.store.judging import TALLIED
from thuocdo.store.missed import Missed
from thuocdo.store.tallies import Tallies

MINUTE = timedelta(minutes=1)


class Between:
    """Planned maintenance from one instant to another."""

    def __init__(self, since, until):
        self.since, self.until = since, until

    def holds(self, instant):
        return self.since <= instant < self.until


def measured(make_measurement, one):
    """The measurement that a reading is of."""
    return make_measurement(
        scheduled_at=one.key.scheduled_at,
        started_at=one.key.scheduled_at,
        target_id=one.key.target_id,
        vantage_id=one.key.vantage_id,
        profile="desktop",
        outcome=one.outcome,
        reason=one.reason,
        values={},
    )


@pytest.fixture
def kept(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/thuocdo.sqlite")
    yield store
    store.close()


@pytest.fixture
def write(kept, make_measurement, build):
    """Store what letters say of a target, one a minute unless told otherwise."""

    def write(name, letters, **options):
        batch = [measured(make_measurement, one) for one in build.series(name, letters, **options)]
        assert kept.measurements.write(batch) == len(batch)

    return write


@pytest.fixture
def scene(build):
    def scene(windows=None):
        windows = windows or {}
        return JudgingContext(
            targets=build.fleet(4),
            windows=windows,
            is_excluded=lambda target, at: any(window.holds(at) for window in windows.get(target.id, ())),
        )

    return scene


@pytest.fixture
def found(kept, build):
    """The tallies as (target, hours after the first, ok, failed, inconclusive, excluded)."""
    first = hour_of(build.start)

    def found():
        return [
            (one.target_id, (one.hour - first) // HOUR, one.ok, one.failed, one.inconclusive, one.excluded)
            for one in kept.incidents.tallies(first - 999 * HOUR, first + 999 * HOUR)
        ]

    return found


@pytest.fixture
def counted_anew(monkeypatch):
    """The hours that were counted anew."""
    hours = []
    real = Tallies.of_hour
    monkeypatch.setattr(
        Tallies, "of_hour", lambda tallies, hour, *rest: hours.append(hour) or real(tallies, hour, *rest)
    )
    return hours


@pytest.fixture
def missed_looked_at(monkeypatch):
    """The hours of which the missed starts were looked at one by one."""
    hours = []
    real = Missed.by_hour
    monkeypatch.setattr(
        Missed, "by_hour", lambda kept, since, until, **which: hours.append(since) or real(kept, since, until, **which)
    )
    return hours


def missed(hour, number, target="t00", vantage="ha-noi"):
    return MissedStarts(
        target_id=target,
        kind="http",
        vantage_id=vantage,
        profile="desktop",
        hour=hour,
        agency_id="a",
        missed=number,
        counted_by="p1",
    )


def lost_line(build, first, last=None):
    return Incident(
        id="lost",
        scope=IncidentScope.VANTAGE,
        subject_id="ha-noi",
        state=IncidentState.DOWN if last is None else IncidentState.ENDED,
        worst=IncidentState.DOWN,
        started_at=build.start + first * MINUTE,
        confirmed_at=build.start + first * MINUTE,
        ended_at=None if last is None else build.start + last * MINUTE,
    )


def test_answers_are_counted_by_the_hour_they_were_scheduled_in(kept, write, scene, found, build):
    Tallying(store=kept).once(scene(), build.start)
    counting = Tallying(store=kept)
    write("t00", "..xx?h", every=20)
    write("t01", ".", vantage="can-tho")
    assert not counting.once(scene(), build.start + 2 * HOUR)
    assert found() == [("t00", 0, 2, 1, 0, 0), ("t00", 1, 0, 2, 1, 0), ("t01", 0, 1, 0, 0, 0)]


def test_each_answer_is_added_once_however_often_and_by_whom(kept, write, scene, found, build, counted_anew):
    write("t00", "..x")
    for index, letters in enumerate(["", ".x", "x", "."]):
        write("t00", letters, first=3 + 2 * index)
        for _ in range(2):
            while Tallying(store=kept).once(scene(), build.start + 20 * MINUTE):
                pass
    assert found() == [("t00", 0, 4, 3, 0, 0)]
    assert counted_anew == [hour_of(build.start)]  # once, by the first start


def test_an_answer_that_comes_weeks_late_is_added_and_nothing_is_counted_anew(
    kept, write, scene, found, build, counted_anew
):
    counting = Tallying(store=kept)
    counting.once(scene(), build.start)
    counted_anew.clear()
    write("t00", "x")
    counting.once(scene(), build.start + 40 * 24 * HOUR)
    assert found() == [("t00", 0, 0, 1, 0, 0)]
    assert counted_anew == []


def test_what_lies_in_maintenance_is_excluded_whatever_it_found(kept, write, scene, found, build):
    counting = Tallying(store=kept)
    planned = {"t00": (Between(build.start, build.start + 4 * MINUTE),)}
    counting.once(scene(planned), build.start)
    write("t00", ".x?.x?")
    write("t01", ".x?.x?")
    counting.once(scene(planned), build.start + 9 * MINUTE)
    assert found() == [("t00", 0, 0, 1, 1, 4), ("t01", 0, 2, 2, 2, 0)]


def test_maintenance_entered_or_struck_out_afterwards_counts_for_its_hours_alone(
    kept, write, scene, found, build, counted_anew
):
    counting = Tallying(store=kept)
    now = build.start + 5 * HOUR
    for hour in range(5):
        write("t00", "xx", first=60 * hour)
    counting.once(scene(), now)
    planned = scene({"t00": (Between(build.start + 60 * MINUTE, build.start + 61 * MINUTE),)})
    for with_windows, one in ((planned, 1), (scene(), 0)):
        counted_anew.clear()
        assert not counting.once(with_windows, now)
        assert found()[1] == ("t00", 1, 0, 2 - one, 0, one)
        assert counted_anew == [hour_of(build.start) + HOUR]
    counting.once(planned, now)
    assert not Tallying(store=kept).once(scene(), now)  # struck out while nobody counted
    assert found()[1] == ("t00", 1, 0, 2, 0, 0)


def test_maintenance_that_is_long_past_changes_nothing_any_more(kept, write, scene, found, build, counted_anew):
    counting = Tallying(store=kept)
    write("t00", "xx")
    now = build.start + LATE + 2 * HOUR
    while counting.once(scene(), now):
        pass
    counted_anew.clear()
    counting.once(scene({"t00": (Between(build.start, build.start + HOUR),)}), now)
    assert (found(), counted_anew) == ([("t00", 0, 0, 2, 0, 0)], [])


def test_a_failure_at_a_vantage_point_that_lost_its_line_is_no_portals_failure(
    kept, write, scene, found, build, counted_anew
):
    counting, hour = Tallying(store=kept), hour_of(build.start)
    counting.once(scene(), build.start)
    for vantage in ("ha-noi", "can-tho"):
        write("t00", "x" * 180, vantage=vantage)
    now = build.start + 3 * HOUR - MINUTE
    counting.once(scene(), now)
    steps = [
        (lost_line(build, 90), 90, [hour + HOUR, hour + 2 * HOUR]),  # confirmed
        (lost_line(build, 50), 130, [hour, hour + HOUR]),  # began earlier than was known
        (lost_line(build, 50, 125), 75, [hour + 2 * HOUR]),  # ended
    ]
    for incident, inconclusive, anew in steps:
        kept.incidents.save(incident, None)
        counted_anew.clear()
        assert not counting.once(scene(), now)
        assert sorted(counted_anew) == anew
        of_hours = kept.incidents.tallies(hour, hour + 3 * HOUR)
        assert sum(one.inconclusive for one in of_hours if one.vantage_id == "ha-noi") == inconclusive
        assert sum(one.failed for one in of_hours) == 360 - inconclusive
    write("t01", "xxx", first=124, every=1)  # what arrives afterwards is held against it at once
    counted_anew.clear()
    counting.once(scene(), now)
    assert found()[-1] == ("t01", 2, 0, 2, 1, 0)
    assert counted_anew == []


def test_a_line_that_came_back_while_nobody_counted_is_counted_so(kept, write, scene, found, build):
    now = build.start + 3 * HOUR - MINUTE
    Tallying(store=kept).once(scene(), build.start)
    kept.incidents.save(lost_line(build, 0), None)
    write("t00", "x" * 180)
    Tallying(store=kept).once(scene(), now)
    assert [inconclusive for _, _, _, _, inconclusive, _ in found()] == [60, 60, 60]
    kept.incidents.save(lost_line(build, 0, 90), None)
    Tallying(store=kept).once(scene(), now)
    assert [inconclusive for _, _, _, _, inconclusive, _ in found()] == [60, 30, 0]


def test_an_hour_of_which_measurements_were_let_go_of_keeps_what_was_counted(kept, write, scene, build):
    hour = hour_of(build.start)
    whole = HourTally(target_id="t00", vantage_id="ha-noi", hour=hour, ok=50, failed=10)
    kept.incidents.save_tallies([whole])
    write("t00", "x" * 30)  # what is left of it
    write("t01", "x" * 30)
    assert not Tallying(store=kept).once(scene(), build.start + HOUR)
    assert kept.incidents.tallies(hour, hour + HOUR) == [whole, replace(whole, target_id="t01", ok=0, failed=30)]


def test_the_first_start_goes_back_in_slices_newest_first_and_another_process_goes_on(
    kept, write, scene, found, build, counted_anew
):
    number = 3 * HOURS_AT_ONCE
    write("t00", "." * number, every=60, first=-60 * number)
    kept.incidents.save_tallies(  # by an earlier version, whole and half
        [HourTally(target_id="t00", vantage_id="ha-noi", hour=hour_of(build.start) - HOUR, ok=1)]
    )
    starts = 0
    while Tallying(store=kept).once(scene(), build.start):
        starts += 1
        if starts == 1:
            assert len(found()) == HOURS_AT_ONCE - 1
            write("t01", "x")  # what arrives meanwhile does not wait
        if starts == 2:
            assert found()[-1] == ("t01", 0, 0, 1, 0, 0)
    assert starts == 3
    hours = [hour_of(build.start) - index * HOUR for index in range(number + 1)]
    assert counted_anew == hours
    assert found() == [*(("t00", index, 1, 0, 0, 0) for index in range(-number, 0)), ("t01", 0, 0, 1, 0, 0)]


def test_the_first_start_goes_no_farther_back_than_a_month(kept, write, scene, found, build, counted_anew, monkeypatch):
    assert timedelta(days=31) <= FARTHEST <= timedelta(days=32)
    farthest = timedelta(days=4)  # each of its hours is counted
    monkeypatch.setattr(tallying, "FARTHEST", farthest)
    write("t00", ".", first=-farthest / MINUTE - 180)
    write("t00", ".", first=-farthest / MINUTE + 60)
    counting = Tallying(store=kept)
    while counting.once(scene(), build.start):
        pass
    assert len(counted_anew) == farthest // HOUR
    assert len(found()) == 1


def test_it_stops_between_two_transactions_when_it_is_asked_to(kept, write, scene, build, counted_anew):
    write("t00", "." * 20, every=60, first=-60 * 20)
    counting = Tallying(store=kept)
    assert not counting.once(scene(), build.start, lambda: len(counted_anew) == 5)
    assert len(counted_anew) == 5


def test_two_judges_at_once_count_nothing_twice(kept, write, scene, found, build, monkeypatch):
    counting = Tallying(store=kept)
    counting.once(scene(), build.start)
    write("t00", "..x")
    real = Tallies.add

    def overtaken(tallies, *rest):
        monkeypatch.setattr(Tallies, "add", real)
        Tallying(store=kept).once(scene(), build.start)
        return real(tallies, *rest)

    monkeypatch.setattr(Tallies, "add", overtaken)
    assert counting.once(scene(), build.start)
    assert not counting.once(scene(), build.start)
    assert found() == [("t00", 0, 2, 1, 0, 0)]


def test_what_was_missed_stands_beside_what_was_measured_and_alone_where_nothing_was(kept, write, scene, build):
    hour = build.start.replace(minute=0)
    write("t00", "..")
    kept.missed.write([missed(hour, 5), missed(hour, 7, vantage="can-tho"), missed(hour + HOUR, 1)])
    assert not Tallying(store=kept).once(scene(), build.start + 2 * HOUR)
    assert kept.incidents.tallies(hour, hour + 2 * HOUR) == [
        HourTally(target_id="t00", vantage_id="can-tho", hour=hour, missed=7),
        HourTally(target_id="t00", vantage_id="ha-noi", hour=hour, ok=2, missed=5),
        HourTally(target_id="t00", vantage_id="ha-noi", hour=hour + HOUR, missed=1),
    ]
    kept.missed.write([missed(hour, 2, target="t03")])  # never started at all: no measurement names it
    Tallying(store=kept).once(scene(), build.start + 2 * HOUR)
    for since in (None, hour):
        assert {one.target_id: one.missed for one in kept.incidents.tally_totals(since)} == {"t00": 13, "t03": 2}


@pytest.mark.parametrize(("minutes", "left"), [(0, 60), (30, 30), (60, 0)])
def test_what_was_missed_in_maintenance_is_left_out_by_its_part_of_the_hour(build, scene, minutes, left):
    hour = build.start.replace(minute=0)
    planned = scene({"t00": (Between(hour, hour + timedelta(minutes=minutes)),)})
    assert sum(one.missed for one in missed_tallies([missed(hour, 60)], planned)) == left


def test_missed_starts_are_counted_with_the_hour_and_again_when_more_is_heard(kept, make_measurement, missed_looked_at):
    first = make_measurement(0)
    hour = first.key.scheduled_at.replace(minute=0, second=0, microsecond=0)
    kept.measurements.write([first])
    of_target = missed(hour, 3, first.key.target_id, first.key.vantage_id)
    counting = Tallying(store=kept)
    for number in (3, 8):
        kept.missed.write([replace(of_target, missed=number), replace(of_target, kind="homepage", missed=99)])
        for _ in range(2):  # where nothing came, nothing is looked at
            assert not counting.once(JudgingContext(targets={}), hour + HOUR)
        [found] = kept.incidents.tallies(hour, hour + HOUR)
        assert (found.ok, found.missed) == (1, number)
    assert missed_looked_at == [hour, hour]
    assert [one.missed for one in kept.incidents.tally_totals()] == [8]


def test_an_hour_that_is_counted_anew_keeps_what_was_missed(kept, write, scene, build, counted_anew):
    hour, counting = hour_of(build.start), Tallying(store=kept)
    counting.once(scene(), build.start)
    kept.missed.write([missed(hour, 4)])
    write("t00", "xxx")
    counting.once(scene(), build.start)
    counted_anew.clear()
    kept.incidents.save(lost_line(build, 0), None)
    write("t00", "x", first=3)
    counting.once(scene(), build.start + 5 * MINUTE)
    assert counted_anew == [hour]
    [found] = kept.incidents.tallies(hour, hour + HOUR)
    assert (found.failed, found.inconclusive, found.missed) == (0, 4, 4)


def test_what_is_stored_of_missed_starts_never_becomes_less_but_by_maintenance(kept, scene, build):
    hour, now = hour_of(build.start), build.start + 2 * HOUR
    kept.missed.write([missed(hour, 60), missed(hour, 60, target="t01")])
    counting = Tallying(store=kept)
    halved = scene({"t00": (Between(hour, hour + HOUR / 2),)})
    gone = scene({"t00": (Between(hour, hour + HOUR),)})

    def numbers():
        return [one.missed for one in kept.incidents.tallies(hour, hour + HOUR)]

    for context, found in ((scene(), 60), (halved, 30), (gone, 0), (scene(), 60)):
        counting.once(context, now)
        assert numbers() == [found, 60]
    Tallying(store=kept).once(halved, now)  # entered while nobody counted
    assert numbers() == [30, 60]
    Tallying(store=kept).once(scene(), now)  # struck out while nobody counted
    assert numbers() == [60, 60]
    kept.incidents.counting.save_missed(
        hour, [HourTally(target_id="t00", vantage_id="ha-noi", hour=hour, missed=7)], from_zero=False
    )
    assert numbers() == [60, 60]


def test_maintenance_makes_no_tally_of_whom_nothing_is_known(kept, scene, build):
    hour = hour_of(build.start)
    kept.missed.write([missed(hour, 60)])
    Tallying(store=kept).once(scene({"t00": (Between(hour, hour + HOUR),)}), build.start)
    assert kept.incidents.tallies(hour, hour + HOUR) == []


def test_missed_starts_that_are_told_of_days_later_are_taken_within_the_hour(kept, scene, build, missed_looked_at):
    hour, now = hour_of(build.start), build.start + 10 * 24 * HOUR
    counting = Tallying(store=kept)
    counting.once(scene(), now)
    kept.missed.write([missed(hour, 9)])
    counting.once(scene(), now)
    assert missed_looked_at == []
    counting.once(scene(), now + HOUR)
    counting.once(scene(), now + 2 * HOUR)
    assert missed_looked_at == [hour]
    assert [one.missed for one in kept.incidents.tallies(hour, now)] == [9]


def test_the_hours_of_a_long_time_in_which_much_was_missed_are_taken_in_slices(kept, scene, build, monkeypatch):
    monkeypatch.setattr(missing, "HOURS_AT_ONCE", 5)
    hour = hour_of(build.start)
    kept.missed.write([missed(hour - index * HOUR, index + 1) for index in range(12)])
    counting = Tallying(store=kept)
    for number in (5, 10):
        assert counting.once(scene(), build.start)
        found = kept.incidents.tallies(hour - 99 * HOUR, hour + HOUR)
        assert [one.missed for one in found] == list(range(number, 0, -1))
    assert not counting.once(scene(), build.start)
    assert len(kept.incidents.tallies(hour - 99 * HOUR, hour + HOUR)) == 12


STEP = st.tuples(
    st.sampled_from(["arrive", "arrive", "arrive", "missed", "lost", "windows", "restart"]),
    st.integers(0, 299),
    st.integers(1, 120),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=3, max_size=14), seed=st.integers(0, 2**32))
def test_whatever_came_in_whatever_order_the_tallies_are_those_of_one_count_at_the_end(
    tmp_path_factory, build, scene, make_measurement, steps, seed
):
    """
    Answers of five hours arrive in any order; lost lines and maintenance are known, moved and ended in between.

    So do the counts of two processes of what was missed, smaller ones after larger ones, too; of one target nothing is measured.
    """
    rng = build.rng(seed)
    letters = {name: "".join(rng.choices("..x?", k=300)) for name in ("t00", "t01")}
    waiting = [one for name, text in letters.items() for one in build.series(name, text)]
    rng.shuffle(waiting)
    arrived, now, windows, lost, context = [], build.start + 5 * HOUR, {}, None, scene()
    not_started = {}
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/thuocdo.sqlite") as store:
        counting = Tallying(store=store)

        def count():
            while counting.once(context, now):
                pass

        for what, first, length in [*steps, ("arrive", 0, len(waiting))]:
            if what == "arrive":
                some, waiting = waiting[:length], waiting[length:]
                arrived += some
                store.measurements.write([measured(make_measurement, one) for one in some])
            elif what == "missed":
                hour, name = hour_of(build.start) + first % 5 * HOUR, ("t00", "t03")[first % 2]
                one = replace(missed(hour, length, name), counted_by=f"p{length % 2}")
                not_started[one.key] = max(one.missed, not_started.get(one.key, 0))
                store.missed.write([one])
            elif what == "lost":  # confirmed, and then ended or moved, as it comes
                lost = lost_line(build, first, first + length if length % 2 else None)
                store.incidents.save(lost, None)
            elif what == "windows":
                since = build.start + first * MINUTE
                windows = {"t00": (Between(since, since + length * MINUTE),)} if length % 3 else {}
                context = scene(windows)
            else:
                counting = Tallying(store=store)
            if length % 4:
                count()
        count()
        found = {
            (one.target_id, one.hour): (one.ok, one.failed, one.inconclusive, one.excluded, one.missed)
            for one in store.incidents.tallies(hour_of(build.start), now + HOUR)
        }
    expected = {}
    for one in arrived:
        at, name = one.key.scheduled_at, one.outcome.value
        if name == "failed" and lost and lost.started_at <= at and (lost.ended_at is None or at < lost.ended_at):
            name = "inconclusive"
        if any(window.holds(at) for window in windows.get(one.key.target_id, ())):
            name = "excluded"
        sums = expected.setdefault((one.key.target_id, hour_of(at)), dict.fromkeys(TALLIED, 0))
        sums[name] += 1
    by_hour = {}
    for (name, _, _, _, hour, _), number in not_started.items():
        by_hour[name, hour] = by_hour.get((name, hour), 0) + number
    for (name, hour), number in by_hour.items():
        minutes = [hour + index * 5 * MINUTE for index in range(12)]
        is_open = [not any(window.holds(at) for window in windows.get(name, ())) for at in minutes]
        if left := round(number * sum(is_open) / 12):
            expected.setdefault((name, hour), dict.fromkeys(TALLIED, 0))["missed"] = left
    # An hour whose maintenance was entered after its missed starts were counted may have a tally of nothing.
    found = {key: sums for key, sums in found.items() if any(sums)}
    assert found == {key: tuple(sums.values()) for key, sums in expected.items()}
