"""
What is remembered of a host that refused us, as it stands in a file.

The end of a back-off is kept on both clocks: the monotonic one, which no step of the wall clock moves, for as long as the machine
runs, and the wall clock for after its next start.
"""

import json
import os
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any, Self

from probes.manners.boot import boot_id
from thuocdo.core.shapes import is_host

_LARGEST_BYTES = 4096
_MOST_REFUSALS = 1000  # far past where a back-off grows no more


class WaitSource(StrEnum):
    """Who decided how long a host is left alone: we (own), the host (asked), or the host for more than we grant (capped)."""

    OWN = "own"
    ASKED = "asked"
    CAPPED = "capped"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRefusal:
    """A host that must still be left alone: for how long, after how many refusals in a row, and who decided so."""

    left_seconds: float
    refusals: int
    wait: WaitSource


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalState:
    """
    What is remembered of a host.

    host: empty = unknown. refusals: in a row. blocked_until: Unix time. blocked_seconds: how long it was at first, 0 = unknown.
    blocked_until_monotonic: the same end on the monotonic clock of the boot named boot.
    """

    host: str = ""
    refusals: int = 0
    blocked_until: float = 0.0
    blocked_seconds: float = 0.0
    blocked_until_monotonic: float = 0.0
    boot: str = ""
    wait: WaitSource = WaitSource.OWN

    @classmethod
    def beginning(cls, host: str, seconds: float, *, refusals: int, wait: WaitSource) -> Self:
        """Return the state of a host that is left alone from now on."""
        return cls(
            host=host,
            refusals=min(refusals, _MOST_REFUSALS),
            blocked_until=time.time() + seconds,
            blocked_seconds=seconds,
            blocked_until_monotonic=time.monotonic() + seconds,
            boot=boot_id(),
            wait=wait,
        )

    @property
    def left_seconds(self) -> float:
        """For how long the host must still be left alone; 0 = not at all."""
        if self.boot and self.boot == boot_id():
            return max(0.0, self.blocked_until_monotonic - time.monotonic())
        return max(0.0, self.blocked_until - time.time())

    def believed(self, longest_seconds: float) -> Self:
        """Return the state with no more left than it can have: than was asked for, and than anybody is granted."""
        longest = min(longest_seconds, self.blocked_seconds or longest_seconds)
        if self.left_seconds <= longest:
            return self
        return type(self).beginning(self.host, longest, refusals=self.refusals, wait=self.wait)

    def welcomed(self) -> Self:
        """Return the state after the host answered."""
        return replace(self, refusals=0) if self.left_seconds > 0 else type(self)()


def read_state(file: int) -> RefusalState:
    """
    Return what stands in an open file; what cannot be right is as if it were not there.

    Raises:
        OSError: it cannot be read.
    """
    try:
        found = json.loads(os.pread(file, _LARGEST_BYTES, 0) or b"{}")
    except (ValueError, RecursionError):  # cut short by a full disk, or not ours
        return RefusalState()
    if not isinstance(found, dict):
        return RefusalState()
    host, boot, wait = found.get("host"), found.get("boot"), found.get("wait")
    return RefusalState(
        host=host if isinstance(host, str) and is_host(host) else "",
        refusals=min(_MOST_REFUSALS, int(_number(found, "refusals"))),
        blocked_until=_number(found, "blocked_until"),
        blocked_seconds=_number(found, "blocked_seconds"),
        blocked_until_monotonic=_number(found, "blocked_until_monotonic"),
        boot=boot if isinstance(boot, str) else "",
        wait=WaitSource(wait) if wait in list(WaitSource) else WaitSource.OWN,
    )


def write_state(file: int, state: RefusalState) -> None:
    """
    Put the state into an open file; an empty one takes no room.

    Raises:
        OSError: it cannot be written.
    """
    os.ftruncate(file, 0)
    if state == RefusalState():
        return
    kept = {name: getattr(state, name) for name in RefusalState.__dataclass_fields__}
    os.pwrite(file, json.dumps(kept).encode(), 0)


def _number(found: dict[str, Any], name: str) -> float:
    """Return a number of the state: finite and not negative, else 0."""
    try:
        number = float(found.get(name, 0.0)) if type(found.get(name, 0.0)) in (int, float) else 0.0
    except OverflowError:
        return 0.0
    return number if isfinite(number) and number > 0 else 0.0
