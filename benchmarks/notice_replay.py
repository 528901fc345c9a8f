"""
A replay of days on a virtual clock: real judge, real exporter, the very rules, and what Alertmanager would tell whom.

Every step is a scrape, an evaluation of all rules, and a look of the judge. What is not real: Prometheus' engine
(benchmarks/promql.py stands for it) and Alertmanager, of which inhibition and "told once" are done here.
"""

import heapq
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from benchmarks.notice_days import BEGIN, DAY, USUAL_SECONDS, Days, Seen, instant
from benchmarks.notice_memory import ReplayedIncidents, ReplayedReadings, ReplayedWeb
from benchmarks.promql import Labels, Samples, Vector, parsed
from dashboards.alert import Alert
from dashboards.alerts import ALERTS
from dashboards.recording import LONG_GROUP, RECORDING
from dashboards.routes import INHIBITIONS
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.rules import JudgingContext, Rules, gap_of

SETTLE_SECONDS = 11.0
MEMORY_SECONDS = 300.0
KEPT_SECONDS = 3 * 3600.0
LOOKED_BACK_SECONDS = DAY + 600
BATCH_SECONDS = 3600.0
OURS = ("ProberAbsent", "FamilyDown", "VantageDown")
TOLD_ALERTS: tuple[Alert, ...] = tuple(one for one in ALERTS if "owner" in one.labels or one.name in OURS)
"""Those that tell owners, and those that keep them quiet."""

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
        alerts: those that are evaluated.
        shows_results: whether last results and coverage are told, too, for alerts that ask for them; it takes twice as long.

    scrapes, fired: what was scraped at each step, and which alerts fired then; kept only where `keeps` is set before it runs.
    """

    def __init__(
        self,
        world: Days,
        step_seconds: float = 30.0,
        *,
        alerts: Sequence[Alert] = TOLD_ALERTS,
        shows_results: bool = False,
    ) -> None:
        self.world, self.alerts, self.step_seconds = world, alerts, step_seconds
        self.keeps = False
        self.scrapes: list[Mapping[tuple[str, Labels], float]] = []
        self.fired: list[frozenset[tuple[str, Labels]]] = []
        asked = " ".join(alert.expr for alert in alerts)
        self._needed = tuple(one for one in RECORDING if one.name in asked)
        exprs = " ".join([asked, *(one.expr for one in self._needed)])
        self._asked = tuple({*re.findall(r"\b(?:thuocdo|probe)_\w+", exprs)})  # what is scraped besides does not matter
        self._shows_results = shows_results
        self.notices: list[Notice] = []
        self.seen: list[Seen] = []
        self.samples = Samples()
        self.firing: dict[tuple[str, Labels], Standing] = {}
        self._shelf, self._post = ReplayedIncidents(), ReplayedReadings()
        self._scene = JudgingContext(
            targets=world.targets,
            rules=Rules(gap=gap_of(60.0)),
            is_excluded=lambda target, at: world.is_maintained(target.id, (at - BEGIN).total_seconds()),
            usual_seconds=lambda _key: USUAL_SECONDS,
        )
        self._court: Judging | None = None
        self._web = self._new_web(0.0)
        self._told: dict[tuple[str, Labels], float] = {}
        self._waiting: list[tuple[float, int, Seen]] = []
        self._restarts = [*world.restarts]
        self._remembered_at = 0.0

    def run(self, until: float | None = None) -> Sequence[Notice]:
        """Go through the days and return what was told, in order."""
        end, at, known = until or self.world.length, 0.0, 0.0
        while at < end:
            at += self.step_seconds
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
            self._web = self._new_web(at)
            self._take(at, {})  # while it starts nobody answers
            return
        self._web.look(at)
        self._take(at, {} if self.world.unscraped.holds(at) else self._web.told(at))

    def _take(self, at: float, samples: Mapping[tuple[str, Labels], float]) -> None:
        self.samples.scrape(at, samples)
        if self.keeps:
            self.scrapes.append(samples)

    def _new_web(self, at: float) -> ReplayedWeb:
        return ReplayedWeb(self.world, self._shelf, self._post, at, self._asked, shows_results=self._shows_results)

    def _evaluate(self, at: float) -> None:
        for recording in self._needed:
            if recording.group == LONG_GROUP and at % 60:
                continue
            found = _vector(parsed(recording.expr)(self.samples, at))
            self.samples.scrape(
                at, {(recording.name, labels): value for labels, value in found.items()}, recording.name
            )
        for alert in self.alerts:
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
        if self.keeps:
            self.fired.append(frozenset(firing))
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


def _vector(value: Any) -> Vector:
    assert isinstance(value, dict)
    return value
