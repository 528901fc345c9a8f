"""
How soon a settled page answers a key: one press of Tab, which a keyboard user makes first of all.

It moves the focus and nothing else. Whatever a page's scripts make of that cannot leave this machine: the page's line is shut by
then.
"""

import asyncio

import structlog
from playwright.async_api import Error

from probes.chromium.keys import press_straight
from probes.chromium.navigation import MovedOnError, Navigation
from probes.chromium.tab import Tab
from probes.redaction.errors import kept_error

SECONDS = 1.5
"""A page that takes longer gets no value; its long tasks tell of it."""

log = structlog.get_logger(__name__)


async def interaction_seconds(tab: Tab, page: Navigation) -> float | None:
    """
    Press Tab and return the time until the next frame is painted, in seconds; None where none came in time.

    Args:
        tab: of the page; nothing of it reaches anybody afterwards.
        page: settled and read.

    """
    try:
        async with asyncio.timeout(SECONDS):
            tab.set_up.line.shut()
            await page.ask("armKey()")
            await press_straight(tab.session, "Tab")
            milliseconds = await page.ask("readKey()")
    except (Error, MovedOnError, TimeoutError) as exc:
        log.debug("no interaction latency", cause=kept_error(str(exc)) or type(exc).__name__)
        return None
    return None if milliseconds is None else float(milliseconds) / 1000
