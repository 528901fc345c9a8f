"""What is an incident and what is not: one plain example each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import IncidentScope, IncidentState, Reason
from thuocdo.incidents.ledger import WITHDRAWN
from thuocdo.incidents.rules import Rules

DOWN, DEGRADED, ENDED = IncidentState.DOWN, IncidentState.DEGRADED, IncidentState.ENDED


@pytest.fixture
def verdict(court, build):
    """Judge the letters of one target every minute and return its incidents as (start, end) in minutes."""

    def judge(letters, *, every=1.0, **options):
        readings = build.series("t00", letters, every=every)
        held = court(targets=build.fleet(1), **options).hear(readings, build.every(1.0, every * len(letters) + 2))

        def minutes(at):
            return None if at is None else (at - build.start) / timedelta(minutes=1)

        return [(minutes(one.started_at), minutes(one.ended_at)) for one in held.shelf.standing]

    return judge


@pytest.mark.parametrize(
    ("letters", "incidents"),
    [
        ("..........", []),
        ("..x...x...", []),  # a lost packet now and then
        ("..xx......", []),
        ("..xxx.....", [(2, 5)]),
        ("..x.xx....", [(2, 6)]),  # 3 of 5, the newest two in a row
        ("..x.x.x...", []),  # 3 of 5, but it answers in between
        ("..xxx.xx..", [(2, 8)]),  # one ok does not resolve
        ("..xxx", [(2, None)]),
        ("..x?x?x?..", [(2, 8)]),  # inconclusive neither confirms nor resolves
        ("..xxx????.", [(2, None)]),
        ("..??????..", []),
        ("..xxx..xxx..", [(2, 5), (7, 10)]),
    ],
)
def test_three_of_the_last_five_confirm_and_two_in_a_row_resolve(verdict, letters, incidents):
    assert verdict(letters) == incidents


def test_the_numbers_can_be_chosen(verdict):
    hasty = Rules(confirm_failures=2, of_last=2, resolve_ok=1)
    assert verdict("..xx.xx", rules=hasty) == [(2, 4), (5, None)]


def test_failures_on_both_sides_of_a_gap_confirm_nothing(verdict):
    assert verdict(".xx" + " " * 9 + "x...") == []
    assert verdict(".xx" + " " * 9 + "xxx") == [(12, None)]


def test_a_gap_ends_nothing(verdict):
    assert verdict(".xxx" + " " * 20 + "x..") == [(1, 25)]
    assert verdict(".xxx." + " " * 20 + ".x") == [(1, None)]  # two ok on both sides of a gap are no row


@pytest.mark.parametrize("every", [0.1, 0.5, 1, 2, 5])
def test_the_cadence_does_not_matter_as_long_as_it_is_within_the_gap(verdict, every):
    found = verdict("..xxx...", every=every)
    assert found == [(pytest.approx(2 * every), pytest.approx(5 * every))]


def test_what_happened_is_told(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "..hxx.x.."), build.every(0.5, 10))
    [incident] = held.shelf.standing
    assert incident.scope is IncidentScope.TARGET
    assert (incident.subject_id, incident.agency_id, incident.target_ids) == ("t00", "agency-t00", ("t00",))
    assert (incident.state, incident.worst, incident.reason) == (ENDED, DOWN, Reason.TIMEOUT)
    assert incident.detail == "status 503"  # of the first failure
    assert incident.confirmed_at == build.start + timedelta(minutes=4)
    assert [(key.scheduled_at - build.start) / timedelta(minutes=1) for key in incident.measurements] == [2, 3, 4, 6]
    assert [change.state for change in held.shelf.changes] == [DOWN, ENDED]
    assert incident.id == "target-t00-20261122T020200.000Z"


def test_an_incident_between_two_looks_has_both_its_changes(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "..xxx....."), [30])
    assert [change.state for change in held.shelf.changes] == [DOWN, ENDED]


def test_judging_the_same_twice_writes_nothing(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "..xxxxxx"), [8])
    writes = held.shelf.writes
    for _ in range(3):
        held.look(8)
        held.look(8, restart=True)
    assert held.shelf.writes == writes == 1


def test_a_portal_that_one_of_three_vantage_points_sees_down_is_not_down(court, build):
    readings = [
        *build.series("t00", "." * 9 + "x" * 20, vantage="ha-noi"),
        *build.series("t00", "." * 29, first=0.2, vantage="da-nang"),
        *build.series("t00", "." * 29, first=0.4, vantage="can-tho"),
    ]
    assert court(targets=build.fleet(1)).hear(readings, build.every(0.5, 30)).shelf.rows == {}


def test_the_majority_of_vantage_points_decides_and_the_silent_have_no_vote(court, build):
    readings = [
        *build.series("t00", "." * 9 + "x" * 20, vantage="ha-noi"),
        *build.series("t00", "." * 9 + "?" * 20, first=0.2, vantage="da-nang"),
        *build.series("t00", "." * 9 + "x" * 9 + "." * 11, first=0.4, vantage="can-tho"),
    ]
    [incident] = court(targets=build.fleet(1)).hear(readings, build.every(0.5, 30)).shelf.standing
    assert incident.started_at == build.start + timedelta(minutes=9)
    assert {key.vantage_id for key in incident.measurements} == {"ha-noi", "can-tho"}
    assert incident.ended_at == build.start + timedelta(minutes=18.4)


@pytest.mark.parametrize("letter", ["x", "n"])
@pytest.mark.parametrize("step", [1.3])
def test_fifty_portals_whose_vantage_point_loses_its_line_are_one_incident(court, build, letter, step):
    targets = build.fleet(50) | build.fleet(10, "igate-new", "f")
    readings = [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, "." * 10 + letter * 15 + "." * 10, first=index / len(targets))
    ]
    held = court(targets=targets).hear(readings, build.every(step, 37))
    [incident] = held.shelf.rows.values()  # nothing was opened and withdrawn either
    assert (incident.scope, incident.subject_id, incident.state) == (IncidentScope.VANTAGE, "ha-noi", ENDED)
    assert set(incident.target_ids) == set(targets)
    assert incident.started_at == build.start + timedelta(minutes=10)
    assert timedelta(0) <= incident.ended_at - build.start - timedelta(minutes=25) < timedelta(minutes=1)
    assert [change.state for change in held.shelf.changes] == [DOWN, ENDED]


def test_a_portal_that_was_lost_with_the_line_and_stays_down_is_its_own_incident_afterwards(court, build):
    targets = build.fleet(10)
    readings = [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, "..." + "n" * 10 + ("x" if name == "t03" else ".") * 10, first=index / 10)
    ]
    held = court(targets=targets).hear(readings, build.every(0.5, 25))
    assert [(one.scope, one.subject_id, one.ended_at is None) for one in held.shelf.standing] == [
        (IncidentScope.TARGET, "t03", True),
        (IncidentScope.VANTAGE, "ha-noi", False),
    ]
    assert held.shelf.standing[0].started_at >= held.shelf.standing[1].ended_at


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_dead_portal_of_a_small_registry_does_not_keep_a_line_away_that_is_back(court, build, number):
    """With few portals the one that stays down is more than what may be missing of those that were lost with the line."""
    targets = build.fleet(number)
    readings = build.series("t00", "..." + "n" * 10 + "h" * 20)
    for name in [name for name in targets if name != "t00"]:
        readings += build.series(name, "..." + "n" * 10 + "." * 6 + "x" * 14, first=0.3)
    held = court(targets=targets).hear(readings, build.every(0.5, 34), restarts=frozenset({30, 31, 33}))
    line = next(one for one in held.shelf.standing if one.scope is IncidentScope.VANTAGE)
    assert line.started_at == build.start + timedelta(minutes=3)
    assert timedelta(minutes=13) <= line.ended_at - build.start <= timedelta(minutes=13.5)
    own = {one.subject_id: one for one in held.shelf.standing if one.scope is IncidentScope.TARGET}
    assert set(own) == set(targets)
    assert own["t00"].started_at - build.start <= timedelta(minutes=15.5)
    for name in set(targets) - {"t00"}:
        assert own[name].started_at == build.start + timedelta(minutes=19.3)


def test_a_line_that_only_one_portal_finds_now_and_then_is_not_back(court, build):
    targets = build.fleet(3)
    readings = build.series("t00", "..." + "nh" * 8 + "n" * 4)
    for name in ("t01", "t02"):
        readings += build.series(name, "..." + "n" * 20, first=0.3)
    held = court(targets=targets).hear(readings, build.every(0.5, 24))
    assert [(one.scope, one.state) for one in held.shelf.standing] == [(IncidentScope.VANTAGE, DOWN)]


def test_an_incident_that_was_open_before_the_line_broke_stays_open(court, build):
    targets = build.fleet(10)
    readings = [
        one for name in targets for one in build.series(name, ("x" if name == "t03" else ".") * 5 + "n" * 10 + "." * 10)
    ]
    held = court(targets=targets).hear(readings, build.every(0.5, 27))
    own = next(one for one in held.shelf.standing if one.scope is IncidentScope.TARGET)
    line = next(one for one in held.shelf.standing if one.scope is IncidentScope.VANTAGE)
    assert [change.state for change in held.shelf.changes if change.incident_id == own.id] == [DOWN, ENDED]
    assert own.ended_at > line.ended_at


def test_what_several_vantage_points_see_at_once_is_no_matter_of_a_line(court, build):
    targets = build.fleet(8)
    readings = [
        one
        for name in targets
        for number, vantage in enumerate(("ha-noi", "can-tho"))
        for one in build.series(name, "." * 5 + "x" * 5, first=number / 5, vantage=vantage)
    ]
    held = court(targets=targets).hear(readings, build.every(0.5, 12))
    assert {one.scope for one in held.shelf.standing} == {IncidentScope.TARGET}
    assert len(held.shelf.standing) == 8


def test_few_portals_that_fall_together_are_their_own_incidents(court, build):
    targets = build.fleet(4)
    readings = [one for name in targets for one in build.series(name, "." * 5 + "x" * 5)]
    held = court(targets=targets).hear(readings, build.every(0.5, 12))
    assert [one.subject_id for one in held.shelf.standing] == ["t00", "t01", "t02", "t03"]


def family_fall(build, rest="."):
    targets = build.fleet(6, "igate-new", "f") | build.fleet(6)
    readings = [
        one
        for index, name in enumerate(targets)
        for one in build.series(
            name, "." * 5 + ("x" if name < "f04" else rest) * 10 + "." * 10, first=index / len(targets)
        )
    ]
    return targets, readings


def test_portals_of_one_family_that_fall_together_are_one_incident(court, build):
    targets, readings = family_fall(build)
    held = court(targets=targets).hear(readings, build.every(0.25, 27))
    [incident] = held.shelf.rows.values()
    assert (incident.scope, incident.subject_id, incident.agency_id) == (IncidentScope.FAMILY, "igate-new", "")
    assert incident.target_ids == ("f00", "f01", "f02", "f03")
    assert incident.reason is Reason.TIMEOUT
    assert incident.started_at == build.start + timedelta(minutes=5)
    assert timedelta(minutes=15) <= incident.ended_at - build.start < timedelta(minutes=16)
    assert [change.state for change in held.shelf.changes] == [DOWN, ENDED]


def test_a_family_that_falls_with_all_others_is_not_blamed(court, build):
    targets, readings = family_fall(build, rest="x")
    held = court(targets=targets).hear(readings, build.every(0.25, 27))
    assert [one.scope for one in held.shelf.standing] == [IncidentScope.VANTAGE]


def test_portals_of_unknown_family_are_no_family(court, build):
    targets = build.fleet(4) | build.fleet(20, "aspnet", "s")
    readings = [
        one for name in targets for one in build.series(name, "." * 5 + ("x" if name < "t" and name > "u" else ".") * 9)
    ]
    readings = [one for one in readings if not one.key.target_id.startswith("t")]
    readings += [one for index in range(4) for one in build.series(f"t{index:02}", "." * 5 + "x" * 9)]
    held = court(targets=targets).hear(readings, build.every(0.5, 16))
    assert [one.scope for one in held.shelf.standing] == [IncidentScope.TARGET] * 4


def test_a_portal_that_stays_down_after_its_family_is_back_goes_on_alone(court, build):
    targets = build.fleet(5, "igate-new", "f") | build.fleet(6)
    readings = [
        one
        for name in targets
        for one in build.series(
            name, "." * 5 + (("x" * 20) if name == "f00" else ("x" * 10 + "." * 10) if name < "g" else "." * 20)
        )
    ]
    held = court(targets=targets).hear(readings, build.every(0.5, 26))
    assert [(one.scope, one.subject_id, one.state) for one in held.shelf.standing] == [
        (IncidentScope.FAMILY, "igate-new", ENDED),
        (IncidentScope.TARGET, "f00", DOWN),
    ]
    assert held.shelf.standing[1].started_at == build.start + timedelta(minutes=5)


def test_an_incident_that_a_portal_had_before_its_family_fell_stays_its_own(court, build):
    targets, readings = family_fall(build)
    readings = [one for one in readings if one.key.target_id != "f00"]
    readings += build.series("f00", "...xxxxxxxxxxxx..........")
    held = court(targets=targets).hear(readings, build.every(0.25, 27))
    assert [(one.scope, one.subject_id) for one in held.shelf.standing] == [
        (IncidentScope.FAMILY, "igate-new"),
        (IncidentScope.TARGET, "f00"),
    ]
    assert "f00" in held.shelf.standing[0].target_ids


def test_maintenance_neither_confirms_nor_resolves(verdict, build):
    def planned(first, last):
        start, end = (build.start + timedelta(minutes=minute) for minute in (first, last))
        return lambda _target, at: start <= at < end

    assert verdict("..xxxxxx....", is_excluded=planned(2, 8)) == []
    assert verdict("..xxxxxx....", is_excluded=planned(3, 8)) == []
    assert verdict("..xxxxxxx...", is_excluded=planned(4, 6)) == [(2, 9)]
    assert verdict("..xxx..xxx..", is_excluded=planned(5, 7)) == [(2, 10)]


@pytest.mark.parametrize("removed_at", [9, 30])  # confirmed a moment ago, or long before what is judged again
def test_an_incident_of_a_target_that_is_removed_ends_then_and_stays_as_it_was(court, build, removed_at):
    held = court(targets=build.fleet(2)).hear(build.series("t00", "..xxxxxx"), build.every(1, 8))
    [known] = held.shelf.lasting()
    held.targets = {"t01": held.targets["t01"]}
    for minutes in (removed_at, removed_at + 1, removed_at + 20, removed_at + 90):
        held.look(minutes, restart=minutes == removed_at + 1)
    [incident] = held.shelf.all()
    ended_at = build.start + timedelta(minutes=removed_at)
    assert incident == replace(known, state=ENDED, ended_at=ended_at)
    assert [(one.state, one.detail) for one in held.shelf.changes][1:] == [(ENDED, "removed from the registry")]


@pytest.mark.parametrize("minutes", [8, 30])
def test_a_familys_incident_stays_as_it_was_where_its_portals_are_removed(court, build, minutes):
    failing = "..xxxxxx" + "x" * (minutes - 8)
    readings = [one for name in ("t00", "t01", "t02") for one in build.series(name, failing)]
    calm = [one for number in range(3, 9) for one in build.series(f"t0{number}", "." * minutes)]
    fleet = {name: replace(one, family="v1") if name < "t03" else one for name, one in build.fleet(9).items()}
    held = court(targets=fleet).hear([*readings, *calm], build.every(1, minutes))
    [known] = held.shelf.lasting()
    assert known.scope is IncidentScope.FAMILY
    held.targets = {name: one for name, one in fleet.items() if name != "t00"}
    held.look(minutes + 1)
    held.targets = {name: one for name, one in fleet.items() if name > "t02"}
    held.look(minutes + 2)
    held.look(minutes + 60)
    [ended] = [one for one in held.shelf.all() if one.scope is IncidentScope.FAMILY]
    assert ended == replace(known, state=ENDED, ended_at=ended.ended_at)
    assert ended.ended_at in [build.start + timedelta(minutes=minutes + later) for later in (1, 2)]
    assert not held.shelf.lasting()
    assert {one.detail for one in held.shelf.all()}.isdisjoint({WITHDRAWN})


@pytest.mark.parametrize("turns_out", [None, 5.0, 0.5])
def test_on_the_first_day_what_is_poor_for_anybody_is_slow(court, build, turns_out):
    """Until it turns out that the portal is always so: then nobody is woken for it."""
    usual = {"is_known": None}
    held = court(targets=build.fleet(1), usual_seconds=lambda _key: usual["is_known"])
    held.hear(slow_series(build, [6.0] * 60), build.every(5, 62))
    [incident] = held.shelf.standing
    assert (incident.worst, incident.state) == (DEGRADED, DEGRADED)
    assert incident.detail == "http from ha-noi: 6.0 s, which is poor for anybody"
    usual["is_known"] = turns_out
    held.arrived = [*held.arrived, *[build.reading("t00", 60 + n, seconds=6.0) for n in range(20)]]
    held.look(82)
    [incident] = held.shelf.standing
    assert (incident.state is ENDED) is (turns_out == 5.0)


def slow_series(build, seconds, *, kind="http", every=1.0):
    return [build.reading("t00", every * index, kind=kind, seconds=value) for index, value in enumerate(seconds)]


def test_answers_that_are_slow_for_long_are_degraded_until_they_are_usual_again(court, build):
    seconds = [0.5] * 20 + [6.0] * 25 + [0.5] * 25
    held = court(targets=build.fleet(1), usual_seconds=lambda _key: 0.5)
    held.hear(slow_series(build, seconds), build.every(0.5, 72))
    [incident] = held.shelf.standing
    assert (incident.worst, incident.reason) == (DEGRADED, None)
    assert incident.started_at == build.start + timedelta(minutes=20)
    assert incident.ended_at == build.start + timedelta(minutes=45)
    assert incident.detail == "http from ha-noi: 6.0 s, usually 0.5 s"
    assert [change.state for change in held.shelf.changes] == [DEGRADED, ENDED]


@pytest.mark.parametrize(
    ("slow_seconds", "usual_seconds"),
    [(3.9, 0.5), (6.0, 2.1), (3.9, None)],  # below the limit; within three times the usual; nothing usual is known
)
def test_slow_must_be_both_unusual_and_poor(court, build, slow_seconds, usual_seconds):
    held = court(targets=build.fleet(1), usual_seconds=lambda _key: usual_seconds)
    assert held.hear(slow_series(build, [slow_seconds] * 60), [62]).shelf.rows == {}


def test_a_line_that_makes_everything_slow_degrades_nobody(court, build):
    targets = build.fleet(8)
    readings = [
        build.reading(name, minute + index / 8, seconds=6.0 if 20 <= minute < 60 and index < 7 else 0.5)
        for index, name in enumerate(targets)
        for minute in range(90)
    ]
    held = court(targets=targets, usual_seconds=lambda _key: 0.5).hear(readings, build.every(3, 92))
    assert held.shelf.rows == {}


def test_portals_that_are_always_slow_hide_nobody_who_becomes_so(court, build):
    targets = build.fleet(8)
    readings = [
        build.reading(name, minute + index / 8, seconds=9.0 if index or minute >= 20 else 0.5)
        for index, name in enumerate(targets)
        for minute in range(60)
    ]
    held = court(targets=targets, usual_seconds=lambda key: 0.5 if key.target_id == "t00" else 8.0)
    held.hear(readings, build.every(3, 62))
    assert [one.subject_id for one in held.shelf.standing] == ["t00"]


def test_a_home_page_is_degraded_by_its_own_pace_and_a_quiet_night_does_not_end_it(court, build):
    pages = slow_series(build, [1.0] * 8 + [9.0] * 8, kind="homepage", every=15)
    answers = slow_series(build, [0.2] * 600)
    held = court(targets=build.fleet(1), usual_seconds=lambda _key: 1.0).hear(pages + answers, build.every(5, 600))
    [incident] = held.shelf.standing
    assert (incident.state, incident.started_at) == (DEGRADED, build.start + timedelta(minutes=120))


def test_down_goes_before_degraded_within_one_incident(court, build):
    slow = slow_series(build, [6.0] * 30)
    down = build.series("t00", "x" * 10, first=30)
    after = [build.reading("t00", 40 + index, seconds=6.0 if index < 20 else 0.5) for index in range(50)]
    held = court(targets=build.fleet(1), usual_seconds=lambda _key: 0.5)
    held.hear([*slow, *down, *after], build.every(0.5, 92))
    [incident] = held.shelf.standing
    assert [change.state for change in held.shelf.changes] == [DEGRADED, DOWN, DEGRADED, ENDED]
    assert (incident.worst, incident.reason) == (DOWN, Reason.TIMEOUT)


def test_results_that_come_late_withdraw_what_they_disprove(court, build):
    held = court(targets=build.fleet(1))
    letters = build.series("t00", "..xxxx")
    held.hear(letters, build.every(1, 6))
    assert [change.state for change in held.shelf.changes] == [DOWN]
    # What had answered in between arrives late: no two failures follow each other any more.
    held.arrived += [
        replace(one, key=replace(one.key, scheduled_at=one.key.scheduled_at + timedelta(seconds=20)))
        for one in build.series("t00", "......")
    ]
    held.look(8)
    assert held.shelf.standing == []
    [incident] = held.shelf.rows.values()
    assert incident.state is ENDED
    assert [change.state for change in held.shelf.changes] == [DOWN, ENDED]


def test_a_late_failure_moves_the_start_and_keeps_the_id(court, build):
    held = court(targets=build.fleet(1))
    letters = build.series("t00", "..xxxxx")
    held.arrived = [one for index, one in enumerate(letters) if index != 2]
    held.look(7)
    [first] = held.shelf.standing
    held.arrived = letters
    held.look(8)
    [second] = held.shelf.standing
    assert second.id == first.id
    assert (first.started_at, second.started_at) == tuple(build.start + timedelta(minutes=m) for m in (3, 2))
    assert len(held.shelf.changes) == 1


def test_a_judge_that_lost_its_memory_still_ends_what_lasts(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "..xxxxxx"), build.every(1, 8))
    held.shelf.judged = build.start + timedelta(minutes=8)
    again = court(targets=held.targets, shelf=held.shelf)
    again.arrived = build.series("t00", "..xxxxxx" + "x" * 52 + "....")
    from thuocdo.incidents.judging import Judging

    again.session = Judging.resume(held.shelf, again.post, build.start + timedelta(minutes=66))
    again.look(66)
    [incident] = held.shelf.standing
    assert incident.ended_at == build.start + timedelta(minutes=60)
    assert [change.state for change in held.shelf.changes] == [DOWN, ENDED]
