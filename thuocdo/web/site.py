"""
What the pages and metrics are made of: settings, store, registry and criteria in force, and what was computed from them.

Nothing here runs on the event loop: handlers that use it are plain functions, which FastAPI runs in threads.
"""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Generic, TypeVar

from schedules.maintenance import MaintenanceWindow, load_maintenance
from thuocdo.core.clock import hanoi_day
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Kind, all_kinds
from thuocdo.core.model import Measurement, Round
from thuocdo.core.portals import Registry, RegistryFiles, read_registry
from thuocdo.score.criteria import CriteriaSet, criteria_set_ids, load_criteria_set
from thuocdo.score.published import chosen_round, day_of
from thuocdo.score.ranking import build_ranking
from thuocdo.score.scorecard import Ranking
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore
from thuocdo.store.latest import Latest

STEADY_SECONDS = 60.0
"""How long a result is kept although nothing newer came: late results do not move the newest instant."""

COST_FACTOR = 10.0
"""A result is kept for this many times what it took to compute, so that computing takes at most a tenth of the time."""

MOST_KEPT = 16

AHEAD = timedelta(minutes=5)
"""
How far the clock of a vantage point may be ahead of ours. What is later was measured under a clock that was wrong, and would hide
what is measured since until that day comes.
"""

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept(Generic[Result]):
    value: Result
    newest_at: datetime | None
    made_seconds: float
    cost_seconds: float


class Cache(Generic[Key, Result]):
    """Keeps what is costly to compute from the store until newer measurements came; one thread computes, the others wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Key, _Kept[Result]] = {}

    def get(self, key: Key, newest_at: datetime | None, compute: Callable[[], Result]) -> Result:
        """Return the kept result of a key, or a new one."""
        with self._lock:
            start = time.monotonic()
            kept = self._kept.get(key)
            if kept is not None:
                longest = STEADY_SECONDS if kept.newest_at == newest_at else COST_FACTOR * kept.cost_seconds
                if start - kept.made_seconds < longest:
                    return kept.value
            value = compute()
            end = time.monotonic()
            self._kept.pop(key, None)
            self._kept[key] = _Kept(value=value, newest_at=newest_at, made_seconds=end, cost_seconds=end - start)
            if len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return value


class InForce:
    """
    What people wrote, as it was last read without a mistake.

    Args:
        files: the registry's.
        criteria: every set by id.
        maintenance: planned windows.
        read_at: when all this was read.

    """

    def __init__(
        self,
        files: RegistryFiles,
        criteria: Mapping[str, CriteriaSet],
        maintenance: tuple[MaintenanceWindow, ...],
        read_at: datetime,
    ) -> None:
        self.criteria = criteria
        self.maintenance = maintenance
        self.read_at = read_at
        self._registry_at = cache(files.at)

    def registry_at(self, day: date | None) -> Registry:
        """Return what was valid on a day; None = everything that ever was, for looking things up."""
        return self._registry_at(day)


class Site:
    """
    Everything the handlers share.

    Args:
        settings: of this process.
        store: where measurements are.
        clock: gives the present instant.

    Raises:
        ConfigurationError: registry or criteria have mistakes; all of them are named.

    """

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.kinds: Mapping[str, Kind] = all_kinds()
        self.evidence = EvidenceStore(settings.evidence_dir)
        self._rankings: Cache[tuple[str, str, str], Ranking] = Cache()
        self._latest = Latest(store.measurements)
        self.in_force = self._load()
        self.reload_succeeded = True

    def reload(self) -> None:
        """
        Read registry, criteria and planned maintenance again.

        Raises:
            ConfigurationError: there are mistakes; what was in force stays so.
        """
        try:
            self.in_force = self._load()
        except ConfigurationError:
            self.reload_succeeded = False
            raise
        self.reload_succeeded = True

    @property
    def registry(self) -> Registry:
        """The registry as it is valid today in Hanoi."""
        return self.in_force.registry_at(hanoi_day(self.clock()))

    @property
    def criteria(self) -> Mapping[str, CriteriaSet]:
        """Every criteria set by id."""
        return self.in_force.criteria

    def latest(self) -> list[Measurement]:
        """Return the newest measurement per target, kind, vantage point and profile."""
        return self._latest.at(self.clock() + AHEAD)

    def round(self, round_id: str) -> Round | None:
        """
        Return the round that is ranked: the given one, else the latest that has ended, else none (the last days).

        Raises:
            UnknownRoundError: there is no such round.
        """
        return chosen_round(self.store.rounds, round_id)

    def ranking(self, criteria: CriteriaSet, round_: Round | None) -> Ranking:
        """Return the ranking of a round, or of the last days, computed anew only when there is something new."""
        registry = self.registry_of(round_)
        round_id = round_.id if round_ else None
        return self._rankings.get(
            (criteria.digest, registry.digest, round_id or ""),
            self._newest_at(),
            lambda: build_ranking(self.store, registry, criteria, round_id=round_id, now=self.clock()),
        )

    def registry_of(self, round_: Round | None) -> Registry:
        """Return the registry as it was on the day of a round, or is today: agencies come and go."""
        return self.in_force.registry_at(day_of(round_, self.clock()))

    def _newest_at(self) -> datetime | None:
        """Return the newest instant of a measurement; the present one where that lies ahead, and says nothing of what is new."""
        newest, now = self.store.measurements.newest_at(), self.clock()
        return newest if newest is None or newest <= now + AHEAD else now

    def _load(self) -> InForce:
        problems: list[str] = []
        files: RegistryFiles | None = None
        criteria: dict[str, CriteriaSet] = {}
        try:
            files = read_registry(self.settings.registry_dir)
        except ConfigurationError as exc:
            problems += exc.problems
        folder = self.settings.criteria_dir
        for set_id in dict.fromkeys([self.settings.criteria_set, *criteria_set_ids(folder)]):
            try:
                criteria[set_id] = load_criteria_set(folder, set_id)
            except ConfigurationError as exc:
                problems += exc.problems
        maintenance: tuple[MaintenanceWindow, ...] = ()
        try:
            maintenance = load_maintenance(self.settings.maintenance, files.at(None) if files else None)
        except ConfigurationError as exc:
            problems += exc.problems
        if problems or files is None:
            raise ConfigurationError(problems)
        return InForce(files, criteria, maintenance, self.clock())
