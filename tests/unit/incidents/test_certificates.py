"""A certificate that runs out soon is a part of its portal's incident, until a renewed one is seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import IncidentAspect, IncidentState, Reason, TargetRole
from thuocdo.core.model.figures import figures_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DOWN, EXPIRING, ENDED = IncidentState.DOWN, IncidentState.EXPIRING, IncidentState.ENDED


def minutes(build, incident):
    return tuple(None if at is None else (at - build.start) / MINUTE for at in (incident.started_at, incident.ended_at))


@pytest.mark.parametrize(
    ("letters", "incidents"),
    [
        ("CCCCCC", []),
        (".c.C.C", []),  # one answer of it is no row
        ("..cccc", [(2, None)]),
        ("..cc?c.c", [(2, None)]),  # what shows no certificate says nothing
        ("..ccCc", [(2, None)]),
        ("..cccCC", [(2, 5)]),
        ("..cccC?.C", [(2, 5)]),
        ("cCcCcCcC", []),
        ("cc CC", [(0, 3)]),
    ],
)
def test_two_in_a_row_begin_it_and_two_that_hold_longer_end_it(court, build, letters, incidents):
    held = court(targets=build.fleet(1)).hear(build.series("t00", letters), build.every(1, len(letters)))
    assert [minutes(build, one) for one in held.shelf.standing] == incidents
    for one in held.shelf.standing:
        [part] = one.parts
        assert (one.worst, one.reason, part.aspect) == (EXPIRING, None, IncidentAspect.CERTIFICATE)
        assert figures_of(one).certificate_ends_at == build.start + 5 * DAY
        assert one.measurements[0] == build.series("t00", letters)[letters.index("c")].key


@pytest.mark.parametrize(("days", "is_told"), [(20.99, True), (21.01, False), (-0.5, True)])
def test_it_is_soon_by_what_the_kind_declares(court, build, days, is_told):
    readings = [build.reading("t00", minute, certificate_days=days) for minute in range(5)]
    held = court(targets=build.fleet(1)).hear(readings, build.every(1, 5))
    assert bool(held.shelf.lasting()) is is_told


def test_it_is_certain_within_fifteen_minutes_at_the_pace_of_communes(court, build):
    readings = [build.reading("t00", 5 * number, certificate_days=4) for number in range(4)]
    held = court(targets=build.fleet(1), rules=replace(court(targets={}).rules, gap=25 * MINUTE))
    held.hear(readings, build.every(1, 16))
    [incident] = held.shelf.lasting()
    assert incident.confirmed_at - incident.started_at <= 15 * MINUTE


def test_an_outage_of_the_portal_is_another_part_of_the_same_incident(court, build):
    held = court(targets=build.fleet(1)).hear(
        build.series("t00", "c" * 10 + "x" * 8 + "c" * 10 + "C" * 5), build.every(1, 33)
    )
    [incident] = held.shelf.standing
    assert [(part.aspect.value, part.state, *minutes(build, part)) for part in incident.parts] == [
        ("certificate", EXPIRING, 0, 28),
        ("service", DOWN, 10, 18),
    ]
    assert minutes(build, incident) == (0, 28)
    assert [(change.state, change.detail) for change in held.shelf.changes][1:] == [
        (DOWN, "joined: t00 (down)"),
        (EXPIRING, "fine again: t00"),
        (ENDED, ""),
    ]


def test_one_that_ran_out_is_an_outage_for_that_reason_and_over_when_it_is_renewed(court, build):
    refused = [
        replace(
            build.reading("t00", minute, Reason.CERTIFICATE_INVALID),
            detail="certificate refused: certificate has expired",
        )
        for minute in range(10, 20)
    ]
    readings = build.series("t00", "c" * 10) + refused + build.series("t00", "C" * 5, first=20)
    held = court(targets=build.fleet(1)).hear(readings, build.every(1, 25))
    [incident] = held.shelf.standing
    assert (incident.worst, incident.reason, minutes(build, incident)) == (DOWN, Reason.CERTIFICATE_INVALID, (0, 20))
    assert figures_of(incident.parts[1]).certificate == "expired"


def test_a_newer_one_that_runs_out_soon_as_well_moves_the_last_day(court, build):
    readings = [build.reading("t00", minute, certificate_days=5 if minute < 5 else 9) for minute in range(10)]
    held = court(targets=build.fleet(1)).hear(readings, build.every(1, 10))
    [incident] = held.shelf.lasting()
    assert figures_of(incident).certificate_ends_at == build.start + 9 * DAY
    assert len(held.shelf.changes) == 1


def test_one_place_that_sees_it_is_enough_unless_it_looks_no_more(court, build):
    readings = build.series("t00", "c" * 10) + build.series("t00", "C" * 30, vantage="can-tho", first=0.5)
    held = court(targets=build.fleet(1)).hear(readings, build.every(1, 10))
    assert len(held.shelf.lasting()) == 1
    held.hear(readings, build.every(1, 30)[11:])
    assert held.shelf.lasting() == []


def test_a_place_whose_line_is_lost_neither_shows_nor_ends_it(court, build):
    targets = build.fleet(6)
    readings = [one for name in targets for one in build.series(name, "." * 10 + "n" * 10 + "." * 10)]
    readings = [one for one in readings if one.key.target_id != "t00"]
    readings += build.series("t00", "c" * 10 + "n" * 10 + "c" * 10)
    held = court(targets=targets).hear(readings, build.every(1, 30))
    [incident] = [one for one in held.shelf.standing if one.target_ids == ("t00",)]
    assert minutes(build, incident) == (0, None)


@pytest.mark.parametrize(
    ("letters", "incidents"),
    [
        ("CCCC", []),
        (".c.C", []),  # one answer of it is no row
        ("ccc", [(0, None)]),
        ("cchhh", [(0, None)]),  # a form that does not open says nothing of it
        ("ccCC", [(0, 60)]),
        ("cc..", [(0, 60)]),  # the form is on the home page's host now, or needs none
        ("cc.c.", [(0, None)]),
    ],
)
def test_the_certificate_of_a_forms_own_host_is_a_part_under_the_form(court, build, letters, incidents):
    home = build.target("t00")
    targets = {"t00": home, "f00": replace(home, id="f00", role=TargetRole.EFORM)}
    until = 30 * len(letters)
    readings = build.series("t00", "C" * until) + build.series("f00", letters, every=30, kind="eform")
    held = court(targets=targets).hear(readings, build.every(15, until))
    parts = [part for one in held.shelf.standing for part in one.parts if part.aspect is IncidentAspect.CERTIFICATE]
    assert [minutes(build, part) for part in parts] == incidents
    assert {part.target_id for part in parts} <= {"f00"}
