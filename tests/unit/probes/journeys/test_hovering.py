"""How long the pointer's rest on a menu takes from a step, and that nobody waits for it in vain."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from probes.journeys import hovering as hovering_module
from probes.journeys.hovering import SOON_SECONDS, Hovering
from probes.journeys.idle import Idle
from probes.journeys.journey_file import JourneyStep
from probes.journeys.steps import Steps


class Menus:
    """A page with some menus; `hover` tells what comes of the pointer on one."""

    def __init__(self, menus: int, hover: Any) -> None:
        self.keys = [f"menu {number}" for number in range(menus)]
        self.first = SimpleNamespace(hover=hover)
        self.frames = [None]

    async def evaluate(self, _: str, asked: Any) -> str | None:
        return next((key for key in self.keys if key not in asked["tried"]), None)

    def locator(self, _: str) -> Any:
        return self


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [110.0]
    monkeypatch.setattr(hovering_module.time, "monotonic", lambda: clock[0])
    return clock


def hovering(page: Any, idle: Idle, now: list[float]) -> Hovering:
    """One of a page that has rested since 104."""

    async def rested_seconds() -> float:
        return now[0] - 104.0

    return Hovering(page, ["Dịch vụ"], lambda: 1, rested_seconds=rested_seconds, idle=idle)


@pytest.mark.parametrize(
    ("seen_after", "ours"),
    [(0.1, 7.0), (SOON_SECONDS + 0.5, 0.0)],  # the second time it came by itself, and the portal was late
)
async def test_what_a_menu_took_to_be_found_is_ours_where_it_opened(
    seen_after: float, ours: float, now: list[float]
) -> None:
    async def hover(**_: Any) -> None:
        now[0] += 0.5

    idle = Idle()
    made = hovering(Menus(2, hover), idle, now)
    while await made.open_next():
        pass
    assert now[0] == 111.0
    now[0] += seen_after
    made.came()
    assert idle.between(100.0, now[0]) == pytest.approx(ours)


async def test_a_way_that_comes_without_a_menu_takes_nothing_off(now: list[float]) -> None:
    idle = Idle()
    hovering(Menus(0, None), idle, now).came()
    assert idle.between(100.0, 130.0) == 0.0


async def test_nobody_waits_for_the_pointer_once_the_way_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, left = asyncio.Event(), asyncio.Event()

    async def hover(**_: Any) -> None:
        shown.set()
        try:
            await asyncio.Event().wait()  # something lies over it
        finally:
            left.set()

    class Way:
        async def wait_for(self, **_: Any) -> None:
            await shown.wait()

        async def is_visible(self) -> bool:
            return False

    async def rests(_: float) -> bool:
        return True

    async def rested_seconds() -> float:
        return 1.0

    watch: Any = SimpleNamespace(rests=rests, rested_seconds=rested_seconds, documents=[1.0])
    page: Any = Menus(1, hover)
    steps = Steps(page, {}, None, watch, None)  # type: ignore[arg-type]
    way: Any = Way()
    monkeypatch.setattr("probes.journeys.steps.REST_SECONDS", 0.0)
    step = JourneyStep.model_validate({"name": "way", "follow": {"role": "link", "name": ["Dịch vụ"]}})
    made = steps.hovering(["Dịch vụ"])
    found = await asyncio.wait_for(steps._found(lambda _: way, step, None, made), 5)
    assert found is not None
    assert found.control is way
    assert left.is_set()
