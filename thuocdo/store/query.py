"""What a reader asks for, and the statements that answer it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select

from thuocdo.store.schema import MEASUREMENT_KEY, SERIES_KEY, measurements, series

RECORD = (
    *(*MEASUREMENT_KEY, "agency_id", "round_id", "started_at", "duration_seconds"),
    *("outcome", "reason", "detail", "page_kind", "values", "conditions", "evidence"),
)
"""The columns of a record: a measurement without its findings and versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementQuery:
    """
    Which measurements, in order of their scheduled instant; None = all.

    since, until: since <= scheduled_at < until. limit: the most rows to return.
    """

    target_id: str | None = None
    agency_id: str | None = None
    kind: str | None = None
    round_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    newest_first: bool = False


def select_measurements(query: MeasurementQuery) -> Select[Any]:
    """Return the statement that answers the query."""
    column = measurements.c
    order = [column.scheduled_at, *(column[name] for name in SERIES_KEY)]
    ordered = within(select(measurements), query).order_by(
        *((part.desc() for part in order) if query.newest_first else order)
    )
    return ordered.limit(query.limit)


def select_records(query: MeasurementQuery) -> Select[Any]:
    """Return the statement for the columns of RECORD of what the query asks for."""
    return select_measurements(query).with_only_columns(*(measurements.c[name] for name in RECORD))


def within(statement: Select[Any], query: MeasurementQuery) -> Select[Any]:
    """Return a statement over measurements with the conditions of a query; its order and limit are left out."""
    column = measurements.c
    for name in ("target_id", "agency_id", "kind", "round_id"):
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(column[name] == wanted)
    if query.since is not None:
        statement = statement.where(column.scheduled_at >= query.since)
    if query.until is not None:
        statement = statement.where(column.scheduled_at < query.until)
    return statement


def select_latest(until: datetime | None = None) -> Select[Any]:
    """
    Return the statement for the newest measurement of every series; until: none that is scheduled later.

    One search in the primary key's index per series: the number of measurements does not matter.
    """
    other = measurements.alias("other")
    newest = (
        select(func.max(other.c.scheduled_at))
        .where(
            *(other.c[name] == series.c[name] for name in SERIES_KEY),
            *(() if until is None else (other.c.scheduled_at <= until,)),
        )
        .correlate(series)
        .scalar_subquery()
    )
    same = and_(*(measurements.c[name] == series.c[name] for name in SERIES_KEY), measurements.c.scheduled_at == newest)
    return (
        select(measurements)
        .select_from(series.join(measurements, same))
        .order_by(*(series.c[name] for name in SERIES_KEY))
    )


def select_keys(round_id: str | None) -> Select[Any]:
    """Return the statement for the natural keys of one round, or of everything."""
    statement = select(*(measurements.c[name] for name in MEASUREMENT_KEY))
    return statement if round_id is None else statement.where(measurements.c.round_id == round_id)
