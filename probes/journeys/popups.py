"""
Closes what lies over the way or the form: an announcement over a whole page, which a person would close and go on.

Only what is called by closing is pressed, and only where a control of the way, or a form, cannot be got at for it; nothing is
agreed to.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from importlib.resources import files

from playwright.async_api import Error, Frame, Locator, Page
from playwright.async_api import TimeoutError as LateError

from probes.journeys.controls import shown_frames
from probes.journeys.journey_end import StopError
from probes.spelling import spelling_script
from thuocdo.core.model import Reason

COVERED_SECONDS = 1.5
"""A control that cannot be clicked for so long may have something over it."""

FADED_SECONDS = 1.0
"""What was closed is gone after so long at the latest."""

MOST_CLOSED = 3

_BARRED = "() => window.thuocdoForm?.barredElement() ?? null"
_CLOSES = "[data-thuocdo-closes]"
_MARKING = (files("probes.journeys") / "popups.js").read_text(encoding="utf-8").strip()
_SCRIPT = f"(control, still) => ({_MARKING})(control, {spelling_script()}, still)"


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


async def close_over_fields(page: Page) -> bool:
    """Close one thing that lies over fields of a page, or of a frame in it; tells whether there was one that may be closed."""
    async for frame in _frames(page):
        with suppress(Error):  # a frame on its way to another document, or what was pressed did not take it
            field = (await frame.evaluate_handle(_BARRED)).as_element()
            if field and (await field.evaluate(_SCRIPT, arg=True))["closes"]:
                closer = frame.locator(_CLOSES).first
                await closer.click(no_wait_after=True, timeout=1000 * COVERED_SECONDS)
                with suppress(Error):  # what fades away is not to be closed once more
                    await closer.wait_for(state="hidden", timeout=1000 * FADED_SECONDS)
                return True
    return False


async def _frames(page: Page) -> AsyncIterator[Frame]:
    yield page.main_frame
    async for frame in shown_frames(page):
        yield frame
