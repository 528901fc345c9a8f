"""
Measurements as tables: CSV with fixed columns, JSON Lines, and one JSON array; all streamed, so that size does not matter.

The columns are a public contract (tests/unit/exporters/golden): new values of a kind add columns, nothing else changes.
The JSON is the one shape of thuocdo.core.wire.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from thuocdo.core.cells import cell
from thuocdo.core.clock import iso
from thuocdo.core.kinds.kind import Kind
from thuocdo.core.model import Measurement
from thuocdo.core.wire import measurement_to_json

_BEFORE_VALUES = (
    *("target_id", "kind", "vantage_id", "profile", "scheduled_at"),
    *("agency_id", "round_id", "started_at", "duration_seconds"),
    *("outcome", "reason", "detail", "page_kind"),
)
_CONDITIONS = ("loop_lag_seconds", "cpu_pressure_ratio", "in_flight", "lateness_seconds", "saturated")


def columns(kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """Return the column names of the CSV, `<kind>.<value>` for every value of every kind."""
    values = tuple(f"{kind.name}.{value.name}" for kind in kinds.values() for value in kind.values)
    return (*_BEFORE_VALUES, *values, *_CONDITIONS, "evidence")


def csv_lines(measurements: Iterable[Measurement], kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Yield the lines of a CSV file (RFC 4180), its header first; what was not measured is an empty cell."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    names = columns(kinds)
    writer.writerow(names)
    for measurement in measurements:
        yield _taken(buffer)
        cells = _cells(measurement)
        writer.writerow([cell(cells.get(name)) for name in names])
    yield _taken(buffer)


def json_lines(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Yield one JSON object per line."""
    for measurement in measurements:
        yield measurement_to_json(measurement) + "\n"


def json_array(measurements: Iterable[Measurement]) -> Iterator[str]:
    """Yield the pieces of one JSON array, one measurement per line."""
    separator = "[\n"
    for measurement in measurements:
        yield separator + measurement_to_json(measurement)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _cells(measurement: Measurement) -> dict[str, object]:
    key, seen, conditions = measurement.key, measurement.observation, measurement.conditions
    return {
        "target_id": key.target_id,
        "kind": key.kind,
        "vantage_id": key.vantage_id,
        "profile": key.profile,
        "scheduled_at": iso(key.scheduled_at),
        "agency_id": measurement.agency_id,
        "round_id": measurement.round_id,
        "started_at": iso(measurement.started_at),
        "duration_seconds": measurement.duration_seconds,
        "outcome": seen.outcome.value,
        "reason": seen.reason.value if seen.reason else None,
        "detail": seen.detail,
        "page_kind": seen.page_kind.value if seen.page_kind else None,
        **{f"{key.kind}.{name}": value for name, value in seen.values.items()},
        **{name: getattr(conditions, name) for name in _CONDITIONS},
        "evidence": " ".join(f"{evidence.kind}:{evidence.sha256}" for evidence in seen.evidence),
    }


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
