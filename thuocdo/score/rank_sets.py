"""
Which places agencies hold, told from loads that all of them were given in the same blocks of time.

A time of one load says something of the portal, of the hour and of chance. What all portals share in a block (day and two hours)
is taken off: the median of what is left of their logarithms when each one's own level is off as well, in turn, so that a load
that is missing shifts nobody else (J. W. Tukey's median polish, Exploratory Data Analysis, 1977, chapter 11). What is typical of
a portal is the mean of the middle three fifths of its blocks. How far that would move in another week is drawn from the round
itself: whole days again and again, the same for all portals, because they share good and bad days (B. Efron's bootstrap, by pairs
and clusters).

Two portals are told apart where their difference is larger than any difference of two equal portals would be in 95 of 100 rounds
(the largest of all pairs, each against its own spread): J. W. Tukey's honest differences. A spread that was read from seven days
is itself uncertain, and the largest of many pairs is mostly one whose spread came out too small; so that limit is taken from
Student's distribution for as many days (benchmarks/bench_rank_sets: without it equal portals are told apart in most weeks). The
places of one that so follow hold for all at once (M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, Review of Economic Studies
91, 2024; D. Al Mohamad, J. Goeman, E. van Zwet, 2018). Who looks at one agency alone may use its own places, which are fewer.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CONFIDENCE = 0.95
DRAWS = 2_000
TRIMMED = 0.2
"""Of the blocks, at either end: a spike in one of twenty loads, and a few failures, say nothing of what is typical."""

FEWEST_BLOCKS = 6
FEWEST_DAYS_TOLD = 3
"""With fewer blocks or days no order is told at all: everybody may have any place."""

FEWEST_DAYS = 5
"""With less whole days cannot be drawn; blocks are, as if days were all alike."""

FIRST_OR_LAST = 5
"""Of how many places it is told how likely an agency is among the first, and among the last."""

_SWEEPS = 3
_NOTHING = 1e-9
"""Differences of logarithms that are the computer's, and not of portals."""

_FAR = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankSets:
    """
    What a round tells of the order of n agencies.

    first, last: (n,) places counted from 1, of which all hold at once. own_first, own_last: (n,) of one agency looked at alone.
    is_before: (n, n), [i, j] where i may be said to be better than j. among_first, among_last: (n,) share of the draws, 0..1, in
    which it was among the FIRST_OR_LAST first, and last, alike ones in equal parts.
    """

    first: Integers
    last: Integers
    own_first: Integers
    own_last: Integers
    is_before: Flags
    among_first: Floats
    among_last: Floats


def levelled(seconds: Floats) -> Floats:
    """
    Take off what all targets share in a block.

    Args:
        seconds: (n, b), > 0, of target and block, NaN = not measured. A load that failed is as long as a load may take: were it
            only as long as the longest of its block, a portal that is slower still would gain by failing.

    Returns:
        (n, b): logarithms against the block's own, NaN where not measured.
    """
    logs = np.log(seconds)
    has_some = ~np.isnan(logs).all(axis=0)
    left = logs[:, has_some]
    has_any = ~np.isnan(left).all(axis=1)
    left = left[has_any]
    if not left.size:
        return logs
    level = np.zeros((len(left), 1))
    for _ in range(_SWEEPS):
        shared = np.nanmedian(left - level, axis=0)
        level = np.nanmedian(left - shared, axis=1)[:, np.newaxis]
    logs[np.ix_(has_any, has_some)] = left - shared
    return logs


def drawn_blocks(days: Integers, seed: int, draws: int = DRAWS) -> Integers:
    """
    Draw the blocks of a round again, days as a whole where there are FEWEST_DAYS.

    Args:
        days: (b,) the day of each block.
        seed: any; the same draws the same.
        draws: how many.

    Returns:
        (draws, b): how often each block was drawn.
    """
    names, which = np.unique(days, return_inverse=True)
    if len(names) < FEWEST_DAYS:
        names, which = np.arange(len(days)), np.arange(len(days))
    generator = np.random.Generator(np.random.PCG64(seed))
    chosen = generator.integers(len(names), size=(draws, len(names)))
    times = np.zeros((draws, len(names)), dtype=np.int64)
    np.add.at(times, (np.arange(draws)[:, np.newaxis], chosen), 1)
    return times[:, which]


