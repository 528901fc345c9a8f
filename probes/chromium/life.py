"""One life of the browser: how it is started, what it is, and that nothing of it remains."""

import asyncio
import errno
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
import structlog
from playwright.async_api import Browser as Chromium
from playwright.async_api import CDPSession, Error, Playwright, async_playwright

from probes.chromium.cdp import Connection
from probes.chromium.executable import BROWSER_VARIABLE
from probes.chromium.line import EGRESS_HOST, LineProxy
from probes.chromium.memory import MEBIBYTE, MemoryGuard
from probes.chromium.request_gate import RequestGate
from thuocdo.core.config import BrowserSettings
from thuocdo.core.errors import BrowserUnavailableError

LAUNCH_SECONDS = 20.0  # measured: 0.3 to 0.6 s; a busy machine needs more
CLOSE_SECONDS = 2.0
ANSWER_SECONDS = 1.5
LEAST_ROOM_MEBIBYTES, LEAST_FILES = 16, 100
FILE_SECONDS = 0.02  # between two looks for what nobody tells of
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
DRIVER_NAME = "node"
MOST_LOOKS = 50  # FILE_SECONDS apart

_GONE = frozenset({psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD})
_STOPPED = frozenset({psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.ENOENT})
_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE})
_NO_PROCESSES = frozenset({errno.EAGAIN, errno.ENOMEM})

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
        older = set(await _drivers())
        scratch: list[Path] = []
        window = (
            {"headless": False, "slow_mo": shown_slower_milliseconds} if shown_slower_milliseconds is not None else {}
        )
        try:
            async with asyncio.timeout(LAUNCH_SECONDS), AsyncExitStack() as undo:
                undo.callback(_remove, scratch)
                undo.push_async_callback(_kill_younger, older)
                life = await cls._begin(
                    executable, command_line, memory_megabytes, scratch, undo, window, guarded=guarded
                )
                undo.pop_all()
                return life
        except Exception as exc:  # Playwright's own are of no kind of theirs where its driver dies as it starts
            raise BrowserUnavailableError(_why_not(executable, exc)) from exc

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
        playwright = await async_playwright().start()
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
        return not self.killed and self.browser.is_connected() and not any(_status(one) in _GONE for one in roots)

    def holds(self) -> bool:
        """Whether the requests of its pages are held as they shall be: where the connection ends, the browser lets them go."""
        return not self.guarded or (not self.killed and self.connection.is_open)

    @property
    def stands_still(self) -> bool:
        """Whether a part of it was stopped from outside; what pages do then is none of their doing."""
        return any(_status(member) in _STOPPED for member in (self.driver, *_members(self.session)))

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
        _kill_tree(self.process)
        if not self.killed:  # later on, the number may be that of others
            _kill(_members(self.session))
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
        if _status(self.driver) in _STOPPED:
            _kill_tree(self.driver)  # no use in asking it
        if not await _stop(self.playwright):
            log.warning("Playwright's driver did not stop and is killed", pid=self.driver.pid)
        _kill_tree(self.driver)
        # A process that is still dying would go on writing into what is removed under it.
        await _ended([self.process, self.driver])
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


def _status(process: psutil.Process) -> str:
    """Return one of psutil's words; also for a process that is gone."""
    try:
        return str(process.status()) if process.is_running() else psutil.STATUS_DEAD
    except psutil.NoSuchProcess:
        return psutil.STATUS_DEAD


def _members(session: int) -> list[psutil.Process]:
    """Return the processes of a session of the browser's own; what has lost its parent is found there only."""
    if session == os.getsid(0):
        return []  # it has none of its own here, and ours is not its
    found = []
    for pid in psutil.pids():
        with suppress(psutil.NoSuchProcess, ProcessLookupError, PermissionError):
            if os.getsid(pid) == session:
                found.append(psutil.Process(pid))
    return found


