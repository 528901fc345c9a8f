"""A comparison of times as it is asked for: read from the store, of a round or of some days."""

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Round, TargetRole
from thuocdo.core.portals import Registry
from thuocdo.core.profiles import PROFILES
from thuocdo.reports.times import TimesAsked
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.typical_times import TypicalTimes, typical_times
from thuocdo.store import Store


def compared(
    store: Store, registry: Registry, criteria: CriteriaSet, asked: TimesAsked, round_: Round | None
) -> TypicalTimes:
    """
    Return the comparison that is asked for.

    Args:
        store: open.
        registry: the agencies, as of the day that counts.
        criteria: says which kinds of page are ranked.
        asked: block, kind, value, profile, window and seed.
        round_: its measurements alone; None = those of the window.

    Raises:
        StoreError: the store cannot be read.
    """
    targets = [
        target
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
