"""When one more probe may start: a limit of probes in flight, a pace, and for the browser a CPU that has room."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import psutil

from thuocdo.core.kinds.kind import Engine
from thuocdo.core.setting_groups import BrowserSettings
from thuocdo.core.stopping import Stop

HTTP_IN_FLIGHT = 200
HTTP_START_GAP_SECONDS = (
    0.005  # at most 200 starts a second: paced starts keep the stop-watches exact (docs/measuring.md)
)
BUSY_LIMIT_RATIO = 0.65
BUSY_WINDOW_SECONDS = 0.1
WINDOW_SAMPLES = 4
LONGEST_WAIT_SECONDS = 3.0
"""A machine that stays busy is measured on all the same; the measurement then says that it was saturated."""

SHORTEST_WAIT_SECONDS = 0.2
"""Where other programs make waiting vain, the next wait is half as long, down to this."""

OTHERS_LIMIT_RATIO = 0.3
"""Of the CPUs: what others take beyond this goes on, however long we wait; what our own visits take ends with them."""

REMEMBERED_STARTS = 8
"""What a page costs is the mean over so many."""


class Admission:
    """
    Lets probes start one by one.

    Args:
        most_in_flight: probes that may run at once.
        start_gap_seconds: shortest time between two starts.
        busy_limit_ratio: a start waits while a larger share of the CPUs was busy over the last 100 ms; None = no matter.
        cpu_share_ratio: starts are so far apart that the machine is busy for no more than this share of the time, by what it
            spent per start lately; None = no matter. So a slow machine gets a slower pace by itself, and a busy one as long as
            it is our own visits that keep it busy.
    """

    def __init__(
        self,
        *,
        most_in_flight: int,
        start_gap_seconds: float,
        busy_limit_ratio: float | None,
        cpu_share_ratio: float | None = None,
    ) -> None:
        self._places = asyncio.Semaphore(most_in_flight)
        self._gap_seconds = start_gap_seconds
        self._busy_limit = busy_limit_ratio
        self._cpu_share = cpu_share_ratio
        self._last_start = 0.0
        self._patience_seconds = LONGEST_WAIT_SECONDS
        self._spent_at_starts: deque[float] = deque(maxlen=REMEMBERED_STARTS + 1)

    @classmethod
    def for_engine(cls, engine: Engine, browser: BrowserSettings, most_http: int = HTTP_IN_FLIGHT) -> "Admission":
        """Return the admission that suits an engine. most_http: HTTP probes that this process has room for."""
        if engine is Engine.HTTP:
            most_in_flight = min(HTTP_IN_FLIGHT, most_http)
            return cls(most_in_flight=most_in_flight, start_gap_seconds=HTTP_START_GAP_SECONDS, busy_limit_ratio=None)
        return cls(
            most_in_flight=browser.max_pages,
            start_gap_seconds=browser.start_gap_seconds,
            busy_limit_ratio=BUSY_LIMIT_RATIO if browser.max_pages > 1 else None,
            cpu_share_ratio=browser.cpu_share if browser.max_pages > 1 else None,
        )

    async def wait(self, stop: Stop) -> None:
        """Wait for a place and the right moment; every wait is followed by one `leave`. Returns at once when stop is set."""
        if await stop.race(self._places.acquire()) is None or stop.is_set():
            return
        gap_seconds = self._last_start + max(self._gap_seconds, self._pace_seconds()) - time.monotonic()
        if self._busy_limit is None:
            await asyncio.sleep(max(0.0, gap_seconds))
        else:
            await self._wait_for_room(max(0.0, gap_seconds), self._busy_limit, stop)
        self._last_start = time.monotonic()
        self._spent_at_starts.append(_spent_seconds(psutil.cpu_times()))

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()

    def _pace_seconds(self) -> float:
        """Return how far apart starts must be for the share of the CPUs; 0 while nothing is known of what a start costs."""
        spent = self._spent_at_starts
        if self._cpu_share is None or len(spent) < 2:
            return 0.0
        per_start = (spent[-1] - spent[0]) / (len(spent) - 1)
        return min(self._patience_seconds, per_start / (self._cpu_share * (psutil.cpu_count() or 1)))

    async def _wait_for_room(self, gap_seconds: float, busy_limit: float, stop: Stop) -> None:
        """Wait for the gap to pass, watching the CPU over its last part, then for a moment in which the CPU has room."""
        await asyncio.sleep(max(0.0, gap_seconds - BUSY_WINDOW_SECONDS))
        give_up = time.monotonic() + BUSY_WINDOW_SECONDS + self._patience_seconds
        samples = deque([psutil.cpu_times()])
        by_others = None
        while time.monotonic() < give_up and not stop.is_set():
            await asyncio.sleep(BUSY_WINDOW_SECONDS / WINDOW_SAMPLES)
            samples.append(psutil.cpu_times())
            if len(samples) > WINDOW_SAMPLES and _busy_ratio(samples.popleft(), samples[-1]) < busy_limit:
                self._patience_seconds = LONGEST_WAIT_SECONDS
                return
            if by_others is None and time.monotonic() > give_up - self._patience_seconds / 2:  # most waits end before
                by_others = await OthersShare.begun()
        if by_others and not stop.is_set():
            is_vain = await by_others.ratio() > OTHERS_LIMIT_RATIO
            self._patience_seconds = (
                max(SHORTEST_WAIT_SECONDS, self._patience_seconds / 2) if is_vain else LONGEST_WAIT_SECONDS
            )


@dataclass(frozen=True, slots=True)
class OthersShare:
    """What other programs take of the CPUs from a moment on."""

    began: float
    spent_seconds: float
    own_seconds: float

    @classmethod
    async def begun(cls) -> Self:
        """Begin now. What our own processes spent is read in a thread: there may be dozens, and pages are being measured."""
        own_seconds = await asyncio.to_thread(_own_seconds)
        return cls(time.monotonic(), _spent_seconds(psutil.cpu_times()), own_seconds)

    async def ratio(self) -> float:
        """Return the others' share, 0..1, since it began."""
        own = await asyncio.to_thread(_own_seconds) - self.own_seconds
        spent = _spent_seconds(psutil.cpu_times()) - self.spent_seconds
        elapsed = (time.monotonic() - self.began) * (psutil.cpu_count() or 1)
        return max(0.0, spent - own) / elapsed if elapsed > 0 else 0.0


def _own_seconds() -> float:
    """Return the CPU seconds of this process and all below it; what ended counts with whoever took note of its end."""
    us = psutil.Process()
    total = 0.0
    for process in (us, *us.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def _spent_seconds(times: object) -> float:
    """Return the CPU seconds that this machine has spent since it began."""
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))  # type: ignore[call-overload, attr-defined]


def _busy_ratio(before: object, after: object) -> float:
    elapsed = sum(after) - sum(before)  # type: ignore[call-overload]
    idle = after.idle - before.idle  # type: ignore[attr-defined]
    return 1.0 - idle / elapsed if elapsed > 0 else 0.0
