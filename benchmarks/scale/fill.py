"""
Fills a store with what a fleet gives in so many days, through the store's own way of writing, in order of time.

What the judge would have come to meanwhile is written along: tallies of the hours, incidents of the outages.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.scale.fleet import VANTAGE
from benchmarks.scale.rows import Rows
from benchmarks.scale.tempers import Outage
from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import (
    AgentState,
    HourTally,
    Incident,
    IncidentScope,
    IncidentState,
    Measurement,
    MeasurementKey,
    Outcome,
    StateChange,
    TargetRole,
)
from thuocdo.incidents.judging import LATE
from thuocdo.incidents.remembering import memory_of
from thuocdo.store import Store

BATCH = 500
DAY = timedelta(days=1)
CONFIRMED_AFTER = timedelta(minutes=3)
MOST_KEYS = 5

EachDay = Callable[[datetime, "Filled"], None]


@dataclass(slots=True, kw_only=True)
class Filled:
    """
    What was written.

    rows: that lie in the store. stands_for: measurements that these stand for. making_seconds, writing_seconds: CPU.
    """

    rows: int = 0
    stands_for: int = 0
    making_seconds: float = 0.0
    writing_seconds: float = 0.0


@dataclass(slots=True)
class _Hours:
    """Counts answers by target and hour until the hour is over."""

    counts: dict[tuple[str, datetime], Counter[str]] = field(default_factory=dict)

    def add(self, one: Measurement, weight: int) -> None:
        hour = one.key.scheduled_at.replace(minute=0, second=0, microsecond=0)
        self.counts.setdefault((one.key.target_id, hour), Counter())[one.observation.outcome.value] += weight

    def before(self, instant: datetime) -> Iterable[HourTally]:
        for target_id, hour in [key for key in self.counts if key[1] < instant]:
            counted = self.counts.pop((target_id, hour))
            yield HourTally(target_id=target_id, vantage_id=VANTAGE, hour=hour, **counted)


class Filler:
    """
    Fills a store, piece by piece.

    Args:
        store: open; what it holds already stays.
        rows: of which fleet.
        filled: what was written before; it is added to.
    """

    def __init__(self, store: Store, rows: Rows, filled: Filled | None = None) -> None:
        self._store = store
        self._rows = rows
        self._hours = _Hours()
        self._answers = answering_kind().name
        self._seen: dict[tuple[str, datetime], list[MeasurementKey]] = {}
        self.filled = filled or Filled()

    def fill(self, since: datetime, until: datetime, each_day: EachDay | None = None) -> Filled:
        """
        Write what was measured in a time; pieces must be filled in order.

        Args:
            since, until: since <= scheduled_at < until.
            each_day: told the end of every day, after that was written, and what was written so far.

        Returns:
            What was written in all.
        """
        day = since
        while day < until:
            end = min(day + DAY, until)
            self._fill(day, end)
            self._judge(day, end)
            day = end
            if each_day is not None:
                each_day(end, self.filled)
        self._sign_of_life(until)
        self._remember(until)
        return self.filled

    def _fill(self, since: datetime, until: datetime) -> None:
        waiting: list[Measurement] = []
        begun = time.process_time()
        for rows in self._rows.between(since, until):
            waiting += rows
            self._count(rows)
            self.filled.making_seconds += time.process_time() - begun
            while len(waiting) >= BATCH:
                self._write(waiting[:BATCH])
                del waiting[:BATCH]
            begun = time.process_time()
        if waiting:
            self._write(waiting)
        self._store.incidents.save_tallies(self._hours.before(until))

    def _write(self, batch: list[Measurement]) -> None:
        begun = time.process_time()
        self._store.measurements.write(batch)
        self.filled.rows += len(batch)  # some may lie there already: looks write what comes after the end
        self.filled.writing_seconds += time.process_time() - begun

    def _count(self, rows: Iterable[Measurement]) -> None:
        for one in rows:
            key = one.key
            weight = self._rows.weight(key.kind, key.target_id, key.scheduled_at)
            self.filled.stands_for += weight
            if key.kind == self._answers:
                self._hours.add(one, weight)
                if one.observation.outcome is Outcome.FAILED:
                    self._note(one)

    def _note(self, one: Measurement) -> None:
        """Remember the first measurements of an outage: its incident rests on them."""
        portal_id = one.key.target_id.rpartition(".")[0]
        outage = self._rows.temper(portal_id).outage_at(one.key.scheduled_at)
        if outage is not None:
            keys = self._seen.setdefault((portal_id, outage.started_at), [])
            if len(keys) < MOST_KEYS:
                keys.append(one.key)

    def _judge(self, since: datetime, until: datetime) -> None:
        """Store the incidents of the outages that were confirmed or ended in a time."""
        for target in self._rows.targets:
            if target.role is not TargetRole.HOMEPAGE:
                continue
            for outage in self._rows.temper(target.portal_id).outages(since, until):
                keys = self._seen.get((target.portal_id, outage.started_at), ())
                if keys and outage.started_at + CONFIRMED_AFTER < min(outage.ended_at, until):
                    self._save(target.id, target.agency_id, outage, tuple(keys), until)
        self._seen = {key: keys for key, keys in self._seen.items() if key[1] >= until - DAY}
        self._store.incidents.save_judged_at(until)

    def _save(
        self, target_id: str, agency_id: str, outage: Outage, keys: tuple[MeasurementKey, ...], until: datetime
    ) -> None:
        is_over = outage.ended_at < until
        incident = Incident(
            id=f"{target_id}-{outage.started_at:%Y%m%d%H%M%S}",
            scope=IncidentScope.TARGET,
            subject_id=target_id,
            agency_id=agency_id,
            state=IncidentState.ENDED if is_over else IncidentState.DOWN,
            worst=IncidentState.DOWN,
            reason=outage.reason,
            started_at=keys[0].scheduled_at,
            confirmed_at=outage.started_at + CONFIRMED_AFTER,
            ended_at=outage.ended_at if is_over else None,
            target_ids=(target_id,),
            measurements=keys,
        )
        change = StateChange(
            incident_id=incident.id,
            changed_at=outage.ended_at if is_over else incident.confirmed_at,
            state=incident.state,
            reason=incident.reason,
        )
        self._store.incidents.save(incident, change)

    def _remember(self, now: datetime) -> None:
        """Store what a judge would remember: one that starts here goes on from here, not from where another one stopped."""
        memory = memory_of(self._store.incidents.lasting(), now - LATE, now)
        self._store.incidents.save_judge_memory(now, memory.at, memory.to_json())

    def _sign_of_life(self, now: datetime) -> None:
        for agent in ("agent-http", "agent-browser"):
            state = AgentState(
                agent=agent, vantage_id=VANTAGE, pid=1, seen_at=now, started_at=now - DAY, probes_total=self.filled.rows
            )
            self._store.agents.save(state)
