"""Hours of the drill's day: what is due is told, and what is wrong is found."""

from dataclasses import replace

import pytest

from benchmarks.drill.day import HOUR, DrillDay, cases, verdict_of
from benchmarks.notice_replay import TOLD_ALERTS, Notice, Replay

HOURS = 3.6
BY_NUMBER = {case.number: case for case in cases()}


@pytest.fixture(scope="module")
def notices():
    return Replay(DrillDay(), 60, alerts=TOLD_ALERTS, shows_results=True).run(HOURS * HOUR)


@pytest.mark.parametrize("number", ["1", "2", "3", "25"])
def test_what_is_due_is_told(notices, number):
    assert verdict_of(BY_NUMBER[number], notices).wrong == []


def test_silence_repetition_lateness_and_more_are_wrong(notices):
    case = BY_NUMBER["1"]
    [told] = [one for one in notices if one.labels["target"] == "d01.home"]
    other = Notice(at=told.at, alert="ErrorBudgetBurnFast", labels=told.labels)
    for wrong in ([], [told, told], [replace(told, at=told.at + HOUR)], [told, other]):
        assert len(verdict_of(case, wrong).wrong) == 1


def test_every_case_is_of_targets_of_the_day():
    known = set(DrillDay().targets)
    assert all(case.targets <= known for case in cases())
