"""
An incident in the making: of a portal with its parts, of a family, or of a vantage point.

What is said of a portal's incident follows from its parts: its state is that of the worst one that lasts, and so are its reason
and its detail. A part is a target of the portal, or a target's certificate; each begins and ends by rules of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import (
    BEFORE_AND_NOW,
    Evidence,
    Incident,
    IncidentAspect,
    IncidentPart,
    IncidentScope,
    IncidentState,
    MeasurementKey,
    Reading,
    Reason,
)
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.wire import storable
from thuocdo.incidents.part_changes import part_changes

MOST_EVIDENCE = 6
MOST_MEASUREMENTS = 200
"""A family's incident names the first failure of each of its portals; a national one has some hundred."""

MOST_PARTS = 100
"""Of which those that are over are let go of, the oldest first: a form may be broken for months while its portal falls daily."""

SHORTEST = timedelta(milliseconds=1)
"""Of an incident: two of one subject never have the same start, by which they are named."""

_WITHOUT_REASON = (IncidentState.DEGRADED, IncidentState.EXPIRING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusiveProbe:
    """One conclusive probe. reason: None = ok."""

    at: datetime
    reason: Reason | None = None
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def of(cls, reading: Reading) -> "ConclusiveProbe":
        """Return what is remembered of a reading."""
        return cls(at=reading.key.scheduled_at, reason=reading.reason, detail=reading.detail, evidence=reading.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStep:
    """One change of a case's state."""

    at: datetime
    state: IncidentState
    reason: Reason | None = None
    detail: str = ""


@dataclass(slots=True, kw_only=True)
class Part:
    """A part of a portal's case; `part()` is what others see of it. reasons: how many failures gave each."""

    target_id: str
    aspect: IncidentAspect = IncidentAspect.SERVICE
    state: IncidentState
    worst: IncidentState
    started_at: datetime
    confirmed_at: datetime
    since: datetime
    ended_at: datetime | None = None
    detail: str = ""
    reasons: dict[Reason, int] = field(default_factory=dict)

    def copied(self) -> "Part":
        """Return another one of the same state."""
        return replace(self, reasons={**self.reasons})

    def become(self, state: IncidentState, since: datetime) -> None:
        """Take another state; since: when that began, as it turned out."""
        self.state, self.since = state, max(since, self.started_at)
        if state.is_worse_than(self.worst):
            self.worst = state

    def end(self, at: datetime) -> None:
        """Be fine again."""
        self.ended_at = max(at, self.started_at + SHORTEST)

    def part(self) -> IncidentPart:
        """Return the value that is stored and shown."""
        state = self.worst if self.ended_at is not None else self.state
        return IncidentPart(
            target_id=self.target_id,
            aspect=self.aspect,
            state=self.state,
            worst=self.worst,
            started_at=self.started_at,
            confirmed_at=self.confirmed_at,
            since=self.since,
            ended_at=self.ended_at,
            reason=_most_given(self.reasons, state),
            detail=storable(self.detail),
        )


@dataclass(slots=True, kw_only=True)
class Case:
    """
    An incident in the making; `incident()` is what others see of it.

    named_at: the start by which it is named, where a part that turned out to have begun earlier has moved it since; None = the
    start. parts: of a portal's, in the order in which they were hit. reasons: of the others, how many failures gave each.
    """

    scope: IncidentScope
    subject_id: str
    agency_id: str
    state: IncidentState
    worst: IncidentState
    started_at: datetime
    confirmed_at: datetime
    named_at: datetime | None = None
    ended_at: datetime | None = None
    detail: str = ""
    target_ids: list[str] = field(default_factory=list)
    measurements: list[MeasurementKey] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    reasons: dict[Reason, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    steps: list[CaseStep] = field(default_factory=list)

    def copied(self) -> "Case":
        """Return another one of the same state; what never changes is shared."""
        return replace(
            self,
            target_ids=[*self.target_ids],
            measurements=[*self.measurements],
            evidence=[*self.evidence],
            reasons={**self.reasons},
            parts=[part.copied() for part in self.parts],
            steps=[*self.steps],
        )

    @property
    def id(self) -> str:
        """The same for the same readings: who, and since when."""
        named_at = self.named_at or self.started_at
        return f"{self.scope}-{self.subject_id}-{named_at.strftime('%Y%m%dT%H%M%S.%f')[:-3]}Z"

    @property
    def reason(self) -> Reason | None:
        """The reason that most failures of its state gave, by name where several are even; once it is over, of its worst."""
        is_over = self.state is IncidentState.ENDED
        state = self.worst if is_over else self.state
        reasons = dict(self.reasons)
        for part in self.parts:
            if (part.worst if is_over else part.state) is state:
                for reason, number in part.reasons.items():
                    reasons[reason] = reasons.get(reason, 0) + number
        return _most_given(reasons, state)

    @property
    def lasting(self) -> list[Part]:
        """Its parts that are not fine again."""
        return [part for part in self.parts if part.ended_at is None]

    def part_of(self, target_id: str, aspect: IncidentAspect = IncidentAspect.SERVICE) -> Part | None:
        """Return the part that lasts, if there is one."""
        return next(
            (
                part
                for part in self.parts
                if part.ended_at is None and part.target_id == target_id and part.aspect is aspect
            ),
            None,
        )

    def fill(self) -> None:
        """Have parts; one that was remembered before parts were has the one that follows from the rest."""
        if self.scope is IncidentScope.TARGET and not self.parts:
            only = Part(
                target_id=self.subject_id,
                state=self.state,
                worst=self.worst,
                started_at=self.started_at,
                confirmed_at=self.confirmed_at,
                since=self.started_at,
                detail=self.detail,
                reasons=self.reasons,
            )
            self.parts, self.reasons = [only], {}

    def join(self, part: Part) -> None:
        """Take one more part; `settle` follows."""
        over = [one for one in self.parts if one.ended_at is not None]
        for oldest in over[: max(0, len(self.parts) + 1 - MOST_PARTS)]:
            self.parts.remove(oldest)
        self.parts.append(part)
        if part.started_at < self.started_at:
            self.named_at, self.started_at = self.named_at or self.started_at, part.started_at
        if part.target_id not in self.target_ids:
            self.target_ids.append(part.target_id)

    def settle(self, at: datetime, *, joined: Part | None = None, left: Part | None = None) -> None:
        """Take the state of the worst part that lasts, the first of them; joined, left: what has just become one, or fine."""
        lasting = self.lasting
        if not lasting:
            return
        worst = min(lasting, key=lambda part: [*IncidentState].index(part.state))
        self.detail = worst.detail or self.detail
        has_moved = worst.state is not self.state
        words = worst.detail if not self.steps else part_changes(_told(joined), _told(left))
        if has_moved or words or not self.steps:
            self.change(worst.state, at, words or (self.detail if has_moved else ""))

    def note(
        self,
        target_id: str,
        vantage_id: str,
        mark: ConclusiveProbe,
        kind: str | None = None,
        part: Part | None = None,
    ) -> None:
        """
        Count a failure, and keep it as long as there is room.

        kind: None = the one that tells whether a portal answers. part: that it belongs to; None = the case has none.
        """
        reasons = self.reasons if part is None else part.reasons
        if mark.reason is not None:
            reasons[mark.reason] = reasons.get(mark.reason, 0) + 1
        key = MeasurementKey(
            target_id=target_id,
            kind=kind or answering_kind().name,
            vantage_id=vantage_id,
            profile=PLAIN_PROFILE,
            scheduled_at=mark.at,
        )
        # Pictures of before and now come from the browser, long after the first plain answers: for the first pair there is room.
        pair = () if _pair_in(self.evidence) else _pair_in(mark.evidence)
        if key not in self.measurements and (pair or len(self.measurements) < MOST_MEASUREMENTS):
            self.measurements.append(key)
            # Each once: what stood there before comes with every one of them.
            self.evidence = [*dict.fromkeys((*pair, *self.evidence, *mark.evidence))][:MOST_EVIDENCE]

    def change(self, state: IncidentState, at: datetime, detail: str = "") -> None:
        """Take another state."""
        self.state = state
        if state.is_worse_than(self.worst):
            self.worst = state
        self.steps.append(CaseStep(at=at, state=state, reason=self.reason, detail=storable(detail)))

    def end(self, ended_at: datetime, at: datetime) -> None:
        """Be over; of a portal's case this follows when the last of its parts is."""
        if self.parts:
            worst = next((part for part in self.parts if part.worst is self.worst), self.parts[-1])
            self.detail = worst.detail or self.detail
        self.change(IncidentState.ENDED, at)
        self.ended_at = max(ended_at, self.started_at + SHORTEST)

    def incident(self) -> Incident:
        """Return the value that is stored and shown."""
        return Incident(
            id=self.id,
            scope=self.scope,
            subject_id=self.subject_id,
            agency_id=self.agency_id,
            state=self.state,
            worst=self.worst,
            started_at=self.started_at,
            confirmed_at=self.confirmed_at,
            ended_at=self.ended_at,
            reason=self.reason,
            detail=storable(self.detail),
            target_ids=tuple(self.target_ids),
            measurements=tuple(self.measurements),
            evidence=tuple(self.evidence),
            parts=tuple(part.part() for part in self.parts),
        )


def case_key(scope: IncidentScope, subject_id: str) -> str:
    """Return the name under which a case is remembered; subject_id: of a portal's the portal."""
    return f"{scope}/{subject_id}"


def part_key(target_id: str, aspect: IncidentAspect) -> str:
    """Return the name under which it is remembered when a part ended."""
    return f"{aspect}/{target_id}"


def _told(part: Part | None) -> Sequence[IncidentPart]:
    return () if part is None else (part.part(),)


def _most_given(reasons: Mapping[Reason, int], state: IncidentState) -> Reason | None:
    if state in _WITHOUT_REASON:
        return None
    is_replaced = state is IncidentState.REPLACED
    given = {one: number for one, number in reasons.items() if (one is Reason.NOT_THE_PORTAL) is is_replaced}
    return max(given, key=lambda reason: (given[reason], reason), default=None)


def _pair_in(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the pictures of what stood there before and of what stands there now; nothing where not both are."""
    pieces = [*evidence]
    found = [next((one for one in pieces if one.kind == kind), None) for kind in BEFORE_AND_NOW]
    return tuple(one for one in found if one is not None) if all(found) else ()
