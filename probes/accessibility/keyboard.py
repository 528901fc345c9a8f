"""
Act: go through the page with the Tab key, forwards and back, as somebody does who has no mouse.

What holds the focus, steals it, hides it or covers it; and controls made by hand that the keyboard does not come to or that do
not answer it. The Tab key is the only key that is pressed, but for harmless keys that a page names as the way out
of a trap.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Rule, Verdict
from probes.accessibility.focus_shown import looks_focused
from probes.accessibility.handlers import handlers_of
from probes.accessibility.rules.keyboard import (
    COVERED,
    HELD,
    HIDDEN,
    INVISIBLE,
    MOUSE_ONLY,
    ORDER,
    RULES,
    STOLEN,
    TRAP,
    UNREACHED,
)
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext
from probes.accessibility.way_out import leads_out

MOST_STOPS = 120
SPARE_STOPS = 12
"""Stops beyond the number of controls before a walk that came to no end counts as going round."""

MOST_PICTURED = 8
MOST_HANDMADE = 15
JUMP_PIXELS = 200


@dataclass(slots=True, kw_only=True)
class Walk:
    """
    One walk with one key.

    stops: what was asked at each (keyboard.js). ended: the focus left the page, or came back to where it began by way of its end.
    """

    stops: list[Mapping[str, Any]]
    ended: bool

    @property
    def reached(self) -> list[int]:
        """Controls that had the focus, each once, in order."""
        return list(dict.fromkeys(stop["at"] for stop in self.stops if stop["at"] >= 0))

    @property
    def round(self) -> list[int]:
        """The controls among which the end of a walk without end went."""
        tail = self.stops[len(self.stops) // 2 :]
        return list(dict.fromkeys(stop["at"] for stop in tail if stop["at"] >= 0))


def lost_twice(stops: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the controls that were given the focus and had lost it to nothing when asked, at least twice."""
    lost = [stop["passed"][-1] for stop in stops if stop["at"] == -1 and stop["passed"]]
    return [number for number in dict.fromkeys(lost) if lost.count(number) > 1]


