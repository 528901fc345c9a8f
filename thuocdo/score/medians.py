"""
Medians, quantiles and ratios with confidence intervals that assume nothing about how the values are distributed.

Quantiles: the interval between two order statistics, exact by the binomial distribution (W. J. Conover, Practical Nonparametric
Statistics, section 3.2; H. A. David and H. N. Nagaraja, Order Statistics, section 7.1). It covers the true value in at least 95 %
of cases whatever the distribution. Below 6 runs no two runs reach 95 %; then the interval is smallest to largest run, whose
confidence is 1 - 2^(1 - n) for a median (3 runs: 75 %), and reports say so.
A bootstrap would give narrower intervals that fail to cover at such sample sizes.

Ratios: the Wilson score interval (E. B. Wilson, 1927), which stays within 0..1 and is not empty at 0 or 1.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil, floor, inf, lgamma, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
_Quantile = tuple[float, float, float, int]

CONFIDENCE = 0.95
EXACT_RUNS = 6
"""Fewest runs for which the interval of a median reaches CONFIDENCE."""

_TAIL = (1 - CONFIDENCE) / 2
_FARTHEST = 12.0
"""Standard deviations from the mean: what lies farther has a part of the whole that no double tells from nothing."""

_Z = NormalDist().inv_cdf(1 - _TAIL)


@cache
def order_ranks(n: int, quantile: float = 0.5) -> tuple[int, int]:
    """
    Return which order statistics, counted from 1, enclose the quantile of n >= 1 runs.

    Where no run lies far enough out, the outermost is taken.
    """
    mean, spread = n * quantile, _FARTHEST * sqrt(n * quantile * (1 - quantile))
    first, last = max(0, floor(mean - spread)), min(n, ceil(mean + spread))
    successes = np.arange(first, last + 1)
    steps = np.log((n - successes[1:] + 1) / successes[1:])
    log_choose = lgamma(n + 1) - lgamma(first + 1) - lgamma(n - first + 1) + np.concatenate([[0.0], np.cumsum(steps)])
    pmf = np.exp(log_choose + successes * np.log(quantile) + (n - successes) * np.log(1 - quantile))
    at_most = np.cumsum(pmf)  # of each j: P(B <= j); the quantile lies below x_(l) with P(B <= l - 1)
    at_least = np.cumsum(pmf[::-1])[::-1]  # of each j: P(B >= j); it lies above x_(u) with P(B >= u)
    lower = first + int(np.count_nonzero(at_most <= _TAIL))
    upper = last + 1 - int(np.count_nonzero(at_least <= _TAIL))
    return max(lower, 1), min(upper, n)


def quantiles(
    values: Mapping[int, Sequence[Floats]],
    quantile: float,
    *,
    above: Mapping[int, int] | None = None,
    below: Mapping[int, int] | None = None,
) -> pd.DataFrame:
    """
    Return a quantile of each group's runs, with its interval.

    Args:
        values: of the runs of each group, by its number, in pieces, in any order; never NaN, inf = above anything.
        quantile: 0.5 is the median (mean of the two middle runs); others are the smallest run at or above the quantile.
        above, below: number of further runs of a group that are above, or below, any value; None = there are none.

    Returns:
        Indexed by group in sorted order, without those that have no run: value, ci_low, ci_high (may be inf or -inf), runs.
    """
    more: Mapping[int, int] = above or {}
    less: Mapping[int, int] = below or {}
    told: dict[int, _Quantile] = {}
    for group in sorted({*values, *more, *less}):
        row = _quantile(values.get(group, ()), quantile, less.get(group, 0), more.get(group, 0))
        if row is not None:
            told[group] = row
    table = pd.DataFrame([*told.values()], columns=["value", "ci_low", "ci_high", "runs"], index=[*told])
    return table.astype({"value": float, "ci_low": float, "ci_high": float, "runs": "int64"})


def _quantile(pieces: Sequence[Floats], quantile: float, below: int, above: int) -> _Quantile | None:
    """
    Return value, ci_low, ci_high and runs of one group; None = it has no run.

    Of all the runs of a year four at most are asked for: these are put where they belong, the others are not sorted.
    """
    ended = below + sum(map(len, pieces))
    runs = ended + above
    if not runs:
        return None
    low, high = order_ranks(runs, quantile)
    middle = [(runs - 1) // 2, runs // 2] if quantile == 0.5 else [ceil(quantile * runs) - 1]
    places = [*middle, low - 1, high - 1]
    there = sorted({place - below for place in places if below <= place < ended})
    ordered = np.partition(np.concatenate(pieces), there) if there else np.array([])

    def at(place: int) -> float:
        if place < below:
            return -inf
        return float(ordered[place - below]) if place < ended else inf

    *centre, ci_low, ci_high = map(at, places)
    # The mean of nothing below and something above it is below everything: -inf + inf is no number.
    return -inf if centre[0] == -inf else sum(centre) / len(centre), ci_low, ci_high, runs


def ratios(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """
    Return the share of runs that succeeded for each group, with its Wilson interval.

    Args:
        rows: columns `by`, `runs` (how many, never 0) and `success` (how many of them).
        by: columns that make a group.

    Returns:
        Indexed by group in sorted order: value, ci_low, ci_high (all 0..1), runs.
    """
    sums = rows.groupby(by, sort=True)[["runs", "success"]].sum()
    runs = sums["runs"]
    n = runs.to_numpy(dtype=float)
    share = sums["success"].to_numpy(dtype=float) / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low = np.clip(np.minimum(centre - half, share), 0, 1)
    high = np.clip(np.maximum(centre + half, share), 0, 1)
    return pd.DataFrame({"value": share, "ci_low": low, "ci_high": high, "runs": runs.to_numpy()}, index=runs.index)
