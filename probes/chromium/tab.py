"""
A page in a browser context of its own, driven over the light connection: nothing of earlier visits, nothing left of this one.

It refuses what a page may ask of a visitor: dialogs are dismissed, downloads denied, service workers bypassed; new windows are
blocked for the whole browser (probes.chromium.browser).
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

from playwright.async_api import Error

from probes.chromium.cdp import Connection, LightSession
from probes.chromium.line import LineProxy
from thuocdo.core.profiles import Profile

LANGUAGE = "vi-VN"
TIME_ZONE = "Asia/Ho_Chi_Minh"
BYPASS_NOTHING = "<-loopback>"  # Chromium leaves a proxy out for loopback addresses unless told not to
BYPASS_SOCKETS = f"{BYPASS_NOTHING},ws://*,wss://*"
"""Takes a page's sockets off its line; as Chromium finds no host by itself, they never connect, whoever opens them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """
    How a page is set up.

    user_agent: the whole header. slowdown: scripts run so many times slower than this machine can. line: that all its requests
    take. storage_state: cookies and local storage to begin with, for pages that Playwright drives.
    """

    profile: Profile
    user_agent: str
    line: LineProxy
    slowdown: float = 1.0
    storage_state: Mapping[str, Any] | None = field(default=None, repr=False)


class Tab:
    """
    One page.

    session: of the page. set_up: how it was opened. crashed: its renderer is gone.
    """

    def __init__(self, connection: Connection, context_id: str, session: LightSession, set_up: SetUp) -> None:
        self._connection = connection
        self._context_id = context_id
        self._answers: set[asyncio.Task[None]] = set()
        self.session = session
        self.set_up = set_up
        self.crashed = False
        session.on("Inspector.targetCrashed", self._crash)
        session.on("Page.javascriptDialogOpening", self._dismiss)

    @classmethod
    async def open(cls, connection: Connection, set_up: SetUp) -> Self:
        """Open a blank page; raises Error where the browser does not answer as it should."""
        profile = set_up.profile
        proxy = {"proxyServer": set_up.line.browser_url, "proxyBypassList": BYPASS_NOTHING}
        context = {"disposeOnDetach": True, **proxy}
        told = await connection.send("Target.createBrowserContext", context)
        context_id = str(told["browserContextId"])
        try:
            target = await connection.send(
                "Target.createTarget",
                {
                    "url": "about:blank",
                    "browserContextId": context_id,
                    "width": profile.viewport_width,
                    "height": profile.viewport_height,
                },
            )
            tab = cls(connection, context_id, await connection.attach(str(target["targetId"])), set_up)
            await tab._prepare()
        except BaseException:
            with suppress(Error):
                await connection.send("Target.disposeBrowserContext", {"browserContextId": context_id})
            raise
        return tab

    def on_lost(self, f: Callable[[], None]) -> None:
        """Call `f` once the page has crashed or the browser is gone."""
        self.session.on_lost = f

    async def close(self) -> None:
        """Close the page with all its context; raises Error where the browser does not answer."""
        for answer in self._answers:
            answer.cancel()
        await self._connection.send("Target.disposeBrowserContext", {"browserContextId": self._context_id})
        self._connection.forget(self.session)

    async def _prepare(self) -> None:
        set_up = self.set_up
        profile = set_up.profile
        commands: list[tuple[str, dict[str, Any]]] = [
            ("Page.enable", {}),
            ("Inspector.enable", {}),
            (
                "Emulation.setDeviceMetricsOverride",
                {
                    "width": profile.viewport_width,
                    "height": profile.viewport_height,
                    "deviceScaleFactor": profile.scale_factor,
                    "mobile": profile.touch,
                },
            ),
            ("Emulation.setUserAgentOverride", {"userAgent": set_up.user_agent, "acceptLanguage": LANGUAGE}),
            ("Emulation.setLocaleOverride", {"locale": LANGUAGE}),
            ("Emulation.setTimezoneOverride", {"timezoneId": TIME_ZONE}),
            ("Network.setBypassServiceWorker", {"bypass": True}),
        ]
        if profile.touch:
            commands.append(("Emulation.setTouchEmulationEnabled", {"enabled": True}))
        if set_up.slowdown > 1.0:
            commands.append(("Emulation.setCPUThrottlingRate", {"rate": set_up.slowdown}))
        await asyncio.gather(
            self._connection.send(
                "Browser.setDownloadBehavior", {"behavior": "deny", "browserContextId": self._context_id}
            ),
            *(self.session.send(method, params) for method, params in commands),
        )

    def _crash(self, _: dict[str, Any]) -> None:
        self.crashed = True
        self.session.lose()

    def _dismiss(self, dialog: dict[str, Any]) -> None:
        # To leave a page that asks "really?" is to accept; everything else is refused.
        accept = dialog.get("type") == "beforeunload"
        self._answer(lambda: self.session.send("Page.handleJavaScriptDialog", {"accept": accept}))

    def _answer(self, command: Callable[[], Any]) -> None:
        async def send() -> None:
            with suppress(Error):  # the page went on without waiting for us
                await command()

        task = asyncio.create_task(send())
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)
