"""
A replay of days on a virtual clock: real judge, real exporter, the very rules, and what Alertmanager would tell whom.

Every step is a scrape, an evaluation of all rules, and a look of the judge. What is not real: Prometheus' engine
(benchmarks/promql.py stands for it) and Alertmanager, of which inhibition and "told once" are done here.
"""

import heapq
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from benchmarks.notice_world import BEGIN, DAY, PLAIN, USUAL_SECONDS, Seen, World, instant
from benchmarks.promql import Labels, Samples, Vector, parsed
from dashboards.alert import Alert
from dashboards.alerts import ALERTS
from dashboards.recording import LONG_GROUP, RECORDING
from dashboards.routes import INHIBITIONS
from exporters.counting import OUTCOMES
from exporters.operations import OperationsSnapshot, duty_families
from exporters.prometheus import TargetMetrics
from exporters.text import exposed, text_of
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Incident, IncidentScope, Outcome, Reading, StateChange
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.rules import JudgingContext, Rules, gap_of
from thuocdo.incidents.unexplained import UnexplainedFailures, delay
from thuocdo.web.watch import Endings

SETTLE_SECONDS = 11.0
OBJECTIVE = 0.995
MEMORY_SECONDS = 300.0
KEPT_SECONDS = 3 * 3600.0
LOOKED_BACK_SECONDS = DAY + 600
BATCH_SECONDS = 3600.0
OURS = ("ProberAbsent", "FamilyDown", "VantageDown")
TOLD_ALERTS: tuple[Alert, ...] = tuple(one for one in ALERTS if "owner" in one.labels or one.name in OURS)
"""Those that tell owners, and those that keep them quiet."""

