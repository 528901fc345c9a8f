"""
The store: takes measurements, gives them back.

Synchronous and safe to use from several threads; agents call it in one. Every method raises StoreUnavailableError where the
store cannot answer just now (the caller keeps what it has and tries again), StoreError where a person must act.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

from pydantic import TypeAdapter
from sqlalchemy import URL, Engine, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from thuocdo.errors import StoreError
from thuocdo.model import AgentState, Assessment, Measurement, MeasurementKey, Round
from thuocdo.store import database
from thuocdo.store.failures import describe, wrapped
from thuocdo.store.query import MeasurementQuery, select_keys, select_latest, select_measurements
from thuocdo.store.rows import key_of, measurement_of, row_of
from thuocdo.store.schema import MEASUREMENT_KEY, SERIES_KEY, agent_states, assessments, measurements, rounds, series
from thuocdo.wire import storable

ROWS_PER_FETCH = 500

_AGENT_STATE = TypeAdapter(AgentState)


class Store:
    """One database of measurements; see `open`."""

    def __init__(self, engine: Engine) -> None:
        self._read = engine
        self._write = database.writing(engine)

    @classmethod
    def open(cls, url: str) -> Self:
        """
        Open a store; tables are created or brought to the newest revision.

        Args:
            url: sqlite:////absolute/path or postgresql://user:password@host/database.

        Raises:
            StoreError: it cannot be opened; the message says where, why and what to do.
        """
        parsed = database.parse(url)
        with wrapped(parsed, "cannot be opened"):
            engine = database.connect(parsed)
            try:
                database.migrate(engine)
            except BaseException:
                engine.dispose()
                raise
            return cls(engine)

    def close(self) -> None:
        """Close all connections."""
        with wrapped(self._url, "cannot be closed"):
            self._read.dispose()

    def write(self, batch: Sequence[Measurement]) -> int:
        """
        Store measurements in one transaction: all or none. What is stored already stays as it is.

        Returns:
            The number of new rows.
        """
        # Sorted: two writers of the same keys take their locks in the same order, so they wait but never deadlock.
        rows = sorted(
            (row_of(measurement) for measurement in batch), key=lambda row: tuple(row[name] for name in MEASUREMENT_KEY)
        )
        if not rows:
            return 0
        keys = [
            dict(zip(SERIES_KEY, key, strict=True))
            for key in dict.fromkeys(tuple(row[name] for name in SERIES_KEY) for row in rows)
        ]
        with wrapped(self._url, f"{len(rows)} measurements cannot be written"), self._write.begin() as connection:
            connection.execute(self._insert_new(series), keys)
            written = connection.execute(
                self._insert_new(measurements), rows, execution_options={"preserve_rowcount": True}
            )
            return written.rowcount

    def measurements(self, query: MeasurementQuery | None = None) -> Iterator[Measurement]:
        """Yield what the query asks for, in order of the scheduled instant, without holding all of it in memory."""
        statement = select_measurements(query or MeasurementQuery()).execution_options(yield_per=ROWS_PER_FETCH)
        with wrapped(self._url, "measurements cannot be read"), self._read.connect() as connection:
            for row in connection.execute(statement).mappings():
                yield measurement_of(row)

    def latest(self) -> list[Measurement]:
        """Return the newest measurement per target, kind, vantage point and profile, in this order."""
        return [measurement_of(row) for row in self._rows(select_latest())]

    def keys(self, round_id: str | None = None) -> set[MeasurementKey]:
        """Return the natural keys of one round, or of everything."""
        return {key_of(row) for row in self._rows(select_keys(round_id))}

    def count(self, round_id: str | None = None) -> int:
        """Return how many measurements one round has, or the whole store."""
        statement = select(func.count().label("n")).select_from(measurements)
        if round_id is not None:
            statement = statement.where(measurements.c.round_id == round_id)
        return int(self._rows(statement)[0]["n"])

    def newest_at(self) -> datetime | None:
        """Return the newest scheduled instant, or None where the store is empty."""
        newest: datetime | None = self._rows(select(func.max(measurements.c.scheduled_at).label("at")))[0]["at"]
        return newest

    def protected_evidence(self) -> frozenset[str]:
        """
        Return the addresses (SHA-256) of evidence that must never expire: that of assessments and of measurements in rounds.

        A ranking must be defensible as long as it can be looked at, and every round can.
        """
        assessed = select(assessments.c.evidence_sha256).distinct()
        in_rounds = select(measurements.c.evidence).where(
            measurements.c.round_id.is_not(None), measurements.c.evidence != []
        )
        found = {row["evidence_sha256"] for row in self._rows(assessed)}
        with wrapped(self._url, "measurements cannot be read"), self._read.connect() as connection:
            for pieces in connection.execute(in_rounds.execution_options(yield_per=ROWS_PER_FETCH)).scalars():
                found.update(piece["sha256"] for piece in pieces)
        return frozenset(found)

    def begin_round(self, round_: Round) -> None:
        """Store that a round began. Its settings are frozen: beginning it again changes nothing."""
        values = storable(asdict(round_))
        with wrapped(self._url, f"round '{round_.id}' cannot be begun"), self._write.begin() as connection:
            connection.execute(self._insert_new(rounds), values)

    def end_round(self, round_id: str, ended_at: datetime) -> None:
        """
        Store that a round ended.

        Raises:
            StoreError: the store knows no such round.
        """
        statement = update(rounds).where(rounds.c.id == round_id).values(ended_at=ended_at)
        with wrapped(self._url, f"round '{round_id}' cannot be ended"), self._write.begin() as connection:
            if connection.execute(statement).rowcount == 0:
                raise StoreError(f"{describe(self._url)}: round '{round_id}' is not known; begin it first")

    def rounds(self) -> list[Round]:
        """Return all rounds, oldest first."""
        return [Round(**row) for row in self._rows(select(rounds).order_by(rounds.c.started_at, rounds.c.id))]

    def round(self, round_id: str) -> Round | None:
        """Return one round, or None where the store does not know it."""
        found = self._rows(select(rounds).where(rounds.c.id == round_id))
        return Round(**found[0]) if found else None

    def save_agent_state(self, state: AgentState) -> None:
        """Store an agent's last sign of life in place of the one before."""
        values = {
            "vantage_id": state.vantage_id,
            "agent": state.agent,
            "seen_at": state.seen_at,
            "pid": state.pid,
            "state": storable(_AGENT_STATE.dump_python(state, mode="json")),
        }
        insert = self._insert(agent_states)
        replaced = insert.on_conflict_do_update(
            index_elements=["vantage_id", "agent"],
            set_={name: insert.excluded[name] for name in ("seen_at", "pid", "state")},
        )
        with wrapped(self._url, f"state of agent '{state.agent}' cannot be written"), self._write.begin() as connection:
            connection.execute(replaced, values)

    def agent_states(self) -> list[AgentState]:
        """Return the last sign of life of every agent, by vantage point and name."""
        found = self._rows(select(agent_states).order_by(agent_states.c.vantage_id, agent_states.c.agent))
        return [_AGENT_STATE.validate_python(row["state"]) for row in found]

    def save_assessment(self, assessment: Assessment) -> None:
        """Store what a person assessed; earlier entries stay as history, the same entry twice changes nothing."""
        values = {name: storable(getattr(assessment, name)) for name in assessments.c.keys()}  # noqa: SIM118 - no dict
        with (
            wrapped(self._url, f"assessment of '{assessment.agency_id}' cannot be written"),
            self._write.begin() as connection,
        ):
            connection.execute(self._insert_new(assessments), values)

    def assessments(self) -> list[Assessment]:
        """Return everything that people assessed, oldest first: the last per agency, criteria set and criterion counts."""
        order = [assessments.c[name] for name in ("entered_at", "agency_id", "criteria_set_id", "criterion_id")]
        return [Assessment(**row) for row in self._rows(select(assessments).order_by(*order))]

    @property
    def _url(self) -> URL:
        return self._read.url

    def _rows(self, statement: Any) -> Sequence[Any]:
        with wrapped(self._url, "cannot be read"), self._read.connect() as connection:
            return connection.execute(statement).mappings().all()

    def _insert(self, table: Table) -> Any:
        return (sqlite if self._read.dialect.name == "sqlite" else postgresql).insert(table)

    def _insert_new(self, table: Table) -> Any:
        return self._insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
