"""Histories with known answers, and a judge that is asked at chosen instants."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.model import (
    Block,
    Incident,
    IncidentScope,
    MeasurementKey,
    Outcome,
    Reading,
    Reason,
    StateChange,
    Target,
    TargetRole,
)
from thuocdo.incidents.judging import Judging
from thuocdo.incidents.ledger import JOINED, WITHDRAWN
from thuocdo.incidents.rules import JudgingContext, Rules

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def target(name: str, family: str = "unknown", portal: str = "") -> Target:
    return Target(
        id=name,
        role=TargetRole.HOMEPAGE,
        url=f"https://{name}.example/",
        agency_id=f"agency-{name}",
        portal_id=portal or name,
        block=Block.PROVINCE,
        family=family,
    )


def fleet(number: int, family: str = "unknown", prefix: str = "t") -> dict[str, Target]:
    return {f"{prefix}{index:02}": target(f"{prefix}{index:02}", family) for index in range(number)}


def reading(
    name: str,
    minutes: float,
    reason: Reason | None = None,
    *,
    vantage: str = "ha-noi",
    kind: str = "http",
    seconds: float | None = None,
    certificate_days: float | None = None,
) -> Reading:
    """What a probe so many minutes after START saw; certificate_days: so long after START it runs out."""
    key = MeasurementKey(
        target_id=name, kind=kind, vantage_id=vantage, profile="desktop", scheduled_at=START + minutes * MINUTE
    )
    return Reading(
        key=key,
        agency_id=f"agency-{name}",
        outcome=reason.outcome if reason else Outcome.OK,
        reason=reason,
        detail="status 503" if reason is Reason.HTTP_ERROR else "",
        seconds=seconds if reason is None else None,
        certificate_ends_at=None if certificate_days is None else START + timedelta(days=certificate_days),
    )


LETTERS = {
    ".": None,
    "s": None,
    "c": None,
    "C": None,
    "x": Reason.TIMEOUT,
    "h": Reason.HTTP_ERROR,
    "?": Reason.BLOCKED,
    "n": Reason.NO_CONNECTIVITY,
    "r": Reason.NOT_THE_PORTAL,
    "b": Reason.PROBER_SATURATED,
}


def series(
    name: str,
    letters: str,
    *,
    every: float = 1.0,
    first: float = 0.0,
    vantage: str = "ha-noi",
    kind: str = "http",
) -> list[Reading]:
    """
    One probe a letter.

    . ok, s ok and slow, x timeout, h HTTP error, ? blocked, n no connectivity, r another page, b busy prober, space none; c, C:
    ok, and the certificate holds for 5 days, or for 90.
    """
    return [
        reading(
            name,
            first + every * index,
            LETTERS[letter],
            vantage=vantage,
            kind=kind,
            seconds=9.0 if letter == "s" else 0.2,
            certificate_days={"c": 5, "C": 90}.get(letter),
        )
        for index, letter in enumerate(letters)
        if letter != " "
    ]


@dataclass
class Shelf:
    """A store of incidents in memory."""

    rows: dict[str, Incident] = field(default_factory=dict)
    changes: list[StateChange] = field(default_factory=list)
    memory: tuple[datetime, Mapping] | None = None
    judged: datetime | None = None
    writes: int = 0

    def judge_memory(self):
        return self.memory

    def judged_at(self):
        return self.judged

    def lasting(self):
        return [one for one in self.rows.values() if one.ended_at is None]

    def all(self, since=None):
        return [one for one in self.rows.values() if since is None or one.ended_at is None or one.ended_at >= since]

    def save(self, incident, change):
        self.rows[incident.id] = incident
        self.writes += 1
        if change:
            self.changes.append(change)

    @property
    def standing(self) -> list[Incident]:
        """What was not withdrawn and goes on in no other one, oldest first."""
        gone = (WITHDRAWN, JOINED)
        return sorted((one for one in self.rows.values() if one.detail not in gone), key=lambda one: one.id)


@dataclass
class Post:
    """Readings in the order in which they arrived."""

    order: list[Reading] = field(default_factory=list)
    heard: int = 0
    """How many the judge was given, whichever way."""

    def newest(self) -> int:
        return len(self.order)

    def between(self, since: datetime, until: datetime, up_to: int | None = None) -> Iterator[Reading]:
        found = [one for one in self.order[:up_to] if since <= one.key.scheduled_at < until]
        # As from a store, what lies at one instant is in no order that one could rely on.
        for one in sorted(found, key=lambda one: (one.key.scheduled_at, hash(one.key))):
            self.heard += 1
            yield one

    def arrived(self, after: int, since: datetime) -> tuple[int, list[Reading]]:
        found = [one for one in self.order[after:] if one.key.scheduled_at >= since]
        self.heard += len(found)
        return len(self.order), found


@dataclass
class Court:
    """Readings that arrive by and by, and a judge that looks at what has arrived."""

    targets: Mapping[str, Target]
    rules: Rules = field(default_factory=Rules)
    is_excluded: Callable[[Target, datetime], bool] = lambda _target, _at: False
    usual_seconds: Callable[[MeasurementKey], float | None] = lambda _key: None
    shelf: Shelf = field(default_factory=Shelf)
    post: Post = field(default_factory=Post)
    session: Judging | None = None
    first: datetime = START - timedelta(hours=2)
    judge: type = Judging
    _scene: JudgingContext | None = None

    @property
    def scene(self) -> JudgingContext:
        """The same one as long as nothing in it changes: as the process has it between two readings of its files."""
        now = JudgingContext(
            targets=self.targets, rules=self.rules, is_excluded=self.is_excluded, usual_seconds=self.usual_seconds
        )
        self._scene = self._scene if self._scene == now else now
        return self._scene

    @property
    def arrived(self) -> list[Reading]:
        return [*self.post.order]

    @arrived.setter
    def arrived(self, readings: Iterable[Reading]) -> None:
        """Let those arrive that have not yet."""
        known = {one.key for one in self.post.order}
        self.post.order += [one for one in readings if one.key not in known]

    def look(self, minutes: float, *, restart: bool = False) -> int:
        """Judge what has arrived, so many minutes after START."""
        now = START + minutes * MINUTE
        if self.session is None or restart or not self.session.is_sound:
            if self.session is not None:
                # A database keeps JSON objects in an order of its own.
                kept = json.loads(json.dumps(self.session.memory.to_json(), sort_keys=True))
                self.shelf.memory = (self.session.memory.at, kept)
                self.shelf.judged = self.session.seen_until
            self.session = self.judge.resume(self.shelf, self.post, now)
            if self.shelf.memory is None:
                self.session.memory.at = self.session.seen_until = min(self.first, now)
        return self.session.look(self.scene, now, now)

    def hear(
        self, readings: Iterable[Reading], looks: Sequence[float], *, restarts: frozenset[int] = frozenset()
    ) -> "Court":
        """Let readings arrive as they are scheduled and look at the given minutes."""
        waiting = sorted(readings, key=lambda one: one.key.scheduled_at)
        for index, minutes in enumerate(sorted(looks)):
            now = START + minutes * MINUTE
            self.arrived += [one for one in waiting if one.key.scheduled_at < now]
            waiting = [one for one in waiting if one.key.scheduled_at >= now]
            self.look(minutes, restart=index in restarts)
        return self


def every(minutes: float, until: float) -> list[float]:
    return [minutes * index for index in range(1, int(until / minutes) + 2)]


def facts(incidents: Iterable[Incident]) -> list[Incident]:
    """What does not depend on when results arrived: all but the id, and of a portal's the target by which it was known first."""
    without = (
        replace(one, id="", subject_id="" if one.scope is IncidentScope.TARGET else one.subject_id) for one in incidents
    )
    return sorted(without, key=lambda one: (one.scope, one.subject_id, one.target_ids, one.started_at))


@pytest.fixture(scope="session")
def court():
    return Court


@pytest.fixture(scope="session")
def build():
    """Makers of targets, readings and looks."""

    class Build:
        start = START
        rng = random.Random

    Build.target, Build.fleet, Build.reading = staticmethod(target), staticmethod(fleet), staticmethod(reading)
    Build.series, Build.every, Build.facts = staticmethod(series), staticmethod(every), staticmethod(facts)
    return Build
