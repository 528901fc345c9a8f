"""Another page at a portal's address: when it is an incident, and when it is none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schedules.cadence import load_schedule
from thuocdo.core.config import Settings, bundled
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Evidence, IncidentScope, IncidentState, Reason
from thuocdo.incidents import sightings
from thuocdo.incidents.case import MOST_EVIDENCE, MOST_MEASUREMENTS
from thuocdo.incidents.judge_state import Memory
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.remembering import memory_of
from thuocdo.incidents.replacement import page_kinds
from thuocdo.incidents.rules import Rules
from thuocdo.processes.judge import _rules

MINUTE = timedelta(minutes=1)
DOWN, REPLACED, DEGRADED, ENDED = (
    IncidentState.DOWN,
    IncidentState.REPLACED,
    IncidentState.DEGRADED,
    IncidentState.ENDED,
)


@pytest.fixture
def verdict(court, build):
    """Judge the letters of one target every minute; return its incidents as (start, end, worst state), in minutes."""

    def judge(letters, *, every=1.0, **options):
        readings = build.series("t00", letters, every=every)
        held = court(targets=build.fleet(1), **options).hear(readings, build.every(1.0, every * len(letters) + 2))

        def minutes(at):
            return None if at is None else (at - build.start) / MINUTE

        return [(minutes(one.started_at), minutes(one.ended_at), one.worst.value) for one in held.shelf.standing]

    return judge


@pytest.mark.parametrize(
    ("letters", "incidents"),
    [
        ("..r.......", []),  # once is not enough
        ("..r.r.r...", []),  # nor again and again, with the known page in between
        ("..rr......", [(2, 4, "replaced")]),
        ("..rrrr.r..", [(2, 8, "replaced")]),  # one ok does not end it
        ("..rr", [(2, None, "replaced")]),
        ("..r?r.....", [(2, 5, "replaced")]),  # what is inconclusive for other reasons counts neither way
        ("..rbbbbbr.", []),  # ... and fills no gap
        ("..rbbbr...", [(2, 7, "replaced")]),
        ("..rr.?.b..", [(2, 4, "replaced")]),
        ("..rr????bb", [(2, None, "replaced")]),
        ("..rxr.....", []),  # a failure breaks the row
        ("..rrxxr...", [(2, 7, "replaced")]),  # two failures are no outage, and no known page
        ("..rrx.....", [(2, 4, "replaced")]),
        ("..rr..rr..", [(2, 4, "replaced"), (6, 8, "replaced")]),
        ("..rrxxx...", [(2, 7, "down")]),  # it becomes an outage
        ("..xxxrrr..", [(2, 8, "down")]),  # what is down is not replaced
    ],
)
def test_two_in_a_row_show_another_page_and_two_without_it_the_known_one(verdict, letters, incidents):
    assert verdict(letters) == incidents


def test_a_gap_confirms_nothing_and_ends_nothing(verdict):
    assert verdict(".r" + " " * 9 + "r...") == []
    assert verdict(".rr." + " " * 9 + ".rrr") == [(1, None, "replaced")]
    assert verdict(".rr" + " " * 30 + "..") == [(1, 33, "replaced")]


@pytest.mark.parametrize("every", [0.1, 1, 5])
def test_the_cadence_does_not_matter_as_long_as_it_is_within_the_gap(verdict, every):
    assert verdict("..rr..", every=every) == [(pytest.approx(2 * every), pytest.approx(4 * every), "replaced")]


def test_planned_maintenance_is_passed_over(verdict, build):
    def planned(first, last):
        start, end = (build.start + minute * MINUTE for minute in (first, last))
        return lambda _target, at: start <= at < end

    assert verdict("..rrrr....", is_excluded=planned(2, 6)) == []
    assert verdict("..rrrr....", is_excluded=planned(3, 6)) == []
    assert verdict("..rrrrrr..", is_excluded=planned(4, 8)) == [(2, 8, "replaced")]


def test_what_happened_is_told(court, build):
    readings = [replace(one, detail="title 'Welcome to nginx!'") for one in build.series("t00", "..rrrr..")]
    held = court(targets=build.fleet(1)).hear(readings, build.every(0.5, 9))
    [incident] = held.shelf.standing
    assert incident.scope is IncidentScope.TARGET
    assert (incident.subject_id, incident.agency_id, incident.target_ids) == ("t00", "agency-t00", ("t00",))
    assert (incident.state, incident.worst, incident.reason) == (ENDED, REPLACED, Reason.NOT_THE_PORTAL)
    assert incident.detail == "title 'Welcome to nginx!'"
    assert incident.confirmed_at == build.start + 3 * MINUTE
    assert [(key.scheduled_at - build.start) / MINUTE for key in incident.measurements] == [2, 3, 4, 5]
    assert [(one.state, one.reason) for one in held.shelf.changes] == [
        (REPLACED, Reason.NOT_THE_PORTAL),
        (ENDED, Reason.NOT_THE_PORTAL),
    ]


def test_it_is_certain_within_thirty_minutes_by_pictures_alone(court, build):
    """A page that scripts write is ok to the plain probe; the browser opens it every 15 minutes."""
    readings = [*build.series("t00", "." * 60), *build.series("t00", "..rr", every=15.0, kind="homepage")]
    held = court(targets=build.fleet(1)).hear(readings, build.every(1, 60))
    [incident] = held.shelf.standing
    assert (incident.state, incident.started_at) == (REPLACED, build.start + 30 * MINUTE)
    assert incident.confirmed_at - incident.started_at <= 30 * MINUTE
    assert {key.kind for key in incident.measurements} == {"homepage"}


def test_readings_of_two_kinds_are_no_row(court, build):
    readings = [*build.series("t00", "....r....."), *build.series("t00", ".r..", every=4.0, kind="homepage")]
    assert court(targets=build.fleet(1)).hear(readings, build.every(1, 20)).shelf.rows == {}


def test_other_kinds_of_probe_do_not_tell_which_page_stands_there(court, build):
    assert page_kinds() == {"http", "homepage"}
    readings = build.series("t00", "rrrr", kind="eform")
    assert court(targets=build.fleet(1)).hear(readings, build.every(1, 8)).shelf.rows == {}


def test_home_pages_rest_at_night_and_that_ends_nothing(court, build):
    pages = [
        *build.series("t00", ".rr", every=15.0, kind="homepage"),
        *build.series("t00", "..", every=15.0, first=600, kind="homepage"),
    ]
    held = court(targets=build.fleet(1)).hear([*pages, *build.series("t00", "." * 640)], build.every(5, 640))
    [incident] = held.shelf.standing
    assert (incident.started_at, incident.ended_at) == (build.start + 15 * MINUTE, build.start + 600 * MINUTE)


def test_the_majority_of_vantage_points_decides_and_the_silent_have_no_vote(court, build):
    seen = {"ha-noi": "....rrrrrr..", "da-nang": "............", "can-tho": "............"}

    def judged(**letters):
        readings = [
            one
            for index, (vantage, text) in enumerate((seen | letters).items())
            for one in build.series("t00", text, first=index / 5, vantage=vantage)
        ]
        return court(targets=build.fleet(1)).hear(readings, build.every(0.5, 14)).shelf.standing

    assert judged() == []
    [incident] = judged(**{"can-tho": "....rrrr...."})
    assert incident.started_at == build.start + 4 * MINUTE
    assert incident.ended_at == build.start + 8.4 * MINUTE
    assert {key.vantage_id for key in incident.measurements} == {"ha-noi", "can-tho"}
    [alone] = judged(**{"can-tho": "??????????..", "da-nang": "           ."})
    assert {key.vantage_id for key in alone.measurements} == {"ha-noi"}


def test_down_goes_before_replaced_and_replaced_before_degraded_within_one_incident(court, build):
    letters = "." * 5 + "s" * 10 + "rrr" + "ss" + "xxx" + "ss" + "s" * 6 + "." * 12
    slow = {"usual_seconds": lambda _key: 0.3, "rules": Rules(slow={"http": replace(Rules().slow["http"], last=4)})}
    held = court(targets=build.fleet(1), **slow).hear(build.series("t00", letters), build.every(0.5, 46))
    assert [(one.state, one.reason) for one in held.shelf.changes] == [
        (DEGRADED, None),
        (REPLACED, Reason.NOT_THE_PORTAL),
        (DEGRADED, None),
        (DOWN, Reason.TIMEOUT),
        (DEGRADED, None),
        (ENDED, Reason.TIMEOUT),
    ]
    [incident] = held.shelf.standing
    assert (incident.worst, incident.reason) == (DOWN, Reason.TIMEOUT)


def test_an_outage_after_which_another_page_stands_there_is_replaced(court, build):
    """The plain probe sees nothing of what scripts write; the browser sees it before and after."""
    answers = build.series("t00", "." * 50 + "x" * 5 + "." * 45)
    pages = build.series("t00", "..rrrrr", every=15.0, kind="homepage")
    held = court(targets=build.fleet(1)).hear([*answers, *pages], build.every(0.5, 100))
    assert [(one.state, one.reason) for one in held.shelf.changes] == [
        (REPLACED, Reason.NOT_THE_PORTAL),
        (DOWN, Reason.TIMEOUT),
        (REPLACED, Reason.NOT_THE_PORTAL),
    ]


def test_a_replacement_between_two_looks_has_all_its_changes(court, build):
    slow = {"usual_seconds": lambda _key: 0.3, "rules": Rules(slow={"http": replace(Rules().slow["http"], last=4)})}
    readings = build.series("t00", "." * 5 + "s" * 10 + "rrr" + "." * 12)
    held = court(targets=build.fleet(1), **slow).hear(readings, [14, 32])
    assert [one.state for one in held.shelf.changes] == [DEGRADED, REPLACED, ENDED]


def everywhere(build, targets, letters, **options):
    return [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, letters, first=index / len(targets), **options)
    ]


def test_a_line_that_answers_in_the_place_of_all_portals_replaces_none(court, build):
    """A captive portal, a provider's warning page: whoever asks for anything gets the same."""
    targets = build.fleet(20) | build.fleet(3, "igate-new", "f")
    readings = everywhere(build, targets, "...." + "r" * 20 + "....")
    assert court(targets=targets).hear(readings, build.every(1, 30)).shelf.rows == {}


