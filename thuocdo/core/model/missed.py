"""What was due and never started: counted, since there is no measurement of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedStarts:
    """
    How many starts of one series, scheduled within one hour, an agent missed because it could not start them in time.

    hour: its beginning, UTC. missed: how many so far, > 0. counted_by: names the process that counted; it only ever counts up,
    so of two counts of one process the larger one holds, and delivering twice, or late, changes nothing. Empty in sums.
    """

    target_id: str
    kind: str
    vantage_id: str
    profile: str
    hour: datetime
    agency_id: str
    missed: int
    counted_by: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, datetime, str]:
        """What tells counts apart."""
        return (self.target_id, self.kind, self.vantage_id, self.profile, self.hour, self.counted_by)
