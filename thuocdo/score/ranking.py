"""
Scorecards to ranks, and the one way from a store to a ranking.

Who shares a rank: the agencies of a block are put in order of their scores; going down, an agency joins the group above it as
long as the intervals (95 %) of all members have a point in common, else it opens the next group. A group holds the places of its
members: `rank` is the first of them, `rank_to` the last, and the next group starts right after, so a shared rank inflates no
other. Since the whole group must agree on a point, one agency with a wide interval cannot pull everybody onto its own rank.
Nothing depends on the order of the input; equal scores are ordered by the upper, then the lower end of the interval, then by id.

Communes have two places, each by the same rule: one among all of the country, one among those of their province.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from thuocdo.core.model import Agency, Assessment, Block, MissedStarts
from thuocdo.core.portals import Registry
from thuocdo.score.coverage import taking_part
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.frame import TLS_SECONDS, run_frame
from thuocdo.score.scorecard import METHOD_VERSION, NotMeasured, RankedAgency, Ranking, Scorecard, Unranked
from thuocdo.score.scoring import metrics_read, score_agencies, value_metrics
from thuocdo.store import Runs, block_floor, instant_of

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

    Raises:
        StoreError: the store cannot be read.
    """
    registry = registry.of_blocks(shown_blocks(criteria))
    if round_id is None:
        until = until or now
        since = since or block_floor(until - DEFAULT_WINDOW)
        found = store.rollups.between(since, until, names_read(criteria), names_counted())
    else:
        found = store.rollups.of_round(round_id, names_read(criteria), names_counted(), since=since, until=until)
    frame = run_frame(found, targets=registry.ranked_targets())
    # The jobs of a round wait for their turn: none is ever missed.
    missed = store.missed.totals(since, until) if since and until else ()
    known_by = until or now
    scorecards = score_agencies(
        frame,
        criteria,
        registry.agencies,
        assessments=[one for one in store.assessments.all() if one.entered_at <= known_by],
        missed=taking_part(missed, registry.ranked_targets(), _kinds(criteria)),
    )
    probed = {target.agency_id for target in registry.probed_targets()}
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
        runs=sum(card.runs for card in scorecards.values()),
        profiles=tuple(sorted(groups["profile"].unique())),
        blocks={
            block: rank([card for card in scorecards.values() if card.block is block], criteria, probed=probed)
            if block is not Block.COMMUNE
            else rank_communes(
                [card for card in scorecards.values() if card.block is block],
                criteria,
                probed=probed,
                agencies=registry.agencies,
            )
            for block in shown_blocks(criteria)
        },
    )


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
    ranked: list[RankedAgency] = []
    for group in _groups([card for card in cards if reasons[card.agency_id] is None]):
        first = len(ranked) + 1
        last = len(ranked) + len(group)
        ranked += [RankedAgency(scorecard=card, rank=first, rank_to=last) for card in group]
    others = [card for card in cards if reasons[card.agency_id] is not None]
    return (
        *ranked,
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
    if not card.runs:
        return Unranked.NOTHING_MEASURED
    if (card.coverage_ratio or 0.0) < criteria.minimum_coverage_ratio:
        return Unranked.LOW_COVERAGE
    if card.machine_points and card.machine_points >= criteria.minimum_measured_ratio * criteria.measurable_points:
        return None
    few = NotMeasured.TOO_FEW_RUNS in card.not_measured.values()
    return Unranked.TOO_FEW_RUNS if few else Unranked.TOO_LITTLE_MEASURED


def _order(card: Scorecard) -> tuple[float, float, float, str]:
    return (-(card.total_ratio or 0.0), -(card.ci_high or 0.0), -(card.ci_low or 0.0), card.agency_id)


def _groups(cards: Sequence[Scorecard]) -> list[list[Scorecard]]:
    """Cut the ordered cards into runs whose intervals all have a point in common."""
    groups: list[list[Scorecard]] = []
    low = high = 0.0
    for card in cards:
        card_low, card_high = card.ci_low or 0.0, card.ci_high or 0.0
        if groups and max(low, card_low) <= min(high, card_high):
            groups[-1].append(card)
            low, high = max(low, card_low), min(high, card_high)
        else:
            groups.append([card])
            low, high = card_low, card_high
    return groups


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