def jumps(stops: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the controls at which the focus came from far below without going to the right."""
    placed = [stop for stop in stops if stop["at"] >= 0 and not stop["sticky"]]
    return [
        after["at"]
        for before, after in pairwise(placed)
        if after["box"][3] < before["box"][1] - JUMP_PIXELS and after["box"][0] < before["box"][2]
    ]


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Walk forwards; walk back where that did not end; then look at what the walk left open."""
    controls = int(await stage.ask(script("keyboard.js")))
    made = await stage.ask("() => thuocdo.keyboard.handmade()")
    yield await _unreached(stage, made)
    yield await _mouse_only(stage, made["reachable"])
    if not controls:
        for rule in (TRAP, HELD, STOLEN, INVISIBLE, COVERED, HIDDEN, ORDER):
            yield Verdict(rule=rule.id)
        return
    walk = await _walk(stage, "Tab", controls)
    reached = walk.reached
    stops = walk.stops
    if any(stop["at"] == -1 and stop["passed"] for stop in stops):  # was it the page's doing? once more
        stops = stops + (await _walk(stage, "Tab", controls)).stops
    stolen = lost_twice(stops)
    yield await _verdict(stage, STOLEN, stolen, passed=len(reached))
    covered = list(dict.fromkeys(stop["at"] for stop in walk.stops if stop.get("covered")))
    yield await _verdict(stage, COVERED, covered, passed=len(reached) - len(covered))
    hidden = list(dict.fromkeys(stop["at"] for stop in walk.stops if stop.get("hidden")))
    yield await _verdict(stage, HIDDEN, hidden, passed=len(reached) - len(hidden))
    first_round = walk.stops[: len(reached)]
    yield await _verdict(stage, ORDER, (), review=jumps(first_round), passed=len(reached))
    suspects = [stop["at"] for stop in walk.stops if stop["at"] >= 0 and not stop["shown"]]
    yield await _invisible(stage, list(dict.fromkeys(suspects)), passed=len(reached) - len(set(suspects)))
    async for verdict in _held(stage, walk, controls):
        yield verdict


async def _walk(stage: ActContext, key: str, controls: int) -> Walk:
    """Press a key until the focus has left the page and come back, or goes round for too long."""
    stops: list[Mapping[str, Any]] = []
    most = min(2 * controls + SPARE_STOPS, MOST_STOPS)
    left = False
    while len(stops) < most:
        await stage.press(key)
        stop = await stage.ask("() => thuocdo.keyboard.stop()")
        stops.append(stop)
        if stop["at"] == -1 and not stop["passed"]:
            left = True
        elif left and stop["at"] == next((one["at"] for one in stops if one["at"] != -1), None):
            break
        if left and len(stops) > controls + SPARE_STOPS:
            break
    in_frame = any(stop["at"] == -2 for stop in stops)
    return Walk(stops=stops, ended=left or in_frame or len(stops) >= MOST_STOPS)


async def _held(stage: ActContext, walk: Walk, controls: int) -> AsyncIterator[Verdict]:
    """Tell what holds the Tab key, and whether another way leads out."""
    inside = walk.round
    if walk.ended or not inside:
        passed = len(walk.reached)
        yield Verdict(rule=HELD.id, passed=passed)
        yield Verdict(rule=TRAP.id, passed=passed)
        return
    back = await _walk(stage, "Shift+Tab", controls)
    if back.ended or not set(back.round) <= set(inside):
        yield await _verdict(stage, HELD, (), review=inside[:1])
        yield await _verdict(stage, TRAP, (), review=inside[:1])
        return
    stage.spoil()
    in_dialog = await stage.ask("(numbers) => thuocdo.keyboard.inDialog(numbers)", inside)
    if in_dialog:  # it is to hold the focus
        yield Verdict(rule=HELD.id, passed=1)
    else:
        yield await _verdict(stage, HELD, inside[:1])
    out = await leads_out(stage, inside)
    if out:
        yield Verdict(rule=TRAP.id, passed=1)
    elif in_dialog or out is None:  # one of its own buttons may close it, or a key that we do not press
        yield await _verdict(stage, TRAP, (), review=inside[:1])
    else:
        yield await _verdict(stage, TRAP, inside[:1])


async def _unreached(stage: ActContext, made: Mapping[str, Sequence[int]]) -> Verdict:
    return await _verdict(stage, UNREACHED, made["unreachable"], review=made["doubtful"], passed=len(made["reachable"]))


async def _mouse_only(stage: ActContext, controls: Sequence[int]) -> Verdict:
    failed, passed = [], 0
    for number in controls[:MOST_HANDMADE]:
        near, heard = await handlers_of(stage, number)
        if "click" in near and not heard & {"keydown", "keyup", "keypress"}:
            failed.append(number)
        else:
            passed += 1
    return await _verdict(stage, MOUSE_ONLY, failed, passed=passed)


async def _invisible(stage: ActContext, suspects: Sequence[int], *, passed: int) -> Verdict:
    failed = []
    for number in suspects[:MOST_PICTURED]:
        shown = await looks_focused(stage, number)
        if shown is False:
            failed.append(number)
        elif shown:
            passed += 1
    return await _verdict(stage, INVISIBLE, failed, passed=passed)


async def _verdict(
    stage: ActContext, rule: Rule, failed: Sequence[int], *, review: Sequence[int] = (), passed: int = 0
) -> Verdict:
    told = [
        [await stage.ask("(number) => thuocdo.keyboard.place(number, '')", number) for number in numbers]
        for numbers in (failed, review)
    ]
    return await stage.verdict(rule, [{rule.id: {"passed": max(0, passed), "failed": told[0], "review": told[1]}}])


ACT = Act(
    name="keyboard",
    rules=RULES,
    seconds=8.0,
    order=40,
    play=play,
    presses=True,
)
