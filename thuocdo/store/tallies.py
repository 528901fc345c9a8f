"""
The tallies of hours, and how they follow the measurements.

A measurement is added once, in the transaction that moves the mark of how far the counting has come: a process may be killed at
any moment. An hour that is counted anew replaces what was known of it, unless measurements of it were let go of meanwhile.

What was missed is no measurement: it is brought up to date apart, and counting answers leaves it as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from thuocdo.core.model import HourTally
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.store import counting, judging
from thuocdo.store.counting import GOING_BACK, PROGRESS, AnswerCount, Apart
from thuocdo.store.database import Database
from thuocdo.store.query import newest_number
from thuocdo.store.schema import hour_tallies, instant_of, measurements, microseconds_of, progress

HOUR = timedelta(hours=1)
_CANNOT = "tallies cannot be written"
_MISSED = "missed"
_COLUMNS = hour_tallies.c.keys()
_KEY = [column.name for column in hour_tallies.primary_key.columns]


class Tallies:
    """The tallies of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self) -> int | None:
        """Return the number of the last measurement that is in a tally; None = nothing was counted by arrival yet."""
        with self._database.reading() as connection:
            return counted_up_to(connection)

    def begin(self, kind: str, farthest: datetime, now: datetime) -> int:
        """
        Begin to count by arrival; what is stored already is to be counted hour by hour, see `next_hour`.

        Args:
            kind: of probe that is counted.
            farthest: no hour before this one.
            now: the hour it lies in is the first to be counted.

        Returns:
            The mark.
        """
        with self._database.transaction(_CANNOT) as connection:
            known = counted_up_to(connection)
            if known is not None:
                return known
            newest = newest_number(connection)
            at = measurements.c.scheduled_at
            oldest = connection.execute(
                select(func.min(at)).where(measurements.c.kind == kind, at >= farthest)
            ).scalar()
            last = _hour_of(now + HOUR if oldest is None else oldest)  # nothing there: nothing to be done
            rows = [
                {"name": PROGRESS, "number": newest, "at": now},
                {"name": GOING_BACK, "number": microseconds_of(last), "at": _hour_of(now)},
            ]
            connection.execute(self._database.insert_or_replace(progress), rows)
            return newest

    def next_hour(self) -> datetime | None:
        """Return the hour of the past that is to be counted next, newest first; None = all are."""
        with self._database.reading() as connection:
            return hour_left(connection)

    def save_next_hour(self, hour: datetime) -> None:
        """Store that all hours of the past after this one are counted."""
        with self._database.transaction(_CANNOT) as connection:
            connection.execute(progress.update().where(progress.c.name == GOING_BACK).values(at=hour))

    def arrived(
        self, after: int, most: int, kind: str, apart: Apart, *, profile: str = PLAIN_PROFILE
    ) -> tuple[int, list[AnswerCount]]:
        """
        Count the measurements that arrived after another one, in one statement.

        Args:
            after: the number of that other one.
            most: numbers to look through.
            kind, profile: what is counted.
            apart: whose are counted instant by instant.

        Returns:
            The number of the last measurement that was looked at, and the counts.
        """
        with self._database.snapshot() as connection:
            newest = connection.execute(select(func.max(measurements.c.id))).scalar() or 0
            up_to = max(after, min(newest, after + most))
            if up_to == after:
                return after, []
            rows = connection.execute(counting.select_arrived_counts(after, up_to, apart)).all()
        return up_to, counting.counts_of(rows, kind, profile)

    def of_hour(
        self, hour: datetime, up_to: int, kind: str, apart: Apart, *, profile: str = PLAIN_PROFILE
    ) -> list[AnswerCount]:
        """Count the measurements of an hour that are still kept and arrived up to a number; the rest as in `arrived`."""
        with self._database.reading() as connection:
            rows = connection.execute(counting.select_hour_counts(kind, hour, hour + HOUR, up_to, apart)).all()
        return counting.counts_of(rows, kind, profile)

    def add(self, tallies: Iterable[HourTally], after: int, up_to: int, now: datetime) -> bool:
        """
        Add to what is known of hours, and move the mark: both or neither.

        Args:
            tallies: of what arrived with after < number <= up_to.
            after: the mark as it was.
            up_to: as it is to be.
            now: noted with the mark.

        Returns:
            Whether it was done: not where somebody else moved the mark meanwhile.
        """
        rows = _rows(tallies)
        with self._database.transaction(_CANNOT) as connection:
            if counted_up_to(connection) != after:
                return False
            if rows:
                connection.execute(_additive(connection), rows)
            done = {"name": PROGRESS, "number": up_to, "at": now}
            connection.execute(self._database.insert_or_replace(progress), done)
        return True

    def replace(self, tallies: Iterable[HourTally], up_to: int) -> bool:
        """
        Store what was counted anew; a tally of more measurements than that stays as it is.

        Args:
            tallies: of whole hours, by all measurements up to a number.
            up_to: that number; nothing is done where the mark is another one by now.

        Returns:
            Whether it was done.
        """
        rows = _rows(tallies)
        with self._database.transaction(_CANNOT) as connection:
            if counted_up_to(connection) != up_to:
                return False
            if rows:
                connection.execute(_replacing_less(connection), rows)
        return True

    def save_missed(self, hour: datetime, tallies: Iterable[HourTally], *, from_zero: bool) -> None:
        """
        Store what was missed in an hour beside what was answered; never less than is stored, unless it is told to.

        Args:
            hour: which.
            tallies: of this hour; only what was missed is looked at.
            from_zero: replace what is stored, and of who is not among the tallies nothing was missed.
        """
        known = select(hour_tallies).where(hour_tallies.c.hour == hour, hour_tallies.c.missed > 0)
        missed = list(tallies)
        with self._database.transaction(_CANNOT) as connection:
            if from_zero:
                named = {(one.target_id, one.vantage_id) for one in missed}
                found = map(judging.tally_of, connection.execute(known).mappings())
                missed += [replace(one, missed=0) for one in found if (one.target_id, one.vantage_id) not in named]
            if missed:
                nothing = dict.fromkeys(judging.ANSWERED, 0)
                rows = [row | nothing for row in _rows(missed)]  # of whom nothing was started there is no tally yet
                replacing = self._database.insert_or_replace(hour_tallies, [_MISSED])
                growing = self._database.insert_or_grow(hour_tallies, _MISSED)
                connection.execute(replacing if from_zero else growing, rows)

    def hours_in_maintenance(self, since: datetime) -> Sequence[datetime]:
        """Return the hours from an instant on of which a tally has answers within planned maintenance."""
        column = hour_tallies.c
        statement = select(column.hour).distinct().where(column.hour >= since, column.excluded > 0)
        return [row["hour"] for row in self._database.rows(statement)]


