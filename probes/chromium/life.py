"""One life of the browser: how it is started, what it is, and that nothing of it remains."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
import structlog
from playwright.async_api import Browser as Chromium
from playwright.async_api import CDPSession, Error, Playwright, async_playwright

from probes.chromium.cdp import Connection
from probes.chromium.line import EGRESS_HOST, LineProxy
from probes.chromium.memory import MEBIBYTE, MemoryGuard
from probes.chromium.not_starting import LAUNCH_SECONDS, why_not
from probes.chromium.processes import (
    CLOSE_SECONDS,
    FILE_SECONDS,
    GONE,
    STOPPED,
    drivers,
    ended,
    kill_all,
    kill_tree,
    kill_younger,
    members_of,
    status_of,
)
from probes.chromium.request_gate import RequestGate
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.setting_groups import BrowserSettings

ANSWER_SECONDS = 1.5
SCRIPT_HEAP_MEGABYTES = 512  # a page that wants more crashes alone instead of taking the machine's memory

_NO_PREFETCH = "/".join(f"kPrefetchSchedulerTestingActiveSetSizeLimitFor{which}/0" for which in ("Base", "Burst"))
"""Pages may ask for others ahead of a navigation (speculation rules), which no gate sees: none of them is ever begun."""

_PLAYWRIGHTS_OFF = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
"""What Playwright switches off, which of two such lists Chromium would forget; a test compares them."""

_OFF = ("Reporting", "NetworkErrorLogging", "FedCm", "FedCmAutofill", "DeviceBoundSessions")
"""What asks and posts on a page's behalf from parts of the browser that hold nothing: reports of broken policies and of requests,
logins by way of other sites, sessions bound to a device."""

SCRATCH = "thuocdo-browser-"


log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Life:
    """
    One life of the browser: Playwright's driver, the browser under it, and their processes.

    session: of processes, in which the browser and all it starts are, its orphans too. gate: decides about the requests of its
    pages; asked only where the life is a guarded one. lines: of its open pages; they are shut with its end.
    """

    playwright: Playwright
    browser: Chromium
    connection: Connection
    control: CDPSession
    process: psutil.Process
    session: int
    driver: psutil.Process
    user_agent: str
    guard: MemoryGuard
    gate: RequestGate
    guarded: bool
    scratch: tuple[Path, ...]
    lines: set[LineProxy] = field(default_factory=set)
    pages_open: int = 0
    pages_total: int = 0
    killed: bool = False

    @classmethod
    async def begin(
        cls,
        executable: Path,
        command_line: tuple[str, ...],
        memory_megabytes: int,
        *,
        guarded: bool,
        shown_slower_milliseconds: float | None = None,
    ) -> Self:
        """
        Start driver and browser.

        Args:
            executable: of the browser.
            command_line: what it is told besides Playwright's own.
            memory_megabytes: a page whose process takes more is ended.
            guarded: no request of any page leaves unless its gate lets it.
            shown_slower_milliseconds: show a window, and have each act wait so long for whoever looks on; None = no window.

        Only one at a time may be begun in a process: what was started meanwhile is taken for its own where it fails.

        Raises:
            BrowserUnavailableError: it does not start; nothing is left behind.

        """
        scratch: list[Path] = []
        window = (
            {"headless": False, "slow_mo": shown_slower_milliseconds} if shown_slower_milliseconds is not None else {}
        )
        try:
            async with asyncio.timeout(LAUNCH_SECONDS), AsyncExitStack() as undo:
                undo.callback(_remove, scratch)
                life = await cls._begin(
                    executable, command_line, memory_megabytes, scratch, undo, window, guarded=guarded
                )
                undo.pop_all()
                return life
        except Exception as exc:  # Playwright's own are of no kind of theirs where its driver dies as it starts
            raise BrowserUnavailableError(why_not(executable, exc)) from exc

    @classmethod
    async def _begin(
        cls,
        executable: Path,
        command_line: tuple[str, ...],
        memory_megabytes: int,
        scratch: list[Path],
        undo: AsyncExitStack,
        window: Mapping[str, Any],
        *,
        guarded: bool,
    ) -> Self:
        _sweep()
        artifacts = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))
        scratch.append(artifacts)
        older = set(await drivers())
        # Cancelled, Playwright's start leaves its own tasks behind; it ends, and they with it, when its driver is killed.
        starting = asyncio.ensure_future(async_playwright().start())
        undo.push_async_callback(_started_or_not, starting)
        undo.push_async_callback(kill_younger, older)
        playwright = await asyncio.shield(starting)
        undo.push_async_callback(_stop, playwright)
        browser = await playwright.chromium.launch(
            executable_path=executable,
            # Besides Playwright's own pipe: the light connection, on loopback and under a secret path.
            args=["--remote-debugging-port=0", *command_line],
            artifacts_dir=artifacts,
            # What Chromium itself puts there stays when it is killed; in our folder it goes with it.
            env={**os.environ, "TMPDIR": str(artifacts)},
            # As root Chromium refuses to start with its sandbox; everybody else keeps it.
            chromium_sandbox=os.geteuid() != 0,
            handle_sigint=False,  # Ctrl-C is the agent's: it ends the browser when the probes in flight are stored
            handle_sigterm=False,
            handle_sighup=False,
            **window,
        )
        control = await browser.new_browser_cdp_session()
        about = await control.send("Browser.getVersion")
        info = await control.send("SystemInfo.getProcessInfo")
        process = psutil.Process(next(int(one["id"]) for one in info["processInfo"] if one["type"] == "browser"))
        profiles = _profile_folders(process)
        for number, folder in enumerate(profiles):
            scratch.append(folder)
            (artifacts / f"profile-{number}").symlink_to(folder)  # whoever sweeps after our sudden end finds it here
        connection = await Connection.open(await _debugging_address(process))
        undo.push_async_callback(connection.close)
        gate = RequestGate(connection)
        if guarded:
            await gate.arm()
        life = cls(
            playwright=playwright,
            browser=browser,
            connection=connection,
            control=control,
            process=process,
            session=os.getsid(process.pid),
            driver=_driver_above(process),
            user_agent=about["userAgent"],
            guard=MemoryGuard(process.pid, memory_megabytes * MEBIBYTE),
            gate=gate,
            guarded=guarded,
            scratch=tuple(scratch),
        )
        life.guard.start(life.kill)
        # Without it nothing is held any more: the browser must not outlive it.
        connection.on_lost = lambda: life.kill("its debugging connection ended")
        return life

    @property
    def alive(self) -> bool:
        """Whether driver and browser run and are connected."""
        roots = (self.process, self.driver)
        return not self.killed and self.browser.is_connected() and not any(status_of(one) in GONE for one in roots)

    def holds(self) -> bool:
        """Whether the requests of its pages are held as they shall be: where the connection ends, the browser lets them go."""
        return not self.guarded or (not self.killed and self.connection.is_open)

    @property
    def stands_still(self) -> bool:
        """Whether a part of it was stopped from outside; what pages do then is none of their doing."""
        return any(status_of(member) in STOPPED for member in (self.driver, *members_of(self.session)))

    async def answers(self, seconds: float = ANSWER_SECONDS) -> bool:
        """Whether the browser itself (not a page) still reacts within so many seconds, no part of it being stopped."""
        if not self.alive or self.stands_still:
            return False
        try:
            await asyncio.wait_for(self.control.send("Browser.getVersion"), seconds)
        except (Error, TimeoutError):
            return False
        return True

    def kill(self, why: str) -> None:
        """Kill the browser with all its children at once and shut its pages' lines; pages in it end with an error."""
        for line in self.lines:
            line.shut()
        if self.alive:
            log.warning("browser is killed", pid=self.process.pid, why=why)
        kill_tree(self.process)
        if not self.killed:  # later on, the number may be that of others
            kill_all(members_of(self.session))
        self.killed = True

    async def end(self) -> None:
        """Close politely within a limit, then make sure: no process and no scratch folder remains."""
        await self.guard.stop()
        self.connection.on_lost = None
        with suppress(Error, TimeoutError):
            if self.alive:
                await asyncio.wait_for(self.browser.close(), CLOSE_SECONDS)
        await self.connection.close()
        self.kill("it did not close")
        if status_of(self.driver) in STOPPED:
            kill_tree(self.driver)  # no use in asking it
        if not await _stop(self.playwright):
            log.warning("Playwright's driver did not stop and is killed", pid=self.driver.pid)
        kill_tree(self.driver)
        # A process that is still dying would go on writing into what is removed under it.
        await ended([self.process, self.driver])
        _remove(self.scratch)  # the driver removes its own when it ends in peace; killed, it cannot


