"""Versions of a round's rankings: the draft, and what followed from objections; each stays readable as it was."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from thuocdo.core.model import RoundLogEntry, RoundNote
from thuocdo.store.audit import RoundLog
from thuocdo.store.database import Database
from thuocdo.store.schema import ranking_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingVersion:
    """
    One version of a ranking, without the ranking.

    version: from 1, the same for all criteria sets. cause: the number of the objection, empty = the draft, or points that were
    entered. registry_digest: of what the registry held, without those who were left out. digest: SHA-256 (hex) of the bytes.
    """

    round_id: str
    criteria_set_id: str
    version: int
    computed_at: datetime
    cause: str
    registry_digest: str
    digest: str


def version_of(
    body: bytes, *, round_id: str, criteria_set_id: str, version: int, computed_at: datetime, cause: str, registry: str
) -> RankingVersion:
    """Return what is said of a ranking's bytes; registry: digest of what it held."""
    return RankingVersion(
        round_id=round_id,
        criteria_set_id=criteria_set_id,
        version=version,
        computed_at=computed_at,
        cause=cause,
        registry_digest=registry,
        digest=hashlib.sha256(body).hexdigest(),
    )


class RankingVersions:
    """The versions of a database."""

    def __init__(self, database: Database, log: RoundLog) -> None:
        self._database = database
        self._log = log

    def of(self, round_id: str) -> list[RankingVersion]:
        """Return the versions of a round, oldest first, by criteria set."""
        columns = [column for column in ranking_versions.c if column.name != "body"]
        order = (ranking_versions.c.version, ranking_versions.c.criteria_set_id)
        statement = select(*columns).where(ranking_versions.c.round_id == round_id).order_by(*order)
        return [RankingVersion(**row) for row in self._database.rows(statement)]

    def body(self, version: RankingVersion) -> bytes | None:
        """Return the bytes of a version's ranking, None where they are not there."""
        statement = select(ranking_versions.c.body).where(
            ranking_versions.c.round_id == version.round_id,
            ranking_versions.c.criteria_set_id == version.criteria_set_id,
            ranking_versions.c.version == version.version,
        )
        found = self._database.rows(statement)
        return bytes(found[0]["body"]) if found else None

    def save(
        self, versions: Sequence[tuple[RankingVersion, bytes]], *notes: RoundNote, seen: int
    ) -> list[RoundLogEntry]:
        """
        Store a version by each criteria set, with the notes that say whose it is.

        Args:
            versions: with the bytes of their rankings.
            notes: what the log says of it.
            seen: as of `RoundLog.append`.
        """
        return self._log.append_with(*notes, seen=seen, also=lambda connection: insert_versions(connection, versions))


def insert_versions(connection: Connection, versions: Sequence[tuple[RankingVersion, bytes]]) -> None:
    """Write versions in a transaction of whoever has one."""
    for version, body in versions:
        connection.execute(ranking_versions.insert(), asdict(version) | {"body": body})
