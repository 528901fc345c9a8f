"""
How long home pages take, and which agencies may be said to be faster than which, from what is stored of some days.

Everyday probes measure every portal in every block of two hours, so that a week of them is compared as a planned round would be:
block by block, see `rank_sets`. A cell is what one target took in one block, the median of its loads there, from one vantage
point: another line is another measure. A load that failed, one that the portal kept from the probe and one that showed another
kind of page than those that are ranked count as long as a load may take, so that nobody gains by them; one that our own machine
or line spoilt counts not at all, and neither does a block that is missing, or failed, for most.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from thuocdo.core.model import OWN_REASONS, Outcome, PageKind, Target
from thuocdo.score.noise import Noise, estimated, smallest_ratio, unseen_by_draws
from thuocdo.score.rank_sets import (
    DRAWS,
    FIRST_OR_LAST,
    Flags,
    Floats,
    Integers,
    drawn_blocks,
    drawn_units,
    levelled,
    own_spreads,
    rank_sets,
    tells_order,
    typical,
    widening,
)
from thuocdo.store import RunGroup

BLOCKS_A_DAY = 12
SHARE_OF_BLOCKS = 0.5
"""
Of all blocks in which a target needs a cell to be compared; and of the targets that are measured regularly (in so large a part of
the blocks of the one with the most) that need one for a block to count.
"""

MOST_WITHOUT_FAILURES = 400
"""Agencies of which is told what they are without failures, and how often among the first: of more there are too many pairs."""

_OWN = frozenset(reason.value for reason in OWN_REASONS)


_FEW = 6
"""Of so few targets that are measured regularly most may well fail at once."""


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
    among_first, among_last: share of the draws in which it was among the five first, and last, 0..1, None where that tells
    nothing. cells: in how many blocks something is known of it (of its target with the fewest). failed_ratio: share of these
    cells that count as long as a load may take.
    """

    agency_id: str
    seconds: float
    median_seconds: float
    first: int
    last: int
    own_first: int
    own_last: int
    among_first: float | None
    among_last: float | None
    cells: int
    failed_ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalTimes:
    """
    Agencies of one block in the order of their typical times.

    is_before: (n, n), [i, j] where the i-th may be said to be faster than the j-th. blocks, days: that count; left_out: blocks
    that do not. vantage_id: from where. tells_order: there is enough of them to tell any order. noise: of the loads, None where
    it cannot be told. shared: the middle logarithm of what is taken off. estimates, spreads: (n,) in the same order, what is left
    and how far it may move, as logarithms; freedom: of what the spreads rest on. smallest_ratio: of two typical times that are
    told apart in four of five rounds like this.
    """

    agencies: tuple[TypicalTime, ...]
    is_before: Flags
    blocks: int
    days: int
    left_out: int
    vantage_id: str
    tells_order: bool
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
    vantage_id: str


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
    cells, notices = _cells(groups, targets, value, profile, [kind.value for kind in page_kinds])
    not_compared = dict.fromkeys(notices, NotCompared.NOTICE)
    cells = _of_targets(cells, [target.agency_id not in notices for target in cells.targets])
    cells, left_out = _of_good_blocks(cells)
    enough = (~np.isnan(cells.seconds)).sum(axis=1) >= max(SHARE_OF_BLOCKS * len(cells.numbers), 1)
    compared = {target.agency_id for target, has in zip(cells.targets, enough, strict=True) if has}
    too_little = {target.agency_id for target in cells.targets} - compared
    not_compared |= dict.fromkeys(too_little, NotCompared.TOO_LITTLE)
    return _compared(_of_targets(cells, enough.tolist()), not_compared, left_out, longest_seconds, seed, draws)


def _of_good_blocks(cells: _Cells) -> tuple[_Cells, int]:
    """Return the cells without blocks that most lack, or in which most failed (that is hardly theirs); and how many those are."""
    known = ~np.isnan(cells.seconds)
    number = known.sum(axis=1)
    regular = number >= max(SHARE_OF_BLOCKS * number.max(initial=0), 1)
    there, failed = known[regular].sum(axis=0), np.isposinf(cells.seconds[regular]).sum(axis=0)
    fewest = max(SHARE_OF_BLOCKS * regular.sum(), 1)
    kept = (there >= fewest) & ((failed <= SHARE_OF_BLOCKS * there) | (regular.sum() < _FEW))
    left = _Cells(
        targets=cells.targets,
        seconds=cells.seconds[:, kept],
        numbers=cells.numbers[kept],
        vantage_id=cells.vantage_id,
    )
    return left, int((~kept).sum())


def _cells(
    groups: Iterable[RunGroup], targets: Collection[Target], value: str, profile: str, page_kinds: Sequence[str]
) -> tuple[_Cells, frozenset[str]]:
    """Return what each target took in each block, from the vantage point with most cells; and whose pages are mostly notices."""
    ordered = sorted(targets, key=lambda target: target.id)
    places = {target.id: number for number, target in enumerate(ordered)}
    loads: dict[str, dict[tuple[int, int], list[float]]] = defaultdict(lambda: defaultdict(list))
    notices: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for group in groups:
        place, (_, _, vantage_id, its_profile), ended = places.get(group.key[0]), group.key, group.ended
        if place is None or its_profile != profile or ended.saturated:
            continue
        told = _seconds(group, value, page_kinds)
        is_notice = ended.outcome == Outcome.OK and ended.page_kind is not None and ended.page_kind not in page_kinds
        (notices if is_notice else others)[ordered[place].agency_id] += len(told)
        if told:
            loads[vantage_id][place, group.block] += told
    vantage_id = min(loads, key=lambda name: (-len(loads[name]), name), default="")
    chosen = loads[vantage_id]
    numbers = np.array(sorted({number for _, number in chosen}), dtype=np.int64)
    seconds = np.full((len(ordered), len(numbers)), np.nan)
    for (place, number), some in chosen.items():
        seconds[place, np.searchsorted(numbers, number)] = np.median(some)
    mostly = frozenset(agency for agency, number in notices.items() if number > others[agency])
    return _Cells(targets=tuple(ordered), seconds=seconds, numbers=numbers, vantage_id=vantage_id), mostly


