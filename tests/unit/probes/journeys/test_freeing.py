"""What is done for a form that rests with too few usable fields, and what of its time is ours."""

from types import SimpleNamespace
from typing import Any

import pytest

from probes.journeys import freeing as freeing_module
from probes.journeys.freeing import Freeing
from probes.journeys.popups import MOST_CLOSED


class Watch:
    """Stands in for a watched page: counts how often its fields are entered."""

    def __init__(self, opens: int = 0) -> None:
        self.documents = [1.0]
        self.opens = opens
        self.entered = 0
        self.asked: list[str] = []

    async def everywhere(self, function: str, until: Any = None) -> list[int]:
        self.entered += 1
        self.asked.append(function)
        return [0, self.opens]


def form(fields: int = 0, closed: int = 0, barred: int = 0, quiet_since: float = 0.0, asks: bool = False) -> Any:
    return SimpleNamespace(fields=fields, closed=closed, barred=barred, quiet_since=quiet_since, asks=asks)


@pytest.fixture
def closings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return what each closing comes to, taken from the end."""
    told: list[bool] = []

    async def close(_: Any) -> bool:
        return told.pop()

    monkeypatch.setattr(freeing_module, "close_over_fields", close)
    return told


def freeing(watch: Watch, *, enters: bool = True) -> Freeing:
    return Freeing(None, watch, enters=enters)  # type: ignore[arg-type]


async def test_fields_that_may_only_be_read_are_entered_once(closings: list[bool]) -> None:
    watch = Watch()
    made = freeing(watch)
    assert not await made.free(form(closed=5), 3)
    assert not await made.free(form(closed=5), 3)
    assert watch.entered == 1
    watch.opens = 5
    assert await made.free(form(closed=6), 3)
    watch.documents.append(2.0)
    assert await made.free(form(closed=5), 3)


@pytest.mark.parametrize("there", [form(), form(fields=1, closed=1), form(barred=2)])
async def test_a_page_with_too_few_fields_of_any_kind_is_left_alone(there: Any, closings: list[bool]) -> None:
    watch = Watch(opens=9)
    assert not await freeing(watch).free(there, 3)
    assert watch.entered == 0


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The present instant of time.monotonic(), to be set."""
    present = [110.0]
    monkeypatch.setattr(freeing_module.time, "monotonic", lambda: present[0])
    return present


async def test_how_long_a_form_rested_before_something_was_closed_is_ours(
    closings: list[bool], now: list[float]
) -> None:
    made = freeing(Watch())
    closings[:] = [False, True, True]
    assert await made.free(form(barred=9, quiet_since=104.0), 3)
    now[0] = 120.0
    assert await made.free(form(barred=8, quiet_since=119.0), 3)
    assert not await made.free(form(barred=7, quiet_since=119.5), 3)
    assert made.idle_between(100.0, 130.0) == 6.0 + 1.0
    assert made.idle_between(106.0, 130.0) == 4.0 + 1.0
    assert made.idle_between(100.0, 115.0) == 6.0
    assert made.idle_between(100.0, 109.0) == 0.0


async def test_of_two_windows_over_a_form_the_second_is_closed_too(closings: list[bool], now: list[float]) -> None:
    made = freeing(Watch())
    closings[:] = [False, True, True]
    there = form(barred=9, quiet_since=104.0)
    assert await made.free(there, 3)
    now[0] = 110.5
    assert await made.free(there, 3)
    assert not await made.free(there, 3)
    assert not await made.free(there, 3)
    assert made.idle_between(100.0, 130.0) == 6.5  # nothing moved between the two: that time is taken off once


async def test_no_more_fields_are_entered_than_are_missing(closings: list[bool]) -> None:
    watch = Watch(opens=2)
    assert await freeing(watch).free(form(fields=1, closed=40), 3)
    assert "enter(2)" in watch.asked[-1]
    assert await freeing(watch).free(form(fields=1, barred=1, closed=40), 3)
    assert "enter(1)" in watch.asked[-1]


async def test_nothing_is_entered_where_closing_is_enough(closings: list[bool]) -> None:
    watch = Watch(opens=3)
    closings[:] = [True]
    assert await freeing(watch).free(form(barred=5, closed=40), 3)
    assert watch.entered == 0
    closings[:] = [False]
    assert await freeing(watch).free(form(barred=5, closed=40), 3)
    assert watch.entered == 1  # what bars them stays


async def test_nothing_is_entered_where_the_journey_may_post_and_that_is_told_as_ours(closings: list[bool]) -> None:
    watch = Watch(opens=5)
    made = freeing(watch, enters=False)
    assert not await made.free(form(closed=5), 3)
    assert watch.entered == 0
    assert "may post" in made.held_back(form(closed=5), 3)
    assert made.held_back(form(closed=2), 3) == ""
    assert freeing(watch).held_back(form(closed=5), 3) == ""


@pytest.mark.parametrize(
    ("there", "told"),
    [(form(barred=5, asks=True), True), (form(barred=5), False), (form(fields=3, barred=5, asks=True), False)],
)
def test_what_asks_over_a_form_is_told_as_held_back(there: Any, told: bool) -> None:
    assert ("asks first" in freeing(Watch()).held_back(there, 3)) is told


async def test_no_more_is_closed_than_a_person_would(closings: list[bool]) -> None:
    made = freeing(Watch())
    closings[:] = [True] * 9
    assert sum([await made.free(form(barred=20 + at), 3) for at in range(9)]) == MOST_CLOSED
