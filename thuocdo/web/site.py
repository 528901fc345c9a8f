"""
What the pages and metrics are made of: settings, store, registry and criteria in force, and rankings as they are kept.

Nothing here runs on the event loop: handlers that use it are plain functions, which FastAPI runs in threads.
"""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

import structlog

from schedules.cadence import Schedule, load_schedule
from schedules.maintenance import MaintenanceWindow, load_maintenance
from thuocdo.core.clock import AHEAD, hanoi_day
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.in_force import renewed, settings_in_force
from thuocdo.core.kinds.kind import Kind, all_kinds
from thuocdo.core.model import Measurement, Round
from thuocdo.core.portals import Registry, read_registry
from thuocdo.core.reloading import LOOKED_AT_SECONDS, ReloadWatch, tell_reload
from thuocdo.score.basis import Basis, attempt, load_criteria_sets
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.kept import due_since, first_readable, kept, news, wanted_of
from thuocdo.score.published import UnknownRoundError, chosen_round, day_of, with_every_agency
from thuocdo.score.scorecard import Ranking
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore
from thuocdo.store.latest import Latest
from thuocdo.store.rankings import RankingHead
from thuocdo.written import check_files

STEADY_SECONDS = 60.0
"""How long a result is kept although nothing newer came: late results do not move the newest instant."""

COST_FACTOR = 10.0
"""A result is kept for this many times what it took to compute, so that computing takes at most a tenth of the time."""

MOST_KEPT = 16

MOSTLY_THERE_WITHIN = timedelta(minutes=10)
"""A ranking that is due for longer says so, and where to look."""

