"""
Scorecards to ranks, and the one way from a store to a ranking.

Which places an agency has: it stands behind all whose interval (95 %) lies wholly above its own, before all whose lies wholly
below, and anywhere among the others: `rank` is the first of these places, `rank_to` the last. Places rest on points that are
certain, so that whoever hides something from the probes never has a better one for it, and nobody else a worse one. Beside them
stand the best and the worst place that are possible at all. One agency with a wide interval has many places, and moves no other.
Nothing depends on the order of the input; the table is in the order of the scores, equal ones by the upper, then the lower end of
the interval, then by id.

Communes have two places, each by the same rule: one among all of the country, one among those of their province.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt

from thuocdo.core.model import Agency, Assessment, Block, MissedStarts
from thuocdo.core.portals import Registry
from thuocdo.score.coverage import taking_part
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.drawn_points import PointDraws, apart_targets, drawn_apart, with_drawn_places
from thuocdo.score.frame import TLS_SECONDS, run_frame
from thuocdo.score.scorecard import METHOD_VERSION, NotMeasured, RankedAgency, Ranking, Scorecard, Unranked
from thuocdo.score.scoring import metrics_read, score_agencies, value_metrics
from thuocdo.store import Runs, block_floor, instant_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DEFAULT_WINDOW = timedelta(days=30)
"""What a ranking looks back on where neither a round nor a start is given."""


Names = Mapping[str, Sequence[str]]
"""Of values, by kind of probe."""


class _ReadsRuns(Protocol):
    def between(self, since: datetime, until: datetime, names: Names, counted: Names) -> Runs:
        """Return the runs of a window, with the values of these names, and of how many runs there are those of others."""
        ...

    def of_round(
        self,
        round_id: str,
        names: Names,
        counted: Names,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Runs:
        """Return the runs of a round, or of a part of it."""
        ...


class _ReadsAssessments(Protocol):
    def all(self) -> Sequence[Assessment]:
        """Return everything that people assessed."""
        ...


class _ReadsMissed(Protocol):
    def totals(self, since: datetime, until: datetime) -> Iterable[MissedStarts]:
        """Return what was missed of each series in hours with since <= hour < until."""
        ...


class ReadSide(Protocol):
    """What ranking needs of a store."""

    @property
    def missed(self) -> _ReadsMissed:
        """Gives what was due and never started."""

    @property
    def rollups(self) -> _ReadsRuns:
        """Gives runs."""

    @property
    def assessments(self) -> _ReadsAssessments:
        """Gives what people assessed."""


def build_ranking(
    store: ReadSide,
    registry: Registry,
    criteria: CriteriaSet,
    *,
    now: datetime,
    round_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    planned: Mapping[str, int] | None = None,
    provisional: bool = False,
    draws_seed: int | None = None,
) -> Ranking:
    """
    Rank the agencies of a registry by stored measurements.

    Measurements of targets that the registry does not hold, or whose portal has been replaced, take no part; communes none where
    the set does not rank them.

    Args:
        store: see ReadSide.
        registry: the agencies and targets to rank.
        criteria: the criteria set.
        now: instant of the ranking.
        round_id: take one round's measurements only.
        since: first scheduled instant; None without a round = DEFAULT_WINDOW before the end, from the beginning of that block of
            two hours: of a whole block roll-ups tell everything.
        until: scheduled instants before this one; None = now without a round, open with one.
        planned: how many runs of each target and profile the round has, by kind, where it is known and the round is not cut.
        provisional: the round is not at its end.
        draws_seed: of the draws by which places are told as well; None = they are not.

    Raises:
        StoreError: the store cannot be read.
    """
    registry = registry.of_blocks(shown_blocks(criteria))
    targets = registry.ranked_targets()
    if round_id is None:
        until = until or now
        since = since or block_floor(until - DEFAULT_WINDOW)
        found = store.rollups.between(since, until, names_read(criteria), names_counted())
    else:
        found = store.rollups.of_round(round_id, names_read(criteria), names_counted(), since=since, until=until)
    compared = drawn_apart(Counter(agency.block for agency in registry.agencies.values()))
    compared = compared if draws_seed is not None else frozenset()
    frame = run_frame(found, targets=targets, apart=apart_targets(targets, compared))
    # The jobs of a round wait for their turn: none is ever missed.
    missed = store.missed.totals(since, until) if since and until else ()
    known_by = until or now
    scores = score_agencies(
        frame,
        criteria,
        registry.agencies,
        assessments=[one for one in store.assessments.all() if one.entered_at <= known_by and one.round_id == round_id],
        missed=taking_part(missed, targets, _kinds(criteria)),
        planned=planned,
        targets=[target for target in targets.values() if target.probed],
        provisional=provisional,
    )
    blocks = _ranked(scores.cards, criteria, registry)
    if draws_seed is not None:
        asked = PointDraws(
            seed=draws_seed,
            criteria=criteria,
            planned=planned or {},
            targets=[target for target in targets.values() if target.probed],
        )
        blocks = with_drawn_places(blocks, frame, asked, compared)
    groups = frame.groups
    return Ranking(
        criteria=criteria,
        criteria_digest=criteria.digest,
        registry_digest=registry.digest,
        method_version=METHOD_VERSION,
        round_id=round_id,
        since=since,
        until=until,
        computed_at=now,
        first_at=instant_of(int(groups["first_at"].min())) if len(groups) else None,
        last_at=instant_of(int(groups["last_at"].max())) if len(groups) else None,
        measurements=int(groups["runs"].sum()),
        from_rollups=found.sources.rolled_up,
        from_measurements=found.sources.raw,
        runs=sum(card.runs for card in scores.cards.values()),
        profiles=tuple(sorted(groups["profile"].unique())),
        not_counted=scores.not_counted,
        agencies={name: registry.agencies[name] for name in scores.cards},
        blocks=blocks,
    )


def _ranked(
    cards: Mapping[str, Scorecard], criteria: CriteriaSet, registry: Registry
) -> dict[Block, tuple[RankedAgency, ...]]:
    """Return the agencies of each block that is shown, in order."""
    probed = {target.agency_id for target in registry.probed_targets()}
    found = {}
    for block in shown_blocks(criteria):
        some = [card for card in cards.values() if card.block is block]
        found[block] = (
            rank_communes(some, criteria, probed=probed, agencies=registry.agencies)
            if block is Block.COMMUNE
            else rank(some, criteria, probed=probed)
        )
    return found


def shown_blocks(criteria: CriteriaSet) -> tuple[Block, ...]:
    """
    Return the blocks whose agencies a ranking holds: those that the set ranks, and the others to be seen without a rank.

    Communes only where they are ranked: thousands of rows that say "not ranked" tell nobody anything, and cost all who wait.
    """
    return tuple(block for block in Block if block in criteria.blocks or block is not Block.COMMUNE)


def rank(scorecards: Iterable[Scorecard], criteria: CriteriaSet, *, probed: Iterable[str]) -> tuple[RankedAgency, ...]:
    """
    Put the agencies of one block in order: ranked ones first, then the others by id.

    Args:
        scorecards: of one block.
        criteria: the set they were scored by; it says what a rank takes.
        probed: ids of agencies that have a target which may be probed.
    """
    may_be_probed = frozenset(probed)
    cards = sorted(scorecards, key=_order)
    reasons = {
        card.agency_id: unranked_reason(card, criteria, probed=card.agency_id in may_be_probed) for card in cards
    }
    others = [card for card in cards if reasons[card.agency_id] is not None]
    return (
        *_placed([card for card in cards if reasons[card.agency_id] is None]),
        *(
            RankedAgency(scorecard=card, unranked_reason=reasons[card.agency_id])
            for card in sorted(others, key=lambda card: card.agency_id)
        ),
    )


def rank_communes(
    scorecards: Iterable[Scorecard], criteria: CriteriaSet, *, probed: Iterable[str], agencies: Mapping[str, Agency]
) -> tuple[RankedAgency, ...]:
    """
    Put communes in order: over the whole country as `rank` does, each with its place among those of its province beside.

    Args:
        scorecards: of communes.
        criteria: the set they were scored by.
        probed: ids of agencies that have a target which may be probed.
        agencies: by id, the communes among them.
    """
    may_be_probed = frozenset(probed)
    of_province: dict[str | None, list[Scorecard]] = defaultdict(list)
    cards = list(scorecards)
    for card in cards:
        of_province[agencies[card.agency_id].parent_id].append(card)
    local = {
        one.scorecard.agency_id: one
        for members in of_province.values()
        for one in rank(members, criteria, probed=may_be_probed)
    }
    return tuple(
        replace(
            one,
            rank_in_province=local[one.scorecard.agency_id].rank,
            rank_in_province_to=local[one.scorecard.agency_id].rank_to,
            best_rank_in_province=local[one.scorecard.agency_id].best_rank,
            worst_rank_in_province=local[one.scorecard.agency_id].worst_rank,
        )
        for one in rank(cards, criteria, probed=may_be_probed)
    )


def unranked_reason(card: Scorecard, criteria: CriteriaSet, *, probed: bool) -> Unranked | None:
    """Return why an agency has no rank, or None where it has one."""
    if card.block not in criteria.blocks:
        return Unranked.OTHER_BLOCK
    if not card.measurements:
        return Unranked.NO_MEASUREMENTS if probed else Unranked.NOT_PROBED
    if card.notice:
        return Unranked.NOTICE_PAGE
    # Whoever lets no probe in does not escape a rank by it: that is not our coverage that is low.
    if not card.runs and not card.reached_ratio:
        return Unranked.NOTHING_MEASURED
    if (card.reached_ratio or 0.0) < criteria.minimum_coverage_ratio:
        return Unranked.LOW_COVERAGE
    is_enough = card.machine_points >= criteria.minimum_measured_ratio * criteria.measurable_points
    if card.machine_points and card.counted_points and is_enough and not card.lacks:
        return None
    few = NotMeasured.TOO_FEW_RUNS in card.not_measured.values()
    return Unranked.TOO_FEW_RUNS if few else Unranked.TOO_LITTLE_MEASURED


def _order(card: Scorecard) -> tuple[float, float, float, str]:
    return (-(card.total_ratio or 0.0), -(card.ci_high or 0.0), -(card.ci_low or 0.0), card.agency_id)


def _placed(cards: Sequence[Scorecard]) -> Iterator[RankedAgency]:
    """Yield the cards, in their order, with the places that they have among each other."""
    certain_low, certain_high = _ends(card.ci_low for card in cards), _ends(card.ci_high for card in cards)
    possible_high = _ends(card.possible_high for card in cards)
    rank, rank_to = _places(certain_low, certain_high)
    best_rank, worst_rank = _places(certain_low, possible_high)
    for card, *places in zip(cards, rank, rank_to, best_rank, worst_rank, strict=True):
        first, last, best, worst = map(int, places)
        yield RankedAgency(scorecard=card, rank=first, rank_to=last, best_rank=best, worst_rank=worst)


def _ends(ends: Iterable[float | None]) -> Floats:
    return np.array([0.0 if end is None else end for end in ends], dtype="float64")


def _places(low: Floats, high: Floats) -> tuple[Integers, Integers]:
    """Return the first and the last place of each interval: behind all that lie above it, before all that lie below."""
    first = 1 + len(low) - np.searchsorted(np.sort(low), high, side="right")
    last = len(low) - np.searchsorted(np.sort(high), low, side="left")
    return first, last


def _kinds(criteria: CriteriaSet) -> frozenset[str]:
    """Return the kinds of probe that the criteria of a set read."""
    return frozenset(one.metric.partition(".")[0] for one in criteria.criteria if one.metric)


def names_read(criteria: CriteriaSet) -> dict[str, tuple[str, ...]]:
    """Return the values that a ranking by these criteria reads, by kind; some kinds it only counts."""
    names: dict[str, list[str]] = {metric.partition(".")[0]: [] for metric, _ in metrics_read(criteria)}
    for metric in value_metrics(criteria):
        kind, _, name = metric.partition(".")
        names[kind].append(name)
    return {kind: tuple(some) for kind, some in names.items()}


def names_counted() -> dict[str, tuple[str, ...]]:
    """Return the values of which rankings count how many runs have one, by kind."""
    kind, _, name = TLS_SECONDS.partition(".")
    return {kind: (name,)}
