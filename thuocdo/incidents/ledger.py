"""
Brings the store in line with what was judged: new incidents, changes, ends; each change is stored before anybody is told.

What was judged of the last minutes is provisional: a result that comes late may move a start, or show that a portal answered all
along. An incident keeps the id it was stored under, and one that nothing supports any more is ended as withdrawn.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from thuocdo.core.model import Incident, IncidentScope, IncidentState, StateChange
from thuocdo.core.model.incident import WITHDRAWN
from thuocdo.incidents.case import Case
from thuocdo.incidents.part_changes import part_changes

REMOVED = "removed from the registry"
REOPENED = "goes on: results that came late show that it had not ended"
JOINED = "goes on in the other incident of its portal"

LOOK_BACK = timedelta(hours=1)
"""An incident ends at the first ok of several; so its end may lie a little before what is judged now."""

APART = timedelta(microseconds=1)
"""Between changes that become known at once: so they keep their order, and the same state may come twice."""

Entry = tuple[Incident, StateChange | None]


class Ledger(Protocol):
    """Where incidents are kept."""

    def all(self, since: datetime | None = None) -> Sequence[Incident]:
        """Return all incidents that had not ended by an instant."""
        ...

    def save(self, incident: Incident, change: StateChange | None) -> None:
        """Store an incident in place of what was known of it, and its change of state if there is one."""
        ...


def bring_in_line(
    ledger: Ledger,
    cases: Iterable[Case],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    registered: Container[str],
) -> int:
    """
    Store what is new in the cases.

    Args:
        ledger: where incidents are.
        cases: all that lasted at some time in what was judged anew.
        since, until: this was judged anew; an incident that was confirmed in it and is no case any more is withdrawn.
        now: the instant that changes are stored with.
        registered: ids of the targets that are judged.

    Returns:
        How many changes of state were stored.
    """
    stored = ledger.all(since - LOOK_BACK)
    changes = 0
    for incident, change in entries(cases, stored, since=since, until=until, now=now, registered=registered):
        ledger.save(incident, change)
        changes += change is not None
    return changes


def entries(
    cases: Iterable[Case],
    stored: Sequence[Incident],
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    registered: Container[str],
) -> Iterator[Entry]:
    """Yield what must be written; nothing where everything is stored already."""
    left = {incident.id: incident for incident in stored}
    of_subject: dict[tuple[str, str], list[Incident]] = defaultdict(list)
    for incident in stored:
        for name in _names(incident):
            of_subject[incident.scope, name].append(incident)
    ordered = sorted(cases, key=lambda case: (case.id not in left, case.started_at))
    going_on: set[str] = set()
    for case in ordered:
        incident = case.incident()
        same = [one for name in _names(incident) for one in of_subject.get((case.scope, name), ()) if one.id in left]
        known = _known(incident, same)
        if known is None:
            yield from _new(case, incident, now)
        else:
            del left[known.id]
            yield from _changed(case, incident, known, now, registered)
        going_on |= {one.id for one in same} if incident.ended_at is None else set()
    for incident in left.values():
        if incident.id in going_on and incident.ended_at is None:
            yield _ended(replace(incident, detail=JOINED), now, now, JOINED)
        elif any(one not in registered for one in incident.target_ids):
            if incident.ended_at is None:
                yield _ended(incident, now, now, REMOVED)
        elif since <= incident.confirmed_at < until and incident.detail != WITHDRAWN:
            yield _withdrawn(incident, now)


def _names(incident: Incident) -> Sequence[str]:
    """Return by what it is found among others of its scope: a portal's by whatever was hit of it."""
    is_portal = incident.scope is IncidentScope.TARGET
    return [*dict.fromkeys((incident.subject_id, *incident.target_ids))] if is_portal else [incident.subject_id]


def _known(incident: Incident, same: Sequence[Incident]) -> Incident | None:
    """Return the stored one that an incident is, of those of its subject: the one with its id, else one at the same time."""
    by_id = next((one for one in same if one.id == incident.id), None)
    return by_id or next((one for one in same if _overlap(one, incident)), None)


def _overlap(one: Incident, other: Incident) -> bool:
    return (one.ended_at is None or other.started_at < one.ended_at) and (
        other.ended_at is None or one.started_at < other.ended_at
    )


def _new(case: Case, incident: Incident, now: datetime) -> Iterator[Entry]:
    """Yield every change of a case that nobody has heard of; such as leave it in its state are one."""
    steps = [
        (state, "; ".join(one.detail for one in of_state if one.detail))
        for state, of_state in ((state, [*found]) for state, found in groupby(case.steps, key=lambda step: step.state))
    ]
    for number, (state, detail) in enumerate(steps, start=1):
        then = incident if number == len(steps) else replace(incident, state=state, ended_at=None)
        yield then, _change(incident.id, state, then, now + (number - 1) * APART, detail)


def _changed(
    case: Case, current: Incident, known: Incident, now: datetime, registered: Container[str]
) -> Iterator[Entry]:
    # Whom people were told of stays, as long as it is one of those that were hit.
    subject_id = known.subject_id if known.subject_id in current.target_ids else current.subject_id
    incident = replace(current, id=known.id, subject_id=subject_id)
    if incident == known:
        return
    words = _part_words(known, incident, registered)
    if incident.state is known.state:
        yield incident, _change(known.id, incident.state, incident, now, words) if words else None
        return
    if incident.worst.is_worse_than(known.worst) and incident.state is not incident.worst:
        then = replace(incident, state=incident.worst, ended_at=None)
        yield then, _change(known.id, then.state, then, now - APART, "")
    detail = REOPENED if known.state is IncidentState.ENDED else case.steps[-1].detail if case.steps else ""
    yield incident, _change(known.id, incident.state, incident, now, words or detail)


def _part_words(known: Incident, incident: Incident, registered: Container[str]) -> str:
    """Return which parts joined a lasting incident and which left it since it was stored; empty where none did."""
    if IncidentState.ENDED in (known.state, incident.state):
        return ""
    before = {(part.target_id, part.aspect): part for part in known.lasting_parts}
    after = {(part.target_id, part.aspect): part for part in incident.lasting_parts}
    gone = [part for name, part in before.items() if name not in after]
    return part_changes(
        [part for name, part in after.items() if name not in before],
        [part for part in gone if part.target_id in registered],
        [part for part in gone if part.target_id not in registered],
    )


def _withdrawn(incident: Incident, now: datetime) -> Entry:
    if incident.ended_at is None:
        return _ended(replace(incident, detail=WITHDRAWN), incident.confirmed_at, now, WITHDRAWN)
    return replace(incident, detail=WITHDRAWN), None


def _ended(incident: Incident, ended_at: datetime, now: datetime, why: str) -> Entry:
    ended = replace(incident, state=IncidentState.ENDED, ended_at=ended_at)
    return ended, _change(incident.id, ended.state, ended, now, why)


def _change(incident_id: str, state: IncidentState, incident: Incident, now: datetime, detail: str) -> StateChange:
    return StateChange(incident_id=incident_id, changed_at=now, state=state, reason=incident.reason, detail=detail)
