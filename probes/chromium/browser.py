"""
Headless Chromium for all pages of an agent: a fresh context for every page, hard limits everywhere, relaunched when it dies.

There are two browsers. In the one for timed visits nothing is held up, because holding disturbs what is measured. In the other,
for pages that are walked through, pressed or typed into, every request waits for a decision (probes.chromium.page_gate); it
is begun when the first such page is wanted. Each page of either has a way out of its own that can be shut (probes.chromium.line).

A page can hang its own renderer, never the prober: what does not end within its limit is killed by process id.
Playwright is used for what it is good at (starting, journeys, engines in pages) and a light connection for timed visits; the
processes are ours to watch, because a driver or browser that is killed must not take the agent with it or be left behind.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

import structlog
from playwright.async_api import Error

from probes.chromium.executable import find_browser, missing_browser
from probes.chromium.life import ANSWER_SECONDS, Life, arguments
from probes.chromium.line import LineProxy
from probes.chromium.line_addresses import anywhere, outside, resolver_of
from probes.chromium.lives import Lives
from probes.chromium.playwright_page import PlaywrightPage
from probes.chromium.processes import CLOSE_SECONDS
from probes.chromium.slowdown import calibrate
from probes.chromium.tab import SetUp, Tab
from probes.net.addresses import reach_of
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Target
from thuocdo.core.profiles import LINES, PLAIN_PROFILE, PROFILES, UNSHAPED, Profile
from thuocdo.core.setting_groups import BrowserSettings

SUSPICIOUS_RATIO = 0.2
"""Of its deadline: a page that took longer may have waited for a browser that is frozen."""

PATIENCE_SECONDS = 4.0
"""For its answer then; a page that floods it with events keeps it busy for 1 to 4 s."""

OPEN_SECONDS = 8.0  # a context and a page, in a browser that is alive: 0.03 s
CALIBRATION_SECONDS = 10.0
LEAVE_SECONDS = 10.0  # a page that floods the browser with events keeps it busy for 1 to 4 s more; a hung one for ever

_LOST = "the browser died or froze during the probe; it is relaunched for the next one"

Opened = TypeVar("Opened", Tab, PlaywrightPage)

log = structlog.get_logger(__name__)


class Browser:
    """
    The browsers for all browser probes of this agent; safe for several pages at once.

    on_unreachable: called at once where a target's own host is not reached, so that our line is looked at in that moment: what
    is done after a failure takes long enough for it to come back.
    """

    def __init__(
        self,
        executable: Path,
        command_line: tuple[str, ...],
        *,
        memory_megabytes: int,
        user_agent: str,
        hosts: Mapping[str, str | None] | None,
    ) -> None:
        beginning = asyncio.Lock()

        def lives(*, guarded: bool) -> Lives:
            async def begin() -> Life:
                async with beginning:
                    return await Life.begin(executable, command_line, memory_megabytes, guarded=guarded)

            return Lives(begin)

        self._timed = lives(guarded=False)
        self._guarded = lives(guarded=True)
        self.on_unreachable: Callable[[], None] | None = None
        self._user_agent = user_agent
        self._hosts = hosts
        self._leaving: set[asyncio.Task[None]] = set()
        self._calibration = asyncio.Lock()
        self._phone_slowdown: float | None = None

    @classmethod
    async def launch(
        cls, settings: BrowserSettings, *, hosts: Mapping[str, str | None] | None, user_agent: str
    ) -> Self:
        """
        Start the browser.

        Args:
            settings: where it is and which private certificates it trusts.
            hosts: host -> IP address instead of the resolver (None = does not exist); where given, no other host exists.
            user_agent: our product token and contact, appended to Chromium's own user agent.

        Raises:
            BrowserUnavailableError: there is none, or it does not start; the message says what to do.

        """
        executable = find_browser(settings)
        if executable is None:
            raise BrowserUnavailableError(missing_browser(settings))
        browser = cls(
            executable,
            arguments(settings),
            memory_megabytes=settings.memory_megabytes,
            user_agent=user_agent,
            hosts=hosts,
        )
        await browser._timed.living()
        return browser

    @property
    def restarts_total(self) -> int:
        """Unplanned relaunches; recycling after many pages is not counted."""
        return self._timed.restarts_total + self._guarded.restarts_total

    @property
    def version(self) -> str:
        """Version of the running browser."""
        return self._timed.present.browser.version if self._timed.present else ""

    @property
    def pid(self) -> int | None:
        """Process id of the browser for timed visits, None while there is none."""
        life = self._timed.present
        return life.process.pid if life and life.alive else None

    @property
    def driver_pid(self) -> int | None:
        """Process id of Playwright's driver above it, None while there is none."""
        life = self._timed.present
        return life.driver.pid if life and life.alive else None

    @property
    def guarded_pid(self) -> int | None:
        """Process id of the browser for pages that are pressed, None while there is none."""
        life = self._guarded.present
        return life.process.pid if life and life.alive else None

    def attributes(self, profile: Profile) -> dict[str, str]:
        """Return what a measurement must tell of its conditions besides the profile's name, once a page was open with it."""
        return {"cpu_slowdown": f"{self._phone_slowdown:.2f}"} if profile.phone and self._phone_slowdown else {}

    @asynccontextmanager
    async def driven_page(
        self,
        profile: Profile,
        *,
        deadline_seconds: float,
        target: Target | None = None,
        storage_state: Mapping[str, Any] | None = None,
        with_line: bool = False,
    ) -> AsyncIterator[PlaywrightPage]:
        """
        Open a page that Playwright drives, for journeys and engines, in a context of its own; its driver's share in every event
        makes it no stop-watch. Every request of it is decided upon by its `gate`.

        Args:
            profile: as of `tab`.
            deadline_seconds: as of `tab`.
            target: as of `tab`.
            storage_state: cookies and local storage to begin with, as Playwright writes them.
            with_line: have a line that can be interrupted for a while in any case.

        Raises:
            BrowserUnavailableError, TimeoutError, Error: as `tab`.

        """
        async with self._opened(
            self._guarded,
            lambda life, set_up: PlaywrightPage.open(
                life.browser,
                life.connection,
                life.gate,
                replace(set_up, storage_state=storage_state),
                deadline_seconds,
            ),
            profile,
            deadline_seconds,
            target=target,
            with_line=with_line,
        ) as opened:
            yield opened

    @asynccontextmanager
    async def tab(
        self, profile: Profile, *, deadline_seconds: float, target: Target | None = None
    ) -> AsyncIterator[Tab]:
        """
        Open a page for timed visits, in a context of its own: nothing of earlier visits; popups, dialogs, downloads and workers
        are refused.

        Args:
            profile: viewport, touch, user agent, pace and line.
            deadline_seconds: for all that is done with the page, counted from when it is open.
            target: nothing in the page gets to where the probes of this target may not go; None = a page of our own.

        Raises:
            BrowserUnavailableError: the browser does not start, or died or froze; this page's fault is not known.
            TimeoutError: the deadline passed while the browser itself was well: the page is at fault.
            Error: Playwright's own, from the body; "Page crashed" where this page's renderer did.

        """
        async with self._opened(
            self._timed,
            lambda life, set_up: Tab.open(life.connection, set_up),
            profile,
            deadline_seconds,
            target=target,
        ) as tab:
            yield tab

    @asynccontextmanager
    async def _opened(
        self,
        lives: Lives,
        open_one: Callable[[Life, SetUp], Awaitable[Opened]],
        profile: Profile,
        deadline_seconds: float,
        *,
        target: Target | None,
        with_line: bool = False,
    ) -> AsyncIterator[Opened]:
        life = await lives.living()
        life.pages_open += 1
        life.pages_total += 1
        opened: Opened | None = None
        around = AsyncExitStack()  # what the page needs besides the browser, closed after it
        try:
            line = await around.enter_async_context(self._line(life, profile, target, with_line=with_line))
            opened = await self._open(life, open_one, await self._set_up(life, profile, line))
            started = time.monotonic()
            async with asyncio.timeout(deadline_seconds) as limit:
                # Whoever waits for an event of a page that is gone would wait for the whole deadline.
                opened.on_lost(lambda: None if limit.expired() else limit.reschedule(0.0))
                try:
                    yield opened
                finally:
                    opened.on_lost(lambda: None)
            if time.monotonic() - started > SUSPICIOUS_RATIO * deadline_seconds:
                await self._vouch(life, PATIENCE_SECONDS)
        except (Error, TimeoutError) as exc:
            if opened and opened.crashed:
                ended = life.guard.claim()
                raise Error(f"Page crashed: {ended.detail}" if ended else "Page crashed") from exc
            await self._vouch(life)
            raise
        finally:
            # A task of its own, kept: a second cancellation must not leave the context behind.
            leaving = asyncio.create_task(self._leave(lives, life, opened, around))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            await asyncio.wait({leaving}, timeout=CLOSE_SECONDS)

    async def close(self) -> None:
        """End the browsers and Playwright's drivers; nothing is left behind."""
        self._timed.is_closed = self._guarded.is_closed = True
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await asyncio.gather(self._timed.close(), self._guarded.close())

    @asynccontextmanager
    async def _line(
        self, life: Life, profile: Profile, target: Target | None, *, with_line: bool
    ) -> AsyncIterator[LineProxy]:
        """Open a page's way out; raises BrowserUnavailableError where this machine has none left."""
        shaped = with_line or profile.line != UNSHAPED.name
        admit = outside(reach_of(target), self._hosts) if target else anywhere
        async with AsyncExitStack() as around:
            try:
                line = await around.enter_async_context(
                    LineProxy.open(
                        LINES[profile.line] if shaped else None,
                        resolve=resolver_of(self._hosts),
                        admit=admit,
                        is_held=life.holds,
                        guarded=life.guarded,
                    )
                )
            except OSError as exc:
                told = f"a page got no way out of its own ({exc.strerror}); raise the limit of open files, `ulimit -n`"
                raise BrowserUnavailableError(told) from exc
            line.on_failure = lambda host: self._unreachable(target, host)
            life.lines.add(line)
            around.callback(life.lines.discard, line)
            yield line

    def _unreachable(self, target: Target | None, host: str) -> None:
        if self.on_unreachable and target and host == target.host:
            self.on_unreachable()

    async def _set_up(self, life: Life, profile: Profile, line: LineProxy) -> SetUp:
        agent = " ".join(filter(None, (life.user_agent, profile.user_agent_suffix, self._user_agent)))
        slowdown = await self._slowdown() if profile.phone else 1.0
        return SetUp(profile=profile, user_agent=agent, slowdown=slowdown, line=line)

    async def _slowdown(self) -> float:
        """Return by what factor this machine is faster than a phone; measured once, before the first phone is played."""
        async with self._calibration:
            if self._phone_slowdown is None:
                try:
                    async with self.tab(PROFILES[PLAIN_PROFILE], deadline_seconds=CALIBRATION_SECONDS) as tab:
                        self._phone_slowdown = await calibrate(tab.session)
                except (Error, TimeoutError) as exc:
                    raise BrowserUnavailableError(f"the pace of a phone could not be found out: {exc}") from exc
                log.info("phones run slower than this machine", factor=round(self._phone_slowdown, 2))
            return self._phone_slowdown

    async def _open(self, life: Life, open_one: Callable[[Life, SetUp], Awaitable[Opened]], set_up: SetUp) -> Opened:
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return await open_one(life, set_up)
        except (Error, TimeoutError) as exc:
            if not await life.answers():
                life.kill("no page could be opened")
            raise BrowserUnavailableError(_LOST) from exc

    async def _vouch(self, life: Life, seconds: float = ANSWER_SECONDS) -> None:
        """Make sure that the browser is well, or what the probe saw is none of the page's doing."""
        if not await life.answers(seconds):
            life.kill("the browser died or froze")
            raise BrowserUnavailableError(_LOST)

    async def _leave(
        self, lives: Lives, life: Life, opened: Tab | PlaywrightPage | None, around: AsyncExitStack
    ) -> None:
        if opened:
            opened.set_up.line.shut()  # whatever a page sends as it goes stays here
            if life.alive:
                try:
                    await asyncio.wait_for(opened.close(), LEAVE_SECONDS)
                except (Error, TimeoutError):
                    life.kill("a page's context did not close")
        await around.aclose()
        await lives.leave(life)
