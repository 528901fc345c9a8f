"""From a store to a comparison of times: which targets, runs and deadline the question that was asked is about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from thuocdo.core.kinds.kind import Kind, all_kinds
from thuocdo.core.model import Block, Round, TargetRole
from thuocdo.core.portals import Registry
from thuocdo.core.profiles import PROFILES
from thuocdo.reports.times import TimesAsked
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.typical_times import TypicalTimes, typical_times
from thuocdo.store import Store

SEED = 1
"""Of a comparison that belongs to no round with a seed of its own: the same data tell the same whoever asks."""


def asked_of_round(
    round_: Round, block: Block, kind: Kind, profile: str, *, until: datetime, seed: int = SEED
) -> TimesAsked:
    """
    Return the question about one block and profile of a round.

    Args:
        round_: the round.
        block: whose agencies are compared.
        kind: of probe; it has a main value.
        profile: device and line.
        until: the end of a round that has not ended.
        seed: of the draws.
    """
    assert kind.main_value is not None, "kinds without one are refused"
    return TimesAsked(
        block=block,
        kind=kind.name,
        value=kind.main_value.name,
        profile=profile,
        since=round_.started_at,
        until=round_.ended_at or until,
        round_label=round_.label,
        seed=seed,
    )


def compared(
    store: Store,
    registry: Registry,
    criteria: CriteriaSet,
    asked: TimesAsked,
    round_: Round | None,
    heirs: Mapping[str, str] = MappingProxyType({}),
) -> TypicalTimes:
    """
    Return the comparison that is asked for.

    Args:
        store: open.
        registry: the agencies and targets, as of the day that counts.
        criteria: says which kinds of home page are ranked.
        asked: of which block, by what, when.
        round_: take this round's runs; None = those of the asked window.
        heirs: who has the duties now of agencies that are gone, by id.

    Raises:
        StoreError: the store cannot be read.
    """
    targets = [
        replace(target, agency_id=heirs.get(target.agency_id, target.agency_id))
        for target in registry.ranked_targets().values()
        if target.block is asked.block and target.role is TargetRole.HOMEPAGE
    ]
    names = {asked.kind: (asked.value,)}
    rollups = store.rollups
    return typical_times(
        rollups.of_round(round_.id, names) if round_ else rollups.by_block(asked.since, asked.until, names),
        targets,
        value=asked.value,
        profile=asked.profile,
        page_kinds=criteria.page_kinds_ranked,
        longest_seconds=PROFILES[asked.profile].deadline_seconds(all_kinds()[asked.kind].deadline_seconds),
        seed=asked.seed,
    )
