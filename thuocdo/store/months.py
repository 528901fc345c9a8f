"""Months of measurements that are no longer kept, on PostgreSQL: a whole table goes at once."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from thuocdo.store.partitions import WRITERS_LOCK, partition_of

LONGEST_WAIT_SECONDS = 1.0
"""For whoever reads measurements just now. Writers wait behind us meanwhile, so it is short; else the month goes in slices."""

_NAME = re.compile(r"measurements_(\d{4})_(\d{2})")


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
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{round(LONGEST_WAIT_SECONDS * 1000)}ms'")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS_LOCK})
    if not is_free(connection, month, mark):
        return False
    connection.exec_driver_sql(f"DROP TABLE {month.name}")
    return True
