"""
Never harm a portal: two probes of one host stay apart, and a host that refuses us is left alone for a while.

The agents of one machine are separate processes, so what they must know of each other stands in files. All turns are in one
table, a number per host at a place that follows from its name; a turn is taken in a few microseconds, which counts, since every
probe takes one. Two hosts that share a place (one in a million) only wait for each other. A host that refuses us has a
file of its own, so that most hosts have none: then one look at the folder is enough.
"""

import asyncio
import fcntl
import hashlib
import ipaddress
import json
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from thuocdo.errors import StoreUnavailableError

HOST_GAP_SECONDS = 0.5  # design section 6
FIRST_BACK_OFF_SECONDS = 300.0
LONGEST_BACK_OFF_SECONDS = 3600.0

_TURNS_FILE = "turns"
_PLACES = 2**20
_TURN = struct.Struct("<d")  # instant of the monotonic clock, the same for all processes of a machine
_LONGEST_WAIT_SECONDS = 600.0


class Politeness:
    """
    Turns and back-offs per host, shared by all processes that use the same folder.

    Args:
        folder: where the files stand; made when missing.

    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._turns: int | None = None

    def __del__(self) -> None:
        if self._turns is not None:
            os.close(self._turns)

    async def wait_turn(self, host: str) -> None:
        """Take the next free turn of a host and wait until it comes; an address of this very machine needs no manners."""
        if is_loopback(host):
            return
        wait_seconds = self._take_turn(host)
        if wait_seconds > 0:
            await asyncio.sleep(wait_seconds)

    def blocked_seconds(self, host: str) -> float:
        """Return how long the host must still be left alone; 0 = not at all."""
        path = self._path(host)
        if not _has_content(path):
            return 0.0
        with self._state(path) as state:
            return max(0.0, float(state.get("blocked_until", 0.0)) - time.time())

    def back_off(self, host: str, retry_after_seconds: float | None) -> None:
        """Leave a host alone that answered 403 or 429: as long as it asks, else longer with every refusal."""
        with self._state(self._path(host)) as state:
            refusals = state["refusals"] = int(state.get("refusals", 0)) + 1
            own = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** (refusals - 1))
            state["blocked_until"] = time.time() + (own if retry_after_seconds is None else retry_after_seconds)

    def welcome(self, host: str) -> None:
        """Forget earlier refusals of a host that answers again."""
        path = self._path(host)
        if not _has_content(path):
            return
        with self._state(path) as state:
            state.pop("refusals", None)
            if float(state.get("blocked_until", 0.0)) <= time.time():
                state.clear()

    def _path(self, host: str) -> str:
        return f"{self._folder}/{_digest(host)}"

    def _take_turn(self, host: str) -> float:
        """Note our turn in the table, under a lock that other processes respect, and return the seconds until it comes."""
        offset = int(_digest(host), 16) % _PLACES * _TURN.size
        path = f"{self._folder}/{_TURNS_FILE}"
        with _reported(path):
            if self._turns is None:
                self._turns = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._turns, fcntl.LOCK_EX)
            try:
                noted = os.pread(self._turns, _TURN.size, offset)
                now = time.monotonic()
                last = _TURN.unpack(noted)[0] if len(noted) == _TURN.size else 0.0
                if (
                    not 0.0 < last <= now + _LONGEST_WAIT_SECONDS
                ):  # never, or before the machine and its clock began anew
                    last = -HOST_GAP_SECONDS
                turn = max(now, last + HOST_GAP_SECONDS)
                os.pwrite(self._turns, _TURN.pack(turn), offset)
            finally:
                fcntl.flock(self._turns, fcntl.LOCK_UN)
        return turn - now

    @contextmanager
    def _state(self, path: str) -> Iterator[dict[str, Any]]:
        """Read the state of one host, and write it where the block changes it, under a lock that other processes respect."""
        with _reported(path):
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        with os.fdopen(file, "r+", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            state = _parse(handle.read())
            before = dict(state)
            yield state
            if state != before:
                handle.seek(0)
                handle.truncate()
                if state:
                    json.dump(state, handle)


@contextmanager
def _reported(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailableError(
            f"{path}: cannot be used ({exc.strerror}); free some space or check the rights"
        ) from exc


def _has_content(path: str) -> bool:
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116 - the path is a string, and a Path of it would only cost
    except OSError:
        return False


@lru_cache(maxsize=65536)
def _digest(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()[:32]


@lru_cache(maxsize=65536)
def is_loopback(host: str) -> bool:
    """Tell whether a host is this very machine by its literal address; a name other than localhost is not trusted to be."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parse(text: str) -> dict[str, Any]:
    try:
        state = json.loads(text) if text else {}
    except ValueError:  # a full disk cut the file short; what it held is only a courtesy of minutes
        state = {}
    return dict(state)
