"""
What several runs of one kind of probe on one page say together.

Median and p75 are those of the rankings (thuocdo.score.medians): the median of an even number of runs is the mean of the two
middle ones, any other quantile is the smallest run at or above it, so that it is a number some run really had. The spread is told
twice: smallest and largest run, and IQR, the distance from p25 to p75, which one bad run among five does not move.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Measurement, Outcome, Reason

SEVERITY: Mapping[Outcome, int] = {Outcome.OK: 0, Outcome.INCONCLUSIVE: 1, Outcome.FAILED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatStatistic:
    """One value over the runs that have it. iqr: p75 - p25. n: how many runs those are."""

    median: float
    p75: float
    min: float
    max: float
    iqr: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """
    All runs of one kind on one page, in the order they were taken; a run's number counts from 1.

    asked: runs that were wanted. used: numbers of the runs that the statistics are made of (see `summarise`).
    typical: number of the used run that is nearest to the median of `typical_by`; evidence and findings are shown from it.
    typical_by: name of that value, "" = the time the probe took.
    outcomes: how the runs ended, without those in which the prober itself was too slow to tell.
    """

    kind: str
    runs: tuple[Measurement, ...]
    asked: int
    used: tuple[int, ...]
    typical: int
    typical_by: str
    statistics: Mapping[str, RepeatStatistic]
    outcomes: Mapping[Outcome, int]

    @property
    def typical_run(self) -> Measurement:
        """The run that stands for all."""
        return self.runs[self.typical - 1]

    @property
    def standing(self) -> tuple[Measurement, ...]:
        """The runs whose answer stands; a run in which we were too slow to tell counts only where there is no other."""
        return _standing(self.runs)

    @property
    def spoilt(self) -> int:
        """How many runs a busy prober spoilt the times of."""
        return sum(run.is_spoilt for run in self.runs)

    @property
    def suspect(self) -> bool:
        """Whether the statistics had to be made of spoilt runs, because there are no others."""
        return any(self.runs[number - 1].is_spoilt for number in self.used)


def summarise(runs: Sequence[Measurement], *, asked: int) -> Repeats:
    """
    Return what runs of one kind on one page say together.

    Statistics are made of the runs that ended ok and were not spoilt by a busy prober; where there are none, of the next best:
    ok though spoilt, then not ok, then all. An error page is fast for a trivial reason: its times never mix with the portal's.

    Args:
        runs: one or more, in the order they were taken.
        asked: how many were wanted, >= 1.
    """
    used = _used(runs)
    statistics = _statistics([runs[number - 1] for number in used])
    kind = all_kinds().get(runs[0].key.kind)
    main = kind.main_value if kind else None
    by = main.name if main and main.name in statistics else ""
    return Repeats(
        kind=runs[0].key.kind,
        runs=tuple(runs),
        asked=asked,
        used=used,
        typical=_nearest_to_median(runs, used, by),
        typical_by=by,
        statistics=statistics,
        outcomes=Counter(run.observation.outcome for run in _standing(runs)),
    )


def statistic(values: Sequence[float]) -> RepeatStatistic:
    """Return the statistic of one or more finite numbers."""
    ordered = sorted(values)
    p25, p75 = (ordered[ceil(share * len(ordered)) - 1] for share in (0.25, 0.75))
    return RepeatStatistic(
        median=median(ordered), p75=p75, min=ordered[0], max=ordered[-1], iqr=p75 - p25, n=len(ordered)
    )


def _standing(runs: Sequence[Measurement]) -> tuple[Measurement, ...]:
    told = tuple(run for run in runs if run.observation.reason is not Reason.PROBER_SATURATED)
    return told or tuple(runs)


def _used(runs: Sequence[Measurement]) -> tuple[int, ...]:
    numbered = tuple(enumerate(runs, start=1))
    ok = [(number, run) for number, run in numbered if run.observation.outcome is Outcome.OK]
    ok_unspoilt = [(number, run) for number, run in ok if not run.is_spoilt]
    unspoilt = [(number, run) for number, run in numbered if not run.is_spoilt]
    return tuple(number for number, _ in ok_unspoilt or ok or unspoilt or numbered)


def _statistics(runs: Sequence[Measurement]) -> dict[str, RepeatStatistic]:
    names = dict.fromkeys(name for run in runs for name in run.observation.values)
    return {
        name: statistic([run.observation.values[name] for run in runs if name in run.observation.values])
        for name in names
    }


def _nearest_to_median(runs: Sequence[Measurement], used: Sequence[int], by: str) -> int:
    """Return the number of the run nearest to the median, the earliest of several."""
    seconds = {
        number: runs[number - 1].observation.values[by] if by else runs[number - 1].duration_seconds
        for number in used
        if not by or by in runs[number - 1].observation.values
    }
    middle = median(seconds.values())
    return min(seconds, key=lambda number: abs(seconds[number] - middle))
