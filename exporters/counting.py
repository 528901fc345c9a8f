"""What `/metrics` counts up while the process lives; each scrape adds only what came since the one before."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache

from exporters.text import Exemplar
from thuocdo.core.kinds.kind import Value, all_kinds
from thuocdo.core.model import HourTally, Measurement, MeasurementKey, Reading

OUTCOMES = ("ok", "failed", "inconclusive", "excluded")

LATEST_ARRIVAL = timedelta(minutes=2)
"""A measurement is stored at most so long after its scheduled instant, or it is left out of the histogram."""

TALLIED_AGAIN = timedelta(hours=3)
"""Tallies of the last hours still change: late measurements are counted where they belong."""


@cache
def histograms() -> Mapping[str, Value]:
    """
    Return the one time per kind that says how long a citizen waits, with the bounds of its histogram.

    A home page has so many series of its own that a histogram has no room beside them; quantile_over_time of its times does it.
    """
    return {kind.name: value for kind in all_kinds().values() for value in kind.values if value.bounds}


class ResponseTimes:
    """
    Response times since the process began, by target and kind.

    Args:
        began_at: earlier ones are not counted.
    """

    def __init__(self, began_at: datetime) -> None:
        self._began_at = began_at
        self._seen: dict[MeasurementKey, None] = {}
        self._counts: dict[tuple[str, str], list[int]] = {}
        self._sums: dict[tuple[str, str], float] = {}
        self._shown: dict[tuple[str, str], dict[int, Exemplar]] = {}

    def since(self, now: datetime) -> datetime:
        """Return from which scheduled instant on readings are wanted."""
        return max(self._began_at, now - LATEST_ARRIVAL)

    def take(self, kind: str, readings: Iterable[Reading]) -> None:
        """Count the readings of a kind that were not counted yet; those without a trustworthy time are none."""
        bounds = histograms()[kind].bounds
        for reading in readings:
            if reading.seconds is None or reading.key in self._seen:
                continue
            self._seen[reading.key] = None
            series = (reading.key.target_id, kind)
            counts = self._counts.setdefault(series, [0] * (len(bounds) + 1))
            counts[bisect_left(bounds, reading.seconds)] += 1
            self._sums[series] = self._sums.get(series, 0.0) + reading.seconds

    def show(self, measurements: Iterable[Measurement]) -> None:
        """Take those that were counted and have evidence as exemplars of their buckets."""
        for one in measurements:
            if one.observation.evidence and one.key in self._seen:
                value = histograms()[one.key.kind]
                seconds = one.observation.values.get(value.name)
                if seconds is not None:
                    shown = self._shown.setdefault((one.key.target_id, one.key.kind), {})
                    shown[bisect_left(value.bounds, seconds)] = Exemplar(
                        labels={"evidence": one.observation.evidence[0].sha256},
                        value=seconds,
                        timestamp=one.started_at.timestamp(),
                    )

    def exemplars(self) -> Mapping[tuple[str, str], Mapping[int, Exemplar]]:
        """Return the newest exemplar of each bucket that has one, by its number, by target and kind."""
        return {series: dict(shown) for series, shown in self._shown.items()}

    def forget(self, now: datetime) -> None:
        """Forget which readings were counted where none of them can come again."""
        since = self.since(now)
        self._seen = {key: None for key in self._seen if key.scheduled_at >= since}

    def by_series(self) -> dict[tuple[str, str], tuple[tuple[int, ...], float]]:
        """Return (number in each bucket, the last being above all bounds; sum in seconds) by target and kind."""
        return {series: (tuple(counts), self._sums[series]) for series, counts in self._counts.items()}


class JudgedProbes:
    """
    How availability probes ended since the process began, by target.

    Not the sums over all time: a tally can become less (maintenance that is entered late), and Prometheus would take a counter
    that falls for one that began anew, and count all of it again.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, datetime], tuple[int, ...]] | None = None
        self._counts: dict[str, list[int]] = {}

    @staticmethod
    def since(now: datetime) -> datetime:
        """Return from which hour on tallies are wanted."""
        return now - TALLIED_AGAIN

    def take(self, tallies: Iterable[HourTally]) -> None:
        """Count what tallies have more than when they were last seen; what there was at first is not counted."""
        before, self._known = self._known, {}
        for tally in tallies:
            key = (tally.target_id, tally.vantage_id, tally.hour)
            new: tuple[int, ...] = (tally.ok, tally.failed, tally.inconclusive, tally.excluded)
            if before is not None:
                old = before.get(key, (0,) * len(new))
                counts = self._counts.setdefault(tally.target_id, [0] * len(new))
                for index, (was, now) in enumerate(zip(old, new, strict=True)):
                    counts[index] += max(0, now - was)
                new = tuple(map(max, old, new))
            self._known[key] = new

    def by_target(self) -> dict[str, tuple[int, ...]]:
        """Return a number for each of OUTCOMES by target."""
        return {target: tuple(counts) for target, counts in self._counts.items()}
