"""Many that fall together: whether it is the vantage point, a platform family, or the portals one by one."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import Outcome, Reading, Reason, Target
from thuocdo.incidents.judge_state import Memory, View
from thuocdo.incidents.rules import JudgingContext

UNKNOWN_FAMILY = "unknown"
TOGETHER_BAD = 2
"""A target takes part in a common fall once its last two probes failed: before the first of them would be confirmed alone."""


def fallen_from(
    memory: Memory,
    scene: JudgingContext,
    vantage_id: str,
    at: datetime,
    *,
    failing: Collection[str],
    least_bad: int,
) -> dict[str, View]:
    """
    Return the targets whose fall is the vantage point's own: empty where it is not.

    That is so where the reference pages fail too; or where many fall together, these are not just one family's, and no other
    vantage point sees the same. It is asked at every failure, so it looks at all targets only where many fail.

    Args:
        memory: what is known.
        scene: targets and rules.
        vantage_id: which vantage point.
        at: now.
        failing: its targets whose last probe failed.
        least_bad: how many probes in a row must have failed; 1 = a suspicion, TOGETHER_BAD = certain.
    """
    rules, views = scene.rules, memory.views.get(vantage_id, {})
    all_fallen = {
        name: views[name]
        for name in failing
        if views[name].line.is_fresh(at, scene.gap_of(name))
        and views[name].line.fell_within(at, scene.gap_of(name), least_bad)
    }
    # As `scene.fastest` of all that were probed lately, and no more of them looked at than it takes.
    gap = min(map(scene.gap_of, all_fallen), default=rules.shortest_gap)
    fallen = {name: view for name, view in all_fallen.items() if scene.gap_of(name) == gap}
    if not fallen or _is_any_faster(views, gap, at, scene) or _is_less_than_share(len(fallen), views, gap, at, scene):
        return {}
    without_line = sum(
        view.last_bad is not None and view.last_bad.reason is Reason.NO_CONNECTIVITY for view in fallen.values()
    )
    if 2 * without_line >= len(fallen):
        return fallen
    if len(fallen) < rules.least_fallen:
        return {}
    seen = dict(_seen(views, gap, at, scene))
    if is_one_family(fallen, seen, scene) or _is_seen_elsewhere(memory, scene, vantage_id, at):
        return {}
    return fallen


def fallen_of_family(memory: Memory, scene: JudgingContext, family: str, at: datetime) -> list[Target]:
    """Return the family's targets that fell together while others stand: empty where it is no matter of the family."""
    if family == UNKNOWN_FAMILY:
        return []
    rules = scene.rules
    falls = {target.id: _falls(memory, scene, target.id, at) for target in scene.targets.values()}
    fastest = scene.fastest(target_id for target_id, is_falling in falls.items() if is_falling is not None)
    judged = [target for target in scene.targets.values() if target.id in fastest]
    members = [target for target in judged if target.family == family]
    others = [target for target in judged if target.family != family]
    fallen = [target for target in members if falls[target.id]]
    hit, all_of_it = _portals(fallen), _portals(members)
    if len(hit) < rules.least_portals or len(hit) < rules.family_share * len(all_of_it):
        return []
    if others and sum(bool(falls[target.id]) for target in others) >= rules.calm_share * len(others):
        return []
    return fallen


def is_hit(memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> bool:
    """Tell whether a member of a family's incident is not back yet; so it is where nobody can say."""
    gap = scene.gap_of(target_id)
    views = [view for view in memory.views_of(target_id) if view.own.is_fresh(at, gap)]
    return not views or 2 * sum(view.is_down or view.own.bad > 0 for view in views) > len(views)


def _seen(views: Mapping[str, View], gap: timedelta, at: datetime, scene: JudgingContext) -> Iterator[tuple[str, View]]:
    """Yield the targets of one pace that were probed lately."""
    for name, view in views.items():
        if view.line.is_fresh(at, gap) and scene.gap_of(name) == gap:
            yield name, view


def _is_any_faster(views: Mapping[str, View], gap: timedelta, at: datetime, scene: JudgingContext) -> bool:
    """Tell whether a target with a shorter gap was probed lately; where none can be, nothing is looked at."""
    return gap > scene.rules.shortest_gap and any(
        scene.gap_of(name) < gap and view.line.is_fresh(at, scene.gap_of(name)) for name, view in views.items()
    )


def _is_less_than_share(
    number: int, views: Mapping[str, View], gap: timedelta, at: datetime, scene: JudgingContext
) -> bool:
    """Tell whether so many are less than `fallen_share` of what `_seen` yields; takes no more of it than it must."""
    share = scene.rules.fallen_share
    return any(number < share * seen for seen, _ in enumerate(_seen(views, gap, at, scene), start=1))


def _portals(targets: Iterable[Target]) -> set[str]:
    return {target.portal_id for target in targets}


def _falls(memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> bool | None:
    """Tell whether a target is falling by the majority of its views; None where nobody can say."""
    gap = scene.gap_of(target_id)
    views = [view for view in memory.views_of(target_id) if view.own.is_fresh(at, gap)]
    if not views:
        return None
    falling = (
        view.own.fell_within(at, gap, TOGETHER_BAD)
        or (view.is_down and view.down_since is not None and at - view.down_since <= gap)
        for view in views
    )
    return 2 * sum(falling) > len(views)


def is_one_family(fallen: Collection[str], seen: Collection[str], scene: JudgingContext) -> bool:
    """Tell whether those that fell among those that were seen are one family's, while the others stand."""
    families = {name: scene.targets[name].family if name in scene.targets else UNKNOWN_FAMILY for name in seen}
    for family in {families[name] for name in fallen} - {UNKNOWN_FAMILY}:
        others = [name for name in seen if families[name] != family]
        if others and sum(name in fallen for name in others) < scene.rules.calm_share * len(others):
            return True
    return False


def _is_seen_elsewhere(memory: Memory, scene: JudgingContext, vantage_id: str, at: datetime) -> bool:
    """Tell whether another vantage point, with its line in order, sees the same: then it is the portals, not the line."""
    share = scene.rules.fallen_share
    for other, views in memory.views.items():
        if other == vantage_id or memory.is_lost(other):
            continue
        fresh = (name for name, view in views.items() if view.own.is_fresh(at, scene.gap_of(name)))
        seen = [views[name] for name in scene.fastest(fresh)]
        if seen and sum(view.own.bad > 0 for view in seen) >= share * len(seen):
            return True
    return False


def portals_of(target_ids: Iterable[str], scene: JudgingContext) -> set[str]:
    """Return the portals of targets: ten forms of one host that break together are no sign of a broken line of ours."""
    return {scene.targets[name].portal_id if name in scene.targets else name for name in target_ids}


def tells_failure(reading: Reading) -> bool:
    """Tell whether a reading says that a portal did not answer."""
    return reading.outcome is Outcome.FAILED and reading.key.kind == answering_kind().name


def first_detail(views: Iterable[View]) -> str:
    """Return what the first failure says by which a target is down."""
    return next((mark.detail for view in views if view.is_down for mark in view.recent if mark.detail), "")