def typical(values: Floats, times: Integers) -> Floats:
    """
    Return the trimmed means of values, each taken as often as it was drawn.

    Args:
        values: (n, b), NaN = not measured.
        times: (r, b), see `drawn_blocks`.

    Returns:
        (r, n), NaN where nothing of a target was drawn. TRIMMED of the weight is off at either end, of the outermost value in
        part.
    """
    told = np.empty((len(times), len(values)))
    for place, row in enumerate(values):
        order = np.argsort(row)[: np.count_nonzero(~np.isnan(row))]
        weight = np.cumsum(times[:, order], axis=1, dtype=np.float64)
        whole = weight[:, -1:] if len(order) else np.zeros((len(times), 1))
        kept = np.diff(np.clip(weight, TRIMMED * whole, (1 - TRIMMED) * whole), axis=1, prepend=TRIMMED * whole)
        with np.errstate(invalid="ignore"):
            told[:, place] = (kept @ row[order]) / ((1 - 2 * TRIMMED) * whole[:, 0])
    return told


def widening(days: Integers) -> float:
    """Return what spreads of draws are multiplied by: so few days, drawn with repetition, show less of it than there is."""
    number = drawn_units(days)
    return number / (number - 1) if number > 1 else 1.0


def drawn_units(days: Integers) -> int:
    """Return how many days are drawn, or blocks where there are fewer than FEWEST_DAYS days."""
    number = len(np.unique(days))
    return number if number >= FEWEST_DAYS else len(days)


def tells_order(days: Integers) -> bool:
    """Tell whether a round has the blocks and days that it takes to tell any order."""
    return len(days) >= FEWEST_BLOCKS and len(np.unique(days)) >= FEWEST_DAYS_TOLD


def rank_sets(
    estimates: Floats,
    drawn: Floats,
    *,
    days: Integers,
    unseen: float = 0.0,
    at_best: tuple[Floats, Floats] | None = None,
) -> RankSets:
    """
    Tell the places of agencies.

    Args:
        estimates: (n,) of the round, the lower the better.
        drawn: (r, n) of each draw, from the same draws for all; no NaN.
        days: (b,) the day of each block; see `tells_order`.
        unseen: variance of an estimate that the draws do not show, as that of days where blocks are drawn.
        at_best: estimates and draws without what failed. Whoever is faster than another at its best is faster than it: so nobody
            who fails for a day becomes so uncertain by it that it escapes.

    Returns:
        See RankSets.
    """
    n = len(estimates)
    if not tells_order(days):
        nobody = np.zeros((n, n), dtype=bool)
        return _sets(nobody, nobody, nobody, drawn)
    whole = (estimates, drawn)
    if at_best is not None:
        whole = (np.concatenate([estimates, at_best[0]]), np.concatenate([drawn, at_best[1]], axis=1))
    before, own_before, own_behind = _told(*whole, widened=widening(days), unseen=unseen, freedom=drawn_units(days) - 1)
    is_before = before[:n, :n]
    if at_best is not None:
        is_before = is_before | before[:n, n:]
        own_before = own_before[:n, :n] | own_before[:n, n:]
        own_behind = own_behind[:n, :n]
    return _sets(is_before, own_before, own_behind, drawn)


def _sets(is_before: Flags, own_before: Flags, own_behind: Flags, drawn: Floats) -> RankSets:
    n = len(is_before)
    return RankSets(
        first=1 + is_before.sum(axis=0),
        last=n - is_before.sum(axis=1),
        own_first=1 + np.maximum(own_behind.sum(axis=1), is_before.sum(axis=0)),
        own_last=n - np.maximum(own_before.sum(axis=1), is_before.sum(axis=1)),
        is_before=is_before,
        among_first=_share_among(drawn),
        among_last=_share_among(-drawn),
    )


