"""
The way out of a trap that a page tells of: the keys that it names, pressed to see whether they lead out.

Only keys that are for moving and leaving are pressed, whatever a page tells: Ctrl+S may save, Ctrl+Enter may send.
"""

import re
from collections.abc import Sequence

from probes.accessibility.pressing import press_enter
from probes.accessibility.stage import ActContext

MOST_WAYS = 4
MOST_HELPS = 3
WAIT_MILLISECONDS = 100

_KEYS = re.compile(
    r"(?<!\w)((?:(?:ctrl|control|alt|shift|cmd|⌘)\s*(?:\+|-|và|and)\s*){1,4}(?:[a-z0-9]|f\d{1,2}|esc(?:ape)?|tab|enter|del(?:ete)?)"
    r"|esc(?:ape)?|f\d{1,2})(?!\w)",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"help|how to|instruction|keyboard|trợ giúp|hướng dẫn|cách |bàn phím|thoát|exit|leave", re.IGNORECASE
)
_PRESSED = re.compile(
    r"(Shift\+|Control\+)?(Escape|Tab|F6)|Shift\+F6|Arrow(Up|Down|Left|Right)|(Control|Control\+Shift)\+m",
    re.IGNORECASE,
)
"""Escape, Tab, F6 and the arrows; Ctrl+M, by which editors let go of the Tab key."""

_STAYING = 'a[href^="#"],button[type=button],[role=button]:not(a[href])'
"""What stays on the page when it is pressed."""

_KEYS_BY_NAME = {
    "esc": "Escape",
    "escape": "Escape",
    "tab": "Tab",
    "enter": "Enter",
    "del": "Delete",
    "delete": "Delete",
}
_NAMES = {"ctrl": "Control", "control": "Control", "alt": "Alt", "shift": "Shift", "cmd": "Meta", "⌘": "Meta"}


def keys_told(text: str) -> list[str]:
    """Return the keys that a text names, as Playwright calls them ("Control+m", "Escape"), each once, in order."""
    return list(dict.fromkeys(_called(found.group(1)) for found in _KEYS.finditer(text)))


def _called(keys: str) -> str:
    parts = [part.strip().casefold() for part in re.split(r"\+|-|(?<=\s)(?:và|and)(?=\s)", keys)]
    named = [_NAMES.get(part, part) for part in parts]
    last = named[-1]
    named[-1] = _KEYS_BY_NAME.get(last) or (last.upper() if re.fullmatch(r"f\d+", last) else last)
    return "+".join(named)


async def leads_out(stage: ActContext, inside: Sequence[int]) -> bool | None:
    """
    Tell whether a way that the page tells of leads out of a trap; Escape, which everybody tries, needs no telling.

    None = the page tells of keys that are not pressed, and no other way leads out.

    Args:
        stage: the focus is in the trap.
        inside: kept numbers of the controls that hold the focus.

    """
    if await _tried(stage, ["Escape"], inside):
        return True
    told = await _told(stage, inside)
    if await _tried(stage, told, inside):
        return True
    for number in await _helps(stage, inside):
        if not await press_enter(stage, number):
            continue
        await stage.page.wait_for_timeout(WAIT_MILLISECONDS)
        told = await _told(stage, inside)
        if await _tried(stage, told, inside):
            return True
    return None if any(not is_pressed(keys) for keys in told) else False


def is_pressed(keys: str) -> bool:
    """Tell whether these keys, as Playwright calls them, are pressed when a page tells of them."""
    return _PRESSED.fullmatch(keys) is not None


async def _told(stage: ActContext, inside: Sequence[int]) -> list[str]:
    text = await stage.ask("(numbers) => thuocdo.keyboard.told(numbers)", list(inside))
    return keys_told(str(text))


async def _helps(stage: ActContext, inside: Sequence[int]) -> list[int]:
    """Return what in the trap promises help, stays on the page, and is nothing that the list of acts names."""
    found = []
    for number in inside:
        name = str(await stage.ask("(number) => thuocdo.keyboard.name(number)", number))
        if not _HELP.search(name):
            continue
        harmless = await stage.ask(
            "([number, staying]) => thuocdo.kept(number).matches(staying) && !thuocdo.acts.control(thuocdo.kept(number))",
            [number, _STAYING],
        )
        if harmless:
            found.append(number)
    return found[:MOST_HELPS]


async def _tried(stage: ActContext, ways: Sequence[str], inside: Sequence[int]) -> bool:
    for keys in [one for one in ways if is_pressed(one)][:MOST_WAYS]:
        await stage.ask("() => thuocdo.keyboard.stop()")  # where the last Tab led may still be taken back
        await stage.press(keys)
        for _ in range(len(inside) + 2):
            stop = await stage.ask("() => thuocdo.keyboard.stop()")
            if stop["at"] not in inside and not (stop["at"] == -1 and stop["passed"]):
                return True
            await stage.press("Tab")
    return False
