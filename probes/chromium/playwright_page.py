"""
A page in a browser context of its own that Playwright drives: for journeys and engines, not for stop-watches.

Its requests are decided upon by its gate, and its sockets do not connect at all: Chromium holds no socket for a decision, so they
are taken off the page's line, and round the line there is no way.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from typing import Any, Self, cast

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, CDPSession, Error, Page

from probes.chromium.request_gate import PageGate, RequestGate
from probes.chromium.tab import BYPASS_SOCKETS, LANGUAGE, TIME_ZONE, SetUp

_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": False}


class PlaywrightPage:
    """
    A page in its own context that Playwright drives.

    session: of the page, its Page domain enabled. gate: of its requests; it lets through what only reads. crashed: its renderer
    is gone.
    """

    def __init__(
        self,
        context: BrowserContext,
        page: Page,
        session: CDPSession,
        gate: PageGate,
        gates: RequestGate,
        set_up: SetUp,
    ) -> None:
        self._context = context
        self._gates = gates
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._tell_lost: Callable[[], None] = _nobody_waits
        self.set_up = set_up
        self.page = page
        self.session = session
        self.gate = gate
        self.crashed = False
        page.on("crash", lambda _: self._crash())  # Playwright marks its handlers: no bound method
        context.on("close", lambda _: self._tell_lost())
        # Playwright dismisses dialogs by itself as long as nobody listens for them.
        context.on("page", _close_popup)

    @classmethod
    async def open(cls, browser: Chromium, gates: RequestGate, set_up: SetUp, deadline_seconds: float) -> Self:
        """
        Open it.

        Args:
            browser: whose requests `gates` holds.
            gates: lets its own gate decide from now on.
            set_up: how.
            deadline_seconds: the most that anything Playwright does with it may take.

        Raises:
            Error: the browser does not answer as it should.

        """
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
            proxy={"server": set_up.line.browser_url, "bypass": BYPASS_SOCKETS},
        )
        context.set_default_timeout(deadline_seconds * 1000)
        page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Page.enable")
        main_frame = str((await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"])
        gate = PageGate(main_frame=main_frame, line=set_up.line)
        opened = cls(context, page, session, gate, gates, set_up)
        await opened._guard()
        if set_up.slowdown > 1.0:
            await session.send("Emulation.setCPUThrottlingRate", {"rate": set_up.slowdown})
        return opened

    def on_lost(self, f: Callable[[], None]) -> None:
        """Call `f` once the page has crashed or the browser is gone."""
        self._tell_lost = f

    async def close(self) -> None:
        """Close the page with all its context; nothing that it asks for from now on is let go."""
        self.gate.shut()
        await self._context.close()
        self._gates.dismiss(self.gate)

    async def _guard(self) -> None:
        """Have all frames heard of before they ask for anything; those of other sites may live in processes of their own."""
        session = self.session
        self.gate.watch(session)
        session.on("Target.attachedToTarget", lambda event: self._spawn(self._attach(event)))
        session.on("Target.receivedMessageFromTarget", self._receive)
        await session.send("Target.setAutoAttach", _ATTACH)
        self._gates.admit(self.gate)

    async def _attach(self, event: Mapping[str, Any]) -> None:
        child = event["sessionId"]
        if event["targetInfo"]["type"] == "iframe":
            await self._tell_child(child, "Page.enable", {})
            await self._tell_child(child, "Target.setAutoAttach", _ATTACH)
        # Workers need no watching of their own: their requests are held as their page's.
        await self._tell_child(child, "Runtime.runIfWaitingForDebugger", {})

    async def _tell_child(self, child: str, method: str, parameters: dict[str, Any]) -> None:
        message = json.dumps({"id": next(self._numbers), "method": method, "params": parameters})
        with suppress(Error):
            await self.session.send("Target.sendMessageToTarget", {"sessionId": child, "message": message})

    def _receive(self, event: Mapping[str, Any]) -> None:
        message = json.loads(event["message"])
        if "method" in message:
            self.gate.take(message["method"], message["params"])

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _crash(self) -> None:
        self.crashed = True
        self._tell_lost()


def _nobody_waits() -> None:
    """Nobody waits any more."""


async def _close_popup(page: Page) -> None:
    with suppress(Error):
        await page.close()