def _seconds(group: RunGroup, value: str, page_kinds: Sequence[str]) -> list[float]:
    """Return what the loads of a group took; inf = counts as long as a load may take; those that do not count are not there."""
    ended = group.ended
    if ended.outcome == Outcome.OK and (ended.page_kind is None or ended.page_kind in page_kinds):
        return [
            float(one) for one in group.values.get(value, ()) if one > 0
        ]  # no load takes no time: such a value is none
    if ended.outcome == Outcome.OK or ended.outcome == Outcome.FAILED or ended.reason not in _OWN:
        return [np.inf] * group.runs
    return []


def _of_targets(cells: _Cells, wanted: Sequence[bool]) -> _Cells:
    kept = np.array(wanted, dtype=bool)
    return _Cells(
        targets=tuple(target for target, is_kept in zip(cells.targets, wanted, strict=True) if is_kept),
        seconds=cells.seconds[kept],
        numbers=cells.numbers,
        vantage_id=cells.vantage_id,
    )


def _compared(
    cells: _Cells,
    not_compared: Mapping[str, NotCompared],
    left_out: int,
    longest: float,
    seed: int,
    draws: int,
) -> TypicalTimes:
    # Days from the first block on: none of the window is cut in two.
    days = (cells.numbers - cells.numbers[:1]) // BLOCKS_A_DAY
    agencies = sorted({target.agency_id for target in cells.targets})
    # An agency with several portals is as slow as they are in the middle: the mean of their logarithms.
    owned = np.array([[target.agency_id == agency for target in cells.targets] for agency in agencies], dtype=float)
    values = levelled(np.minimum(cells.seconds, longest))
    noise = estimated(cells.seconds, days)
    times = drawn_blocks(days, seed, draws)
    estimates, drawn = _by_agency(values, owned, times)
    at_best = None
    if 0 < len(agencies) <= MOST_WITHOUT_FAILURES:
        at_best = _by_agency(_without_failures(cells.seconds, values), owned, times)
    unseen = unseen_by_draws(noise, days)
    sets = rank_sets(estimates, drawn, days=days, unseen=unseen, at_best=at_best)
    order = np.array(
        sorted(range(len(agencies)), key=lambda number: (round(float(estimates[number]), 9), agencies[number])),
        dtype=np.int64,
    )
    has_shares = tells_order(days) and 2 * FIRST_OR_LAST < len(agencies) <= MOST_WITHOUT_FAILURES
    shared = _shared(cells.seconds, values)
    found = []
    for number in order:
        own = cells.seconds[owned[number] > 0]
        failed = float(np.isposinf(own).sum() / (~np.isnan(own)).sum())
        found.append(
            TypicalTime(
                agency_id=agencies[number],
                seconds=float(np.exp(shared + estimates[number])) if failed < SHARE_OF_BLOCKS else math.inf,
                median_seconds=float(np.nanmedian(own)),
                first=int(sets.first[number]),
                last=int(sets.last[number]),
                own_first=int(sets.own_first[number]),
                own_last=int(sets.own_last[number]),
                among_first=float(sets.among_first[number]) if has_shares else None,
                among_last=float(sets.among_last[number]) if has_shares else None,
                cells=int((~np.isnan(own)).sum(axis=1).min()),
                failed_ratio=failed,
            )
        )
    return TypicalTimes(
        agencies=tuple(found),
        is_before=sets.is_before[np.ix_(order, order)],
        blocks=len(days),
        days=len(np.unique(days)),
        left_out=left_out,
        vantage_id=cells.vantage_id,
        tells_order=tells_order(days),
        not_compared=not_compared,
        noise=noise,
        smallest_ratio=smallest_ratio(noise, days) if noise and tells_order(days) else None,
        shared=shared,
        estimates=estimates[order],
        spreads=own_spreads(estimates, drawn, widened=widening(days), unseen=unseen)[order],
        freedom=max(drawn_units(days) - 1, 1),
    )


def _by_agency(values: Floats, owned: Floats, times: Integers) -> tuple[Floats, Floats]:
    """Return estimates (n,) and draws (r, n) of agencies, from values (t, b) of their targets; owned: (n, t), 1 = is its own."""
    if not len(owned):
        return np.zeros(0), np.zeros((len(times), 0))
    share = (owned / owned.sum(axis=1, keepdims=True)).T
    whole = typical(values, np.ones((1, times.shape[1]), dtype=np.int64))
    again = typical(values, times)
    # A draw of none but blocks in which nothing is known of a target says nothing of it.
    return (whole @ share)[0], np.where(np.isnan(again), whole, again) @ share


def _without_failures(seconds: Floats, values: Floats) -> Floats:
    """Return values (t, b) without those that failed, of targets of which at least half are left."""
    left = np.where(np.isposinf(seconds), np.nan, values)
    known, before = (~np.isnan(left)).sum(axis=1), (~np.isnan(values)).sum(axis=1)
    enough = known >= SHARE_OF_BLOCKS * before
    return np.where(enough[:, np.newaxis], left, values)


def _shared(seconds: Floats, values: Floats) -> float:
    """Return the middle logarithm of what all targets share in a block: levelled values tell nothing without it."""
    ended = np.isfinite(seconds)
    return float(np.median(np.log(seconds[ended]) - values[ended])) if ended.any() else 0.0
