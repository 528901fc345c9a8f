"""Work that many ask for at once is done once."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from thuocdo.core.model import Measurement, Target

LIVE_SECONDS = 10.0
"""A target is probed on request no more often: several Prometheus servers, or anybody in a hurry, share one result."""

MOST_WAITING = 4
"""Targets of one host that may be on request at the same time: each takes a turn of the host, and planned probes wait too."""

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class Flights(Generic[Key, Result]):
    """Whoever asks for a key while it is being made waits for the same result, or the same failure."""

    def __init__(self) -> None:
        self._running: dict[Key, asyncio.Task[Result]] = {}

    async def get(self, key: Key, make: Callable[[], Awaitable[Result]]) -> Result:
        """Return what is being made for a key, or make it; it goes on when somebody who asked goes away."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(_of(make))
            self._running[key] = task
            task.add_done_callback(lambda _: self._running.pop(key))
        return await asyncio.shield(task)


class HostBusyError(Exception):
    """
    A host has as many probes on request as it may have.

    Args:
        retry_after_seconds: when to ask again.
    """

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class LiveProbes:
    """
    Probes on request, never more often than manners allow, however many requests there are.

    Args:
        probe_now: has a target probed at once; the agent takes the host's turn for it, as for any probe.
        clock: monotonic seconds.
    """

    def __init__(
        self, probe_now: Callable[[Target], Awaitable[Measurement]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._probe_now = probe_now
        self._clock = clock
        self._flights: Flights[str, Measurement] = Flights()
        self._last: dict[str, tuple[float, Measurement]] = {}
        self._waiting: Counter[str] = Counter()

    async def get(self, target: Target, within_seconds: float | None = None) -> Measurement:
        """
        Return what a target's probe gives now, or gave within the last seconds.

        Args:
            target: what is probed.
            within_seconds: the longest wait of whoever asks; the probe goes on without him. None = as long as it takes.

        Raises:
            TimeoutError: it took longer.
            HostBusyError: too many of its host's targets are being probed on request.
            AgentAwayError, AgentBrokeError, UnknownTargetError: of the probe.
        """
        begun, measurement = self._last.get(target.id, (-LIVE_SECONDS, None))
        if measurement is not None and self._clock() - begun < LIVE_SECONDS:
            return measurement
        async with asyncio.timeout(within_seconds):
            return await self._flights.get(target.id, lambda: self._measure(target))

    async def _measure(self, target: Target) -> Measurement:
        if self._waiting[target.host] >= MOST_WAITING:
            raise HostBusyError(int(LIVE_SECONDS))
        self._waiting[target.host] += 1
        begun = self._clock()
        try:
            measurement = await self._probe_now(target)
        finally:
            self._waiting[target.host] -= 1
        self._last[target.id] = (begun, measurement)
        return measurement


async def _of(make: Callable[[], Awaitable[Result]]) -> Result:
    return await make()
