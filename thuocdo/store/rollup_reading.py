"""Reads runs: closed blocks from roll-ups, what has arrived since from the measurements themselves, all of one instant."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Select, select

from thuocdo.store.columns import COLUMNS, select_columns
from thuocdo.store.interning import facts_of
from thuocdo.store.query import MeasurementQuery
from thuocdo.store.rollup_body import day_of, day_start, decoded, groups_between, names_in
from thuocdo.store.runs import RunGroup, block_of, block_start, groups_of, tallied
from thuocdo.store.schema import SERIES_KEY, instant_of, measurements, microseconds_of, progress, rollups, series

ROWS_AT_ONCE = 20_000
DAYS_PER_FETCH = 500

PROGRESS = "rollups"

SeriesKey = tuple[str, str, str, str]
Names = Mapping[str, Sequence[str]]
"""Of values, by kind of probe."""


@dataclass(slots=True)
class Sources:
    """Of how many measurements roll-ups told, and how many were read themselves."""

    rolled_up: int = 0
    raw: int = 0


class Runs:
    """
    Groups of runs, read as they are asked for.

    Args:
        opened: gives a connection that sees one instant of the store.
        read: reads by it, and counts where from; after the last group `sources` is whole.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[Connection]],
        read: Callable[[Connection, Sources], Iterator[RunGroup]],
    ) -> None:
        self._opened = opened
        self._read = read
        self.sources = Sources()

    def __iter__(self) -> Iterator[RunGroup]:
        self.sources = Sources()
        with self._opened() as connection:
            yield from self._read(connection, self.sources)


def mark_of(connection: Connection) -> int:
    """Return the number of the last measurement that was rolled up."""
    return connection.execute(select(progress.c.number).where(progress.c.name == PROGRESS)).scalar() or 0


def select_arrived(mark: int) -> Select[Any]:
    """Return the statement for what arrived after a mark, in this order: its number, then COLUMNS."""
    return select(measurements.c.id, *COLUMNS).where(measurements.c.id > mark).order_by(measurements.c.id)


def series_keys(connection: Connection, kinds: Iterable[str] | None = None) -> dict[int, SeriesKey]:
    """Return the keys of all series, or of some kinds', by number."""
    statement = select(series.c.id, *(series.c[name] for name in SERIES_KEY))
    if kinds is not None:
        statement = statement.where(series.c.kind.in_(sorted(kinds)))
    rows = connection.execute(statement)
    return {number: (target, kind, vantage, profile) for number, target, kind, vantage, profile in rows}


