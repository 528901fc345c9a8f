"""
Medians, quantiles and ratios with confidence intervals that assume nothing about how the values are distributed.

Quantiles: the interval between two order statistics, exact by the binomial distribution (W. J. Conover, Practical Nonparametric
Statistics, section 3.2; H. A. David and H. N. Nagaraja, Order Statistics, section 7.1). It covers the true value in at least 95 %
of cases whatever the distribution. Below 6 runs no two runs reach 95 %; then the interval is smallest to largest run, whose
confidence is 1 - 2^(1 - n) for a median (3 runs: 75 %), and reports say so.
A bootstrap would give narrower intervals that fail to cover at such sample sizes.

Ratios: the Wilson score interval (E. B. Wilson, 1927), which stays within 0..1 and is not empty at 0 or 1.
"""

from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer[Any]]

CONFIDENCE = 0.95
EXACT_RUNS = 6
"""Fewest runs for which the interval of a median reaches CONFIDENCE."""

_TAIL = (1 - CONFIDENCE) / 2
_Z = NormalDist().inv_cdf(1 - _TAIL)


@cache
def order_ranks(n: int, quantile: float = 0.5) -> tuple[int, int]:
    """
    Return which order statistics, counted from 1, enclose the quantile of n >= 1 runs.

    Where no run lies far enough out, the outermost is taken.
    """
    k = np.arange(1, n + 1)
    log_choose = np.concatenate([[0.0], np.cumsum(np.log((n - k + 1) / k))])
    successes = np.arange(n + 1)
    pmf = np.exp(log_choose + successes * np.log(quantile) + (n - successes) * np.log(1 - quantile))
    at_most = np.cumsum(pmf)  # at_most[j] = P(B <= j); the quantile lies below x_(l) with P(B <= l - 1)
    at_least = np.cumsum(pmf[::-1])[::-1]  # at_least[j] = P(B >= j); it lies above x_(u) with P(B >= u)
    lower = int(np.count_nonzero(at_most <= _TAIL))
    upper = n + 1 - int(np.count_nonzero(at_least <= _TAIL))
    return max(lower, 1), min(upper, n)


def quantiles(rows: pd.DataFrame, by: list[str], quantile: float, *, endless: pd.Series | None = None) -> pd.DataFrame:
    """
    Return a quantile of the column `value` for each group, with its interval.

    Args:
        rows: columns `by` and `value`; value is never NaN, inf = slower than anything.
        by: columns that make a group.
        quantile: 0.5 is the median (mean of the two middle runs); others are the smallest run at or above the quantile.
        endless: number of further runs of a group that are slower than anything, indexed by group; None = there are none.

    Returns:
        Indexed by group in sorted order: value, ci_low, ci_high (may be inf), runs.
    """
    ordered = rows.sort_values([*by, "value"])
    told = ordered.groupby(by, sort=True)["value"].size()
    runs = told if endless is None else told.add(endless[endless > 0], fill_value=0).astype("int64").sort_index()
    n = runs.to_numpy()
    ended = told.reindex(runs.index, fill_value=0).to_numpy()
    start = np.cumsum(ended) - ended
    values = np.append(ordered["value"].to_numpy(dtype=float), np.inf)

    def run(place: Integers) -> Floats:
        """Return the run of each group at its place, counted from 0; after those that ended come the endless ones."""
        found: Floats = values[np.where(place < ended, start + place, len(values) - 1)]
        return found

    bounds = np.array([order_ranks(int(size), quantile) for size in n], dtype=int).reshape(-1, 2)
    at_or_above = np.ceil(quantile * n).astype(int) - 1
    middle = (run((n - 1) // 2) + run(n // 2)) / 2 if quantile == 0.5 else run(at_or_above)
    return pd.DataFrame(
        {
            "value": middle,
            "ci_low": run(bounds[:, 0] - 1),
            "ci_high": run(bounds[:, 1] - 1),
            "runs": n,
        },
        index=runs.index,
    )


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
