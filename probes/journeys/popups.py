"""
Closes what lies over the way: an announcement over a whole page, which a person would close and go on.

Only what is called by closing is pressed, and only where a control of the way cannot be reached for it; nothing is agreed to.
"""

from importlib.resources import files

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as LateError

from probes.journeys.journey_end import StopError
from probes.spelling import spelling_script
from thuocdo.core.model import Reason

COVERED_SECONDS = 1.5
"""A control that cannot be clicked for so long may have something over it."""

MOST_CLOSED = 3

_CLOSES = "[data-thuocdo-closes]"
_MARKING = (files("probes.journeys") / "popups.js").read_text(encoding="utf-8").strip()
_SCRIPT = f"(control) => ({_MARKING})(control, {spelling_script()})"


async def click_uncovered(control: Locator) -> None:
    """
    Click a control; where something lies over it that a person would close, after closing it. Waits without end otherwise.

    Raises:
        StopError: what lies over it asks for something else, and stays.
    """
    asked = 0
    while asked <= MOST_CLOSED:
        asked += 1
        try:
            await control.click(no_wait_after=True, timeout=1000 * COVERED_SECONDS)
        except LateError:
            over = await control.evaluate(_SCRIPT)
            if over["closes"]:
                await control.page.locator(_CLOSES).first.click(no_wait_after=True, timeout=1000 * COVERED_SECONDS)
            elif not over["asks"]:
                break
        else:
            return
    if asked > MOST_CLOSED:
        raise StopError(Reason.INTERNAL_ERROR, "what lies over the way asks for something first; it was not pressed")
    await control.click(no_wait_after=True)
