"""
The keys that we press again and again on a page that is tried: straight to the browser.

By way of Playwright each press costs its driver and both pipes, too: an accessibility probe took 3.26 CPU seconds so, and takes
2.87 (testbed's home page, 2026-11-29, both beside other work).
"""

from typing import Any

from playwright.async_api import Page

from probes.chromium.cdp import CdpSession

_TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
_SHIFT = {"key": "Shift", "code": "ShiftLeft", "windowsVirtualKeyCode": 16, "location": 1}
_DIGIT = {"text": "1", "key": "1", "code": "Digit1", "windowsVirtualKeyCode": 49}
_BACKSPACE = {"key": "Backspace", "code": "Backspace", "windowsVirtualKeyCode": 8}
_SHIFTED = 8

_STRAIGHT: dict[str, tuple[dict[str, Any], ...]] = {
    "Tab": ({"type": "rawKeyDown", **_TAB}, {"type": "keyUp", **_TAB}),
    "Shift+Tab": (
        {"type": "rawKeyDown", "modifiers": _SHIFTED, **_SHIFT},
        {"type": "rawKeyDown", "modifiers": _SHIFTED, **_TAB},
        {"type": "keyUp", "modifiers": _SHIFTED, **_TAB},
        {"type": "keyUp", **_SHIFT},
    ),
    "1": ({"type": "keyDown", **_DIGIT}, {"type": "keyUp", **_DIGIT}),
    "Backspace": ({"type": "keyDown", **_BACKSPACE}, {"type": "keyUp", **_BACKSPACE}),
}


async def press_straight(session: CdpSession, keys: str) -> None:
    """
    Press "Tab", "Shift+Tab", "1" or "Backspace".

    Raises:
        Error: the page is gone.

    """
    for event in _STRAIGHT[keys]:
        await session.send("Input.dispatchKeyEvent", event)


async def press(page: Page, session: CdpSession, keys: str) -> None:
    """
    Press any keys as a person does.

    Args:
        page: pressed on.
        session: of the same page.
        keys: as Playwright calls them ("Tab", "Shift+Tab", "Escape", "Control+m").

    Raises:
        Error: the page is gone.

    """
    if keys in _STRAIGHT:
        await press_straight(session, keys)
    else:
        await page.keyboard.press(keys)
