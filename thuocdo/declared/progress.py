"""
How far a unit is with a goal: its share month by month and since the goal's beginning, the gap, and what is still needed.

All of it is counted in whole numbers and exact fractions, so that a goal is met by the file that meets it, and not by one less.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from thuocdo.core.model import DeclaredRow, Span
from thuocdo.declared.indicators import Indicator
from thuocdo.declared.units import Goal, GoalSide

FEWEST = 30
"""Of less than so many a share says little: it is greyed, and nobody is praised or reminded for it."""


class GoalState(StrEnum):
    """How a unit stands with a goal at the end of a month."""

    MET = "met"
    NOT_MET = "not_met"
    IN_TIME = "in_time"
    NOTHING_ARISEN = "nothing_arisen"
    NO_FIGURES = "no_figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Of how many, how many. A share of nothing is none."""

    numerator: int
    denominator: int

    @property
    def ratio(self) -> Fraction | None:
        """0 to 1, exact; None where there was nothing to count."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def percent(self) -> float | None:
        """0 to 100."""
        return None if self.ratio is None else float(self.ratio * 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """
    What is still needed in the months that are left, if as many files come by month as came so far.

    files: numerator to be reached (at_most: not to be passed) of so many `of`.
    """

    files: int
    of: int

    @property
    def percent(self) -> float:
        """The share that it is."""
        return float(Fraction(self.files, self.of) * 100)

    @property
    def is_possible(self) -> bool:
        """Tell whether it can be done."""
        return 0 <= self.files <= self.of


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    A unit and a goal at the end of a month.

    months: by first day, of those whose figures are there. total: all of them; for an indicator of stock the newest. missing:
    months that were over and have no figures. gap: percentage points above the goal, negative below; None without a share.
    needed: None where the goal is due, nothing can be said, or (stock) months are not added up.
    """

    goal: Goal
    months: Mapping[date, Share]
    total: Share | None
    state: GoalState
    missing: tuple[date, ...] = ()
    gap: float | None = None
    needed: Needed | None = None

    @property
    def is_thin(self) -> bool:
        """Tell whether the share rests on few."""
        return self.total is None or self.total.denominator < FEWEST


def share_of(rows: Iterable[DeclaredRow], indicator: Indicator) -> Share | None:
    """Return a share over some rows of one month; None where no row says enough. Rows by procedure are added up."""
    numerator = denominator = 0
    found = False
    for row in rows:
        above = row.total(*indicator.numerator)
        below = next((one for way in indicator.denominators if (one := row.total(*way)) is not None), None)
        if above is not None and below is not None:
            numerator, denominator, found = numerator + above, denominator + below, True
    return Share(numerator=numerator, denominator=denominator) if found else None


def progress(goal: Goal, indicator: Indicator, months: Mapping[date, Share], month: date) -> Progress:
    """
    Return how a goal stands at the end of a month.

    Args:
        goal: valid in that month.
        indicator: the goal's.
        months: by first day, what is there.
        month: its first day.
    """
    start = goal.first.replace(day=1)
    counted = {first: share for first, share in sorted(months.items()) if start <= first <= month}
    total = _total(list(counted.values()), indicator)
    missing = tuple(first for first in months_between(start, month) if first not in counted)
    is_due = month >= goal.due.replace(day=1)
    if total is None or total.ratio is None:
        state = GoalState.NO_FIGURES if total is None else GoalState.NOTHING_ARISEN
        return Progress(goal=goal, months=counted, total=total, state=state, missing=missing)
    wanted = Fraction(str(goal.percent)) / 100
    reached = total.ratio >= wanted if goal.side is GoalSide.AT_LEAST else total.ratio <= wanted
    still = GoalState.NOT_MET if is_due else GoalState.IN_TIME
    left = 0 if is_due or indicator.is_stock else len(months_between(month, goal.due.replace(day=1))) - 1
    return Progress(
        goal=goal,
        months=counted,
        total=total,
        state=GoalState.MET if reached else still,
        missing=missing,
        gap=float((total.ratio - wanted) * 100),
        needed=needed(total, wanted, goal.side, round(Fraction(total.denominator, len(counted)) * left)),
    )


def needed(total: Share, wanted: Fraction, side: GoalSide, coming: int) -> Needed | None:
    """
    Return what must be reached in what is still coming, so that all together meets a share.

    Args:
        total: so far.
        wanted: the share, 0 to 1.
        side: on which side of it.
        coming: how many files are still to come; 0 = none, of which nothing can be asked.
    """
    if coming <= 0:
        return None
    short = wanted * (total.denominator + coming) - total.numerator
    if side is GoalSide.AT_LEAST:
        return Needed(files=max(ceil(short), 0), of=coming)
    return Needed(files=min(floor(short), coming), of=coming)


def months_between(first: date, last: date) -> list[date]:
    """Return the first days of all months from one to another, both included."""
    found, at = [], first.replace(day=1)
    while at <= last:
        found.append(at)
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return found


def by_month(rows: Iterable[DeclaredRow], indicator: Indicator, units: Sequence[str]) -> Mapping[date, Share]:
    """
    Return a share month by month.

    Args:
        rows: of one agency, of each key the one that counts.
        indicator: which share.
        units: whose rows are added up: a unit, and those that were carried on to it.
    """
    found: dict[date, list[DeclaredRow]] = {}
    for row in rows:
        if row.key.span is Span.MONTH and row.key.unit_id in units:
            found.setdefault(row.key.first, []).append(row)
    shares = {first: share_of(_whole_or_parts(some), indicator) for first, some in found.items()}
    return {first: share for first, share in sorted(shares.items()) if share is not None}


def _whole_or_parts(rows: Sequence[DeclaredRow]) -> list[DeclaredRow]:
    """Return by unit the row of all procedures where there is one, else those of single procedures."""
    whole = {one.key.unit_id for one in rows if not one.key.procedure_code and not one.key.level}
    return [one for one in rows if one.key.unit_id not in whole or not (one.key.procedure_code or one.key.level)]


def _total(shares: Sequence[Share], indicator: Indicator) -> Share | None:
    if not shares:
        return None
    if indicator.is_stock:
        return shares[-1]
    return Share(numerator=sum(one.numerator for one in shares), denominator=sum(one.denominator for one in shares))
