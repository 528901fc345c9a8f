"""What tallies are made of: how many answers of each target ended how, in the hour they were scheduled for."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select, true

from thuocdo.core.model import Outcome
from thuocdo.store.columns import COLUMNS
from thuocdo.store.schema import instant_of, measurements, series

PROGRESS, GOING_BACK = "tallies", "tallies of the past"
"""Names of works in `progress`. Of the first, number is the last measurement that is in a tally; of the second, `at` is the next
hour to be counted, each an hour before the one before, and number the last one, in microseconds since 1970."""

_AT: ColumnElement[int] = COLUMNS[5]
_HOUR: ColumnElement[int] = literal_column("3600000000")
"""In microseconds, as instants are in `_AT`."""

MOST_APART = 500
"""Names in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCount:
    """
    So many answers of one target to one vantage point that ended the same way.

    at: the instant they were scheduled for, or the beginning of its hour where the instant does not matter.
    """

    target_id: str
    vantage_id: str
    at: datetime
    outcome: Outcome
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Whose answers are counted instant by instant: there it matters when in its hour an answer was."""

    targets: Collection[str] = ()
    vantages: Collection[str] = ()

    def condition(self) -> ColumnElement[bool] | None:
        """Return what is true of their rows; None = there are none."""
        if len(self.targets) + len(self.vantages) > MOST_APART:
            return true()
        either = [
            series.c[name].in_(sorted(names))
            for name, names in (("target_id", self.targets), ("vantage_id", self.vantages))
            if names
        ]
        return measurements.c.series_id.in_(select(series.c.id).where(or_(*either))) if either else None


def select_arrived_counts(after: int, up_to: int, apart: Apart) -> Select[Any]:
    """Return the statement for the counts of what arrived with after < id <= up_to, of whatever kind; see `counts_of`."""
    return _select_counts(apart, measurements.c.id > after, measurements.c.id <= up_to)


def select_hour_counts(kind: str, since: datetime, until: datetime, up_to: int, apart: Apart) -> Select[Any]:
    """Return the statement for the counts of what is scheduled within a time and arrived with id <= up_to."""
    at = measurements.c.scheduled_at
    return _select_counts(apart, measurements.c.kind == kind, at >= since, at < until, measurements.c.id <= up_to)


def _select_counts(apart: Apart, *where: ColumnElement[bool]) -> Select[Any]:
    # Counted by numbers first, and by name only then: five texts a row cost four times as much.
    key = [measurements.c.series_id, measurements.c.outcome]
    hour = _AT - _AT % _HOUR
    is_apart = apart.condition()
    at = hour if is_apart is None else case((is_apart, _AT), else_=hour)
    rows = select(*key, at.label("at")).where(*where).subquery()
    counts = select(*rows.c, func.count().label("number")).group_by(*rows.c).subquery()
    names = (series.c[name] for name in ("kind", "target_id", "vantage_id", "profile"))
    return select(*names, counts.c.outcome, counts.c.at, counts.c.number).join_from(
        counts, series, series.c.id == counts.c.series_id
    )


def counts_of(rows: Iterable[Any], kind: str, profile: str) -> list[AnswerCount]:
    """Return the counts of one kind and profile among rows of `select_arrived_counts` or `select_hour_counts`."""
    return [
        AnswerCount(
            target_id=row.target_id,
            vantage_id=row.vantage_id,
            at=instant_of(row.at),
            outcome=Outcome(row.outcome),
            number=row.number,
        )
        for row in rows
        if (row.kind, row.profile) == (kind, profile)
    ]
