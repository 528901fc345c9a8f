"""The state of the prober itself: lateness and standstills of the event loop, pressure on the CPU, watched at little cost."""

import asyncio
import os
import time
from collections import deque
from pathlib import Path

import psutil

from probes.watchdog import Watchdog

TICK_SECONDS = 0.02
KEEP_SECONDS = 120.0
PRESSURE_FILE = Path("/proc/pressure/cpu")

LAG_LIMIT_SECONDS = 0.010
LAG_LIMIT_RATIO = 0.05
LOST_LIMIT_RATIO = 0.2
"""
A loop that stood still for so much of a portal's time cannot say that the portal used all of it: the answer may lie unread. Kinds
that correct lag correct the times of answers that were read, not of those that were not.
"""

PRESSURE_LIMIT_RATIO = 0.55
"""
Measured on 2 cores over 370 home-page runs of three demo rounds (2026-11-22), against the fastest run of the same page: p95 of
the load time's excess is 16-17 % at a pressure of 0.4-0.5, 15 % at 0.5-0.55 and 34 % above; medians stay under 4 %.
"""


class Monitor:
    """
    Ticks on the event loop and remembers how late each tick came.

    Use as an async context manager around everything that is measured.
    """

    def __init__(self) -> None:
        self._lags: deque[tuple[float, float]] = deque()
        self._pressures: deque[tuple[float, float]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._watchdog: Watchdog | None = None

    async def __aenter__(self) -> "Monitor":
        self._pressures.append((time.monotonic(), _stalled_seconds()))
        self._watchdog = Watchdog()
        self._task = asyncio.create_task(self._tick(self._watchdog))
        self._watchdog.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._task:
            self._task.cancel()
        if self._watchdog:
            self._watchdog.stop()

    @property
    def stalls_total(self) -> int:
        """How often the loop stood still so long that no deadline held."""
        return self._watchdog.stalls_total if self._watchdog else 0

    async def _tick(self, watchdog: Watchdog) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            watchdog.beat()
            now = time.monotonic()
            self._lags.append((now, max(0.0, loop.time() - due)))
            if now - self._pressures[-1][0] >= 0.25:
                self._pressures.append((now, _stalled_seconds()))
            for series in (self._lags, self._pressures):
                while len(series) > 1 and series[0][0] < now - KEEP_SECONDS:
                    series.popleft()

    def worst_lag_seconds(self, since: float) -> float:
        """Return the worst lateness of the loop since an instant of the monotonic clock; a tick that is overdue now counts."""
        now = time.monotonic()
        overdue = now - self._lags[-1][0] - TICK_SECONDS if self._lags else 0.0
        worst = overdue
        for at, lag in reversed(self._lags):
            if at < since:
                break
            worst = max(worst, lag)
        return max(0.0, worst)

    def pressure_ratio(self, since: float) -> float:
        """Return the share of time since an instant in which something on this machine waited for a CPU, 0..1."""
        at, stalled = next((p for p in reversed(self._pressures) if p[0] <= since), self._pressures[0])
        elapsed = time.monotonic() - at
        return min(1.0, max(0.0, (_stalled_seconds() - stalled) / elapsed)) if elapsed > 0 else 0.0


def _stalled_seconds() -> float:
    """Return for how long tasks waited for a CPU since boot; where the kernel does not count it, time with all CPUs busy."""
    try:
        file = os.open(
            PRESSURE_FILE, os.O_RDONLY | os.O_CLOEXEC
        )  # every probe asks: Python's own file costs ten times as much
        try:
            some = os.read(file, 512).partition(b"\n")[0]
        finally:
            os.close(file)
        return int(some.rpartition(b"total=")[2]) / 1e6
    except (OSError, ValueError, IndexError):
        times = psutil.cpu_times()
        return float(sum(times) - times.idle) / (psutil.cpu_count() or 1)
