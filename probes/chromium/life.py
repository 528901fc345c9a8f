"""One life of the browser: how it is started, what it is, and that nothing of it remains."""

import asyncio
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil
import structlog
from playwright.async_api import Browser as Chromium
from playwright.async_api import CDPSession, Error, Playwright, async_playwright

from probes.chromium.cdp import Connection
from probes.chromium.executable import BROWSER_VARIABLE
from probes.chromium.line import EGRESS_HOST
from probes.chromium.memory import MEBIBYTE, MemoryGuard
from probes.chromium.request_gate import RequestGate
from thuocdo.config import BrowserSettings
from thuocdo.errors import BrowserUnavailableError

LAUNCH_SECONDS = 20.0  # measured: 0.3 to 0.6 s; a busy machine needs more
CLOSE_SECONDS = 2.0
ANSWER_SECONDS = 1.5
FILE_SECONDS = 0.02  # between two looks for a file of the browser
SCRIPT_HEAP_MEGABYTES = 512  # a page that wants more crashes alone instead of taking the machine's memory

_NO_PREFETCH = "/".join(f"kPrefetchSchedulerTestingActiveSetSizeLimitFor{which}/0" for which in ("Base", "Burst"))
"""Pages may ask for others ahead of a navigation (speculation rules), which no gate sees: none of them is ever begun."""

SCRATCH = "thuocdo-browser-"

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True, eq=False)
class Life:
    """
    One life of the browser: Playwright's driver, the browser under it, and their processes.

    gate: decides about the requests of its pages; asked only where the life is a guarded one.
    """

    playwright: Playwright
    browser: Chromium
    connection: Connection
    control: CDPSession
    process: psutil.Process
    driver: psutil.Process
    user_agent: str
    guard: MemoryGuard
    gate: RequestGate
    scratch: tuple[Path, ...]
    pages_open: int = 0
    pages_total: int = 0
    killed: bool = False

    @classmethod
    async def begin(
        cls, executable: Path, command_line: tuple[str, ...], memory_megabytes: int, *, guarded: bool
    ) -> Self:
        """
        Start driver and browser.

        Args:
            executable: of the browser.
            command_line: what it is told besides Playwright's own.
            memory_megabytes: a page whose process takes more is ended.
            guarded: no request of any page leaves unless its gate lets it.

        Raises:
            BrowserUnavailableError: it does not start; nothing is left behind.

        """
        _sweep()
        playwright = await async_playwright().start()
        artifacts = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-"))
        try:
            async with asyncio.timeout(LAUNCH_SECONDS):
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
                )
                control = await browser.new_browser_cdp_session()
                about = await control.send("Browser.getVersion")
                info = await control.send("SystemInfo.getProcessInfo")
                pid = next(int(entry["id"]) for entry in info["processInfo"] if entry["type"] == "browser")
                process = psutil.Process(pid)
                connection = await Connection.open(await _debugging_address(process))
                gate = RequestGate(connection)
                if guarded:
                    await gate.arm()
            profiles = _profile_folders(process)
            for number, folder in enumerate(profiles):
                (artifacts / f"profile-{number}").symlink_to(
                    folder
                )  # whoever sweeps after our sudden end finds it here
            life = cls(
                playwright=playwright,
                browser=browser,
                connection=connection,
                control=control,
                process=process,
                driver=_driver_above(process),
                user_agent=about["userAgent"],
                guard=MemoryGuard(pid, memory_megabytes * MEBIBYTE),
                gate=gate,
                scratch=(artifacts, *profiles),
            )
            life.guard.start(life.kill)
            # Without it nothing is held any more: the browser must not outlive it.
            connection.on_lost = lambda: life.kill("its debugging connection ended")
            return life
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
        await self.guard.stop()
        self.connection.on_lost = None
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
        # A process that is still dying would go on writing into what is removed under it.
        await asyncio.to_thread(psutil.wait_procs, [self.process, self.driver], CLOSE_SECONDS)
        for folder in self.scratch:  # the driver removes its own when it ends in peace; killed, it cannot
            shutil.rmtree(folder, ignore_errors=True)


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
