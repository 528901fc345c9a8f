"""An agent as a process of its own: opens everything, runs the loop, closes everything."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import date, datetime, timedelta

import structlog
import uvloop

from probes.opening import open_runner
from schedules.cadence import Schedule, load_schedule
from schedules.drawing import Draw
from schedules.phases import browser_interval_seconds
from schedules.plan import Planner
from thuocdo.agent import jobs, ondemand
from thuocdo.agent.admission import Admission
from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.agent.loop import Agent
from thuocdo.agent.planned_rounds import PlannedRounds
from thuocdo.agent.rounds import remaining_jobs, retakes
from thuocdo.agent.sink import Sink
from thuocdo.agent.spool import Spool
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError, UnknownTargetError
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.kinds.kind import Engine, Kind, all_kinds
from thuocdo.core.model import Job, Measurement
from thuocdo.core.portals import Registry, load_registry
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.reloading import ReloadWatch
from thuocdo.core.stopping import Stop
from thuocdo.core.vantages import is_control
from thuocdo.processes.file_limit import probes_within, raise_file_limit
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.supervisor import tell_ready
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore
from thuocdo.store.patience import open_when_there

log = structlog.get_logger(__name__)

ROUNDS_EVERY_SECONDS = 60.0
"""How often an agent looks for planned rounds that were opened, extended or ended."""

ON_DEMAND_SECONDS = 9.5
"""Prometheus gives a scrape 10 s unless told otherwise; blackbox_exporter stays half a second below for the same reason."""


def run_agent(settings: Settings, engine: Engine, round_id: str | None) -> None:
    """
    Run one agent until its round is done, a signal comes or the parent process is gone.

    Args:
        settings: of this process.
        engine: whose kinds it runs.
        round_id: the round to work on; None = the schedule of every day.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(settings, engine, round_id))


async def _main(settings: Settings, engine: Engine, round_id: str | None) -> None:
    if is_control(settings.vantage.id):
        raise ConfigurationError(
            f"vantage.id: '{settings.vantage.id}' is a control, which measures by `thuocdo control measure` alone; "
            "call a machine that counts otherwise"
        )
    stop = stop_on_signals()
    store = await open_when_there(settings.store_url, stop, waits=tell_ready)  # pages are wanted most of all meanwhile
    if store is None:
        return
    sink = Sink(store, Spool(settings.data_dir / "spool", engine.value))
    steps = ClockSteps()
    try:
        async with open_runner(settings, EvidenceStore(settings.evidence_dir), {engine}) as runner:
            plan = _Plan(settings, engine, store)
            agent = Agent(
                engine=engine,
                vantage_id=settings.vantage.id,
                runner=runner,
                sink=sink,
                admission=Admission.for_engine(engine, settings.browser, probes_within(raise_file_limit())),
                seen=plan.rounds.seen,
                steps=steps,
            )
            gc.freeze()  # what lives as long as the process need not be looked through again and again
            async with _on_demand(settings, engine, agent, plan), _looking_for_rounds(plan, round_id):
                tell_ready()
                await agent.run(plan.due(round_id, stop, steps), stop)
                while round_id and not stop.is_set():
                    await sink.flush(stop)
                    again = await asyncio.to_thread(plan.retakes, round_id)
                    if not again:
                        break
                    await agent.run(jobs.of_round(again, stop), stop)
    finally:
        try:
            await sink.close()
        finally:
            store.close()