def test_a_portal_that_stays_replaced_after_the_line_is_in_order_is_told(court, build):
    targets = build.fleet(10)
    readings = [
        one for name in targets for one in build.series(name, "...." + "r" * 8 + ("rrrr" if name == "t03" else "...."))
    ]
    held = court(targets=targets).hear(readings, build.every(1, 18))
    assert [(one.subject_id, one.state) for one in held.shelf.standing] == [("t03", REPLACED)]


def test_portals_that_are_known_to_be_replaced_hide_nobody_who_becomes_so(court, build):
    targets = build.fleet(8)
    readings = [one for index, name in enumerate(targets) for one in build.series(name, "." * 9 * index + "r" * 90)]
    held = court(targets=targets).hear(readings, build.every(1, 100))
    assert [one.subject_id for one in held.shelf.standing] == sorted(targets)


@pytest.mark.parametrize("reason", ["another vantage point sees the same", "they are one family's"])
def test_many_that_are_really_replaced_are_each_told(court, build, reason):
    of_one = "family" in reason
    targets = build.fleet(6, "igate-new", "f") | build.fleet(4 if of_one else 0)
    places = ("ha-noi",) if of_one else ("ha-noi", "can-tho")
    readings = [
        one
        for vantage in places
        for name in targets
        for one in build.series(name, "...." + ("r" if name < "g" else ".") * 8, vantage=vantage)
    ]
    held = court(targets=targets).hear(readings, build.every(1, 14))
    assert [one.subject_id for one in held.shelf.standing] == [f"f{index:02}" for index in range(6)]


