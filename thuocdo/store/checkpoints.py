"""Signed checkpoints of rounds while they are measured: how far the chain of each agent was at the end of each day."""

from datetime import date

from sqlalchemy import select

from thuocdo.store.database import Database
from thuocdo.store.schema import round_checkpoints


class RoundCheckpoints:
    """The checkpoints of a database; what they hold is not looked into here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, round_id: str, agent: str, day: date, *, checkpoint: str, signature: str) -> None:
        """Store a checkpoint; one that is there of this agent and day stays as it is."""
        row = {
            "round_id": round_id,
            "agent": agent,
            "day": day.isoformat(),
            "checkpoint": checkpoint,
            "signature": signature,
        }
        with self._database.transaction(f"a checkpoint of round '{round_id}' cannot be written") as connection:
            connection.execute(self._database.insert_new(round_checkpoints), row)

    def of(self, round_id: str) -> list[tuple[str, str]]:
        """Return the checkpoints of a round and their signatures, by agent and day."""
        table = round_checkpoints.c
        statement = select(table.checkpoint, table.signature).where(table.round_id == round_id)
        return [
            (row["checkpoint"], row["signature"])
            for row in self._database.rows(statement.order_by(table.agent, table.day))
        ]
