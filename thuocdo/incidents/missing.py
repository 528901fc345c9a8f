"""What was due and never started, added to the tallies of an hour: it says nothing of a portal, and lowers the coverage."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from thuocdo.core.model import HourTally, MissedStarts
from thuocdo.incidents.rules import JudgingContext

_LOOK = timedelta(minutes=5)
_LOOKS = 12


def with_missed(tallies: Sequence[HourTally], missed: Iterable[MissedStarts], scene: JudgingContext) -> list[HourTally]:
    """
    Return the tallies with what was missed; of a target that was never started in an hour there is one more.

    Args:
        tallies: of one hour or several.
        missed: counts by series and hour, of the same hours.
        scene: who is judged, and when nobody is. A count does not tell the minute: where planned maintenance took a part of the
            hour, the same part of it is left out.
    """
    by_key = {(one.target_id, one.vantage_id, one.hour): one for one in tallies}
    added: Counter[tuple[str, str, object]] = Counter()
    for one in missed:
        number = round(one.missed * _open_share(one, scene))
        key = (one.target_id, one.vantage_id, one.hour)
        if number:
            added[key] += number
            by_key.setdefault(key, HourTally(target_id=one.target_id, vantage_id=one.vantage_id, hour=one.hour))
    return [replace(tally, missed=added[key]) for key, tally in by_key.items()]


def _open_share(one: MissedStarts, scene: JudgingContext) -> float:
    """Return the share of an hour that lies outside planned maintenance of the target, 0..1."""
    target = scene.targets.get(one.target_id)
    if target is None:
        return 1.0
    return sum(not scene.is_excluded(target, one.hour + look * _LOOK) for look in range(_LOOKS)) / _LOOKS
