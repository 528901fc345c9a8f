"""
The rules by which incidents are judged, and what judging must know besides the readings.

All figures are our own: no official text says when a portal counts as down. They are chosen so that a probe a minute tells an
outage within three minutes, and a single lost packet wakes nobody.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Protocol

from thuocdo.core.kinds.kind import all_kinds, answering_kind
from thuocdo.core.model import Block, MeasurementKey, Target

GAP_CADENCES = 5
SHORTEST_GAP = timedelta(seconds=60)
"""Probes that are due every few seconds are easily missed by a busy prober for a moment."""

POOR_SECONDS = 4.0
"""A page whose main content comes later is poor. Source: criteria for state websites 2025 (largest contentful paint)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRule:
    """
    When answers of one kind of probe are slow for long enough to be an incident.

    value: name of the time that is judged. last: the median of so many counts. limit_seconds: it must lie above. gap: times
    further apart do not belong together.
    """

    value: str
    last: int
    limit_seconds: float = POOR_SECONDS
    gap: timedelta = timedelta(minutes=5)


@cache
def slow_rules() -> Mapping[str, SlowRule]:
    """Return the rule of each kind of probe that has a time which can be an incident."""
    return {
        kind.name: SlowRule(value=value.name, last=value.slowness.last, gap=value.slowness.gap)
        for kind in all_kinds().values()
        for value in kind.values
        if value.slowness
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """
    What confirms, resolves, groups and suppresses.

    confirm_failures, of_last: so many of the last conclusive probes failed, the newest two in a row; least_span: and not within
    less than this, whatever the pace. resolve_ok: so many in a
    row are ok. gap: probes further apart than this do not follow each other: they confirm nothing and end nothing; falls count
    as together within it; gaps: of blocks that are probed at a pace of their own. least_fallen, fallen_share: so many targets
    of a vantage point, and such a share of them, that fall together are the vantage point's incident; of several paces the
    fastest tells. least_portals, family_share: the same for the portals of a family. calm_share: of the others less than this
    share may fall, else it is no matter of the family. back_share: a common incident is over once such a share of its members
    is back. slow_factor, fine_factor: slow above so many times the usual, fine again below so many times; fine_limit_share: or
    below this share of the limit. page_gaps: of kinds, other than the one that answers, that tell which page stands at an
    address.
    """

    confirm_failures: int = 3
    of_last: int = 5
    least_span: timedelta = timedelta(seconds=10)
    resolve_ok: int = 2
    gap: timedelta = timedelta(minutes=5)
    gaps: Mapping[Block, timedelta] = field(default_factory=dict)
    least_fallen: int = 5
    fallen_share: float = 0.5
    least_portals: int = 3
    family_share: float = 0.5
    calm_share: float = 0.25
    back_share: float = 0.75
    slow: Mapping[str, SlowRule] = field(default_factory=slow_rules)
    slow_factor: float = 3.0
    fine_factor: float = 2.0
    fine_limit_share: float = 0.8
    page_gaps: Mapping[tuple[str, Block], timedelta] = field(default_factory=dict)

    @property
    def shortest_gap(self) -> timedelta:
        """The gap of those that are probed most often."""
        return min((self.gap, *self.gaps.values()))

    def gap_for(self, target: Target | None) -> timedelta:
        """Return the gap of a target; of one that is not registered that of most."""
        return self.gap if target is None else self.gaps.get(target.block, self.gap)

    def page_gap_for(self, kind: str, target: Target | None) -> timedelta:
        """Return the gap of a target between readings of a kind that tell which page stands there, or whether it works."""
        if kind == answering_kind().name:
            return self.gap_for(target)
        usual = self.slow[kind].gap if kind in self.slow else gap_of(all_kinds()[kind].cadence.every_seconds)
        return usual if target is None else self.page_gaps.get((kind, target.block), usual)


def gap_of(every_seconds: float) -> timedelta:
    """Return the gap for a kind that is probed every so many seconds."""
    return max(SHORTEST_GAP, GAP_CADENCES * timedelta(seconds=every_seconds))


class PlannedMaintenance(Protocol):
    """Planned maintenance, once or again and again; the same for the same."""

    def holds(self, instant: datetime) -> bool:
        """Tell whether an instant lies within it."""
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class JudgingContext:
    """
    What judging must know besides readings.

    targets: those that are judged, by id. is_excluded: whether an instant of a target lies in planned maintenance. windows: of
    those targets that have any; what `is_excluded` follows from. usual_seconds: median of a series' times in the seven days
    before the day of a reading; None = too few to say.
    """

    targets: Mapping[str, Target]
    rules: Rules = Rules()
    is_excluded: Callable[[Target, datetime], bool] = lambda _target, _instant: False
    windows: Mapping[str, Collection[PlannedMaintenance]] = field(default_factory=dict)
    usual_seconds: Callable[[MeasurementKey], float | None] = lambda _key: None

    @cached_property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the targets that tell whether a portal answers, by portal."""
        found: dict[str, tuple[str, ...]] = {}
        for target in self.targets.values():
            if target.role in answering_kind().roles:
                found[target.portal_id] = (*found.get(target.portal_id, ()), target.id)
        return found

    def gap_of(self, target_id: str) -> timedelta:
        """Return the gap of a target, registered or not."""
        if not self.rules.gaps:
            return self.rules.gap
        return self.rules.gap_for(self.targets.get(target_id))

    def fastest(self, target_ids: Iterable[str]) -> frozenset[str]:
        """
        Return those of the targets that are probed most often.

        When a line is lost, they have fallen before most of the others were even looked at: the share of all would hide it.
        """
        if not self.rules.gaps:
            return frozenset(target_ids)
        gaps = {target_id: self.gap_of(target_id) for target_id in target_ids}
        shortest = min(gaps.values(), default=self.rules.gap)
        return frozenset(target_id for target_id, gap in gaps.items() if gap == shortest)
