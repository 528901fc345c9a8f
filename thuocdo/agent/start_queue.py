"""
Where due jobs wait before they get a place: a refusal is asked for, and the jobs of one host come forward one at a time.

A browser's place is scarce. None is held while robots.txt is fetched, by a job that is refused, or while the host of a job has
only just been visited by this process. The turn itself, which counts for all processes, is taken by the runner when the probe
starts: one taken here would be stale by then, and two probes of a host could meet.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress

from probes.manners.politeness import is_loopback
from thuocdo.core import clock
from thuocdo.core.manners import HOST_GAP_SECONDS
from thuocdo.core.model import Job, Measurement
from thuocdo.core.stopping import SHORTEST_SLEEP_SECONDS, Stop

MOST_ASKED_AT_ONCE = 200
"""Each may be fetching a robots.txt; a start after a long stop asks hundreds of hosts."""


class StartQueue:
    """
    Puts due jobs in the order in which they may start.

    Args:
        refusal: returns the measurement of a job that must not run at all, None where it may; where no such question is given,
            the runner's own at the start of a job is the only one.
        keep: takes such a measurement.
    """

    def __init__(
        self, *, refusal: Callable[[Job], Awaitable[Measurement | None]] | None, keep: Callable[[Measurement], None]
    ) -> None:
        self._refusal = refusal
        self._keep = keep
        self._asking: set[asyncio.Task[None]] = set()
        self._may_ask = asyncio.Semaphore(MOST_ASKED_AT_ONCE)
        self._waiting: deque[Job] = deque()
        self._turns: dict[str, float] = {}
        self._changed = asyncio.Event()

    @property
    def length(self) -> int:
        """Number of due jobs that are here."""
        return len(self._waiting) + len(self._asking)

    async def ready(self, due: AsyncIterator[Job], stop: Stop) -> AsyncGenerator[Job, None]:
        """
        Yield the jobs that may start: first come, first served, except that a job whose host was just visited lets others pass.

        The caller tells each start (`started`) before it asks for the next job. A job whose time is over comes at once, for the
        caller to count. The stream ends with `due` or when stop is set.

        Raises:
            Exception: whatever `due` raised, once all jobs before it were yielded.
        """
        feeding = asyncio.create_task(self._feed(due))
        feeding.add_done_callback(lambda _: self._changed.set())
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._changed.set())
        try:
            while not stop.is_set():
                job = self._take()
                if job is not None:
                    yield job
                elif feeding.done() and not self._asking and not self._waiting:
                    feeding.result()
                    return
                else:
                    await self._change()
        finally:
            tasks = [feeding, stopping, *self._asking]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._waiting.clear()

    def started(self, job: Job) -> None:
        """Remember that a probe of the job's host starts now; this very machine needs no gap."""
        if not is_loopback(job.target.host):
            self._turns[job.target.host] = time.monotonic() + HOST_GAP_SECONDS

    async def _feed(self, due: AsyncIterator[Job]) -> None:
        async for job in due:
            if self._refusal is None or is_over(job):
                self._come_forward(job)
                await asyncio.sleep(0)  # after a long stop thousands are late: the loop goes on meanwhile
            else:
                await self._may_ask.acquire()
                task = asyncio.create_task(self._ask(job, self._refusal))
                self._asking.add(task)
                task.add_done_callback(self._asked)

    async def _ask(self, job: Job, refusal: Callable[[Job], Awaitable[Measurement | None]]) -> None:
        refused = await refusal(job)
        if refused is None:
            self._come_forward(job)
        else:
            self._keep(refused)

    def _come_forward(self, job: Job) -> None:
        self._waiting.append(job)
        self._changed.set()

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking.discard(task)
        self._may_ask.release()
        self._changed.set()

    def _take(self) -> Job | None:
        """Take out the first job that may start now."""
        now = time.monotonic()
        for index, job in enumerate(self._waiting):
            if self._turns.get(job.target.host, 0.0) <= now or is_over(job):
                del self._waiting[index]
                return job
        return None

    async def _change(self) -> None:
        """Wait until a job comes, the turn of a waiting job's host comes, or a stop is asked for."""
        self._changed.clear()
        turn = min((self._turns[job.target.host] for job in self._waiting), default=None)
        seconds = None if turn is None else max(SHORTEST_SLEEP_SECONDS, turn - time.monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()


def is_over(job: Job) -> bool:
    """Tell whether the time in which a job may start has passed."""
    return job.expires_at is not None and clock.now() > job.expires_at
