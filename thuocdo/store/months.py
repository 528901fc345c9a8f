"""
Months of measurements that are no longer kept, on PostgreSQL: a whole table goes at once.

Of a month of which something stays, rows are deleted, and their room would stay with its table for good: nobody writes into an
old month. So what is left is copied into a new table, while everybody reads and writes, and this one takes the old one's place.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from thuocdo.store.partitions import WRITERS_LOCK, partition_of

LONGEST_WAIT_SECONDS = 1.0
"""For whoever reads measurements just now. Writers wait behind us meanwhile, so it is short; else the month goes in slices."""

SMALL_BYTES = 1_000_000
"""A table that takes less, empty indexes included, is not worth the work."""

ROW_BYTES = 300
FREE_SHARE = 0.75
"""A table of which so much is free is made anew."""

_NAME = re.compile(r"measurements_(\d{4})_(\d{2})")
_COPY = re.compile(_NAME.pattern + "_anew")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The table of a month. begin, end: UTC, begin <= scheduled_at < end."""

    name: str
    begin: datetime
    end: datetime


def tables(connection: Connection) -> list[Month]:
    """Return the tables that there are, oldest first; SQLite has none."""
    if connection.dialect.name != "postgresql":
        return []
    names = connection.execute(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'measurements'::regclass ORDER BY c.relname"
        )
    ).scalars()
    return list(_months(names))


def _months(names: Iterable[str]) -> Iterator[Month]:
    for name in names:
        found = _NAME.fullmatch(name)
        if found is not None:
            year, number = int(found[1]), int(found[2])
            begin = datetime(year, number, 1, tzinfo=UTC)
            end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
            yield Month(name=partition_of((year, number)), begin=begin, end=end)


def is_free(connection: Connection, month: Month, mark: int) -> bool:
    """Tell whether all of a month is rolled up and nothing of it belongs to a round."""
    stays = f"SELECT 1 FROM {month.name} WHERE round_id IS NOT NULL OR id > :mark LIMIT 1"  # noqa: S608 - a name of ours
    return connection.execute(text(stays), {"mark": mark}).first() is None


def count(connection: Connection, month: Month) -> int:
    """Return how many measurements a month has."""
    return int(connection.execute(text(f"SELECT count(*) FROM {month.name}")).scalar() or 0)  # noqa: S608 - a name of ours


def drop(connection: Connection, month: Month, mark: int) -> bool:
    """
    Drop the table of a month, unless something came meanwhile that stays; return whether it is gone.

    Args:
        connection: in a transaction that writes; it fails where others read for too long.
        month: from `tables`.
        mark: the last id that was rolled up.
    """
    _take_turn(connection)
    if not is_free(connection, month, mark):
        return False
    connection.exec_driver_sql(f"DROP TABLE {month.name}")
    return True


def is_mostly_free(connection: Connection, month: Month) -> bool:
    """Tell whether a table takes much more room than its rows need; of a full one only a part is counted."""
    size = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
    taken = int(connection.execute(size, {"name": month.name}).scalar() or 0)
    if taken < SMALL_BYTES:
        return False
    most = int(taken * (1 - FREE_SHARE) / ROW_BYTES)
    part = f"SELECT count(*) FROM (SELECT 1 FROM {month.name} LIMIT :most) AS part"  # noqa: S608 - a name of ours
    return int(connection.execute(text(part), {"most": most}).scalar() or 0) < most


def copy(connection: Connection, month: Month) -> None:
    """Copy what is left of a month into a new table beside it; in a transaction that writes. What a killed process left goes."""
    new = _copy_of(month)
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {new}")
    connection.exec_driver_sql(
        f"CREATE TABLE {new} (LIKE measurements INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STORAGE)"
    )
    connection.exec_driver_sql(f"INSERT INTO {new} SELECT * FROM {month.name} ORDER BY id")  # noqa: S608 - names of ours
    # Whoever puts it in its place then need not look at every row again.
    connection.exec_driver_sql(
        f"ALTER TABLE {new} ADD CONSTRAINT bounds CHECK (scheduled_at >= '{month.begin}' AND scheduled_at < '{month.end}')"
    )


def put_in_place(connection: Connection, month: Month) -> None:
    """
    Let the copy of a month take the table's place, unless something came since it was made.

    Args:
        connection: in a transaction that writes; it fails where others read for too long.
        month: which was copied.
    """
    new = _copy_of(month)
    _take_turn(connection)
    last = f"SELECT coalesce(max(id), 0) FROM {new}"  # noqa: S608 - a name of ours
    came = f"SELECT 1 FROM {month.name} WHERE id > ({last}) LIMIT 1"  # noqa: S608 - names of ours
    if connection.exec_driver_sql(came).first() is not None:
        return
    connection.exec_driver_sql(f"DROP TABLE {month.name}")
    connection.exec_driver_sql(f"ALTER TABLE {new} RENAME TO {month.name}")
    connection.exec_driver_sql(
        f"ALTER TABLE measurements ATTACH PARTITION {month.name} FOR VALUES FROM ('{month.begin}') TO ('{month.end}')"
    )
    connection.exec_driver_sql(f"ALTER TABLE {month.name} DROP CONSTRAINT bounds")


def forget_copies(connection: Connection) -> None:
    """Remove copies that never took a place; in a transaction that writes."""
    names = connection.execute(text("SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)"))
    for name in [name for name in names.scalars() if _COPY.fullmatch(name)]:
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _copy_of(month: Month) -> str:
    return f"{month.name}_anew"


def _take_turn(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{round(LONGEST_WAIT_SECONDS * 1000)}ms'")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS_LOCK})
