"""
Sustained slowness: the median of a target's last times against its own usual, and against what is poor for anybody.

What is usual is not known on the first day: until then what is poor for anybody is slow. Who turns out to be so always is no
longer called slow from then on: that is for the ranking to say, not for those on duty.

Where most targets of a vantage point became slow, its line is the likely cause: none of them is called degraded meanwhile.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from statistics import median

from thuocdo.core.model import MeasurementKey, Reading
from thuocdo.core.model.figures import slow_detail
from thuocdo.incidents.case import Case, ConclusiveProbe, Part
from thuocdo.incidents.falls import portals_of
from thuocdo.incidents.judge_state import Memory, Pace
from thuocdo.incidents.rules import JudgingContext, SlowRule

RECENT = 3
"""A target takes part in a common slowness by its last times: before the median of any of them turns."""


def take_time(memory: Memory, reading: Reading, scene: JudgingContext) -> None:
    """Add a time to a target's pace, and decide whether it is slow now."""
    rule = scene.rules.slow.get(reading.key.kind)
    if rule is None or reading.seconds is None:
        return
    at, pace = reading.key.scheduled_at, memory.pace(reading)
    if not _is_fresh(pace, at, rule):
        pace.times.clear()
    pace.times.append((at, reading.seconds))
    del pace.times[: -rule.last]
    if len(pace.times) < rule.last:
        return
    middle = median(seconds for _, seconds in pace.times)
    if pace.is_slow and _turns_out_usual(pace, middle, reading, scene):
        pace.is_slow, pace.until = False, at
    elif pace.is_slow:
        fine = max(scene.rules.fine_factor * pace.usual_seconds, scene.rules.fine_limit_share * rule.limit_seconds)
        if middle <= fine:
            pace.is_slow, pace.until = False, _end_of_slowness(pace, fine)
    elif middle > rule.limit_seconds:
        usual = scene.usual_seconds(reading.key)
        bound = rule.limit_seconds if usual is None else scene.rules.slow_factor * usual
        # The newest time must be slow, too: a target that just became fast again is not called slow for what was.
        if min(middle, reading.seconds) <= bound:
            return
        if not _is_common(memory, reading.key, scene, rule):
            bound = max(rule.limit_seconds, bound)
            pace.is_slow, pace.usual_seconds, pace.until = True, usual or 0.0, None
            pace.since = next(since for since, seconds in pace.times if seconds > bound)


def _turns_out_usual(pace: Pace, middle: float, reading: Reading, scene: JudgingContext) -> bool:
    """Tell whether a slowness that was called so before anything was usual is what the target always takes."""
    if pace.usual_seconds:
        return False
    usual = scene.usual_seconds(reading.key)
    if usual is None:
        return False
    pace.usual_seconds = usual
    return middle <= scene.rules.slow_factor * usual


def _is_common(memory: Memory, key: MeasurementKey, scene: JudgingContext, rule: SlowRule) -> bool:
    """Tell whether most targets of a vantage point are slow just now, against their own usual."""
    paces = memory.paces[key.kind][key.vantage_id]
    fresh = {name: pace for name, pace in paces.items() if _is_fresh(pace, key.scheduled_at, rule)}
    least = max(scene.rules.least_fallen, scene.rules.fallen_share * len(fresh))
    poor = {
        name: lowest
        for name, pace in fresh.items()
        if (lowest := min(seconds for _, seconds in pace.times[-RECENT:])) > rule.limit_seconds
    }
    if len(poor) < least:
        return False
    usual = {name: scene.usual_seconds(replace(key, target_id=name)) for name in poor}
    slow = [name for name, lowest in poor.items() if lowest > scene.rules.slow_factor * (usual[name] or 0.0)]
    return len(slow) >= least and len(portals_of(slow, scene)) >= scene.rules.least_fallen


def is_slow(memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> bool | None:
    """Tell whether the majority of vantage points find a target slow by any kind; None where nobody can be trusted to say."""
    verdicts: list[bool | None] = []
    for kind, rule in scene.rules.slow.items():
        paces = [
            views[target_id]
            for vantage_id, views in memory.paces.get(kind, {}).items()
            if target_id in views and not memory.is_lost(vantage_id)
        ]
        # Home pages rest at night: what was slow in the evening is not fine because nobody looks.
        voices = [pace for pace in paces if _is_fresh(pace, at, rule)] or paces
        verdicts.append(2 * sum(pace.is_slow for pace in voices) > len(voices) if voices else None)
    known = [verdict for verdict in verdicts if verdict is not None]
    return any(known) if known else None


def slow_since(memory: Memory, target_id: str) -> datetime | None:
    """Return since when a target is slow, as first seen from anywhere; None where that is not known."""
    return min((pace.since for _, _, pace in _slow(memory, target_id) if pace.since is not None), default=None)


def fine_since(memory: Memory, target_id: str, at: datetime) -> datetime:
    """Return when a target's last slowness ended; at: where that is not known."""
    return max((pace.until for _, _, pace in _paces(memory, target_id) if pace.until is not None), default=at)


def note_slowness(case: Case, part: Part, memory: Memory) -> None:
    """Keep the first slow time of each kind and vantage point, and say how slow the target was where it began."""
    slow = [*_slow(memory, part.target_id)]
    for kind, vantage_id, pace in slow:
        case.note(part.target_id, vantage_id, ConclusiveProbe(at=pace.since or part.started_at), kind, part)
    if not slow:
        return
    kind, vantage_id, first = min(slow, key=lambda one: one[2].since or part.started_at)
    seconds = sorted(value for _, value in first.times)[len(first.times) // 2]
    part.detail = slow_detail(kind, vantage_id, seconds, first.usual_seconds)


def _slow(memory: Memory, target_id: str) -> Iterator[tuple[str, str, Pace]]:
    return (one for one in _paces(memory, target_id) if one[2].is_slow and one[2].since is not None and one[2].times)


def _paces(memory: Memory, target_id: str) -> Iterator[tuple[str, str, Pace]]:
    """Yield kind, vantage point and pace of a target, in order."""
    for kind, of_kind in sorted(memory.paces.items()):
        for vantage_id, paces in sorted(of_kind.items()):
            if target_id in paces:
                yield kind, vantage_id, paces[target_id]


def _is_fresh(pace: Pace, at: datetime, rule: SlowRule) -> bool:
    return bool(pace.times) and at - pace.times[-1][0] <= rule.gap


def _end_of_slowness(pace: Pace, fine_seconds: float) -> datetime:
    """Return the first instant of the fine times at the end."""
    first = pace.times[-1][0]
    for at, seconds in reversed(pace.times):
        if seconds > fine_seconds:
            break
        first = at
    return first
