"""
One long-lived headless Chromium: a fresh context for every page, hard limits everywhere, relaunched when it dies.

A page can hang its own renderer, never the prober: what does not end within its limit is killed by process id.
Playwright is used for what it is good at (starting, journeys, engines in pages) and a light connection for timed visits; the
processes are ours to watch, because a driver or browser that is killed must not take the agent with it or be left behind.
"""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self, TypeVar

import psutil
import structlog
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, CDPSession, Error, Page, Playwright, async_playwright

from probes.chromium.cdp import Connection
from probes.chromium.tab import LANGUAGE, TIME_ZONE, SetUp, Tab
from thuocdo.config import BrowserSettings
from thuocdo.errors import BrowserUnavailableError
from thuocdo.profiles import Profile

BROWSER_VARIABLE = "THUOCDO_BROWSER"
LAUNCH_SECONDS = 20.0  # measured: 0.3 to 0.6 s; a busy machine needs more
OPEN_SECONDS = 8.0  # a context and a page, in a browser that is alive: 0.03 s
CLOSE_SECONDS = 2.0
FILE_SECONDS = 0.02  # between two looks for a file of the browser
ANSWER_SECONDS = 1.5
PAGES_PER_LIFE = 500  # Playwright's driver keeps memory per page: measured 200 MB after 300
SCRIPT_HEAP_MEGABYTES = 512  # a page that wants more crashes alone instead of taking the machine's memory

_LOST = "the browser died or froze during the probe; it is relaunched for the next one"

Opened = TypeVar("Opened", "Tab", "_PlaywrightPage")

log = structlog.get_logger(__name__)


def find_browser(settings: BrowserSettings) -> Path | None:
    """
    Return the browser to use: $THUOCDO_BROWSER, the setting browser.path, Playwright's own headless shell, then the PATH.

    What a person names is final: where it is no executable file the answer is None, not some other browser.
    """
    named = os.environ.get(BROWSER_VARIABLE) or settings.path
    if named:
        path = Path(named)
        return path if path.is_file() and os.access(path, os.X_OK) else None
    own = _playwright_shell()
    if own:
        return own
    found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    return Path(found) if found else None


