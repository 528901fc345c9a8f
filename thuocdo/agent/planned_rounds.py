"""
Planned rounds: opened by a person, measured by `thuocdo run` among everyday probes, ended by the clock.

What is drawn for a block and comes to nothing for something at us is made up for in the same block: the next everyday run of the
same target, kind and profile belongs to the round, or a spare one that is drawn where no everyday one comes. So a round goes on
after a crash, on another machine, and after days of absence; what is lost is the blocks in which nobody measured.
"""

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from schedules.cadence import load_schedule
from schedules.drawing import SETTLED_MS, Draw, DrawnRun, Series, commitment, entries_of
from schedules.opened import draw_of
from schedules.phases import EPOCH
from schedules.round_plan import RoundBlock, RoundPlan
from thuocdo.agent.clock_steps import elapsed_seconds
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import files_digest
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import MOST_TIMES, Job, Measurement, Round, RoundFile
from thuocdo.core.portals import load_registry
from thuocdo.core.yamlfile import nearest
from thuocdo.rounds.people import frozen_rules
from thuocdo.score.criteria import load_criteria_set
from thuocdo.store import MeasurementQuery, Store

SETTLED = timedelta(milliseconds=SETTLED_MS)
"""After a run was due so long ago it has ended, or will not come: only then another one is taken for it."""

LATE = timedelta(minutes=20)
"""After the last block: what was measured in it and waited for the store has come by then."""

SURE_SECONDS = 600.0
"""The clock must say for so long that a round is over: one that is far ahead for a moment ends none."""

_SEED_BYTES = 32

log = structlog.get_logger(__name__)


def open_round(
    settings: Settings,
    store: Store,
    plan: RoundPlan,
    files: Sequence[RoundFile],
    now: datetime,
    *,
    machine_key: str = "",
) -> Round:
    """
    Store a planned round, with all that it is measured and ranked by, and a seed of its own.

    Args:
        settings: in force.
        store: open.
        plan: of the round.
        files: that it freezes, its plan among them.
        now: the present instant.
        machine_key: public key by which this machine signs the checkpoints of its days; empty = none.

    Raises:
        ConfigurationError: it cannot be held: it has begun already, another one has its name, or its days at a vantage point.
    """
    _check_names(store.rounds.all(), plan, now)
    seed = secrets.token_hex(_SEED_BYTES)
    jobs = planned_runs(settings, plan)
    criteria = load_criteria_set(settings.criteria_dir, plan.criteria_set_id)
    opened = Round(
        id=plan.id,
        label=plan.label,
        started_at=plan.begins_at,
        planned=jobs,
        seed=seed,
        settings={
            "type": plan.type.value,
            "plan_digest": plan.digest,
            "days": str(plan.days),
            "ends_at": clock.iso(plan.ends_at),
            "vantage": ",".join(plan.vantage_ids),
            "runs": json.dumps({kind: number * len(plan.blocks) for kind, number in sorted(plan.loads.items())}),
            "registry_digest": load_registry(settings.registry_dir, at=plan.first_day).digest,
            "schedule_digest": hashlib.sha256(settings.schedule.read_bytes()).hexdigest(),
            "criteria_set": criteria.id,
            "criteria_digest": criteria.digest,
            "files_digest": files_digest(files),
            "seed_commitment": commitment(seed, plan.id),
            **({"machine_key": machine_key} if machine_key else {}),
            "reply_working_days": str(plan.reply_working_days),
            **(frozen_rules(plan.people, plan.minimum_coverage) if plan.people else {}),
            "opened_at": clock.iso(now),
        },
    )
    store.rounds.begin(opened, files)
    return opened


def planned_runs(settings: Settings, plan: RoundPlan) -> int:
    """
    Return how many runs a plan wants.

    Raises:
        ConfigurationError: nobody is measured by it, the schedule does not know one of its kinds, or the registry an agency.
    """
    kinds = all_kinds()
    schedule = load_schedule(settings.schedule, kinds)
    missing = sorted(set(plan.loads) - {cadence.kind for cadence in schedule.cadences})
    if missing:
        raise ConfigurationError(
            f"{settings.schedule}: no cadence for kind '{missing[0]}', which round '{plan.id}' wants"
        )
    registry = load_registry(settings.registry_dir, at=plan.first_day)
    strange = sorted(plan.without - set(registry.agencies))
    if strange:
        hint = nearest(strange[0], registry.agencies)
        raise ConfigurationError(f"round '{plan.id}': agencies: without: there is no agency '{strange[0]}'{hint}")
    entries = entries_of(plan, registry.targets.values(), schedule, kinds)
    if not entries:
        raise ConfigurationError(
            f"round '{plan.id}': no target is probed on {plan.first_day}; confirm targets (confirmed: true) or check the days"
        )
    each = sum(plan.loads[entry.cadence.kind] for entry in entries)
    return each * len(plan.blocks) * len(plan.vantage_ids)