async def _drivers() -> list[psutil.Process]:
    """Return all of Playwright's drivers that this process has started, and those that died before anybody took note of it."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if await _is_driver(child):
                found.append(child)
    return found


async def _is_driver(child: psutil.Process) -> bool:
    try:
        for _ in range(MOST_LOOKS):
            if told := child.cmdline():
                return "run-driver" in told
            await asyncio.sleep(FILE_SECONDS)  # for an instant a program that has just begun has no arguments
    except psutil.ZombieProcess:  # where no thread could be started to wait for it, it stays until it is looked at
        pass
    return child.name().startswith(DRIVER_NAME)


async def _stop(playwright: Playwright) -> bool:
    """Have the driver end; tells whether it did."""
    try:
        await asyncio.wait_for(playwright.stop(), CLOSE_SECONDS)
    except (Error, TimeoutError):
        return False
    return True


async def _kill_younger(older: Collection[psutil.Process]) -> None:
    """Kill the drivers that are not among the older ones, with whatever browser they have begun."""
    for driver in await _drivers():
        if driver not in older:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                children = driver.children(recursive=True)
                orphans = [one for session in {os.getsid(child.pid) for child in children} for one in _members(session)]
                _kill([*children, *orphans, driver])
                # A process that is still dying would go on writing into what is removed under it.
                await _ended([*children, *orphans, driver])


async def _ended(processes: Collection[psutil.Process]) -> None:
    """Wait until killed processes are gone, at most CLOSE_SECONDS; without a thread, which this user may not be able to start."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            while psutil.wait_procs(processes, 0)[1]:  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(FILE_SECONDS)


def _remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _kill_tree(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        _kill([*process.children(recursive=True), process])


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


def _why_not(executable: Path, exc: BaseException) -> str:
    """Say why a browser does not start and what to do."""
    number = exc.errno if isinstance(exc, OSError) else None
    why = f"not within {LAUNCH_SECONDS:g} s" if isinstance(exc, TimeoutError) else _first_line(exc)
    return f"the browser {executable} does not start ({why}); {_remedy(executable, number, str(exc))}"


def _is_full() -> bool:
    """Whether the folder for temporary files has hardly any room; Chromium does not say so, it only does not come up."""
    try:
        room = os.statvfs(
            os.environ.get("TMPDIR") or tempfile.gettempdir()
        )  # Python looks for another one, Chromium not
    except OSError:  # there is none that can be written
        return True
    no_names = room.f_files > 0 and room.f_favail < LEAST_FILES
    return no_names or room.f_bavail * room.f_frsize < LEAST_ROOM_MEBIBYTES * MEBIBYTE


def _remedy(executable: Path, number: int | None, told: str) -> str:
    if number in _NO_ROOM or _is_full() or "ENOSPC" in told or "EROFS" in told or "EACCES" in told:
        return f"make room in {os.environ.get('TMPDIR', 'the folder for temporary files')} (TMPDIR) and let this user write there"
    if number in _NO_FILES or "EMFILE" in told:
        return "let this process open more files, some 1024 (`ulimit -n`, LimitNOFILE= of systemd)"
    if number in _NO_PROCESSES or "EAGAIN" in told:
        return "let this user start more processes (`ulimit -u`, TasksMax= of systemd) and look for free memory"
    if "X server" in told or "ozone" in told:
        return "a window needs a screen (DISPLAY); leave --headed out"
    if "No usable sandbox" in told:
        return (
            "this system lets only root have a sandbox: allow user namespaces for everybody "
            "(`sysctl kernel.apparmor_restrict_unprivileged_userns=0`, `sysctl user.max_user_namespaces=10000`), "
            "or install Debian's chromium-sandbox"
        )
    return f"run `{executable} --version` as this user, or name another one in {BROWSER_VARIABLE}"


def _first_line(exc: BaseException) -> str:
    return (str(exc) or type(exc).__name__).strip().splitlines()[0]
