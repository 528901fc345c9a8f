"""How a measurement lies in a row, and how it comes back."""

from dataclasses import fields
from typing import Any

from sqlalchemy import RowMapping

from thuocdo.core.model import Measurement, MeasurementKey, Observation
from thuocdo.core.wire import measurement_from_dict, measurement_to_dict
from thuocdo.store.schema import MEASUREMENT_KEY

_OBSERVATION = tuple(field.name for field in fields(Observation))


def row_of(measurement: Measurement) -> dict[str, Any]:
    """Return the column values of a measurement."""
    values = measurement_to_dict(measurement)
    key, observation = values.pop("key"), values.pop("observation")
    return {
        **values,
        **key,
        **observation,
        # The wire has instants as text.
        "scheduled_at": measurement.key.scheduled_at,
        "started_at": measurement.started_at,
        "saturated": measurement.conditions.saturated,
    }


def measurement_of(row: RowMapping) -> Measurement:
    """Return the measurement that a row holds."""
    return measurement_from_dict(
        {
            "key": {name: row[name] for name in MEASUREMENT_KEY},
            "observation": {name: row[name] for name in _OBSERVATION},
            "conditions": row["conditions"],
            "agency_id": row["agency_id"],
            "round_id": row["round_id"],
            "started_at": row["started_at"],
            "duration_seconds": row["duration_seconds"],
        }
    )


def key_of(row: RowMapping) -> MeasurementKey:
    """Return the natural key of a row."""
    return MeasurementKey(**{name: row[name] for name in MEASUREMENT_KEY})
