"""
How every request of a browser is held until the gate of its page (probes.chromium.page_gate) has decided about it.

Source: chromedevtools.github.io/devtools-protocol, domain Fetch.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog
from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.page_gate import ANNOUNCED_SECONDS, GateRefusal, Held, PageGate
from probes.redaction import redact_url

_EVERYTHING = {"patterns": [{"urlPattern": "*"}]}

log = structlog.get_logger(__name__)


class RequestGate:
    """
    Holds every request of a browser and has it decided by the gate of its page.

    Args:
        session: of the browser itself. If it ends, requests would pass undecided: its owner kills the browser then.
    """

    def __init__(self, session: CdpSession) -> None:
        self._session = session
        self._pages: set[PageGate] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Event()
        self.unknown_total = 0

    async def arm(self) -> None:
        """Hold everything from now on; to be awaited before the first page is opened."""
        self._session.on("Fetch.requestPaused", lambda event: self._take(event))
        await self._session.send("Fetch.enable", _EVERYTHING)

    def admit(self, page: PageGate) -> None:
        """Let a page's gate decide about the page's requests."""
        self._pages.add(page)
        self._arrived.set()
        self._arrived = asyncio.Event()

    def dismiss(self, page: PageGate) -> None:
        """Forget a page that is gone; what it still asks for does not go."""
        self._pages.discard(page)

    def _take(self, event: Mapping[str, Any]) -> None:
        """Decide about most requests where they stand; only those wait that something is still to be heard of."""
        held = Held.of(event)
        page = self._known(held.frame)
        if page and not page.needs_time(held):
            self._spawn(self._carry_out(event, held, page, page.decides_at_once(held)))
        else:
            self._spawn(self._judge(event, held))

    async def _judge(self, event: Mapping[str, Any], held: Held) -> None:
        page = await self._page_of(held.frame)
        await self._carry_out(event, held, page, await page.decides(held) if page else GateRefusal.UNANNOUNCED)

    async def _carry_out(
        self, event: Mapping[str, Any], held: Held, page: PageGate | None, refusal: GateRefusal | None
    ) -> None:
        """Let a held request go, or end it. Where we break, it stays held, which sends nothing."""
        identity = {"requestId": event["requestId"]}
        if page:
            page.note(held, refusal)
        else:
            self.unknown_total += 1
        with suppress(Error):  # the page is gone, and its requests with it
            if refusal is None:
                await self._session.send("Fetch.continueRequest", identity)
            elif page and page.answers(held):
                await self._session.send("Fetch.fulfillRequest", {**identity, "responseCode": 200})
            else:
                log.debug("request not let go", request=redact_url(held.url), why=str(refusal))
                # "Aborted" leaves the page where it is; "BlockedByClient" would put an error page in its place.
                await self._session.send("Fetch.failRequest", {**identity, "errorReason": "Aborted"})

    def _known(self, frame: str) -> PageGate | None:
        return next((page for page in self._pages if page.knows(frame)), None)

    async def _page_of(self, frame: str) -> PageGate | None:
        """Return the gate of a frame's page; None where no page says in time that it is its own."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANNOUNCED_SECONDS):
                while (page := self._known(frame)) is None:
                    await self._something_new()
                return page
        return None

    async def _something_new(self) -> None:
        signs = [self._arrived.wait(), *(page.changed() for page in self._pages)]
        waits = [asyncio.ensure_future(sign) for sign in signs]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
