"""Measurements: taken, and given back whole, as columns, or as the few things that judging needs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select

from thuocdo.core.model import Measurement, MeasurementKey, Outcome, Reading
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.store import judging
from thuocdo.store.database import Database
from thuocdo.store.interning import facts_of
from thuocdo.store.query import (
    MeasurementQuery,
    newest_number,
    select_end,
    select_keys,
    select_kinds,
    select_latest,
    select_measurements,
    select_one,
    select_series,
    whole_rows,
)
from thuocdo.store.rows import extra_in, facts_in, key_of, measurement_of, record_of
from thuocdo.store.schema import assessments, incidents, measurements, objections
from thuocdo.store.writing import Prepared, insert_new_rows, series_key

ROWS_PER_FETCH = 500

Made = TypeVar("Made")

_CANNOT = "measurements cannot be read"


class Measurements:
    """The measurements of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, batch: Sequence[Measurement]) -> int:
        """
        Store measurements in one transaction: all or none. What is stored already stays as it is.

        Returns:
            The number of new rows.
        """
        if not batch:
            return 0
        database, doing = self._database, f"{len(batch)} measurements cannot be written"
        with database.told(doing):  # all that needs no database, before anybody else must wait
            prepared = Prepared.of(batch)
        with database.transaction(doing) as connection:
            rows = prepared.rows(connection, database)
            return insert_new_rows(connection, database, rows)

    def find(self, query: MeasurementQuery | None = None) -> Iterator[Measurement]:
        """Yield what the query asks for, in order of the scheduled instant, without holding all of it in memory."""
        return self._rows(query or MeasurementQuery(), measurement_of)

    def records(self, query: MeasurementQuery) -> Iterator[Mapping[str, Any]]:
        """
        Yield what `find` would, in the same order, as records: the fields of RECORD by name, for whoever makes tables.

        Instants are datetimes in UTC; values and conditions are mappings, evidence is a list of mappings.
        """
        return self._rows(query, record_of)

    def _rows(self, query: MeasurementQuery, made_of: Callable[[Any], Made]) -> Iterator[Made]:
        with self._database.reading(_CANNOT) as connection:
            wanted = [row.id for row in connection.execute(select_series(query))] if query.is_of_series else []
            kinds = list(connection.execute(select_kinds()).scalars()) if query.is_of_all else []
            is_postgresql = connection.dialect.name == "postgresql"
            statement = select_measurements(query, wanted, kinds, cut=is_postgresql)
            if statement is not None:
                for row in connection.execute(statement.execution_options(yield_per=ROWS_PER_FETCH)):
                    yield made_of(row)

    def get(self, key: MeasurementKey) -> Measurement | None:
        """Return one measurement, or None where there is none with this key."""
        with self._database.reading(_CANNOT) as connection:
            row = connection.execute(select_one(key)).one_or_none()
            return None if row is None else measurement_of(row)

    def latest(self, until: datetime | None = None) -> list[Measurement]:
        """
        Return the newest measurement per target, kind, vantage point and profile, in this order.

        until: leaves out what is scheduled later: a clock that was ahead has left it behind.
        """
        with self._database.reading(_CANNOT) as connection:
            return [measurement_of(row) for row in connection.execute(select_latest(until))]

    def arrived_whole(self, after: int, until: int) -> Iterator[Measurement]:
        """Yield the measurements with after < number <= until, in the order in which they arrived."""
        statement = (
            whole_rows().where(measurements.c.id > after, measurements.c.id <= until).order_by(measurements.c.id)
        )
        with self._database.reading(_CANNOT) as connection:
            for row in connection.execute(statement.execution_options(yield_per=ROWS_PER_FETCH)):
                yield measurement_of(row)

    def arrived_of_round(self, round_id: str) -> Iterator[Measurement]:
        """Yield the measurements of a round in the order in which they arrived, without holding all of them in memory."""
        statement = whole_rows().where(measurements.c.round_id == round_id).order_by(measurements.c.id)
        with self._database.snapshot(_CANNOT) as connection:
            for row in connection.execute(statement.execution_options(yield_per=ROWS_PER_FETCH)):
                yield measurement_of(row)

    def keys(self, round_id: str | None = None) -> set[MeasurementKey]:
        """Return the natural keys of one round, or of everything."""
        with self._database.reading(_CANNOT) as connection:
            return {key_of(row) for row in connection.execute(select_keys(round_id))}

    def count(self, round_id: str | None = None) -> int:
        """Return how many measurements one round has, or the whole store."""
        statement = select(func.count().label("n")).select_from(measurements)
        if round_id is not None:
            statement = statement.where(measurements.c.round_id == round_id)
        return int(self._database.rows(statement)[0]["n"])

    def counts(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return how many measurements there are of each kind with since <= scheduled_at < until; each is a part of an index."""
        at = measurements.c.scheduled_at
        with self._database.reading(_CANNOT) as connection:
            kinds = list(connection.execute(select_kinds()).scalars())
            counts = select(func.count()).select_from(measurements).where(at >= since, at < until)
            return {kind: connection.execute(counts.where(measurements.c.kind == kind)).scalar() or 0 for kind in kinds}

    def oldest_since(self, since: datetime) -> datetime | None:
        """Return the oldest scheduled instant from an instant on, None where there is none."""
        return min(self._ends(func.min, since), default=None)

    def newest_at(self) -> datetime | None:
        """Return the newest scheduled instant, or None where there are none."""
        return max(self._ends(func.max), default=None)

    def _ends(self, end: Any, since: datetime | None = None) -> list[datetime]:
        """Return the first or last instant of each kind, since: from then on; each is one search in the index."""
        with self._database.reading(_CANNOT) as connection:
            kinds = list(connection.execute(select_kinds()).scalars())
            found = [connection.execute(select_end(end, kind, since)).scalar() for kind in kinds]
        return [at for at in found if at is not None]

    def protected_evidence(self) -> frozenset[str]:
        """
        Return the addresses (SHA-256) of evidence that must never expire: of assessments, objections, incidents, and of
        measurements in rounds.

        A ranking must be defensible as long as it can be looked at, and every round can; so must it be that somebody was woken.
        """
        assessed = select(assessments.c.evidence_sha256).distinct()
        in_rounds = select(measurements.c.extra).where(
            measurements.c.round_id.is_not(None), measurements.c.extra.is_not(None)
        )
        found = {row["evidence_sha256"] for row in self._database.rows(assessed)}
        with self._database.reading(_CANNOT) as connection:
            for extra in connection.execute(in_rounds.execution_options(yield_per=ROWS_PER_FETCH)).scalars():
                found.update(piece["sha256"] for piece in extra_in(extra).get("evidence", ()))
            for column in (incidents.c.evidence, objections.c.evidence):
                of_others = select(column).execution_options(yield_per=ROWS_PER_FETCH)
                for evidence in connection.execute(of_others).scalars():
                    found.update(piece["sha256"] for piece in evidence)
        return frozenset(found)

    def readings(
        self,
        kind: str,
        value: str,
        *,
        since: datetime,
        until: datetime,
        profile: str = PLAIN_PROFILE,
        up_to: int | None = None,
        outcome: Outcome | None = None,
    ) -> Iterator[Reading]:
        """
        Yield what judging needs of the measurements of a kind, in order of the scheduled instant.

        Args:
            kind: of probe.
            value: name of the measured time that tells slowness.
            since, until: since <= scheduled_at < until.
            profile: device and line.
            up_to: number of the last measurement to take (see `newest`); None = all.
            outcome: how they ended; None = all.
        """
        statement = judging.select_readings(kind, profile, since, until, up_to, outcome)
        with self._database.reading(_CANNOT) as connection:
            for row in connection.execute(statement.execution_options(yield_per=ROWS_PER_FETCH)):
                yield judging.reading_of(row, facts_in(row.body), value)

    def newest(self) -> int:
        """Return the number of the measurement that arrived last, 0 where there is none; numbers only grow."""
        with self._database.reading(_CANNOT) as connection:
            return newest_number(connection)

    def arrived(
        self, after: int, values: Mapping[str, str], *, since: datetime, profile: str = PLAIN_PROFILE
    ) -> tuple[int, list[Reading]]:
        """
        Return what judging needs of the measurements that arrived after another one.

        What it costs depends on how many arrived, not on how many there are.

        Args:
            after: the number of that other one.
            values: name of the measured time that tells slowness, by kind; only these kinds.
            since: what is scheduled earlier is left out.
            profile: device and line.

        Returns:
            The number of the measurement that arrived last, below `after` where the store was put back from a copy; and the
            readings, in no order.
        """
        with self._database.snapshot(_CANNOT) as connection:
            newest = newest_number(connection)
            if newest <= after:
                return newest, []
            statement = judging.select_arrived_readings(after, newest).execution_options(yield_per=ROWS_PER_FETCH)
            rows = [
                row
                for row in connection.execute(statement)
                if row.kind in values and row.scheduled_at >= since and row.profile == profile
            ]
            of_rows = facts_of(connection, {row.facts_id for row in rows})
        return newest, [judging.reading_of(row, of_rows[row.facts_id], values[row.kind]) for row in rows]

    def seconds(self, key: MeasurementKey, value: str, *, since: datetime, until: datetime) -> list[float]:
        """Return the times of the series that a key belongs to, of ok and unhurried measurements, in no order."""
        with self._database.reading(_CANNOT) as connection:
            rows = connection.execute(judging.select_seconds(series_key(key), since, until)).all()
        times = (judging.seconds_of(row, value) for row in rows)
        return [seconds for seconds in times if seconds is not None]