class _Plan:
    """What this agent has to do, from registry, schedule and round."""

    def __init__(self, settings: Settings, engine: Engine, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._kinds: dict[str, Kind] = {name: kind for name, kind in all_kinds().items() if kind.engine is engine}
        self._visited: dict[str, datetime] = {}
        self._reloads = ReloadWatch(settings.data_dir)
        self.rounds = PlannedRounds(store, self._kinds, settings.vantage.id)
        self._day, self._is_stale, self._has_news = clock.today(), False, False
        self._registry, self._schedule = self._read(self._day)

    def due(self, round_id: str | None, stop: Stop, steps: ClockSteps) -> AsyncIterator[Job]:
        """Return the stream of due jobs."""
        if round_id is None:
            return self._with_rounds(jobs.every_day(self._planner_for, stop, steps, self._is_told))
        return jobs.of_round(remaining_jobs(self._settings, self._store, round_id, set(self._kinds)), stop)

    async def _with_rounds(self, everyday: AsyncIterator[Job]) -> AsyncIterator[Job]:
        """Yield everyday jobs, those as jobs of a planned round which it lacks; no page is visited again too early."""
        async for job in everyday:
            if self.rounds.is_wanted(job) and self._is_polite(job):
                yield self.rounds.claimed(job)

    def _is_polite(self, job: Job) -> bool:
        """Tell whether the browser may come: a plan that was made anew knows nothing of whom the one before has just visited."""
        if all_kinds()[job.kind].engine is not Engine.BROWSER:
            return True
        last = self._visited.get(job.target.id)
        if last is not None and timedelta() < job.scheduled_at - last < timedelta(
            seconds=browser_interval_seconds(job.target)
        ):
            return False
        self._visited[job.target.id] = job.scheduled_at
        return True

    def look_for_rounds(self) -> None:
        """Have the plan made anew where a round was opened, extended or ended; a store that is away is asked again later."""
        try:
            self._has_news = self.rounds.read() or self._has_news
        except StoreError as exc:
            log.warning("it cannot be seen whether a planned round is open; it is looked for again", cause=str(exc))
        except Exception:  # the looking must not end for good
            log.exception("it cannot be seen whether a planned round is open; it is looked for again")

    def retakes(self, round_id: str) -> list[Job]:
        """Return what must be measured again because this machine was too busy; empty when the round is complete."""
        return retakes(self._settings, self._store, round_id, set(self._kinds), clock.now())

    def job_now(self, target_id: str, kind: str) -> Job:
        """Return a job that is due at once; raises UnknownTargetError for a target that is not registered or not probed."""
        target = self._registry.target(target_id)
        if not target.probed:
            raise UnknownTargetError(
                f"target '{target_id}' is not probed: the confidence in its address is low; confirm it (confirmed: true)"
            )
        return Job(
            target=target,
            kind=kind,
            vantage_id=self._settings.vantage.id,
            profile=PLAIN_PROFILE,
            scheduled_at=clock.now(),
            deadline_seconds=min(self._kinds[kind].deadline_seconds, ON_DEMAND_SECONDS),
        )

    def _planner_for(self, day: date) -> Planner:
        if self._is_stale or day != self._day:
            try:
                self._registry, self._schedule = self._read(day)
            except ConfigurationError as exc:
                if day == self._day or not self.rounds.draws:
                    raise
                # The plan of another day would have nothing of this day's runs of a round.
                log.error("registry or schedule have mistakes; the day is planned by what was in force", cause=str(exc))  # noqa: TRY400
            self._day, self._is_stale = day, False
        self.look_for_rounds()
        self._has_news = False
        try:
            planner = self._planner(day, self.rounds.draws)
        except Exception as exc:  # whatever a round holds, everyday probes go on
            planner = self._planner(
                day, ()
            )  # where registry or schedule in force are at fault it is these that are told
            log.exception("planned rounds cannot be planned, so they are not measured", cause=str(exc))
            self.rounds.give_up()
        try:
            self.rounds.take_up(planner.drawn, planner.spares, clock.now())
        except Exception as exc:  # what is measured twice at worst does no harm
            log.exception("it cannot be seen what a planned round has of this block", cause=str(exc))
        return planner

    def _planner(self, day: date, draws: Sequence[Draw]) -> Planner:
        return Planner(
            self._registry.probed_targets(),
            self._schedule,
            self._kinds,
            vantage_id=self._settings.vantage.id,
            draws=draws,
            all_kinds=all_kinds(),
            day=day,
            with_spares=True,
        )

    def _is_told(self) -> bool:
        if self._has_news:
            self._has_news = False
            return True
        told = self._reloads.news()
        if told is None or told.problems:
            return False
        self._is_stale = True
        return True

    def _read(self, day: date) -> tuple[Registry, Schedule]:
        settings = settings_in_force(self._settings)
        return load_registry(settings.registry_dir, at=day), load_schedule(settings.schedule, all_kinds())


@asynccontextmanager
async def _looking_for_rounds(plan: _Plan, round_id: str | None) -> AsyncIterator[None]:
    """Look again and again for planned rounds that a person has opened, while everyday probes run."""

    async def look() -> None:
        while True:
            await asyncio.sleep(ROUNDS_EVERY_SECONDS)
            await asyncio.to_thread(plan.look_for_rounds)

    looking = asyncio.create_task(look()) if round_id is None else None
    try:
        yield
    finally:
        if looking is not None:
            looking.cancel()


def _on_demand(settings: Settings, engine: Engine, agent: Agent, plan: _Plan) -> AbstractAsyncContextManager[None]:
    """Listen for requests to probe at once; only the HTTP agent does."""
    if engine is not Engine.HTTP:
        return nullcontext()

    async def probe_now(target_id: str) -> Measurement:
        return await agent.probe_now(plan.job_now(target_id, "http"))

    return ondemand.serve(ondemand.socket_path(settings.data_dir), probe_now)
