"""
What planning costs and how late starts come: 100,000 targets, each due once in 60 s, over the agents' own stream of due jobs.

Two parts of the agent are run, each by itself for some seconds: the stream (planner and waiting), which is the figure, and the
whole loop around a runner that does nothing, for information. A real HTTP agent starts at most one probe each 5 ms.
"""

import argparse
import asyncio
import gc
import logging
import platform
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import cast

import structlog
import uvloop

from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.truth import percentile
from probes.monitor import Monitor
from probes.runner import Runner
from schedules.cadence import Cadence, Schedule
from schedules.plan import Planner
from thuocdo.agent.admission import HTTP_START_GAP_SECONDS, Admission
from thuocdo.agent.jobs import every_day
from thuocdo.agent.loop import Agent
from thuocdo.agent.sink import Sink
from thuocdo.core import clock
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import (
    AgentState,
    Block,
    Conditions,
    Job,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Target,
    TargetRole,
)
from thuocdo.core.stopping import Stop
from thuocdo.core.version import __version__

TARGETS = 100_000
PERIOD_SECONDS = 60
WINDOW = timedelta(seconds=1)  # what the agents ask for at once


@dataclass(slots=True, kw_only=True)
class Run:
    """One run: how late each start came, and what it all took."""

    lateness_seconds: list[float] = field(default_factory=list)
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def core_ratio(self) -> float:
        """Share of a core."""
        return self.cpu_seconds / self.wall_seconds

    def late_ms(self, share: float) -> float:
        """Return a percentile of the lateness of starts, in milliseconds."""
        return percentile(self.lateness_seconds, share) * 1000

    def started(self, job: Job) -> None:
        """Note that a job starts now."""
        self.lateness_seconds.append((clock.now() - job.scheduled_at).total_seconds())


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each run")
    arguments = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))  # as the command line does
    versions = {"thuocdo": __version__, "Python": platform.python_version(), "uvloop": version("uvloop")}
    print(heading(f"Planner, {TARGETS:,} targets per {PERIOD_SECONDS} s", versions))
    targets = _targets()
    began = time.process_time()
    planner = Planner(targets, _schedule(), {"http"}, "bench")
    built = time.process_time() - began
    gc.freeze()  # as the agent does
    began = time.process_time()
    jobs = sum(len(planner.due(_START + n * WINDOW, _START + (n + 1) * WINDOW)) for n in range(PERIOD_SECONDS))
    planned = time.process_time() - began
    assert jobs == TARGETS
    stream = _run(_stream, planner, arguments.seconds)
    agent = _run(_agent, planner, arguments.seconds)
    rows = [
        (name, len(run.lateness_seconds) / run.wall_seconds, run.core_ratio, run.late_ms(0.5), run.late_ms(0.99))
        for name, run in (("stream of due jobs", stream), ("whole agent, empty runner, no pace", agent))
    ]
    print(table(["what", "starts per second", "share of a core", "median late, ms", "p99 late, ms"], rows))
    print(f"An HTTP agent's own pace is {1 / HTTP_START_GAP_SECONDS:g} starts per second and process.\n")
    per_period = f"{TARGETS:,} targets per {PERIOD_SECONDS} s"
    publish(
        "planner",
        [
            Figure(
                figure=f"share of a core while {per_period} are planned and waited for",
                value=stream.core_ratio,
                must=0.05,
            ),
            Figure(figure=f"p99 lateness of starts, {per_period}, ms", value=stream.late_ms(0.99), must=15.0),
            Figure(figure="of this the planner's own share", value=planned / PERIOD_SECONDS),
            Figure(figure="CPU seconds to make the plan anew, once a day", value=built),
            Figure(figure="share of a core with the whole agent around it", value=agent.core_ratio),
            Figure(figure="p99 lateness with the whole agent around it, ms", value=agent.late_ms(0.99)),
        ],
    )


def _run(part: Callable[[Planner, Run, Stop], Awaitable[None]], planner: Planner, seconds: float) -> Run:
    """Run a part of the agent for some seconds, in the agent's kind of loop."""
    run = Run()

    async def timed() -> None:
        stop = Stop()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        began, spent = time.monotonic(), time.process_time()
        with suppress(asyncio.CancelledError):
            await part(planner, run, stop)
        run.wall_seconds, run.cpu_seconds = time.monotonic() - began, time.process_time() - spent

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(timed())
    return run


async def _stream(planner: Planner, run: Run, stop: Stop) -> None:
    async for job in every_day(lambda _day: planner, stop):
        run.started(job)


async def _agent(planner: Planner, run: Run, stop: Stop) -> None:
    async with Monitor() as monitor:
        agent = Agent(
            engine=Engine.HTTP,
            vantage_id="bench",
            runner=cast("Runner", _EmptyRunner(run, monitor)),
            sink=cast("Sink", _NoSink()),
            admission=Admission(most_in_flight=TARGETS, start_gap_seconds=0.0, busy_limit_ratio=None),
        )
        await agent.run(every_day(lambda _day: planner, stop), stop)


class _EmptyRunner:
    """Stands where an agent's runner stands; every probe ends at once."""

    browser = None

    def __init__(self, run: Run, monitor: Monitor) -> None:
        self._run = run
        self.monitor = monitor
        self.tools = self

    async def run(self, job: Job, *, in_flight: int) -> Measurement:  # noqa: ARG002 - the signature is the runner's
        self._run.started(job)
        return _MEASUREMENT


class _NoSink:
    """Stands where an agent's sink stands."""

    unsaved = 0

    def put(self, measurement: Measurement) -> None:
        pass

    async def save_state(self, state: AgentState) -> None:
        pass


def _targets() -> list[Target]:
    return [
        Target(
            id=f"p{n}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://p{n}.thuocdo.test/",
            agency_id=f"a{n}",
            portal_id=f"p{n}",
            block=Block.PROVINCE,
        )
        for n in range(TARGETS)
    ]


def _schedule() -> Schedule:
    cadence = Cadence(
        kind="http",
        every_seconds=PERIOD_SECONDS,
        deadline_seconds=10.0,
        profiles=("desktop",),
        roles=frozenset({TargetRole.HOMEPAGE}),
        engine=Engine.HTTP,
    )
    return Schedule(id="bench", cadences=(cadence,), runs={})


_START = datetime(2026, 11, 22, tzinfo=UTC)
_MEASUREMENT = Measurement(
    key=MeasurementKey(target_id="p0.home", kind="http", vantage_id="bench", profile="desktop", scheduled_at=_START),
    agency_id="a0",
    started_at=_START,
    duration_seconds=0.0,
    observation=Observation(outcome=Outcome.OK),
    conditions=Conditions(),
)


if __name__ == "__main__":
    main()
