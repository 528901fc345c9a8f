"""
The columns of the archive: a measurement as a row of Parquet, and back. docs/archive.md tells them.

pyarrow is an extra of the product and is imported where it is needed.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import (
    Conditions,
    Evidence,
    Finding,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    PageKind,
    Reason,
)
from thuocdo.core.wire import storable

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = "1"
"""Of the columns, in the file's metadata; another one when a column changes its meaning."""

_FINDINGS = TypeAdapter(tuple[Finding, ...])


def need_pyarrow() -> None:
    """Raise ConfigurationError where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401 - it is to be there
    except ImportError as exc:
        raise ConfigurationError(
            f"the archive needs pyarrow, which is not installed here ({exc}): pip install 'thuocdo[archive]', or leave "
            "archive_dir out"
        ) from exc


@cache
def schema() -> "pa.Schema":
    """Return names and types of the columns, in their order."""
    import pyarrow as pa

    text, number, instant = pa.string(), pa.float64(), pa.timestamp("us", tz="UTC")
    evidence = pa.struct([("kind", text), ("sha256", text), ("media_type", text), ("size_bytes", pa.int64())])
    columns: list[tuple[str, Any, bool]] = [
        *((name, text, False) for name in ("target_id", "kind", "vantage_id", "profile")),
        ("scheduled_at", instant, False),
        ("agency_id", text, False),
        ("round_id", text, True),
        ("started_at", instant, False),
        ("duration_seconds", number, False),
        ("outcome", text, False),
        ("reason", text, True),
        ("detail", text, False),
        ("page_kind", text, True),
        ("values", pa.map_(text, number), False),
        ("attributes", pa.map_(text, text), False),
        ("findings", text, False),
        ("tested", pa.list_(text), False),
        ("not_testable", pa.list_(text), False),
        ("evidence", pa.list_(evidence), False),
        *((name, number, False) for name in ("loop_lag_seconds", "cpu_pressure_ratio", "lateness_seconds")),
        ("in_flight", pa.int64(), False),
        ("saturated", pa.bool_(), False),
        ("versions", pa.map_(text, text), False),
    ]
    return pa.schema([pa.field(name, kind, nullable=nullable) for name, kind, nullable in columns])


def table_of(measurements: Sequence[Measurement]) -> "pa.Table":
    """Return measurements as a table, in the same order."""
    import pyarrow as pa

    return pa.Table.from_pylist([_row(one) for one in measurements], schema=schema())


def measurements_of(table: "pa.Table | pa.RecordBatch") -> Iterator[Measurement]:
    """Yield the measurements of a table; raises KeyError, TypeError or ValueError where it is none of this format."""
    return (_measurement(row) for row in table.to_pylist())


def _row(one: Measurement) -> dict[str, Any]:
    key, seen, conditions = one.key, one.observation, one.conditions
    told = {
        "target_id": key.target_id,
        "kind": key.kind,
        "vantage_id": key.vantage_id,
        "profile": key.profile,
        "agency_id": one.agency_id,
        "round_id": one.round_id,
        "outcome": seen.outcome.value,
        "reason": seen.reason.value if seen.reason else None,
        "detail": seen.detail,
        "page_kind": seen.page_kind.value if seen.page_kind else None,
        "attributes": dict(seen.attributes),
        "findings": _FINDINGS.dump_json(seen.findings).decode(),
        "tested": list(seen.tested),
        "not_testable": list(seen.not_testable),
        "evidence": [
            {
                "kind": piece.kind,
                "sha256": piece.sha256,
                "media_type": piece.media_type,
                "size_bytes": piece.size_bytes,
            }
            for piece in seen.evidence
        ],
        "versions": dict(conditions.versions),
    }
    texts: dict[str, Any] = storable(told)
    return texts | {
        "scheduled_at": key.scheduled_at,
        "started_at": one.started_at,
        "duration_seconds": one.duration_seconds,
        "values": dict(seen.values),
        "loop_lag_seconds": conditions.loop_lag_seconds,
        "cpu_pressure_ratio": conditions.cpu_pressure_ratio,
        "lateness_seconds": conditions.lateness_seconds,
        "in_flight": conditions.in_flight,
        "saturated": conditions.saturated,
    }


def _measurement(row: dict[str, Any]) -> Measurement:
    return Measurement(
        key=MeasurementKey(
            **{name: row[name] for name in ("target_id", "kind", "vantage_id", "profile", "scheduled_at")}
        ),
        agency_id=row["agency_id"],
        round_id=row["round_id"],
        started_at=row["started_at"],
        duration_seconds=row["duration_seconds"],
        observation=Observation(
            outcome=Outcome(row["outcome"]),
            reason=Reason(row["reason"]) if row["reason"] else None,
            detail=row["detail"],
            page_kind=PageKind(row["page_kind"]) if row["page_kind"] else None,
            values=dict(row["values"]),
            attributes=dict(row["attributes"]),
            findings=_FINDINGS.validate_json(row["findings"]),
            tested=tuple(row["tested"]),
            not_testable=tuple(row["not_testable"]),
            evidence=tuple(Evidence(**piece) for piece in row["evidence"]),
        ),
        conditions=Conditions(
            loop_lag_seconds=row["loop_lag_seconds"],
            cpu_pressure_ratio=row["cpu_pressure_ratio"],
            in_flight=row["in_flight"],
            lateness_seconds=row["lateness_seconds"],
            saturated=row["saturated"],
            versions=dict(row["versions"]),
        ),
    )
