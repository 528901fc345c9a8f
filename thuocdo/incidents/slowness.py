"""
Sustained slowness: the median of a target's last times against its own usual, and against what is poor for anybody.

Where most targets of a vantage point became slow, its line is the likely cause: none of them is called degraded meanwhile.
"""

from dataclasses import replace
from datetime import datetime
from statistics import median

from thuocdo.core.model import MeasurementKey, Reading
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
    if pace.is_slow:
        fine = max(scene.rules.fine_factor * pace.usual_seconds, scene.rules.fine_limit_share * rule.limit_seconds)
        if middle <= fine:
            pace.is_slow, pace.until = False, _end_of_slowness(pace, fine)
    elif middle > rule.limit_seconds:
        usual = scene.usual_seconds(reading.key)
        # The newest time must be slow, too: a target that just became fast again is not called slow for what was.
        if usual is None or min(middle, reading.seconds) <= scene.rules.slow_factor * usual:
            return
        if not _is_common(memory, reading.key, scene, rule):
            bound = max(rule.limit_seconds, scene.rules.slow_factor * usual)
            pace.is_slow, pace.usual_seconds, pace.until = True, usual, None
            pace.since = next(since for since, seconds in pace.times if seconds > bound)


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
    slow = [name for name, lowest in poor.items() if lowest > scene.rules.slow_factor * (usual[name] or lowest)]
    return len(slow) >= least


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
