"""
Who became faster or slower from one time to another, told only where chance does not explain it.

What changed for most agencies alike (a new browser, another line) is none of theirs: the middle change is taken off. Of so many
agencies some would seem to have changed by chance; the list is cut so that at most one in twenty of those on it may be there
wrongly (Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57, 1995). And a change that nobody would notice
is none: less than a tenth, or less than the two times can tell apart.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from thuocdo.score.rank_sets import CONFIDENCE, FEWEST_BLOCKS, Flags, Floats
from thuocdo.score.typical_times import TypicalTimes

LEAST_RATIO = 1.1
FALSE_SHARE = 1 - CONFIDENCE


class Turn(StrEnum):
    """What became of an agency."""

    FASTER = "faster"
    SLOWER = "slower"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    What became of one agency.

    before_seconds, seconds: typical, then and now. ratio: how many times as long it takes now, what became of most taken off;
    low, high: its interval at 95 %, of this agency alone.
    """

    agency_id: str
    before_seconds: float
    seconds: float
    ratio: float
    low: float
    high: float
    turn: Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    The agencies that were compared both times, who became slowest first.

    common_ratio: how many times as long the middle agency takes now, which is taken off all. least_ratio: of a change that is
    told.
    """

    agencies: tuple[Change, ...]
    common_ratio: float
    least_ratio: float


def changes(before: TypicalTimes, now: TypicalTimes) -> Changes:
    """Tell who changed; with fewer than FEWEST_BLOCKS blocks at either time nobody is said to have."""
    then, present = ({one.agency_id: place for place, one in enumerate(each.agencies)} for each in (before, now))
    names = [name for name in present if name in then]
    first, second = [then[name] for name in names], [present[name] for name in names]
    if not names:
        return Changes(agencies=(), common_ratio=1.0, least_ratio=LEAST_RATIO)
    moved = (now.estimates[second] + now.shared) - (before.estimates[first] + before.shared)
    common = float(np.median(moved))
    moved = moved - common
    spread = np.sqrt(before.spreads[first] ** 2 + now.spreads[second] ** 2)
    freedom = before.freedom + now.freedom
    far = _far(freedom) * spread
    least = max(LEAST_RATIO, *(each.smallest_ratio or 1.0 for each in (before, now)))
    is_told = discovered(moved, spread, freedom, least)
    if min(before.blocks, now.blocks) < FEWEST_BLOCKS:
        is_told &= False
    found = [
        Change(
            agency_id=name,
            before_seconds=before.agencies[first[number]].seconds,
            seconds=now.agencies[second[number]].seconds,
            ratio=float(np.exp(moved[number])),
            low=float(np.exp(moved[number] - far[number])),
            high=float(np.exp(moved[number] + far[number])),
            turn=_turn(float(moved[number]), is_told=bool(is_told[number])),
        )
        for number, name in enumerate(names)
    ]
    return Changes(
        agencies=tuple(sorted(found, key=lambda one: (-one.ratio, one.agency_id))),
        common_ratio=float(np.exp(common)),
        least_ratio=float(least),
    )


def _turn(moved: float, *, is_told: bool) -> Turn:
    if not is_told:
        return Turn.UNTOLD
    return Turn.SLOWER if moved > 0 else Turn.FASTER


def discovered(moved: Floats, spread: Floats, freedom: int, least_ratio: float) -> Flags:
    """
    Return which of some changes are told, FALSE_SHARE of them wrongly at most.

    Args:
        moved: (n,) changes as logarithms.
        spread: (n,) how far each may be by chance, as a standard deviation.
        freedom: of what the spreads rest on.
        least_ratio: smaller changes are not told.

    Returns:
        (n,) bool.
    """
    chances = np.array(
        [_chance(abs(m) / s, freedom) if s > 0 else float(m == 0) for m, s in zip(moved, spread, strict=True)]
    )
    ordered = np.sort(chances)
    kept = ordered[ordered <= FALSE_SHARE * np.arange(1, len(ordered) + 1) / len(ordered)]
    told: Flags = (chances <= (kept[-1] if len(kept) else -1.0)) & (np.abs(moved) >= np.log(least_ratio))
    return told


def _chance(far: float, freedom: int) -> float:
    """
    Return how likely something is that far off, or farther, by chance, counted in spreads that rest on few days themselves.

    Source: D. L. Wallace, Annals of Mathematical Statistics 30, 1959, for Student's t; within 0.02 standard deviations.
    """
    factor = (8 * freedom + 1) / (8 * freedom + 3)
    return 2 * NormalDist().cdf(-factor * math.sqrt(freedom * math.log1p(far * far / freedom)))


def _far(freedom: int) -> float:
    """Return how many spreads off 5 of 100 are by chance: the inverse of `_chance`."""
    normal = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2) * (8 * freedom + 3) / (8 * freedom + 1)
    return math.sqrt(freedom * math.expm1(normal * normal / freedom))