_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that was told: at = when, in seconds; ended_at = when it was told that it is over, None = it never was."""

    at: float
    alert: str
    labels: Mapping[str, str]
    ended_at: float | None = None


@dataclass(slots=True)
class Standing:
    """An alert that stands, as Prometheus keeps it."""

    labels: Labels
    since: float
    is_firing: bool = False
    kept_since: float | None = None


class Replay:
    """
    The replay.

    Args:
        world: what happens.
        step_seconds: between scrapes, evaluations and looks.
    """

    def __init__(self, world: World, step_seconds: float = 30.0) -> None:
        self.world = world
        self.notices: list[Notice] = []
        self.seen: list[Seen] = []
        self.samples = Samples()
        self.firing: dict[tuple[str, Labels], Standing] = {}
        self._step = step_seconds
        self._shelf, self._post = _Shelf(), _Post()
        self._scene = JudgingContext(
            targets=world.targets,
            rules=Rules(gap=gap_of(60.0)),
            is_excluded=lambda target, at: world.is_maintained(target.id, (at - BEGIN).total_seconds()),
            usual_seconds=lambda _key: USUAL_SECONDS,
        )
        self._court: Judging | None = None
        self._web = _Web(world, self._shelf, self._post, 0.0)
        self._told: dict[tuple[str, Labels], float] = {}
        self._waiting: list[tuple[float, int, Seen]] = []
        self._restarts = [*world.restarts]
        self._remembered_at = 0.0

    def run(self, until: float | None = None) -> Sequence[Notice]:
        """Go through the days and return what was told, in order."""
        end, at, known = until or self.world.length, 0.0, 0.0
        while at < end:
            at += self._step
            if at > known:
                self._hear(known, known + BATCH_SECONDS)
                known += BATCH_SECONDS
                self._forget(at)
            self._deliver(at)
            self._judge(at)
            self._scrape(at)
            self._evaluate(at)
            self._tell(at)
        still = [Notice(at=since, alert=name, labels=dict(labels)) for (name, labels), since in self._told.items()]
        self.notices = sorted([*self.notices, *still], key=lambda one: one.at)
        return self.notices

    def _hear(self, since: float, until: float) -> None:
        for seen in self.world.probes(since, until):
            self.seen.append(seen)
            heapq.heappush(self._waiting, (seen.heard_at, len(self.seen), seen))

    def _deliver(self, at: float) -> None:
        while self._waiting and self._waiting[0][0] <= at:
            self._post.add(heapq.heappop(self._waiting)[2].reading)

    def _judge(self, at: float) -> None:
        if self.world.unjudged.holds(at):
            self._court = None
            return
        until = instant(at - SETTLE_SECONDS)
        if self._court is None:
            self._court = Judging.resume(self._shelf, self._post, until)
        self._court.look(self._scene, until, instant(at))
        self._shelf.judged = instant(at)
        if at - self._remembered_at >= MEMORY_SECONDS:
            self._remembered_at = at
            memory = self._court.memory
            self._shelf.memory = (memory.at, json.loads(json.dumps(memory.to_json())))

    def _scrape(self, at: float) -> None:
        if self._restarts and self._restarts[0] <= at:
            self._restarts.pop(0)
            self._web = _Web(self.world, self._shelf, self._post, at)
            self.samples.scrape(at, {})  # while it starts nobody answers
            return
        self._web.look(at)
        self.samples.scrape(at, {} if self.world.unscraped.holds(at) else self._web.told(at))

    def _evaluate(self, at: float) -> None:
        for recording in _NEEDED:
            if recording.group == LONG_GROUP and at % 60:
                continue
            found = _vector(parsed(recording.expr)(self.samples, at))
            self.samples.scrape(
                at, {(recording.name, labels): value for labels, value in found.items()}, recording.name
            )
        for alert in TOLD_ALERTS:
            self._stand(alert, _vector(parsed(alert.expr)(self.samples, at)), at)

    def _stand(self, alert: Alert, found: Vector, at: float) -> None:
        """Let an alert stand and fall as Prometheus does, with `for` and `keep_firing_for`."""
        for labels in found:
            self.firing.setdefault((alert.name, labels), Standing(labels, at))
        mine = [(key, one) for key, one in self.firing.items() if key[0] == alert.name]
        for key, one in mine:
            if one.labels in found:
                one.kept_since = None
                one.is_firing = one.is_firing or at - one.since >= seconds_of(alert.hold)
                continue
            if one.is_firing and alert.keep:
                one.kept_since = at if one.kept_since is None else one.kept_since
                if at - one.kept_since < seconds_of(alert.keep):
                    continue
            del self.firing[key]
        states = {key: "firing" if one.is_firing else "pending" for key, one in mine if key in self.firing}
        named = {
            ("ALERTS", tuple(sorted((*labels, ("alertname", name), ("alertstate", state))))): 1.0
            for (name, labels), state in states.items()
        }
        self.samples.scrape(at, named, f"ALERTS {alert.name}")

    def _tell(self, at: float) -> None:
        """Tell what fires and is not explained by something else; who was never told of an end is not told of it again."""
        firing = {key for key, one in self.firing.items() if one.is_firing}
        names: dict[str, list[Labels]] = {}
        for name, labels in firing:
            names.setdefault(name, []).append(labels)
        for key in sorted(firing - set(self._told)):
            if not _is_unsaid(*key, names):
                self._told[key] = at
        for key in [key for key in self._told if key not in firing and not _is_unsaid(*key, names)]:
            since = self._told.pop(key)
            self.notices.append(Notice(at=since, alert=key[0], labels=dict(key[1]), ended_at=at))

    def _forget(self, at: float) -> None:
        self.samples.forget(at - LOOKED_BACK_SECONDS)
        self._post.forget(instant(at - KEPT_SECONDS))
        self._shelf.forget(instant(at - KEPT_SECONDS))


def _is_unsaid(name: str, labels: Labels, firing: Mapping[str, Collection[Labels]]) -> bool:
    """Tell whether Alertmanager's inhibitions keep an alert quiet."""
    own = dict(labels)
    return any(
        re.fullmatch(targets, name)
        and any(all(dict(other).get(one) == own.get(one) for one in equal) for other in found)
        for source, targets, equal in INHIBITIONS
        if source != name and (found := firing.get(source))
    )


@lru_cache
def seconds_of(duration: str) -> float:
    """Return Prometheus' duration of one unit in seconds."""
    return float(duration[:-1]) * _UNITS[duration[-1]]


def _needed() -> Iterator[Any]:
    asked = " ".join(alert.expr for alert in TOLD_ALERTS)
    return (one for one in RECORDING if one.name in asked)


_NEEDED = tuple(_needed())
_ASKED = tuple({name for one in (*TOLD_ALERTS, *_NEEDED) for name in re.findall(r"\bthuocdo_\w+", one.expr)})
"""What is scraped besides does not matter."""


