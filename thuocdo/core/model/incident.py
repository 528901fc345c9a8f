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
    for a long while. ended: over.
    """

    DOWN = "down"
    BROKEN = "broken"
    REPLACED = "replaced"
    FLAPPING = "flapping"
    DEGRADED = "degraded"
    ENDED = "ended"

    def is_worse_than(self, other: "IncidentState") -> bool:
        """Tell whether it is worse than another state."""
        order = [*IncidentState]
        return order.index(self) < order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """
    A confirmed outage, breakage or slowdown, or another page at the address of a portal.

    id: the same however often the same measurements are judged. subject_id: a target, a family or a vantage point, by scope.
    agency_id: of a target's incident; else empty. state: ended once it is over. worst: the worst state it was ever in.
    reason: the one that most of its failures gave; None while degraded. detail: one line for people, without secrets.
    started_at: first measurement that is part of it. confirmed_at: when it was certain. ended_at: None while it lasts.
    target_ids: all that are hit (one, for a target's). measurements, evidence: what it rests on, the first of them.
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

    seconds: the one time that tells slowness; None unless ok, and taken by a prober that had time.
    """

    key: MeasurementKey
    agency_id: str
    outcome: Outcome
    reason: Reason | None = None
    detail: str = ""
    seconds: float | None = None
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
