"""
A page in a browser context of its own that Playwright drives: for journeys and engines, not for stop-watches.

Its requests are decided upon by its gate, and its sockets do not connect at all: Chromium holds no socket for a decision, so they
are taken off the page's line, and round the line there is no way.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Self, cast

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Page

from probes.chromium.cdp import Connection, LightSession
from probes.chromium.page_gate import PageGate
from probes.chromium.request_gate import RequestGate
from probes.chromium.tab import BYPASS_SOCKETS, LANGUAGE, TIME_ZONE, SetUp

_ATTACH = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}


class PlaywrightPage:
    """
    A page in its own context that Playwright drives.

    session: of the page, over the light connection, its Page domain enabled. gate: of its requests; it lets through what only
    reads. crashed: its renderer is gone.
    """

    def __init__(
        self,
        context: BrowserContext,
        page: Page,
        connection: Connection,
        session: LightSession,
        gate: PageGate,
        gates: RequestGate,
        set_up: SetUp,
    ) -> None:
        self._context = context
        self._connection = connection
        self._gates = gates
        self._sessions = [session]
        self._scripts: list[str] = []
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
    async def open(
        cls, browser: Chromium, connection: Connection, gates: RequestGate, set_up: SetUp, deadline_seconds: float
    ) -> Self:
        """
        Open it.

        Args:
            browser: whose requests `gates` holds.
            connection: to the same browser, the light one.
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
        session = await connection.attach(await _target_of(context, page))
        await session.send("Page.enable")
        main_frame = str((await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"])
        gate = PageGate(main_frame=main_frame, line=set_up.line)
        opened = cls(context, page, connection, session, gate, gates, set_up)
        await opened._guard()
        if set_up.slowdown > 1.0:
            await session.send("Emulation.setCPUThrottlingRate", {"rate": set_up.slowdown})
        return opened

    async def add_script(self, source: str) -> None:
        """Have a script run before those of each document and frame, the first added first; told before the first navigation."""
        self._scripts.append(source)
        for session in self._sessions:
            await session.send("Page.addScriptToEvaluateOnNewDocument", {"source": source})

    def on_lost(self, f: Callable[[], None]) -> None:
        """Call `f` once the page has crashed or the browser is gone."""
        self._tell_lost = f

    async def close(self) -> None:
        """Close the page with all its context; nothing that it asks for from now on is let go."""
        self.gate.shut()
        await self._context.close()
        self._gates.dismiss(self.gate)
        for session in self._sessions:
            self._connection.forget(session)

    async def _guard(self) -> None:
        """Have all frames heard of before they ask for anything; those of other sites may live in processes of their own."""
        await self._watch(self.session)
        self._gates.admit(self.gate)

    async def _watch(self, session: LightSession) -> None:
        self.gate.watch(session)
        session.on("Target.attachedToTarget", lambda event: self._spawn(self._attach(event)))
        await session.send("Target.setAutoAttach", _ATTACH)

    async def _attach(self, event: Mapping[str, Any]) -> None:
        child = self._connection.adopt(event["sessionId"])
        self._sessions.append(child)
        with suppress(Error):  # it is gone already
            # Workers need no watching of their own: their requests are held as their page's.
            if event["targetInfo"]["type"] == "iframe":
                await child.send("Page.enable")
                for source in self._scripts:
                    await child.send("Page.addScriptToEvaluateOnNewDocument", {"source": source})
                await self._watch(child)
            await child.send("Runtime.runIfWaitingForDebugger")

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _crash(self) -> None:
        self.crashed = True
        self._tell_lost()


async def _target_of(context: BrowserContext, page: Page) -> str:
    session = await context.new_cdp_session(page)
    told = await session.send("Target.getTargetInfo")
    await session.detach()
    return str(told["targetInfo"]["targetId"])


def _nobody_waits() -> None:
    """Nobody waits any more."""


async def _close_popup(page: Page) -> None:
    with suppress(Error):
        await page.close()
