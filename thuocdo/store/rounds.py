"""Measurement rounds."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from thuocdo.core.errors import StoreError
from thuocdo.core.model import Round
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import rounds


class Rounds:
    """The rounds of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, round_: Round) -> None:
        """Store that a round began. Its settings are frozen: beginning it again changes nothing."""
        with self._database.transaction(f"round '{round_.id}' cannot be begun") as connection:
            connection.execute(self._database.insert_new(rounds), storable(asdict(round_)))

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
