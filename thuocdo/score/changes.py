"""
Who became faster or slower from one time to another, told only where chance does not explain it.

What changed for most agencies alike (a new browser, another line) is none of theirs: the middle change is taken off. Nobody is
called faster whose own times did not fall as well, nor slower whose did not rise: where one of few changes, or most do, the
middle one is no measure. Of so many agencies some would seem to have changed by chance; the list is cut so that on average at
most one in twenty of those on it is there wrongly (Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57,
1995). And a change that nobody would notice is none: it must be surely more than a tenth.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import NormalDist
from types import MappingProxyType

import numpy as np

from thuocdo.core.model import Agency
from thuocdo.score.rank_sets import CONFIDENCE, TRIMMED, Flags, Floats, by_student
from thuocdo.score.typical_times import TypicalTimes

LEAST_RATIO = 1.1
FEWEST_AGENCIES = 8
"""Of fewer the middle change is mostly somebody's own: nobody is said to have changed."""

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

    before_seconds, seconds: typical, then and now. first_before, last_before, first, last: places, then and now, of all that were
    compared at that time. ratio: how many times as long it takes now, what became of most taken off;
    low, high: its interval at 95 %, of this agency alone.
    """

    agency_id: str
    before_seconds: float
    seconds: float
    ratio: float
    low: float
    high: float
    turn: Turn
    first_before: int
    last_before: int
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    The agencies that were compared both times, who became slowest first.

    common_ratio: how many times as long the middle agency takes now, which is taken off all. least_ratio: of a change that is
    told. once: compared at one of the times. merged: of agencies that took others in since then, whom; what these took then
    counts as theirs.
    """

    agencies: tuple[Change, ...]
    common_ratio: float
    least_ratio: float
    once: tuple[str, ...]
    tells_any: bool
    merged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def carried_to(agencies: Mapping[str, Agency], present: Collection[str]) -> dict[str, str]:
    """
    Return for agencies that are gone who has their duties now, through any number of mergers.

    Args:
        agencies: every agency that the files ever had, by id.
        present: ids of those that there are now.
    """
    found = {}
    for name in agencies:
        seen, at = {name}, name
        while at not in present:
            then = agencies[at].successor_id
            if then is None or then not in agencies or then in seen:
                break
            seen.add(then)
            at = then
        if at != name and at in present:
            found[name] = at
    return found


def changes(
    before: TypicalTimes, now: TypicalTimes, merged: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> Changes:
    """
    Tell who changed.

    Args:
        before, now: what was compared; targets of agencies that are gone count as those of their successors.
        merged: see `Changes`.

    Nobody is said to have where an order could not be told at either time, or FEWEST_AGENCIES were not compared both times; and
    none of whom so much failed that its times are mostly limits and no times.
    """
    then, present = ({one.agency_id: place for place, one in enumerate(each.agencies)} for each in (before, now))
    names = [name for name in present if name in then]
    first, second = [then[name] for name in names], [present[name] for name in names]
    told_from = before.tells_order and now.tells_order and len(names) >= FEWEST_AGENCIES
    own = (now.estimates[second] + now.shared) - (before.estimates[first] + before.shared)
    common = float(np.median(own)) if names else 0.0
    moved = own - common
    spread = np.sqrt(before.spreads[first] ** 2 + now.spreads[second] ** 2)
    freedom = before.freedom + now.freedom
    far = by_student(0.0, freedom) * spread
    is_timed = np.array(
        [
            max(before.agencies[i].failed_ratio, now.agencies[j].failed_ratio) < TRIMMED
            for i, j in zip(first, second, strict=True)
        ],
        dtype=bool,
    )
    is_own = own * np.sign(moved) >= np.log(LEAST_RATIO)
    is_told = discovered(moved, spread, freedom, LEAST_RATIO) & is_own & is_timed & told_from
    found = [
        Change(
            agency_id=name,
            before_seconds=before.agencies[first[number]].seconds,
            seconds=now.agencies[second[number]].seconds,
            ratio=float(np.exp(moved[number])),
            low=float(np.exp(moved[number] - far[number])),
            high=float(np.exp(moved[number] + far[number])),
            turn=_turn(float(moved[number]), is_told=bool(is_told[number])),
            first_before=before.agencies[first[number]].first,
            last_before=before.agencies[first[number]].last,
            first=now.agencies[second[number]].first,
            last=now.agencies[second[number]].last,
        )
        for number, name in enumerate(names)
    ]
    return Changes(
        agencies=tuple(sorted(found, key=lambda one: (-one.ratio, one.agency_id))),
        common_ratio=float(np.exp(common)),
        least_ratio=LEAST_RATIO,
        once=tuple(sorted({*then, *present} - {*names})),
        tells_any=told_from,
        merged={name: merged[name] for name in names if name in merged},
    )


def _turn(moved: float, *, is_told: bool) -> Turn:
    if not is_told:
        return Turn.UNTOLD
    return Turn.SLOWER if moved > 0 else Turn.FASTER


def discovered(moved: Floats, spread: Floats, freedom: int, least_ratio: float) -> Flags:
    """
    Return which of some changes are told: surely more than the least, on average FALSE_SHARE of them wrongly at most.

    Args:
        moved: (n,) changes as logarithms.
        spread: (n,) how far each may be by chance, as a standard deviation.
        freedom: of what the spreads rest on.
        least_ratio: that a change does not exceed is what is to be refuted.

    Returns:
        (n,) bool.
    """
    more = np.abs(moved) - np.log(least_ratio)
    chances = np.array(
        [1.0 if m <= 0 else _chance(m / s, freedom) if s > 0 else 0.0 for m, s in zip(more, spread, strict=True)]
    )
    ordered = np.sort(chances)
    kept = ordered[ordered <= FALSE_SHARE * np.arange(1, len(ordered) + 1) / max(len(ordered), 1)]
    told: Flags = chances <= (kept[-1] if len(kept) else -1.0)
    return told


def _chance(far: float, freedom: int) -> float:
    """
    Return how likely something is that far off, or farther to either side, in spreads that rest on few days themselves.

    Source: D. L. Wallace, Annals of Mathematical Statistics 30, 1959, for Student's t; within 0.02 standard deviations.
    """
    factor = (8 * freedom + 1) / (8 * freedom + 3)
    return 2 * NormalDist().cdf(-factor * math.sqrt(freedom * math.log1p(far * far / freedom)))
