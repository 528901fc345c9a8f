"""What a judge knows whose memory is lost: the incidents that last, as they are stored."""

from collections.abc import Iterable
from datetime import datetime

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import (
    Incident,
    IncidentAspect,
    IncidentPart,
    IncidentScope,
    IncidentState,
    MeasurementKey,
)
from thuocdo.core.model.figures import figures_of
from thuocdo.incidents.case import Case, Part, case_key
from thuocdo.incidents.judge_state import Expiry, Memory, Pace, Sighting, View, Wobble


def memory_of(incidents: Iterable[Incident], at: datetime, until: datetime) -> Memory:
    """
    Return a memory that knows nothing but the incidents which last; for when its own was lost.

    Args:
        incidents: those that last.
        at: readings are judged again from here on at the latest: from earlier on where an incident, or a part of one, was
            confirmed after this. It began before, so it comes of what is judged again; were it known already, the probes before
            it would end it.
        until: so far readings are judged again.
    """
    lasting = [*incidents]
    again = [one for one in lasting if at <= one.confirmed_at < until]
    left = {one.id: _parts_before(one, at, until) for one in lasting if one not in again}
    starts = [one.started_at for one in again]
    starts += [
        part.started_at for one in lasting if one.id in left for part in one.portal_parts if part not in left[one.id]
    ]
    since = min(starts, default=at)
    if since < at:
        return memory_of(lasting, since, until)
    memory = Memory(at=at)
    for incident in lasting:
        if incident in again:
            continue
        parts = left[incident.id]
        of_parts = [part.state for part in parts if part.ended_at is None]
        case = Case(
            scope=incident.scope,
            subject_id=incident.subject_id,
            agency_id=incident.agency_id,
            state=min(of_parts, key=[*IncidentState].index, default=incident.state),
            worst=incident.worst,
            started_at=incident.started_at,
            confirmed_at=incident.confirmed_at,
            detail=incident.detail,
            target_ids=list(incident.target_ids),
            measurements=list(incident.measurements),
            evidence=list(incident.evidence),
            reasons={incident.reason: 1} if incident.reason and not parts else {},
            parts=[_part(part) for part in parts],
        )
        # The judge names a portal's by its portal: which one that is the registry says.
        memory.cases[case_key(case.scope, case.subject_id)] = case
        for key in incident.measurements:
            if incident.scope is IncidentScope.FAMILY:
                _remember(memory, incident.state, key)
            for part in parts:
                if part.ended_at is None and part.target_id == key.target_id:
                    _remember_part(memory, part, key)
    return memory


def _parts_before(incident: Incident, at: datetime, until: datetime) -> list[IncidentPart]:
    """Return the parts that do not come of what is judged again; all of them where none of those lasts."""
    before = [part for part in incident.portal_parts if not (part.ended_at is None and at <= part.confirmed_at < until)]
    return before if any(part.ended_at is None for part in before) else [*incident.portal_parts]


def _part(part: IncidentPart) -> Part:
    return Part(
        target_id=part.target_id,
        aspect=part.aspect,
        state=part.state,
        worst=part.worst,
        started_at=part.started_at,
        confirmed_at=part.confirmed_at,
        since=part.since,
        ended_at=part.ended_at,
        detail=part.detail,
        reasons={part.reason: 1} if part.reason else {},
    )


def _remember_part(memory: Memory, part: IncidentPart, key: MeasurementKey) -> None:
    """Let a target, or its certificate, be as a part of its portal's incident says."""
    if part.aspect is IncidentAspect.SERVICE:
        _remember(memory, part.state, key)
        return
    ends_at = figures_of(part).certificate_ends_at
    if ends_at is not None and key.kind == answering_kind().name:
        here = memory.expiring.setdefault(key.vantage_id, {})
        here.setdefault(key.target_id, Expiry(ends_at=ends_at, is_certain=True, since=part.since))


def _remember(memory: Memory, state: IncidentState, key: MeasurementKey) -> None:
    """Let a target be in a state, until readings say otherwise."""
    if state is IncidentState.DOWN and key.kind == answering_kind().name:
        view = memory.views.setdefault(key.vantage_id, {}).setdefault(key.target_id, View())
        view.is_down, view.down_since = True, view.down_since or key.scheduled_at
        memory.down.add(key.target_id)
    elif state in (IncidentState.REPLACED, IncidentState.BROKEN):
        is_replaced = state is IncidentState.REPLACED
        sightings, seen = (memory.strange, memory.told) if is_replaced else (memory.failing, memory.tried)
        here = sightings.setdefault(key.kind, {}).setdefault(key.vantage_id, {})
        here.setdefault(key.target_id, Sighting(is_certain=True, since=key.scheduled_at))
        seen.setdefault(key.kind, {}).setdefault(key.vantage_id, {})[key.target_id] = key.scheduled_at
        (memory.replaced if is_replaced else memory.broken).add(key.target_id)
    elif state is IncidentState.FLAPPING:
        wobbles = memory.wobbles.setdefault(key.vantage_id, {})
        wobbles.setdefault(key.target_id, Wobble(is_flapping=True, since=key.scheduled_at))
        memory.flapping.add(key.target_id)
    elif state is IncidentState.DEGRADED:
        of_kind = memory.paces.setdefault(key.kind, {}).setdefault(key.vantage_id, {})
        of_kind.setdefault(key.target_id, Pace(is_slow=True, since=key.scheduled_at))
        memory.slow.add(key.target_id)
