"""Measurements: taken, and given back whole, as columns, or as the few things that judging needs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from thuocdo.core.model import Measurement, MeasurementKey, Reading
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.store import judging
from thuocdo.store.columns import MeasurementColumns, by_series, columns_of, select_columns, select_series
from thuocdo.store.database import Database
from thuocdo.store.query import (
    RECORD,
    MeasurementQuery,
    select_keys,
    select_latest,
    select_measurements,
    select_records,
)
from thuocdo.store.rows import key_of, measurement_of, row_of
from thuocdo.store.schema import MEASUREMENT_KEY, SERIES_KEY, assessments, measurements, series

ROWS_PER_FETCH = 500
ROWS_PER_PIECE = 10_000

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
        # Sorted: two writers of the same keys take their locks in the same order, so they wait but never deadlock.
        rows = sorted(
            (row_of(measurement) for measurement in batch), key=lambda row: tuple(row[name] for name in MEASUREMENT_KEY)
        )
        if not rows:
            return 0
        keys = [
            dict(zip(SERIES_KEY, key, strict=True))
            for key in dict.fromkeys(tuple(row[name] for name in SERIES_KEY) for row in rows)
        ]
        with self._database.transaction(f"{len(rows)} measurements cannot be written") as connection:
            connection.execute(self._database.insert_new(series), keys)
            written = connection.execute(
                self._database.insert_new(measurements), rows, execution_options={"preserve_rowcount": True}
            )
            return written.rowcount

    def find(self, query: MeasurementQuery | None = None) -> Iterator[Measurement]:
        """Yield what the query asks for, in order of the scheduled instant, without holding all of it in memory."""
        statement = select_measurements(query or MeasurementQuery()).execution_options(yield_per=ROWS_PER_FETCH)
        with self._database.reading(_CANNOT) as connection:
            for row in connection.execute(statement).mappings():
                yield measurement_of(row)

    def records(self, query: MeasurementQuery) -> Iterator[Mapping[str, Any]]:
        """
        Yield what `find` would, in the same order, as records: the columns of RECORD by name, for whoever makes tables.

        Instants are datetimes in UTC; values and conditions are mappings, evidence is a list of mappings, as they lie in the row.
        """
        statement = select_records(query).execution_options(yield_per=ROWS_PER_FETCH)
        with self._database.reading(_CANNOT) as connection:
            for row in connection.execute(statement):
                yield dict(zip(RECORD, row, strict=True))

    def columns(self, query: MeasurementQuery, values: Sequence[str]) -> Iterator[MeasurementColumns]:
        """
        Yield what the query asks for as columns, a piece at a time and in no order; its order and limit do not matter.

        Args:
            query: which measurements.
            values: names of measured values to take along.
        """
        with self._database.reading(_CANNOT) as connection:
            if query.round_id is not None:  # a round is few of a series' many rows, and has an index of its own
                rows = connection.execute(select_columns(query, values).execution_options(yield_per=ROWS_PER_PIECE))
                yield from by_series(rows, values, ROWS_PER_PIECE)
                return
            for key in connection.execute(select_series(query)).all():
                statement = select_columns(query, values, key).execution_options(yield_per=ROWS_PER_PIECE)
                for piece in connection.execute(statement).partitions():
                    yield columns_of(key, piece, values)

    def latest(self, until: datetime | None = None) -> list[Measurement]:
        """
        Return the newest measurement per target, kind, vantage point and profile, in this order.

        until: leaves out what is scheduled later: a clock that was ahead has left it behind.
        """
        with self._database.reading(_CANNOT) as connection:
            return [measurement_of(row) for row in connection.execute(select_latest(until)).mappings().all()]

    def keys(self, round_id: str | None = None) -> set[MeasurementKey]:
        """Return the natural keys of one round, or of everything."""
        return {key_of(row) for row in self._database.rows(select_keys(round_id))}

    def count(self, round_id: str | None = None) -> int:
        """Return how many measurements one round has, or the whole store."""
        statement = select(func.count().label("n")).select_from(measurements)
        if round_id is not None:
            statement = statement.where(measurements.c.round_id == round_id)
        return int(self._database.rows(statement)[0]["n"])

    def newest_at(self) -> datetime | None:
        """Return the newest scheduled instant, or None where there are none."""
        newest: datetime | None = self._database.rows(select(func.max(measurements.c.scheduled_at).label("at")))[0][
            "at"
        ]
        return newest

    def protected_evidence(self) -> frozenset[str]:
        """
        Return the addresses (SHA-256) of evidence that must never expire: that of assessments and of measurements in rounds.

        A ranking must be defensible as long as it can be looked at, and every round can.
        """
        assessed = select(assessments.c.evidence_sha256).distinct()
        in_rounds = select(measurements.c.evidence).where(
            measurements.c.round_id.is_not(None), measurements.c.evidence != []
        )
        found = {row["evidence_sha256"] for row in self._database.rows(assessed)}
        with self._database.reading(_CANNOT) as connection:
            for pieces in connection.execute(in_rounds.execution_options(yield_per=ROWS_PER_FETCH)).scalars():
                found.update(piece["sha256"] for piece in pieces)
        return frozenset(found)

    def readings(
        self, kind: str, value: str, *, since: datetime, until: datetime, profile: str = PLAIN_PROFILE
    ) -> Iterator[Reading]:
        """
        Yield what judging needs of the measurements of a kind, in order of the scheduled instant.

        Args:
            kind: of probe.
            value: name of the measured time that tells slowness.
            since, until: since <= scheduled_at < until.
            profile: device and line.
        """
        statement = judging.select_readings(kind, value, profile, since, until)
        with self._database.reading(_CANNOT) as connection:
            for row in connection.execute(statement.execution_options(yield_per=ROWS_PER_FETCH)).mappings():
                yield judging.reading_of(row)

    def seconds(self, key: MeasurementKey, value: str, *, since: datetime, until: datetime) -> list[float]:
        """Return the times of the series that a key belongs to, of ok and unhurried measurements, in no order."""
        named = (key.target_id, key.kind, key.vantage_id, key.profile)
        rows = self._database.rows(judging.select_seconds(named, value, since, until))
        return [row["seconds"] for row in rows if row["seconds"] is not None]
