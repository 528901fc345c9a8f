"""Reads all results of a round that has ended from a store."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Kind, Nature, all_kinds
from thuocdo.core.model import Assessment, Round, TargetRole
from thuocdo.core.portals import Registry
from thuocdo.core.profiles import PROFILES
from thuocdo.publication.content import AgencyCoverage, RoundContent, TargetSummary, TimesCompared
from thuocdo.publication.issuing import IssuingBody
from thuocdo.publication.summaries import summarised
from thuocdo.reports.comparing import compared
from thuocdo.reports.times import TimesAsked
from thuocdo.score.scorecard import Ranking
from thuocdo.store import Store

SEED = 1
"""Of draws of a round that has no sealed seed."""


def read_content(
    store: Store,
    round_: Round,
    ranking: Ranking,
    registry: Registry,
    *,
    planned: Mapping[str, int] | None = None,
    issuer: IssuingBody | None = None,
    synthetic: bool = False,
    seed: int = SEED,
) -> RoundContent:
    """
    Return what a package of a round is made of; objections and the like are for the caller to add.

    Args:
        store: open.
        round_: has ended.
        ranking: of the round, as it is kept.
        registry: that the ranking is of.
        planned: how many probes of each agency were planned; None = as many as were taken or missed.
        issuer: of the report; None = its places stay blank.
        synthetic: the figures were made up by a program.
        seed: of the draws of the comparison of times.

    Raises:
        ConfigurationError: the round has not ended.
        StoreError: the store cannot be read.
    """
    if round_.ended_at is None:
        raise ConfigurationError(f"round '{round_.label}' has not ended; a package holds the results of one that has")
    summaries = _summaries(store, round_, registry)
    return RoundContent(
        round=round_,
        ranking=ranking,
        registry=registry,
        comparisons=tuple(_comparisons(store, round_, ranking, registry, seed)),
        summaries=summaries,
        coverage=_coverage(ranking, summaries, planned),
        assessments=_counting(store.assessments.all(), ranking),
        issuer=issuer,
        approved=round_.published_at is not None,
        synthetic=synthetic,
    )


def _comparisons(
    store: Store, round_: Round, ranking: Ranking, registry: Registry, seed: int
) -> Iterator[TimesCompared]:
    """Yield a comparison of home pages' times for each block and profile in which there is something to compare."""
    kind = _timing_kind()
    assert kind.main_value is not None, "it is the kind that has one"
    for block in ranking.criteria.blocks:
        for profile in ranking.profiles:
            if profile not in PROFILES:  # of a version that had others
                continue
            asked = TimesAsked(
                block=block,
                kind=kind.name,
                value=kind.main_value.name,
                profile=profile,
                since=round_.started_at,
                until=round_.ended_at or round_.started_at,
                round_label=round_.label,
                seed=seed,
            )
            times = compared(store, registry, ranking.criteria, asked, round_)
            if times.agencies:
                yield TimesCompared(asked=asked, times=times)


def _timing_kind() -> Kind:
    """Return the kind by which home pages are timed as people meet them."""
    return next(
        kind
        for kind in all_kinds().values()
        if kind.tells_use
        and TargetRole.HOMEPAGE in kind.roles
        and kind.main_value
        and kind.main_value.nature is Nature.DURATION
    )


def _summaries(store: Store, round_: Round, registry: Registry) -> list[TargetSummary]:
    kinds = all_kinds()
    names = {kind.name: tuple(value.name for value in kind.values) for kind in kinds.values()}
    owners = {target.id: target.agency_id for target in registry.targets.values()}
    return summarised(store.rollups.of_round(round_.id, names), owners, kinds)


def _coverage(
    ranking: Ranking, summaries: Iterable[TargetSummary], planned: Mapping[str, int] | None
) -> tuple[AgencyCoverage, ...]:
    taken: Counter[str] = Counter()
    conclusive: Counter[str] = Counter()
    for one in summaries:
        if one.ok is not None:
            taken[one.agency_id] += one.runs
            conclusive[one.agency_id] += one.ok + (one.failed or 0)
    cards = [one.scorecard for members in ranking.blocks.values() for one in members]
    return tuple(
        AgencyCoverage(
            agency_id=card.agency_id,
            planned=taken[card.agency_id] + card.missed if planned is None else planned.get(card.agency_id, 0),
            taken=taken[card.agency_id],
            conclusive=conclusive[card.agency_id],
        )
        for card in cards
    )


def _counting(entered: Iterable[Assessment], ranking: Ranking) -> tuple[Assessment, ...]:
    """Return the assessments that the ranking was computed by: of each agency and criterion the newest there was then."""
    newest = {
        (one.agency_id, one.criterion_id): one
        for one in entered
        if (one.round_id, one.criteria_set_id) == (ranking.round_id, ranking.criteria.id)
        and one.entered_at <= ranking.computed_at
    }
    return tuple(newest[key] for key in sorted(newest))
