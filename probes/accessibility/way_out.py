"""The way out of a trap that a page tells of: the keys that it names, pressed to see whether they lead out."""

import re
from collections.abc import Sequence

from probes.accessibility.stage import Stage

MOST_WAYS = 4
MOST_HELPS = 3
WAIT_MILLISECONDS = 100

_KEYS = re.compile(
    r"(?<!\w)((?:(?:ctrl|control|alt|shift|cmd|⌘)\s*(?:\+|-|và|and)\s*){1,4}(?:[a-z0-9]|f\d{1,2}|esc(?:ape)?)|esc(?:ape)?|f\d{1,2})(?!\w)",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"help|how to|instruction|keyboard|trợ giúp|hướng dẫn|cách |bàn phím|thoát|exit|leave", re.IGNORECASE
)
_STAYING = 'a[href^="#"],button[type=button],[role=button]'
"""What stays on the page when it is pressed, and sends nothing."""

_NAMES = {"ctrl": "Control", "control": "Control", "alt": "Alt", "shift": "Shift", "cmd": "Meta", "⌘": "Meta"}


def keys_told(text: str) -> list[str]:
    """Return the keys that a text names, as Playwright calls them ("Control+m", "Escape"), each once, in order."""
    return list(dict.fromkeys(_called(found.group(1)) for found in _KEYS.finditer(text)))


def _called(keys: str) -> str:
    parts = [part.strip().casefold() for part in re.split(r"\+|-|(?<=\s)(?:và|and)(?=\s)", keys)]
    named = [_NAMES.get(part, part) for part in parts]
    last = named[-1]
    named[-1] = "Escape" if last.startswith("esc") else last.upper() if re.fullmatch(r"f\d+", last) else last
    return "+".join(named)


async def leads_out(stage: Stage, inside: Sequence[int]) -> bool:
    """
    Tell whether a way that the page tells of leads out of a trap; Escape, which everybody tries, needs no telling.

    Args:
        stage: the focus is in the trap.
        inside: kept numbers of the controls that hold the focus.

    """
    if await _tried(stage, ["Escape"], inside):
        return True
    if await _tried(stage, await _told(stage, inside), inside):
        return True
    for number in await _helps(stage, inside):
        await stage.ask("(number) => thuocdo.keyboard.focus(number)", number)
        await stage.press("Enter")
        await stage.page.wait_for_timeout(WAIT_MILLISECONDS)
        if await _tried(stage, await _told(stage, inside), inside):
            return True
    return False


async def _told(stage: Stage, inside: Sequence[int]) -> list[str]:
    text = await stage.ask("(numbers) => thuocdo.keyboard.told(numbers)", list(inside))
    return keys_told(str(text))[:MOST_WAYS]


async def _helps(stage: Stage, inside: Sequence[int]) -> list[int]:
    """Return what in the trap promises help and can be pressed without sending anything."""
    found = []
    for number in inside:
        name = str(await stage.ask("(number) => thuocdo.keyboard.name(number)", number))
        if not _HELP.search(name):
            continue
        leads_away = await stage.ask(
            "([number, staying]) => !thuocdo.kept(number).matches(staying)",
            [number, _STAYING],
        )
        if not leads_away:
            found.append(number)
    return found[:MOST_HELPS]


async def _tried(stage: Stage, ways: Sequence[str], inside: Sequence[int]) -> bool:
    for keys in ways:
        await stage.ask("() => thuocdo.keyboard.stop()")  # where the last Tab led may still be taken back
        await stage.press(keys)
        for _ in range(len(inside) + 2):
            stop = await stage.ask("() => thuocdo.keyboard.stop()")
            if stop["at"] not in inside and not (stop["at"] == -1 and stop["passed"]):
                return True
            await stage.press("Tab")
    return False
