"""
How soon an opened form answers a person who types or chooses; nothing that was tried stays in a field.

The page's gate is shut before the first key, so that no script can tell anybody what was typed; the guard of the journey still
stands.
"""

import asyncio
from dataclasses import dataclass
from importlib.resources import files

import structlog
from playwright.async_api import Error, JSHandle, Page

from probes.chromium.keys import press_straight
from probes.chromium.playwright_page import PlaywrightPage
from probes.redaction.errors import kept_error

SECONDS = 2.5
"""For all of it; what was found until then stands."""

MOST_FIELDS = 6

_SCRIPT = (files("probes.journeys") / "liveliness.js").read_text(encoding="utf-8")
_KEY = "1"
"""A digit may be typed into numbers, telephones and texts alike."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Liveliness:
    """The worst latencies seen, in seconds; None where there was nothing to try."""

    typing_seconds: float | None = None
    choosing_seconds: float | None = None


async def liveliness(opened: PlaywrightPage) -> Liveliness:
    """
    Type one character into some fields and take it out again; choose another entry of some lists and the old one again.

    Args:
        opened: with the form opened; nothing of it reaches anybody afterwards.

    """
    seen = Liveliness()
    session = opened.session
    try:
        async with asyncio.timeout(SECONDS):
            opened.gate.shut()
            form, texts = await _form(opened.page)
            for index in range(texts):
                if not await form.evaluate("(form, index) => form.focus(index)", index):
                    continue
                await press_straight(session, _KEY)
                milliseconds = await form.evaluate("(form) => form.typed()")
                await press_straight(session, "Backspace")
                await form.evaluate("(form) => form.restore()")
                seen.typing_seconds = max(seen.typing_seconds or 0.0, milliseconds / 1000)
            milliseconds = await form.evaluate("(form, most) => form.choose(most)", MOST_FIELDS)
            seen.choosing_seconds = None if milliseconds is None else milliseconds / 1000
    except (Error, TimeoutError) as exc:
        log.debug("no liveliness of the form", cause=kept_error(str(exc)) or type(exc).__name__)
    return seen


async def _form(page: Page) -> tuple[JSHandle, int]:
    """Return our hand in the frame that holds most fields to type into, and how many of them will be tried."""
    found: list[tuple[JSHandle, int]] = []
    for frame in page.frames:
        form = await frame.evaluate_handle(f"{_SCRIPT.strip()}()")
        found.append((form, await form.evaluate("(form, most) => form.texts(most)", MOST_FIELDS)))
    return max(found, key=lambda one: one[1])