def arguments(settings: BrowserSettings) -> tuple[str, ...]:
    """Return Chromium's command line."""
    told = [
        # On a machine without internet Chromium's own requests would disturb the measurement.
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-pings",
        "--block-new-web-contents",  # no popups: nobody would look after them
        # The headless shell has all frames of a page in one process; a full Chromium shall do the same, so that one
        # session sees the bytes of all frames.
        "--disable-site-isolation-trials",
        "--disable-quic",  # timings over TCP and over QUIC must not be mixed in one series
        f"--js-flags=--max-old-space-size={SCRIPT_HEAP_MEGABYTES}",
        # The only way out is the page's line: Chromium finds no host by itself, so that what would go round the line, or is
        # sent round it (probes.chromium.playwright_page), goes nowhere.
        f"--host-resolver-rules=MAP {EGRESS_HOST} 127.0.0.1,MAP * ~NOTFOUND",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        # What is sent by parts of the browser that hold nothing: later than its page, by streams, ahead of a navigation.
        "--disable-blink-features=FetchLaterAPI,WebSocketStream",
        f"--enable-features=PrefetchSchedulerTesting:{_NO_PREFETCH}",
        f"--disable-features={','.join((*_PLAYWRIGHTS_OFF, *_OFF))}",
    ]
    if settings.trusted_keys:
        told.append(f"--ignore-certificate-errors-spki-list={','.join(settings.trusted_keys)}")
    return tuple(told)