class RoundEnds:
    """
    Ends planned rounds whose last block is over; no file is looked into for it.

    Args:
        store: open.
        elapsed: gives seconds that nobody can move.
    """

    def __init__(self, store: Store, elapsed: Callable[[], float] = elapsed_seconds) -> None:
        self._store = store
        self._elapsed = elapsed
        self._over_since: dict[str, float] = {}

    def once(self, now: datetime) -> list[Round]:
        """
        End those that have been over for long enough at each look, and return them.

        Raises:
            StoreError: the store cannot be read or written.
        """
        seconds, over = self._elapsed(), [one for one in self._store.rounds.all() if _is_over(one, now)]
        self._over_since = {one.id: self._over_since.get(one.id, seconds) for one in over}
        ended = [one for one in over if seconds - self._over_since[one.id] >= SURE_SECONDS]
        for one in ended:
            end_round(self._store, one)
        return ended


def end_round(store: Store, round_: Round) -> None:
    """End a planned round with its last block."""
    store.rounds.end(round_.id, datetime.fromisoformat(round_.settings["ends_at"]))


def _is_over(round_: Round, now: datetime) -> bool:
    if not round_.is_planned or round_.ended_at is not None:
        return False
    return datetime.fromisoformat(round_.settings["ends_at"]) + LATE <= now


@dataclass(slots=True)
class _Taken:
    """What there is of a series in a block: when the good runs and when all were scheduled, and when the last was due."""

    good: set[datetime] = field(default_factory=set)
    taken: set[datetime] = field(default_factory=set)
    due_at: datetime | None = None


