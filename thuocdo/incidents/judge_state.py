"""
What judging remembers of all readings before an instant: enough to go on, never the readings themselves.

Mutable, private to the judge, and kept in the store as JSON, so that a restart goes on where it was. Databases keep the keys of
JSON objects in an order of their own: nothing may depend on the order of a mapping.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import AliasChoices, Field, TypeAdapter, ValidationError

from thuocdo.core.model import IncidentScope, Reading
from thuocdo.incidents.case import Case, ConclusiveProbe, case_key


@dataclass(slots=True, kw_only=True)
class Streak:
    """How many probes in a row ended the same way, and since when; a gap ends every streak."""

    bad: int = 0
    bad_since: datetime | None = None
    ok: int = 0
    ok_since: datetime | None = None
    last_at: datetime | None = None

    def add(self, at: datetime, gap: timedelta, *, is_ok: bool) -> None:
        """Count a probe."""
        if not self.is_fresh(at, gap):
            self.bad = self.ok = 0
        if is_ok:
            self.ok_since = self.ok_since if self.ok else at
            self.ok, self.bad = self.ok + 1, 0
        else:
            self.bad_since = self.bad_since if self.bad else at
            self.bad, self.ok = self.bad + 1, 0
        self.last_at = at

    def is_fresh(self, at: datetime, gap: timedelta) -> bool:
        """Tell whether there was a probe within the gap."""
        return self.last_at is not None and at - self.last_at <= gap

    def fell_within(self, at: datetime, gap: timedelta, least: int) -> bool:
        """Tell whether the last so many probes failed, the first of them within the gap."""
        return self.bad >= least and self.bad_since is not None and at - self.bad_since <= gap


@dataclass(slots=True, kw_only=True)
class View:
    """
    One target as seen from one vantage point.

    line: probes that ended ok, failed, or found no connectivity. own: those that say something of the portal: not while the
    vantage point itself is in trouble. recent: the last of these. last_bad: the newest that was not ok, by line.
    is_down, down_since: what recent amounted to. reached: while the vantage point has no line: ok = probes that found one.
    """

    line: Streak = field(default_factory=Streak)
    own: Streak = field(default_factory=Streak)
    recent: list[ConclusiveProbe] = field(default_factory=list)
    last_bad: ConclusiveProbe | None = None
    is_down: bool = False
    down_since: datetime | None = None
    reached: Streak | None = None

    def copied(self) -> "View":
        """Return another one that remembers the same; what never changes is shared."""
        reached = replace(self.reached) if self.reached else None
        return replace(self, line=replace(self.line), own=replace(self.own), recent=[*self.recent], reached=reached)

    def forget(self) -> None:
        """Forget all that might become a conclusion; what was concluded stays."""
        self.own = Streak()
        self.recent.clear()
        self.reached = None


@dataclass(slots=True, kw_only=True)
class Pace:
    """The last times of one target, kind and vantage point. usual_seconds: what it was held against when it became
    slow, 0 = nothing was usual yet.
    """

    times: list[tuple[datetime, float]] = field(default_factory=list)
    is_slow: bool = False
    since: datetime | None = None
    until: datetime | None = None
    usual_seconds: float = 0.0

    def copied(self) -> "Pace":
        """Return another one that remembers the same."""
        return replace(self, times=[*self.times])


@dataclass(slots=True, kw_only=True)
class Wobble:
    """
    A target that failed lately, as seen from one vantage point; kept only while one of its last answers was a failure.

    answers: the last conclusive probes, whether each was ok. marks: the newest failures. is_flapping, since: what they amount to.
    """

    answers: list[tuple[datetime, bool]] = field(default_factory=list)
    marks: list[ConclusiveProbe] = field(default_factory=list)
    is_flapping: bool = False
    since: datetime | None = None

    def copied(self) -> "Wobble":
        """Return another one that remembers the same."""
        return replace(self, answers=[*self.answers], marks=[*self.marks])


@dataclass(slots=True, kw_only=True)
class Sighting:
    """
    What should not be there, as one kind of probe sees it at a target from one vantage point; kept only while it does.

    row: bad = readings that show it, ok = all others that tell of it. marks: the newest of the former. is_certain, since: what
    they amounted to.
    """

    row: Streak = field(default_factory=Streak)
    marks: list[ConclusiveProbe] = field(default_factory=list)
    is_certain: Annotated[bool, Field(validation_alias=AliasChoices("is_certain", "is_replaced"))] = False
    since: datetime | None = None

    def copied(self) -> "Sighting":
        """Return another one that remembers the same."""
        return replace(self, row=replace(self.row), marks=[*self.marks])


Seen = dict[str, dict[str, dict[str, datetime]]]
Sightings = dict[str, dict[str, dict[str, Sighting]]]
"""By kind of probe, vantage point and target: when it was looked at last, and what should not be there."""


@dataclass(slots=True, kw_only=True)
class Expiry:
    """
    A certificate that runs out soon, as seen at a target from one vantage point; kept only while it does.

    row: bad = readings that show one, ok = those that show one which holds longer. ends_at: when it runs out, by the newest that
    shows it. is_certain, since: what they amounted to.
    """

    row: Streak = field(default_factory=Streak)
    ends_at: datetime
    is_certain: bool = False
    since: datetime | None = None

    def copied(self) -> "Expiry":
        """Return another one that remembers the same."""
        return replace(self, row=replace(self.row))


@dataclass(slots=True, kw_only=True)
class Memory:
    """
    Everything that is remembered.

    at: all readings scheduled before it were taken. views: vantage point -> target -> view. paces: kind -> vantage point ->
    target -> pace. told, strange: readings that say which page stands there, and where it is another one. tried, failing:
    likewise of readings that say whether a page or a form works, and where it does not. wobbles: vantage point -> target -> what
    failed of its last answers. expiring: likewise certificates that run out soon. down, slow, replaced, broken, flapping: targets
    that are so by the quorum of vantage points. cases: those that last, by `case_key`. ended: when the last case of a name, or
    the last part by `part_key`, ended; the next one begins no earlier.
    """

    at: datetime
    views: dict[str, dict[str, View]] = field(default_factory=dict)
    paces: dict[str, dict[str, dict[str, Pace]]] = field(default_factory=dict)
    told: Seen = field(default_factory=dict)
    strange: Sightings = field(default_factory=dict)
    tried: Seen = field(default_factory=dict)
    failing: Sightings = field(default_factory=dict)
    wobbles: dict[str, dict[str, Wobble]] = field(default_factory=dict)
    expiring: dict[str, dict[str, Expiry]] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    flapping: set[str] = field(default_factory=set)
    cases: dict[str, Case] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)

    def copied(self) -> "Memory":
        """Return another one that remembers the same; `deepcopy` takes ten times as long."""
        return Memory(
            at=self.at,
            views={
                vantage_id: {target_id: view.copied() for target_id, view in views.items()}
                for vantage_id, views in self.views.items()
            },
            paces={
                kind: {
                    vantage_id: {target_id: pace.copied() for target_id, pace in paces.items()}
                    for vantage_id, paces in of_kind.items()
                }
                for kind, of_kind in self.paces.items()
            },
            told=_seen_copied(self.told),
            strange=_sightings_copied(self.strange),
            tried=_seen_copied(self.tried),
            failing=_sightings_copied(self.failing),
            wobbles={
                vantage_id: {target_id: wobble.copied() for target_id, wobble in by_target.items()}
                for vantage_id, by_target in self.wobbles.items()
            },
            expiring={
                vantage_id: {target_id: expiry.copied() for target_id, expiry in by_target.items()}
                for vantage_id, by_target in self.expiring.items()
            },
            down={*self.down},
            slow={*self.slow},
            replaced={*self.replaced},
            broken={*self.broken},
            flapping={*self.flapping},
            cases={key: case.copied() for key, case in self.cases.items()},
            ended={**self.ended},
        )

    def view(self, reading: Reading) -> View:
        """Return the view that a reading adds to."""
        return self.views.setdefault(reading.key.vantage_id, {}).setdefault(reading.key.target_id, View())

    def pace(self, reading: Reading) -> Pace:
        """Return the pace that a reading adds to."""
        of_kind = self.paces.setdefault(reading.key.kind, {})
        return of_kind.setdefault(reading.key.vantage_id, {}).setdefault(reading.key.target_id, Pace())

    def case(self, scope: IncidentScope, subject_id: str) -> Case | None:
        """Return the case that lasts, if there is one; subject_id: of a portal's the portal."""
        return self.cases.get(case_key(scope, subject_id))

    def is_lost(self, vantage_id: str) -> bool:
        """Tell whether a vantage point is in trouble itself, so that what it sees says nothing of portals."""
        return case_key(IncidentScope.VANTAGE, vantage_id) in self.cases

    def views_of(self, target_id: str) -> Iterable[View]:
        """Yield a target's views from all vantage points that can be trusted now."""
        for vantage_id in sorted(self.views):
            if target_id in self.views[vantage_id] and not self.is_lost(vantage_id):
                yield self.views[vantage_id][target_id]

    def to_json(self) -> Mapping[str, Any]:
        """Return JSON values that `from_json` understands."""
        values: Mapping[str, Any] = _MEMORY.dump_python(self, mode="json")
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Memory | None":
        """Return the memory that JSON values hold; None for those of another version of this program."""
        try:
            return _MEMORY.validate_python(values)
        except ValidationError:
            return None


def _seen_copied(seen: Seen) -> Seen:
    return {
        kind: {vantage_id: {**instants} for vantage_id, instants in of_kind.items()} for kind, of_kind in seen.items()
    }


def _sightings_copied(sightings: Sightings) -> Sightings:
    return {
        kind: {
            vantage_id: {target_id: sighting.copied() for target_id, sighting in by_target.items()}
            for vantage_id, by_target in of_kind.items()
        }
        for kind, of_kind in sightings.items()
    }


_MEMORY = TypeAdapter(Memory)
