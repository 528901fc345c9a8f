"""How a measurement lies in a row, and how it comes back."""

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation
from thuocdo.core.wire import storable
from thuocdo.store.schema import MEASUREMENT_KEY, SERIES_KEY

_OBSERVATION = TypeAdapter(Observation)
_CONDITIONS = TypeAdapter(Conditions)
_SEEN = tuple(field.name for field in fields(Observation))


def row_of(measurement: Measurement) -> dict[str, Any]:
    """Return the column values of a measurement; instants stay instants, the rest is what JSON and a database can keep."""
    key = measurement.key
    texts = {name: getattr(key, name) for name in SERIES_KEY}
    texts |= {"agency_id": measurement.agency_id, "round_id": measurement.round_id}
    seen = _OBSERVATION.dump_python(measurement.observation, mode="json")
    conditions = _CONDITIONS.dump_python(measurement.conditions, mode="json")
    row: dict[str, Any] = storable({**texts, **seen, "conditions": conditions})
    row["scheduled_at"] = key.scheduled_at
    row["started_at"] = measurement.started_at
    row["duration_seconds"] = measurement.duration_seconds
    row["saturated"] = measurement.conditions.saturated
    return row


def measurement_of(row: RowMapping) -> Measurement:
    """
    Return the measurement that a row holds.

    Raises:
        ValidationError: the row is none that this version wrote.
    """
    return Measurement(
        key=key_of(row),
        agency_id=row["agency_id"],
        round_id=row["round_id"],
        started_at=row["started_at"],
        duration_seconds=row["duration_seconds"],
        observation=_OBSERVATION.validate_python({name: row[name] for name in _SEEN}),
        conditions=_CONDITIONS.validate_python(row["conditions"]),
    )


def key_of(row: RowMapping) -> MeasurementKey:
    """Return the natural key of a row."""
    return MeasurementKey(**{name: row[name] for name in MEASUREMENT_KEY})
