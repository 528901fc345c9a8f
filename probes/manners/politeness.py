"""
Never harm a portal: two probes of one host stay apart, and a host that refuses us is left alone for a while.

The agents of one machine are separate processes, so what they must know of each other stands in one small file per host.
"""

import asyncio
import fcntl
import hashlib
import ipaddress
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from thuocdo.errors import StoreUnavailableError

HOST_GAP_SECONDS = 0.5  # design section 6
FIRST_BACK_OFF_SECONDS = 300.0
LONGEST_BACK_OFF_SECONDS = 3600.0

Result = TypeVar("Result")


class Politeness:
    """
    Turns and back-offs per host, shared by all processes that use the same folder.

    Args:
        folder: where the files stand; made when missing.

    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    async def wait_turn(self, host: str) -> None:
        """Take the next free turn of a host and wait until it comes; an address of this very machine needs no manners."""
        if is_loopback(host):
            return
        now = time.monotonic()

        def take(state: dict[str, Any]) -> float:
            last = float(state.get("turn", -1e9))
            if last > now + 600.0:  # the machine was started anew: its monotonic clock began again
                last = -1e9
            state["turn"] = max(now, last + HOST_GAP_SECONDS)
            return float(state["turn"])

        turn = self._change(host, take)
        await asyncio.sleep(max(0.0, turn - time.monotonic()))

    def blocked_seconds(self, host: str) -> float:
        """Return how long the host must still be left alone; 0 = not at all."""
        return max(0.0, self._change(host, lambda state: float(state.get("blocked_until", 0.0))) - time.time())

    def back_off(self, host: str, retry_after_seconds: float | None) -> None:
        """Leave a host alone that answered 403 or 429: as long as it asks, else longer with every refusal."""

        def block(state: dict[str, Any]) -> None:
            refusals = state["refusals"] = int(state.get("refusals", 0)) + 1
            own = min(LONGEST_BACK_OFF_SECONDS, FIRST_BACK_OFF_SECONDS * 2 ** (refusals - 1))
            state["blocked_until"] = time.time() + (own if retry_after_seconds is None else retry_after_seconds)

        self._change(host, block)

    def welcome(self, host: str) -> None:
        """Forget earlier refusals of a host that answers again."""
        self._change(host, lambda state: state.pop("refusals", None))

    def _change(self, host: str, change: Callable[[dict[str, Any]], Result]) -> Result:
        """Read, change and write the state of one host under a lock that other processes respect."""
        path = self._folder / hashlib.sha256(host.encode()).hexdigest()[:32]
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as exc:
            raise StoreUnavailableError(
                f"{path}: cannot be opened ({exc.strerror}); free some space or check the rights"
            ) from exc
        with os.fdopen(file, "r+", encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            state = _parse(handle.read())
            before = dict(state)
            result = change(state)
            if state != before:
                handle.seek(0)
                handle.truncate()
                json.dump(state, handle)
            return result


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
