"""
Retention: measurements that are no longer kept go, oldest first, in slices between which everybody else may write.

Nothing goes that is not in the roll-ups yet, that belongs to a round, that an incident names, or that somebody put back a few
days ago. Every slice is a transaction of its own and nothing is remembered between two of them, so that a process may be killed
at any moment, and the next one goes on where it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, or_, select

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.store import months
from thuocdo.store.database import Database
from thuocdo.store.facts_left import let_go_facts
from thuocdo.store.interning import MOST_AT_ONCE
from thuocdo.store.query import select_kinds
from thuocdo.store.restoring import RESTORED, RESTORED_FOR
from thuocdo.store.rollup_body import day_of, day_start
from thuocdo.store.rollup_reading import mark_of, series_keys
from thuocdo.store.schema import (
    SERIES_KEY,
    incidents,
    instant_of,
    judgement,
    measurements,
    microseconds_of,
    progress,
    rollups,
)
from thuocdo.store.tallies import counted_up_to, hour_left

ROWS_AT_ONCE = 10_000
"""Rows of one transaction: a fifth of a second on SQLite, in which writers wait."""

LATE = timedelta(hours=48)
"""What comes so late still counts for availability; until then nothing is closed."""

LET_GO = "let_go"
"""Of `progress`: number = the instant (microseconds since 1970) before which measurements were let go."""

_CANNOT = "old measurements cannot be let go"

DayDone = Callable[[int, str], None]
"""Called with a day (in Hanoi, counted from 1970) and a kind before any measurement of them goes; raises to keep them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What a slice took. what: "measurements", "month" (a table of them), "facts", "rollups"; "nothing" after other work."""

    what: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What stays although old. mark: last id rolled up. pins: series and instant in microseconds. days: that were put back."""

    mark: int
    pins: frozenset[tuple[int, int]]
    days: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Going:
    """What is on its way out: a kind's measurements of a day, and how; fields as of `Retention.let_go_measurements`."""

    kind: str
    day: int
    cut: datetime
    now: datetime
    most: int
    before_day: DayDone | None


