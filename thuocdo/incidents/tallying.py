"""
Counts the answers of every hour, so that availability over any period is a sum of few rows.

Every answer is counted once, as it arrives, and added to the tally of its hour: what is late by days is counted like the rest,
and no measurement that was let go of is missed. Three things change how answers that were counted already count: a vantage
point's incident that is confirmed, moved or ended; planned maintenance that is entered or struck out afterwards; and the first
start over a store that was not counted this way. Then the hours that are concerned are counted anew from the measurements, as far
as all of these are still kept. What was never started is no answer: `missing.py` brings it up to date at the same turn.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import HourTally, Incident, IncidentScope, Outcome
from thuocdo.incidents.missing import MissedTallying
from thuocdo.incidents.rules import JudgingContext, PlannedMaintenance
from thuocdo.store import Store
from thuocdo.store.counting import AnswerCount, Apart

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LATE = timedelta(hours=48)
"""How far back planned maintenance may still be entered or struck out, and a restart looks for what changed meanwhile."""

FARTHEST = timedelta(days=32)
"""Where nothing was counted yet, the counting goes so far back: the running month is whole."""

ANSWERS_AT_ONCE = 100_000
"""Of one transaction of counting; it writes one row for each target, vantage point and hour among them."""

HOURS_AT_ONCE = 12
"""Hours that are counted anew before what arrived meanwhile is looked at."""

Span = tuple[datetime, datetime | None]
"""From when to when a vantage point was lost; None = it still is."""


def tally(counts: Iterable[AnswerCount], scene: JudgingContext, lost_lines: Sequence[Incident] = ()) -> list[HourTally]:
    """
    Sum counts of answers by target, vantage point and hour.

    Args:
        counts: of any targets and hours.
        scene: who is judged, and when nobody is.
        lost_lines: incidents of vantage points: what failed there meanwhile is no portal's failure, and counts as inconclusive.
    """
    counted: dict[tuple[str, str, datetime], dict[str, int]] = {}
    for one in counts:
        target = scene.targets.get(one.target_id)
        is_excluded = target is not None and one.target_id in scene.windows and scene.is_excluded(target, one.at)
        spoilt = one.outcome is Outcome.FAILED and any(_holds(lost, one) for lost in lost_lines)
        outcome = Outcome.INCONCLUSIVE if spoilt else one.outcome
        name = "excluded" if is_excluded else outcome.value
        sums = counted.setdefault((one.target_id, one.vantage_id, hour_of(one.at)), {})
        sums[name] = sums.get(name, 0) + one.number
    return [
        HourTally(target_id=target_id, vantage_id=vantage_id, hour=hour, **sums)
        for (target_id, vantage_id, hour), sums in counted.items()
    ]


def hour_of(instant: datetime) -> datetime:
    """Return the beginning of the hour that an instant lies in."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _holds(lost_line: Incident, one: AnswerCount) -> bool:
    """Tell whether an answer was taken from a vantage point while its line was lost."""
    ended_at = lost_line.ended_at
    return (
        lost_line.subject_id == one.vantage_id
        and lost_line.started_at <= one.at
        and (ended_at is None or one.at < ended_at)
    )


