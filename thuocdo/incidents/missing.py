"""What was due and never started, in the tallies of hours: it says nothing of a portal, and lowers the coverage."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import HourTally, MissedStarts
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.incidents.rules import JudgingContext
from thuocdo.store import Store

LOOK_BACK = timedelta(hours=48)
LOOK_FAR_BACK = timedelta(days=32)
"""So far at the first look and once an hour: an agent that was cut off tells what it missed as late as the rest."""

HOURS_AT_ONCE = 48
"""Hours that are brought up to date before the answers have their turn again."""

_HOUR = timedelta(hours=1)
_LOOK = timedelta(minutes=5)
_LOOKS = 12


def missed_tallies(missed: Iterable[MissedStarts], scene: JudgingContext) -> list[HourTally]:
    """
    Return tallies of nothing but what was missed; of whom none is left, there is none.

    Args:
        missed: one kind's and profile's counts by target, vantage point and hour.
        scene: who is judged, and when nobody is. A count does not tell the minute: where planned maintenance took a part of the
            hour, the same part of it is left out.
    """
    open_counts = ((one, round(one.missed * _open_share(one, scene))) for one in missed)
    return [
        HourTally(target_id=one.target_id, vantage_id=one.vantage_id, hour=one.hour, missed=number)
        for one, number in open_counts
        if number
    ]


def _open_share(one: MissedStarts, scene: JudgingContext) -> float:
    """Return the share of an hour that lies outside planned maintenance of the target, 0..1."""
    target = scene.targets.get(one.target_id)
    if target is None:
        return 1.0
    return sum(not scene.is_excluded(target, one.hour + look * _LOOK) for look in range(_LOOKS)) / _LOOKS


@dataclass(slots=True, kw_only=True)
class MissedTallying:
    """
    Brings what was missed in hours up to date.

    Counts of missed starts only grow, so the sum over an hour tells whether anything in it is new. What is stored never becomes
    less, unless planned maintenance was entered that takes its part.

    store: open.
    """

    store: Store
    _sums: dict[datetime, int] = field(default_factory=dict)
    _from_zero: set[datetime] = field(default_factory=set)
    _far_back_in: datetime | None = None

    def take_anew(self, hours: Iterable[datetime]) -> None:
        """Have hours computed from nothing the next time: their maintenance is another one than it was."""
        self._from_zero |= {*hours}

    def once(self, scene: JudgingContext, now: datetime, is_stopped: Callable[[], bool]) -> bool:
        """
        Bring the hours up to now up to date, the newest first, as far as anything in them is new.

        Args:
            scene: who is judged, and when nobody is.
            now: its hour is the last.
            is_stopped: asked between transactions.

        Returns:
            Whether there is more to be done at once.
        """
        present, series = _hour_of(now), {"kind": answering_kind().name, "profile": PLAIN_PROFILE}
        is_far = self._far_back_in != present
        since = _hour_of(now - (LOOK_FAR_BACK if is_far else LOOK_BACK))
        sums = self.store.missed.sums(since, present + _HOUR, **series)
        # Of hours in which nothing was missed there is nothing to be taken back, whatever their maintenance.
        due = [hour for hour, number in sums.items() if number != self._sums.get(hour) or hour in self._from_zero]
        for hour in sorted(due, reverse=True)[:HOURS_AT_ONCE]:
            if is_stopped():
                return False
            found = missed_tallies(self.store.missed.by_hour(hour, hour + _HOUR, **series), scene)
            self.store.incidents.counting.save_missed(hour, found, from_zero=hour in self._from_zero)
            self._sums[hour] = sums[hour]
            self._from_zero.discard(hour)
        if len(due) > HOURS_AT_ONCE:
            return True
        if is_far:
            self._far_back_in = present
            self._sums = {hour: number for hour, number in self._sums.items() if hour >= since}
        self._from_zero.clear()
        return False


def _hour_of(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
