"""What was done otherwise in one round than in another, to be read beside every comparison of the two."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from thuocdo.core.model import Round


class MethodPart(StrEnum):
    """Part of how a round is measured and judged."""

    TYPE = "type"
    DAYS = "days"
    RUNS = "runs"
    VANTAGE = "vantage"
    SCHEDULE = "schedule"
    CRITERIA_SET = "criteria_set"
    CRITERIA = "criteria"
    METHOD = "method"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodChange:
    """One part that is another one. before, now: as people read them, empty where only a digest tells."""

    part: MethodPart
    before: str = ""
    now: str = ""


def method_changes(
    before: Round, now: Round, method_before: str = "", method_now: str = ""
) -> tuple[MethodChange, ...]:
    """
    Return what was done otherwise in one of two rounds.

    Args:
        before, now: the rounds, as they were begun.
        method_before, method_now: versions of the method that their rankings were computed by; empty = not known.
    """
    return tuple(_found(before, now, method_before, method_now))


def _found(before: Round, now: Round, method_before: str, method_now: str) -> Iterator[MethodChange]:
    for part in (MethodPart.TYPE, MethodPart.DAYS, MethodPart.VANTAGE, MethodPart.CRITERIA_SET):
        then, since = before.settings.get(part.value, ""), now.settings.get(part.value, "")
        if then != since:
            yield MethodChange(part=part, before=then, now=since)
    runs = [_runs(one) for one in (before, now)]
    if runs[0] != runs[1]:
        yield MethodChange(part=MethodPart.RUNS, before=runs[0], now=runs[1])
    for part, key in ((MethodPart.SCHEDULE, "schedule_digest"), (MethodPart.CRITERIA, "criteria_digest")):
        if before.settings.get(key) != now.settings.get(key):
            yield MethodChange(part=part)
    if method_before and method_now and method_before != method_now:
        yield MethodChange(part=MethodPart.METHOD, before=method_before, now=method_now)


def _runs(one: Round) -> str:
    """Return how often each kind ran, such as "eform 21, homepage 63"."""
    told: dict[str, Any] = json.loads(one.settings.get("runs", "{}"))
    return ", ".join(f"{kind} {number}" for kind, number in sorted(told.items()))