def _vector(value: Any) -> Vector:
    assert isinstance(value, dict)
    return value


@dataclass(slots=True)
class _Shelf:
    """A store of incidents in memory."""

    rows: dict[str, Incident] = field(default_factory=dict)
    memory: tuple[datetime, Mapping[str, Any]] | None = None
    judged: datetime | None = None

    def judge_memory(self) -> tuple[datetime, Mapping[str, Any]] | None:
        return self.memory

    def judged_at(self) -> datetime | None:
        return self.judged

    def lasting(self) -> list[Incident]:
        return [one for one in self.rows.values() if one.ended_at is None]

    def all(self, since: datetime | None = None) -> list[Incident]:
        return [one for one in self.rows.values() if since is None or one.ended_at is None or one.ended_at >= since]

    def save(self, incident: Incident, change: StateChange | None) -> None:
        del change
        self.rows[incident.id] = incident

    def forget(self, before: datetime) -> None:
        self.rows = {name: one for name, one in self.rows.items() if one.ended_at is None or one.ended_at >= before}


@dataclass(slots=True)
class _Post:
    """Readings in the order in which they arrived; the oldest are let go of."""

    order: list[Reading] = field(default_factory=list)
    failed: list[Reading] = field(default_factory=list)
    gone: int = 0

    def add(self, reading: Reading) -> None:
        self.order.append(reading)
        if reading.outcome is Outcome.FAILED and reading.key.kind == PLAIN:
            self.failed.append(reading)

    def newest(self) -> int:
        return self.gone + len(self.order)

    def between(self, since: datetime, until: datetime, up_to: int | None = None) -> Iterator[Reading]:
        some = self.order if up_to is None else self.order[: up_to - self.gone]
        found = [one for one in some if since <= one.key.scheduled_at < until]
        yield from sorted(found, key=lambda one: one.key.scheduled_at)

    def arrived(self, after: int, since: datetime) -> tuple[int, list[Reading]]:
        return self.newest(), [one for one in self.order[after - self.gone :] if one.key.scheduled_at >= since]

    def forget(self, before: datetime) -> None:
        kept = next((n for n, one in enumerate(self.order) if one.key.scheduled_at >= before), len(self.order))
        del self.order[:kept]
        self.gone += kept
        self.failed = [one for one in self.failed if one.key.scheduled_at >= before]


class _Web:
    """What a web process tells: counters begin with it, as do the real ones."""

    def __init__(self, world: World, shelf: _Shelf, post: _Post, at: float) -> None:
        self._world, self._shelf, self._post = world, shelf, post
        self._delay = delay(gap_of(60.0))
        self._unexplained = UnexplainedFailures(instant(at) - self._delay)
        self._endings = Endings()
        self._judged: dict[str, Counter[str]] = {name: Counter() for name in world.targets}
        self._mark = post.newest()
        names = {name: one.agency_id for name, one in world.targets.items()}
        self._info = _parsed_text(text_of(TargetMetrics(all_kinds()).render([], world.targets, names)))

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
        )
        told = _parsed_text(text_of(exposed(duty_families(duty, self._world.targets))))
        # Rules reckon by `time()`, which is seconds since the beginning here.
        of_here = {
            key: value - BEGIN.timestamp() for key, value in told.items() if key[0].endswith("_timestamp_seconds")
        }
        return told | of_here | self._info

    def _failures(self, since: datetime, until: datetime) -> list[Reading]:
        return [one for one in self._post.failed if since <= one.key.scheduled_at < until]

    def _is_excluded(self, reading: Reading) -> bool:
        at = (reading.key.scheduled_at - BEGIN).total_seconds()
        return self._world.is_maintained(reading.key.target_id, at)


def _parsed_text(text: bytes) -> dict[tuple[str, Labels], float]:
    lines = (line for line in text.decode().splitlines() if line.startswith(_ASKED))
    return {(name, labels): float(value) for line in lines for name, labels, value in (_parsed_line(line),)}


def _parsed_line(line: str) -> tuple[str, Labels, str]:
    series, _, value = line.rpartition(" ")
    return *_parsed_series(series), value


@lru_cache(maxsize=100_000)
def _parsed_series(series: str) -> tuple[str, Labels]:
    name, _, labels = series.partition("{")
    # An empty label is none.
    return name, tuple(sorted((key, text) for key, text in _LABEL.findall(labels) if text))