class Retention:
    """Lets go of what a database no longer keeps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cut(self, now: datetime, days: float) -> datetime:
        """
        Return the instant before which measurements are too old: the beginning of a day in Hanoi.

        Args:
            now: the present instant.
            days: how many are kept whole. What the judge has not seen yet stays whatever this says.
        """
        found = self._database.rows(select(judgement.c.judged_at))
        latest = min([now - timedelta(days=days), *(row["judged_at"] - LATE for row in found)])
        return instant_of(day_start(day_of(microseconds_of(latest))))

    def let_go_measurements(
        self, cut: datetime, now: datetime, *, most: int = ROWS_AT_ONCE, before_day: DayDone | None = None
    ) -> Iterator[Gone]:
        """
        Let go of measurements that are scheduled before an instant, slice by slice: yields after each.

        Args:
            cut: from `cut`.
            now: noted as when this was done.
            most: rows of a slice.
            before_day: see `DayDone`.

        Raises:
            StoreError: the database cannot be read or written; what went before has gone.
        """
        with self._database.reading(_CANNOT) as connection:
            kinds = list(connection.execute(select_kinds()).scalars())
            kept = _kept(connection, now)
        yield from self._months(cut, now, kinds, kept, before_day)
        since = dict.fromkeys(kinds, instant_of(0))
        while True:
            found = {kind: self._next(kind, at, cut, kept.mark) for kind, at in since.items()}
            since = {kind: at for kind, at in found.items() if at is not None}
            if not since:
                break
            kind = min(since, key=lambda one: (since[one], one))
            day = day_of(microseconds_of(since[kind]))
            until = min(cut, instant_of(day_start(day + 1)))
            if day not in kept.days:
                going = _Going(kind=kind, day=day, cut=cut, now=now, most=most, before_day=before_day)
                yield from self._slices(going, since[kind], until, kept)
            since[kind] = until
        yield from self._remnants(cut)

    def let_go_facts(self, cut: datetime, *, most: int = ROWS_AT_ONCE) -> Iterator[Gone]:
        """Let go of the facts that no measurement names any more, slice by slice; cut: that of the measurements."""
        for rows in let_go_facts(self._database, cut, most=most):
            yield Gone(what="facts", rows=rows)

    def let_go_rollups(self, now: datetime, days: float, *, most: int = ROWS_AT_ONCE) -> Iterator[Gone]:
        """Let go of roll-ups of days that are older, slice by slice."""
        first = day_of(microseconds_of(now - timedelta(days=days)))
        oldest = select(rollups.c.day).where(rollups.c.day < first).order_by(rollups.c.day).limit(1)
        while True:
            with self._database.reading(_CANNOT) as connection:
                day = connection.execute(oldest).scalar()
                of_day = select(rollups.c.series_id).where(rollups.c.day == day).order_by(rollups.c.series_id)
                last = [] if day is None else connection.execute(of_day.limit(most)).scalars().all()
            if not last:
                return
            with self._database.transaction("old roll-ups cannot be let go") as connection:
                gone = connection.execute(
                    delete(rollups).where(rollups.c.day == day, rollups.c.series_id <= max(last))
                ).rowcount
            yield Gone(what="rollups", rows=gone)

    def is_held_back(self, cut: datetime) -> bool:
        """Tell whether measurements that are too old stay because they are not in the roll-ups yet."""
        with self._database.reading(_CANNOT) as connection:
            mark = _mark(connection)
            kinds = list(connection.execute(select_kinds()).scalars())
            waiting = (
                select(measurements.c.id)
                .where(
                    measurements.c.kind == kind,
                    measurements.c.scheduled_at < cut,
                    measurements.c.round_id.is_(None),
                    measurements.c.id > mark,
                )
                .limit(1)
                for kind in kinds
            )
            return any(connection.execute(one).first() for one in waiting)

    def gone_before(self) -> datetime | None:
        """Return the instant before which measurements were let go, None where all are still there."""
        found = self._database.rows(select(progress.c.number).where(progress.c.name == LET_GO))
        return instant_of(found[0]["number"]) if found else None

    def _next(self, kind: str, since: datetime, cut: datetime, mark: int) -> datetime | None:
        """Return the instant of the oldest measurement that may go."""
        with self._database.reading(_CANNOT) as connection:
            statement = _candidates(kind, since, cut, mark).with_only_columns(measurements.c.scheduled_at)
            found: datetime | None = connection.execute(statement.limit(1)).scalar()
            return found

    def _slices(self, going: _Going, since: datetime, until: datetime, kept: _Kept) -> Iterator[Gone]:
        """Let go of a kind's measurements of a part of a day."""
        table, after, is_begun = measurements.c, None, False
        while True:
            statement = _candidates(going.kind, since, until, kept.mark).limit(going.most)
            if after is not None:
                at, number = after
                later = and_(table.scheduled_at == at, table.id > number)
                statement = statement.where(or_(table.scheduled_at > at, later))
            with self._database.reading(_CANNOT) as connection:
                rows = connection.execute(statement).all()
            if not rows:
                return
            due = [row.id for row in rows if (row.series_id, microseconds_of(row.scheduled_at)) not in kept.pins]
            after = rows[-1].scheduled_at, rows[-1].id
            since = rows[-1].scheduled_at
            if due:
                if going.before_day is not None and not is_begun:
                    going.before_day(going.day, going.kind)
                is_begun = True
                rows_gone = self._delete(due, rows[0].scheduled_at, since, going)
                yield Gone(what="measurements", rows=rows_gone)
            if len(rows) < going.most:
                return

    def _delete(self, ids: Sequence[int], first: datetime, last: datetime, going: _Going) -> int:
        table, gone = measurements.c, 0
        with self._database.transaction(_CANNOT) as connection:
            for start in range(0, len(ids), MOST_AT_ONCE):
                some = ids[start : start + MOST_AT_ONCE]
                # The instants say in which months to look.
                of_slice = table.id.in_(some) & (table.scheduled_at >= first) & (table.scheduled_at <= last)
                gone += connection.execute(delete(measurements).where(of_slice)).rowcount
            self._note(connection, going.cut, going.now)
        return gone

    def _note(self, connection: Connection, cut: datetime, now: datetime) -> None:
        row = {"name": LET_GO, "number": microseconds_of(cut), "at": now}
        connection.execute(self._database.insert_or_replace(progress), row)

    def _months(
        self, cut: datetime, now: datetime, kinds: Sequence[str], kept: _Kept, before_day: DayDone | None
    ) -> Iterator[Gone]:
        """Drop the tables of whole months of which nothing stays; others go in slices, like one that somebody is reading."""
        with self._database.reading(_CANNOT) as connection:
            old = [month for month in months.tables(connection) if month.end <= cut]
        for month in old:
            begin, end = microseconds_of(month.begin), microseconds_of(month.end)
            first, last = day_of(begin), day_of(end - 1)
            if any(first <= day <= last for day in kept.days) or any(begin <= at < end for _, at in kept.pins):
                continue
            with self._database.reading(_CANNOT) as connection:
                if not months.is_free(connection, month, kept.mark):
                    continue
                rows = months.count(connection, month)
                days = _days_of(connection, kinds, month.begin, month.end) if before_day is not None else ()
            for day, kind in days:
                if before_day is not None:
                    before_day(day, kind)
                    yield Gone(what="nothing", rows=0)  # it took a while: whoever wants to stop may do so
            try:
                with self._database.transaction(_CANNOT) as connection:
                    gone = months.drop(connection, month, kept.mark)
                    if gone and rows:
                        self._note(connection, cut, now)
            except StoreUnavailableError:
                continue
            if gone:
                yield Gone(what="month", rows=rows)

    def _remnants(self, cut: datetime) -> Iterator[Gone]:
        """Make the tables of old months anew of which little is left; who is in the way, or comes meanwhile, puts it off."""
        with self._database.reading(_CANNOT) as connection:
            old = [month for month in months.tables(connection) if month.end <= cut]
        for month in old:
            with self._database.reading(_CANNOT) as connection:
                if not months.is_mostly_free(connection, month):
                    continue
            with self._database.transaction(_CANNOT) as connection:
                months.copy(connection, month)
            yield Gone(what="nothing", rows=0)
            with suppress(StoreUnavailableError), self._database.transaction(_CANNOT) as connection:
                months.put_in_place(connection, month)
            yield Gone(what="nothing", rows=0)
        if old:
            with self._database.transaction(_CANNOT) as connection:
                months.forget_copies(connection)


