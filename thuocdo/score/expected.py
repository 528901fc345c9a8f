"""What a round can be expected to tell before it is held: made-up rounds of portals as far apart and as unsteady as ours."""

from dataclasses import dataclass

import numpy as np

from thuocdo.score.noise import Noise, estimated, grid, simulated, smallest_ratio, unseen_by_draws
from thuocdo.score.rank_sets import (
    Floats,
    Integers,
    RankSets,
    drawn_blocks,
    drawn_units,
    levelled,
    own_spreads,
    rank_sets,
    tells_order,
    typical,
    widening,
)

ASSUMED = Noise(run=0.10, hour=0.06, day=0.03)
"""Where too little is stored to estimate it: a load differs from the next by about a tenth."""

ASSUMED_BETWEEN = 0.6
"""Standard deviation of the logarithm of portals' typical times, likewise: the middle two thirds lie within a factor of 3.3."""

MADE_UP = 12
"""Rounds that are made up: the mean width of a set is then known to a place or two, which is what a plan needs."""

MOST_MADE_UP = 200
"""Agencies; the places of more are as wide in proportion, and would take minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a round tells: sets, and the (n,) estimates and spreads they rest on. freedom: of those spreads."""

    sets: RankSets
    estimates: Floats
    spreads: Floats
    freedom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """
    What a round will tell, about.

    width: places in an agency's set, mean. told_apart: share of the pairs, 0..1. smallest_ratio: how many times as long one must
    take as another to be told apart in four of five rounds, of a pair looked at alone; None where the round claims no order.
    """

    tells_order: bool
    width: float
    told_apart: float
    smallest_ratio: float | None


def told_of(seconds: Floats, days: Integers, seed: int) -> Told:
    """Return what times (n, b) of one portal an agency tell; days: (b,) of each block."""
    values = levelled(seconds)
    estimates = typical(values, np.ones((1, len(days)), dtype=np.int64))[0]
    drawn = typical(values, drawn_blocks(days, seed))
    unseen = unseen_by_draws(estimated(seconds, days), days)
    return Told(
        sets=rank_sets(estimates, drawn, days=days, unseen=unseen),
        estimates=estimates,
        spreads=own_spreads(estimates, drawn, widened=widening(days), unseen=unseen),
        freedom=drawn_units(days) - 1,
    )


def expected(agencies: int, days: int, blocks: int, noise: Noise, between: float, seed: int) -> Expected:
    """
    Return what a round of one load per portal and block can be expected to tell.

    Args:
        agencies: that are compared, at least 2; of more than MOST_MADE_UP so many are made up.
        days, blocks: of the round, blocks a day.
        noise: of each portal's loads.
        between: standard deviation of the logarithm of the portals' typical times.
        seed: of what is made up.
    """
    when, some = grid(days, blocks), min(agencies, MOST_MADE_UP)
    if not tells_order(when):
        return Expected(tells_order=False, width=float(agencies), told_apart=0.0, smallest_ratio=None)
    generator = np.random.Generator(np.random.PCG64(seed))
    widths, apart = [], []
    for number in range(MADE_UP):
        levels = between * generator.standard_normal(some)
        sets = told_of(simulated(levels, noise, when, generator), when, seed + number).sets
        widths.append(float(np.mean(sets.last - sets.first + 1)) * agencies / some)
        apart.append(float(sets.is_before.sum() / (some * (some - 1) / 2)))
    return Expected(
        tells_order=True,
        width=float(np.mean(widths)),
        told_apart=float(np.mean(apart)),
        smallest_ratio=smallest_ratio(noise, when),
    )


def between_of(estimates: Floats) -> float:
    """Return how far portals are apart: standard deviation of (n,) logarithms, by quartiles; the assumed one of fewer than 8."""
    if len(estimates) < 8:
        return ASSUMED_BETWEEN
    low, high = np.quantile(estimates, [0.25, 0.75])
    return max(float(high - low) / 1.349, 0.01)