def test_communes_that_were_hardly_looked_at_hide_no_captive_line(court, build):
    rules = Rules(gaps={Block.COMMUNE: timedelta(minutes=25)})
    slow = {name: replace(one, block=Block.COMMUNE) for name, one in build.fleet(40, prefix="c").items()}
    targets = build.fleet(6) | slow
    readings = everywhere(build, build.fleet(6), "......rrrr")
    for index, name in enumerate(slow):
        readings += build.series(name, "..", every=5.0, first=index / 8)
    assert court(targets=targets, rules=rules).hear(readings, build.every(1, 14)).shelf.rows == {}


def test_one_other_page_among_many_targets_is_not_held_against_all_of_them(court, build, monkeypatch):
    looked_at = []
    real = sightings._lately
    monkeypatch.setattr(sightings, "_lately", lambda *some, **rest: looked_at.append(1) or real(*some, **rest))
    targets = build.fleet(100)
    readings = [one for name in targets for one in build.series(name, "..rrrr" if name in ("t07", "t55") else "......")]
    held = court(targets=targets).hear(readings, build.every(1, 8))
    assert [one.subject_id for one in held.shelf.standing] == ["t07", "t55"]
    assert looked_at == []
    assert sum(len(there) for there in held.session.memory.strange.get("http", {}).values()) <= 2


def test_a_vantage_point_that_lost_its_line_says_nothing_of_pages(court, build):
    targets = build.fleet(10)
    readings = [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, "..." + "n" * 4 + "r" * (3 if name == "t03" else 0) + "." * 10, first=index / 10)
    ]
    readings = [one for one in readings if one.key.scheduled_at < build.start + 10 * MINUTE]
    held = court(targets=targets).hear(readings, build.every(0.5, 10))
    assert [one.scope for one in held.shelf.rows.values()] == [IncidentScope.VANTAGE]


