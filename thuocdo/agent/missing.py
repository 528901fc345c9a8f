"""Counts the starts that an agent misses, by series and hour, for the store."""

import secrets
from collections import Counter
from datetime import datetime, timedelta

from thuocdo.core import clock
from thuocdo.core.model import Job, MissedStarts

REMEMBERED = timedelta(hours=6)
"""After the longest sleep of a machine that is counted (`agent/jobs.py`: an hour), no job of an older hour comes any more."""

_Key = tuple[str, str, str, datetime]


class MissedCounter:
    """
    The counts of one process.

    Args:
        vantage_id: where it measures from.
    """

    def __init__(self, vantage_id: str) -> None:
        self.by_kind: Counter[str] = Counter()
        self._vantage_id = vantage_id
        self._counted_by = f"{clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self._counts: Counter[_Key] = Counter()
        self._changed: dict[_Key, str] = {}
        self._newest: datetime | None = None

    def count(self, job: Job) -> None:
        """Count a job that was not started in its time."""
        hour = job.scheduled_at.replace(minute=0, second=0, microsecond=0)
        key = (job.target.id, job.kind, job.profile, hour)
        self.by_kind[job.kind] += 1
        self._counts[key] += 1
        self._changed[key] = job.target.agency_id
        if self._newest is None or hour > self._newest:
            self._newest = hour
            for old in [key for key in self._counts if key[-1] < hour - REMEMBERED and key not in self._changed]:
                del self._counts[old]

    def take_changed(self) -> list[MissedStarts]:
        """Return the counts that changed since they were last asked for."""
        if not self._changed:
            return []
        changed, self._changed = self._changed, {}
        return [
            MissedStarts(
                target_id=target_id,
                kind=kind,
                vantage_id=self._vantage_id,
                profile=profile,
                hour=hour,
                agency_id=agency_id,
                missed=self._counts[target_id, kind, profile, hour],
                counted_by=self._counted_by,
            )
            for (target_id, kind, profile, hour), agency_id in changed.items()
        ]
