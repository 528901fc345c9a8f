"""Measurement rounds, and the files that each is measured and ranked by."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from thuocdo.core.errors import StoreError
from thuocdo.core.model import Round, RoundFile
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import round_files, rounds


class Rounds:
    """The rounds of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, round_: Round, files: Sequence[RoundFile] = ()) -> None:
        """
        Store that a round began, and by which files. Both are frozen: beginning it again changes nothing.

        Raises:
            StoreError: another round has this name.
        """
        rows = [{"round_id": round_.id, "path": one.path, "body": zlib.compress(one.body)} for one in files]
        with self._database.transaction(f"round '{round_.id}' cannot be begun") as connection:
            is_new = connection.execute(select(rounds.c.id).where(rounds.c.id == round_.id)).first() is None
            connection.execute(self._database.insert_new(rounds), storable(asdict(round_)))
            if is_new and rows:
                connection.execute(insert(round_files), rows)

    def files_of(self, round_id: str) -> list[RoundFile]:
        """Return the files that a round froze, by path; none of one that an older version began."""
        statement = select(round_files.c.path, round_files.c.body).where(round_files.c.round_id == round_id)
        found = self._database.rows(statement.order_by(round_files.c.path))
        try:
            return [RoundFile(path=row["path"], body=zlib.decompress(row["body"])) for row in found]
        except zlib.error as exc:
            raise StoreError(
                f"{self._database.name}: the files of round '{round_id}' are harmed ({exc}); put a backup back"
            ) from exc

    def change(self, round_id: str, *, planned: int, settings: Mapping[str, str]) -> None:
        """
        Store a plan that was extended, of a round that has not ended.

        Raises:
            StoreError: there is no such round, or it has ended.
        """
        statement = update(rounds).where(rounds.c.id == round_id, rounds.c.ended_at.is_(None))
        with self._database.transaction(f"round '{round_id}' cannot be changed") as connection:
            values = storable({"planned": planned, "settings": dict(settings)})
            if connection.execute(statement.values(**values)).rowcount == 0:
                raise StoreError(f"{self._database.name}: round '{round_id}' is not known, or has ended")

    def end(self, round_id: str, ended_at: datetime) -> None:
        """
        Store that a round ended.

        Raises:
            StoreError: there is no such round.
        """
        statement = update(rounds).where(rounds.c.id == round_id).values(ended_at=ended_at)
        with self._database.transaction(f"round '{round_id}' cannot be ended") as connection:
            if connection.execute(statement).rowcount == 0:
                raise StoreError(f"{self._database.name}: round '{round_id}' is not known; begin it first")

    def publish(self, round_id: str, at: datetime, by: str) -> bool:
        """
        Store that a round was published, and by whom.

        Returns:
            Whether it is so by this; nothing changes for one that has not ended, or that was published already.
        """
        with self._database.transaction(f"round '{round_id}' cannot be published") as connection:
            return bool(connection.execute(publishing(round_id, at, by)).rowcount)

    def all(self) -> list[Round]:
        """Return all rounds, oldest first."""
        return [Round(**row) for row in self._database.rows(select(rounds).order_by(rounds.c.started_at, rounds.c.id))]

    def get(self, round_id: str) -> Round | None:
        """Return one round, or None where there is none of this id."""
        found = self._database.rows(select(rounds).where(rounds.c.id == round_id))
        return Round(**found[0]) if found else None


def publishing(round_id: str, at: datetime, by: str) -> Any:
    """Return the statement that publishes a round which has ended, and was not published yet."""
    return (
        update(rounds)
        .where(rounds.c.id == round_id, rounds.c.ended_at.is_not(None), rounds.c.published_at.is_(None))
        .values(published_at=at, published_by=by)
    )