class PlannedRounds:
    """
    The planned rounds in which an agent takes part, for one day at a time.

    Args:
        store: open.
        kinds: those that this agent runs.
        vantage_id: where it measures from.
    """

    def __init__(self, store: Store, kinds: Collection[str], vantage_id: str) -> None:
        self._store = store
        self._kinds = frozenset(kinds)
        self._vantage_id = vantage_id
        self._draws: dict[str, Draw] = {}
        self._read_as: dict[str, Round] = {}
        self._taken: dict[tuple[str, Series, datetime], _Taken] = defaultdict(_Taken)
        self._loaded: set[tuple[str, datetime]] = set()
        self._spares: set[tuple[str | None, Series, datetime]] = set()

    @property
    def draws(self) -> tuple[Draw, ...]:
        """What the instants of these rounds are drawn by."""
        return tuple(self._draws.values())

    def read(self) -> bool:
        """
        Read which rounds are open, and tell whether that changed.

        One that cannot be read is told of, stays as it was read last, and is tried again the next time.

        Raises:
            StoreError: the store cannot be read.
        """
        here = {
            one.id: one
            for one in self._store.rounds.all()
            if one.is_planned and one.ended_at is None and self._vantage_id in one.settings["vantage"].split(",")
        }
        if here == self._read_as:
            return False
        draws, read_as = {}, {}
        for name, one in here.items():
            known = self._draws.get(name)
            if known is not None and self._read_as.get(name) == one:
                draws[name], read_as[name] = known, one
                continue
            try:
                draws[name] = draw_of(one, self._store.rounds.files_of(name))
                read_as[name] = one
            except Exception as exc:  # whatever a round holds, everyday probes go on
                log.exception("a planned round cannot be read; it is tried again", round=name, cause=str(exc))
                if known is not None:
                    draws[name] = known
        changed = (draws, read_as) != (self._draws, self._read_as)
        self._draws, self._read_as = draws, read_as
        return changed

    def give_up(self) -> None:
        """Measure none of them until they are read again: nothing could be planned of them."""
        self._draws, self._read_as = {}, {}
        self._taken.clear()

    def take_up(self, drawn: Iterable[DrawnRun], spares: Iterable[DrawnRun], now: datetime) -> None:
        """
        Take note of what is drawn for the day, and of what is measured of the present block already.

        Raises:
            StoreError: the store cannot be read.
        """
        for run in drawn:
            found = self._block_of(run.round_id, _instant(run.at_ms))
            if found is not None:
                self._due(self._taken[(run.round_id, run.series, found.start)], _instant(run.at_ms))
        self._spares = {(run.round_id, run.series, _instant(run.at_ms)) for run in spares}
        for draw in self._draws.values():
            block = self._block_of(draw.round_id, now)
            if block is not None and (draw.round_id, block.start) not in self._loaded:
                query = MeasurementQuery(round_id=draw.round_id, since=block.start, until=block.end)
                for one in self._store.measurements.find(query):
                    if one.key.vantage_id == self._vantage_id:
                        self.seen(one)
                self._loaded.add((draw.round_id, block.start))
        self._forget(now)

    def seen(self, measurement: Measurement) -> None:
        """Take note of a measurement of a round."""
        key = measurement.key
        block = self._block_of(measurement.round_id, key.scheduled_at)
        if block is not None and measurement.round_id is not None:
            taken = self._taken[(measurement.round_id, (key.target_id, key.kind, key.profile), block.start)]
            taken.taken.add(key.scheduled_at)
            if not measurement.is_lost_by_us:
                taken.good.add(key.scheduled_at)
            self._due(taken, key.scheduled_at)

    def is_wanted(self, job: Job) -> bool:
        """Tell whether a job is to be run: a spare one only where the round lacks it."""
        if (job.round_id, _series_of(job), job.scheduled_at) not in self._spares:
            return True
        draw, block = self._draws.get(job.round_id or ""), self._block_of(job.round_id, job.scheduled_at)
        if draw is None or block is None:
            return False
        taken = self._taken[(draw.round_id, _series_of(job), block.start)]
        return self._is_lacking(taken, draw.plan.loads[job.kind], job.scheduled_at)

    def claimed(self, job: Job) -> Job:
        """Return an everyday job as one of a round that lacks it; any other as it is."""
        if job.round_id is not None or job.kind not in self._kinds:
            return job
        for draw in self._draws.values():
            wanted = draw.plan.loads.get(job.kind, 0)
            if not wanted or not draw.plan.takes(job.target) or not draw.unchanged([job.target]):
                continue
            block = self._block_of(draw.round_id, job.scheduled_at)
            if block is None or not self._is_of(draw.plan, job):
                continue
            taken = self._taken[(draw.round_id, _series_of(job), block.start)]
            if self._is_lacking(taken, wanted, job.scheduled_at):
                self._due(taken, job.scheduled_at)
                return replace(job, round_id=draw.round_id)
        return job

    @staticmethod
    def _is_of(plan: RoundPlan, job: Job) -> bool:
        return job.profile in plan.profiles_of(all_kinds()[job.kind])

    @staticmethod
    def _is_lacking(taken: _Taken, wanted: int, at: datetime) -> bool:
        # Only after a drawn run: else everyday instants, which anybody can reckon, would take the place of drawn ones.
        settled = taken.due_at is not None and at >= taken.due_at + SETTLED
        return settled and len(taken.good) < wanted and len(taken.taken) < MOST_TIMES * wanted

    @staticmethod
    def _due(taken: _Taken, at: datetime) -> None:
        taken.due_at = at if taken.due_at is None else max(taken.due_at, at)

    def _block_of(self, round_id: str | None, at: datetime) -> RoundBlock | None:
        draw = self._draws.get(round_id or "")
        return next((one for one in draw.plan.blocks if one.start <= at < one.end), None) if draw else None

    def _forget(self, now: datetime) -> None:
        """Let go of blocks that are over."""
        day_ago = now - timedelta(days=1)
        for key in [key for key in list(self._taken) if key[2] < day_ago]:
            del self._taken[key]


def _series_of(job: Job) -> Series:
    return (job.target.id, job.kind, job.profile)


def _instant(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def _check_names(known: Sequence[Round], plan: RoundPlan, now: datetime) -> None:
    same = next((one for one in known if {plan.id, plan.label} & {one.id, one.label}), None)
    if same is not None:
        raise ConfigurationError(
            f"round '{same.label}' ({same.id}) is there already; give the new one another id and label "
            "(`thuocdo rounds` lists all)"
        )
    if plan.begins_at <= now:
        raise ConfigurationError(
            f"round '{plan.id}' would have begun on {plan.begins_at:%Y-%m-%d %H:%M}; a round is opened before its first block: "
            "set 'from' to a day to come"
        )
    for one in known:
        if one.is_planned and one.ended_at is None and set(one.settings["vantage"].split(",")) & set(plan.vantage_ids):
            raise ConfigurationError(
                f"round '{one.label}' has not ended, and measures from the same vantage point; open the new one when it has"
            )
