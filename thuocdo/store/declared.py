"""
What agencies declare of themselves: files as they were taken, none of which ever changes.

Of two rows about the same thing that of the newer file counts. Nothing here is ever read by a ranking.
"""

import json
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint, select, update

from thuocdo.core.model import DeclaredFile, DeclaredRow, IntakeToken, RateDefinition, RowKey, Span
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import Instant, metadata

# In the order in which files were taken. body: zlib of JSON.
declared_files = Table(
    "declared_files",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(Column(name, String, nullable=False) for name in ("agency_id", "digest")),
    *(Column(name, Text, nullable=False) for name in ("name", "entered_by")),
    Column("received_at", Instant, nullable=False),
    Column("indicators_version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("agency_id", "digest", name="uq_declared_files_agency_digest"),
)

# digest: SHA-256 of a token, hexadecimal; the token itself is kept nowhere.
intake_tokens = Table(
    "intake_tokens",
    metadata,
    Column("digest", String, primary_key=True),
    Column("agency_id", String, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("name", "made_by")),
    Column("made_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)


class Declared:
    """The declared figures of a database, and who may bring more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, file: DeclaredFile) -> bool:
        """Store a file; False: the agency brought these very bytes before, and nothing changed."""
        row = {
            "agency_id": file.agency_id,
            "digest": file.digest,
            "name": storable(file.name),
            "entered_by": storable(file.entered_by),
            "received_at": file.received_at,
            "indicators_version": file.indicators_version,
            "body": zlib.compress(json.dumps([_plain(one) for one in file.rows], ensure_ascii=False).encode()),
        }
        with self._database.transaction("a file of declared figures cannot be stored") as connection:
            return self._database.add_numbered(connection, declared_files, row, ("agency_id", "digest"))

    def files(self, agency_id: str | None = None) -> list[DeclaredFile]:
        """Return the files of an agency, or of all, in the order in which they were taken."""
        statement = select(declared_files).order_by(declared_files.c.number)
        if agency_id is not None:
            statement = statement.where(declared_files.c.agency_id == agency_id)
        return [_file(row) for row in self._database.rows(statement)]

    def in_force(self, agency_id: str) -> list[DeclaredRow]:
        """Return of each thing that an agency's files tell of the row that counts, in order of time."""
        found: dict[RowKey, DeclaredRow] = {}
        for file in self.files(agency_id):
            found |= {row.key: row for row in file.rows}
        return sorted(found.values(), key=lambda one: (one.key.first, one.key.unit_id, one.key.procedure_code))

    def tokens(self) -> list[IntakeToken]:
        """Return all tokens, withdrawn ones too, by when they were made."""
        statement = select(intake_tokens).order_by(intake_tokens.c.made_at, intake_tokens.c.digest)
        return [IntakeToken(**row) for row in self._database.rows(statement)]

    def add_token(self, token: IntakeToken) -> None:
        """Store a new token."""
        row = {column.name: getattr(token, column.name) for column in intake_tokens.c}
        with self._database.transaction("a token cannot be stored") as connection:
            connection.execute(intake_tokens.insert(), storable(row) | {"made_at": token.made_at, "withdrawn_at": None})

    def withdraw_token(self, digest: str, at: datetime) -> bool:
        """Withdraw a token; False: it was withdrawn before, or there is none."""
        column = intake_tokens.c
        statement = (
            update(intake_tokens).where(column.digest == digest, column.withdrawn_at.is_(None)).values(withdrawn_at=at)
        )
        with self._database.transaction("a token cannot be withdrawn") as connection:
            return connection.execute(statement).rowcount == 1


def _plain(row: DeclaredRow) -> dict[str, Any]:
    key = row.key
    told: dict[str, Any] = {
        "unit": key.unit_id,
        "span": key.span.value,
        "first": key.first.isoformat(),
        "procedure": key.procedure_code,
        "level": storable(key.level),
        "counts": dict(row.counts),
        "percent": row.published_percent,
        "definition": row.rate_definition.value,
        "as_of": row.as_of.isoformat() if row.as_of else None,
        "source": storable(row.source_url),
        "where": storable(row.where),
    }
    return told


def _row(told: dict[str, Any]) -> DeclaredRow:
    return DeclaredRow(
        key=RowKey(
            unit_id=told["unit"],
            span=Span(told["span"]),
            first=date.fromisoformat(told["first"]),
            procedure_code=told["procedure"],
            level=told["level"],
        ),
        counts=told["counts"],
        published_percent=told["percent"],
        rate_definition=RateDefinition(told["definition"]),
        as_of=date.fromisoformat(told["as_of"]) if told["as_of"] else None,
        source_url=told["source"],
        where=told["where"],
    )


def _file(row: Any) -> DeclaredFile:
    values = dict(row)
    body: Iterable[dict[str, Any]] = json.loads(zlib.decompress(values.pop("body")))
    values.pop("number")
    return DeclaredFile(**values, rows=tuple(map(_row, body)))
