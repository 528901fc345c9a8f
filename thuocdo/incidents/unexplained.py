"""
Failures that no incident explains: what is left to say of a portal once its outages have been told.

An incident is confirmed some probes after the first failure that belongs to it. So a failure is counted only when every incident
that could explain it would be known: `delay` later. What is counted never has to be taken back, and a counter can tell it.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from thuocdo.core.model import Incident, IncidentAspect, IncidentScope, Outcome, Reading
from thuocdo.core.model.incident import WITHDRAWN

BEFORE = timedelta(minutes=2)
"""Failures so shortly before an incident are its first signs: a server that is about to fall fails now and then."""

AFTER = timedelta(minutes=30)
"""Failures so shortly after one are its last: who mended it watches it anyway."""

LONGEST_LOOK = timedelta(hours=1)
"""Who was not asked for longer leaves out what lies before: nobody is woken for what was."""

JUDGED_WITHIN = timedelta(minutes=1)
"""After the probe that confirms it, an incident is stored within this time; see docs/operations.md."""


def delay(gap: timedelta) -> timedelta:
    """Return how long to wait until nothing can explain a failure any more; gap: of judging, within which it confirms."""
    return gap + BEFORE + JUDGED_WITHIN


def explains(incident: Incident, failure: Reading) -> bool:
    """Tell whether a failure belongs to what people were told of an incident."""
    at, key = failure.key.scheduled_at, failure.key
    if incident.detail == WITHDRAWN or at < incident.started_at - BEFORE:
        return False
    if incident.ended_at is not None and at >= incident.ended_at + AFTER:
        return False
    if incident.scope is IncidentScope.VANTAGE:
        return key.vantage_id == incident.subject_id
    return (
        key.target_id in incident.target_ids if incident.scope is IncidentScope.FAMILY else _is_part(incident, failure)
    )


def _is_part(incident: Incident, failure: Reading) -> bool:
    """Tell whether a failure belongs to what a portal's incident says of that very target, and then."""
    at = failure.key.scheduled_at
    return any(
        part.target_id == failure.key.target_id
        and part.aspect is IncidentAspect.SERVICE
        and part.started_at - BEFORE <= at
        and (part.ended_at is None or at < part.ended_at + AFTER)
        for part in incident.portal_parts
    )


class UnexplainedFailures:
    """
    Counts them since a process began, by target.

    A process that follows another goes on where that one stopped, but for the time in which there was none: both are as far
    behind the present.

    Args:
        until: what is scheduled before it is not looked at.
    """

    def __init__(self, until: datetime) -> None:
        self._until = until
        self._counts: dict[str, int] = {}

    def take(
        self,
        readings: Callable[[datetime, datetime], Iterable[Reading]],
        incidents: Callable[[datetime], Collection[Incident]],
        is_excluded: Callable[[Reading], bool],
        until: datetime,
    ) -> None:
        """
        Count what is certain by now.

        Args:
            readings: gives the failed ones of the kind that tells whether a portal answers, with since <= scheduled_at < until.
            incidents: gives those that had not ended by an instant.
            is_excluded: whether planned maintenance holds for a reading.
            until: what is scheduled later is not certain yet; an earlier one than the last time changes nothing.
        """
        if until <= self._until:
            return
        since = max(self._until, until - LONGEST_LOOK)
        failures = [one for one in readings(since, until) if one.outcome is Outcome.FAILED]
        known = incidents(since - AFTER) if failures else ()
        for failure in failures:
            if not is_excluded(failure) and not any(explains(incident, failure) for incident in known):
                self._counts[failure.key.target_id] = self._counts.get(failure.key.target_id, 0) + 1
        self._until = until

    def by_target(self) -> dict[str, int]:
        """Return the number by target; of one without any there is none."""
        return {**self._counts}
