"""
Brings the store in line with what was judged: new incidents, changes, ends; each change is stored before anybody is told.

What was judged of the last minutes is provisional: a result that comes late may move a start, or show that a portal answered all
along. An incident keeps the id it was stored under, and one that nothing supports any more is ended as withdrawn.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from thuocdo.core.model import Incident, IncidentState, StateChange
from thuocdo.core.model.incident import WITHDRAWN
from thuocdo.incidents.judge_state import Case

REMOVED = "removed from the registry"
REOPENED = "goes on: results that came late show that it had not ended"
LEDGER_DETAILS = frozenset({WITHDRAWN, REMOVED, REOPENED})
"""What a change of state may say that is ours; readers see it in their language."""

LOOK_BACK = timedelta(hours=1)
"""An incident ends at the first ok of several; so its end may lie a little before what is judged now."""

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
        of_subject[incident.scope, incident.subject_id].append(incident)
    ordered = sorted(cases, key=lambda case: (case.id not in left, case.started_at))
    for case in ordered:
        same = [one for one in of_subject.get((case.scope, case.subject_id), ()) if one.id in left]
        known = _known(case.incident(), same)
        if known is None:
            yield from _new(case, now)
        else:
            del left[known.id]
            yield from _changed(case, known, now)
    for incident in left.values():
        if any(one not in registered for one in incident.target_ids):
            if incident.ended_at is None:
                yield _ended(incident, now, now, REMOVED)
        elif since <= incident.confirmed_at < until and incident.detail != WITHDRAWN:
            yield _withdrawn(incident, now)


def _known(incident: Incident, same: Sequence[Incident]) -> Incident | None:
    """Return the stored one that an incident is, of those of its subject: the one with its id, else one at the same time."""
    by_id = next((one for one in same if one.id == incident.id), None)
    return by_id or next((one for one in same if _overlap(one, incident)), None)


def _overlap(one: Incident, other: Incident) -> bool:
    return (one.ended_at is None or other.started_at < one.ended_at) and (
        other.ended_at is None or one.started_at < other.ended_at
    )


def _new(case: Case, now: datetime) -> Iterator[Entry]:
    """Yield every change of a case that nobody has heard of."""
    incident = case.incident()
    for step in case.steps:
        is_last = step is case.steps[-1]
        then = incident if is_last else replace(incident, state=step.state, ended_at=None)
        yield then, _change(incident.id, step.state, then, now, step.detail)


def _changed(case: Case, known: Incident, now: datetime) -> Iterator[Entry]:
    incident = replace(case.incident(), id=known.id)
    if incident == known:
        return
    if incident.state is known.state:
        yield incident, None
        return
    if incident.worst.is_worse_than(known.worst) and incident.state is not incident.worst:
        then = replace(incident, state=incident.worst, ended_at=None)
        yield then, _change(known.id, then.state, then, now, "")
    detail = REOPENED if known.state is IncidentState.ENDED else case.steps[-1].detail if case.steps else ""
    yield incident, _change(known.id, incident.state, incident, now, detail)


def _withdrawn(incident: Incident, now: datetime) -> Entry:
    if incident.ended_at is None:
        return _ended(replace(incident, detail=WITHDRAWN), incident.confirmed_at, now, WITHDRAWN)
    return replace(incident, detail=WITHDRAWN), None


def _ended(incident: Incident, ended_at: datetime, now: datetime, why: str) -> Entry:
    ended = replace(incident, state=IncidentState.ENDED, ended_at=ended_at)
    return ended, _change(incident.id, ended.state, ended, now, why)


def _change(incident_id: str, state: IncidentState, incident: Incident, now: datetime, detail: str) -> StateChange:
    return StateChange(incident_id=incident_id, changed_at=now, state=state, reason=incident.reason, detail=detail)
