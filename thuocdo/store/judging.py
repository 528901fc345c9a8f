"""What judging reads and writes: readings, incidents, tallies; the statements and how their rows come back as values."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, Select, func, select, union

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import (
    Acknowledgement,
    Evidence,
    HourTally,
    Incident,
    IncidentScope,
    Outcome,
    Reading,
    Reason,
    StateChange,
)
from thuocdo.core.wire import storable
from thuocdo.store.columns import places_of
from thuocdo.store.packing import unpacked
from thuocdo.store.query import whole_rows
from thuocdo.store.rows import Facts, extra_in, facts_in, key_of
from thuocdo.store.schema import (
    SERIES_KEY,
    hour_tallies,
    incident_acknowledgements,
    incident_changes,
    incidents,
    measurements,
    missed_starts,
    series,
)

ANSWERED = ("ok", "failed", "inconclusive", "excluded")
TALLIED = (*ANSWERED, "missed")

_OF_A_READING = ("kind", "scheduled_at", "facts_id", "outcome", "reason", "saturated", "numbers", "extra")

_INCIDENT = TypeAdapter(Incident)
_INSTANTS = ("started_at", "confirmed_at", "ended_at")


def select_readings(
    kind: str,
    profile: str,
    since: datetime,
    until: datetime,
    up_to: int | None = None,
    outcome: Outcome | None = None,
) -> Select[Any]:
    """
    Return the statement for the rows of a kind that readings are made of, in order of their instant.

    up_to: the last id. outcome: only what ended so.
    """
    return (
        whole_rows()
        .where(
            measurements.c.kind == kind,
            measurements.c.scheduled_at >= since,
            measurements.c.scheduled_at < until,
            series.c.profile == profile,
            *(() if up_to is None else (measurements.c.id <= up_to,)),
            *(() if outcome is None else (measurements.c.outcome == outcome.value,)),
        )
        .order_by(measurements.c.scheduled_at, measurements.c.series_id)
    )


def select_arrived_readings(after: int, up_to: int) -> Select[Any]:
    """
    Return the statement for what readings are made of, of what arrived with after < id <= up_to, in no order.

    Of whatever kind and instant: any further condition would lead the engine to another index, and through hours of rows.
    """
    return (
        select(
            *(measurements.c[name] for name in _OF_A_READING),
            *(series.c[name] for name in ("target_id", "vantage_id", "profile")),
        )
        .join_from(measurements, series)
        .where(measurements.c.id > after, measurements.c.id <= up_to)
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
    return _value_in(row, facts_in(row.body), value)


def reading_of(row: Any, facts: Facts, value: str) -> Reading:
    """Return the reading that a row holds; value: name of the measured time that tells slowness."""
    extra = extra_in(row.extra)
    is_timed = row.outcome == Outcome.OK and not row.saturated
    (time_at, end_at), most = places_of(facts, (value, _ending_value(row.kind)))
    numbers = unpacked(row.numbers, most) if most else ()
    return Reading(
        key=key_of(row),
        agency_id=facts.agency_id,
        outcome=Outcome(row.outcome),
        reason=Reason(row.reason) if row.reason else None,
        detail=extra.get("detail", ""),
        seconds=numbers[time_at] if is_timed and time_at is not None else None,
        certificate_ends_at=None if end_at is None else _instant(numbers[end_at]),
        evidence=tuple(Evidence(**piece) for piece in extra.get("evidence", ())),
    )


@cache
def _ending_value(kind: str) -> str:
    """Return the name of the instant of a kind whose coming is an incident; empty where it has none."""
    value = all_kinds()[kind].ending_value if kind in all_kinds() else None
    return value.name if value else ""


def _instant(seconds: float) -> datetime | None:
    """Return Unix time as an instant; None for what no calendar has, which certificates may say."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _value_in(row: Any, facts: Facts, value: str) -> float | None:
    (place,), most = places_of(facts, (value,))
    return None if place is None else unpacked(row.numbers, most)[place]


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


def select_incidents(*, since: datetime | None = None, scope: IncidentScope | None = None) -> Select[Any]:
    """
    Return the statement for incidents in no order; since: those that had not ended by then; scope: only of this one.

    In no order, because an engine that is asked for one goes through all that ever were, in the index of their starts.
    """
    column = incidents.c
    statement = select(incidents)
    if since is not None:
        statement = statement.where(column.ended_at.is_(None) | (column.ended_at >= since))
    return statement if scope is None else statement.where(column.scope == scope.value)


