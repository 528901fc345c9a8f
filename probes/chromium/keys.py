"""
The keys that move the focus, pressed by the hundred on a page that is tried: straight to the browser.

By way of Playwright each press costs its driver and both pipes, too: an accessibility probe took 3.26 CPU seconds so, and takes
2.87 (testbed's home page, 2026-11-29).
"""

from typing import Any

from playwright.async_api import Page

from probes.chromium.cdp import Session

_TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
_SHIFT = {"key": "Shift", "code": "ShiftLeft", "windowsVirtualKeyCode": 16, "location": 1}
_SHIFTED = 8

_DOWN, _UP = "rawKeyDown", "keyUp"
_MOVING: dict[str, tuple[dict[str, Any], ...]] = {
    "Tab": ({"type": _DOWN, **_TAB}, {"type": _UP, **_TAB}),
    "Shift+Tab": (
        {"type": _DOWN, "modifiers": _SHIFTED, **_SHIFT},
        {"type": _DOWN, "modifiers": _SHIFTED, **_TAB},
        {"type": _UP, "modifiers": _SHIFTED, **_TAB},
        {"type": _UP, **_SHIFT},
    ),
}


async def press_tab(session: Session) -> None:
    """
    Press Tab.

    Raises:
        Error: the page is gone.

    """
    await _send(session, "Tab")


async def press(page: Page, session: Session, keys: str) -> None:
    """
    Press keys as a person does.

    Args:
        page: pressed on.
        session: of the same page.
        keys: as Playwright calls them ("Tab", "Shift+Tab", "Escape", "Control+m").

    Raises:
        Error: the page is gone.

    """
    if keys in _MOVING:
        await _send(session, keys)
    else:
        await page.keyboard.press(keys)


async def _send(session: Session, keys: str) -> None:
    for event in _MOVING[keys]:
        await session.send("Input.dispatchKeyEvent", event)
