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
    """Points of one criterion, and at both ends of the interval. kind: of probe, empty = entered by a person."""

    points: float
    low: float
    high: float
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """
    Points of all measured criteria.

    obtained of measured; machine: the part of measured that probes gave. ratio, low, high: 0..1, None where nothing was measured.
    """

    obtained: float = 0.0
    measured: float = 0.0
    machine: float = 0.0
    ratio: float | None = None
    low: float | None = None
    high: float | None = None


def add_up(earned: Mapping[str, Earned], worth: Mapping[str, float]) -> Total:
    """
    Add up what was measured.

    Args:
        earned: by criterion, measured ones only.
        worth: the full points of every criterion.
    """
    if not earned:
        return Total()
    obtained = sum(one.points for one in earned.values())
    measured = sum(worth[name] for name in earned)
    down: dict[str, float] = defaultdict(float)
    up: dict[str, float] = defaultdict(float)
    for one in earned.values():
        down[one.kind] += one.points - one.low
        up[one.kind] += one.high - one.points
    low = max(obtained - sqrt(sum(d * d for d in down.values())), 0.0)
    high = min(obtained + sqrt(sum(d * d for d in up.values())), measured)
    return Total(
        obtained=round(obtained, DECIMALS),
        measured=measured,
        machine=sum(worth[name] for name, one in earned.items() if one.kind),
        ratio=round(obtained / measured, DECIMALS),
        low=round(low / measured, DECIMALS),
        high=round(high / measured, DECIMALS),
    )
