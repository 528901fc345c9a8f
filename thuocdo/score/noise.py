"""
How much the loads of one portal differ among themselves: by chance, from hour to hour and from day to day.

Of it follows how far apart two portals must be for a round to tell them apart, before the round is held.
"""

from dataclasses import dataclass

import numpy as np

from thuocdo.score.rank_sets import (
    FEWEST_BLOCKS,
    FEWEST_DAYS,
    Floats,
    Integers,
    by_student,
    drawn_units,
    levelled,
    widening,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """
    Standard deviations of the logarithm of a time: 0.05 is about 5 %.

    run: of one load from another in the same block. hour: of a portal's blocks of one day. day: of a portal's days. spikes: share
    of the loads, 0..1, that took much longer than any of that would explain.
    """

    run: float
    hour: float
    day: float
    spikes: float = 0.03


SPIKE = 0.8
"""Median of the logarithm of what a spike adds: 2.2 times as long; half as much for every sixth, twice as much likewise."""

_SPIKE_SPREAD = 0.7
_POWER = 0.84
"""Standard errors beyond the limit that a true difference needs to be found in 80 % of rounds."""

_SHARED = 0.1
"""Of what all portals have in common in a block, such as our line in the evening: it must not matter, so it is there."""


def grid(days: int, blocks: int) -> Integers:
    """Return (days × blocks,): the day, counted from 0, of each block of a round."""
    return np.repeat(np.arange(days), blocks)


def simulated(
    levels: Floats, noise: Noise, days: Integers, generator: np.random.Generator, *, factors: Floats | float = 1.0
) -> Floats:
    """
    Make up the times of a round of one load per target and block.

    Args:
        levels: (n,) the true typical time of each, as logarithm.
        noise: of a target of the factor 1.
        days: (b,) the day of each block, see `grid`.
        generator: what chance is taken from.
        factors: (n,) > 0, by which each target's noise is larger.

    Returns:
        (n, b) seconds.
    """
    n, b = len(levels), len(days)
    number = int(days.max()) + 1
    own = noise.day * generator.standard_normal((n, number))[:, days]
    own += noise.hour * generator.standard_normal((n, b)) + noise.run * generator.standard_normal((n, b))
    logs = levels[:, np.newaxis] + _SHARED * generator.standard_normal(b) + np.reshape(factors, (-1, 1)) * own
    is_spike = generator.random((n, b)) < noise.spikes
    logs = logs + is_spike * SPIKE * np.exp(_SPIKE_SPREAD * generator.standard_normal((n, b)))
    told: Floats = np.exp(logs)
    return told


def estimated(seconds: Floats, days: Integers) -> Noise | None:
    """
    Estimate the noise of stored times, by quartiles and medians, which a few spikes and portals do not move.

    With one load per target and block the run cannot be told from the hour: what is found is in `run`, and `hour` is 0.

    Args:
        seconds: (n, b), > 0, of target and block; inf = failed, NaN = not measured.
        days: (b,) the day of each block, see `grid`.

    Returns:
        None where there are not FEWEST_BLOCKS blocks of two days, or no two targets.
    """
    values = levelled(np.where(np.isposinf(seconds), np.nan, seconds))
    names = np.unique(days)
    if len(days) < FEWEST_BLOCKS or len(names) < 2 or (np.isfinite(values).sum(axis=1) >= FEWEST_BLOCKS).sum() < 2:
        return None
    by_day = np.stack([_middle(values[:, days == day]) for day in names], axis=1)
    each = len(days) / len(names)
    within = _spread(values - by_day[:, np.searchsorted(names, days)]) * np.sqrt(each / max(each - 1, 1))
    # A day's middle moves by chance as well: about 1.57 / blocks of what is within (of a median of normal values).
    seen = _variance(by_day)
    # It is taken off, but not so far that days seem alike of which too few are known to say so.
    between = max(seen - within**2 * 1.57 / each, seen / 2)
    far = np.abs(values - by_day[:, np.searchsorted(names, days)]) > 4 * within
    return Noise(
        run=float(within),
        hour=0.0,
        day=float(np.sqrt(between)),
        spikes=float(far.sum() / np.isfinite(values).sum()),
    )


def unseen_by_draws(noise: Noise | None, days: Integers) -> float:
    """Return the variance of a typical time that comes of days and that draws of single blocks do not show."""
    number = len(np.unique(days))
    return noise.day**2 * (1 / number - 1 / len(days)) if noise and number < FEWEST_DAYS else 0.0


def smallest_ratio(noise: Noise, days: Integers) -> float:
    """
    Return about how many times as long a portal must take as another to be told apart from it in four of five rounds.

    Of one pair looked at alone (two-sided, 95 %); a table that must hold as a whole tells less. days: (b,) the day of each block.
    """
    number = len(np.unique(days))
    variance = noise.day**2 / number + (noise.hour**2 + noise.run**2) / len(days)
    far = by_student(0.0, drawn_units(days) - 1) + _POWER
    return float(np.exp(far * widening(days) * np.sqrt(2 * variance)))


def _middle(values: Floats) -> Floats:
    """Return the medians of rows; NaN where a row has nothing."""
    told = np.full(len(values), np.nan)
    has_some = np.isfinite(values).any(axis=1)
    told[has_some] = np.nanmedian(values[has_some], axis=1)
    return told


def _variance(rows: Floats) -> float:
    """Return the variance within rows, of the one in the middle: few that differ do not raise it."""
    number = np.isfinite(rows).sum(axis=1)
    known = rows[number > 1]
    if not len(known):
        return 0.0
    freedom = float(np.median(number[number > 1])) - 1
    # The middle of what chance makes of a variance lies below it (E. B. Wilson and M. M. Hilferty, 1931).
    return float(np.median(np.nanvar(known, axis=1, ddof=1))) / (1 - 2 / (9 * freedom)) ** 3


def _spread(values: Floats) -> float:
    """Return the standard deviation that normal values with these quartiles have."""
    low, high = np.nanquantile(values, [0.25, 0.75])
    return float(high - low) / 1.349
