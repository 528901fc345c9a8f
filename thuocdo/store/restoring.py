"""
Puts measurements back that were let go of, so that nothing counts them twice.

What the roll-ups hold already gets numbers below zero: whoever goes through measurements as they arrive (rolling up, judging)
asks for higher ones, and passes them over. What they do not hold, as in a store that is new, arrives like everything else.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select

from thuocdo.core.model import Measurement
from thuocdo.store.database import Database
from thuocdo.store.rollup_body import day_of, day_start, runs_in
from thuocdo.store.rollup_reading import mark_of
from thuocdo.store.schema import instant_of, measurements, microseconds_of, progress, rollups
from thuocdo.store.writing import Prepared, insert_new_rows

RESTORED = "restored:"
"""Of `progress`: with a day, that it was put back; number = the day, in Hanoi, counted from 1970."""

RESTORED_FOR = timedelta(days=7)
"""So long what was put back stays, however old it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """
    What was done. known: were there already. counted: put back, and in the roll-ups already. new: put back, to be rolled up.
    """

    known: int = 0
    counted: int = 0
    new: int = 0

    def __add__(self, other: "PutBack") -> "PutBack":
        """Return both together."""
        return PutBack(known=self.known + other.known, counted=self.counted + other.counted, new=self.new + other.new)


class Restoring:
    """Puts measurements back into a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_back(self, batch: Sequence[Measurement]) -> PutBack:
        """
        Store measurements in one transaction: all or none. What is there stays as it is.

        Args:
            batch: all that the archive has of whole series and days.
        """
        if not batch:
            return PutBack()
        database, doing = self._database, f"{len(batch)} measurements cannot be put back"
        with database.told(doing):
            prepared = Prepared.of(batch)
        with database.transaction(doing) as connection:
            rows = prepared.rows(connection, database)
            done = PutBack()
            counted: list[dict[str, Any]] = []
            new: list[dict[str, Any]] = []
            for (number, day), of_day in _by_day(rows).items():
                missing = _missing(connection, number, day, of_day)
                is_counted = _is_counted(connection, number, day)
                (counted if is_counted else new).extend(missing)
                done += PutBack(known=len(of_day) - len(missing))
            done += PutBack(counted=len(counted), new=len(new))
            if counted:
                lowest = min(0, connection.execute(select(func.min(measurements.c.id))).scalar() or 0)
                numbered = [{"id": lowest - place, **row} for place, row in enumerate(counted, start=1)]
                insert_new_rows(connection, database, numbered)
            if new:
                insert_new_rows(connection, database, new)
        return done

    def note(self, day: int, now: datetime) -> None:
        """Note that a day is being put back, before it is, so that retention leaves it alone; forget days long since."""
        row = {"name": f"{RESTORED}{day}", "number": day, "at": now}
        with self._database.transaction("what is put back cannot be noted") as connection:
            connection.execute(
                delete(progress).where(progress.c.name.startswith(RESTORED), progress.c.at <= now - RESTORED_FOR)
            )
            connection.execute(self._database.insert_or_replace(progress), row)

    def noted(self) -> dict[int, datetime]:
        """Return until when the days stay that were put back, by day in Hanoi counted from 1970."""
        rows = self._database.rows(select(progress).where(progress.c.name.startswith(RESTORED)))
        return {row["number"]: row["at"] + RESTORED_FOR for row in rows}


def _by_day(rows: Iterable[dict[str, Any]]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    found: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["series_id"], day_of(microseconds_of(row["scheduled_at"]))].append(row)
    return found


def _of_day(number: int, day: int) -> Any:
    begin, end = instant_of(day_start(day)), instant_of(day_start(day + 1))
    at = measurements.c.scheduled_at
    return (measurements.c.series_id == number) & (at >= begin) & (at < end)


def _missing(connection: Connection, number: int, day: int, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    there = set(connection.execute(select(measurements.c.scheduled_at).where(_of_day(number, day))).scalars())
    return [row for row in rows if row["scheduled_at"] not in there]


def _is_counted(connection: Connection, number: int, day: int) -> bool:
    """Tell whether the roll-up of a series and day holds more than what is there: then it holds what is missing."""
    body = connection.execute(
        select(rollups.c.body).where(rollups.c.series_id == number, rollups.c.day == day)
    ).scalar()
    if body is None:
        return False
    rolled = select(func.count()).where(_of_day(number, day), measurements.c.id <= mark_of(connection))
    return runs_in(body) > (connection.execute(rolled).scalar() or 0)
