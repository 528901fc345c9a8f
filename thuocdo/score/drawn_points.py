"""
Which places agencies hold by their points: the round's days are drawn again and again, and each time the points added up anew.

The same draws for all agencies and all criteria, as for times (`rank_sets.py`): two agencies are told apart where the difference
of their points is larger than any difference of two equal ones would be in 95 of 100 rounds. What people entered is the same in
each draw: how sure they were is not known. Points are certain ones: what was hidden counts as the worst there is, in each draw.

These places stand beside those of the intervals (`ranking.py`), from which nobody can gain by hiding: a portal that hides a day
becomes more uncertain by it, and so do the differences from it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import ceil, inf

import numpy as np

from thuocdo.core.model import Block, Target
from thuocdo.score.criteria import CriteriaSet, Criterion, Statistic
from thuocdo.score.earning import QUANTILES
from thuocdo.score.frame import RunFrame, absent_units, failed_runs, hidden_runs, judged, ratio_rows, values_of_units
from thuocdo.score.points import earned_ratios
from thuocdo.score.rank_sets import DRAWS, FEWEST_DAYS, Floats, Integers, drawn_blocks, rank_sets, tells_order
from thuocdo.score.scorecard import PlacesByDraws, RankedAgency, Scorecard

MOST_AGENCIES = 200
"""Of a block, each of which is compared with each: of thousands no order of all could be told anyway."""

BLOCKS_A_DAY = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PointDraws:
    """
    What is needed to draw the points of a round again.

    seed: of the draws. criteria: the set. planned: how many runs of each target and profile the round had, by kind. targets: that
    may be probed.
    """

    seed: int
    criteria: CriteriaSet
    planned: Mapping[str, int]
    targets: Sequence[Target]
    draws: int = DRAWS


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnTotals:
    """Points of agencies, of all that count: certain, (n,) of the round, and (r, n) of each draw."""

    points: Floats
    drawn: Floats


def points_seed(seed: str) -> int:
    """Return what the draws of a round's points start from: 48 bits of SHA-256(seed, hexadecimal ‖ "points")."""
    return int.from_bytes(sha256(bytes.fromhex(seed) + b"points").digest()[:6])


def drawn_apart(blocks: Mapping[Block, int]) -> frozenset[Block]:
    """Return the blocks whose agencies are compared; blocks: how many agencies each has."""
    return frozenset(block for block, number in blocks.items() if number <= MOST_AGENCIES)


def with_drawn_places(
    members: Mapping[Block, tuple[RankedAgency, ...]], frame: RunFrame, asked: PointDraws, compared: Collection[Block]
) -> dict[Block, tuple[RankedAgency, ...]]:
    """
    Return ranked agencies with the places that draws give them; as they are where a round has too few days to tell.

    Args:
        members: by block.
        frame: of the round, not judged; rows of agencies of these blocks hold runs of one block of time each.
        asked: see PointDraws.
        compared: blocks of agencies that are drawn.
    """
    drawing = _Drawing(frame, asked)
    if not tells_order(drawing.days) or len(np.unique(drawing.days)) < FEWEST_DAYS:
        return dict(members)
    return {block: tuple(drawing.placed(some)) if block in compared else some for block, some in members.items()}


