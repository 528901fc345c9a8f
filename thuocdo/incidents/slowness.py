"""Sustained slowness: the median of a target's last times against its own usual, and against what is poor for anybody."""

from datetime import datetime
from statistics import median

from thuocdo.incidents.memory import Memory, Pace
from thuocdo.incidents.rules import Scene, SlowRule
from thuocdo.model import Reading


def take_time(pace: Pace, reading: Reading, scene: Scene) -> None:
    """Add a time to a pace, and decide whether it is slow now."""
    rule = scene.rules.slow.get(reading.key.kind)
    if rule is None or reading.seconds is None:
        return
    at = reading.key.scheduled_at
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
        if usual is not None and middle > scene.rules.slow_factor * usual:
            bound = max(rule.limit_seconds, scene.rules.slow_factor * usual)
            pace.is_slow, pace.usual_seconds, pace.until = True, usual, None
            pace.since = next(since for since, seconds in pace.times if seconds > bound)


def is_slow(memory: Memory, scene: Scene, target_id: str, at: datetime) -> bool | None:
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
