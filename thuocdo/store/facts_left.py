"""Lets go of facts that no measurement names any more."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, text

from thuocdo.store.database import Database
from thuocdo.store.interning import MOST_AT_ONCE, REFRESHED_AFTER
from thuocdo.store.partitions import WRITERS_LOCK
from thuocdo.store.query import select_kinds
from thuocdo.store.schema import facts, measurements

_CANNOT = "facts that nothing names any more cannot be let go"


def let_go_facts(database: Database, cut: datetime, *, most: int) -> Iterator[int]:
    """
    Delete, slice by slice, the facts that were last written with so long before an instant that only measurements before it
    can name them, and that none of these does; yield how many went.

    Args:
        database: where they are.
        cut: before it measurements were let go, but for those that stay.
        most: facts of a slice.
    """
    limit = cut - REFRESHED_AFTER
    after = 0
    while True:
        with database.reading(_CANNOT) as connection:
            # What arrives while we look is held against the slice within its transaction.
            last, first = (
                connection.execute(select(end(measurements.c.id))).scalar() or 0 for end in (func.max, func.min)
            )
            named = _named_before(connection, cut)
            old = select(facts.c.id).where(facts.c.used_at < limit, facts.c.id > after).order_by(facts.c.id).limit(most)
            found = list(connection.execute(old).scalars())
        if not found:
            return
        after = found[-1]
        gone = 0
        due = [number for number in found if number not in named]
        if due:
            with database.transaction(_CANNOT) as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS_LOCK})
                since = (measurements.c.id > last) | (measurements.c.id < first)
                new = set(connection.execute(select(measurements.c.facts_id).where(since)).scalars())
                due = [number for number in due if number not in new]
                for start in range(0, len(due), MOST_AT_ONCE):
                    some = facts.c.id.in_(due[start : start + MOST_AT_ONCE])
                    gone += connection.execute(delete(facts).where(some, facts.c.used_at < limit)).rowcount
        if gone:
            yield gone
        if len(found) < most:
            return


def _named_before(connection: Connection, cut: datetime) -> set[int]:
    """Return the facts of all measurements before an instant: there are few of them, those that stay."""
    named: set[int] = set()
    for kind in list(connection.execute(select_kinds()).scalars()):
        of_kind = select(measurements.c.facts_id).where(measurements.c.kind == kind, measurements.c.scheduled_at < cut)
        named.update(connection.execute(of_kind.distinct()).scalars())
    return named