log = structlog.get_logger(__name__)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """
    What people wrote, as it was last read without a mistake.

    basis: registry and criteria sets. maintenance: planned windows. schedule: what is measured how often.
    """

    basis: Basis
    maintenance: tuple[MaintenanceWindow, ...]
    schedule: Schedule

    @property
    def criteria(self) -> Mapping[str, CriteriaSet]:
        """Every criteria set by id."""
        return self.basis.criteria

    @property
    def read_at(self) -> datetime:
        """When all this was read."""
        return self.basis.read_at

    def registry_at(self, day: date | None) -> Registry:
        """Return what was valid on a day; None = everything that ever was, for looking things up."""
        return self.basis.registry_at(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """
    What there is to show of a ranking.

    ranking: as it is kept; None = none is, yet. due_since: since when it is due to be computed, for the first time or again;
    None = it is not, as that of a round which has not ended.
    """

    ranking: Ranking | None
    due_since: datetime | None


class Site:
    """
    Everything the handlers share.

    Args:
        settings: of this process.
        store: where measurements are.
        clock: gives the present instant.

    Raises:
        ConfigurationError: registry, criteria or schedule have mistakes; all of them are named.

    """

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.kinds: Mapping[str, Kind] = all_kinds()
        self.evidence = EvidenceStore(settings.evidence_dir)
        self._rankings: dict[tuple[str, str | None], tuple[RankingHead, Ranking]] = {}
        self._reloads, self._look_at, self._looking = ReloadWatch(settings.data_dir), 0.0, threading.Lock()
        there = settings_in_force(settings)
        self._in_force = self._load(there)
        self._latest = Latest(store.measurements)
        # Who reads what people write has seen for itself.
        told = self._reloads.last() if there is not settings else None
        self.reload_problems: tuple[str, ...] = told.problems if told else ()
        """Mistakes in the files when they were read last, one line each."""

    def reload(self) -> None:
        """
        Read everything that people wrote again, and tell the other processes so.

        Raises:
            ConfigurationError: there are mistakes; what was in force stays so, for all of them.
            StoreUnavailableError: the others cannot be told; then nothing has changed here either.
        """
        try:
            taken = renewed(self.settings, self._checked)
        except ConfigurationError as exc:
            self.reload_problems = tuple(exc.problems)
            raise
        tell_reload(self.settings.data_dir, self.clock())
        self._reloads.news()
        self._in_force, self.reload_problems = taken, ()

    @property
    def in_force(self) -> InForce:
        """What people wrote, as it was last read without a mistake; what another process was told counts here as well."""
        if time.monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look_at = time.monotonic() + LOOKED_AT_SECONDS
                self._take_up()
            finally:
                self._looking.release()
        return self._in_force

    def _take_up(self) -> None:
        told = self._reloads.news()
        if told is None:
            return
        try:
            if not told.problems:
                self._in_force = self._load(settings_in_force(self.settings))
            self.reload_problems = told.problems
        except ConfigurationError as exc:
            self.reload_problems = tuple(exc.problems)
            log.warning("registry or criteria have mistakes; the old ones stay in force", problems=list(exc.problems))

    @property
    def reload_succeeded(self) -> bool:
        """Whether there were no mistakes when the files were read last."""
        return not self.reload_problems

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
        Return the round that is ranked: the given one, else the latest that was published, else none (the last days).

        Raises:
            UnknownRoundError: there is no such round.
        """
        return chosen_round(self.store.rounds, round_id)

    def round_id(self, asked: str | None) -> str | None:
        """Return the id of the round of a name or id; what names none is taken for an id, which has no measurements."""
        try:
            found = chosen_round(self.store.rounds, asked) if asked else None
        except UnknownRoundError:
            return asked
        return found.id if found else None

    def ranking(self, criteria: CriteriaSet, round_: Round | None) -> Shown:
        """Return the ranking of a round, or of the last days, as it is kept: nothing is computed here, and nobody waits."""
        now = self.clock()
        asked = wanted_of(self.in_force.basis, criteria, round_, now)
        head, ranking = first_readable(self.store.rankings.of(criteria.id, asked.round_id), asked, self._read)
        return Shown(ranking=ranking, due_since=due_since(head, asked, news(self.store, now), now))

    def registry_of(self, ranking: Ranking | None, round_: Round | None) -> Registry:
        """Return the registry of a round's day, or of today, with every agency of its ranking: files change, it does not."""
        of_day = self.in_force.registry_at(day_of(round_, self.clock()))
        return with_every_agency(of_day, ranking, self.in_force.registry_at(None).agencies)

    def _read(self, head: RankingHead) -> Ranking | None:
        """Return a kept ranking; those that were read last need not be read again."""
        place = (head.criteria_set_id, head.round_id)
        known = self._rankings.get(place)
        if known is not None and known[0] == head:
            return known[1]
        ranking = kept(self.store.rankings, head)
        if ranking is not None:
            self._rankings.pop(place, None)
            self._rankings[place] = (head, ranking)
            for oldest in list(self._rankings)[:-MOST_KEPT]:
                self._rankings.pop(oldest, None)
        return ranking

    def _checked(self, settings: Settings) -> InForce:
        """Look at all that people wrote, of which only a part is taken up here; raises ConfigurationError."""
        check_files(settings)
        return self._load(settings)

    def _load(self, settings: Settings) -> InForce:
        problems = list[str]()
        files = attempt(lambda: read_registry(settings.registry_dir), problems)
        criteria = attempt(lambda: load_criteria_sets(settings.criteria_dir, settings.criteria_set), problems)
        everything = files.at(None) if files else None
        maintenance = attempt(lambda: load_maintenance(settings.maintenance, everything), problems)
        schedule = attempt(lambda: load_schedule(settings.schedule, self.kinds), problems)
        if files is None or criteria is None or maintenance is None or schedule is None:
            raise ConfigurationError(problems)
        return InForce(basis=Basis(files, criteria, self.clock()), maintenance=maintenance, schedule=schedule)


def waiting(site: Site, shown: Shown) -> dict[str, datetime | bool | None]:
    """Return since when the ranking is due to be computed, and whether that is longer than it mostly takes."""
    late = shown.due_since is not None and site.clock() - shown.due_since > MOSTLY_THERE_WITHIN
    return {"due_since": shown.due_since, "late": late}
