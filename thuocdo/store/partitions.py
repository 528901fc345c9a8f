"""
PostgreSQL keeps the measurements of each month (UTC) in a table of their own, so that a month no longer kept goes at once.

Months are made when the first measurement of them comes. Writers take turns there: two that make the same month would meet, and
a reader that asks for what arrived since (`id`) must never see a higher number before a lower one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, text

WRITERS_LOCK = 0x74687563646F77
"""The advisory lock that writers of measurements take for their transaction."""


def make_room(connection: Connection, instants: Iterable[datetime]) -> None:
    """Take the turn of writing, and make the months that these instants lie in; SQLite needs neither."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS_LOCK})
    months = {(at.year, at.month) for at in (instant.astimezone(UTC) for instant in instants)}
    names = {partition_of(month): month for month in months}
    found = connection.execute(
        text(
            "SELECT relname FROM pg_class WHERE relname = ANY(:names) AND relispartition AND pg_table_is_visible(oid)"
        ),
        {"names": list(names)},
    )
    there = set(found.scalars())
    for name, month in sorted(names.items()):
        if name not in there:
            connection.execute(text(create_partition(name, month)))


def partition_of(month: tuple[int, int]) -> str:
    """Return the name of the table of a month (year, month)."""
    year, number = month
    return f"measurements_{year:04}_{number:02}"


def create_partition(name: str, month: tuple[int, int]) -> str:
    """Return the statement that makes the table of a month."""
    year, number = month
    begin = f"{year:04}-{number:02}-01 00:00:00+00"
    end = f"{year + number // 12:04}-{number % 12 + 1:02}-01 00:00:00+00"
    return f"CREATE TABLE {name} PARTITION OF measurements FOR VALUES FROM ('{begin}') TO ('{end}')"