class Browser:
    """
    One browser process for all browser probes of this agent; safe for several pages at once.

    restarts_total: unplanned relaunches; recycling after many pages is not counted.
    """

    def __init__(self, executable: Path, arguments: tuple[str, ...], user_agent: str) -> None:
        self._executable = executable
        self._arguments = arguments
        self._user_agent = user_agent
        self._life: _Life | None = None
        self._retired: set[_Life] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._lock = asyncio.Lock()
        self._closed = False
        self.restarts_total = 0

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
            raise BrowserUnavailableError(_missing_browser(settings))
        browser = cls(executable, _arguments(settings, hosts), user_agent)
        await browser._ensure()
        return browser

    @property
    def version(self) -> str:
        """Version of the running browser."""
        return self._life.browser.version if self._life else ""

    @property
    def pid(self) -> int | None:
        """Process id of the running browser, None while there is none."""
        return self._life.process.pid if self._life and self._life.alive else None

    @property
    def driver_pid(self) -> int | None:
        """Process id of Playwright's driver, None while there is none."""
        return self._life.driver.pid if self._life and self._life.alive else None

    @asynccontextmanager
    async def page(self, profile: Profile, *, deadline_seconds: float) -> AsyncIterator[Page]:
        """
        Open a page for Playwright to drive, in a context of its own; its driver's share in every event makes it no stop-watch.

        Args and Raises: as `tab`, whose promises it keeps too.
        """
        async with self._opened(
            lambda life, set_up: _PlaywrightPage.open(life.browser, set_up, deadline_seconds), profile, deadline_seconds
        ) as opened:
            yield opened.page

    @asynccontextmanager
    async def tab(self, profile: Profile, *, deadline_seconds: float) -> AsyncIterator[Tab]:
        """
        Open a page for timed visits, in a context of its own: nothing of earlier visits; popups, dialogs, downloads and workers
        are refused.

        Args:
            profile: viewport, touch, user agent, pace and line.
            deadline_seconds: for all that is done with the page, counted from when it is open.

        Raises:
            BrowserUnavailableError: the browser does not start, or died or froze; this page's fault is not known.
            TimeoutError: the deadline passed while the browser itself was well: the page is at fault.
            Error: Playwright's own, from the body; "Page crashed" where this page's renderer did.

        """
        async with self._opened(
            lambda life, set_up: Tab.open(life.connection, set_up), profile, deadline_seconds
        ) as tab:
            yield tab

    @asynccontextmanager
    async def _opened(
        self, open_one: Callable[["_Life", SetUp], Awaitable[Opened]], profile: Profile, deadline_seconds: float
    ) -> AsyncIterator[Opened]:
        life = await self._ensure()
        life.pages_open += 1
        life.pages_total += 1
        opened: Opened | None = None
        try:
            opened = await self._open(life, open_one, profile)
            async with asyncio.timeout(deadline_seconds) as limit:
                # Whoever waits for an event of a page that is gone would wait for the whole deadline.
                opened.on_lost(lambda: None if limit.expired() else limit.reschedule(0.0))
                try:
                    yield opened
                finally:
                    opened.on_lost(_nothing)
        except (Error, TimeoutError) as exc:
            if opened and opened.crashed:
                raise Error("Page crashed") from exc
            if not await life.answers():
                life.kill("the browser died or froze")
                raise BrowserUnavailableError(_LOST) from exc
            raise
        finally:
            # A task of its own, kept: a second cancellation must not leave the context behind.
            leaving = asyncio.create_task(self._leave(life, opened))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            await asyncio.shield(leaving)

    async def close(self) -> None:
        """End the browser and Playwright's driver; nothing is left behind."""
        self._closed = True
        await asyncio.gather(*self._leaving, return_exceptions=True)
        async with self._lock:
            lives = {*self._retired, *([self._life] if self._life else [])}
            self._life = None
            self._retired.clear()
            for life in lives:
                await life.end()

    async def _ensure(self) -> "_Life":
        """Return a living browser: relaunched where it died, recycled after many pages."""
        async with self._lock:
            if self._closed:
                raise BrowserUnavailableError("the browser is closed; start the agent again")
            life = self._life
            if life and life.alive and life.pages_total < PAGES_PER_LIFE:
                return life
            self._life = None
            if life and life.alive:
                self._retired.add(life)  # its last page ends it
                await self._end_if_idle(life)
            elif life:
                self.restarts_total += 1
                log.warning("browser is relaunched", pid=life.process.pid, restarts_total=self.restarts_total)
                await life.end()
            self._life = await _Life.begin(self._executable, self._arguments)
            return self._life

    async def _open(
        self, life: "_Life", open_one: Callable[["_Life", SetUp], Awaitable[Opened]], profile: Profile
    ) -> Opened:
        agent = " ".join(filter(None, (life.user_agent, profile.user_agent_suffix, self._user_agent)))
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return await open_one(life, SetUp(profile=profile, user_agent=agent))
        except (Error, TimeoutError) as exc:
            life.kill("no page could be opened")
            raise BrowserUnavailableError(_LOST) from exc

    async def _leave(self, life: "_Life", opened: "Tab | _PlaywrightPage | None") -> None:
        if opened and life.alive:
            try:
                await asyncio.wait_for(opened.close(), CLOSE_SECONDS)
            except (Error, TimeoutError):
                life.kill("a page's context did not close")
        life.pages_open -= 1
        async with self._lock:
            await self._end_if_idle(life)

    async def _end_if_idle(self, life: "_Life") -> None:
        if life in self._retired and life.pages_open == 0:
            self._retired.discard(life)
            await life.end()


