"""
How a measurement lies in a row, and how it comes back.

What it has in common with many others lies once in `facts`, as JSON: the names of its values, attributes, versions, the rules
that were tested. Its numbers are packed (packing.py): its values in the order in which its facts name them, those first that
rankings read, then CIRCUMSTANCES. What few measurements have (a detail, findings, evidence, attributes that differ from run to
run) is JSON in `extra`, compressed where it is long, NULL where there is none of it.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter

from thuocdo.core.kinds.kind import all_kinds
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
from thuocdo.core.wire import storable_json
from thuocdo.store.packing import packed, unpacked
from thuocdo.store.schema import microseconds_of

CIRCUMSTANCES = (
    *("started_after_microseconds", "duration_seconds", "loop_lag_seconds"),
    *("cpu_pressure_ratio", "in_flight", "lateness_seconds"),
)
"""The numbers that every measurement has, after its values; started after it was scheduled."""

LONG = 200
"""Bytes of `extra` from which compressing saves more than it costs."""

_FINDINGS = TypeAdapter(tuple[Finding, ...])
_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
_MICROSECOND = timedelta(microseconds=1)
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    What many measurements have in common.

    values: names of the measured values, in the order in which their numbers are packed. The rest as in a measurement.
    """

    agency_id: str
    values: tuple[str, ...]
    attributes: Mapping[str, str]
    versions: Mapping[str, str]
    tested: tuple[str, ...] = ()
    not_testable: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the facts as text: the same for the same facts, whatever the order of their attributes."""
        return _text_of(
            self.agency_id,
            self.values,
            tuple(self.attributes.items()),
            tuple(self.versions.items()),
            self.tested,
            self.not_testable,
        )

    @classmethod
    def from_json(cls, body: str) -> "Facts":
        """Return the facts that a text tells; raises ValueError, KeyError or TypeError where it tells none."""
        told = json.loads(body)
        return cls(
            agency_id=told["agency"],
            values=tuple(told.get("values", ())),
            attributes=told.get("attributes", {}),
            versions=told.get("versions", {}),
            tested=tuple(told.get("tested", ())),
            not_testable=tuple(told.get("not_testable", ())),
        )


@lru_cache(maxsize=8192)
def _text_of(
    agency_id: str,
    values: tuple[str, ...],
    attributes: tuple[tuple[str, str], ...],
    versions: tuple[tuple[str, str], ...],
    tested: tuple[str, ...],
    not_testable: tuple[str, ...],
) -> str:
    """Return facts as text; the next run of a series mostly has those of the one before."""
    told = {
        "agency": agency_id,
        "values": values,
        "attributes": dict(attributes),
        "versions": dict(versions),
        "tested": tested,
        "not_testable": not_testable,
    }
    return storable_json({name: part for name, part in told.items() if part or name == "agency"}, _JSON)


def parts_of(measurement: Measurement) -> tuple[Facts, dict[str, Any]]:
    """Return what a measurement has in common with others, and the columns of its row that are its own."""
    seen, conditions = measurement.observation, measurement.conditions
    varying = varying_attributes(measurement.key.kind)
    names = in_order(measurement.key.kind, seen.values)
    attributes = {name: text for name, text in seen.attributes.items() if name not in varying}
    facts = Facts(
        agency_id=measurement.agency_id,
        values=names,
        attributes=attributes,
        versions=conditions.versions,
        tested=seen.tested,
        not_testable=seen.not_testable,
    )
    circumstances = (
        microseconds_of(measurement.started_at) - microseconds_of(measurement.key.scheduled_at),
        measurement.duration_seconds,
        conditions.loop_lag_seconds,
        conditions.cpu_pressure_ratio,
        conditions.in_flight,
        conditions.lateness_seconds,
    )
    row = {
        "scheduled_at": measurement.key.scheduled_at,
        "kind": measurement.key.kind,
        "round_id": measurement.round_id,
        "outcome": seen.outcome.value,
        "reason": seen.reason.value if seen.reason else None,
        "page_kind": seen.page_kind.value if seen.page_kind else None,
        "saturated": conditions.saturated,
        "numbers": packed((*(seen.values[name] for name in names), *circumstances)),
        "extra": _extra_of(seen, {name: seen.attributes[name] for name in varying if name in seen.attributes}),
    }
    return facts, row


@lru_cache(maxsize=4096)
def facts_in(body: str) -> Facts:
    """Return the facts that a text tells, the same object for the same text; raises as Facts.from_json."""
    return Facts.from_json(body)


def key_of(row: Any) -> MeasurementKey:
    """Return the natural key of a row."""
    return MeasurementKey(
        target_id=row.target_id,
        kind=row.kind,
        vantage_id=row.vantage_id,
        profile=row.profile,
        scheduled_at=row.scheduled_at,
    )


def in_order(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return names of values in the order in which they are packed: those first that rankings read, so that they are near."""
    return _in_order(kind, tuple(names))


