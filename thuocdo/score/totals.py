"""
Points of single criteria added up to a score with its interval.

Interval of a score: each criterion is scored at both ends of its statistic's interval. Criteria read from the same visits (one
kind of probe) rise and fall together, so their deviations add up; different kinds are separate visits, whose deviations add up
in squares (MOVER: G. Y. Zou and A. Donner, Statistics in Medicine 27, 2008).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

DECIMALS = 9
"""Scores are rounded to this many, so that adding in another order cannot give another rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """
    Points of one criterion that are certain, and at both ends of the interval: whatever the portal did not show counts 0.

    possible, possible_high: points, and the upper end, if that had been the best there is. kind: of probe, empty = entered by a
    person. is_measured: enough of it was seen to give points; else `points` are the 0 of what was hidden.
    """

    points: float
    low: float
    high: float
    possible: float
    possible_high: float
    kind: str = ""
    is_measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """
    Points of all criteria that count.

    obtained of counted, for certain; ratio, low, high: the same, 0..1; possible, possible_high: at the best of what was not seen;
    None where nothing counts.
    """

    obtained: float = 0.0
    counted: float = 0.0
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    possible: float | None = None
    possible_high: float | None = None


def add_up(earned: Mapping[str, Earned], worth: Mapping[str, float]) -> Total:
    """
    Add up what counts.

    Every part rises with every one of its criteria: whoever hides something, so that a criterion's points and both ends of their
    interval fall, has no more in any of them.

    Args:
        earned: by criterion, those that count only.
        worth: the full points of every criterion.
    """
    if not earned:
        return Total()
    obtained = sum(one.points for one in earned.values())
    possible = sum(one.possible for one in earned.values())
    counted = sum(worth[name] for name in earned)
    down: dict[str, float] = defaultdict(float)
    up: dict[str, float] = defaultdict(float)
    further: dict[str, float] = defaultdict(float)
    for one in earned.values():
        down[one.kind] += one.points - one.low
        up[one.kind] += one.high - one.points
        further[one.kind] += one.possible_high - one.possible
    low = max(obtained - _together(down), 0.0)
    high = min(obtained + _together(up), counted)
    possible_high = min(possible + _together(further), counted)
    return Total(
        obtained=round(obtained, DECIMALS),
        counted=counted,
        ratio=round(obtained / counted, DECIMALS),
        low=round(low / counted, DECIMALS),
        high=round(high / counted, DECIMALS),
        possible=round(possible / counted, DECIMALS),
        possible_high=round(possible_high / counted, DECIMALS),
    )


def _together(deviations: Mapping[str, float]) -> float:
    """Return the deviation of a sum from those of its parts, which are independent of each other."""
    return sqrt(sum(one * one for one in deviations.values()))