def _told(
    estimates: Floats, drawn: Floats, *, widened: float, unseen: float, freedom: int
) -> tuple[Flags, Flags, Flags]:
    """Return (n, n) where i is before j, of all at once; and before and behind, of i looked at alone."""
    n = len(estimates)
    if n < 2:
        nobody = np.zeros((n, n), dtype=bool)
        return nobody, nobody, nobody
    difference = estimates[:, np.newaxis] - estimates
    deviations = drawn - estimates
    squares = _mean_squares(deviations)
    squares = _careful(squares, float(np.median(squares[np.triu_indices(n, 1)])))
    # How far draws deviate is held against what draws show; what they do not show comes on top of it.
    largest = _largest(deviations, np.sqrt(squares))
    spread = np.sqrt(widened**2 * squares + 2 * unseen)
    together = by_student(float(np.quantile(largest.max(axis=1), CONFIDENCE)), freedom)
    alone = np.array([by_student(float(one), freedom) for one in np.quantile(largest, CONFIDENCE, axis=0)])
    own = alone[:, np.newaxis] * spread
    is_apart = np.abs(difference) > _NOTHING
    return (
        (difference + together * spread < 0) & is_apart,
        (difference + own < 0) & is_apart,
        (difference - own > 0) & is_apart,
    )


def by_student(far: float, freedom: int) -> float:
    """
    Return how many spreads off is as rare as `far` standard deviations, where a spread rests on few days itself.

    At least 95 of 100 are nearer. Source: D. L. Wallace, Annals of Mathematical Statistics 30, 1959, for Student's t.
    """
    far = max(far, _FAR)
    if freedom < 1:
        return math.inf
    normal = far * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(normal * normal / freedom))


def _share_among(drawn: Floats) -> Floats:
    """Return (n,) the share of draws in which each is among the FIRST_OR_LAST lowest; of such as are alike each a part."""
    n = drawn.shape[1]
    order = np.argsort(drawn, axis=1)
    ordered = np.take_along_axis(drawn, order, axis=1)
    places = np.broadcast_to(np.arange(n), order.shape)
    is_new = np.ones(order.shape, dtype=bool)
    is_new[:, 1:] = np.diff(ordered, axis=1) > 0
    lower = np.maximum.accumulate(np.where(is_new, places, 0), axis=1)
    # Of the last of those that are alike the next one is new; seen from the end it is where theirs begins.
    is_last = np.ones(order.shape, dtype=bool)
    is_last[:, :-1] = is_new[:, 1:]
    upper = np.minimum.accumulate(np.where(is_last, places, n)[:, ::-1], axis=1)[:, ::-1] + 1
    share = np.clip((FIRST_OR_LAST - lower) / (upper - lower), 0, 1)
    told = np.zeros(n)
    np.add.at(told, order, share)
    return told / max(len(drawn), 1)


def own_spreads(estimates: Floats, drawn: Floats, *, widened: float, unseen: float = 0.0) -> Floats:
    """
    Return how far each estimate may move, as a standard deviation; small ones with care, as those of pairs.

    Args:
        estimates: (n,) of the round.
        drawn: (r, n) of each draw.
        widened: see `widening`.
        unseen: variance that the draws do not show, as that of days where blocks are drawn.

    Returns:
        (n,)
    """
    squares: Floats = np.mean((drawn - estimates) ** 2, axis=0)
    if len(squares):
        squares = _careful(squares, float(np.median(squares)))
    spreads: Floats = np.sqrt(widened**2 * squares + unseen)
    return spreads


def _mean_squares(deviations: Floats) -> Floats:
    """Return (n, n) the mean square of the difference of each pair's deviations; what is next to nothing is nothing."""
    products = deviations.T @ deviations / len(deviations)
    own = np.diag(products)
    both = own[:, np.newaxis] + own
    squares = both - 2 * products
    return np.where(squares > _NOTHING * both, squares, 0)


def _careful(squares: Floats, middle: float) -> Floats:
    """
    Return squares of spreads, those that are small by half nearer to the middle one of all.

    Of a week's days some show less spread than there is, by chance, and exactly these would be told apart wrongly (moderated as
    in G. K. Smyth, 2004; a spread that is large is left as it is).
    """
    return np.where(squares > 0, np.maximum(squares, (squares + middle) / 2), 0)


def _largest(deviations: Floats, spread: Floats) -> Floats:
    """Return (r, n): of each draw and agency the largest deviation from any other, against the spread of that pair."""
    n = deviations.shape[1]
    told = np.zeros(deviations.shape)
    if not n:
        return told
    one_by = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
    step = max(1, _CELLS_AT_ONCE // max(1, n * n))
    for start in range(0, len(deviations), step):
        part = deviations[start : start + step]
        apart = np.abs(part[:, :, np.newaxis] - part[:, np.newaxis, :]) * one_by
        told[start : start + step] = apart.max(axis=2)
    return told
