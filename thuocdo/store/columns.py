"""Measurements as columns, for whoever reads a million of them: no object per measurement, no value that is not asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from sqlalchemy import BigInteger, Double, Integer, Select, cast, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from thuocdo.store.query import MeasurementQuery, within
from thuocdo.store.schema import SERIES_KEY, measurements, series

_TOLD = ("agency_id", "outcome", "reason", "page_kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementColumns:
    """
    Some measurements of one target by one kind, from one vantage point with one profile; all columns are equally long.

    scheduled_at: microseconds since 1970 in UTC. outcome, reason, page_kind: as in the model, None where there is none.
    values: by the name a value has within its kind, None where it was not measured.
    """

    target_id: str
    kind: str
    vantage_id: str
    profile: str
    agency_id: Sequence[str]
    outcome: Sequence[str]
    reason: Sequence[str | None]
    page_kind: Sequence[str | None]
    scheduled_at: Sequence[int]
    saturated: Sequence[int]
    values: Mapping[str, Sequence[float | None]]


class _Microseconds(FunctionElement[int]):
    """The microseconds since 1970 of an instant; as a number it comes out of a database without a detour through a datetime."""

    type = BigInteger()
    inherit_cache = True


@compiles(_Microseconds, "sqlite")
def _of_sqlite(element: _Microseconds, compiler: Any, **options: Any) -> str:
    """Instants are text of fixed width there (`schema.Instant`); `strftime` would round a fraction that it sees."""
    text = compiler.process(element.clauses, **options)
    return (
        f"(CAST(strftime('%s', substr({text}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"
    )


@compiles(_Microseconds, "postgresql")
def _of_postgresql(element: _Microseconds, compiler: Any, **options: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **options)}) * 1000000 AS bigint)"


def select_series(query: MeasurementQuery) -> Select[Any]:
    """Return the statement for the series that hold what the query asks for, and perhaps some that do not."""
    statement = select(*(series.c[name] for name in SERIES_KEY))
    for name in ("target_id", "kind"):
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(series.c[name] == wanted)
    return statement.order_by(*(series.c[name] for name in SERIES_KEY))


def select_columns(query: MeasurementQuery, values: Sequence[str], key: Sequence[str] | None = None) -> Select[Any]:
    """
    Return the statement for the columns of what the query asks for; its order and limit do not matter.

    Args:
        query: which measurements.
        values: names of measured values.
        key: of the series to look in, which is then one range of the primary key; None = all, series after series, with their
            keys before the other columns.
    """
    column = measurements.c
    keys = [column[name] for name in SERIES_KEY]
    statement = select(
        *(keys if key is None else ()),
        *(column[name] for name in _TOLD),
        _Microseconds(column.scheduled_at),
        type_coerce(column.saturated, Integer),
        *(cast(column["values"][name].as_float(), Double) for name in values),
    )
    if key is None:
        return within(statement, query).order_by(*keys)
    return within(statement, query).where(*(of_key == part for of_key, part in zip(keys, key, strict=True)))


def columns_of(key: Sequence[str], rows: Iterable[Sequence[Any]], values: Sequence[str]) -> MeasurementColumns:
    """Turn rows of one series, which begin with the first of _TOLD, into columns."""
    target_id, kind, vantage_id, profile = key
    agency_id, outcome, reason, page_kind, scheduled_at, saturated, *measured = zip(*rows, strict=True)
    return MeasurementColumns(
        target_id=target_id,
        kind=kind,
        vantage_id=vantage_id,
        profile=profile,
        agency_id=agency_id,
        outcome=outcome,
        reason=reason,
        page_kind=page_kind,
        scheduled_at=scheduled_at,
        saturated=saturated,
        values=dict(zip(values, measured, strict=True)),
    )


def by_series(rows: Iterable[Sequence[Any]], values: Sequence[str], most: int) -> Iterator[MeasurementColumns]:
    """Cut rows that begin with their series' key, and are in its order, into columns of one series, at most so many rows each."""
    length = len(SERIES_KEY)
    for key, of_series in groupby(rows, key=lambda row: tuple(row[:length])):
        while piece := [row[length:] for row in islice(of_series, most)]:
            yield columns_of(key, piece, values)
