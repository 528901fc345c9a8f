"""Measurements as columns, for whoever reads a million of them: no object per measurement, no value that is not asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from thuocdo.store.packing import unpacked
from thuocdo.store.query import MeasurementQuery, within
from thuocdo.store.rows import HEAD, Facts
from thuocdo.store.schema import measurements


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
    """They lie there as such (`schema.Moment`)."""
    return str(compiler.process(element.clauses, **options))


@compiles(_Microseconds, "postgresql")
def _of_postgresql(element: _Microseconds, compiler: Any, **options: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **options)}) * 1000000 AS bigint)"


COLUMNS = (
    measurements.c.series_id,
    measurements.c.facts_id,
    measurements.c.outcome,
    measurements.c.reason,
    measurements.c.page_kind,
    _Microseconds(measurements.c.scheduled_at),
    type_coerce(measurements.c.saturated, Integer),
    measurements.c.numbers,
)


def select_columns(query: MeasurementQuery, series_id: int | None = None) -> Select[Any]:
    """
    Return the statement for COLUMNS of what the query asks for; its order and limit do not matter.

    Args:
        query: which measurements; what it says of target, agency and kind is left to `series_id` and to whoever reads.
        series_id: the series to look in, which is then one range of an index; None = a whole round, series after series.
    """
    statement = within(select(*COLUMNS), query)
    if query.round_id is not None:
        statement = statement.where(measurements.c.round_id == query.round_id)
    if series_id is None:
        return statement.order_by(measurements.c.series_id)
    return statement.where(measurements.c.series_id == series_id)


def columns_of(
    key: Sequence[str],
    rows: Iterable[Sequence[Any]],
    values: Sequence[str],
    facts: Callable[[Iterable[int]], Mapping[int, Facts]],
    agency_id: str | None = None,
) -> MeasurementColumns | None:
    """
    Turn rows of one series into columns; None where none are left.

    Args:
        key: of the series.
        rows: of COLUMNS.
        values: names of measured values.
        facts: gives those of some numbers.
        agency_id: only this agency's; None = all.
    """
    found = list(zip(*rows, strict=True))
    known = facts(set(found[1]))
    if agency_id is not None and any(facts.agency_id != agency_id for facts in known.values()):
        kept = [row for row in zip(*found, strict=True) if known[row[1]].agency_id == agency_id]
        if not kept:
            return None
        found = list(zip(*kept, strict=True))
    _, facts_ids, outcome, reason, page_kind, scheduled_at, saturated, numbers = found
    target_id, kind, vantage_id, profile = key
    agencies = {number: facts.agency_id for number, facts in known.items()}
    return MeasurementColumns(
        target_id=target_id,
        kind=kind,
        vantage_id=vantage_id,
        profile=profile,
        agency_id=[agencies[number] for number in facts_ids],
        outcome=outcome,
        reason=reason,
        page_kind=page_kind,
        scheduled_at=scheduled_at,
        saturated=saturated,
        values=_values(known, facts_ids, numbers, values),
    )


def _values(
    known: Mapping[int, Facts], facts_ids: Sequence[int], numbers: Sequence[bytes], names: Sequence[str]
) -> dict[str, list[float | None]]:
    """Return the values of these names, a list of each as long as the rows."""
    if not names:
        return {}
    places = {number: places_of(facts, names) for number, facts in known.items()}
    rows = []
    for number, content in zip(facts_ids, numbers, strict=True):
        wanted, most = places[number]
        told = unpacked(content, most)
        rows.append([None if place is None else told[place] for place in wanted])
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def places_of(facts: Facts, names: Sequence[str]) -> tuple[list[int | None], int]:
    """Return where in a row's numbers the values of these names are, None = nowhere, and how many numbers hold them all."""
    place = {name: index for index, name in enumerate(facts.values, start=len(HEAD))}
    wanted = [place.get(name) for name in names]
    return wanted, 1 + max((index for index in wanted if index is not None), default=-1)
