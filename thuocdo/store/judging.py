"""What judging reads and writes: readings, incidents, tallies; the statements and how their rows come back as values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, Select, func, select

from thuocdo.core.model import Evidence, HourTally, Incident, Outcome, Reading, Reason, StateChange
from thuocdo.core.wire import storable
from thuocdo.store.columns import places_of
from thuocdo.store.packing import unpacked
from thuocdo.store.query import whole_rows
from thuocdo.store.rows import extra_in, facts_in, key_of
from thuocdo.store.schema import SERIES_KEY, hour_tallies, incident_changes, incidents, measurements, series

TALLIED = ("ok", "failed", "inconclusive", "excluded", "missed")

_INCIDENT = TypeAdapter(Incident)
_INSTANTS = ("started_at", "confirmed_at", "ended_at")


def select_readings(kind: str, profile: str, since: datetime, until: datetime) -> Select[Any]:
    """Return the statement for the rows of a kind that readings are made of, in order of their instant."""
    return (
        whole_rows()
        .where(
            measurements.c.kind == kind,
            measurements.c.scheduled_at >= since,
            measurements.c.scheduled_at < until,
            series.c.profile == profile,
        )
        .order_by(measurements.c.scheduled_at, measurements.c.series_id)
    )


def select_seconds(key: Sequence[str], since: datetime, until: datetime) -> Select[Any]:
    """Return the statement for what one series' times are made of; key: target, kind, vantage point, profile."""
    return whole_rows().where(
        *(series.c[name] == part for name, part in zip(SERIES_KEY, key, strict=True)),
        measurements.c.scheduled_at >= since,
        measurements.c.scheduled_at < until,
        measurements.c.outcome == Outcome.OK.value,
        measurements.c.saturated.is_(False),
    )


def seconds_of(row: Any, value: str) -> float | None:
    """Return a measured value of a whole row, None where it has none of this name."""
    (place,), most = places_of(facts_in(row.body), (value,))
    return None if place is None else unpacked(row.numbers, most)[place]


def reading_of(row: Any, value: str) -> Reading:
    """Return the reading that a whole row holds; value: name of the measured time that tells slowness."""
    extra = extra_in(row.extra)
    is_timed = row.outcome == Outcome.OK and not row.saturated
    return Reading(
        key=key_of(row),
        agency_id=facts_in(row.body).agency_id,
        outcome=Outcome(row.outcome),
        reason=Reason(row.reason) if row.reason else None,
        detail=extra.get("detail", ""),
        seconds=seconds_of(row, value) if is_timed else None,
        evidence=tuple(Evidence(**piece) for piece in extra.get("evidence", ())),
    )


def row_of_incident(incident: Incident) -> dict[str, Any]:
    """Return the column values of an incident."""
    values: dict[str, Any] = storable(_INCIDENT.dump_python(incident, mode="json"))
    return values | {name: getattr(incident, name) for name in _INSTANTS}


def incident_of(row: RowMapping) -> Incident:
    """Return the incident that a row holds."""
    return _INCIDENT.validate_python(dict(row))


def row_of_change(change: StateChange) -> dict[str, Any]:
    """Return the column values of a change."""
    return {
        "incident_id": change.incident_id,
        "changed_at": change.changed_at,
        "state": change.state.value,
        "reason": change.reason.value if change.reason else None,
        "detail": storable(change.detail),
    }


def change_of(row: RowMapping) -> StateChange:
    """Return the change that a row holds."""
    return TypeAdapter(StateChange).validate_python(dict(row))


def select_incidents(*, since: datetime | None = None, only_open: bool = False) -> Select[Any]:
    """Return the statement for incidents, newest first; since: those that had not ended by then."""
    statement = select(incidents).order_by(incidents.c.started_at.desc(), incidents.c.id)
    if only_open:
        return statement.where(incidents.c.ended_at.is_(None))
    if since is not None:
        return statement.where(incidents.c.ended_at.is_(None) | (incidents.c.ended_at >= since))
    return statement


def select_changes(incident_id: str) -> Select[Any]:
    """Return the statement for the changes of an incident, oldest first."""
    column = incident_changes.c
    return select(incident_changes).where(column.incident_id == incident_id).order_by(column.changed_at, column.state)


def select_tallies(since: datetime, until: datetime) -> Select[Any]:
    """Return the statement for tallies by target, vantage point and hour; since <= hour < until."""
    column = hour_tallies.c
    return (
        select(hour_tallies)
        .where(column.hour >= since, column.hour < until)
        .order_by(column.target_id, column.vantage_id, column.hour)
    )


def select_tally_totals(since: datetime | None) -> Select[Any]:
    """Return the statement for each target's sums over all vantage points, from an hour on or over all time."""
    column = hour_tallies.c
    sums = (func.sum(column[name]).label(name) for name in TALLIED)
    return (
        select(column.target_id, func.min(column.hour).label("hour"), *sums)
        .where(*(() if since is None else (column.hour >= since,)))
        .group_by(column.target_id)
        .order_by(column.target_id)
    )


def tally_of(row: RowMapping) -> HourTally:
    """Return the tally that a row holds; sums over vantage points name none."""
    return HourTally(
        target_id=row["target_id"],
        vantage_id=row.get("vantage_id", ""),
        hour=row["hour"],
        **{name: int(row[name]) for name in TALLIED},
    )