def test_a_replaced_portal_stays_so_while_the_line_is_lost(court, build):
    targets = build.fleet(10)
    readings = [
        one for name in targets for one in build.series(name, ("rrr" if name == "t03" else "...") + "n" * 5 + "." * 8)
    ]
    held = court(targets=targets).hear(readings, build.every(0.5, 18))
    own = next(one for one in held.shelf.standing if one.scope is IncidentScope.TARGET)
    line = next(one for one in held.shelf.standing if one.scope is IncidentScope.VANTAGE)
    assert [one.state for one in held.shelf.changes if one.incident_id == own.id] == [REPLACED, ENDED]
    assert own.ended_at >= line.ended_at


def test_results_that_come_late_withdraw_what_they_disprove(court, build):
    readings = build.series("t00", "..r.r.")
    held = court(targets=build.fleet(1))
    held.arrived = [one for one in readings if one.reason] + readings[:2]
    held.look(6)
    assert [one.state for one in held.shelf.lasting()] == [REPLACED]
    held.arrived = readings
    held.look(8)
    assert held.shelf.standing == []
    assert [one.state for one in held.shelf.changes] == [REPLACED, ENDED]


def test_a_judge_that_lost_its_memory_still_ends_what_lasts(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "..rrrrrr"), build.every(1, 8))
    held.shelf.judged = build.start + 8 * MINUTE
    again = court(targets=held.targets, shelf=held.shelf)
    again.arrived = build.series("t00", "..rrrrrr" + "r" * 22 + "....")
    again.session = Judging.resume(held.shelf, again.post, build.start + 36 * MINUTE)
    again.look(36)
    [incident] = held.shelf.standing
    assert (incident.ended_at, incident.worst) == (build.start + 30 * MINUTE, REPLACED)


def test_a_memory_of_the_version_before_is_understood(build):
    values = dict(Memory(at=build.start).to_json())
    for name in ("told", "strange", "tried", "failing", "replaced", "broken"):
        del values[name]
    assert Memory.from_json(values) == Memory(at=build.start)
    values["strange"] = {"http": {"ha-noi": {"t00": {"is_replaced": True}}}}
    assert Memory.from_json(values).strange["http"]["ha-noi"]["t00"].is_certain


def test_a_target_that_is_registered_no_more_is_forgotten(court, build):
    held = court(targets=build.fleet(2)).hear(build.series("t00", "..rrrr"), build.every(1, 6))
    held.look(30)
    held.targets = {"t01": held.targets["t01"]}
    held.look(50)
    [incident] = held.shelf.standing
    assert incident.state is ENDED
    memory = held.session.memory
    assert not memory.replaced
    assert not any(by_target for kinds in (memory.told, memory.strange) for by_target in kinds["http"].values())


def picture(kind, name):
    return Evidence(kind=kind, sha256=(name * 64)[:64], media_type="image/jpeg", size_bytes=1)


def test_the_pictures_of_before_and_now_find_room_after_a_night_of_plain_answers(court, build):
    plain = [
        replace(one, evidence=(Evidence(kind="body", sha256=f"{index:064}", media_type="text/html", size_bytes=1),))
        for index, one in enumerate(build.series("t00", "r" * 480))
    ]
    before, now, later = picture("screenshot_before", "b"), picture("screenshot", "n"), picture("screenshot", "l")
    seen = build.series("t00", "rr", every=15.0, first=440, kind="homepage")
    pages = [replace(one, evidence=(piece, before)) for one, piece in zip(seen, (now, later), strict=True)]
    held = court(targets=build.fleet(1)).hear([*plain, *pages], build.every(5, 480))
    [incident] = held.shelf.standing
    assert incident.evidence[:2] == (before, now)
    assert len(incident.evidence) == len(set(incident.evidence)) == MOST_EVIDENCE
    assert len(incident.measurements) == MOST_MEASUREMENTS + 1
    assert incident.measurements[-1] == seen[0].key


def test_a_memory_that_is_made_of_incidents_knows_what_is_replaced(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "..rr"), [6])
    memory = memory_of(held.shelf.lasting(), build.start + 6 * MINUTE, build.start + 6 * MINUTE)
    assert memory.replaced == {"t00"}
    assert not memory.down


def test_the_gaps_follow_the_schedule(tmp_path, build):
    rules = _rules(Settings(data_dir=tmp_path), load_schedule(bundled("schedules") / "default.yaml", all_kinds()))
    province = build.target("t00")
    commune = replace(province, block=Block.COMMUNE)
    assert [rules.page_gap_for("http", one) for one in (province, commune)] == [5 * MINUTE, 25 * MINUTE]
    assert [rules.page_gap_for("homepage", one) for one in (province, commune)] == [75 * MINUTE, timedelta(days=5)]
    assert rules.page_gap_for("homepage", None) == 75 * MINUTE
