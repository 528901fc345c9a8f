"""Incidents as the judge stores them, each change told in the log once it is stored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import structlog

from thuocdo.core.clock import iso
from thuocdo.core.model import Incident, IncidentScope, IncidentState, StateChange, Target

MOST_PORTALS = 20
"""So many portals one line names; `thuocdo incidents show` has them all."""

_SENTENCES = {
    IncidentState.DOWN: "an incident: does not answer",
    IncidentState.BROKEN: "an incident: answers and does not work",
    IncidentState.REPLACED: "an incident: another page stands in the portal's place",
    IncidentState.FLAPPING: "an incident: answers and fails in turn",
    IncidentState.DEGRADED: "an incident: far slower than usual",
    IncidentState.EXPIRING: "an incident: a certificate runs out soon",
    IncidentState.ENDED: "an incident is over",
}

log = structlog.get_logger(__name__)


class _Kept(Protocol):
    """What judging needs of the store of incidents."""

    def lasting(self) -> Sequence[Incident]: ...

    def all(self, since: datetime | None = None) -> Sequence[Incident]: ...

    def save(self, incident: Incident, change: StateChange | None) -> None: ...

    def judged_at(self) -> datetime | None: ...

    def judge_memory(self) -> tuple[datetime, Mapping[str, Any]] | None: ...


class ToldIncidents:
    """
    The store's incidents, for judging.

    Args:
        kept: of the store.
        targets: registered ones, by id, which say what portal a target is of; set anew when the registry was read again.
    """

    def __init__(self, kept: _Kept, targets: Mapping[str, Target]) -> None:
        self._kept = kept
        self.targets = targets
        self.lasting = kept.lasting
        self.all = kept.all
        self.judged_at = kept.judged_at
        self.judge_memory = kept.judge_memory

    def save(self, incident: Incident, change: StateChange | None) -> None:
        """Store an incident, and tell of its change of state."""
        self._kept.save(incident, change)
        if change is not None:
            log.info(_SENTENCES[change.state], **told(incident, change, self.targets))


def told(incident: Incident, change: StateChange, targets: Mapping[str, Target]) -> dict[str, Any]:
    """
    Return the keys of the line.

    incident, state, the subject under the name of its scope (target, family, vantage), portals (registered ones), parts (of a
    portal's, those that last, each with its state), agency (of a
    target's), cause (a reason), detail, began, ended; what is not known is left out.
    """
    hit = (
        (incident.target_ids or (incident.subject_id,))
        if incident.scope is IncidentScope.TARGET
        else incident.target_ids
    )
    portals = list(dict.fromkeys(targets[one].portal_id for one in hit if one in targets))
    known = {
        "incident": incident.id,
        "state": change.state.value,
        incident.scope.value: incident.subject_id,
        "portals": portals[:MOST_PORTALS],
        "parts": [f"{part.target_id} {part.aspect}: {part.state}" for part in incident.lasting_parts][:MOST_PORTALS],
        "more_portals": max(0, len(portals) - MOST_PORTALS),
        "agency": incident.agency_id,
        "cause": change.reason.value if change.reason else "",
        "detail": change.detail or incident.detail,
        "began": iso(incident.started_at),
        "ended": iso(incident.ended_at) if incident.ended_at else "",
    }
    return {name: value for name, value in known.items() if value}