class _Drawing:
    """Everything that is drawn once, for all agencies."""

    def __init__(self, frame: RunFrame, asked: PointDraws) -> None:
        self._asked = asked
        apart = frame.groups["time_block"] >= 0
        self._whole = judged(replace(frame, groups=frame.groups[apart]), asked.criteria.page_kinds_ranked)
        rows = self._whole.groups
        self._blocks: Integers = np.unique(rows["time_block"].to_numpy(dtype=np.int64))
        self.days: Integers = self._blocks // BLOCKS_A_DAY
        self._times = drawn_blocks(self.days, asked.seed, asked.draws) if len(self._blocks) else np.zeros((0, 0), int)
        cells = rows.drop_duplicates(["unit", "time_block"]).sort_values(["unit", "time_block"])
        self._cells = cells[["unit", "time_block"]].reset_index(drop=True)
        numbers = {key: number for number, key in enumerate(self._cells.itertuples(index=False, name=None))}
        of_cell = [numbers[key] for key in rows[["unit", "time_block"]].itertuples(index=False, name=None)]
        self._fine = replace(self._whole, groups=rows.assign(unit=of_cell))
        self._place = np.searchsorted(self._blocks, self._cells["time_block"].to_numpy(dtype=np.int64))
        self._unit_of_cell: list[int] = self._cells["unit"].tolist()
        owners = rows.drop_duplicates("unit")
        self._agency: dict[int, str] = dict(zip(owners["unit"].tolist(), owners["agency_id"].tolist(), strict=True))
        self._shares: dict[str, dict[str, list[Floats]]] = {}

    def placed(self, members: Sequence[RankedAgency]) -> Iterable[RankedAgency]:
        """Return the members of a block, the ranked ones with their places."""
        ranked = [one for one in members if one.rank is not None]
        totals = self.totals([one.scorecard for one in ranked])
        sets = rank_sets(-totals.points, -totals.drawn, days=self.days)
        places = {
            one.scorecard.agency_id: PlacesByDraws(
                first=int(sets.first[n]),
                last=int(sets.last[n]),
                own_first=int(sets.own_first[n]),
                own_last=int(sets.own_last[n]),
                among_first=float(sets.among_first[n]),
                among_last=float(sets.among_last[n]),
            )
            for n, one in enumerate(ranked)
        }
        return [replace(one, drawn=places.get(one.scorecard.agency_id)) for one in members]

    def totals(self, cards: Sequence[Scorecard]) -> DrawnTotals:
        """Return the points of agencies of one block, in their order."""
        points, drawn = np.zeros(len(cards)), np.zeros((len(self._times), len(cards)))
        for criterion in self._asked.criteria.criteria:
            shares = self._shares_of(criterion)
            for number, card in enumerate(cards):
                if criterion.id in card.not_counted:
                    continue
                if criterion.metric is None:
                    entered = card.points.get(criterion.id) or 0.0
                    points[number] += entered
                    drawn[:, number] += entered
                elif some := shares.get(card.agency_id):
                    mean = np.mean(some, axis=0) * criterion.points
                    points[number] += mean[0]
                    drawn[:, number] += mean[1:]
        return DrawnTotals(points=points, drawn=drawn)

    def _shares_of(self, criterion: Criterion) -> dict[str, list[Floats]]:
        """Return for each agency the shares of points of its units: (1 + r,), of the round and of each draw."""
        if criterion.metric is None:
            return {}
        if criterion.id not in self._shares:
            self._shares[criterion.id] = self._computed(criterion)
        return self._shares[criterion.id]

    def _computed(self, criterion: Criterion) -> dict[str, list[Floats]]:
        metric, curve = criterion.metric, criterion.curve
        assert metric is not None
        assert curve is not None
        planned, kind = self._asked.planned, metric.partition(".")[0]
        hidden = hidden_runs(self._whole, metric, planned)
        within = hidden_runs(self._whole, metric, {})
        cells = self._by_unit(self._counted(criterion))
        told: dict[str, list[Floats]] = defaultdict(list)
        fewest = criterion.minimum_runs or self._asked.criteria.minimum_runs
        for unit in sorted({*cells, *hidden}):
            some = cells.get(unit, _Cells())
            # What was planned and never came lies in no block: it counts in each draw alike.
            lacking = hidden.get(unit, 0) - within.get(unit, 0)
            due = some.number + lacking
            if due < fewest:
                continue
            statistic = (
                some.statistic(criterion, self._times, lacking)
                if due - hidden.get(unit, 0) >= fewest
                else np.full(1 + len(self._times), np.nan)
            )
            is_lost = np.isnan(statistic)
            told[self._agency[unit]].append(
                np.where(is_lost, 0.0, earned_ratios(curve, np.where(is_lost, 1.0, statistic)))
            )
        for agency_id in absent_units(self._whole, kind, self._asked.targets) if planned.get(kind) else ():
            told[agency_id].append(np.zeros(1 + len(self._times)))
        return told

    def _counted(self, criterion: Criterion) -> "dict[int, _Cells]":
        """Return what each cell, a unit in a block of time, says of a criterion."""
        metric, curve = criterion.metric, criterion.curve
        assert metric is not None
        assert curve is not None
        hidden, found = hidden_runs(self._fine, metric, {}), defaultdict[int, _Cells](_Cells)
        if criterion.statistic is Statistic.RATIO:
            for cell, runs, success in ratio_rows(self._fine, metric)[["unit", "runs", "success"]].itertuples(
                index=False, name=None
            ):
                found[cell].add(0.0, self._place[cell], runs - success)
                found[cell].add(1.0, self._place[cell], success)
            for cell, runs in hidden.items():
                found[cell].add(0.0, self._place[cell], runs)
            return found
        worst = inf if curve.falls else -inf
        for cell, pieces in values_of_units(self._fine, metric).items():
            for value in np.concatenate(pieces) if pieces else ():
                found[cell].add(float(value), self._place[cell], 1)
        for more in (failed_runs(self._fine, metric), hidden):
            for cell, runs in more.items():
                found[cell].add(worst, self._place[cell], runs)
        return found

    def _by_unit(self, cells: "Mapping[int, _Cells]") -> "dict[int, _Cells]":
        found: dict[int, _Cells] = defaultdict(_Cells)
        for cell, some in cells.items():
            found[self._unit_of_cell[cell]].join(some)
        return found


