"""The heart of the program: due job -> probe -> store."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

import structlog

from probes.kind import Engine
from probes.runner import Runner
from thuocdo import clock
from thuocdo.agent.admission import Admission
from thuocdo.agent.sink import Sink
from thuocdo.model import AgentState, Job, Measurement

STOP_GRACE_SECONDS = 15.0
"""How long probes in flight may still run after a stop was asked for; what has not ended by then is given up."""

STATE_EVERY_SECONDS = 5.0

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
    """

    def __init__(self, *, engine: Engine, vantage_id: str, runner: Runner, sink: Sink, admission: Admission) -> None:
        self._engine = engine
        self._vantage_id = vantage_id
        self._runner = runner
        self._sink = sink
        self._admission = admission
        self._running: set[asyncio.Task[None]] = set()
        self._started_at = clock.now()
        self._probes = self._missed = self._saturated = 0

    async def run(self, due: AsyncIterator[Job], stop: asyncio.Event) -> None:
        """Probe every job as it comes due; a job whose time is over is counted as missed, never caught up."""
        beat = asyncio.create_task(self._beat())
        try:
            async for job in due:
                await self._admission.wait(stop)
                if stop.is_set():
                    break
                if job.expires_at is not None and clock.now() > job.expires_at:
                    self._missed += 1
                    self._admission.leave()
                    continue
                self._start(job)
            await self._drain(stop)
        finally:
            beat.cancel()
            await self._sink.save_state(self._state())

    async def probe_now(self, job: Job) -> Measurement:
        """Run one job at once, outside the plan, and keep its measurement like any other."""
        measurement = await self._runner.run(job, in_flight=len(self._running) + 1)
        self._keep(measurement)
        return measurement

    def _start(self, job: Job) -> None:
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
        self._sink.put(measurement)
        log.debug("measured", key=str(measurement.key), outcome=measurement.observation.outcome.value)

    async def _drain(self, stop: asyncio.Event) -> None:
        """Wait for the probes in flight; once a stop is asked for, only for the grace time."""
        asked = asyncio.create_task(stop.wait())
        while self._running and not stop.is_set():
            await asyncio.wait([*self._running, asked], return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=STOP_GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
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
            missed_starts_total=self._missed,
            saturated_total=self._saturated,
            unsaved=self._sink.unsaved,
            browser_restarts_total=browser.restarts_total if browser else 0,
        )
