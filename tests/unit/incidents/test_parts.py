"""A portal has one incident at a time, made of its parts: home page, forms, certificate."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import Block, Incident, IncidentAspect, IncidentScope, IncidentState, Reason, TargetRole
from thuocdo.incidents import case
from thuocdo.incidents.judge_state import Memory
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.ledger import JOINED, REMOVED
from thuocdo.incidents.rules import Rules
from thuocdo.incidents.unexplained import AFTER, explains

MINUTE = timedelta(minutes=1)
DOWN, BROKEN, DEGRADED, ENDED = IncidentState.DOWN, IncidentState.BROKEN, IncidentState.DEGRADED, IncidentState.ENDED
RULES = Rules(page_gaps={("eform", Block.PROVINCE): 5 * MINUTE})
"""Forms are measured every minute, and three failures in a row break one."""


@pytest.fixture
def portal(build):
    """A home page, t00, and ten forms of its portal."""
    home = build.target("t00")
    forms = {f"f{n}": replace(home, id=f"f{n}", role=TargetRole.EFORM) for n in range(10)}
    return {"t00": home} | forms


def form(build, name, letters, first=0.0):
    return build.series(name, letters, first=first, kind="eform")


def spans(build, incident):
    """Return (target, state, from, until) of each part, in minutes."""
    return [
        (
            part.target_id,
            part.state,
            (part.started_at - build.start) / MINUTE,
            None if part.ended_at is None else (part.ended_at - build.start) / MINUTE,
        )
        for part in incident.parts
    ]


def test_ten_forms_of_one_host_are_one_incident_that_begins_with_the_first_and_ends_with_the_last(court, build, portal):
    readings = build.series("t00", "." * 45)
    for number in range(10):
        readings += form(build, f"f{number}", "." * 5 + "h" * (10 + number) + "." * 15, first=0.6 * number)
    held = court(targets=portal, rules=RULES).hear(readings, build.every(0.5, 45))
    [incident] = held.shelf.standing
    assert (incident.subject_id, incident.worst, incident.reason) == ("f0", BROKEN, Reason.HTTP_ERROR)
    assert incident.target_ids == tuple(f"f{number}" for number in range(10))
    assert incident.started_at == build.start + 5 * MINUTE
    assert incident.ended_at == max(part.ended_at for part in incident.parts) == build.start + 29.4 * MINUTE
    assert [part.target_id for part in incident.parts] == list(incident.target_ids)
    [first, *joins], [*left, over] = held.shelf.changes[:10], held.shelf.changes[10:]
    assert (first.detail, over.state, over.detail) == ("status 503", ENDED, "")
    assert [change.detail for change in joins] == [f"joined: f{number} (broken)" for number in range(1, 10)]
    assert [change.detail for change in left] == [f"fine again: f{number}" for number in range(9)]
    assert {change.state for change in (*joins, *left)} == {BROKEN}


def test_the_state_is_that_of_the_worst_part_which_lasts(court, build, portal):
    readings = build.series("t00", "." * 15 + "x" * 10 + "." * 30) + form(build, "f0", "." * 5 + "h" * 40 + "....")
    held = court(targets=portal, rules=RULES).hear(readings, build.every(1, 55))
    [incident] = held.shelf.standing
    assert spans(build, incident) == [("f0", BROKEN, 5, 45), ("t00", DOWN, 15, 25)]
    assert (incident.subject_id, incident.worst, incident.reason) == ("f0", DOWN, Reason.TIMEOUT)
    assert [(change.state, change.detail) for change in held.shelf.changes] == [
        (BROKEN, "status 503"),
        (DOWN, "joined: t00 (down)"),
        (BROKEN, "fine again: t00"),
        (ENDED, ""),
    ]
    assert [change.reason for change in held.shelf.changes][1] is Reason.TIMEOUT


def test_parts_that_join_at_one_look_are_one_change(court, build, portal):
    readings = build.series("t00", "." * 20)
    for number in range(3):
        readings += form(build, f"f{number}", "." * 5 + "h" * 15, first=number / 20)
    held = court(targets=portal, rules=RULES).hear(readings, [20])
    [change] = held.shelf.changes
    assert change.detail == "status 503; joined: f1 (broken); joined: f2 (broken)"
    [incident] = held.shelf.lasting()
    assert len(incident.lasting_parts) == 3


def test_a_part_that_turns_out_to_have_begun_earlier_moves_the_start_and_not_the_name(court, build, portal):
    slow_first = build.series("t00", "." * 5 + "s" * 40)  # certain after fifteen slow times
    readings = slow_first + form(build, "f0", "." * 12 + "h" * 20)
    held = court(targets=portal, rules=RULES, usual_seconds=lambda _key: 0.3).hear(readings, build.every(1, 40))
    [incident] = held.shelf.lasting()
    assert [(part.target_id, part.state) for part in incident.parts] == [("f0", BROKEN), ("t00", DEGRADED)]
    assert incident.id.startswith("target-f0-20261122T021200")
    assert incident.started_at == incident.parts[1].started_at == build.start + 5 * MINUTE
    assert incident.state is BROKEN


def test_one_portal_is_no_matter_of_another(court, build):
    targets = build.fleet(2)
    held = court(targets=targets).hear(
        [*build.series("t00", "..xxxx"), *build.series("t01", "..xxxx", first=0.5)], build.every(1, 8)
    )
    assert [one.target_ids for one in held.shelf.lasting()] == [("t00",), ("t01",)]


def test_a_portal_that_falls_with_its_family_leaves_its_own_incident_as_it_is(court, build):
    targets = build.fleet(4, "igate", "f") | build.fleet(8)
    targets["g00"] = replace(targets["f00"], id="g00", role=TargetRole.EFORM)
    readings = [one for name in targets if name[0] == "t" for one in build.series(name, "." * 40)]
    for index in range(4):
        readings += build.series(f"f{index:02}", "." * 15 + "x" * 10 + "." * 15, first=index / 13)
    readings += form(build, "g00", "." * 3 + "h" * 30 + "." * 7, first=0.9)
    held = court(targets=targets, rules=RULES).hear(readings, build.every(1, 40))
    found = {one.scope: one for one in held.shelf.standing}
    assert set(found) == {IncidentScope.FAMILY, IncidentScope.TARGET}
    assert found[IncidentScope.TARGET].target_ids == ("g00",)
    assert "f00" in found[IncidentScope.FAMILY].target_ids


def test_removing_one_part_leaves_the_others_and_says_so(court, build, portal):
    readings = build.series("t00", "." * 60) + form(build, "f0", ".." + "h" * 58) + form(build, "f1", "..." + "h" * 57)
    held = court(targets=portal, rules=RULES).hear(readings, build.every(1, 30))
    held.targets = {name: one for name, one in portal.items() if name != "f0"}
    held.hear(readings, build.every(1, 60)[31:])
    [incident] = held.shelf.lasting()
    assert [part.target_id for part in incident.lasting_parts] == ["f1"]
    assert incident.target_ids == ("f0", "f1")
    assert held.shelf.changes[-1].detail == "removed from the registry: f0"
    held.targets = {"t00": portal["t00"]}
    held.look(61)
    [incident] = held.shelf.standing
    assert (incident.state, held.shelf.changes[-1].detail) == (ENDED, REMOVED)


def test_a_form_that_is_moved_to_another_portal_is_no_part_of_this_one_any_more(court, build, portal):
    readings = build.series("t00", "." * 60) + form(build, "f0", ".." + "h" * 58) + form(build, "f1", "..." + "h" * 57)
    held = court(targets=portal, rules=RULES).hear(readings, build.every(1, 30))
    held.targets = portal | {"f0": replace(portal["f0"], portal_id="other")}
    held.hear(readings, build.every(1, 60)[31:])
    assert sorted([part.target_id for part in one.lasting_parts] for one in held.shelf.lasting()) == [["f0"], ["f1"]]


def test_a_portal_that_is_renamed_has_its_parts_once_and_so_has_one_whose_certificate_is_all_that_is_wrong(
    court, build
):
    readings = build.series("t00", "c" * 60)
    held = court(targets=build.fleet(1)).hear(readings, build.every(1, 30))
    held.targets = {name: replace(one, portal_id="other") for name, one in held.targets.items()}
    held.hear(readings, build.every(1, 60)[31:])
    [incident] = held.shelf.lasting()
    assert [(part.target_id, part.aspect) for part in incident.parts] == [("t00", IncidentAspect.CERTIFICATE)]


def of_before(build, name, state, **changes):
    """An incident of a single target, as it was stored before there were parts."""
    return Incident(
        id=f"target-{name}",
        scope=IncidentScope.TARGET,
        subject_id=name,
        agency_id="agency-t00",
        state=state,
        worst=state,
        started_at=build.start - 50 * MINUTE,
        confirmed_at=build.start - 48 * MINUTE,
        reason=Reason.HTTP_ERROR,
        detail="status 503",
        target_ids=(name,),
        **changes,
    )


def test_incidents_of_one_portal_that_were_stored_apart_become_one(court, build, portal):
    held = court(targets=portal, rules=RULES)
    for name in ("f0", "f1"):
        seen = replace(build.reading(name, -50, Reason.HTTP_ERROR, kind="eform").key)
        held.shelf.save(of_before(build, name, BROKEN, measurements=(seen,)), None)
    held.shelf.judged = build.start
    held.arrived = [
        one for name, letters in (("f0", "h" * 20), ("f1", "h" * 10 + "." * 10)) for one in form(build, name, letters)
    ]
    held.session = Judging.resume(held.shelf, held.post, build.start)
    held.look(20)
    [incident] = held.shelf.lasting()
    assert (incident.id, incident.target_ids) == ("target-f0", ("f0", "f1"))
    assert [part.target_id for part in incident.lasting_parts] == ["f0"]
    assert (held.shelf.rows["target-f1"].state, held.shelf.changes[-1].detail) == (ENDED, JOINED)


def test_a_memory_of_before_there_were_parts_goes_on(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", "." * 5 + "x" * 25), build.every(1, 30))
    kept = json.loads(json.dumps(held.session.memory.to_json()))
    [(name, one)] = kept["cases"].items()
    assert name == "target/t00"
    for new in ("parts", "named_at"):
        del one[new]
    one["reasons"] = {"timeout": 3}
    assert Memory.from_json(kept).cases[name].parts == []
    before = dict(held.shelf.rows)
    held.shelf.memory, held.shelf.judged = (held.session.memory.at, kept), held.session.seen_until
    again = court(targets=held.targets, shelf=held.shelf, post=held.post)
    again.arrived = build.series("t00", "." * 5 + "x" * 30 + "....")
    again.session = Judging.resume(held.shelf, again.post, build.start + 39 * MINUTE)
    again.look(39)
    [incident] = held.shelf.standing
    assert incident.id in before
    assert (incident.state, incident.ended_at) == (ENDED, build.start + 35 * MINUTE)


def test_a_judge_that_lost_its_memory_knows_every_part(court, build, portal):
    readings = build.series("t00", "c" * 60) + form(build, "f0", ".." + "h" * 58) + form(build, "f1", "..." + "h" * 57)
    held = court(targets=portal, rules=RULES).hear(readings, build.every(1, 40))
    before = held.shelf.rows.copy()
    held.shelf.judged = build.start + 40 * MINUTE
    again = court(targets=portal, rules=RULES, shelf=held.shelf)
    again.arrived = readings
    again.session = Judging.resume(held.shelf, again.post, build.start + 60 * MINUTE)
    changes = len(held.shelf.changes)
    again.look(60)
    [incident] = held.shelf.lasting()
    assert incident.id in before
    assert [(part.target_id, part.aspect) for part in incident.lasting_parts] == [
        ("t00", IncidentAspect.CERTIFICATE),
        ("f0", IncidentAspect.SERVICE),
        ("f1", IncidentAspect.SERVICE),
    ]
    assert len(held.shelf.changes) == changes  # nothing new is told


def test_a_form_that_is_broken_for_months_lets_old_outages_go_and_never_what_lasts(court, build, portal, monkeypatch):
    monkeypatch.setattr(case, "MOST_PARTS", 3)
    home = ("." * 10 + "x" * 5) * 6 + "." * 10
    readings = build.series("t00", home) + form(build, "f0", "..." + "h" * (len(home) - 3))
    held = court(targets=portal, rules=RULES).hear(readings, build.every(3, len(home)))
    [incident] = held.shelf.lasting()
    assert [part.target_id for part in incident.parts] == ["f0", "t00", "t00"]
    assert incident.parts[-1].started_at == build.start + 85 * MINUTE
    assert incident.worst is DOWN


def test_a_failure_is_explained_by_what_is_said_of_that_very_target_at_that_time(court, build, portal):
    readings = build.series("t00", "c" * 10 + "x" * 5 + "c" * 100) + form(build, "f0", ".." + "h" * 113)
    held = court(targets=portal, rules=RULES).hear(readings, build.every(5, 115))
    [incident] = held.shelf.lasting()
    after = 15 + AFTER / MINUTE
    for name, at, is_explained in (
        ("t00", 12, True),
        ("t00", after - 1, True),
        ("t00", after + 1, False),
        ("t00", 5, False),
    ):
        assert explains(incident, build.reading(name, at, Reason.TIMEOUT)) is is_explained, (name, at)
    assert explains(incident, build.reading("f0", 100, Reason.TIMEOUT))
    assert not explains(incident, build.reading("f1", 12, Reason.TIMEOUT))