class RollupReading:
    """
    One reading of runs.

    Args:
        connection: sees one instant of the store.
        sources: counts where runs came from.
        names: of the values that are wanted, by kind; other kinds are passed over.
        counted: of values of which only is wanted how many runs have one, by kind.
        apart: every group is of one block; else those of one roll-up that ended alike are put together.
    """

    def __init__(
        self, connection: Connection, sources: Sources, names: Names, counted: Names, *, apart: bool = False
    ) -> None:
        self._connection = connection
        self._sources = sources
        self._names = names
        self._counted = counted
        self._apart = apart
        self._keys = series_keys(connection, names)
        self._mark = mark_of(connection)

    def of_round(self, query: MeasurementQuery) -> Iterator[RunGroup]:
        """Yield the runs of a round."""
        yield from self._raw(self._connection.execute(select_columns(query).execution_options(yield_per=ROWS_AT_ONCE)))

    def between(self, since: datetime, until: datetime) -> Iterator[RunGroup]:
        """Yield the runs of a window; where measurements of a block that it cuts are not kept any more, of the whole block."""
        begin, end = microseconds_of(since), microseconds_of(until)
        if begin >= end:
            return
        first, last = block_of(begin), block_of(end - 1)
        whole_first = first if block_start(first) == begin else first + 1
        is_cut = block_start(last + 1) != end and self._is_any(until, instant_of(block_start(last + 1)))
        whole_last = last - 1 if is_cut else last
        for block in sorted({first, last} - set(range(whole_first, whole_last + 1))):
            yield from self._cut(block, begin, end)
        if whole_first > whole_last:
            return
        yield from self._whole(whole_first, whole_last)
        arrived = self._connection.execute(select_arrived(self._mark).execution_options(yield_per=ROWS_AT_ONCE))
        yield from self._raw(row[1:] for row in arrived if whole_first <= block_of(row[6]) <= whole_last)

    def _is_any(self, since: datetime, until: datetime) -> bool:
        """Tell whether anything is scheduled within a time: in what is left of the present block mostly nothing is."""
        at = measurements.c.scheduled_at
        return any(
            self._connection.execute(
                select(measurements.c.id).where(measurements.c.kind == kind, at >= since, at < until).limit(1)
            ).first()
            for kind in self._names
        )

    def _whole(self, first: int, last: int) -> Iterator[RunGroup]:
        """Yield what roll-ups tell of blocks; where one lacks a value that is wanted, its measurements if they are kept."""
        days = day_of(block_start(first)), day_of(block_start(last))
        statement = select(rollups).where(rollups.c.day >= days[0], rollups.c.day <= days[1])
        lacking: list[tuple[int, int, list[RunGroup]]] = []
        for number, day, body in self._connection.execute(statement.execution_options(yield_per=DAYS_PER_FETCH)):
            key = self._keys.get(number)
            if key is None:
                continue
            wanted, counted = self._names[key[1]], self._counted.get(key[1], ())
            groups = list(self._groups(key, day, body, first, last))
            if {*wanted, *counted} <= set(names_in(body)):
                self._sources.rolled_up += sum(group.runs for group in groups)
                yield from groups
            else:
                lacking.append((number, day, groups))
        for number, day, groups in lacking:
            begin = max(day_start(day), block_start(first))
            end = min(day_start(day + 1), block_start(last + 1))
            query = MeasurementQuery(since=instant_of(begin), until=instant_of(end))
            of_then = select_columns(query, number).where(measurements.c.id <= self._mark)
            yield from self._kept(groups, self._connection.execute(of_then).all())

    def _cut(self, block: int, begin: int, end: int) -> Iterator[RunGroup]:
        """Yield the runs of a block from begin until end, or of the whole block where its measurements are not kept any more."""
        since, until = instant_of(block_start(block)), instant_of(block_start(block + 1))
        at = measurements.c.scheduled_at
        statement = select(measurements.c.id, *COLUMNS).where(at >= since, at < until)
        rows = [
            row
            for kind in self._names
            for row in self._connection.execute(statement.where(measurements.c.kind == kind)).all()
        ]
        whole = RollupReading(self._connection, Sources(), self._names, self._counted, apart=self._apart)
        rolled = list(whole._whole(block, block))
        old = [row[1:] for row in rows if row[0] <= self._mark]
        runs = sum(group.runs for group in rolled)
        if runs > len(old):
            self._sources.rolled_up += runs
            yield from rolled
            rows = [row for row in rows if row[0] > self._mark]
        else:
            rows = [row for row in rows if begin <= row[6] < end]
        yield from self._raw(row[1:] for row in rows)

    def _groups(self, key: SeriesKey, day: int, body: bytes, first: int, last: int) -> Iterator[RunGroup]:
        """Return the groups of a roll-up's blocks from first to last, both included."""
        wanted, counted = self._names[key[1]], self._counted.get(key[1], ())
        if not self._apart:
            return groups_between(key, day, body, wanted, first, last, counted=counted)
        tallies = decoded(day, body, {*wanted, *counted})
        return groups_of(key, {place: tally for place, tally in tallies.items() if first <= place[0] <= last})

    def _kept(self, groups: Sequence[RunGroup], rows: Sequence[Any]) -> Iterator[RunGroup]:
        """Yield the runs of rows, or the groups where not all of their measurements are among the rows."""
        runs = sum(group.runs for group in groups)
        if len(rows) == runs:
            yield from self._raw(rows)
        else:
            self._sources.rolled_up += runs
            yield from groups

    def _raw(self, rows: Iterable[Sequence[Any]]) -> Iterator[RunGroup]:
        """Yield the groups that rows of COLUMNS make, of the series that are wanted."""
        wanted = (row for row in rows if row[0] in self._keys)
        while piece := list(islice(wanted, ROWS_AT_ONCE)):
            self._sources.raw += len(piece)
            for number, some in groupby(sorted(piece, key=itemgetter(0)), key=itemgetter(0)):
                key = self._keys[number]
                counted = self._counted.get(key[1], ())
                tallies = tallied(some, self._names[key[1]], lambda ids: facts_of(self._connection, ids), counted)
                yield from groups_of(key, tallies)
