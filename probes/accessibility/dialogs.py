"""
Act: open the page's dialogs with the keyboard, and see where the focus goes, whether it stays, how one gets out, where it ends.

Only what stays on the page is pressed, and nothing that the list of acts names (probes.forbidden_acts): buttons that say that
they open a dialog, and those that say that they close it.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Rule, Verdict
from probes.accessibility.pressing import press_enter
from probes.accessibility.rules.dialogs import LEFT, NO_WAY_OUT, NOT_ENTERED, NOT_RETURNED, RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

MOST = 2
OPEN_SECONDS = 0.4
MOST_TABS = 12


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Open each dialog from the keyboard, go through it, and close it again."""
    openers = await stage.ask(script("dialogs.js"), {"most": MOST})
    said: dict[str, dict[str, Any]] = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in RULES}
    for opener in openers:
        stage.spoil()
        if not await press_enter(stage, opener):
            continue
        await asyncio.sleep(OPEN_SECONDS)
        dialog = await stage.ask("() => thuocdo.dialogs.open()")
        if dialog is None:
            continue
        await _go_through(stage, dialog, said)
        if not await _close(stage, dialog, said):
            break  # what comes after it cannot be reached
        state = await stage.ask("(number) => thuocdo.dialogs.returned(number)", opener)
        _say(said, NOT_RETURNED, "passed" if state else "failed", dialog)
    for rule in RULES:
        yield await stage.verdict(rule, [said])


async def _go_through(stage: ActContext, dialog: Mapping[str, Any], said: dict[str, dict[str, Any]]) -> None:
    inside = await stage.ask("(number) => thuocdo.dialogs.inside(number)", dialog["kept"])
    doubtful = not dialog["focusable"] or not dialog["modal"]
    _say(said, NOT_ENTERED, "passed" if inside else "review" if doubtful else "failed", dialog)
    if not inside or not dialog["modal"]:
        return
    for _ in range(min(dialog["focusable"] + 2, MOST_TABS)):
        await stage.press("Tab")
        if await stage.ask("(number) => thuocdo.dialogs.behind(number)", dialog["kept"]):
            _say(said, LEFT, "failed", dialog)
            await stage.ask("(number) => thuocdo.dialogs.enter(number)", dialog["kept"])
            return
    _say(said, LEFT, "passed", dialog)


async def _close(stage: ActContext, dialog: Mapping[str, Any], said: dict[str, dict[str, Any]]) -> bool:
    await stage.press("Escape")
    await asyncio.sleep(OPEN_SECONDS)
    closed = await stage.ask("(number) => thuocdo.dialogs.closed(number)", dialog["kept"])
    if not closed and dialog["closers"]:
        await press_enter(stage, dialog["closers"][0])
        await asyncio.sleep(OPEN_SECONDS)
        closed = await stage.ask("(number) => thuocdo.dialogs.closed(number)", dialog["kept"])
    _say(said, NO_WAY_OUT, "passed" if closed else "review" if dialog["buttons"] else "failed", dialog)
    return bool(closed)


def _say(said: dict[str, dict[str, Any]], rule: Rule, outcome: str, dialog: Mapping[str, Any]) -> None:
    if outcome == "passed":
        said[rule.id]["passed"] += 1
    else:
        said[rule.id][outcome].append(dialog["place"])


ACT = Act(name="dialogs", rules=RULES, seconds=6.0, order=45, play=play, presses=True)
