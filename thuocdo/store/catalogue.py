"""Lists of procedures as they were on a day, none of which ever changes, and what agencies say to what differs."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint, select

from thuocdo.core.model import (
    CatalogueRow,
    CatalogueSnapshot,
    Explanation,
    LevelScheme,
    ListKind,
    OnlineLevel,
    ProcedureStatus,
)
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import Instant, metadata

_KEY = ("owner", "kind", "taken_on", "digest")

catalogue_snapshots = Table(
    "catalogue_snapshots",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(Column(name, String, nullable=False) for name in _KEY),
    *(Column(name, Text, nullable=False) for name in ("name", "entered_by")),
    Column("received_at", Instant, nullable=False),
    Column("declared_total", Integer),
    Column("is_truncated", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint(*_KEY, name="uq_catalogue_snapshots_key"),
)

catalogue_explanations = Table(
    "catalogue_explanations",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(Column(name, String, nullable=False) for name in ("owner", "kind", "code")),
    *(Column(name, Text, nullable=False) for name in ("text", "entered_by")),
    Column("at", Instant, nullable=False),
)


class Catalogue:
    """The lists of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, snapshot: CatalogueSnapshot) -> bool:
        """Store a list; False: these very bytes are stored as the same list of that day."""
        row: dict[str, Any] = {
            **{name: storable(getattr(snapshot, name)) for name in ("owner", "digest", "name", "entered_by")},
            "kind": snapshot.kind.value,
            "taken_on": snapshot.taken_on.isoformat(),
            "received_at": snapshot.received_at,
            "declared_total": snapshot.declared_total,
            "is_truncated": snapshot.is_truncated,
            "body": zlib.compress(
                json.dumps([storable(asdict(one)) for one in snapshot.rows], ensure_ascii=False).encode()
            ),
        }
        with self._database.transaction("a list of procedures cannot be stored") as connection:
            return self._database.add_numbered(connection, catalogue_snapshots, row, _KEY)

    def of(self, owner: str | None = None, kind: ListKind | None = None) -> list[CatalogueSnapshot]:
        """Return the lists of an owner and of a kind, or all, by their day and when they came."""
        column = catalogue_snapshots.c
        statement = select(catalogue_snapshots).order_by(column.taken_on, column.number)
        if owner is not None:
            statement = statement.where(column.owner == owner)
        if kind is not None:
            statement = statement.where(column.kind == kind.value)
        return [_snapshot(row) for row in self._database.rows(statement)]

    def explain(self, explanations: Iterable[Explanation]) -> int:
        """Store what an agency says, all or nothing, and return how many there were."""
        said = list(explanations)
        with self._database.transaction("explanations cannot be stored") as connection:
            for one in said:
                row = {name: storable(getattr(one, name)) for name in ("owner", "kind", "code", "text", "entered_by")}
                self._database.add_numbered(connection, catalogue_explanations, row | {"at": one.at})
        return len(said)

    def explanations(self, owner: str) -> dict[tuple[str, str], Explanation]:
        """Return what an agency said last to each difference, by kind and code."""
        column = catalogue_explanations.c
        statement = select(catalogue_explanations).where(column.owner == owner).order_by(column.number)
        found = {}
        for row in self._database.rows(statement):
            one = Explanation(**{name: value for name, value in dict(row).items() if name != "number"})
            found[one.kind, one.code] = one
        return found


def _snapshot(row: Any) -> CatalogueSnapshot:
    values = {name: value for name, value in dict(row).items() if name not in ("number", "body")}
    body: list[dict[str, Any]] = json.loads(zlib.decompress(row["body"]))
    return CatalogueSnapshot(
        **values | {"kind": ListKind(values["kind"]), "taken_on": date.fromisoformat(values["taken_on"])},
        rows=tuple(map(_row, body)),
    )


def _row(told: dict[str, Any]) -> CatalogueRow:
    return CatalogueRow(
        **told
        | {
            "executing": tuple(told["executing"]),
            "level": OnlineLevel(told["level"]),
            "level_scheme": LevelScheme(told["level_scheme"]),
            "status": ProcedureStatus(told["status"]),
        }
    )
