"""
Roll-ups: what the measurements of a series and day amount to, so that months are read in a second and outlive the measurements.

Every measurement is added once, in the order of arrival, in the transaction that moves the mark of how far the work has come: a
process may be killed at any moment, and what comes late, even weeks after its day, is added to what is there. Whoever reads takes
the roll-ups and, of the same instant, what has arrived since the mark.
"""

from collections.abc import Sequence, Set
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, func, select

from thuocdo.store.database import Database
from thuocdo.store.interning import facts_of, pieces
from thuocdo.store.query import MeasurementQuery, newest_number
from thuocdo.store.rollup_body import day_of, decoded, encoded, merged, names_in
from thuocdo.store.rollup_reading import PROGRESS, Names, RollupReading, Runs, mark_of, select_arrived, series_keys
from thuocdo.store.runs import tallied
from thuocdo.store.schema import progress, rollups, series

ROWS_AT_ONCE = 20_000
"""Measurements that are rolled up in one go, at the least."""

ROWS_A_SERIES = 6
"""
In one go of many series: every go writes the roll-ups of the day anew of all series it has anything of, however little that is.
"""

NOTHING: Names = MappingProxyType({})

_CANNOT = "roll-ups cannot be read"


class Rollups:
    """The roll-ups of a database, with what is not rolled up yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows_at_once(self) -> int:
        """Return how many measurements are best rolled up in one go; grows with the number of series."""
        found = self._database.rows(select(func.count().label("number")).select_from(series))
        return max(ROWS_AT_ONCE, ROWS_A_SERIES * int(found[0]["number"]))

    def roll(self, names: Names, now: datetime, *, most: int = ROWS_AT_ONCE) -> int:
        """
        Add the next measurements to the roll-ups of their days.

        Args:
            names: of the values that are kept, by kind; of an unknown kind none.
            now: noted as when this was last done.
            most: measurements to take.

        Returns:
            How many there were; fewer than `most` = there are no more.
        """
        database = self._database
        with database.reading(_CANNOT) as connection:  # all that takes long, while agents write
            mark = mark_of(connection)
            rows = connection.execute(select_arrived(mark).limit(most)).all()
            bodies = _added(connection, rows, names)
        done = {"name": PROGRESS, "number": max((row[0] for row in rows), default=mark), "at": now}
        with database.transaction("measurements cannot be rolled up") as connection:
            if mark_of(connection) != mark:
                return most  # somebody else was faster; what is left is for the next time
            if bodies:
                connection.execute(database.insert_or_replace(rollups), bodies)
            connection.execute(database.insert_or_replace(progress), done)
        return len(rows)

    def rolled_at(self) -> datetime | None:
        """Return when measurements were last rolled up, None = never."""
        found = self._database.rows(select(progress.c.at).where(progress.c.name == PROGRESS))
        return found[0]["at"] if found else None

    def waiting(self) -> int:
        """Return about how many measurements wait to be rolled up."""
        with self._database.reading(_CANNOT) as connection:
            return max(0, newest_number(connection) - mark_of(connection))

    def between(self, since: datetime, until: datetime, names: Names, counted: Names = NOTHING) -> Runs:
        """
        Return the runs with since <= scheduled_at < until, however long ago.

        Args:
            since, until: where measurements of a block that is cut are not kept any more, the whole block is taken.
            names: of the values that are wanted, by kind; only these kinds.
            counted: of values of which only is wanted how many runs have one, by kind.
        """
        return Runs(
            self._snapshot, lambda to, sources: RollupReading(to, sources, names, counted).between(since, until)
        )

    def by_block(self, since: datetime, until: datetime, names: Names) -> Runs:
        """Return the runs of a window as `between`, every group of one block (of its `first_at`)."""
        return Runs(
            self._snapshot,
            lambda to, sources: RollupReading(to, sources, names, NOTHING, apart=True).between(since, until),
        )

    def of_round(
        self,
        round_id: str,
        names: Names,
        counted: Names = NOTHING,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> "Runs":
        """
        Return the runs of a round, or of a part of it, from its measurements themselves; names, counted as in `between`.

        Every group is of one block.
        """
        query = MeasurementQuery(round_id=round_id, since=since, until=until)
        return Runs(self._snapshot, lambda to, sources: RollupReading(to, sources, names, counted).of_round(query))

    def _snapshot(self) -> AbstractContextManager[Connection]:
        return self._database.snapshot(_CANNOT)


def _added(connection: Connection, rows: Sequence[Any], names: Names) -> list[dict[str, Any]]:
    """Return the roll-ups that rows of `select_arrived` belong to, with these added."""
    if not rows:
        return []
    keys = series_keys(connection)
    known = facts_of(connection, {row[2] for row in rows})
    by_day = sorted(((row[1], day_of(row[6]), row[1:]) for row in rows), key=itemgetter(0, 1))
    bodies = _bodies(connection, {(number, day) for number, day, _ in by_day})
    made = []
    for (number, day), some in groupby(by_day, key=itemgetter(0, 1)):
        kept = names.get(keys[number][1], ())
        new = tallied((row for _, _, row in some), kept, lambda ids: {one: known[one] for one in ids})
        body = bodies.pop((number, day), None)
        if body is not None:
            kept = [name for name in kept if name in names_in(body)]
            new = merged(decoded(day, body), new)
        made.append({"series_id": number, "day": day, "body": encoded(day, new, kept)})
    return made


def _bodies(connection: Connection, wanted: Set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Return what is there of some roll-ups, by series and day; asked for one by one, a server takes longer than we do."""
    found = {}
    for day in {day for _, day in wanted}:
        numbers = sorted(number for number, of_day in wanted if of_day == day)
        for some in pieces(numbers):
            statement = select(rollups.c.series_id, rollups.c.body).where(
                rollups.c.day == day, rollups.c.series_id.in_(some)
            )
            found.update({(number, day): body for number, body in connection.execute(statement)})
    return found