def _sweep() -> None:
    """Remove scratch folders whose owner was killed before it could; the process id stands in their names."""
    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*-*"):
        owner = folder.name.removeprefix(SCRATCH).partition("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        for link in folder.glob("profile-*"):
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _driver_above(process: psutil.Process) -> psutil.Process:
    """Return the ancestor that is our own child: Playwright's driver (a wrapper script may stand between)."""
    for ancestor in process.parents():
        if ancestor.ppid() == os.getpid():
            return ancestor
    raise psutil.NoSuchProcess(process.pid, msg="the browser is no descendant of this process")


def _profile_folders(process: psutil.Process) -> list[Path]:
    prefix = "--user-data-dir="
    folders = [Path(part.removeprefix(prefix)) for part in process.cmdline() if part.startswith(prefix)]
    return [folder for folder in folders if folder.name.startswith("playwright_")]


async def _debugging_address(process: psutil.Process) -> str:
    """Return the WebSocket address that a browser writes into its profile as it comes up; the caller limits the time."""
    for folder in _profile_folders(process):
        file = folder / "DevToolsActivePort"
        while len(lines := file.read_text(encoding="ascii").splitlines() if file.is_file() else []) < 2:  # noqa: ASYNC110
            await asyncio.sleep(FILE_SECONDS)
        return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
    raise psutil.NoSuchProcess(process.pid, msg="the browser has no profile folder")


async def _started_or_not(starting: asyncio.Future[Playwright]) -> None:
    """Wait until a driver that was killed is noticed by who waits for it to start."""
    with suppress(Exception):  # why it did not start is raised where it was awaited
        await asyncio.wait_for(starting, CLOSE_SECONDS)


async def _stop(playwright: Playwright) -> bool:
    """Have the driver end; tells whether it did."""
    try:
        await asyncio.wait_for(playwright.stop(), CLOSE_SECONDS)
    except (Error, TimeoutError):
        return False
    return True


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
