from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import HourTally, Incident, IncidentScope, IncidentState, MissedStarts, Reason
from thuocdo.incidents.missing import with_missed
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.tallying import count_hour, hours_to_count, tally
from thuocdo.store import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def kept(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/thuocdo.sqlite")
    yield store
    store.close()


def test_answers_are_counted_by_the_hour_they_were_scheduled_in(build):
    readings = build.series("t00", "..xx?h", every=20) + build.series("t01", ".", vantage="can-tho")
    hour = build.start.replace(minute=0)
    assert tally(readings, JudgingContext(targets=build.fleet(2))) == [
        HourTally(target_id="t00", vantage_id="ha-noi", hour=hour, ok=2, failed=1),
        HourTally(target_id="t00", vantage_id="ha-noi", hour=hour + HOUR, failed=2, inconclusive=1),
        HourTally(target_id="t01", vantage_id="can-tho", hour=hour, ok=1),
    ]


def test_what_lies_in_maintenance_is_excluded_whatever_it_found(build):
    until = build.start + timedelta(minutes=4)
    scene = JudgingContext(targets=build.fleet(1), is_excluded=lambda _target, at: at < until)
    [found] = tally(build.series("t00", ".x?.x?"), scene)
    assert (found.ok, found.failed, found.inconclusive, found.excluded) == (0, 1, 1, 4)


def test_a_failure_at_a_vantage_point_that_lost_its_line_is_no_portals_failure(build):
    at = build.start + timedelta(minutes=2)
    lost = Incident(
        id="lost",
        scope=IncidentScope.VANTAGE,
        subject_id="ha-noi",
        state=IncidentState.ENDED,
        worst=IncidentState.DOWN,
        started_at=at,
        confirmed_at=at,
        ended_at=at + timedelta(minutes=3),
    )
    scene = JudgingContext(targets=build.fleet(1))
    [here] = tally(build.series("t00", "xxxxxx."), scene, [lost])
    assert (here.ok, here.failed, here.inconclusive) == (1, 3, 3)
    [elsewhere] = tally(build.series("t00", "xxxxxx.", vantage="can-tho"), scene, [lost])
    assert (elsewhere.failed, elsewhere.inconclusive) == (6, 0)


def test_counting_again_takes_in_what_came_late(kept, build, make_measurement):
    first = make_measurement(0)
    hour = first.key.scheduled_at.replace(minute=0, second=0, microsecond=0)
    scene = JudgingContext(targets={})
    kept.measurements.write([first])
    count_hour(kept, hour, scene)
    kept.measurements.write([make_measurement(1, outcome=Reason.TIMEOUT.outcome, reason=Reason.TIMEOUT, values={})])
    for _ in range(2):
        count_hour(kept, hour, scene)
    [found] = kept.incidents.tallies(hour, hour + HOUR)
    assert (found.ok, found.failed) == (1, 1)


def test_the_first_count_takes_the_running_month_and_the_next_ones_the_last_hours(kept, make_measurement):
    first = make_measurement(0)
    begun = first.key.scheduled_at
    assert list(hours_to_count(kept, begun, None)) == []
    kept.measurements.write([first])
    now = begun + timedelta(days=20)
    hours = list(hours_to_count(kept, now, None))
    assert (hours[0], hours[-1]) == tuple(at.replace(minute=0, second=0, microsecond=0) for at in (begun, now))
    assert len(hours) == 20 * 24 + 1
    assert len(list(hours_to_count(kept, now, now))) == 3
    assert len(list(hours_to_count(kept, now, now - HOUR))) == 49  # once an hour, for those that came late
    kept.incidents.save_judged_at(now - timedelta(days=3))
    assert len(list(hours_to_count(kept, now, None))) == 75  # the program was away for three days


def test_a_measurement_far_back_does_not_make_the_first_count_endless(kept, make_measurement):
    old = make_measurement(0)
    kept.measurements.write(
        [replace(old, key=replace(old.key, scheduled_at=old.key.scheduled_at - timedelta(days=900)))]
    )
    assert len(list(hours_to_count(kept, old.key.scheduled_at, None))) == 32 * 24 + 1


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


def test_what_was_missed_stands_beside_what_was_measured_and_alone_where_nothing_was(build):
    hour = build.start.replace(minute=0)
    counted = [HourTally(target_id="t00", vantage_id="ha-noi", hour=hour, ok=2)]
    counts = [missed(hour, 5), missed(hour, 7, vantage="can-tho"), missed(hour + HOUR, 1)]
    assert with_missed(counted, counts, JudgingContext(targets=build.fleet(1))) == [
        HourTally(target_id="t00", vantage_id="ha-noi", hour=hour, ok=2, missed=5),
        HourTally(target_id="t00", vantage_id="can-tho", hour=hour, missed=7),
        HourTally(target_id="t00", vantage_id="ha-noi", hour=hour + HOUR, missed=1),
    ]


@pytest.mark.parametrize(("minutes", "left"), [(0, 60), (30, 30), (60, 0)])
def test_what_was_missed_in_maintenance_is_left_out_by_its_part_of_the_hour(build, minutes, left):
    hour = build.start.replace(minute=0)
    scene = JudgingContext(
        targets=build.fleet(1), is_excluded=lambda _target, at: at < hour + timedelta(minutes=minutes)
    )
    assert sum(one.missed for one in with_missed([], [missed(hour, 60)], scene)) == left


def test_missed_starts_are_counted_with_the_hour_and_again_when_more_is_heard(kept, make_measurement):
    first = make_measurement(0)
    hour = first.key.scheduled_at.replace(minute=0, second=0, microsecond=0)
    kept.measurements.write([first])
    of_target = missed(hour, 3, first.key.target_id, first.key.vantage_id)
    for number in (3, 8):
        kept.missed.write([replace(of_target, missed=number), replace(of_target, kind="homepage", missed=99)])
        count_hour(kept, hour, JudgingContext(targets={}))
        [found] = kept.incidents.tallies(hour, hour + HOUR)
        assert (found.ok, found.missed) == (1, number)
    assert [one.missed for one in kept.incidents.tally_totals()] == [8]
