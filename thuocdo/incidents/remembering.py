"""What a judge knows whose memory is lost: the incidents that last, as they are stored."""

from collections.abc import Iterable
from datetime import datetime

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import Incident, IncidentScope, IncidentState, MeasurementKey
from thuocdo.incidents.judge_state import Case, Memory, Pace, Sighting, View, Wobble, case_key


def memory_of(incidents: Iterable[Incident], at: datetime, until: datetime) -> Memory:
    """
    Return a memory that knows nothing but the incidents which last; for when its own was lost.

    Args:
        incidents: those that last.
        at: readings are judged again from here on at the latest: from earlier on where an incident was confirmed after this. It
            began before, so it comes of what is judged again; were it known already, the probes before it would end it.
        until: so far readings are judged again.
    """
    lasting = [*incidents]
    again = [one for one in lasting if at <= one.confirmed_at < until]
    since = min((one.started_at for one in again), default=at)
    if since < at:
        return memory_of(lasting, since, until)
    memory = Memory(at=at)
    for incident in lasting:
        if incident in again:
            continue
        case = Case(
            scope=incident.scope,
            subject_id=incident.subject_id,
            agency_id=incident.agency_id,
            state=incident.state,
            worst=incident.worst,
            started_at=incident.started_at,
            confirmed_at=incident.confirmed_at,
            detail=incident.detail,
            target_ids=list(incident.target_ids),
            measurements=list(incident.measurements),
            evidence=list(incident.evidence),
            reasons={incident.reason: 1} if incident.reason else {},
        )
        memory.cases[case_key(case.scope, case.subject_id)] = case
        for key in incident.measurements:
            _remember(memory, incident, key)
    return memory


def _remember(memory: Memory, incident: Incident, key: MeasurementKey) -> None:
    """Let a target be as the incident says, until readings say otherwise."""
    if incident.scope is IncidentScope.VANTAGE:
        return
    if incident.state is IncidentState.DOWN and key.kind == answering_kind().name:
        view = memory.views.setdefault(key.vantage_id, {}).setdefault(key.target_id, View())
        view.is_down, view.down_since = True, view.down_since or key.scheduled_at
        memory.down.add(key.target_id)
    elif incident.state in (IncidentState.REPLACED, IncidentState.BROKEN):
        is_replaced = incident.state is IncidentState.REPLACED
        sightings, seen = (memory.strange, memory.told) if is_replaced else (memory.failing, memory.tried)
        here = sightings.setdefault(key.kind, {}).setdefault(key.vantage_id, {})
        here.setdefault(key.target_id, Sighting(is_certain=True, since=key.scheduled_at))
        seen.setdefault(key.kind, {}).setdefault(key.vantage_id, {})[key.target_id] = key.scheduled_at
        (memory.replaced if is_replaced else memory.broken).add(key.target_id)
    elif incident.state is IncidentState.FLAPPING:
        wobbles = memory.wobbles.setdefault(key.vantage_id, {})
        wobbles.setdefault(key.target_id, Wobble(is_flapping=True, since=key.scheduled_at))
        memory.flapping.add(key.target_id)
    elif incident.state is IncidentState.DEGRADED:
        of_kind = memory.paces.setdefault(key.kind, {}).setdefault(key.vantage_id, {})
        of_kind.setdefault(key.target_id, Pace(is_slow=True, since=key.scheduled_at))
        memory.slow.add(key.target_id)