@dataclass(slots=True, kw_only=True)
class Tallying:
    """
    Counting at work; nothing else may hold it up, nor it anything else.

    store: open.
    """

    store: Store
    _lost: dict[str, Incident] | None = None
    _windows: Mapping[str, Collection[PlannedMaintenance]] | None = None
    _again: set[datetime] = field(default_factory=set)
    _missed: MissedTallying = field(init=False)

    def __post_init__(self) -> None:
        """Count what was missed in the same store."""
        self._missed = MissedTallying(store=self.store)

    def once(self, scene: JudgingContext, now: datetime, is_stopped: Callable[[], bool] = lambda: False) -> bool:
        """
        Count what arrived and what was missed, and of what must be counted anew the newest hours.

        Args:
            scene: who is judged, and when nobody is.
            now: its hour is the last that can have to be counted anew.
            is_stopped: asked between transactions.

        Returns:
            Whether there is more to be done at once.
        """
        tallies, answers = self.store.incidents.counting, answering_kind().name
        lost_lines = self.store.incidents.all(now - FARTHEST, IncidentScope.VANTAGE)
        mark = tallies.mark()
        if mark is None:
            mark = tallies.begin(answers, now - FARTHEST, now)
        self._note_changes(scene, lost_lines, now)
        apart = Apart(targets=scene.windows, vantages={one.subject_id for one in lost_lines})
        while not is_stopped():
            up_to, counts = tallies.arrived(mark, ANSWERS_AT_ONCE, answers, apart)
            if up_to == mark:
                break
            if not tallies.add(tally(counts, scene, lost_lines), mark, up_to, now):
                return True
            mark = up_to
        more_missed = self._missed.once(scene, now, is_stopped)
        for _ in range(HOURS_AT_ONCE):
            hour = max(self._again, default=None) or tallies.next_hour()
            if is_stopped():
                return False
            if hour is None:
                return more_missed
            of_hour = [one for one in lost_lines if one.ended_at is None or one.ended_at > hour]
            counts = tallies.of_hour(hour, mark, answers, apart)
            if not tallies.replace(tally(counts, scene, of_hour), mark):
                return True
            if hour in self._again:
                self._again.remove(hour)
            else:
                tallies.save_next_hour(hour - HOUR)
        return True

    def _note_changes(self, scene: JudgingContext, lost_lines: Sequence[Incident], now: datetime) -> None:
        """Find the hours in which answers that were counted count otherwise now."""
        lost = {one.id: one for one in lost_lines}
        if self._lost is None or self._windows is None:
            # Nobody knows what was so when they were counted.
            self._again |= {*self.store.incidents.counting.hours_in_maintenance(hour_of(now - LATE))}
            is_any = any(one.ended_at is None or one.ended_at > now - LATE for one in lost_lines)
            spans: list[Span] = [(now - LATE, None)] if is_any else []
            changed = {window for windows in scene.windows.values() for window in windows}
        else:
            spans = [span for name, one in lost.items() for span in _moved(self._lost.get(name), one)]
            changed = _changed(self._windows, scene.windows)
        for since, until in spans:
            self._again |= {*_hours(since, now if until is None else min(until, now))}
        touched = {hour for hour in _hours(now - LATE, now) if any(_touches(window, hour) for window in changed)}
        self._again |= touched
        self._missed.take_anew(touched)
        self._lost, self._windows = lost, scene.windows


def _moved(before: Incident | None, after: Incident) -> Iterator[Span]:
    """Yield the time that an incident covers now and did not before, or the other way round."""
    if before is None:
        yield after.started_at, after.ended_at
        return
    if before.started_at != after.started_at:
        yield min(before.started_at, after.started_at), max(before.started_at, after.started_at)
    if before.ended_at != after.ended_at:
        ends = [at for at in (before.ended_at, after.ended_at) if at is not None]
        yield min(ends), max(ends) if len(ends) > 1 else None


def _changed(
    before: Mapping[str, Collection[PlannedMaintenance]], after: Mapping[str, Collection[PlannedMaintenance]]
) -> set[PlannedMaintenance]:
    """Return the windows that a target has now and had not before, or the other way round."""
    if before is after:
        return set()
    return {window for name in {*before, *after} for window in {*before.get(name, ())} ^ {*after.get(name, ())}}


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = hour_of(since)
    while hour <= until:
        yield hour
        hour += HOUR


def _touches(window: PlannedMaintenance, hour: datetime) -> bool:
    """Tell whether planned maintenance holds at any minute of an hour; it begins and ends with one."""
    return any(window.holds(hour + number * MINUTE) for number in range(60))
