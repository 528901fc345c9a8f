"""Agents: the last sign of life of each."""

from pydantic import TypeAdapter
from sqlalchemy import select

from thuocdo.core.model import AgentState
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import agent_states

_AGENT_STATE = TypeAdapter(AgentState)


class Agents:
    """The agents that a database knows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, state: AgentState) -> None:
        """Store an agent's last sign of life in place of the one before."""
        values = {
            "vantage_id": state.vantage_id,
            "agent": state.agent,
            "seen_at": state.seen_at,
            "pid": state.pid,
            "state": storable(_AGENT_STATE.dump_python(state, mode="json")),
        }
        with self._database.transaction(f"state of agent '{state.agent}' cannot be written") as connection:
            connection.execute(self._database.insert_or_replace(agent_states), values)

    def all(self) -> list[AgentState]:
        """Return the last sign of life of every agent, by vantage point and name."""
        found = self._database.rows(select(agent_states).order_by(agent_states.c.vantage_id, agent_states.c.agent))
        return [_AGENT_STATE.validate_python(row["state"]) for row in found]
