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

    async def everywhere(self, _: str) -> list[int]:
        self.entered += 1
        return [0, self.opens]


def form(fields: int = 0, closed: int = 0, barred: int = 0, quiet_since: float = 0.0) -> Any:
    return SimpleNamespace(fields=fields, closed=closed, barred=barred, quiet_since=quiet_since)


@pytest.fixture
def closings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return what each closing comes to, taken from the end."""
    told: list[bool] = []

    async def close(_: Any) -> bool:
        return told.pop()

    monkeypatch.setattr(freeing_module, "close_over_fields", close)
    return told


def freeing(watch: Watch) -> Freeing:
    return Freeing(None, watch)  # type: ignore[arg-type]


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


async def test_how_long_a_form_rested_before_something_was_closed_is_ours(
    closings: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [110.0]
    monkeypatch.setattr(freeing_module.time, "monotonic", lambda: now[0])
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


async def test_no_more_is_closed_than_a_person_would(closings: list[bool]) -> None:
    made = freeing(Watch())
    closings[:] = [True] * 9
    assert sum([await made.free(form(barred=20 + at), 3) for at in range(9)]) == MOST_CLOSED
