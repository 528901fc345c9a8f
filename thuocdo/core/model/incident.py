"""What measurements amount to for those on duty: incidents, their changes of state, and tallies of answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from thuocdo.core.model.measurement import Evidence, MeasurementKey, Outcome, Reason

BEFORE_AND_NOW = ("screenshot_before", "screenshot")
"""Kinds of the evidence that shows another page: a picture of the known page, one of the page that stands in its place."""


WITHDRAWN = "withdrawn: results that came late show otherwise"
"""Detail of an incident that was none after all."""


class IncidentScope(StrEnum):
    """Whose incident it is; portals of one family that fall together are one, as are all that one broken line hides."""

    TARGET = "target"
    FAMILY = "family"
    VANTAGE = "vantage"


class IncidentState(StrEnum):
    """
    How it stands; the worse comes first.

    down: confirmed as not answering. broken: answers, and does not work: no form opens, or no browser can use the page. replaced:
    quite another page than the known one stands at its address. flapping: answers and fails in turn. degraded: answers, and slow
    for a long while. expiring: nothing is wrong yet, and its certificate runs out soon. ended: over.
    """

    DOWN = "down"
    BROKEN = "broken"
    REPLACED = "replaced"
    FLAPPING = "flapping"
    DEGRADED = "degraded"
    EXPIRING = "expiring"
    ENDED = "ended"

    def is_worse_than(self, other: "IncidentState") -> bool:
        """Tell whether it is worse than another state."""
        order = [*IncidentState]
        return order.index(self) < order.index(other)


class IncidentAspect(StrEnum):
    """What of a target is a part of its portal's incident: what it does for people, or its certificate, which still holds."""

    SERVICE = "service"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPart:
    """
    One target of a portal, or its certificate, for as long as something was wrong with it.

    state: that it is in, or was in when it ended. since: since when it is so. worst: the worst it was ever in. started_at: first
    measurement that is part of it. confirmed_at: when it was certain. ended_at: None while it lasts. reason: the one that most
    failures of its state gave, once it is over of its worst; None of a state without failures. detail: as that of an incident.
    """

    target_id: str
    aspect: IncidentAspect = IncidentAspect.SERVICE
    state: IncidentState
    worst: IncidentState
    started_at: datetime
    confirmed_at: datetime
    since: datetime
    ended_at: datetime | None = None
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """
    A confirmed outage, breakage or slowdown, another page at the address of a portal, or a certificate that runs out soon.

    Of a portal there is one at a time, however many of its targets are hit: each is a part of it.

    id: the same however often the same measurements are judged. subject_id: a family, a vantage point, or of a portal the target
    that was hit first. agency_id: of a portal's incident; else empty. state: of a portal's the worst of its lasting parts; ended
    once it is over. worst: the worst state it was ever in. reason: the one that most failures of its state gave; None while
    degraded. detail: one line for people, without secrets. started_at: first measurement that is part of it. confirmed_at: when
    it was certain. ended_at: None while it lasts. target_ids: all that were ever hit. measurements, evidence: what it rests on,
    the first of them. parts: of a portal's, in the order in which they were hit; empty of those that were stored before parts
    were kept.
    """

    id: str
    scope: IncidentScope
    subject_id: str
    state: IncidentState
    worst: IncidentState
    started_at: datetime
    confirmed_at: datetime
    ended_at: datetime | None = None
    agency_id: str = ""
    reason: Reason | None = None
    detail: str = ""
    target_ids: tuple[str, ...] = ()
    measurements: tuple[MeasurementKey, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    parts: tuple[IncidentPart, ...] = ()

    @property
    def portal_parts(self) -> tuple[IncidentPart, ...]:
        """Its parts; of a portal's incident that was stored without any, what follows from the rest of it."""
        if self.parts or self.scope is not IncidentScope.TARGET:
            return self.parts
        return tuple(
            IncidentPart(
                target_id=target_id,
                state=self.worst if self.ended_at else self.state,
                worst=self.worst,
                started_at=self.started_at,
                confirmed_at=self.confirmed_at,
                since=self.started_at,
                ended_at=self.ended_at,
                reason=self.reason,
                detail=self.detail,
            )
            for target_id in self.target_ids or (self.subject_id,)
        )

    @property
    def lasting_parts(self) -> tuple[IncidentPart, ...]:
        """Those of its parts that are not fine again."""
        return tuple(part for part in self.portal_parts if part.ended_at is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """One change of an incident's state; stored before anybody is told. changed_at: when it was judged so."""

    incident_id: str
    changed_at: datetime
    state: IncidentState
    reason: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """
    That a person took notice of an incident; it changes neither the incident nor who is alerted.

    by: as the person is called. note: empty where nothing was said.
    """

    incident_id: str
    at: datetime
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    What judging needs of a measurement, and no more: thousands of them are read every few seconds.

    seconds: the one time that tells slowness; None unless ok, and taken by a prober that had time. certificate_ends_at: when the
    first certificate of the chain runs out; None where none was seen.
    """

    key: MeasurementKey
    agency_id: str
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    seconds: float | None = None
    certificate_ends_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HourTally:
    """
    How the availability probes of one target from one vantage point ended, by the hour in which they were scheduled.

    hour: its beginning, UTC. excluded: within planned maintenance, whatever they found; they are in none of the others.
    missed: due outside planned maintenance and never started, because the prober could not keep up.
    """

    target_id: str
    vantage_id: str
    hour: datetime
    ok: int = 0
    failed: int = 0
    inconclusive: int = 0
    excluded: int = 0
    missed: int = 0
