"""A portal that answers and fails in turn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.model import IncidentScope, IncidentState, Outcome, Reason
from thuocdo.core.model.figures import figures_of

MINUTE = timedelta(minutes=1)
DOWN, FLAPPING, ENDED = IncidentState.DOWN, IncidentState.FLAPPING, IncidentState.ENDED


@pytest.fixture
def verdict(court, build):
    """Judge the letters of one target and return its incidents as (worst, start, end) in minutes."""

    def judge(letters, *, every=1.0):
        held = court(targets=build.fleet(1)).hear(
            build.series("t00", letters, every=every), build.every(every, every * len(letters) + 2)
        )
        return [
            (one.worst, *(at and (at - build.start) / MINUTE for at in (one.started_at, one.ended_at)))
            for one in held.shelf.standing
        ]

    return judge


@pytest.mark.parametrize(
    ("letters", "incidents"),
    [
        ("." * 10 + ".x" * 15 + "." * 40, [(FLAPPING, 11, 40)]),  # every second probe
        ("." * 10 + "x..." * 8 + "." * 40, [(FLAPPING, 10, 39)]),  # every fourth
        ("x......x......x......x......x......x..", []),  # three of twenty
        ("." * 10 + "xxxxx" + "." * 40, [(DOWN, 10, 15)]),  # an outage, told once
        ("." * 10 + "xxxxx" + ".." + "xxxxx" + "." * 40, [(DOWN, 10, 15), (DOWN, 17, 22)]),
        ("." * 10 + ".x" * 15, [(FLAPPING, 11, None)]),
        ("." * 10 + ".x" * 8 + "." * 15 + "xx" + "." * 40, [(FLAPPING, 11, 43)]),  # it was not over yet
        ("." * 10 + ".x" * 6 + "?" * 3 + ".x" * 6 + "." * 30, [(FLAPPING, 11, 37)]),  # a wall says nothing
    ],
)
def test_a_portal_that_answers_and_fails_in_turn_flaps_until_it_is_steady(verdict, letters, incidents):
    assert verdict(letters) == incidents


def test_a_row_of_failures_while_it_flaps_is_an_outage_of_the_same_incident(court, build):
    letters = ".x" * 8 + "xxxxxxxx" + "." * 40
    held = court(targets=build.fleet(1)).hear(build.series("t00", letters), build.every(1, 70))
    [incident] = held.shelf.standing
    assert (incident.worst, incident.reason) == (DOWN, Reason.TIMEOUT)
    assert [change.state for change in held.shelf.changes] == [FLAPPING, DOWN, ENDED]
    assert incident.ended_at == build.start + 24 * MINUTE


def test_a_flapping_portal_says_how_many_of_its_probes_failed(court, build):
    held = court(targets=build.fleet(1)).hear(build.series("t00", ".x" * 10), build.every(1, 20))
    [incident] = held.shelf.standing
    assert incident.detail == "5 of 9 probes failed, in turn with answers"
    assert len(incident.measurements) >= 5


@pytest.mark.parametrize(
    ("statuses", "detail", "status"),
    [
        (("503",), "5 of 9 probes failed, in turn with answers: status 503", 503),
        (("503", "500"), "5 of 9 probes failed, in turn with answers", None),
    ],
)
def test_it_says_which_answer_all_of_them_were(court, build, statuses, detail, status):
    failures = iter(range(20))
    readings = [
        one if one.outcome is Outcome.OK else replace(one, detail=f"status {statuses[next(failures) % len(statuses)]}")
        for one in build.series("t00", ".h" * 10)
    ]
    [incident] = court(targets=build.fleet(1)).hear(readings, build.every(1, 20)).shelf.standing
    assert incident.detail == detail
    assert figures_of(incident).status == status


def test_a_line_that_loses_packets_lets_no_portal_flap(court, build):
    targets = build.fleet(10)
    readings = [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, "." * 5 + (".x" if index % 2 else "x.") * 15, first=index / 20)
    ]
    assert court(targets=targets).hear(readings, build.every(1, 40)).shelf.rows == {}


def test_one_of_two_vantage_points_is_no_majority(court, build):
    readings = build.series("t00", ".x" * 20) + build.series("t00", "." * 40, vantage="can-tho", first=0.5)
    assert court(targets=build.fleet(1)).hear(readings, build.every(1, 42)).shelf.standing == []


def test_what_flapped_before_the_line_was_lost_is_not_counted_after_it(court, build):
    targets = build.fleet(8)
    readings = [
        one
        for index, name in enumerate(targets)
        for one in build.series(name, (".x" * 3 if name == "t03" else "." * 6) + "n" * 5 + "." * 40, first=index / 10)
    ]
    held = court(targets=targets).hear(readings, build.every(1, 60))
    assert {one.scope for one in held.shelf.standing} == {IncidentScope.VANTAGE}


@pytest.mark.parametrize(
    ("every", "failures", "is_told"), [(0.01, 3, False), (0.1, 3, True), (1 / 60, 9, False), (1 / 60, 30, True)]
)
def test_failures_within_a_moment_confirm_nothing(verdict, every, failures, is_told):
    assert bool(verdict(".." + "x" * failures + "....", every=every)) is is_told


def test_what_flapped_before_maintenance_is_judged_anew_after_it(court, build):
    def planned(_target, at):
        return build.start + 20 * MINUTE <= at < build.start + 40 * MINUTE

    held = court(targets=build.fleet(1), is_excluded=planned)
    held.hear(build.series("t00", ".x" * 10 + "." * 40), build.every(1, 62))
    [incident] = held.shelf.standing
    assert (incident.worst, incident.state) == (FLAPPING, ENDED)
    assert incident.ended_at == build.start + 40 * MINUTE
