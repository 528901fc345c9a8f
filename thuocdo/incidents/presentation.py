"""How incidents and availability are told to machines, and whether anybody judges at all; `wording.py` tells people."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter

from thuocdo.core.clock import iso
from thuocdo.core.i18n import Translate
from thuocdo.core.model import Acknowledgement, HourTally, Incident, StateChange
from thuocdo.incidents.availability import AvailabilityReport, availability, error_budget_remaining_ratio, month_of

JUDGED_LATELY = timedelta(minutes=5)
"""The judge looks every few seconds; `JudgeStalled` is told sooner."""

_INCIDENT = TypeAdapter(Incident)
_CHANGE = TypeAdapter(StateChange)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAvailability:
    """How available a target was in a period, and what is left of its error budget of the running month."""

    target_id: str
    report: AvailabilityReport
    error_budget_remaining_ratio: float | None


def judging_gap(
    judged_at: datetime | None, now: datetime, translate: Translate, tell: Callable[[datetime], str]
) -> str:
    """
    Return why silence does not mean that all is well; empty where incidents are judged.

    Args:
        judged_at: when they were last judged, None = never.
        now: instant.
        translate: of the reader.
        tell: writes an instant.
    """
    if judged_at is None:
        return translate("Incidents have never been judged here: whether anything is wrong is not known.")
    if now - judged_at <= JUDGED_LATELY:
        return ""
    return translate(
        "Incidents were last judged at {at}: what began, or ended, since then is not known. Look whether `thuocdo judge` runs."
    ).format(at=tell(judged_at))


def incident_document(
    incident: Incident,
    changes: Iterable[StateChange] | None = None,
    acknowledgements: Iterable[Acknowledgement] = (),
) -> dict[str, Any]:
    """
    Return an incident as JSON values by name.

    Args:
        incident: what is told.
        changes: its changes of state, oldest first; None = leave them out.
        acknowledgements: who took notice of it, oldest first.
    """
    document: dict[str, Any] = _INCIDENT.dump_python(incident, mode="json")
    document["acknowledgements"] = [{"at": iso(one.at), "by": one.by, "note": one.note} for one in acknowledgements]
    if changes is not None:
        document["changes"] = [_CHANGE.dump_python(change, mode="json") for change in changes]
    return document


class KeptTallies(Protocol):
    """Where tallies are kept."""

    def tallies(self, since: datetime, until: datetime) -> Iterable[HourTally]:
        """Return those with since <= hour < until."""
        ...


def availability_by_target(
    incidents: KeptTallies,
    target_ids: Iterable[str],
    *,
    since: datetime,
    until: datetime,
    objective: float,
    now: datetime,
) -> list[TargetAvailability]:
    """
    Return how available targets were, in the order given.

    Args:
        incidents: where the tallies are.
        target_ids: which targets.
        since, until: whole hours; since <= hour < until.
        objective: share of probes that must be ok in a month.
        now: decides the month of the error budget.
    """
    of_period = _by_target(incidents.tallies(since, until))
    of_month = _by_target(incidents.tallies(*month_of(now)))
    return [
        TargetAvailability(
            target_id=target_id,
            report=availability(of_period.get(target_id, ())),
            error_budget_remaining_ratio=error_budget_remaining_ratio(
                of_month.get(target_id, ()), objective=objective, now=now
            ),
        )
        for target_id in target_ids
    ]


def availability_document(row: TargetAvailability) -> dict[str, Any]:
    """Return a row as JSON values by name; what was not measured is null."""
    report = row.report
    return {
        "target_id": row.target_id,
        "availability_ratio": report.availability_ratio,
        "coverage_ratio": report.coverage_ratio,
        "ok": report.ok,
        "failed": report.failed,
        "inconclusive": report.inconclusive,
        "excluded": report.excluded,
        "missed": report.missed,
        "error_budget_remaining_ratio": row.error_budget_remaining_ratio,
    }


def _by_target(tallies: Iterable[HourTally]) -> Mapping[str, list[HourTally]]:
    found: dict[str, list[HourTally]] = {}
    for tally in tallies:
        found.setdefault(tally.target_id, []).append(tally)
    return found
