"""
Measurements as tables: CSV with fixed columns, JSON Lines, and one JSON array; all streamed, so that size does not matter.

The columns are a public contract (tests/unit/exporters/golden): new values of a kind add columns, nothing else changes.
A table is made of the store's records, which need no measurement to be built; the JSON is the one shape of thuocdo.core.wire.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

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
_INSTANTS = ("scheduled_at", "started_at")
_CONDITIONS = ("loop_lag_seconds", "cpu_pressure_ratio", "in_flight", "lateness_seconds", "saturated")


def columns(kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """Return the column names of the CSV, `<kind>.<value>` for every value of every kind."""
    values = tuple(f"{kind.name}.{value.name}" for kind in kinds.values() for value in kind.values)
    return (*_BEFORE_VALUES, *values, *_CONDITIONS, "evidence")


def csv_lines(records: Iterable[Mapping[str, Any]], kinds: Mapping[str, Kind]) -> Iterator[str]:
    """
    Yield the lines of a CSV file (RFC 4180), its header first; what was not measured is an empty cell.

    records: measurements as the store keeps them, one column each; what JSON can hold (values, conditions, evidence) is plain.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    names = columns(kinds)
    writer.writerow(names)
    for record in records:
        yield _taken(buffer)
        cells = _cells(record)
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


def _cells(record: Mapping[str, Any]) -> dict[str, object]:
    return {
        **{name: record[name] for name in _BEFORE_VALUES},
        **{name: iso(record[name]) for name in _INSTANTS},
        "duration_seconds": record["duration_seconds"] or None,  # 0 = no probe was made
        **{f"{record['kind']}.{name}": value for name, value in record["values"].items()},
        **{name: record["conditions"].get(name) for name in _CONDITIONS},
        "evidence": " ".join(f"{piece['kind']}:{piece['sha256']}" for piece in record["evidence"]),
    }


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
