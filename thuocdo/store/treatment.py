"""Findings about how portals treat our visits, and the notes of people, which are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint, select

from thuocdo.core.model import TreatmentCause, TreatmentFinding, TreatmentNote, TreatmentState
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.schema import Instant, json_column, metadata

_KEY = ("target_id", "cause", "occasion")

treatment_findings = Table(
    "treatment_findings",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *(Column(name, String, nullable=False) for name in ("target_id", "agency_id", "cause", "occasion")),
    *(Column(name, Instant, nullable=False) for name in ("first_at", "last_at", "found_at")),
    *(json_column(name) for name in ("numbers", "evidence")),
    UniqueConstraint(*_KEY, name="uq_treatment_findings_key"),
)

treatment_notes = Table(
    "treatment_notes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("finding", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("by", "reason")),
    Column("state", String),
)


class Treatment:
    """The findings of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, finding: TreatmentFinding) -> bool:
        """Store a finding; False: there is one of this target, cause and occasion, which stays as it was found."""
        names = ("target_id", "agency_id", "occasion", "first_at", "last_at", "found_at")
        row = {
            **{name: getattr(finding, name) for name in names},
            "cause": finding.cause.value,
            "numbers": dict(finding.numbers),
            "evidence": list(finding.evidence),
        }
        with self._database.transaction("a finding cannot be stored") as connection:
            return self._database.add_numbered(connection, treatment_findings, row, _KEY)

    def all(self) -> dict[int, TreatmentFinding]:
        """Return the findings by their numbers, in the order in which they were found."""
        statement = select(treatment_findings).order_by(treatment_findings.c.number)
        return {row["number"]: _finding(row) for row in self._database.rows(statement)}

    def note(self, number: int, note: TreatmentNote) -> None:
        """Store what somebody said to a finding."""
        row = {
            "finding": number,
            "at": note.at,
            "by": storable(note.by),
            "reason": storable(note.reason),
            "state": note.state.value if note.state else None,
        }
        with self._database.transaction("a note cannot be stored") as connection:
            self._database.add_numbered(connection, treatment_notes, row)

    def notes(self) -> dict[int, list[TreatmentNote]]:
        """Return what people said, by number of the finding, in order."""
        found: dict[int, list[TreatmentNote]] = {}
        for row in self._database.rows(select(treatment_notes).order_by(treatment_notes.c.number)):
            found.setdefault(row["finding"], []).append(_note(row))
        return found


def state_of(notes: list[TreatmentNote]) -> TreatmentState:
    """Return what people think of a finding by what they said last."""
    return next((one.state for one in reversed(notes) if one.state is not None), TreatmentState.NEW)


def _finding(row: Any) -> TreatmentFinding:
    values = {name: value for name, value in dict(row).items() if name != "number"}
    return TreatmentFinding(
        **values | {"cause": TreatmentCause(values["cause"]), "evidence": tuple(values["evidence"])}
    )


def _note(row: Any) -> TreatmentNote:
    at: datetime = row["at"]
    state = TreatmentState(row["state"]) if row["state"] else None
    return TreatmentNote(at=at, by=row["by"], reason=row["reason"], state=state)