def _candidates(kind: str, since: datetime, until: datetime, mark: int) -> Any:
    """Return the statement for a kind's measurements of a time that may go, unless an incident names them."""
    table = measurements.c
    return (
        select(table.id, table.series_id, table.scheduled_at)
        .where(
            table.kind == kind,
            table.scheduled_at >= since,
            table.scheduled_at < until,
            table.round_id.is_(None),
            table.id <= mark,
        )
        .order_by(table.scheduled_at, table.id)
    )


def _days_of(connection: Connection, kinds: Sequence[str], since: datetime, until: datetime) -> list[tuple[int, str]]:
    """Return the days and kinds that there are measurements of; one search in the index for each."""
    found = []
    for kind in kinds:
        at = since
        while True:
            statement = _candidates(kind, at, until, 2**62).with_only_columns(measurements.c.scheduled_at).limit(1)
            next_at = connection.execute(statement).scalar()
            if next_at is None:
                break
            day = day_of(microseconds_of(next_at))
            found.append((day, kind))
            at = instant_of(day_start(day + 1))
    return sorted(found)


def _mark(connection: Connection) -> int:
    """Return the number of the last measurement that is in its roll-up, and in the tally of its hour where these are counted."""
    rolled, counted = mark_of(connection), counted_up_to(connection)
    if counted is None:
        return rolled
    return 0 if hour_left(connection) is not None else min(rolled, counted)


def _kept(connection: Connection, now: datetime) -> _Kept:
    numbers = {key: number for number, key in series_keys(connection).items()}
    pins: set[tuple[int, int]] = set()
    for keys in connection.execute(select(incidents.c.measurements).execution_options(yield_per=500)).scalars():
        pins.update(_pin(key, numbers) for key in keys)
    restored = connection.execute(
        select(progress.c.number).where(progress.c.name.startswith(RESTORED), progress.c.at > now - RESTORED_FOR)
    )
    return _Kept(mark=_mark(connection), pins=frozenset(pins), days=frozenset(restored.scalars()))


def _pin(key: Mapping[str, Any], numbers: Mapping[tuple[str, str, str, str], int]) -> tuple[int, int]:
    target, kind, vantage, profile = (key[name] for name in SERIES_KEY)
    at = datetime.fromisoformat(key["scheduled_at"]).astimezone(UTC)
    return numbers.get((target, kind, vantage, profile), -1), microseconds_of(at)
