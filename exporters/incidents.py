"""
What `/metrics` says of incidents: those that last, those that have just ended, and the parts of portals' incidents.

Alerts about portals are made of the parts: each says since when which target is in which state, under the name (label target) by
which people are told of it. That is the first of its role that was hit, so that ten forms of one host are one alert.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from exporters.text import Family, gauge
from thuocdo.core.model import Incident, IncidentAspect, IncidentPart, IncidentScope, Target
from thuocdo.core.model.figures import Figures, figures_of
from thuocdo.core.model.incident import WITHDRAWN

OF_INCIDENT = 2
"""Series of an incident, lasting or just ended."""

OF_TARGET = OF_INCIDENT + 1 + 2 + 2
"""Series of a target with an incident, of which it is a part, and its certificate, and it was one until a moment ago."""

_INCIDENT_LABELS = ("scope", "state", "target", "agency", "family", "vantage", "reason")
_FIGURE_LABELS = (*_INCIDENT_LABELS, "id", "status", "seconds", "usual_seconds")
"""Of what a notice is written from: only ever as many series as incidents last or have just ended."""

_PART_LABELS = ("target", "part", "role", "aspect", "state", "agency", "reason", "id")
_PART_FIGURE_LABELS = (*_PART_LABELS, "status", "seconds", "usual_seconds", "certificate")

_WITHDRAWN_STATE = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPart:
    """A part of a portal's incident that has just ended. is_withdrawn: it was none after all."""

    incident: Incident
    part: IncidentPart
    is_withdrawn: bool = False


def incident_families(
    lasting: Sequence[Incident],
    ended: Sequence[Incident],
    ended_parts: Sequence[EndedPart],
    targets: Mapping[str, Target],
    in_maintenance: Collection[str],
) -> Iterator[Family]:
    """
    Yield the metric families.

    Args:
        lasting: incidents that last.
        ended, ended_parts: those that have just ended.
        targets: that are probed, by id; of portals' incidents that hit none of them nothing is told.
        in_maintenance: targets that are so now; the parts that they are speak for no others.
    """
    lasting = [one for one in lasting if _is_told(one, targets)]
    yield gauge(
        "thuocdo_incident_open",
        "1 for each confirmed outage (state down), portal that answers and does not work (broken), other page in its place "
        "(replaced), one that answers and fails in turn (flapping), slowdown (degraded) or certificate that runs out soon "
        "(expiring) that lasts; scope: target (a portal, by the target that was hit first), family or vantage",
        _INCIDENT_LABELS,
        dict.fromkeys((_incident_labels(one, one.state) for one in lasting), 1.0),
    )
    yield gauge(
        "thuocdo_incident_start_timestamp_seconds",
        "Unix time of the first measurement that is part of the incident; status: of the HTTP answer; seconds, usual_seconds: "
        "of a slowdown",
        _FIGURE_LABELS,
        {_figure_labels(one, one.state): one.started_at.timestamp() for one in lasting},
    )
    yield from _ended([one for one in ended if _is_told(one, targets)])
    yield from _lasting_parts(lasting, targets, in_maintenance)
    yield from _ended_parts([one for one in ended_parts if one.part.target_id in targets], targets)


def _ended(ended: Sequence[Incident]) -> Iterator[Family]:
    labels = {one.id: _figure_labels(one, _WITHDRAWN_STATE if one.detail == WITHDRAWN else one.worst) for one in ended}
    ends = {one.id: one.ended_at or one.started_at for one in ended}
    yield gauge(
        "thuocdo_incident_end_timestamp_seconds",
        "Unix time at which an incident ended, told for a minute after that became known, so that whoever was told of it is told "
        "its end; state: the worst it was in, or withdrawn: it was none after all",
        _FIGURE_LABELS,
        {labels[one.id]: ends[one.id].timestamp() for one in ended},
    )
    yield gauge(
        "thuocdo_incident_duration_seconds",
        "How long an incident that has just ended lasted",
        _FIGURE_LABELS,
        {labels[one.id]: (ends[one.id] - one.started_at).total_seconds() for one in ended},
    )


