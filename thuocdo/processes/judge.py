"""The judge as a process: looks at what was measured every few seconds and stores what it amounts to."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import merge
from statistics import median

import structlog

from schedules.cadence import Schedule, load_schedule
from schedules.maintenance import load_maintenance, windows_of
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.kinds.kind import all_kinds, answering_kind
from thuocdo.core.model import Block, MeasurementKey, Reading, Target
from thuocdo.core.portals import load_registry
from thuocdo.core.stopping import Stop
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.rules import JudgingContext, Rules, gap_of
from thuocdo.incidents.tallying import count_hour, hours_to_count
from thuocdo.processes.signals import stop_on_signals
from thuocdo.store import Store
from thuocdo.store.patience import open_when_there

BASELINE_DAYS = 7
LEAST_FOR_BASELINE = 20
SCENE_SECONDS = 300.0
"""How often registry and maintenance are read again."""

MEMORY_SECONDS = 300.0
TALLY_SECONDS = 30.0
SETTLE_SLACK = timedelta(seconds=1)

log = structlog.get_logger(__name__)


def run_judge(settings: Settings) -> None:
    """Judge until a signal comes or the parent process is gone; raises as keep_judging."""

    async def work() -> None:
        await keep_judging(settings, stop_on_signals())

    asyncio.run(work())


async def keep_judging(settings: Settings, stop: Stop) -> None:
    """
    Judge until stop is set; a store that is away is waited for.

    Raises:
        ConfigurationError: registry, schedule or maintenance have mistakes at the start.
        StoreError: the store cannot be opened, and waiting will not mend that.
    """
    store = await open_when_there(settings.store_url, stop)
    if store is None:
        return
    try:
        work = Work(settings, store)
        while not stop.is_set():
            await asyncio.to_thread(work.once, stop)
            await stop.sleep(settings.incidents.every_seconds)
        await asyncio.to_thread(work.remember)
    finally:
        store.close()


class Work:
    """
    What the process does each time.

    Args:
        settings: of this process.
        store: open.

    Raises:
        ConfigurationError: registry, schedule or maintenance have mistakes.
    """

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._session: Judging | None = None
        self._counted_at: datetime | None = None
        self._due: dict[str, float] = {}
        schedule = load_schedule(settings.schedule, all_kinds())
        cadences = [cadence for cadence in schedule.cadences if cadence.kind == answering_kind().name]
        self._settle = timedelta(seconds=max((one.deadline_seconds for one in cadences), default=0.0)) + SETTLE_SLACK
        self._rules = _rules(settings, schedule)
        self._usual_seconds = lru_cache(maxsize=10_000)(self._usual_of)
        self._scene = self._read_scene()
        self._is_due("scene", SCENE_SECONDS)

    def once(self, stop: Stop | None = None) -> None:
        """Judge and count; what the store cannot do now is done the next time."""
        try:
            self._refresh()
            now = clock.now()
            if self._session is None:
                self._session = Judging.resume(self._store.incidents, self._readings, now - self._settle)
            changes = self._session.look(self._scene, now - self._settle, now)
            if changes:
                log.info("incidents changed", changes=changes)
            self._store.incidents.save_judged_at(now)
            if self._is_due("memory", MEMORY_SECONDS):
                self.remember()
            if self._is_due("tallies", TALLY_SECONDS):
                self._count(now, stop)
        except StoreError as exc:
            log.warning("incidents could not be judged; it is tried again", cause=str(exc))

    def remember(self) -> None:
        """Store what the next judge goes on from; trouble is told, never raised."""
        if self._session is None:
            return
        memory = self._session.memory
        try:
            self._store.incidents.save_judge_memory(clock.now(), memory.at, memory.to_json())
        except StoreError as exc:
            log.warning("what was judged so far could not be stored; the next start judges it again", cause=str(exc))

    def _count(self, now: datetime, stop: Stop | None) -> None:
        for hour in hours_to_count(self._store, now, self._counted_at):
            count_hour(self._store, hour, self._scene)
            if stop is not None and stop.is_set():
                return
        self._counted_at = now

    def _readings(self, since: datetime, until: datetime) -> Iterable[Reading]:
        each = (
            self._store.measurements.readings(kind, rule.value, since=since, until=until)
            for kind, rule in self._rules.slow.items()
        )
        return merge(*each, key=lambda reading: reading.key.scheduled_at)

    def _is_due(self, name: str, every_seconds: float) -> bool:
        present = time.monotonic()
        if present < self._due.get(name, 0.0):
            return False
        self._due[name] = present + every_seconds
        return True

    def _refresh(self) -> None:
        if not self._is_due("scene", SCENE_SECONDS):
            return
        try:
            self._scene = self._read_scene()
        except ConfigurationError as exc:
            log.warning(
                "registry or maintenance have mistakes; the old ones stay in force", problems=list(exc.problems)
            )

    def _read_scene(self) -> JudgingContext:
        registry = load_registry(self._settings.registry_dir, at=clock.today())
        maintenance = load_maintenance(self._settings.maintenance)
        windows = {target.id: windows_of(target, maintenance) for target in registry.targets.values()}

        def is_excluded(target: Target, instant: datetime) -> bool:
            return any(window.holds(instant) for window in windows.get(target.id, ()))

        return JudgingContext(
            targets={target.id: target for target in registry.probed_targets()},
            rules=self._rules,
            is_excluded=is_excluded,
            usual_seconds=lambda key: self._usual_seconds(replace(key, scheduled_at=_midnight(key.scheduled_at))),
        )

    def _usual_of(self, series: MeasurementKey) -> float | None:
        """Return the median of a series' times in the seven days before an instant; None = too few to say."""
        until = series.scheduled_at
        times = self._store.measurements.seconds(
            series, self._rules.slow[series.kind].value, since=until - timedelta(days=BASELINE_DAYS), until=until
        )
        return median(times) if len(times) >= LEAST_FOR_BASELINE else None


def _midnight(instant: datetime) -> datetime:
    """Return the beginning of the day in Hanoi."""
    return instant.astimezone(clock.HANOI).replace(hour=0, minute=0, second=0, microsecond=0)


def _rules(settings: Settings, schedule: Schedule) -> Rules:
    """Return the rules that go with the settings and the cadences of the schedule; of a kind the most frequent counts."""
    rules, chosen = Rules(), settings.incidents
    answers = answering_kind().name
    every_seconds: dict[str, float] = {}
    of_block: dict[Block, float] = {}
    for cadence in sorted(schedule.cadences, key=lambda one: one.every_seconds):
        every_seconds.setdefault(cadence.kind, cadence.every_seconds)
        for block in cadence.blocks if cadence.kind == answers else ():
            of_block.setdefault(block, cadence.every_seconds)
    return replace(
        rules,
        confirm_failures=chosen.confirm_failures,
        of_last=chosen.of_last,
        resolve_ok=chosen.resolve_ok,
        gap=gap_of(every_seconds[answers]) if answers in every_seconds else rules.gap,
        gaps={
            block: gap_of(every)
            for block, every in sorted(of_block.items())
            if every != every_seconds.get(answers, every)
        },
        slow={
            kind: replace(rule, gap=gap_of(every_seconds[kind])) if kind in every_seconds else rule
            for kind, rule in rules.slow.items()
        },
    )