class _PlaywrightPage:
    """A page in its own context that Playwright drives. crashed: its renderer is gone."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._context = context
        self.page = page
        self.crashed = False
        self._tell_lost: Callable[[], None] = _nothing
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
            proxy={"server": set_up.proxy_url, "bypass": "<-loopback>"} if set_up.proxy_url else None,
        )
        context.set_default_timeout(deadline_seconds * 1000)
        page = await context.new_page()
        if set_up.slowdown > 1.0:
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": set_up.slowdown})
        return cls(context, page)

    def on_lost(self, f: Callable[[], None]) -> None:
        """Call `f` once the page has crashed or the browser is gone."""
        self._tell_lost = f

    async def close(self) -> None:
        """Close the page with all its context."""
        await self._context.close()

    def _crash(self) -> None:
        self.crashed = True
        self._tell_lost()


@dataclass(slots=True, kw_only=True, eq=False)
class _Life:
    """One life of the browser: Playwright's driver, the browser under it, and their processes."""

    playwright: Playwright
    browser: Chromium
    connection: Connection
    control: CDPSession
    process: psutil.Process
    driver: psutil.Process
    user_agent: str
    scratch: tuple[Path, ...]
    pages_open: int = 0
    pages_total: int = 0
    killed: bool = False

    @classmethod
    async def begin(cls, executable: Path, arguments: tuple[str, ...]) -> Self:
        """Start driver and browser, or raise BrowserUnavailableError and leave nothing behind."""
        playwright = await async_playwright().start()
        artifacts = Path(tempfile.mkdtemp(prefix="thuocdo-browser-"))
        try:
            async with asyncio.timeout(LAUNCH_SECONDS):
                browser = await playwright.chromium.launch(
                    executable_path=executable,
                    # Besides Playwright's own pipe: the light connection, on loopback and under a secret path.
                    args=["--remote-debugging-port=0", *arguments],
                    artifacts_dir=artifacts,
                    # As root Chromium refuses to start with its sandbox; everybody else keeps it.
                    chromium_sandbox=os.geteuid() != 0,
                    handle_sigint=False,  # Ctrl-C is the agent's: it ends the browser when the probes in flight are stored
                    handle_sigterm=False,
                    handle_sighup=False,
                )
                control = await browser.new_browser_cdp_session()
                about = await control.send("Browser.getVersion")
                info = await control.send("SystemInfo.getProcessInfo")
                pid = next(int(entry["id"]) for entry in info["processInfo"] if entry["type"] == "browser")
                process = psutil.Process(pid)
                connection = await Connection.open(await _debugging_address(process))
            return cls(
                playwright=playwright,
                browser=browser,
                connection=connection,
                control=control,
                process=process,
                driver=_driver_above(process),
                user_agent=about["userAgent"],
                scratch=(artifacts, *_profile_folder(process)),
            )
        except (Error, TimeoutError, OSError, psutil.Error) as exc:
            await playwright.stop()
            shutil.rmtree(artifacts, ignore_errors=True)
            raise BrowserUnavailableError(
                f"the browser {executable} does not start ({_first_line(exc)}); run `{executable} --version` as this user, "
                f"or name another one in {BROWSER_VARIABLE}"
            ) from exc

    @property
    def alive(self) -> bool:
        """Whether driver and browser run and are connected."""
        return not self.killed and self.browser.is_connected() and _runs(self.process) and _runs(self.driver)

    async def answers(self) -> bool:
        """Whether the browser process itself (not a page) still reacts."""
        if not self.alive:
            return False
        try:
            await asyncio.wait_for(self.control.send("Browser.getVersion"), ANSWER_SECONDS)
        except (Error, TimeoutError):
            return False
        return True

    def kill(self, why: str) -> None:
        """Kill the browser with all its children at once; pages in it end with an error."""
        if self.alive:
            log.warning("browser is killed", pid=self.process.pid, why=why)
        self.killed = True
        _kill_tree(self.process)

    async def end(self) -> None:
        """Close politely within a limit, then make sure: no process and no scratch folder remains."""
        with suppress(Error, TimeoutError):
            if self.alive:
                await asyncio.wait_for(self.browser.close(), CLOSE_SECONDS)
        await self.connection.close()
        self.kill("it did not close")
        try:
            await asyncio.wait_for(self.playwright.stop(), CLOSE_SECONDS)
        except (Error, TimeoutError):
            log.warning("Playwright's driver did not stop and is killed", pid=self.driver.pid)
        _kill_tree(self.driver)
        for folder in self.scratch:  # the driver removes its own when it ends in peace; killed, it cannot
            shutil.rmtree(folder, ignore_errors=True)


