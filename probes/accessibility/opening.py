"""Opens the page that is examined, a home page by a visit and a form by its journey, each time in a context of its own."""

import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from playwright.async_api import Error

from probes.accessibility.stage import Standing
from probes.accessibility.world import IsolatedWorld
from probes.chromium.browser import Browser
from probes.chromium.playwright_page import PlaywrightPage
from probes.chromium.visit import visit
from probes.journeys.journey import open_form
from probes.journeys.submit_guard import SubmitGuard
from probes.tools import Tools
from thuocdo.core.model import Job, PageKind, Reason, TargetRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """How opening the page went; reason None = it stands there as it should."""

    reason: Reason | None
    detail: str
    page_kind: PageKind | None
    attributes: Mapping[str, str]

    @property
    def is_there(self) -> bool:
        """Whether a page of the portal is there to examine; where it is blank or not the expected one, findings give no score."""
        return self.reason is None or (self.page_kind is PageKind.PORTAL and self.reason is Reason.CONTENT_MISMATCH)


class Opener:
    """
    Opens the page of one job as often as it is needed; of two openings the earlier page is gone before the later one comes.

    A context manager, because pages are: how a page ends is said by what comes out of it (probes.chromium.browser).
    """

    def __init__(self, job: Job, tools: Tools, browser: Browser) -> None:
        self._job = job
        self._tools = tools
        self._browser = browser
        self._until = time.monotonic() + job.deadline_seconds
        self._around = AsyncExitStack()
        self._page: PlaywrightPage | None = None
        self._guard: SubmitGuard | None = None

    async def __aenter__(self) -> Self:
        """Begin; nothing is open yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Leave the page; raises what the browser makes of a fault."""
        return await self._around.__aexit__(kind, fault, trace)

    async def open(self, seconds: float) -> Opened:
        """
        Open the page within so many seconds.

        Raises:
            BrowserUnavailableError, TimeoutError, Error: as probes.chromium.browser.Browser.driven_page.

        """
        await self._around.aclose()
        self._page = await self._around.enter_async_context(
            self._browser.driven_page(
                self._tools.profiles[self._job.profile],
                deadline_seconds=max(0.1, self._until - time.monotonic()),
                target=self._job.target,
            )
        )
        self._guard = SubmitGuard(self._page)
        if self._job.target.role is TargetRole.EFORM:
            return await self._walk(self._page, seconds)
        await self._guard.arm()
        return await self._visit(self._page, seconds)

    async def standing(self) -> Standing:
        """Return the page as it stands, with our world in it; from now on it goes nowhere else by itself."""
        assert self._page is not None
        assert self._guard is not None
        self._page.gate.may_visit = _nowhere
        return Standing(opened=self._page, guard=self._guard, world=await IsolatedWorld.open(self._page.session))

    async def reopen(self, seconds: float) -> Standing:
        """Open the page anew; raises Error where it does not come as it did before, or would leave one more draft behind."""
        if self._page and self._page.gate.let_through:
            raise Error("to open the form again would make another draft")
        opened = await self.open(seconds)
        if not opened.is_there:
            raise Error(f"the page did not come again: {opened.reason}")
        return await self.standing()

    async def _walk(self, page: PlaywrightPage, seconds: float) -> Opened:
        form = await open_form(page, replace(self._job, deadline_seconds=seconds), self._tools)
        attributes = {"final_host": form.final_host, "retry_after": form.retry_after}
        seen = {name: value for name, value in attributes.items() if value}
        return Opened(reason=form.reason, detail=form.detail, page_kind=form.page_kind, attributes=seen)

    async def _visit(self, page: PlaywrightPage, seconds: float) -> Opened:
        page.gate.expect(self._job.target.url)
        sight = await visit(page.session, self._job, seconds=seconds, line=page.set_up.line)
        judgement = sight.judgement
        kind = judgement.page_kind if sight.attributes else None
        return Opened(reason=judgement.reason, detail=judgement.detail, page_kind=kind, attributes=sight.attributes)


async def _nowhere(_: str) -> bool:
    """Let the page go to no other document while it is examined."""
    return False
