"""
Which criteria count for the ranks of a block: those by which all of its agencies can be compared.

- One that probes read counts where every agency of the block has a target for it in the registry: a lack there is ours, so none
  gains or loses by it; and where something is known by it, if only that it was hidden, of half of the agencies at least that
  anything is known of. What an agency hides changes neither.
- Points that people enter count where every agency of the block that was measured has some.

By a criterion that counts and of which nothing is known for an agency, not even that it was hidden, something at us failed: the
agency has no rank until it has been measured. While a round is under way it may still come: then it stands for 0 to all.
"""

from collections.abc import Iterable, Mapping

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Agency, Block, Target, TargetRole
from thuocdo.score.criteria import CriteriaSet, Criterion
from thuocdo.score.totals import Earned

LEAST_SHARE = 0.5
"""Of the agencies of a block, below which a criterion has only begun to be measured."""


class Counting:
    """
    Decides it for all blocks.

    Args:
        criteria: the set.
        agencies: of all blocks.
        targets: those that may be probed and count for a rank; none = every agency has some for everything.
        earned: by agency and criterion.
        provisional: a round is under way.
    """

    def __init__(
        self,
        criteria: CriteriaSet,
        agencies: Iterable[Agency],
        targets: Iterable[Target],
        earned: Mapping[str, Mapping[str, Earned]],
        *,
        provisional: bool,
    ) -> None:
        self._worth = {one.id: one.points for one in criteria.criteria}
        self._provisional = provisional
        self._without: dict[Block, dict[str, tuple[str, ...]]] = {}
        self._counted: dict[Block, frozenset[str]] = {}
        roles: dict[str, set[TargetRole]] = {}
        for target in targets:
            roles.setdefault(target.agency_id, set()).add(target.role)
        members: dict[Block, list[str]] = {}
        for agency in agencies:
            if not roles or roles.get(agency.id):
                members.setdefault(agency.block, []).append(agency.id)
        for block, ids in members.items():
            # An agency of which only a form is registered is not held against home pages.
            at_home = [one for one in ids if TargetRole.HOMEPAGE in roles.get(one, ())] or ids
            measured = [one for one in at_home if any(points.kind for points in earned[one].values())]
            counted, self._without[block] = set(), {}
            for criterion in criteria.criteria:
                unknown = tuple(one for one in measured if criterion.id not in earned[one])
                without = unknown if criterion.by_hand else _without_target(criterion, at_home, roles)
                has_begun = len(unknown) <= (1 - LEAST_SHARE) * len(measured)
                if measured and not without and has_begun:
                    counted.add(criterion.id)
                else:
                    self._without[block][criterion.id] = without or unknown
            self._counted[block] = frozenset(counted)

    def counted(self, block: Block) -> frozenset[str]:
        """Return the ids of the criteria that count in a block."""
        return self._counted.get(block, frozenset())

    def without(self, block: Block) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of those that do not, each with the agencies because of which."""
        return self._without.get(block, {})

    def of_agency(self, agency: Agency, earned: Mapping[str, Earned]) -> dict[str, Earned]:
        """Return what an agency earned by the criteria that count; nothing at all where nothing is known of it."""
        counted = self.counted(agency.block)
        known = {name: one for name, one in earned.items() if name in counted}
        if not any(one.kind for one in known.values()):
            return {}
        return {
            name: known.get(name)
            or Earned(points=0.0, low=0.0, high=0.0, possible=self._worth[name], possible_high=self._worth[name])
            for name in self._worth
            if name in counted
        }

    def lacks(self, agency: Agency, earned: Mapping[str, Earned]) -> tuple[str, ...]:
        """Return the criteria that count and of which nothing is known for an agency, so that it has no rank."""
        if self._provisional:
            return ()
        counted = self.counted(agency.block)
        return tuple(name for name in self._worth if name in counted and name not in earned)


def _without_target(
    criterion: Criterion, members: Iterable[str], roles: Mapping[str, set[TargetRole]]
) -> tuple[str, ...]:
    """Return the agencies that have no target which the criterion could be measured at."""
    wanted = all_kinds()[(criterion.metric or "").partition(".")[0]].roles
    return tuple(one for one in members if roles and not roles[one] & wanted)
