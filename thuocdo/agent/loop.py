"""The heart of the program: due job -> may it run? -> a place -> probe -> store."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

import structlog

from probes.runner import Runner
from thuocdo.agent.admission import Admission
from thuocdo.agent.clock_offset import clock_offset_seconds
from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.agent.missing import MissedCounter
from thuocdo.agent.sink import Sink
from thuocdo.agent.start_queue import PUNCTUAL_SECONDS, StartQueue
from thuocdo.core import clock
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import AgentState, Job, Measurement
from thuocdo.core.stopping import Stop

STOP_GRACE_SECONDS = 15.0
"""How long probes in flight may still run after a stop was asked for; what has not ended by then is given up."""

STATE_EVERY_SECONDS = 5.0

LATE_START_SECONDS = 1.0

log = structlog.get_logger()


class Agent:
    """
    Runs due jobs until there are none left or a stop is asked for.

    Args:
        engine: whose kinds this agent runs; also its name.
        vantage_id: where it measures from.
        runner: runs one job.
        sink: takes measurements and states.
        admission: decides when one more probe may start.
        seen: is shown every measurement.
        steps: notices when the wall clock is moved.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        vantage_id: str,
        runner: Runner,
        sink: Sink,
        admission: Admission,
        seen: Callable[[Measurement], None] | None = None,
        steps: ClockSteps | None = None,
    ) -> None:
        self._engine = engine
        self._vantage_id = vantage_id
        self._runner = runner
        self._sink = sink
        self._admission = admission
        self._seen = seen
        self._steps = steps or ClockSteps()
        # An HTTP place is not scarce: the runner's own question at the start is enough, and saves a task per probe.
        refusal = runner.refusal if engine is Engine.BROWSER else None
        self._queue = StartQueue(
            refusal=refusal, keep=self._refuse, miss=self._miss, punctual_seconds=PUNCTUAL_SECONDS[engine]
        )
        self._running: set[asyncio.Task[None]] = set()
        self._started_at = clock.now()
        self._probes = self._saturated = self._late = 0
        self._due: Counter[str] = Counter()
        self._missed = MissedCounter(vantage_id)

    async def run(self, due: AsyncIterator[Job], stop: Stop) -> None:
        """
        Probe every job as it comes due; a job whose time is over is counted as missed, never caught up.

        A place of the browser, and with it the pace of starts, is only for jobs that may run: what robots.txt or a back-off
        forbids is kept as a measurement without one.
        """
        beat = asyncio.create_task(self._beat())
        try:
            async with self._queue.open(due, stop):
                while await self._queue.wait():
                    await self._admission.wait(stop)
                    if stop.is_set():
                        break
                    job = self._queue.take()
                    if job is None:
                        self._admission.leave()
                    else:
                        self._start(job)
            await self._drain(stop)
        finally:
            beat.cancel()
            self._hand_over()
            await self._sink.save_state(self._state())

    async def probe_now(self, job: Job) -> Measurement:
        """Run one job at once, outside the plan, and keep its measurement like any other."""
        measurement = await self._runner.run(job, in_flight=len(self._running) + 1)
        self._keep(measurement)
        return measurement

    def _miss(self, job: Job) -> None:
        self._due[job.kind] += 1
        self._missed.count(job)

    def _refuse(self, measurement: Measurement) -> None:
        self._due[measurement.key.kind] += 1
        self._keep(measurement)

    def _start(self, job: Job) -> None:
        self._due[job.kind] += 1
        task = asyncio.create_task(self._probe(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _probe(self, job: Job) -> None:
        try:
            self._keep(await self._runner.run(job, in_flight=len(self._running)))
        finally:
            self._admission.leave()

    def _keep(self, measurement: Measurement) -> None:
        self._probes += 1
        self._saturated += measurement.conditions.saturated
        self._late += measurement.conditions.lateness_seconds > LATE_START_SECONDS
        self._sink.put(measurement)
        if self._seen is not None:
            self._seen(measurement)
        self._hand_over()
        log.debug("measured", key=str(measurement.key), outcome=measurement.observation.outcome.value)

    def _hand_over(self) -> None:
        """Give the sink what was missed, with a measurement or a sign of life: an overloaded agent can spare no transaction."""
        for missed in self._missed.take_changed():
            self._sink.put(missed)

    async def _drain(self, stop: Stop) -> None:
        """Wait for the probes in flight; once a stop is asked for, only for the grace time."""
        while self._running and not stop.is_set():
            await stop.race(asyncio.wait(tuple(self._running)))  # the set may be empty when it is looked at
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=STOP_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            self._hand_over()
            await self._sink.save_state(self._state())
            await asyncio.sleep(STATE_EVERY_SECONDS)

    def _state(self) -> AgentState:
        monitor = self._runner.monitor
        since = time.monotonic() - STATE_EVERY_SECONDS
        browser = self._runner.tools.browser
        return AgentState(
            agent=self._engine.value,
            vantage_id=self._vantage_id,
            pid=os.getpid(),
            seen_at=clock.now(),
            started_at=self._started_at,
            loop_lag_seconds=monitor.worst_lag_seconds(since),
            cpu_pressure_ratio=monitor.pressure_ratio(since),
            in_flight=len(self._running),
            probes_total=self._probes,
            missed_starts_total=self._missed.by_kind.total(),
            saturated_total=self._saturated,
            unsaved=self._sink.unsaved,
            browser_restarts_total=browser.restarts_total if browser else 0,
            queue_length=self._queue.length,
            late_starts_total=self._late,
            clock_offset_seconds=clock_offset_seconds(),
            loop_stalls_total=monitor.stalls_total,
            clock_steps_total=self._steps.look(),
            due_by_kind=dict(self._due),
            missed_by_kind={kind: self._missed.by_kind[kind] for kind in self._due},
        )
