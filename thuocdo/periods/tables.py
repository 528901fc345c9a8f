"""The figures of a period as flat tables, and as one JSON document."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from thuocdo.core.clock import iso
from thuocdo.periods.content import AgencyPeriod, PeriodContent
from thuocdo.periods.wording import reason_called, rules, state_called
from thuocdo.publication.dictionary import tables_of
from thuocdo.publication.tables import CellValue, FilledTable

_ROOM = "thuocdo.periods"
_Row = dict[str, CellValue]


def period_tables(content: PeriodContent, agency_id: str | None = None) -> Mapping[str, FilledTable]:
    """Return every table by name, those without rows among them; agency_id: of one agency alone."""
    chosen = [one for one in content.agencies if agency_id in (None, one.agency.id)]
    common: _Row = {
        "period": content.period.name,
        "unfinished": not content.is_over,
        "simulated": content.synthetic,
    }
    return {
        meaning.name: FilledTable.of(
            meaning, (_named(one) | row | common for one in chosen for row in _ROWS[meaning.name](content, one))
        )
        for meaning in tables_of(_ROOM)
    }


def period_json(content: PeriodContent, agency_id: str | None = None) -> str:
    """Return all of it as one JSON object."""
    tables = period_tables(content, agency_id)
    document = {
        "period": content.period.name,
        "since": iso(content.period.start),
        "until": iso(content.period.end),
        "read_at": iso(content.made_at),
        "unfinished": not content.is_over,
        "simulated": content.synthetic,
        "measured_from": iso(content.measured_from) if content.measured_from else None,
        "objective_ratio": content.objective,
        "rules": [{"about": name, "text": text} for name, text in rules(content)],
        **{name: table.documents() for name, table in tables.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _named(one: AgencyPeriod) -> _Row:
    return {
        "block": one.agency.block.value,
        "agency_id": one.agency.id,
        "agency_vi": one.agency.full_name("vi"),
    }


def _counts(report: Any) -> _Row:
    return {
        "availability_ratio": rounded(report.availability_ratio),
        "coverage_ratio": rounded(report.coverage_ratio),
        **{name: getattr(report, name) for name in ("ok", "failed", "inconclusive", "missed", "excluded")},
    }


def _agencies(content: PeriodContent, one: AgencyPeriod) -> Iterator[_Row]:
    yield _counts(one.report) | {
        "availability_before_ratio": rounded(one.before.availability_ratio),
        "budget_left_ratio": rounded(one.budget_left(content.objective)),
        "incidents": len(one.incidents),
        "down_seconds": round(one.down.total_seconds()),
        "taken_over_by": one.taken_over_by or None,
    }


def _targets(_: PeriodContent, one: AgencyPeriod) -> Iterator[_Row]:
    for target in one.targets:
        yield _counts(target.report) | {"target_id": target.target_id, "target_vi": target.called}


def _times(_: PeriodContent, one: AgencyPeriod) -> Iterator[_Row]:
    for target in one.targets:
        for time in target.times:
            yield {
                "target_id": target.target_id,
                "target_vi": target.called,
                "kind": time.kind,
                "profile": time.profile,
                "median_seconds": rounded(time.seconds),
                "p75_seconds": rounded(time.three_quarters),
                "median_before_seconds": rounded(time.before),
                "runs": time.runs,
            }


def _incidents(_: PeriodContent, one: AgencyPeriod) -> Iterator[_Row]:
    for incident in one.incidents:
        yield {
            "incident_id": incident.incident_id,
            "targets_vi": ", ".join(incident.targets),
            "state": incident.worst.value,
            "state_vi": state_called(incident),
            "reason": incident.reason.value if incident.reason else None,
            "reason_vi": reason_called(incident.reason),
            "started_at": iso(incident.started_at),
            "ended_at": iso(incident.ended_at) if incident.ended_at else None,
            "seconds_within": round(incident.length.total_seconds()),
        }


def _causes(_: PeriodContent, one: AgencyPeriod) -> Iterator[_Row]:
    for reason, number in one.reasons:
        yield {
            "reason": reason.value,
            "reason_vi": reason_called(reason),
            "outcome": reason.outcome.value,
            "probes": number,
        }


_ROWS: Mapping[str, Callable[[PeriodContent, AgencyPeriod], Iterator[_Row]]] = {
    "co-quan": _agencies,
    "doi-tuong": _targets,
    "thoi-gian": _times,
    "su-co": _incidents,
    "nguyen-nhan": _causes,
}


def rounded(value: float | None) -> float | None:
    """Return a figure to as many digits as tables have."""
    return None if value is None else round(value, 6)
