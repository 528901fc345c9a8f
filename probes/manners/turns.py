"""
The table of turns: when the last probe of each host was, or will be, for all processes of a machine.

A number per host at a place that follows from its name, so that a turn is taken in a few microseconds, which counts, since every
probe takes one. Two hosts that share a place (one in a million) only wait for each other. Each number carries a check that also
holds the machine's present boot: what another boot, another program or a broken disk wrote is no turn.
"""

import os
import time
import zlib
from math import ceil
from pathlib import Path

from probes.manners.boot import boot_id
from probes.manners.locking import lock, open_shared, unlock
from thuocdo.core.manners import HOST_GAP_SECONDS

_PLACES = 2**20
_BYTES = 8
_CHECK_BITS = 24
_TICKS = 1000  # per second of the monotonic clock, which is the same for all processes of a machine
_LONGEST_WAIT_SECONDS = 120.0
"""At most 200 probes are in flight, each half a second after the other; only a clock that began anew leaves more behind."""


class TurnTable:
    """
    The turns of all hosts.

    Args:
        path: of the file; made when it is first needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._file: int | None = None

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)

    def take(self, digest: str) -> float:
        """
        Note our turn, under a lock that other processes respect, and return the seconds until it comes.

        Args:
            digest: of the host's name, in hexadecimal digits.

        Raises:
            OSError: the file cannot be used.
        """
        offset = int(digest, 16) % _PLACES * _BYTES
        if self._file is None:
            self._file = open_shared(self.path, os.O_RDWR | os.O_CREAT)
        lock(self._file)
        try:
            now = time.monotonic()
            last = _unpack(os.pread(self._file, _BYTES, offset))
            if last is None or last > now + _LONGEST_WAIT_SECONDS:
                last = -HOST_GAP_SECONDS
            turn = max(now, last + HOST_GAP_SECONDS)
            os.pwrite(self._file, _pack(turn), offset)
        finally:
            unlock(self._file)
        return turn - now


def _pack(turn: float) -> bytes:
    ticks = ceil(turn * _TICKS)
    return (ticks << _CHECK_BITS | _check(ticks)).to_bytes(_BYTES, "little")


def _unpack(noted: bytes) -> float | None:
    """Return the turn that was noted, None where none was, or not by us since the machine was started."""
    number = int.from_bytes(noted, "little")
    ticks, check = number >> _CHECK_BITS, number & (1 << _CHECK_BITS) - 1
    return ticks / _TICKS if len(noted) == _BYTES and check == _check(ticks) else None


def _check(ticks: int) -> int:
    return zlib.crc32(b"%d %b" % (ticks, boot_id().encode())) & (1 << _CHECK_BITS) - 1
