"""
For how long the last result of a series is told: what has not been measured for several cadences must not look alive, or down.

A series that the schedule knows (by kind, profile and target) is told for CADENCES of its cadence and the hours in which it
rests; what no cadence takes, such as a round's, for STALE_AFTER.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from schedules.cadence import DAY_MINUTES, WEEKDAYS, Schedule, Window
from thuocdo.core.model import Measurement, Target

CADENCES = 5
"""As many as incidents wait until probes no longer follow each other (thuocdo.incidents.rules.GAP_CADENCES)."""

SHORTEST = timedelta(minutes=2)
"""Prometheus may scrape once in so long."""

STALE_AFTER = timedelta(days=7)

_WEEK_MINUTES = len(WEEKDAYS) * DAY_MINUTES


class Freshness:
    """
    Tells fresh results from stale ones.

    Args:
        schedule: by which they are measured.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._known: dict[tuple[str, str, str], timedelta] = {}
        self._targets: Mapping[str, Target] = {}

    def fresh(
        self, measurements: Iterable[Measurement], targets: Mapping[str, Target], now: datetime
    ) -> tuple[list[Measurement], datetime | None]:
        """
        Return those that are not stale, and the last instant at which that holds; None = for ever.

        Args:
            measurements: the last one of each series.
            targets: those that are probed, by id; what is measured of others is left out.
            now: present instant.
        """
        if targets is not self._targets:
            self._known, self._targets = {}, targets
        known, told, until = self._known, [], None
        for one in measurements:
            key = one.key
            target = targets.get(key.target_id)
            if target is None:
                continue
            series = (key.target_id, key.kind, key.profile)
            life = known.get(series)
            if life is None:
                life = known[series] = self._life(target, key.kind, key.profile)
            end = one.started_at + life
            if end >= now:
                told.append(one)
                if until is None or end < until:
                    until = end
        return told, until

    def silences(
        self, measurements: Iterable[Measurement], targets: Mapping[str, Target]
    ) -> dict[str, tuple[datetime, timedelta]]:
        """
        Return when each vantage point measured last, and how long the schedule lets it be silent after that.

        That is as long as a result of what it measures most often is told. Vantage points that measure nothing by the schedule,
        but in rounds, are left out.

        Args:
            measurements: the last one of each series, as they were given to `fresh` with the same targets.
            targets: those that are probed, by id.
        """
        newest: dict[str, datetime] = {}
        shortest: dict[str, timedelta] = {}
        for one in measurements:
            key = one.key
            life = self._known.get((key.target_id, key.kind, key.profile))
            if key.target_id not in targets or life is None or life == STALE_AFTER:
                continue
            newest[key.vantage_id] = max(newest.get(key.vantage_id, one.started_at), one.started_at)
            shortest[key.vantage_id] = min(shortest.get(key.vantage_id, life), life)
        return {vantage_id: (at, shortest[vantage_id]) for vantage_id, at in sorted(newest.items())}

    def _life(self, target: Target, kind: str, profile: str) -> timedelta:
        lives = [
            timedelta(seconds=CADENCES * cadence.every_seconds) + longest_rest(cadence.windows)
            for cadence in self._schedule.cadences
            if cadence.kind == kind and profile in cadence.profiles and cadence.takes(target)
        ]
        return max(SHORTEST, *lives) if lives else STALE_AFTER


@cache
def longest_rest(windows: Sequence[Window]) -> timedelta:
    """Return the longest time of a week in which no window is open; none = always open."""
    spans = sorted(
        (start, start + window.minutes)
        for window in windows
        for day in window.days
        for start in (day * DAY_MINUTES + window.from_minute,)
    )
    if not spans:
        return timedelta()
    longest, end = (
        0,
        max(stop for _, stop in spans) - _WEEK_MINUTES,
    )  # what runs over the end of the week opens its beginning
    for start, stop in spans:
        longest, end = max(longest, start - end), max(end, stop)
    return timedelta(minutes=longest)
