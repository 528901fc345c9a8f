"""Missed starts: how many of each series and hour were due and never started."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from thuocdo.core.model import MissedStarts
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import SERIES_KEY, missed_starts

_COUNT = "missed"


class Missed:
    """The missed starts of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, batch: Sequence[MissedStarts]) -> None:
        """Store counts in one transaction; of one process, series and hour the largest that ever came is kept."""
        largest: dict[Any, MissedStarts] = {}
        for one in batch:
            if one.key not in largest or largest[one.key].missed < one.missed:
                largest[one.key] = one
        # Sorted: two writers of the same keys take their locks in the same order, so they wait but never deadlock.
        rows = [{name: storable(value) for name, value in asdict(largest[key]).items()} for key in sorted(largest)]
        if not rows:
            return
        with self._database.transaction(f"{len(rows)} counts of missed starts cannot be written") as connection:
            connection.execute(self._database.insert_or_grow(missed_starts, _COUNT), rows)

    def sums(self, since: datetime, until: datetime, *, kind: str, profile: str) -> dict[datetime, int]:
        """Return how many of a kind were missed in each hour with since <= hour < until in which any were."""
        return {row["hour"]: int(row[_COUNT]) for row in self._database.rows(select_sums(since, until, kind, profile))}

    def by_hour(self, since: datetime, until: datetime, *, kind: str, profile: str) -> list[MissedStarts]:
        """Return what was missed of a kind in hours with since <= hour < until, by target, vantage point and hour."""
        return [_sum_of(row) for row in self._database.rows(select_by_hour(since, until, kind, profile))]

    def totals(
        self, since: datetime, until: datetime, *, target_id: str | None = None, agency_id: str | None = None
    ) -> list[MissedStarts]:
        """
        Return what was missed of each series in hours with since <= hour < until; hour: the first in which something was.

        target_id, agency_id: only of these; None = all.
        """
        statement = select_totals(since, until, target_id=target_id, agency_id=agency_id)
        return [_sum_of(row) for row in self._database.rows(statement)]


def select_sums(since: datetime, until: datetime, kind: str, profile: str) -> Select[Any]:
    """Return the statement for the sums of a kind over all series, hour by hour."""
    column = missed_starts.c
    return (
        select(column.hour, func.sum(column.missed).label(_COUNT))
        .where(column.hour >= since, column.hour < until, column.kind == kind, column.profile == profile)
        .group_by(column.hour)
    )


def select_by_hour(since: datetime, until: datetime, kind: str, profile: str) -> Select[Any]:
    """Return the statement for the sums of a kind over the processes that counted, hour by hour."""
    column = missed_starts.c
    return _sums(column.hour, since, until).where(column.kind == kind, column.profile == profile).group_by(column.hour)


def select_totals(
    since: datetime, until: datetime, *, target_id: str | None = None, agency_id: str | None = None
) -> Select[Any]:
    """Return the statement for the sums of each series over the processes that counted and over the hours."""
    statement = _sums(func.min(missed_starts.c.hour).label("hour"), since, until)
    if target_id is not None:
        statement = statement.where(missed_starts.c.target_id == target_id)
    if agency_id is not None:
        statement = statement.where(missed_starts.c.agency_id == agency_id)
    return statement


def _sums(hour: Any, since: datetime, until: datetime) -> Select[Any]:
    column = missed_starts.c
    series = [column[name] for name in SERIES_KEY]
    return (
        select(*series, hour, func.max(column.agency_id).label("agency_id"), func.sum(column.missed).label(_COUNT))
        .where(column.hour >= since, column.hour < until)
        .group_by(*series)
        .order_by(*series, "hour")
    )


def _sum_of(row: RowMapping) -> MissedStarts:
    return MissedStarts(**{**row, _COUNT: int(row[_COUNT])})
