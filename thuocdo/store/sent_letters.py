"""Which letters went out to whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from thuocdo.store.database import Database
from thuocdo.store.schema import sent_letters


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """
    A letter that a mail server took.

    matter: what it brought, such as `period:2026-11`. subject_id: the agency that it is about, empty = all.
    """

    matter: str
    subject_id: str
    address: str
    sent_at: datetime


class SentLetters:
    """The sent letters of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, letter: SentLetter) -> None:
        """Store that a letter went out; the first time counts."""
        row = {
            "matter": letter.matter,
            "subject_id": letter.subject_id,
            "address": letter.address,
            "sent_at": letter.sent_at,
        }
        with self._database.transaction("it cannot be written that a letter went out") as connection:
            connection.execute(self._database.insert_new(sent_letters), row)

    def of(self, matter: str | None = None) -> list[SentLetter]:
        """Return the letters of a matter, or all, by when they went out."""
        table = sent_letters.c
        statement = select(sent_letters).order_by(table.sent_at, table.matter, table.subject_id, table.address)
        if matter is not None:
            statement = statement.where(table.matter == matter)
        return [SentLetter(**row) for row in self._database.rows(statement)]
