"""
What the replay of notices has in the place of a store and of the web process: incidents and readings in memory, and `/metrics`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from benchmarks.notice_days import BEGIN, DAY, PLAIN, VANTAGE, Days, instant
from benchmarks.promql import Labels
from exporters.counting import OUTCOMES
from exporters.operations import OperationsSnapshot, WindowAvailability, duty_families
from exporters.prometheus import TargetMetrics
from exporters.text import Exposition, exposed, text_of
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import (
    Conditions,
    HourTally,
    Incident,
    IncidentScope,
    Measurement,
    Observation,
    Outcome,
    Reading,
    StateChange,
)
from thuocdo.incidents.availability import availability
from thuocdo.incidents.rules import gap_of
from thuocdo.incidents.unexplained import UnexplainedFailures, delay
from thuocdo.web.watch import Endings

_INSTANTS = ("_timestamp_seconds", "_cert_expiry")
OBJECTIVE = 0.995
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(slots=True)
class ReplayedIncidents:
    """A store of incidents in memory."""

    rows: dict[str, Incident] = field(default_factory=dict)
    memory: tuple[datetime, Mapping[str, Any]] | None = None
    judged: datetime | None = None

    def judge_memory(self) -> tuple[datetime, Mapping[str, Any]] | None:
        """Return what the judge remembered last, and until when it goes."""
        return self.memory

    def judged_at(self) -> datetime | None:
        """Return when it was judged last."""
        return self.judged

    def lasting(self) -> list[Incident]:
        """Return those that last."""
        return [one for one in self.rows.values() if one.ended_at is None]

    def all(self, since: datetime | None = None) -> list[Incident]:
        """Return those that had not ended by an instant."""
        return [one for one in self.rows.values() if since is None or one.ended_at is None or one.ended_at >= since]

    def save(self, incident: Incident, change: StateChange | None) -> None:
        """Keep one in place of what was known of it."""
        del change
        self.rows[incident.id] = incident

    def forget(self, before: datetime) -> None:
        """Let go of those that ended before."""
        self.rows = {name: one for name, one in self.rows.items() if one.ended_at is None or one.ended_at >= before}


@dataclass(slots=True)
class ReplayedReadings:
    """
    Readings in the order in which they arrived; the oldest are let go of.

    newest_of, tallies: of plain probes, the last one of each target, and how they ended by target and hour.
    """

    order: list[Reading] = field(default_factory=list)
    failed: list[Reading] = field(default_factory=list)
    gone: int = 0
    newest_of: dict[str, Reading] = field(default_factory=dict)
    tallies: dict[str, dict[int, Counter[str]]] = field(default_factory=dict)

    def add(self, reading: Reading) -> None:
        """Take one that has just arrived."""
        self.order.append(reading)
        if reading.key.kind == PLAIN:
            name, hour = reading.key.target_id, int((reading.key.scheduled_at - BEGIN).total_seconds() // 3600)
            self.newest_of[name] = reading
            self.tallies.setdefault(name, {}).setdefault(hour, Counter())[reading.outcome.value] += 1
        if reading.outcome is Outcome.FAILED and reading.key.kind == PLAIN:
            self.failed.append(reading)

    def newest(self) -> int:
        """Return the number of the one that arrived last."""
        return self.gone + len(self.order)

    def between(self, since: datetime, until: datetime, up_to: int | None = None) -> Iterator[Reading]:
        """Yield those of some time, in its order; up_to: number of the last one that may be among them."""
        some = self.order if up_to is None else self.order[: up_to - self.gone]
        found = [one for one in some if since <= one.key.scheduled_at < until]
        yield from sorted(found, key=lambda one: one.key.scheduled_at)

    def arrived(self, after: int, since: datetime) -> tuple[int, list[Reading]]:
        """Return the number of the last one, and what arrived after a number but what is scheduled before `since`."""
        return self.newest(), [one for one in self.order[after - self.gone :] if one.key.scheduled_at >= since]

    def forget(self, before: datetime) -> None:
        """Let go of the oldest."""
        kept = next((n for n, one in enumerate(self.order) if one.key.scheduled_at >= before), len(self.order))
        del self.order[:kept]
        self.gone += kept
        self.failed = [one for one in self.failed if one.key.scheduled_at >= before]


class _LastResults:
    """What is told of last results and of the coverage of a day; both outlive the web process, since they are stored."""

    def __init__(self, world: Days, post: ReplayedReadings) -> None:
        self._world, self._post = world, post
        self._metrics = TargetMetrics(all_kinds())

    def exposition(self) -> Exposition:
        """Return the piece of targets."""
        newest = [self._measurement(one) for one in self._post.newest_of.values()]
        return self._metrics.render(newest, self._world.targets, {})

    def coverage(self, at: float) -> list[WindowAvailability]:
        """Return availability and coverage of the last day."""
        found = []
        for name, hours in self._post.tallies.items():
            lately = [one for hour, one in hours.items() if (hour + 1) * 3600 > at - DAY]
            report = availability(
                HourTally(
                    target_id=name, vantage_id=VANTAGE, hour=BEGIN, ok=one["ok"], failed=one["failed"],
                    inconclusive=one["inconclusive"],
                )
                for one in lately
            )  # fmt: skip
            found.append(
                WindowAvailability(
                    target_id=name, window="1d", availability_ratio=report.availability_ratio,
                    coverage_ratio=report.coverage_ratio, missed_ratio=report.missed_ratio,
                )
            )  # fmt: skip
        return found

    def _measurement(self, reading: Reading) -> Measurement:
        values = {} if reading.seconds is None else {"total_seconds": reading.seconds}
        if reading.certificate_ends_at is not None:
            values["certificate_expiry_seconds"] = reading.certificate_ends_at.timestamp()
        return Measurement(
            key=reading.key,
            agency_id=reading.agency_id,
            started_at=reading.key.scheduled_at,
            duration_seconds=reading.seconds or 1.0,
            observation=Observation(
                outcome=reading.outcome, reason=reading.reason, detail=reading.detail, values=values
            ),
            conditions=Conditions(),
        )


class ReplayedWeb:
    """
    What a web process tells: counters begin with it, as do the real ones.

    Args:
        world: what happens.
        shelf, post: incidents and readings.
        at: when it begins.
        asked: beginnings of the names that are told.
        shows_results: whether last results and coverage are, too.
    """

    def __init__(
        self,
        world: Days,
        shelf: ReplayedIncidents,
        post: ReplayedReadings,
        at: float,
        asked: tuple[str, ...],
        *,
        shows_results: bool,
    ) -> None:
        self._world, self._shelf, self._post, self._asked = world, shelf, post, asked
        self._delay = delay(gap_of(60.0))
        self._unexplained = UnexplainedFailures(instant(at) - self._delay)
        self._endings = Endings()
        self._judged: dict[str, Counter[str]] = {name: Counter() for name in world.targets}
        self._mark = post.newest()
        names = {name: one.agency_id for name, one in world.targets.items()}
        self._info = self._parsed(text_of(TargetMetrics(all_kinds()).render([], world.targets, names)))
        self._results = _LastResults(world, post) if shows_results else None

    def look(self, at: float) -> None:
        """Count what arrived."""
        self._mark, readings = self._post.arrived(self._mark, BEGIN)
        lost = [one.subject_id for one in self._shelf.lasting() if one.scope is IncidentScope.VANTAGE]
        for one in readings:
            if one.key.kind == PLAIN:
                outcome = "excluded" if self._is_excluded(one) else one.outcome.value
                spoilt = outcome == Outcome.FAILED and one.key.vantage_id in lost
                self._judged[one.key.target_id]["inconclusive" if spoilt else outcome] += 1
        self._unexplained.take(self._failures, self._shelf.all, self._is_excluded, instant(at) - self._delay)

    def told(self, at: float) -> Mapping[tuple[str, Labels], float]:
        """Return what /metrics says."""
        lasting = self._shelf.lasting()
        ended, ended_parts = self._endings.take(lasting, self._shelf.all, instant(at))
        duty = OperationsSnapshot(
            incidents=lasting,
            ended=ended,
            ended_parts=ended_parts,
            judged_at=self._shelf.judged,
            in_maintenance=[name for name in self._world.targets if self._world.is_maintained(name, at)],
            judged={name: tuple(counted[one] for one in OUTCOMES) for name, counted in self._judged.items()},
            objective_ratio=OBJECTIVE,
            reloaded_at=BEGIN,
            unexplained=self._unexplained.by_target(),
            availability=self._results.coverage(at) if self._results else (),
        )
        told = self._parsed(text_of(exposed(duty_families(duty, self._world.targets))))
        if self._results:
            told |= self._parsed(text_of(self._results.exposition()))
        # Rules reckon by `time()`, which is seconds since the beginning here.
        of_here = {key: value - BEGIN.timestamp() for key, value in told.items() if key[0].endswith(_INSTANTS)}
        return told | of_here | self._info

    def _parsed(self, text: bytes) -> dict[tuple[str, Labels], float]:
        lines = (line for line in text.decode().splitlines() if line.startswith(self._asked))
        return {(name, labels): float(value) for line in lines for name, labels, value in (_parsed_line(line),)}

    def _failures(self, since: datetime, until: datetime) -> list[Reading]:
        return [one for one in self._post.failed if since <= one.key.scheduled_at < until]

    def _is_excluded(self, reading: Reading) -> bool:
        at = (reading.key.scheduled_at - BEGIN).total_seconds()
        return self._world.is_maintained(reading.key.target_id, at)


def _parsed_line(line: str) -> tuple[str, Labels, str]:
    series, _, value = line.rpartition(" ")
    return *_parsed_series(series), value


@lru_cache(maxsize=100_000)
def _parsed_series(series: str) -> tuple[str, Labels]:
    name, _, labels = series.partition("{")
    # An empty label is none.
    return name, tuple(sorted((key, text) for key, text in _LABEL.findall(labels) if text))
