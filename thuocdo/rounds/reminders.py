"""Whom to remind of a window that closes: those that said nothing, at half of it and one working day before its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from thuocdo.core.clock import hanoi_day
from thuocdo.core.model import RoundLogEntry, RoundStep
from thuocdo.rounds.states import deadline_of, last_of
from thuocdo.rounds.working_days import WorkingCalendar, end_of_day


class ReminderKind(StrEnum):
    """When agencies are reminded."""

    HALF = "half"
    DAY_BEFORE = "day_before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder that is due. at: since when. agencies: ids of those that said nothing, and may until the deadline."""

    kind: ReminderKind
    at: datetime
    deadline: datetime
    agencies: tuple[str, ...]


def due_reminders(
    log: Sequence[RoundLogEntry], silent: Sequence[str], calendar: WorkingCalendar, now: datetime
) -> Iterator[Reminder]:
    """
    Yield the reminders of a round that are due and were not sent.

    Args:
        log: entries of the round.
        silent: ids of agencies that have said nothing yet.
        calendar: which days are worked.
        now: the present instant.
    """
    opened, deadline = last_of(log, RoundStep.REPLY), deadline_of(log)
    if opened is None or deadline is None or now > deadline or not silent:
        return
    sent = {one.note.subject for one in log if one.note.step is RoundStep.REMIND}
    half = calendar.working_days_between(opened.note.at, deadline) // 2
    times = {
        ReminderKind.HALF: calendar.deadline(opened.note.at, half) if half else opened.note.at,
        ReminderKind.DAY_BEFORE: end_of_day(calendar.worked_before(hanoi_day(deadline))),
    }
    for kind, at in times.items():
        if hanoi_day(at) <= hanoi_day(now) and kind.value not in sent:
            yield Reminder(kind=kind, at=at, deadline=deadline, agencies=tuple(silent))