def _lasting_parts(
    lasting: Sequence[Incident], targets: Mapping[str, Target], in_maintenance: Collection[str]
) -> Iterator[Family]:
    starts: dict[tuple[str, ...], float] = {}
    expiries: dict[tuple[str, ...], float] = {}
    for incident in lasting:
        for part in incident.lasting_parts:
            if part.target_id not in targets:
                continue
            labels = _part_labels(incident, part, targets, part.state)
            if part.target_id in in_maintenance and part.target_id != labels[0]:
                continue
            figures = figures_of(part)
            starts[*labels, *_part_figures(figures)] = part.since.timestamp()
            if figures.certificate_ends_at is not None:
                expiries[labels] = figures.certificate_ends_at.timestamp()
    yield gauge(
        "thuocdo_incident_part_start_timestamp_seconds",
        "Unix time since when a part of a portal's incident, a target or its certificate (aspect), is in its state; part: the "
        "target; target: the first of its role that was hit, by which people are told; certificate: why it is refused",
        _PART_FIGURE_LABELS,
        starts,
    )
    yield gauge(
        "thuocdo_incident_certificate_expiry_timestamp_seconds",
        "Unix time at which a certificate runs out that is part of a portal's incident because that is soon",
        _PART_LABELS,
        expiries,
    )


def _ended_parts(ended: Sequence[EndedPart], targets: Mapping[str, Target]) -> Iterator[Family]:
    ends: dict[tuple[str, ...], float] = {}
    lengths: dict[tuple[str, ...], float] = {}
    for one in ended:
        part = one.part
        state = _WITHDRAWN_STATE if one.is_withdrawn else part.state.value
        labels = (*_part_labels(one.incident, part, targets, state), *_part_figures(figures_of(part)))
        ended_at = part.ended_at or part.since
        ends[labels] = ended_at.timestamp()
        lengths[labels] = (ended_at - min(part.since, ended_at)).total_seconds()
    yield gauge(
        "thuocdo_incident_part_end_timestamp_seconds",
        "Unix time at which a part of a portal's incident was fine again, told for a minute after that became known; state: that "
        "it was in, or withdrawn: it was none after all",
        _PART_FIGURE_LABELS,
        ends,
    )
    yield gauge(
        "thuocdo_incident_part_duration_seconds",
        "How long a part of a portal's incident that is just fine again was in its state",
        _PART_FIGURE_LABELS,
        lengths,
    )


def _is_told(incident: Incident, targets: Mapping[str, Target]) -> bool:
    return incident.scope is not IncidentScope.TARGET or any(
        one in targets for one in (incident.subject_id, *incident.target_ids)
    )


def _figure_labels(incident: Incident, state: str) -> tuple[str, ...]:
    found = figures_of(incident)
    figures = (found.status, found.seconds, found.usual_seconds)
    return (*_incident_labels(incident, state), incident.id, *map(_written, figures))


def _incident_labels(incident: Incident, state: str) -> tuple[str, ...]:
    subject = dict.fromkeys(IncidentScope, "") | {incident.scope: incident.subject_id}
    return (
        incident.scope,
        state,
        subject[IncidentScope.TARGET],
        incident.agency_id,
        subject[IncidentScope.FAMILY],
        subject[IncidentScope.VANTAGE],
        incident.reason or "",
    )


def _part_labels(incident: Incident, part: IncidentPart, targets: Mapping[str, Target], state: str) -> tuple[str, ...]:
    role = targets[part.target_id].role
    first = next(iter(_told_together(incident, part, targets)), part.target_id)
    return (first, part.target_id, role, part.aspect, state, incident.agency_id, part.reason or "", incident.id)


def _told_together(incident: Incident, part: IncidentPart, targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield the targets of which people are told as one, as they were hit: those of a role; of certificates, of a host."""
    this, is_certificate = targets[part.target_id], part.aspect is IncidentAspect.CERTIFICATE
    hit = [one.target_id for one in incident.portal_parts if not is_certificate or one.aspect is part.aspect]
    for name in hit if is_certificate else (incident.subject_id, *hit):
        other = targets.get(name)
        if other is not None and (other.host == this.host if is_certificate else other.role is this.role):
            yield name


def _part_figures(figures: Figures) -> tuple[str, ...]:
    return tuple(map(_written, (figures.status, figures.seconds, figures.usual_seconds, figures.certificate)))


def _written(figure: object) -> str:
    return "" if figure is None else str(figure)
