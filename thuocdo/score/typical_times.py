"""
How long home pages take, and which agencies may be said to be faster than which, from what is stored of some days.

Everyday probes measure every portal in every block of two hours, so that a week of them is compared as a planned round would be:
block by block, see `rank_sets`. A cell is what one target took in one block, the median of its loads there. A load that failed,
one that the portal kept from the probe and one that showed another kind of page than those that are ranked count as long as a
load may take, so that nobody gains by them; one that our own machine or line spoilt counts not at all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from thuocdo.core.model import OWN_REASONS, Outcome, PageKind, Target
from thuocdo.score.noise import Noise, estimated, smallest_ratio, unseen_by_draws
from thuocdo.score.rank_sets import (
    DRAWS,
    Flags,
    Floats,
    Integers,
    drawn_blocks,
    drawn_units,
    levelled,
    own_spreads,
    rank_sets,
    typical,
    widening,
)
from thuocdo.store import RunGroup

BLOCKS_A_DAY = 12
SHARE_OF_BLOCKS = 0.5
"""Of all blocks in which a target needs a cell to be compared; and of all measured targets that need one for a block to count."""

_SHORTEST_SECONDS = 1e-6
_OWN = frozenset(reason.value for reason in OWN_REASONS)


class NotCompared(StrEnum):
    """Why an agency has no place."""

    TOO_LITTLE = "too_little"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalTime:
    """
    What one agency's home pages took, against those of its block.

    seconds: typical, what is shared with all taken off; median_seconds: of the cells as they were, inf where more than half
    failed. first, last: places from 1 that hold for all agencies at once; own_first, own_last: of this one looked at alone.
    among_first, among_last: how likely it is among the five first, and last, 0..1. cells: in how many blocks something is known
    of it (of its target with the fewest). failed_ratio: share of the cells that count as long as a load may take.
    """

    agency_id: str
    seconds: float
    median_seconds: float
    first: int
    last: int
    own_first: int
    own_last: int
    among_first: float
    among_last: float
    cells: int
    failed_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalTimes:
    """
    Agencies of one block in the order of their typical times.

    is_before: (n, n), [i, j] where the i-th may be said to be faster than the j-th. blocks, days: that count. noise: of the
    loads, None where it cannot be told. shared: the middle logarithm of what is taken off. estimates, spreads: (n,) in the same
    order, what is left and how far it may move, as logarithms; freedom: of what the spreads rest on. smallest_ratio: of two
    typical times that are told apart in four of five rounds like this.
    """

    agencies: tuple[TypicalTime, ...]
    is_before: Flags
    blocks: int
    days: int
    not_compared: Mapping[str, NotCompared]
    noise: Noise | None
    smallest_ratio: float | None
    shared: float
    estimates: Floats
    spreads: Floats
    freedom: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """seconds: (t, b) of targets and blocks, inf = failed or hidden, NaN = nothing known. numbers: (b,) of the blocks."""

    targets: tuple[Target, ...]
    seconds: Floats
    numbers: Integers
    notices: frozenset[str]


def typical_times(
    groups: Iterable[RunGroup],
    targets: Collection[Target],
    *,
    value: str,
    profile: str,
    page_kinds: Collection[PageKind],
    longest_seconds: float,
    seed: int,
    draws: int = DRAWS,
) -> TypicalTimes:
    """
    Compare the agencies whose targets these are.

    Args:
        groups: of one kind, each of one block, as `Rollups.by_block` gives them; of any targets and profiles.
        targets: home pages of the agencies that are compared.
        value: what is compared, seconds.
        profile: the device profile that is compared.
        page_kinds: that are ranked.
        longest_seconds: a load may take, by the kind's deadline with this profile.
        seed: of the draws.
        draws: how many.
    """
    cells = _cells(groups, targets, value, profile, [kind.value for kind in page_kinds])
    not_compared = dict.fromkeys(cells.notices, NotCompared.NOTICE)
    cells = _of_targets(cells, [target.agency_id not in not_compared for target in cells.targets])
    known = ~np.isnan(cells.seconds)
    # Of those that are measured at all: a registry may hold many that nobody probes yet.
    counts = known.sum(axis=0) >= max(SHARE_OF_BLOCKS * known.any(axis=1).sum(), 1)
    cells = _Cells(
        targets=cells.targets,
        seconds=cells.seconds[:, counts],
        numbers=cells.numbers[counts],
        notices=cells.notices,
    )
    enough = (~np.isnan(cells.seconds)).sum(axis=1) >= max(SHARE_OF_BLOCKS * len(cells.numbers), 1)
    too_little = {target.agency_id for target, has in zip(cells.targets, enough, strict=True) if not has}
    not_compared |= dict.fromkeys(too_little, NotCompared.TOO_LITTLE)
    cells = _of_targets(cells, [target.agency_id not in too_little for target in cells.targets])
    return _compared(cells, not_compared, longest_seconds, seed, draws)


def _cells(
    groups: Iterable[RunGroup], targets: Collection[Target], value: str, profile: str, page_kinds: Sequence[str]
) -> _Cells:
    """Return what each target took in each block that has anything."""
    ordered = sorted(targets, key=lambda target: target.id)
    places = {target.id: number for number, target in enumerate(ordered)}
    loads: dict[tuple[int, int], list[float]] = defaultdict(list)
    shown: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        place, (_, _, _, its_profile), ended = places.get(group.key[0]), group.key, group.ended
        if place is None or its_profile != profile:
            continue
        is_other = ended.outcome == Outcome.OK and ended.page_kind is not None and ended.page_kind not in page_kinds
        if ended.outcome == Outcome.OK:
            shown[ordered[place].agency_id][is_other] += group.runs
        at = loads[place, group.block]
        if ended.tells_times and not is_other:
            at += [max(float(one), _SHORTEST_SECONDS) for one in group.values.get(value, ())]
        elif is_other or ended.outcome == Outcome.FAILED or (ended.outcome != Outcome.OK and ended.reason not in _OWN):
            at += [np.inf] * group.runs
    numbers = np.array(sorted({number for (_, number), some in loads.items() if some}), dtype=np.int64)
    seconds = np.full((len(ordered), len(numbers)), np.nan)
    for (place, number), some in loads.items():
        if some:
            seconds[place, np.searchsorted(numbers, number)] = np.median(some)
    notices = frozenset(agency for agency, (as_ranked, other) in shown.items() if other >= max(as_ranked, 1))
    return _Cells(targets=tuple(ordered), seconds=seconds, numbers=numbers, notices=notices)


def _of_targets(cells: _Cells, wanted: Sequence[bool]) -> _Cells:
    kept = np.array(wanted, dtype=bool)
    return _Cells(
        targets=tuple(target for target, is_kept in zip(cells.targets, wanted, strict=True) if is_kept),
        seconds=cells.seconds[kept],
        numbers=cells.numbers,
        notices=cells.notices,
    )


def _compared(
    cells: _Cells, not_compared: Mapping[str, NotCompared], longest: float, seed: int, draws: int
) -> TypicalTimes:
    # Days from the first block on: none of the window is cut in two.
    days = (cells.numbers - cells.numbers[:1]) // BLOCKS_A_DAY
    agencies = sorted({target.agency_id for target in cells.targets})
    # An agency with several portals is as slow as they are in the middle: the mean of their logarithms.
    owned = np.array([[target.agency_id == agency for target in cells.targets] for agency in agencies], dtype=float)
    values = levelled(np.minimum(cells.seconds, longest))
    shared = _shared(cells.seconds, values)
    noise = estimated(cells.seconds, days)
    estimates, drawn = np.zeros(len(agencies)), np.zeros((draws, len(agencies)))
    if agencies:
        share = (owned / owned.sum(axis=1, keepdims=True)).T
        by_target = typical(values, np.ones((1, len(days)), dtype=np.int64))
        again = typical(values, drawn_blocks(days, seed, draws))
        estimates = (by_target @ share)[0]
        # A draw of none but blocks in which nothing is known of a target says nothing of it.
        drawn = np.where(np.isnan(again), by_target, again) @ share
    sets = rank_sets(estimates, drawn, blocks=len(days), widened=widening(days))
    order = np.array(
        sorted(range(len(agencies)), key=lambda number: (estimates[number], agencies[number])), dtype=np.int64
    )
    found = tuple(
        TypicalTime(
            agency_id=agencies[number],
            seconds=float(np.exp(shared + estimates[number])),
            median_seconds=float(np.nanmedian(cells.seconds[owned[number] > 0])),
            first=int(sets.first[number]),
            last=int(sets.last[number]),
            own_first=int(sets.own_first[number]),
            own_last=int(sets.own_last[number]),
            among_first=float(sets.among_first[number]),
            among_last=float(sets.among_last[number]),
            cells=int((~np.isnan(cells.seconds[owned[number] > 0])).sum(axis=1).min()),
            failed_ratio=float(np.isposinf(cells.seconds[owned[number] > 0]).mean()),
        )
        for number in order
    )
    return TypicalTimes(
        agencies=found,
        is_before=sets.is_before[np.ix_(order, order)],
        blocks=len(days),
        days=len(np.unique(days)),
        not_compared=not_compared,
        noise=noise,
        smallest_ratio=smallest_ratio(noise, days) if noise else None,
        shared=shared,
        estimates=estimates[order],
        spreads=own_spreads(estimates, drawn, widened=widening(days), unseen=unseen_by_draws(noise, days))[order],
        freedom=max(drawn_units(days) - 1, 1),
    )


def _shared(seconds: Floats, values: Floats) -> float:
    """Return the middle logarithm of what all targets share in a block: levelled values tell nothing without it."""
    ended = np.isfinite(seconds)
    return float(np.median(np.log(seconds[ended]) - values[ended])) if ended.any() else 0.0
