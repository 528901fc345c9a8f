"""Counts the answers of every hour, so that availability over any period is a sum of few rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import HourTally, Incident, IncidentScope, Outcome, Reading
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.incidents.missing import with_missed
from thuocdo.incidents.rules import JudgingContext
from thuocdo.store import Store

HOUR = timedelta(hours=1)
SOON = timedelta(hours=2)
LATE = timedelta(hours=48)
"""How far back results that came late are still counted; they are looked for every hour."""

FARTHEST = timedelta(days=32)
"""Where nothing was counted yet, the counting begins so far back: the running month is whole."""


def tally(readings: Iterable[Reading], scene: JudgingContext, lost_lines: Sequence[Incident] = ()) -> list[HourTally]:
    """
    Count readings by target, vantage point and hour of their scheduled instant.

    Args:
        readings: of any targets and hours.
        scene: who is judged, and when nobody is.
        lost_lines: incidents of vantage points: what failed there meanwhile is no portal's failure, and counts as inconclusive.
    """
    counted: dict[tuple[str, str, datetime], Counter[str]] = defaultdict(Counter)
    for reading in readings:
        key = reading.key
        target = scene.targets.get(key.target_id)
        is_excluded = target is not None and scene.is_excluded(target, key.scheduled_at)
        spoilt = reading.outcome is Outcome.FAILED and any(_holds(one, reading) for one in lost_lines)
        outcome = Outcome.INCONCLUSIVE if spoilt else reading.outcome
        name = "excluded" if is_excluded else outcome.value
        counted[key.target_id, key.vantage_id, hour_of(key.scheduled_at)][name] += 1
    return [
        HourTally(target_id=target_id, vantage_id=vantage_id, hour=hour, **counts)
        for (target_id, vantage_id, hour), counts in counted.items()
    ]


def hour_of(instant: datetime) -> datetime:
    """Return the beginning of the hour that an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def hours_to_count(store: Store, now: datetime, last_at: datetime | None) -> Iterator[datetime]:
    """
    Yield the hours that must be counted (again), oldest first.

    Args:
        store: where measurements are.
        now: the hour it lies in is the last.
        last_at: when it was last counted; None = since this program was started.
    """
    back = SOON if last_at is not None and hour_of(last_at) == hour_of(now) else LATE
    start = now - back
    if last_at is None:
        judged_at = store.incidents.judged_at()
        start = min(start, judged_at - SOON) if judged_at else now - FARTHEST
    oldest_at = store.measurements.oldest_at(answering_kind().name)
    if oldest_at is None:
        return
    hour = hour_of(max(start, now - FARTHEST, oldest_at))
    while hour <= now:
        yield hour
        hour += HOUR


def count_hour(store: Store, hour: datetime, scene: JudgingContext) -> None:
    """Count one hour anew and store the result."""
    answers = answering_kind().name
    value = scene.rules.slow[answers].value
    lost_lines = [one for one in store.incidents.all(hour) if one.scope is IncidentScope.VANTAGE]
    counted = tally(store.measurements.readings(answers, value, since=hour, until=hour + HOUR), scene, lost_lines)
    missed = store.missed.by_hour(hour, hour + HOUR, kind=answers, profile=PLAIN_PROFILE)
    store.incidents.save_tallies(with_missed(counted, missed, scene))


def _holds(lost_line: Incident, reading: Reading) -> bool:
    """Tell whether a reading was taken from a vantage point while its line was lost."""
    at, ended_at = reading.key.scheduled_at, lost_line.ended_at
    return (
        lost_line.subject_id == reading.key.vantage_id
        and lost_line.started_at <= at
        and (ended_at is None or at < ended_at)
    )
