"""What was told to whom in a drill, and what a case's line of the table says."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from benchmarks.drill.timeline import Seen
from thuocdo.core.clock import HANOI
from thuocdo.core.model import Incident

FIRING, RESOLVED = "firing", "resolved"
CENTRAL = "central"
LATE_SECONDS = 25.0
"""By so much the start or end of an incident may differ from what was injected: a probe comes every ten seconds."""

FROZEN_FOR = 95.0
"""Seconds within which a process that stands still is at work again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert in one call of a webhook. began: when Alertmanager took it to begin, which each notice of it repeats."""

    who: str
    status: str
    alert: str
    target: str
    at: float
    began: str
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    A case's line of the table.

    injected: when. told, row, over: what was seen, for people. wrong: what is wrong, nothing = right.
    """

    number: str
    what: str
    injected: str = ""
    told: str = ""
    row: str = ""
    over: str = ""
    wrong: Sequence[str] = ()


@dataclass(slots=True)
class Findings:
    """What is wrong with a case, gathered."""

    wrong: list[str] = field(default_factory=list)

    def must(self, holds: object, otherwise: str) -> None:
        """Note what is wrong unless something holds."""
        if not holds:
            self.wrong.append(otherwise)


def told_in(seen: Seen) -> Iterator[Told]:
    """Yield every alert of every call, the watchdog's aside, in order."""
    for call in seen.calls:
        for alert in call.told["alerts"]:
            labels = alert["labels"]
            if labels["alertname"] != "Watchdog":
                yield Told(
                    who=call.who,
                    status=alert["status"],
                    alert=labels["alertname"],
                    target=labels.get("target", ""),
                    at=seen.seconds(call.at),
                    began=alert["startsAt"],
                    annotations=alert["annotations"],
                )


def firsts(told: Iterable[Told]) -> list[Told]:
    """Return each alert once for each time it began or ended: a notice of another one of its group repeats it."""
    found: dict[tuple[Any, ...], Told] = {}
    for one in told:
        found.setdefault((one.who, one.alert, one.target, one.began, one.status), one)
    return list(found.values())


def names_of(told: Sequence[Told]) -> str:
    """Return what was told of whom to whom, for people."""
    return ", ".join(f"{one.alert} {one.target} → {one.who} {one.at:.0f}" for one in told)


def times_of(told: Sequence[Told]) -> str:
    """Return what was told to whom and when, for people."""
    return ", ".join(f"{one.alert} → {one.who} {one.at:.0f}" for one in told)


def row_text(row: Incident, seen: Seen) -> str:
    """Return the worst state of an incident, with its start, confirmation and end in seconds."""
    ended = "lasts" if row.ended_at is None else f"{seen.seconds(row.ended_at):.0f}"
    return f"{row.worst} {seen.seconds(row.started_at):.0f} / {seen.seconds(row.confirmed_at):.0f} / {ended}"


def hanoi(at: datetime) -> str:
    """Return an instant as notices write it."""
    return f"{at.astimezone(HANOI):%H:%M:%S %d/%m/%Y}"
