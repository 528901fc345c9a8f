"""How long each target took, by kind of probe and device: medians and third quartiles of a window."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from thuocdo.core.model import PageKind
from thuocdo.score.criteria import Statistic
from thuocdo.score.earning import statistics_of_units
from thuocdo.score.frame import judged, run_frame
from thuocdo.store import RunGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTime:
    """median, three_quarters: None where half, or a quarter, or more of the runs failed. runs: counted."""

    median: float | None
    three_quarters: float | None
    runs: int


def series_times(
    groups: Iterable[RunGroup],
    targets: Collection[str],
    values: Mapping[str, str],
    page_kinds: Collection[PageKind],
) -> dict[tuple[str, str, str], SeriesTime]:
    """
    Return the times of each target, kind and profile.

    Args:
        groups: runs, with the values that are asked for.
        targets: ids of those that take part.
        values: by kind, the value that is a time.
        page_kinds: that are ranked; a load of another kind of page counts as in rankings.
    """
    frame = judged(run_frame(groups, targets=targets), page_kinds)
    found: dict[tuple[str, str, str], SeriesTime] = {}
    for kind, value in values.items():
        mine = frame.groups[frame.groups["kind"] == kind].drop_duplicates("unit")
        series = {
            int(unit): (str(target), str(profile))
            for unit, target, profile in mine[["unit", "target_id", "profile"]].itertuples(index=False, name=None)
        }
        medians, upper = (
            statistics_of_units(frame, f"{kind}.{value}", one)[["value", "runs"]].itertuples(name=None)
            for one in (Statistic.MEDIAN, Statistic.P75)
        )
        for (unit, median, runs), (_, three_quarters, _) in zip(medians, upper, strict=True):
            target, profile = series[int(unit)]
            found[target, kind, profile] = SeriesTime(
                median=_finite(median), three_quarters=_finite(three_quarters), runs=int(runs)
            )
    return found


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
