"""A portal that answers and does not work: what is an incident of its own, and what another one explains."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import Block, IncidentScope, IncidentState, Reason, TargetRole
from thuocdo.incidents.breakage import usage_kinds
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.remembering import memory_of
from thuocdo.incidents.rules import Rules
from thuocdo.incidents.sightings import Concern

MINUTE = timedelta(minutes=1)
DOWN, BROKEN, DEGRADED, ENDED = IncidentState.DOWN, IncidentState.BROKEN, IncidentState.DEGRADED, IncidentState.ENDED
QUICK = Rules(page_gaps={(kind, Block.PROVINCE): timedelta(minutes=5) for kind in ("eform", "homepage")})
"""Kinds that come every minute."""


@pytest.fixture
def portal(build):
    """A home page, t00, and the eForm of its portal, f00."""
    home = build.target("t00")
    return {"t00": home, "f00": replace(home, id="f00", role=TargetRole.EFORM)}


def minutes(build, incident):
    return tuple(None if at is None else (at - build.start) / MINUTE for at in (incident.started_at, incident.ended_at))


def test_the_kinds_that_use_a_portal():
    assert usage_kinds() == {"homepage", "eform"}


@pytest.mark.parametrize(
    ("letters", "every", "incidents"),
    [
        ("hhhh..", 30, [(0, 120)]),
        (".h.h.h", 30, []),
        (".hh..", 30, [(30, 90)]),  # seldom: the second in a row
        (".hh.h..", 30, [(30, 150)]),  # one ok does not end it
        (".h?h..", 30, [(30, 120)]),  # a wall in between says nothing
        (".h??????h.", 30, []),  # too far apart
        (".bbbbbb", 30, []),  # our prober was busy
        (".hh..", 1, []),
        (".hhh..", 1, [(1, 4)]),
        (".hhhh", 1, [(1, None)]),
    ],
)
def test_an_eform_that_fails_in_a_row_is_broken(court, build, portal, letters, every, incidents):
    rules = Rules() if every == 30 else QUICK
    until = every * len(letters)
    readings = build.series("t00", "." * until) + build.series("f00", letters, every=every, kind="eform")
    held = court(targets=portal, rules=rules).hear(readings, build.every(every / 2, until))
    assert [minutes(build, one) for one in held.shelf.standing] == incidents
    for one in held.shelf.standing:
        assert (one.subject_id, one.worst, one.reason, one.detail) == ("f00", BROKEN, Reason.HTTP_ERROR, "status 503")
        assert {key.kind for key in one.measurements} == {"eform"}
    assert [change.state for change in held.shelf.changes][:2] == [BROKEN, ENDED][: len(held.shelf.changes)]


def test_a_home_page_that_answers_and_no_browser_can_use_is_broken_until_one_can(court, build, portal):
    readings = build.series("t00", "." * 150) + build.series("t00", "..xxx...", every=15, kind="homepage")
    held = court(targets=portal).hear(readings, build.every(5, 150))
    [incident] = held.shelf.standing
    assert (incident.subject_id, incident.worst, incident.reason) == ("t00", BROKEN, Reason.TIMEOUT)
    assert minutes(build, incident) == (30, 75)


def test_what_fails_while_the_portal_is_down_is_told_once_and_is_over_with_it(court, build, portal):
    down = "." * 20 + "x" * 40 + "." * 60
    readings = [
        *build.series("t00", down),
        *build.series("t00", "..xxx...", every=10, first=1, kind="homepage"),
        *build.series("f00", "..xxx...", every=10, first=2, kind="eform"),
    ]
    held = court(targets=portal).hear(readings, build.every(1, 120))
    assert [(one.subject_id, one.worst, minutes(build, one)) for one in held.shelf.standing] == [
        ("t00", DOWN, (20, 60))
    ]


def test_what_fails_as_the_portal_falls_counts_for_nothing_later(court, build, portal):
    """One failure in the outage that was not confirmed yet, one long after it: no row."""
    readings = build.series("t00", "." * 29 + "xx" + "." * 60) + build.series("f00", ".h.h.", every=15, kind="eform")
    readings += build.series("f00", "h", first=30.5, kind="eform")
    assert court(targets=portal).hear(readings, build.every(1, 90)).shelf.standing == []


def test_a_form_that_stays_broken_after_the_outage_is_an_incident_of_its_own(court, build, portal):
    readings = build.series("t00", "." * 20 + "x" * 40 + "." * 120) + build.series(
        "f00", "..hhhhhh....", every=15, kind="eform"
    )
    held = court(targets=portal).hear(readings, build.every(1, 180))
    found = {one.subject_id: (one.worst, *minutes(build, one)) for one in held.shelf.standing}
    assert found == {"t00": (DOWN, 20, 60), "f00": (BROKEN, 75, 120)}  # the visit at 60 is part of the outage


def test_a_browser_of_ours_that_fails_everywhere_breaks_no_portal(court, build):
    targets = build.fleet(8)
    readings = [one for name in targets for one in build.series(name, "." * 150)]
    readings += [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, "..xxxx..", every=15, first=index, kind="homepage")
    ]
    assert court(targets=targets).hear(readings, build.every(5, 150)).shelf.rows == {}


def test_a_platform_whose_pages_break_together_is_no_fault_of_our_browser(court, build):
    targets = build.fleet(12) | build.fleet(6, family="v1", prefix="f")
    readings = [one for name in targets for one in build.series(name, "." * 150)]
    readings += [
        one
        for index, name in enumerate(targets)
        for one in build.series(
            name, "..xxxx.." if name[0] == "f" else "........", every=15, first=index / 4, kind="homepage"
        )
    ]
    held = court(targets=targets).hear(readings, build.every(5, 150))
    assert {(one.subject_id, one.worst) for one in held.shelf.standing} == {(f"f0{n}", BROKEN) for n in range(6)}


def test_a_portal_that_falls_while_it_is_broken_is_down_and_goes_on_as_broken(court, build, portal):
    readings = build.series("t00", "." * 70 + "x" * 20 + "." * 120) + build.series(
        "t00", "..xxxxxxxxx...", every=15, kind="homepage"
    )
    held = court(targets=portal).hear(readings, build.every(1, 210))
    [incident] = held.shelf.standing
    assert (incident.worst, *minutes(build, incident)) == (DOWN, 30, 165)
    assert [change.state for change in held.shelf.changes] == [BROKEN, DOWN, BROKEN, ENDED]


def test_a_judge_that_lost_its_memory_still_ends_what_is_broken(court, build, portal):
    readings = build.series("t00", "." * 300) + build.series("f00", "..hhhh....", every=30, kind="eform")
    held = court(targets=portal).hear(
        [one for one in readings if one.key.scheduled_at < build.start + 160 * MINUTE], [160]
    )
    memory = memory_of(held.shelf.lasting(), build.start + 160 * MINUTE, build.start + 160 * MINUTE)
    assert memory.broken == {"f00"}
    held.shelf.judged = build.start + 160 * MINUTE
    again = court(targets=portal, shelf=held.shelf)
    again.arrived = readings
    again.session = Judging.resume(held.shelf, again.post, build.start + 300 * MINUTE)
    again.look(300)
    [incident] = held.shelf.standing
    assert minutes(build, incident) == (60, 180)


def test_of_two_vantage_points_the_majority_says_whether_it_works(court, build, portal):
    readings = build.series("t00", "." * 150) + build.series("t00", "." * 150, vantage="can-tho")
    readings += build.series("f00", "..hhh.", every=30, kind="eform")
    readings += build.series("f00", "......", every=30, first=1, kind="eform", vantage="can-tho")
    held = court(targets=portal).hear(readings, build.every(15, 180))
    assert held.shelf.standing == []  # one of two is no majority


def test_a_vantage_point_in_trouble_breaks_nothing(court, build):
    targets = build.fleet(8)
    forms = {f"f{name}": replace(one, id=f"f{name}", role=TargetRole.EFORM) for name, one in targets.items()}
    readings = [one for name in targets for one in build.series(name, "." * 20 + "n" * 60 + "." * 60)]
    readings += [one for name in forms for one in build.series(name, ".hhh..", every=20, first=5, kind="eform")]
    held = court(targets=targets | forms).hear(readings, build.every(1, 140))
    assert {one.scope for one in held.shelf.standing} == {IncidentScope.VANTAGE}


def test_a_concern_knows_nothing_of_a_target_that_was_never_seen(build, portal):
    never = Concern(
        is_bad=lambda _: False,
        in_a_row=lambda *_: 2,
        seen=lambda memory: memory.tried,
        sightings=lambda memory: memory.failing,
    )
    assert never.begun_at(memory_of([], build.start, build.start), "t00") is None
