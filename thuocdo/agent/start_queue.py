"""
Where due jobs wait before they get a place: a refusal is asked for, and the jobs of one host come forward one at a time.

A browser's place is scarce. None is held while robots.txt is fetched, by a job that is refused, or while the host of a job has
only just been visited by this process. The turn itself, which counts for all processes, is taken by the runner when the probe
starts: one taken here would be stale by then, and two probes of a host could meet. Which job starts is chosen when a place is
free, not before: what is chosen early is late by the time it starts. `waiting.py` chooses.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from probes.manners.politeness import is_loopback
from thuocdo.agent.waiting import WaitingRoom
from thuocdo.core import clock
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.manners import HOST_GAP_SECONDS
from thuocdo.core.model import Job, Measurement
from thuocdo.core.stopping import SHORTEST_SLEEP_SECONDS, Stop

MOST_ASKED_AT_ONCE = 200
"""Each may be fetching a robots.txt; a start after a long stop asks hundreds of hosts."""

PUNCTUAL_SECONDS = {Engine.HTTP: 1.0, Engine.BROWSER: 10.0}
"""
A start within this time is punctual. HTTP probes start 200 a second, and wait only where there is too much to do; a browser's
visits are paced (`Admission`), 1 to 3 s apart on a small machine, and a few of them always wait.
"""


class StartQueue:
    """
    Puts due jobs in the order in which they may start.

    Args:
        refusal: returns the measurement of a job that must not run at all, None where it may; where no such question is given,
            the runner's own at the start of a job is the only one.
        keep: takes such a measurement.
        miss: takes a job whose time was over before it could start, or that a stop kept from starting in its time.
        punctual_seconds: see PUNCTUAL_SECONDS.
    """

    def __init__(
        self,
        *,
        refusal: Callable[[Job], Awaitable[Measurement | None]] | None,
        keep: Callable[[Measurement], None],
        miss: Callable[[Job], None],
        punctual_seconds: float,
    ) -> None:
        self._refusal = refusal
        self._keep = keep
        self._miss = miss
        self._asking: dict[asyncio.Task[None], Job] = {}
        self._may_ask = asyncio.Semaphore(MOST_ASKED_AT_ONCE)
        self._room = WaitingRoom(punctual_seconds)
        self._changed = asyncio.Event()
        self._stop = Stop()
        self._feeding: asyncio.Task[None] | None = None

    @property
    def length(self) -> int:
        """Number of due jobs that are here."""
        return len(self._room) + sum(not task.done() for task in self._asking)

    @asynccontextmanager
    async def open(self, due: AsyncIterator[Job], stop: Stop) -> AsyncIterator[None]:
        """
        Let jobs come in as they are due, within the block.

        What waits at its end and could only have started now is missed; a job of a round can start at any time.
        """
        self._stop = stop
        self._feeding = asyncio.create_task(self._feed(due))
        stopping = asyncio.create_task(stop.wait())
        self._feeding.add_done_callback(lambda _: self._changed.set())
        stopping.add_done_callback(lambda _: self._changed.set())
        try:
            yield
        finally:
            asking = self._asking.copy()
            tasks: list[asyncio.Task[Any]] = [self._feeding, stopping, *asking]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._dismiss([*self._room.clear(), *(job for task, job in asking.items() if task.cancelled())])

    async def wait(self) -> bool:
        """
        Wait until a job may start; False = none will: the stream of due jobs has ended and all were taken, or stop is set.

        Raises:
            Exception: whatever the stream raised, once all jobs before it were taken.
        """
        while not self._stop.is_set():
            self._look()
            if self._room.may_start():
                return True
            if self._feeding is None or (self._feeding.done() and not self.length):
                if self._feeding is not None:
                    self._feeding.result()
                return False
            await self._change()
        return False

    def take(self) -> Job | None:
        """
        Take out the job that starts now, None where its time was over meanwhile.

        Its host rests from now on; this very machine needs no gap.
        """
        self._look()
        job = self._room.take()
        if job is not None and not is_loopback(job.target.host):
            now = time.monotonic()
            self._room.rest(job.target.host, now + HOST_GAP_SECONDS, now)
        return job

    async def _feed(self, due: AsyncIterator[Job]) -> None:
        async for job in due:
            if self._refusal is None or is_over(job):
                self._come_forward(job)
                await asyncio.sleep(0)  # after a long stop thousands are late: the loop goes on meanwhile
                continue
            try:
                await self._may_ask.acquire()
            except asyncio.CancelledError:
                self._dismiss([job])
                raise
            task = asyncio.create_task(self._ask(job, self._refusal))
            self._asking[task] = job
            task.add_done_callback(self._asked)

    async def _ask(self, job: Job, refusal: Callable[[Job], Awaitable[Measurement | None]]) -> None:
        refused = await refusal(job)
        if refused is None:
            self._come_forward(job)
        else:
            self._keep(refused)

    def _come_forward(self, job: Job) -> None:
        self._room.add(job, time.monotonic())
        self._changed.set()

    def _asked(self, task: asyncio.Task[None]) -> None:
        del self._asking[task]
        self._may_ask.release()
        self._changed.set()

    def _look(self) -> None:
        for job in self._room.look(clock.now(), time.monotonic()):
            self._miss(job)

    def _dismiss(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.expires_at is not None:
                self._miss(job)

    async def _change(self) -> None:
        """Wait until a job comes, the turn of a waiting job's host comes, or a stop is asked for."""
        self._changed.clear()
        turn = self._room.next_turn()
        seconds = None if turn is None else max(SHORTEST_SLEEP_SECONDS, turn - time.monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


def is_over(job: Job) -> bool:
    """Tell whether the time in which a job may start has passed."""
    return job.expires_at is not None and clock.now() > job.expires_at
