"""
Act: move the pointer over what shows more under it, and see whether the same can be had without a pointer.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.pointer import LEAVES, ONLY, RULES, STAYS
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

MOST = 6
SHOWN_SECONDS = 0.35
"""Time for what shows under the pointer to come up."""


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Move the pointer over each place, onto what shows there, press Escape, and go away."""
    places = await stage.ask(script("pointer.js"), {"most": MOST})
    said: dict[str, dict[str, Any]] = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in RULES}
    if places:
        await stage.ask(script("pointer_try.js"))
    for one in places:
        number, hidden = one["kept"], one["hidden"]
        at = await stage.ask("(number) => thuocdo.pointer.aim(number)", number)
        await stage.page.mouse.move(at["x"], at["y"])
        await asyncio.sleep(SHOWN_SECONDS)
        over = await stage.ask("(numbers) => thuocdo.pointer.over(numbers)", hidden)
        if over is None:
            continue  # it did not show after all
        covers = await stage.ask("(numbers) => thuocdo.pointer.covers(numbers)", hidden)
        await stage.page.mouse.move(over["x"], over["y"], steps=4)
        await asyncio.sleep(SHOWN_SECONDS)
        stayed = await stage.ask("(numbers) => thuocdo.pointer.shown(numbers)", hidden)
        _say(said[LEAVES.id], "passed" if stayed else "failed", one["place"])
        if stayed and covers:
            await stage.press("Escape")
            gone = not await stage.ask("(numbers) => thuocdo.pointer.shown(numbers)", hidden)
            _say(said[STAYS.id], "passed" if gone else "review", one["place"])
        await stage.page.mouse.move(0, 0)
        await asyncio.sleep(SHOWN_SECONDS)
        there = await stage.ask("(asked) => thuocdo.pointer.byKeyboard(asked)", {"number": number, "hidden": hidden})
        there = there or await stage.ask("(numbers) => thuocdo.pointer.elsewhere(numbers)", hidden)
        _say(said[ONLY.id], "passed" if there else "failed", one["place"])
    for rule in RULES:
        yield await stage.verdict(rule, [said])


def _say(said: dict[str, Any], outcome: str, place: dict[str, Any]) -> None:
    if outcome == "passed":
        said["passed"] += 1
    else:
        said[outcome].append(place)


ACT = Act(name="pointer", rules=RULES, seconds=8.0, order=35, play=play, presses=True)