class _Cells:
    """Values of some runs, each with the block of time that it lies in, and of how many runs it is."""

    def __init__(self) -> None:
        self._values: list[tuple[float, int, int]] = []

    def add(self, value: float, place: int, runs: int) -> None:
        """Add runs of one value in a block of time."""
        if runs > 0:
            self._values.append((value, int(place), int(runs)))

    def join(self, others: "_Cells") -> None:
        """Add those of another one."""
        self._values += others._values  # noqa: SLF001 of its own kind

    @property
    def number(self) -> int:
        """How many runs these are."""
        return sum(runs for _, _, runs in self._values)

    def statistic(self, criterion: Criterion, times: Integers, lacking: int) -> Floats:
        """
        Return (1 + r,) the criterion's statistic of the round, and of each draw.

        Args:
            criterion: one that probes read.
            times: (r, b), how often each block of time was drawn.
            lacking: runs that lie in no block, each the worst there is.
        """
        assert criterion.curve is not None
        values = np.array([value for value, _, _ in self._values])
        runs = np.array([number for _, _, number in self._values], dtype=np.int64)
        blocks = np.array([place for _, place, _ in self._values], dtype=np.int64)
        weights = np.concatenate([runs[np.newaxis], times[:, blocks] * runs])
        if criterion.statistic is Statistic.RATIO:
            whole = weights.sum(axis=1) + lacking
            with np.errstate(invalid="ignore"):
                return _or_first((weights @ values) / whole)
        if lacking:
            values = np.append(values, inf if criterion.curve.falls else -inf)
            weights = np.concatenate([weights, np.full((len(weights), 1), lacking)], axis=1)
        assert criterion.statistic is not None
        return _or_first(_weighted_quantile(values, weights, QUANTILES[criterion.statistic]))


def _weighted_quantile(values: Floats, weights: Integers, quantile: float) -> Floats:
    """Return (r,) the quantile of values (m,), each taken as often as its weight (r, m); see `medians.quantiles`. NaN of none."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=1)
    whole = reached[:, -1]
    if quantile == 0.5:
        places = [(whole - 1) // 2, whole // 2]
    else:
        places = [np.array([ceil(quantile * int(one)) - 1 for one in whole], dtype=np.int64)]
    ordered = values[order]
    # The first whose weight, added up, goes beyond a place is the run in that place.
    told = [ordered[np.minimum((reached <= place[:, np.newaxis]).sum(axis=1), len(ordered) - 1)] for place in places]
    first, last = told[0], told[-1]
    with np.errstate(invalid="ignore"):
        middle = np.where(first == -inf, -inf, (first + last) / 2)
    return np.where(whole > 0, middle, np.nan)


def _or_first(values: Floats) -> Floats:
    """Return values, where there is none the first one: a draw of none of a unit's blocks says nothing of it."""
    return np.where(np.isnan(values), values[0], values)


def apart_targets(targets: Mapping[str, Target], compared: Collection[Block]) -> frozenset[str]:
    """Return the ids of the targets whose runs are kept apart by blocks of time."""
    return frozenset(name for name, target in targets.items() if target.block in compared)
