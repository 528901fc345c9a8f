"""
The log of what people did with rounds: it only grows, and each entry holds the hash of the one before.

Whatever a step changes besides is written in the transaction that logs it, so that a crash leaves both or neither.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, func, select, text

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import NOTHING_BEFORE, RoundLogEntry, RoundNote, RoundStep, entered
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.rounds import publishing
from thuocdo.store.schema import round_log

LOG_LOCK = 0x7468756F63646F6C
"""The advisory lock of whoever appends on PostgreSQL: numbers have no gap, and two entries never follow the same one."""

_CANNOT = "the log of rounds cannot be written"


class RoundLog:
    """The log of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[RoundLogEntry]:
        """Return every entry, in order."""
        return [_entry(row) for row in self._database.rows(select(round_log).order_by(round_log.c.number))]

    def of(self, round_id: str) -> list[RoundLogEntry]:
        """Return the entries of one round, in order."""
        statement = select(round_log).where(round_log.c.round_id == round_id).order_by(round_log.c.number)
        return [_entry(row) for row in self._database.rows(statement)]

    def append(self, *notes: RoundNote, seen: int) -> list[RoundLogEntry]:
        """
        Write notes of one round, all or none; that one publishes it has the round published.

        Args:
            notes: in order.
            seen: the number of the round's last entry when it was decided to write these, 0 where it had none.

        Raises:
            StoreUnavailableError: somebody else has written since.
        """
        return self.append_with(*notes, seen=seen, also=lambda _: None)

    def append_with(self, *notes: RoundNote, seen: int, also: Callable[[Connection], None]) -> list[RoundLogEntry]:
        """Write notes as `append` does; also: writes what belongs to them, for other modules of the store."""
        with self._database.transaction(_CANNOT) as connection:
            _lock(connection)
            for round_id in {note.round_id for note in notes}:
                _refuse_unseen(connection, round_id, seen)
            also(connection)
            made = [_appended(connection, note) for note in notes]
            for note in notes:
                if note.step is RoundStep.PUBLISH:
                    connection.execute(publishing(note.round_id, note.at, note.by))
        return made


def _lock(connection: Connection) -> None:
    """Let nobody else write before this transaction ends; SQLite's takes its lock at its beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOG_LOCK})


def _refuse_unseen(connection: Connection, round_id: str, seen: int) -> None:
    """Refuse to go on where a round has had another step since it was looked at."""
    newest = connection.execute(select(func.max(round_log.c.number)).where(round_log.c.round_id == round_id)).scalar()
    if (newest or 0) != seen:
        raise StoreUnavailableError(
            "the log of rounds: somebody did another step of this round meanwhile; look at `thuocdo round log`, then try again"
        )


def _appended(connection: Connection, note: RoundNote) -> RoundLogEntry:
    last = connection.execute(
        select(round_log.c.number, round_log.c.hash).order_by(round_log.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number + 1, last.hash) if last else (1, NOTHING_BEFORE)
    kept = replace(note, **{name: storable(getattr(note, name)) for name in ("by", "subject", "reason", "signature")})
    made = entered(kept, number, previous)
    connection.execute(round_log.insert(), {"number": number, **asdict(kept), "previous": previous, "hash": made.hash})
    return made


def _entry(row: Any) -> RoundLogEntry:
    values = dict(row)
    number, previous, hash_ = (values.pop(name) for name in ("number", "previous", "hash"))
    note = RoundNote(**values | {"step": RoundStep(values["step"])})
    return RoundLogEntry(number=number, note=note, previous=previous, hash=hash_)
