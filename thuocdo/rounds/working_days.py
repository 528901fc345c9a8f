"""Working days of Viet Nam: until when somebody who got so many of them has time, and how many lie between two instants."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from thuocdo.core.clock import HANOI, hanoi_day
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.shapes import CalendarDay, FilledLine
from thuocdo.core.yamlfile import Strict, YamlDocument, read

if TYPE_CHECKING:
    from holidays import HolidayBase

MOST_WORKING_DAYS = 120
"""Of a window in which agencies may reply: half a year."""

_DAY = timedelta(days=1)
_END = timedelta(microseconds=1)


class DecidedDay(Strict):
    """A day on which it is otherwise than by the law alone, and the document that says so."""

    day: CalendarDay
    document: FilledLine


class CalendarFile(Strict):
    """calendars/*.yaml. announced_until: up to this day the Government has decided which days are moved."""

    announced_until: CalendarDay
    days_off: tuple[DecidedDay, ...] = ()
    days_worked: tuple[DecidedDay, ...] = ()

    @model_validator(mode="after")
    def _says_each_day_once(self) -> Self:
        days = [one.day for one in (*self.days_off, *self.days_worked)]
        twice = sorted({f"{day}" for day in days if days.count(day) > 1})
        if twice:
            raise ValueError(
                f"said twice: {', '.join(twice)}; leave each day once, under days_off or under days_worked"
            )
        return self


class WorkingCalendar:
    """
    Which days are worked.

    Args:
        decided: by day, whether it is worked, where that is otherwise than by the law.
        announced_until: up to this day it is certain.
    """

    def __init__(self, decided: Mapping[date, bool], announced_until: date) -> None:
        self._decided = dict(decided)
        self.announced_until = announced_until

    @cached_property
    def _by_law(self) -> "HolidayBase":
        from holidays import country_holidays  # half a second, of which most processes have no use

        return country_holidays("VN")

    def is_worked(self, day: date) -> bool:
        """Tell whether people work on a day."""
        decided = self._decided.get(day)
        return self._by_law.is_working_day(day) if decided is None else decided

    def deadline(self, start: datetime, working_days: int) -> datetime:
        """
        Return the last instant of the time that somebody has.

        Args:
            start: aware; its own day in Hanoi does not count.
            working_days: how many, 1 or more.

        Returns:
            The end of the last of these days in Hanoi.
        """
        day = hanoi_day(start)
        for _ in range(working_days):
            day += _DAY
            while not self.is_worked(day):
                day += _DAY
        return end_of_day(day)

    def working_days_between(self, start: datetime, end: datetime) -> int:
        """Return how many working days in Hanoi come after the day of one instant, up to that of another and with it."""
        first, last = hanoi_day(start), hanoi_day(end)
        return sum(self.is_worked(first + number * _DAY) for number in range(1, (last - first).days + 1))

    def worked_before(self, day: date) -> date:
        """Return the last working day before a day."""
        day -= _DAY
        while not self.is_worked(day):
            day -= _DAY
        return day

    def is_certain(self, at: datetime) -> bool:
        """Tell whether it is known of the day of an instant, and not by the law alone."""
        return hanoi_day(at) <= self.announced_until


def end_of_day(day: date) -> datetime:
    """Return the last instant of a day in Hanoi, aware."""
    return datetime.combine(day + _DAY, time(), tzinfo=HANOI) - _END


def load_calendar(path: Path) -> WorkingCalendar:
    """
    Read a calendar.

    Raises:
        ConfigurationError: every mistake in the file, one line each.
    """
    document = read(path)
    found = document.check(CalendarFile)
    if found is None:
        raise ConfigurationError(document.problems)
    by_law = WorkingCalendar({}, found.announced_until)
    for name, days, is_worked in (("days_off", found.days_off, False), ("days_worked", found.days_worked, True)):
        for index, one in enumerate(days):
            if by_law.is_worked(one.day) is is_worked:
                document.report((name, index, "day"), _says_nothing(one.day, is_worked))
    _refuse(document)
    decided = {one.day: False for one in found.days_off} | {one.day: True for one in found.days_worked}
    return WorkingCalendar(decided, found.announced_until)


def _says_nothing(day: date, is_worked: bool) -> str:  # noqa: FBT001 - of a day either is true
    if is_worked:
        return f"day {day} is a working day anyway; take it out, or correct it"
    return f"nobody works on day {day} anyway; take it out, or correct it"


def _refuse(document: YamlDocument) -> None:
    if document.problems:
        raise ConfigurationError(document.problems)
