"""
Ends a page that takes too much memory, and it alone, before the machine's memory is gone.

Chromium's own limits do not reach far: `--max-old-space-size` bounds the script heap only, and an ArrayBuffer bomb took 3 GB in
4.6 s. Contexts never share a renderer process, so a page of ours can be ended by ending its renderer: the others live on.
What pages share (the browser itself, the process that paints) has no single culprit: too much there ends the whole browser.

Nothing here needs root or cgroups; where there is no Linux /proc the guard does nothing.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import structlog

LOOK_SECONDS = 0.25  # measured with four pages open: 0.17 % of a core
ALARMED_SECONDS = 0.05  # from half the limit on: the fastest bomb seen took 2 GB a second
BLIND_SECONDS = 2.0
"""A browser that cannot be looked at for so long is ended: an unwatched page may take all the memory of the machine."""
CLAIM_SECONDS = 3.0
"""How long after its end a renderer explains the crash of a page; Chromium tells of it within some 0.1 s."""

MEBIBYTE = 1024**2
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LONGEST_BYTES = 65536

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A renderer that was ended. resident_bytes: what it had when it was looked at. at: the loop's time."""

    pid: int
    resident_bytes: int
    limit_bytes: int
    at: float

    @property
    def detail(self) -> str:
        """One line for people: how much, and what was allowed."""
        taken, allowed = self.resident_bytes / MEBIBYTE, self.limit_bytes / MEBIBYTE
        return f"the page took {taken:.0f} MiB of memory and was ended (limit {allowed:.0f} MiB)"


class MemoryGuard:
    """
    Watches one browser from `start` until it ends or `stop`.

    Args:
        browser_pid: process id of the browser, the root of all it has.
        limit_bytes: resident memory that any one process may have.

    """

    def __init__(self, browser_pid: int, limit_bytes: int) -> None:
        self._browser_pid = browser_pid
        self._limit_bytes = limit_bytes
        self._killed: set[int] = set()
        self._ended: list[Ended] = []
        self._task: asyncio.Task[None] | None = None
        self.ended_total = 0

    def start(self, end_browser: Callable[[str], None]) -> None:
        """
        Begin to watch; does nothing where processes cannot be looked at this way.

        Args:
            end_browser: called with a line for people where a process that is no renderer takes too much, or where the browser
                can be watched no longer.

        """
        try:
            can_be_told = _children(os.getpid()) is not None
        except OSError:
            can_be_told = True  # by a machine that has run out of something; looking on will show
        if not can_be_told:
            log.info("a page's memory is not limited: this system does not tell the children of a process")
            return
        self._task = asyncio.create_task(self._watch(end_browser))

    async def stop(self) -> None:
        """Watch no longer."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def claim(self, pid: int | None = None) -> Ended | None:
        """
        Return what explains a page's crash just now, each kill once; None = the page crashed by itself.

        Args:
            pid: of the page's renderer, where it is known; without it the oldest kill of the last CLAIM_SECONDS, which is
                right unless two pages crash in the same moment.

        """
        now = asyncio.get_running_loop().time()
        self._ended = [one for one in self._ended if now - one.at < CLAIM_SECONDS]
        mine = next((one for one in self._ended if pid in (None, one.pid)), None)
        if mine:
            self._ended.remove(mine)
        return mine

    async def _watch(self, end_browser: Callable[[str], None]) -> None:
        loop = asyncio.get_running_loop()
        seen_at = loop.time()
        try:
            while True:
                try:
                    if not _resident(self._browser_pid):
                        return
                    largest = self._look(end_browser)
                    seen_at = loop.time()
                except OSError as exc:  # no free file descriptor, no kernel memory: mostly for a moment
                    if loop.time() - seen_at > BLIND_SECONDS:
                        end_browser(f"the memory of its pages cannot be watched: {exc.strerror}")
                        return
                    largest = self._limit_bytes
                await asyncio.sleep(ALARMED_SECONDS if largest > self._limit_bytes / 2 else LOOK_SECONDS)
        except Exception as exc:
            log.exception("the memory of pages is watched no longer", pid=self._browser_pid)
            end_browser(f"the memory of its pages is watched no longer: {exc!r}")

    def _look(self, end_browser: Callable[[str], None]) -> int:
        """Compare all processes with the limit; return the bytes of the largest among them."""
        family = {self._browser_pid, *_below(self._browser_pid)}
        sizes = {pid: _resident(pid) for pid in family}
        self._killed &= family
        for pid, size in sizes.items():
            if size <= self._limit_bytes or pid in self._killed:
                continue
            self._killed.add(pid)  # it takes a moment to go, and is seen again meanwhile
            if _is_renderer(pid):
                self._end(pid, size)
            else:
                end_browser(f"a process that all pages share takes {size / MEBIBYTE:.0f} MiB")
        return max(sizes.values())

    def _end(self, pid: int, size: int) -> None:
        at = asyncio.get_running_loop().time()
        ended = Ended(pid=pid, resident_bytes=size, limit_bytes=self._limit_bytes, at=at)
        self._ended.append(ended)
        self.ended_total += 1
        log.warning("a page's process is killed for its memory", pid=pid, resident_megabytes=size // MEBIBYTE)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int] | None:
    """
    Return the children of a process's main thread, None where it is gone or cannot be told.

    Chromium forks its zygotes there, and they, of one thread each, fork renderers and the process that paints.
    """
    told = _read(f"/proc/{pid}/task/{pid}/children")
    return None if told is None else [int(child) for child in told.split()]


def _below(pid: int) -> Iterator[int]:
    for child in _children(pid) or ():
        yield child
        yield from _below(child)


def _resident(pid: int) -> int:
    """Bytes in memory now; 0 where the process is gone. The proportional size would be fairer and costs 20 times as much."""
    told = _read(f"/proc/{pid}/statm")
    return int(told.split(maxsplit=2)[1]) * _PAGE_BYTES if told else 0


def _is_renderer(pid: int) -> bool:
    return b"--type=renderer" in (_read(f"/proc/{pid}/cmdline") or b"")


def _read(file: str) -> bytes | None:
    """Return what a file of /proc says, None where its process is gone or hidden; raises OSError where it cannot be read now."""
    # Not pathlib: five times a second for every process, and three quarters of its time would go into the path.
    try:
        number = os.open(file, os.O_RDONLY)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    try:
        return os.read(number, _LONGEST_BYTES)
    except ProcessLookupError:  # it has ended in between
        return None
    finally:
        os.close(number)