def select_lasting() -> Select[Any]:
    """Return the statement for the incidents that have not ended, newest first."""
    return (
        select(incidents).where(incidents.c.ended_at.is_(None)).order_by(incidents.c.started_at.desc(), incidents.c.id)
    )


def select_page_of_incidents(
    limit: int, since: datetime | None, after: Incident | None, *, only_ended: bool, agency_id: str | None = None
) -> Select[Any]:
    """
    Return the statement for a page of incidents, a range of an index.

    Args:
        limit: the most rows to return.
        since: those that had not ended by then.
        after: the last one of the page before.
        only_ended: only those that are over, and these by their end, the last first; else by their start, the last first.
        agency_id: only those with this one; None = of all.
    """
    column = incidents.c
    order = column.ended_at if only_ended else column.started_at
    statement = select(incidents).order_by(order.desc(), column.id).limit(limit)
    if only_ended:
        statement = statement.where(column.ended_at.is_not(None) if since is None else column.ended_at >= since)
    elif since is not None:
        statement = statement.where(column.ended_at.is_(None) | (column.ended_at >= since))
    if after is not None:
        at = after.ended_at if only_ended else after.started_at
        statement = statement.where(order <= at, (order < at) | (column.id > after.id))
    if agency_id is not None:
        statement = statement.where(column.agency_id == agency_id)
    return statement


def select_changes(incident_id: str) -> Select[Any]:
    """Return the statement for the changes of an incident, oldest first."""
    column = incident_changes.c
    return select(incident_changes).where(column.incident_id == incident_id).order_by(column.changed_at, column.state)


def row_of_acknowledgement(acknowledgement: Acknowledgement) -> dict[str, Any]:
    """Return the column values of an acknowledgement."""
    return {
        "incident_id": acknowledgement.incident_id,
        "acknowledged_at": acknowledgement.at,
        "acknowledged_by": storable(acknowledgement.by),
        "note": storable(acknowledgement.note),
    }


def acknowledgement_of(row: RowMapping) -> Acknowledgement:
    """Return the acknowledgement that a row holds."""
    return Acknowledgement(
        incident_id=row["incident_id"], at=row["acknowledged_at"], by=row["acknowledged_by"], note=row["note"]
    )


def select_acknowledgements(incident_ids: Sequence[str]) -> Select[Any]:
    """Return the statement for what was said of these incidents, oldest first."""
    column = incident_acknowledgements.c
    return (
        select(incident_acknowledgements)
        .where(column.incident_id.in_(incident_ids))
        .order_by(column.acknowledged_at, column.incident_id)
    )


def select_tallies(since: datetime, until: datetime) -> Select[Any]:
    """Return the statement for tallies by target, vantage point and hour; since <= hour < until."""
    column = hour_tallies.c
    return (
        select(hour_tallies)
        .where(column.hour >= since, column.hour < until)
        .order_by(column.target_id, column.vantage_id, column.hour)
    )


def select_tally_totals(since: datetime | None, until: datetime | None = None) -> Select[Any]:
    """
    Return the statement for each target's sums over all vantage points, from an hour on and up to one, or over all time.

    For each target and vantage point it is one range of the key: a month costs a month, however many there are.
    """
    measured = select(series.c.target_id, series.c.vantage_id)
    missed = select(missed_starts.c.target_id, missed_starts.c.vantage_id)  # of some nothing was ever started
    if since is not None:
        missed = missed.where(missed_starts.c.hour >= since)
    pairs = union(measured, missed).subquery()
    column = hour_tallies.c
    sums = (func.sum(column[name]).label(name) for name in TALLIED)
    within = [] if since is None else [column.hour >= since]
    within += [] if until is None else [column.hour < until]
    return (
        select(pairs.c.target_id, func.min(column.hour).label("hour"), *sums)
        .join_from(
            pairs,
            hour_tallies,
            (column.target_id == pairs.c.target_id) & (column.vantage_id == pairs.c.vantage_id),
        )
        .where(*within)
        .group_by(pairs.c.target_id)
        .order_by(pairs.c.target_id)
    )


def tally_of(row: RowMapping) -> HourTally:
    """Return the tally that a row holds; sums over vantage points name none."""
    return HourTally(
        target_id=row["target_id"],
        vantage_id=row.get("vantage_id", ""),
        hour=row["hour"],
        **{name: int(row[name]) for name in TALLIED},
    )
