"""
Never harm a portal: two probes of one host stay apart, and a host that refuses us is left alone for a while.

The agents of one machine are separate processes, so what they must know of each other stands in files. All turns are in one
table, a place per host that follows from its name (`turns.py`). A host that refuses us has a file of its own, so that most
hosts have none: then one look at the folder is enough.

What stands in a file is only a courtesy of hours, and anybody may have spoilt it: whatever cannot be right is read as if it were
not there, and a file that cannot be used is told once and its host remembered by this process alone.
"""

import asyncio
import hashlib
import ipaddress
import os
from collections.abc import Callable
from functools import lru_cache
from math import isnan
from pathlib import Path

import structlog

from probes.manners.locking import locked, open_shared
from probes.manners.refusals import HostRefusal, RefusalState, WaitSource, read_state, write_state
from probes.manners.turns import TurnTable
from thuocdo.core.errors import StoreUnavailableError

FIRST_BACK_OFF_SECONDS = 300.0
LONGEST_BACK_OFF_SECONDS = 3600.0
LONGEST_RETRY_AFTER_SECONDS = 86400.0
"""A portal that asks for more is asked again after a day: nobody takes itself out of a ranking with one header."""

_DIGITS = 32  # of the name of a host's file

log = structlog.get_logger(__name__)


class Politeness:
    """
    Turns and back-offs per host, shared by all processes that use the same folder.

    Args:
        folder: where the files stand; made when missing.

    Raises:
        StoreUnavailableError: there is no such folder and none can be made.
    """

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise StoreUnavailableError(_cannot(str(folder), exc)) from exc
        self._folder = folder
        self._turns = TurnTable(folder / "turns")
        self._unwritten: dict[str, RefusalState] = {}
        self._told: set[str] = set()

    async def wait_turn(self, host: str) -> None:
        """
        Take the next free turn of a host and wait until it comes; an address of this very machine needs no manners.

        Raises:
            StoreUnavailableError: the table of turns cannot be used, so that nobody knows who else asks the host now.
        """
        if is_loopback(host):
            return
        try:
            wait_seconds = self._turns.take(_digest(host))
        except OSError as exc:
            raise StoreUnavailableError(_cannot(self._turns.path, exc)) from exc
        if wait_seconds > 0:
            await asyncio.sleep(wait_seconds)

    def blocked_seconds(self, host: str) -> float:
        """Return how long the host must still be left alone; 0 = not at all."""
        refusal = self.refusal(host)
        return refusal.left_seconds if refusal else 0.0

    def refusal(self, host: str) -> HostRefusal | None:
        """Return what is known of a host that must still be left alone, or None."""
        state = self._known(host)
        if state.believed(LONGEST_RETRY_AFTER_SECONDS) is not state:
            state = self._change(host, lambda known: known.believed(LONGEST_RETRY_AFTER_SECONDS))
        return _told(state) if state.left_seconds > 0 else None

    def back_off(self, host: str, retry_after_seconds: float | None) -> HostRefusal:
        """
        Leave a host alone that answered 403 or 429: as long as it asks, else longer with every refusal.

        Args:
            host: that refused us.
            retry_after_seconds: what it asks for, at least 0; more than a day is taken for a day. None = nothing.
        """
        state = self._change(host, lambda known: _refused(host, known, retry_after_seconds))
        if state.wait is WaitSource.CAPPED:
            log.warning(
                "a host asks to be left alone for more than a day; it is asked again after a day",
                host=host,
                asked_seconds=retry_after_seconds,
            )
        return _told(state)

    def welcome(self, host: str) -> None:
        """Forget earlier refusals of a host that answers again; it is still left alone as long as it asked somebody else."""
        if host in self._unwritten or _has_content(self._path(host)):
            self._change(host, RefusalState.welcomed)

    def _path(self, host: str) -> str:
        return f"{self._folder}/{_digest(host)}"

    def _known(self, host: str) -> RefusalState:
        path = self._path(host)
        if host in self._unwritten:
            return self._unwritten[host]
        if not _has_content(path):
            return RefusalState()
        try:
            with locked(path, os.O_RDONLY) as file:
                return read_state(file)
        except OSError as exc:
            self._tell(path, exc)
            return RefusalState()

    def _change(self, host: str, change: Callable[[RefusalState], RefusalState]) -> RefusalState:
        """Change what is known of a host, under a lock that other processes respect."""
        path = self._path(host)
        known = self._unwritten.get(host, RefusalState())
        try:
            with locked(path, os.O_RDWR | os.O_CREAT) as file:
                known = self._unwritten.get(host) or read_state(file)
                state = change(known)
                write_state(file, state)
            self._unwritten.pop(host, None)
        except OSError as exc:
            self._tell(path, exc)
            state = self._unwritten[host] = change(known)
        return state

    def _tell(self, path: str, exc: OSError) -> None:
        if path not in self._told:
            self._told.add(path)
            log.warning("who refused us cannot be shared with other processes", cause=_cannot(path, exc))


def refusing_hosts(folder: Path) -> dict[str, HostRefusal]:
    """Return the hosts that must still be left alone, as the files in a folder tell; nothing is changed."""
    found: dict[str, HostRefusal] = {}
    for path in sorted(folder.glob("[0-9a-f]" * _DIGITS)):
        try:
            file = open_shared(str(path), os.O_RDONLY)
            try:
                state = read_state(file).believed(LONGEST_RETRY_AFTER_SECONDS)
            finally:
                os.close(file)
        except OSError:
            continue
        if state.host and _digest(state.host) == path.name and state.left_seconds > 0:
            found[state.host] = _told(state)
    return found


def _refused(host: str, known: RefusalState, asked_seconds: float | None) -> RefusalState:
    refusals = known.refusals + 1
    if asked_seconds is None or isnan(asked_seconds):
        own = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** (refusals - 1))
        return RefusalState.beginning(host, own, refusals=refusals, wait=WaitSource.OWN)
    capped = asked_seconds > LONGEST_RETRY_AFTER_SECONDS
    seconds = max(0.0, min(asked_seconds, LONGEST_RETRY_AFTER_SECONDS))
    return RefusalState.beginning(
        host, seconds, refusals=refusals, wait=WaitSource.CAPPED if capped else WaitSource.ASKED
    )


def _told(state: RefusalState) -> HostRefusal:
    return HostRefusal(left_seconds=state.left_seconds, refusals=state.refusals, wait=state.wait)


def _cannot(path: str, exc: OSError) -> str:
    return f"{path}: cannot be used ({exc.strerror or exc}); free some space, check the rights, or move it away"


def _has_content(path: str) -> bool:
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116 - the path is a string, and a Path of it would only cost
    except OSError:
        return False


@lru_cache(maxsize=65536)
def _digest(host: str) -> str:
    return hashlib.sha256(host.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


@lru_cache(maxsize=65536)
def is_loopback(host: str) -> bool:
    """Tell whether a host is this very machine by its literal address; a name other than localhost is not trusted to be."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