@lru_cache(maxsize=4096)
def _in_order(kind: str, names: tuple[str, ...]) -> tuple[str, ...]:
    first = _read_first(kind)
    return tuple(sorted(names, key=lambda name: (name not in first, name)))


@cache
def _read_first(kind: str) -> frozenset[str]:
    values = all_kinds()[kind].values if kind in all_kinds() else ()
    return frozenset(value.name for value in values if value.main or value.ranked)


def varying_attributes(kind: str) -> Sequence[str]:
    """Return the names of a kind's attributes that are no facts: they differ from run to run."""
    return all_kinds()[kind].varying_attributes if kind in all_kinds() else ()


def _extra_of(seen: Observation, attributes: Mapping[str, str]) -> bytes | None:
    told: dict[str, Any] = {}
    if seen.detail:
        told["detail"] = seen.detail
    if attributes:
        told["attributes"] = attributes
    if seen.findings:
        told["findings"] = _FINDINGS.dump_python(seen.findings, mode="json")
    if seen.evidence:
        told["evidence"] = _EVIDENCE.dump_python(seen.evidence, mode="json")
    return extra_as(told)


def extra_as(told: Mapping[str, Any]) -> bytes | None:
    """Return what a row's `extra` is to tell, by name, as it lies there."""
    if not told:
        return None
    text = storable_json(told, _JSON).encode()
    return zlib.compress(text) if len(text) > LONG else text


def extra_in(content: bytes | None) -> dict[str, Any]:
    """Return what a row's `extra` tells, by name; raises ValueError or zlib.error where it is none that this version wrote."""
    if content is None:
        return {}
    told: dict[str, Any] = json.loads(content if content[:1] == b"{" else zlib.decompress(content))
    return told


def measurement_of(row: Any) -> Measurement:
    """
    Return the measurement that a row of `query.select_measurements` holds.

    Raises:
        ValueError, KeyError, TypeError: the row is none that this version wrote.
    """
    key, facts = key_of(row), facts_in(row.body)
    extra = extra_in(row.extra)
    *numbers, after, duration, lag, pressure, in_flight, lateness = unpacked(row.numbers)
    return Measurement(
        key=key,
        agency_id=facts.agency_id,
        round_id=row.round_id,
        started_at=key.scheduled_at + int(after) * _MICROSECOND,
        duration_seconds=duration,
        observation=Observation(
            outcome=Outcome(row.outcome),
            reason=Reason(row.reason) if row.reason else None,
            detail=extra.get("detail", ""),
            page_kind=PageKind(row.page_kind) if row.page_kind else None,
            values=dict(zip(facts.values, numbers, strict=True)),
            attributes={**facts.attributes, **extra.get("attributes", {})},
            findings=_FINDINGS.validate_python(extra.get("findings", ())),
            tested=facts.tested,
            not_testable=facts.not_testable,
            evidence=_EVIDENCE.validate_python(extra.get("evidence", ())),
        ),
        conditions=Conditions(
            loop_lag_seconds=lag,
            cpu_pressure_ratio=pressure,
            in_flight=int(in_flight),
            lateness_seconds=lateness,
            saturated=row.saturated,
            versions=facts.versions,
        ),
    )


def record_of(row: Any) -> dict[str, Any]:
    """Return a row of `query.select_measurements` as a record, see `query.RECORD`; raises as measurement_of."""
    facts, extra = facts_in(row.body), extra_in(row.extra)
    *numbers, after, duration, lag, pressure, in_flight, lateness = unpacked(row.numbers)
    return {
        "target_id": row.target_id,
        "kind": row.kind,
        "vantage_id": row.vantage_id,
        "profile": row.profile,
        "scheduled_at": row.scheduled_at,
        "agency_id": facts.agency_id,
        "round_id": row.round_id,
        "started_at": row.scheduled_at + int(after) * _MICROSECOND,
        "duration_seconds": duration,
        "outcome": row.outcome,
        "reason": row.reason,
        "detail": extra.get("detail", ""),
        "page_kind": row.page_kind,
        "values": dict(zip(facts.values, numbers, strict=True)),
        "conditions": {
            "loop_lag_seconds": lag,
            "cpu_pressure_ratio": pressure,
            "in_flight": int(in_flight),
            "lateness_seconds": lateness,
            "saturated": row.saturated,
            "versions": facts.versions,
        },
        "evidence": extra.get("evidence", []),
    }