def _arguments(settings: BrowserSettings, hosts: Mapping[str, str | None] | None) -> tuple[str, ...]:
    arguments = [
        # On a machine without internet Chromium's own requests would disturb the measurement.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-pings",
        "--block-new-web-contents",  # no popups: requests of another page would escape the submit guard of this one
        # The headless shell has all frames of a page in one process; a full Chromium shall do the same, so that one
        # session sees the bytes of all frames.
        "--disable-site-isolation-trials",
        "--disable-quic",  # timings over TCP and over QUIC must not be mixed in one series
        f"--js-flags=--max-old-space-size={SCRIPT_HEAP_MEGABYTES}",
    ]
    if hosts is not None:
        rules = [f"MAP {host} {address or '~NOTFOUND'}" for host, address in sorted(hosts.items())]
        rules += ["EXCLUDE localhost", "EXCLUDE 127.0.0.1", "EXCLUDE [::1]", "MAP * ~NOTFOUND"]
        arguments.append(f"--host-resolver-rules={','.join(rules)}")
    if settings.trusted_keys:
        arguments.append(f"--ignore-certificate-errors-spki-list={','.join(settings.trusted_keys)}")
    return tuple(arguments)


def _playwright_shell() -> Path | None:
    """Return the headless shell that `playwright install --only-shell chromium` put there, for this very Playwright."""
    package = Path(str(files("playwright"))) / "driver" / "package"
    catalogue = json.loads((package / "browsers.json").read_text(encoding="utf-8"))
    revision = next(entry["revision"] for entry in catalogue["browsers"] if entry["name"] == "chromium-headless-shell")
    place = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folder = package / ".local-browsers" if place == "0" else Path(place or Path.home() / ".cache" / "ms-playwright")
    candidates = sorted(folder.glob(f"chromium_headless_shell-{revision}/*/*headless*shell"))
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def _missing_browser(settings: BrowserSettings) -> str:
    variable = os.environ.get(BROWSER_VARIABLE)
    if variable:
        return f"{BROWSER_VARIABLE}: {variable} is no executable file; correct the path or unset the variable"
    if settings.path:
        return f"browser.path: {settings.path} is no executable file; correct the path or leave the key out"
    return (
        "no browser found; run `make setup`, install Debian's chromium-headless-shell, "
        f"or name a Chromium in {BROWSER_VARIABLE}"
    )


def _nothing() -> None:
    """Nobody waits any more."""


async def _close_popup(page: Page) -> None:
    with suppress(Error):
        await page.close()


def _driver_above(process: psutil.Process) -> psutil.Process:
    """Return the ancestor that is our own child: Playwright's driver (a wrapper script may stand between)."""
    for ancestor in process.parents():
        if ancestor.ppid() == os.getpid():
            return ancestor
    raise psutil.NoSuchProcess(process.pid, msg="the browser is no descendant of this process")


def _profile_folder(process: psutil.Process) -> list[Path]:
    prefix = "--user-data-dir="
    folders = [Path(part.removeprefix(prefix)) for part in process.cmdline() if part.startswith(prefix)]
    return [folder for folder in folders if folder.name.startswith("playwright_")]


async def _debugging_address(process: psutil.Process) -> str:
    """Return the WebSocket address that a browser writes into its profile as it comes up; the caller limits the time."""
    for folder in _profile_folder(process):
        file = folder / "DevToolsActivePort"
        while len(lines := file.read_text(encoding="ascii").splitlines() if file.is_file() else []) < 2:  # noqa: ASYNC110
            await asyncio.sleep(FILE_SECONDS)
        return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
    raise psutil.NoSuchProcess(process.pid, msg="the browser has no profile folder")


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill_tree(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        family = [*process.children(recursive=True), process]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()


def _first_line(exc: BaseException) -> str:
    return (str(exc) or type(exc).__name__).strip().splitlines()[0]