def hour_left(connection: Connection) -> datetime | None:
    """Return the hour of the past that is to be counted next, None where all are, or nobody has begun."""
    row = connection.execute(select(progress).where(progress.c.name == GOING_BACK)).one_or_none()
    return None if row is None or row.at < instant_of(row.number) else row.at


def counted_up_to(connection: Connection) -> int | None:
    """Return the number of the last measurement that is in a tally; None = nothing was counted by arrival yet."""
    number: int | None = connection.execute(select(progress.c.number).where(progress.c.name == PROGRESS)).scalar()
    return number


def _hour_of(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)


def _rows(tallies: Iterable[HourTally]) -> list[dict[str, Any]]:
    # In one order, so that two who write at once wait for each other and do not meet.
    ordered = sorted(tallies, key=lambda one: (one.target_id, one.vantage_id, one.hour))
    return [{name: getattr(tally, name) for name in _COLUMNS} for tally in ordered]


def _additive(connection: Connection) -> Any:
    insert = _insert(connection)
    sums = {name: hour_tallies.c[name] + insert.excluded[name] for name in judging.ANSWERED}
    return insert.on_conflict_do_update(index_elements=_KEY, set_=sums)


def _replacing_less(connection: Connection) -> Any:
    """Return the statement that puts tallies in place of those of fewer answers, or as many."""
    insert = _insert(connection)
    known, new = (sum(columns[name] for name in judging.ANSWERED) for columns in (hour_tallies.c, insert.excluded))
    return insert.on_conflict_do_update(
        index_elements=_KEY,
        set_={name: insert.excluded[name] for name in judging.ANSWERED},
        where=new >= known,
    )


def _insert(connection: Connection) -> Any:
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(hour_tallies)
