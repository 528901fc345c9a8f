"""What of a form's time is ours, because it was drawn where we scrolled to and not before."""

from types import SimpleNamespace
from typing import Any

import pytest

from probes.journeys.scrolling import Scrolling

ACTED, RESTED = 100.0, 4.0


def scrolled(begun: float, ended: float, *, idle: float = RESTED, asked: bool = False) -> Scrolling:
    """One that scrolled between two instants, through a page that had rested for so long before."""
    watch: Any = SimpleNamespace(asked_between=lambda _begun, _ended: asked)
    made = Scrolling(watch, lambda: "form", lambda: None)  # type: ignore[arg-type,return-value]
    made._at, made._idle_seconds = (begun, ended), idle
    return made


@pytest.mark.parametrize(
    ("scrolling", "first", "ours"),
    [
        (scrolled(105.0, 107.0), 106.0, RESTED),  # it came with a sight
        (scrolled(105.0, 107.0), 109.0, 0.0),  # long after, by itself
        (scrolled(105.0, 107.0, asked=True), 109.0, RESTED),  # what was asked for at a sight brought it
        (scrolled(105.0, 107.0), 104.0, 0.0),  # it was there before
        (scrolled(97.0, 99.8), 100.3, 0.0),  # the page before was scrolled through to find the way to this one
        (scrolled(97.0, 99.8, asked=True), 103.0, 0.0),
        (scrolled(101.0, 102.0, idle=30.0), 101.5, 1.0),  # it had rested long before it was pressed
    ],
)
def test_only_what_was_waited_for_after_the_last_act_is_ours(scrolling: Scrolling, first: float, ours: float) -> None:
    form: Any = SimpleNamespace(first_field_at=first)
    assert scrolling.idle_before(form, ACTED) == ours


def test_without_a_first_field_or_without_scrolling_nothing_is_ours() -> None:
    form: Any = SimpleNamespace(first_field_at=None)
    assert scrolled(105.0, 107.0).idle_before(form, ACTED) == 0.0
    watch: Any = SimpleNamespace(asked_between=lambda _begun, _ended: True)
    never = Scrolling(watch, lambda: "form", lambda: None)  # type: ignore[arg-type,return-value]
    assert never.idle_before(SimpleNamespace(first_field_at=106.0), ACTED) == 0.0  # type: ignore[arg-type]
