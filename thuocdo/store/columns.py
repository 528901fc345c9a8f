"""The few columns that whoever reads a million measurements needs: no object per measurement, no value that is not asked for."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from thuocdo.store.query import MeasurementQuery, within
from thuocdo.store.rows import Facts
from thuocdo.store.schema import measurements


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
        query: which measurements; what it says of target, agency and kind is left to whoever reads.
        series_id: the series to look in, which is then one range of an index; None = a whole round, series after series.
    """
    statement = within(select(*COLUMNS), query)
    if query.round_id is not None:
        statement = statement.where(measurements.c.round_id == query.round_id)
    if series_id is None:
        return statement.order_by(measurements.c.series_id)
    return statement.where(measurements.c.series_id == series_id)


def places_of(facts: Facts, names: Sequence[str]) -> tuple[list[int | None], int]:
    """Return where in a row's numbers the values of these names are, None = nowhere, and how many numbers hold them all."""
    place = {name: index for index, name in enumerate(facts.values)}
    wanted = [place.get(name) for name in names]
    return wanted, 1 + max((index for index in wanted if index is not None), default=-1)
