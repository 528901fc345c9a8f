"""
The judge as a process: looks at what arrived every few seconds and stores what it amounts to.

Two works that never wait for each other: judging, which is short, and counting, which is not where a store is counted for the
first time.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
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
from thuocdo.core.in_force import settings_in_force
from thuocdo.core.kinds.kind import all_kinds, answering_kind
from thuocdo.core.model import Block, MeasurementKey, Reading, Target
from thuocdo.core.portals import load_registry
from thuocdo.core.reloading import ReloadWatch
from thuocdo.core.stopping import Stop
from thuocdo.incidents.breakage import usage_kinds
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.replacement import page_kinds
from thuocdo.incidents.rules import JudgingContext, Rules, gap_of
from thuocdo.incidents.tallying import Tallying
from thuocdo.processes.signals import stop_on_signals
from thuocdo.processes.told_incidents import ToldIncidents
from thuocdo.store import Store
from thuocdo.store.patience import open_when_there

BASELINE_DAYS = 7
LEAST_FOR_BASELINE = 20
SCENE_SECONDS = 300.0
"""How often registry and maintenance are read again."""

MEMORY_SECONDS = 300.0
TALLY_SECONDS = 10.0
SERIES_REMEMBERED = 100_000
"""Of so many series and days the usual time is kept: what was asked for provisionally is asked for again when it is certain."""

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
        async with asyncio.TaskGroup() as works:
            works.create_task(_keep_counting(work, stop))
            while not stop.is_set():
                await asyncio.to_thread(work.once)
                await stop.sleep(settings.incidents.every_seconds)
            await asyncio.to_thread(work.remember)
    finally:
        store.close()


async def _keep_counting(work: "Work", stop: Stop) -> None:
    while not stop.is_set():
        has_more = await asyncio.to_thread(work.count, stop)
        await stop.sleep(0.0 if has_more else TALLY_SECONDS)


class StoredReadings:
    """
    What judging needs of a store's measurements; a `ReadingSource`.

    Args:
        store: open.
        values: name of the measured time that tells slowness, by kind, empty = none does; only these kinds.
    """

    def __init__(self, store: Store, values: Mapping[str, str]) -> None:
        self._measurements = store.measurements
        self._values = values

    def newest(self) -> int:
        """Return the number of the measurement that arrived last."""
        return self._measurements.newest()

    def between(self, since: datetime, until: datetime, up_to: int | None = None) -> Iterable[Reading]:
        """Return readings by their scheduled instant; up_to: number of the last one that may be among them."""
        each = (
            self._measurements.readings(kind, value, since=since, until=until, up_to=up_to)
            for kind, value in self._values.items()
        )
        return merge(*each, key=lambda reading: reading.key.scheduled_at)

    def arrived(self, after: int, since: datetime) -> tuple[int, Sequence[Reading]]:
        """Return what arrived after a number but what is scheduled before `since`, and the number that arrived last."""
        return self._measurements.arrived(after, self._values, since=since)


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
        self._tallying = Tallying(store=store)
        self._due: dict[str, float] = {}
        self._reloads = ReloadWatch(settings.data_dir)
        self._rules, self._settle = self._read_rules()
        no_times = dict.fromkeys(sorted(page_kinds() | usage_kinds()), "")
        self._readings = StoredReadings(store, no_times | {kind: one.value for kind, one in self._rules.slow.items()})
        self._usual_seconds = lru_cache(maxsize=SERIES_REMEMBERED)(self._usual_of)
        self._scene = self._read_scene()
        self._incidents = ToldIncidents(store.incidents, self._scene.targets)
        self._is_due("scene", SCENE_SECONDS)

    def once(self) -> None:
        """Judge; what the store cannot do now is done the next time."""
        try:
            self._refresh()
            now = clock.now()
            if self._session is None or not self._session.is_sound:
                self._session = Judging.resume(self._incidents, self._readings, now - self._settle)
            self._session.look(self._scene, now - self._settle, now)
            self._store.incidents.save_judged_at(now)
            if self._is_due("memory", MEMORY_SECONDS):
                self.remember()
        except StoreError as exc:
            log.warning("incidents could not be judged; it is tried again", cause=str(exc))

    def count(self, stop: Stop | None = None) -> bool:
        """Bring the tallies of hours up to date, in another thread than `once`; return whether more is to be done at once."""
        try:
            return self._tallying.once(self._scene, clock.now(), stop.is_set if stop is not None else lambda: False)
        except StoreError as exc:
            log.warning("availability could not be counted; it is tried again", cause=str(exc))
            return False

    def remember(self) -> None:
        """Store what the next judge goes on from; trouble is told, never raised."""
        if self._session is None or not self._session.is_sound:
            return
        memory = self._session.memory
        try:
            self._store.incidents.save_judge_memory(clock.now(), memory.at, memory.to_json())
        except StoreError as exc:
            log.warning("what was judged so far could not be stored; the next start judges it again", cause=str(exc))

    def _is_due(self, name: str, every_seconds: float) -> bool:
        present = time.monotonic()
        if present < self._due.get(name, 0.0):
            return False
        self._due[name] = present + every_seconds
        return True

    def _refresh(self) -> None:
        """Read again what people wrote when they say so, and now and then: what is valid changes with the date."""
        told = self._reloads.news()
        is_told = told is not None and not told.problems
        if not (self._is_due("scene", SCENE_SECONDS) or is_told):
            return
        try:
            if is_told:
                self._rules, self._settle = self._read_rules()
            self._scene = self._read_scene()
            self._incidents.targets = self._scene.targets
        except ConfigurationError as exc:
            log.warning(
                "registry, schedule or maintenance have mistakes; the old ones stay in force",
                problems=list(exc.problems),
            )

    def _read_rules(self) -> tuple[Rules, timedelta]:
        """Return the rules that go with settings and schedule, and after how long all that was due has arrived."""
        schedule = load_schedule(settings_in_force(self._settings).schedule, all_kinds())
        cadences = [cadence for cadence in schedule.cadences if cadence.kind == answering_kind().name]
        longest = max((one.deadline_seconds for one in cadences), default=0.0)
        return _rules(self._settings, schedule), timedelta(seconds=longest) + SETTLE_SLACK

    def _read_scene(self) -> JudgingContext:
        settings = settings_in_force(self._settings)
        registry = load_registry(settings.registry_dir, at=clock.today())
        maintenance = load_maintenance(settings.maintenance)
        of_each = {target.id: windows_of(target, maintenance) for target in registry.targets.values()}
        windows = {target_id: some for target_id, some in of_each.items() if some}

        def is_excluded(target: Target, instant: datetime) -> bool:
            return any(window.holds(instant) for window in windows.get(target.id, ()))

        return JudgingContext(
            targets={target.id: target for target in registry.probed_targets()},
            rules=self._rules,
            is_excluded=is_excluded,
            windows=windows,
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
    of_pages: dict[tuple[str, Block], float] = {}
    for cadence in sorted(schedule.cadences, key=lambda one: one.every_seconds):
        every_seconds.setdefault(cadence.kind, cadence.every_seconds)
        for block in cadence.blocks if cadence.kind == answers else ():
            of_block.setdefault(block, cadence.every_seconds)
        for block in cadence.blocks if cadence.kind in page_kinds() | usage_kinds() else ():
            of_pages.setdefault((cadence.kind, block), cadence.every_seconds)
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
        page_gaps={each: gap_of(every) for each, every in of_pages.items()},
    )
