"""
The store: takes measurements, gives them back.

Synchronous and safe to use from several threads; agents call it in one. Every method raises StoreUnavailableError where the
store cannot answer just now (the caller keeps what it has and tries again), StoreError where a person must act.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

from pydantic import TypeAdapter
from sqlalchemy import URL, Engine, Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from thuocdo.core.errors import StoreError
from thuocdo.core.model import (
    AgentState,
    Assessment,
    HourTally,
    Incident,
    IncidentScope,
    Measurement,
    MeasurementKey,
    Reading,
    Round,
    StateChange,
)
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.core.wire import storable
from thuocdo.store import database, judging
from thuocdo.store.columns import MeasurementColumns, by_series, columns_of, select_columns, select_series
from thuocdo.store.failures import describe, wrapped
from thuocdo.store.query import MeasurementQuery, select_keys, select_latest, select_measurements
from thuocdo.store.rows import key_of, measurement_of, row_of
from thuocdo.store.schema import (
    MEASUREMENT_KEY,
    SERIES_KEY,
    agent_states,
    assessments,
    hour_tallies,
    incident_changes,
    incidents,
    judgement,
    measurements,
    rounds,
    series,
)

ROWS_PER_FETCH = 500
ROWS_PER_PIECE = 10_000

_AGENT_STATE = TypeAdapter(AgentState)
_JUDGE = "incidents"


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

    def columns(self, query: MeasurementQuery, values: Sequence[str]) -> Iterator[MeasurementColumns]:
        """
        Yield what the query asks for as columns, a piece at a time and in no order; its order and limit do not matter.

        Args:
            query: which measurements.
            values: names of measured values to take along.
        """
        with wrapped(self._url, "measurements cannot be read"), self._read.connect() as connection:
            if query.round_id is not None:  # a round is few of a series' many rows, and has an index of its own
                rows = connection.execute(select_columns(query, values).execution_options(yield_per=ROWS_PER_PIECE))
                yield from by_series(rows, values, ROWS_PER_PIECE)
                return
            for key in connection.execute(select_series(query)).all():
                statement = select_columns(query, values, key).execution_options(yield_per=ROWS_PER_PIECE)
                for piece in connection.execute(statement).partitions():
                    yield columns_of(key, piece, values)

    def latest(self, until: datetime | None = None) -> list[Measurement]:
        """
        Return the newest measurement per target, kind, vantage point and profile, in this order.

        until: leaves out what is scheduled later: a clock that was ahead has left it behind.
        """
        rows = self._rows(select_latest(until))
        with wrapped(self._url, "measurements cannot be read"):
            return [measurement_of(row) for row in rows]

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
        with wrapped(self._url, f"state of agent '{state.agent}' cannot be written"), self._write.begin() as connection:
            connection.execute(self._insert_or_replace(agent_states), values)

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

    def readings(
        self, kind: str, value: str, *, since: datetime, until: datetime, profile: str = PLAIN_PROFILE
    ) -> Iterator[Reading]:
        """
        Yield what judging needs of the measurements of a kind, in order of the scheduled instant.

        Args:
            kind: of probe.
            value: name of the measured time that tells slowness.
            since, until: since <= scheduled_at < until.
            profile: device and line.
        """
        statement = judging.select_readings(kind, value, profile, since, until)
        with wrapped(self._url, "measurements cannot be read"), self._read.connect() as connection:
            for row in connection.execute(statement.execution_options(yield_per=ROWS_PER_FETCH)).mappings():
                yield judging.reading_of(row)

    def seconds(self, key: MeasurementKey, value: str, *, since: datetime, until: datetime) -> list[float]:
        """Return the times of the series that a key belongs to, of ok and unhurried measurements, in no order."""
        named = (key.target_id, key.kind, key.vantage_id, key.profile)
        rows = self._rows(judging.select_seconds(named, value, since, until))
        return [row["seconds"] for row in rows if row["seconds"] is not None]

    def save_incident(self, incident: Incident, change: StateChange | None) -> None:
        """Store an incident in place of what was known of it, and its change of state if there is one: both or neither."""
        values = judging.row_of_incident(incident)
        with (
            wrapped(self._url, f"incident '{incident.id}' cannot be written"),
            self._write.begin() as connection,
        ):
            connection.execute(self._insert_or_replace(incidents), values)
            if change is not None:
                connection.execute(self._insert_new(incident_changes), judging.row_of_change(change))

    def open_incidents(self) -> list[Incident]:
        """Return the incidents that last, newest first."""
        return [judging.incident_of(row) for row in self._rows(judging.select_incidents(only_open=True))]

    def incidents(self, since: datetime | None = None) -> list[Incident]:
        """Return all incidents, newest first; since: only those that had not ended by then."""
        return [judging.incident_of(row) for row in self._rows(judging.select_incidents(since=since))]

    def incident(self, incident_id: str) -> Incident | None:
        """Return one incident, or None where the store does not know it."""
        found = self._rows(select(incidents).where(incidents.c.id == incident_id))
        return judging.incident_of(found[0]) if found else None

    def changes(self, incident_id: str) -> list[StateChange]:
        """Return an incident's changes of state, oldest first."""
        return [judging.change_of(row) for row in self._rows(judging.select_changes(incident_id))]

    def count_incidents(self) -> dict[IncidentScope, int]:
        """Return how many incidents were ever confirmed, by scope."""
        statement = select(incidents.c.scope, func.count().label("n")).group_by(incidents.c.scope)
        counted = {row["scope"]: int(row["n"]) for row in self._rows(statement)}
        return {scope: counted.get(scope, 0) for scope in IncidentScope}

    def save_tallies(self, tallies: Iterable[HourTally]) -> None:
        """Store tallies in place of those of the same target, vantage point and hour."""
        rows = [asdict(tally) for tally in sorted(tallies, key=lambda one: (one.target_id, one.vantage_id, one.hour))]
        if not rows:
            return
        with wrapped(self._url, f"{len(rows)} tallies cannot be written"), self._write.begin() as connection:
            connection.execute(self._insert_or_replace(hour_tallies), rows)

    def tallies(self, since: datetime, until: datetime) -> list[HourTally]:
        """Return the tallies with since <= hour < until, by target, vantage point and hour."""
        return [judging.tally_of(row) for row in self._rows(judging.select_tallies(since, until))]

    def tally_totals(self, since: datetime | None = None) -> list[HourTally]:
        """
        Return the sums of each target over all vantage points; hour: its first one, vantage_id: empty.

        since: only tallies of hours from this instant on; None = of all time.
        """
        return [judging.tally_of(row) for row in self._rows(judging.select_tally_totals(since))]

    def judged_at(self) -> datetime | None:
        """Return when incidents were last judged, or None."""
        found = self._rows(select(judgement.c.judged_at).where(judgement.c.name == _JUDGE))
        return found[0]["judged_at"] if found else None

    def save_judged_at(self, judged_at: datetime) -> None:
        """Store that incidents were judged just now."""
        self._save_judgement({"judged_at": judged_at})

    def judge_memory(self) -> tuple[datetime, Mapping[str, Any]] | None:
        """Return what judging remembered, and up to which instant of the measurements; None where there is nothing."""
        found = self._rows(select(judgement).where(judgement.c.name == _JUDGE, judgement.c.memory.is_not(None)))
        return (found[0]["memory_at"], found[0]["memory"]) if found else None

    def save_judge_memory(self, judged_at: datetime, memory_at: datetime, memory: Mapping[str, Any]) -> None:
        """Store what judging must remember of all measurements before memory_at, as JSON values."""
        self._save_judgement({"judged_at": judged_at, "memory_at": memory_at, "memory": storable(memory)})

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

    def _insert_or_replace(self, table: Table, names: Iterable[str] | None = None) -> Any:
        insert = self._insert(table)
        key = [column.name for column in table.primary_key.columns]
        replaced = [name for name in (names or table.c.keys()) if name not in key]
        return insert.on_conflict_do_update(index_elements=key, set_={name: insert.excluded[name] for name in replaced})

    def _save_judgement(self, values: Mapping[str, Any]) -> None:
        statement = self._insert_or_replace(judgement, values)
        with wrapped(self._url, "the state of judging cannot be written"), self._write.begin() as connection:
            connection.execute(statement, {"name": _JUDGE, **values})
