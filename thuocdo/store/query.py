"""
What a reader asks for, and the statements that answer it.

Every question is put to lanes: parts of an index in which measurements lie in the order of their instants. A round is one lane, a
series is one, a kind is one; a question about several is the merge of them (both engines merge lanes that are sorted already), so
that the first 50 rows cost 50 rows, however much history there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, func, select, union_all

from thuocdo.core.model import MeasurementKey
from thuocdo.store.schema import MEASUREMENT_KEY, SERIES_KEY, agency_series, facts, measurements, series

RECORD = (
    *(*MEASUREMENT_KEY, "agency_id", "round_id", "started_at", "duration_seconds"),
    *("outcome", "reason", "detail", "page_kind", "values", "conditions", "evidence"),
)
"""The fields of a record: a measurement without its findings, attributes and tested rules."""

MOST_LANES = 100
"""SQLite takes 500 at most, and each costs a little of every row; more of them are sorted by the engine."""

_ROW = (
    "series_id",
    "scheduled_at",
    "kind",
    "round_id",
    "outcome",
    "reason",
    "page_kind",
    "saturated",
    "numbers",
    "extra",
)


Statement = TypeVar("Statement", Select[Any], CompoundSelect[Any])


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

    @property
    def is_of_series(self) -> bool:
        """Whether it asks for few of all series, by name."""
        return self.target_id is not None or self.agency_id is not None

    @property
    def is_of_all(self) -> bool:
        """Whether it names neither series, nor kind, nor round."""
        return not self.is_of_series and self.kind is None and self.round_id is None


def select_series(query: MeasurementQuery) -> Select[Any]:
    """Return the statement for number and key of the series that may hold what a query asks for."""
    statement = select(series.c.id, *(series.c[name] for name in SERIES_KEY))
    for name in ("target_id", "kind"):
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(series.c[name] == wanted)
    if query.agency_id is not None:
        of_agency = select(agency_series.c.series_id).where(agency_series.c.agency_id == query.agency_id)
        statement = statement.where(series.c.id.in_(of_agency))
    return statement.order_by(*(series.c[name] for name in SERIES_KEY))


def select_kinds() -> Select[Any]:
    """Return the statement for the kinds of which there are measurements."""
    return select(series.c.kind).distinct().order_by(series.c.kind)


def select_measurements(
    query: MeasurementQuery, series_ids: Sequence[int], kinds: Sequence[str], *, cut: bool = False
) -> Select[Any] | CompoundSelect[Any] | None:
    """
    Return the statement that answers a query with whole rows, in order; None where there is nothing to be found.

    Args:
        query: what is asked for.
        series_ids: that `select_series` gave for it; needed where it names a target or an agency.
        kinds: that `select_kinds` gave; needed where it names nothing.
        cut: every lane for itself ends at the limit. PostgreSQL needs that: it sorts lanes whole before it merges them; SQLite
            reads of each no more than it gives.
    """
    lanes = _lanes(query, series_ids, kinds)
    if not lanes:
        return None
    parts = [_lane(query, lane) for lane in lanes]
    if len(parts) == 1:
        return _first(parts[0], query)
    if cut and query.limit is not None:
        parts = [select(_first(part, query).subquery()) for part in parts]
    return _first(union_all(*parts), query)


def _first(statement: Statement, query: MeasurementQuery) -> Statement:
    """Return a statement in the order of a query, with its limit."""
    columns = statement.selected_columns
    order = (columns.scheduled_at, columns.series_id)
    return statement.order_by(*(part.desc() if query.newest_first else part for part in order)).limit(query.limit)


def whole_rows() -> Select[Any]:
    """Return the statement for all that `rows.measurement_of` needs."""
    return select(
        *(measurements.c[name] for name in _ROW),
        *(series.c[name] for name in ("target_id", "vantage_id", "profile")),
        facts.c.body,
    ).select_from(
        measurements.join(series, series.c.id == measurements.c.series_id).join(
            facts, facts.c.id == measurements.c.facts_id
        )
    )


def _lanes(query: MeasurementQuery, series_ids: Sequence[int], kinds: Sequence[str]) -> list[ColumnElement[bool]]:
    if query.round_id is not None:
        lane = measurements.c.round_id == query.round_id
        if query.is_of_series:
            lane &= measurements.c.series_id.in_(series_ids)
        elif query.kind is not None:
            lane &= measurements.c.kind == query.kind
        return [lane]
    if not query.is_of_series:
        return [measurements.c.kind == kind for kind in ([query.kind] if query.kind is not None else kinds)]
    if len(series_ids) > MOST_LANES:
        return [measurements.c.series_id.in_(series_ids)]
    return [measurements.c.series_id == number for number in series_ids]


def _lane(query: MeasurementQuery, lane: ColumnElement[bool]) -> Select[Any]:
    statement = within(whole_rows().where(lane), query)
    return statement if query.agency_id is None else statement.where(facts.c.agency_id == query.agency_id)


def within(statement: Select[Any], query: MeasurementQuery) -> Select[Any]:
    """Return a statement over measurements with the window of a query; its other conditions are left out."""
    if query.since is not None:
        statement = statement.where(measurements.c.scheduled_at >= query.since)
    if query.until is not None:
        statement = statement.where(measurements.c.scheduled_at < query.until)
    return statement


def select_latest(until: datetime | None = None) -> Select[Any]:
    """
    Return the statement for the newest measurement of every series; until: none that is scheduled later.

    One search in the key's index per series: the number of measurements does not matter.
    """
    other = measurements.alias("other")
    newest = (
        select(func.max(other.c.scheduled_at))
        .where(other.c.series_id == series.c.id, *(() if until is None else (other.c.scheduled_at <= until,)))
        .correlate(series)
        .scalar_subquery()
    )
    return whole_rows().where(measurements.c.scheduled_at == newest).order_by(*(series.c[name] for name in SERIES_KEY))


def select_keys(round_id: str | None) -> Select[Any]:
    """Return the statement for the natural keys of one round, or of everything."""
    statement = select(*(series.c[name] for name in SERIES_KEY), measurements.c.scheduled_at).join_from(
        measurements, series
    )
    return statement if round_id is None else statement.where(measurements.c.round_id == round_id)


def select_one(key: MeasurementKey) -> Select[Any]:
    """Return the statement for the whole row with a natural key."""
    return whole_rows().where(
        *(series.c[name] == getattr(key, name) for name in SERIES_KEY), measurements.c.scheduled_at == key.scheduled_at
    )


def select_end(end: Any, kind: str, since: datetime | None = None) -> Select[Any]:
    """Return the statement for the first or last instant of a kind, since: from then on; end: func.min or func.max."""
    statement = select(end(measurements.c.scheduled_at)).where(measurements.c.kind == kind)
    return statement if since is None else statement.where(measurements.c.scheduled_at >= since)


def newest_number(connection: Connection) -> int:
    """Return the number of the measurement that arrived last, 0 where there is none."""
    return connection.execute(select(func.max(measurements.c.id))).scalar() or 0
