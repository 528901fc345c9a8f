"""Months, quarters and years as Hanoi counts them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from thuocdo.core.clock import HANOI, hanoi_day
from thuocdo.core.errors import ConfigurationError

_NAME = re.compile(r"(\d{4})(?:-(?:(\d{2})|[Qq]([1-4])))?")
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


class PeriodKind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """How many months it has."""
        return _MONTHS[self.value]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Period:
    """
    A month, quarter or year.

    first: its first day in Hanoi.
    """

    kind: PeriodKind
    first: date

    @property
    def name(self) -> str:
        """As people type it: 2026-11, 2026-Q4, 2026."""
        match self.kind:
            case PeriodKind.MONTH:
                return f"{self.first:%Y-%m}"
            case PeriodKind.QUARTER:
                return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
            case PeriodKind.YEAR:
                return f"{self.first.year}"

    @property
    def number(self) -> int:
        """The month of its year, the quarter of its year, or the year."""
        match self.kind:
            case PeriodKind.MONTH:
                return self.first.month
            case PeriodKind.QUARTER:
                return (self.first.month + 2) // 3
            case PeriodKind.YEAR:
                return self.first.year

    @property
    def after(self) -> date:
        """The first day after it."""
        return _months_later(self.first, self.kind.months)

    @property
    def start(self) -> datetime:
        """When it begins, aware."""
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """When it ends, exclusive, aware."""
        return _midnight(self.after)

    @property
    def before(self) -> "Period":
        """The one before it."""
        return Period(kind=self.kind, first=_months_later(self.first, -self.kind.months))

    def is_over(self, now: datetime) -> bool:
        """Tell whether all of it lies behind."""
        return self.end <= now


def period_named(name: str) -> Period:
    """
    Return the period of a name.

    Raises:
        ConfigurationError: it names none.
    """
    found = _NAME.fullmatch(name.strip())
    if found is None or not _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR or not 1 <= int(found[2] or 1) <= 12:
        raise ConfigurationError(
            f"'{name}' is no period; give a month such as 2026-11, a quarter such as 2026-Q4, or a year such as 2026"
        )
    year = int(found[1])
    if found[2]:
        return Period(kind=PeriodKind.MONTH, first=date(year, int(found[2]), 1))
    if found[3]:
        return Period(kind=PeriodKind.QUARTER, first=date(year, 3 * int(found[3]) - 2, 1))
    return Period(kind=PeriodKind.YEAR, first=date(year, 1, 1))


def last_over(kind: PeriodKind, now: datetime) -> Period:
    """Return the newest period of a kind that is over."""
    today = hanoi_day(now)
    month = today.month - (today.month - 1) % kind.months
    return Period(kind=kind, first=date(today.year, month, 1)).before


def months_of(period: Period) -> Iterator[Period]:
    """Yield the months of a period, in order."""
    for number in range(period.kind.months):
        yield Period(kind=PeriodKind.MONTH, first=_months_later(period.first, number))


def _months_later(first: date, months: int) -> date:
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HANOI)
