"""
Counts what databases do: no clock, so that the same question always costs the same, however busy the machine.

SQLite: steps of its virtual machine, told by its progress handler. PostgreSQL: rows and index entries visited, as the server
itself counts them for the running transaction. Its EXPLAIN would not do: that runs a query to the end, and a page stops after 50
rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from sqlite3 import Connection as SqliteConnection
from typing import Any

from psycopg import Connection as PostgresqlConnection
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool

STEPS = 10
"""SQLite tells of so many steps at a time; statements of fewer are not seen."""

_VISITED = """
    SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(oid) + pg_stat_get_xact_tuples_fetched(oid)), 0)
    FROM pg_class WHERE relkind IN ('r', 'i', 'm') AND relnamespace = 'public'::regnamespace
"""
_BEFORE = "visited before"
"""What the server had counted when a transaction began: it tells its counters of earlier ones once a second at most."""

_AS_IF_LARGE = "SET max_parallel_workers_per_gather = 0; SET enable_seqscan = off"
"""Workers would count in transactions of their own; and reading all of a table is cheapest as long as it is small."""


@dataclass(slots=True)
class Work:
    """What was done since it was last asked for."""

    _done: int = 0

    def add(self, amount: int) -> None:
        """Note that so much was done."""
        self._done += amount

    def taken(self) -> int:
        """Return what was done, and begin anew."""
        done, self._done = self._done, 0
        return done


@contextmanager
def counted_work() -> Iterator[Work]:
    """Count what all databases do that are opened while the block runs."""
    work = Work()

    def connected(connection: Any, _record: Any) -> None:
        if isinstance(connection, SqliteConnection):
            connection.set_progress_handler(lambda: work.add(STEPS), STEPS)
        elif isinstance(connection, PostgresqlConnection):
            connection.execute(_AS_IF_LARGE)
            connection.commit()

    def begins(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        if isinstance(raw, PostgresqlConnection):
            connection.info[_BEFORE] = _visited(raw)

    def ends(connection: Connection) -> None:
        raw = connection.connection.dbapi_connection
        if isinstance(raw, PostgresqlConnection) and raw.info.transaction_status is TransactionStatus.INTRANS:
            work.add(_visited(raw) - connection.info.pop(_BEFORE))

    listened: list[tuple[Any, str, Callable[..., Any]]] = [
        (Pool, "connect", connected),
        (Engine, "begin", begins),
        (Engine, "commit", ends),
        (Engine, "rollback", ends),
    ]
    for target, name, listener in listened:
        event.listen(target, name, listener)
    try:
        yield work
    finally:
        for target, name, listener in listened:
            event.remove(target, name, listener)


def _visited(raw: PostgresqlConnection[Any]) -> int:
    found = raw.execute(_VISITED).fetchone()
    assert found is not None
    return int(found[0])
