"""The room that a database takes, and how SQLite gives back what is free in its file."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from thuocdo.store import months
from thuocdo.store.database import Database
from thuocdo.store.retention import LET_GO
from thuocdo.store.schema import instant_of, progress, rollups

PAGES_AT_ONCE = 500
"""Pages of one transaction: 2 MB, some milliseconds in which writers wait."""

PAGES_LEFT = 2_500
"""Free pages that stay in the file: what is written next day needs them again."""

_INCREMENTAL = 2
_CANNOT = "free room in the file cannot be given back"
_CANNOT_SEE = "its size cannot be read"

_OF_TABLES = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c
WHERE c.relkind = 'r' AND c.relname IN ('facts', 'series', 'agency_series') AND pg_table_is_visible(c.oid)
"""
_OF_MONTH = "SELECT pg_total_relation_size(c.oid), c.reltuples FROM pg_class c WHERE c.oid = CAST(:name AS regclass)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """
    What a database takes.

    bytes: all of it that is in use. rollup_bytes: of them, roll-ups. free_bytes: in its file or its tables, and not in use.
    gives_back: whether free room goes back to the disk by itself. file: of SQLite, None = a server's disk, which is not for us to
    see.
    """

    bytes: int
    rollup_bytes: int
    free_bytes: int
    gives_back: bool
    file: Path | None

    @property
    def disk_free_bytes(self) -> int | None:
        """What is free on the disk of the file."""
        return None if self.file is None else shutil.disk_usage(self.file.parent).free


def room_of(database: Database) -> Room:
    """Return what a database takes."""
    with database.reading(_CANNOT_SEE) as connection:
        of_rollups = int(
            connection.execute(select(func.coalesce(func.sum(func.length(rollups.c.body)), 0))).scalar() or 0
        )
        if connection.dialect.name == "postgresql":
            others = int(connection.execute(text(_OF_TABLES)).scalar() or 0) + of_rollups
            used, free = _of_months(connection)
            return Room(bytes=others + used, rollup_bytes=of_rollups, free_bytes=free, gives_back=True, file=None)

        def pragma(name: str) -> int:
            return int(connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)

        page, free = pragma("page_size"), pragma("freelist_count")
        return Room(
            bytes=(pragma("page_count") - free) * page,
            rollup_bytes=of_rollups,
            free_bytes=free * page,
            gives_back=pragma("auto_vacuum") == _INCREMENTAL,
            file=Path(str(connection.engine.url.database)),
        )


def _of_months(connection: Connection) -> tuple[int, int]:
    """Return what PostgreSQL's months take in use and free: one that is partly let go keeps the room of what has gone."""
    gone = instant_of(connection.execute(select(progress.c.number).where(progress.c.name == LET_GO)).scalar() or 0)
    whole: list[tuple[int, float]] = []
    cut: list[tuple[int, float]] = []
    for month in months.tables(connection):
        size, rows = connection.execute(text(_OF_MONTH), {"name": month.name}).one()
        (cut if month.begin < gone else whole).append((int(size), max(0.0, rows)))  # -1: never counted
    taken = sum(size for size, _ in (*whole, *cut))
    known, counted = sum(size for size, _ in whole), sum(rows for _, rows in whole)
    if not counted:
        return taken, 0
    used = known + sum(min(size, round(rows * known / counted)) for size, rows in cut)
    return used, taken - used


def give_back(database: Database, *, most: int = PAGES_AT_ONCE, left: int = PAGES_LEFT) -> Iterator[int]:
    """
    Give free pages of SQLite's file back to the disk, slice by slice; yield how many went. Of PostgreSQL's see `Retention`.

    Args:
        database: where.
        most: pages of a slice.
        left: free pages that stay.
    """
    while True:
        with database.reading(_CANNOT) as connection:
            if connection.dialect.name != "sqlite":
                return
            if connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() != _INCREMENTAL:
                return  # an old file: its pages are used again
            free = int(connection.exec_driver_sql("PRAGMA freelist_count").scalar() or 0)
        pages = min(most, free - left)
        if pages <= 0:
            return
        with database.transaction(_CANNOT) as connection:
            for _ in range(
                pages
            ):  # Python takes one step of such a statement, which is one page, whatever number is given
                connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
        yield pages
