"""A page in a browser context of its own that Playwright drives: for journeys and engines, not for stop-watches."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self, cast

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Page

from probes.chromium.tab import BYPASS_NOTHING, LANGUAGE, TIME_ZONE, SetUp


class PlaywrightPage:
    """A page in its own context that Playwright drives. crashed: its renderer is gone."""

    def __init__(self, context: BrowserContext, page: Page, set_up: SetUp) -> None:
        self._context = context
        self.set_up = set_up
        self.page = page
        self.crashed = False
        self._tell_lost: Callable[[], None] = _nobody_waits
        page.on("crash", lambda _: self._crash())  # Playwright marks its handlers: no bound method
        context.on("close", lambda _: self._tell_lost())
        # Playwright dismisses dialogs by itself as long as nobody listens for them.
        context.on("page", _close_popup)

    @classmethod
    async def open(cls, browser: Chromium, set_up: SetUp, deadline_seconds: float) -> Self:
        """Open it; raises Error where the browser does not answer as it should."""
        profile = set_up.profile
        context = await browser.new_context(
            viewport={"width": profile.viewport_width, "height": profile.viewport_height},
            device_scale_factor=profile.scale_factor,
            has_touch=profile.touch,
            is_mobile=profile.touch,
            user_agent=set_up.user_agent,
            locale=LANGUAGE,
            timezone_id=TIME_ZONE,
            service_workers="block",
            accept_downloads=False,
            storage_state=cast("Any", set_up.storage_state),
            proxy={"server": set_up.line.url, "bypass": BYPASS_NOTHING} if set_up.line else None,
        )
        context.set_default_timeout(deadline_seconds * 1000)
        page = await context.new_page()
        if set_up.slowdown > 1.0:
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": set_up.slowdown})
        return cls(context, page, set_up)

    def on_lost(self, f: Callable[[], None]) -> None:
        """Call `f` once the page has crashed or the browser is gone."""
        self._tell_lost = f

    async def close(self) -> None:
        """Close the page with all its context."""
        await self._context.close()

    def _crash(self) -> None:
        self.crashed = True
        self._tell_lost()


def _nobody_waits() -> None:
    """Nobody waits any more."""


async def _close_popup(page: Page) -> None:
    with suppress(Error):
        await page.close()
