"""
Where our own verdicts contradict each other: the plain probe calls a page failed while a browser opens it in the same minutes.

The rule: what a browser opens, a citizen opens, so until somebody has looked the fault is taken for ours. A visit of a browser
that was ok contradicts the plain probes of the same target and vantage point within five minutes of it if at least one of them
failed and none was ok; one that was ok shows that the portal came back meanwhile. Nothing is changed by it: outcomes stand as
they were measured, and people are told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from thuocdo.core import clock
from thuocdo.core.checks import Check, CheckState
from thuocdo.core.kinds import homepage
from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import HourTally, MeasurementKey, Outcome, Reading, Reason
from thuocdo.core.profiles import PLAIN_PROFILE
from thuocdo.store import MeasurementQuery, Store

SAME_MINUTES = timedelta(minutes=5)
PLAIN, BROWSER = answering_kind().name, homepage.KIND.name
COMPARED = {PLAIN: "total_seconds", BROWSER: "load_seconds"}
"""The kinds that are compared, as `Measurements.arrived` wants them."""
LONGEST_ARRIVAL = timedelta(minutes=15)
"""What is stored later than this after its instant is compared with nothing."""
_LATE = timedelta(minutes=2)
"""Answers may be stored so long after their instant."""
_HOUR = timedelta(hours=1)
MOST_TOLD = 200
CHECKED = timedelta(hours=24)
MOST_CHECKS = 5  # targets that the doctor tells

Series = tuple[str, str]
"""A target and a vantage point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A page that a browser opened at an instant while the plain probe called it failed. failed: the probe nearest to it."""

    target_id: str
    vantage_id: str
    opened: MeasurementKey
    failed: MeasurementKey
    reason: Reason


def conflict(opened: Reading, answers: Iterable[Reading]) -> Conflict | None:
    """
    Return whether a browser's visit contradicts the plain probes around it.

    Args:
        opened: the visit.
        answers: plain probes of the same target and vantage point, of any instant.
    """
    at = opened.key.scheduled_at
    near = [one for one in answers if abs(one.key.scheduled_at - at) <= SAME_MINUTES]
    failed = [one for one in near if one.outcome is Outcome.FAILED and one.reason is not None]
    if opened.outcome is not Outcome.OK or not failed or any(one.outcome is Outcome.OK for one in near):
        return None
    nearest = min(failed, key=lambda one: abs(one.key.scheduled_at - at))
    return Conflict(
        target_id=opened.key.target_id,
        vantage_id=opened.key.vantage_id,
        opened=opened.key,
        failed=nearest.key,
        reason=nearest.reason or Reason.INTERNAL_ERROR,
    )


class ConflictCounter:
    """Counts contradictions as measurements arrive, by target; what is held in hand is of the last minutes only."""

    def __init__(self) -> None:
        self._answers: defaultdict[Series, list[Reading]] = defaultdict(list)
        self._opened: list[Reading] = []
        self._counts: Counter[str] = Counter()

    def take(self, readings: Iterable[Reading], now: datetime) -> None:
        """Take what arrived since the last call; a visit is judged once its minutes are over."""
        for one in readings:
            if one.key.kind == BROWSER and one.outcome is Outcome.OK:
                self._opened.append(one)
            elif one.key.kind == PLAIN and one.outcome is not Outcome.INCONCLUSIVE:
                self._answers[one.key.target_id, one.key.vantage_id].append(one)
        over = now - SAME_MINUTES - _LATE
        due = [one for one in self._opened if one.key.scheduled_at <= over]
        self._opened = [one for one in self._opened if one.key.scheduled_at > over]
        for opened in due:
            answers = self._answers.get((opened.key.target_id, opened.key.vantage_id), ())
            self._counts[opened.key.target_id] += conflict(opened, answers) is not None
        oldest = over - SAME_MINUTES
        for series in list(self._answers):
            kept = [one for one in self._answers[series] if one.key.scheduled_at >= oldest]
            if kept:
                self._answers[series] = kept
            else:
                del self._answers[series]

    def by_target(self) -> Mapping[str, int]:
        """Return how many there were since the process began; targets without any are left out."""
        return {target: count for target, count in self._counts.items() if count}


def conflicts_between(store: Store, since: datetime, until: datetime) -> list[Conflict]:
    """
    Return the contradictions of a period, the newest first, at most MOST_TOLD.

    Only hours in which something failed are looked at, and of these only visits that were ok: what it costs depends on the
    period and on what failed in it, not on how much is stored.
    """
    hours = _failed_hours(store.incidents.tallies(since - _HOUR, until))
    found = [one for target_id, hour in hours for one in _of_hour(store, target_id, hour, since, until)]
    unlike = {one.opened: one for one in found}  # a visit at the turn of an hour is found in both
    return sorted(unlike.values(), key=lambda one: one.opened.scheduled_at, reverse=True)[:MOST_TOLD]


def conflict_checks(store: Store, now: datetime) -> Iterator[Check]:
    """Tell of targets that a browser opened while the plain probe called them failed: one of the two verdicts is wrong."""
    found = conflicts_between(store, now - CHECKED, now)
    remedy = (
        "A browser opened the page in the same minutes: take the failure for ours until proven. Compare both measurements on the "
        "target's page; if the page is fine, please report what the plain probe said."
    )
    for target_id, times in Counter(one.target_id for one in found).most_common(MOST_CHECKS):
        newest = next(one for one in found if one.target_id == target_id)
        facts: dict[str, str | int | float] = {
            "target": target_id,
            "times": times,
            "reason": newest.reason.value,
            "at": f"{newest.opened.scheduled_at.astimezone(clock.HANOI):%Y-%m-%d %H:%M}",
        }
        yield Check(
            name="Verdicts on {target}",
            state=CheckState.WARNING,
            value="contradict each other {times} times in 24 h, last at {at}: http said {reason}",
            remedy=remedy,
            facts=facts,
        )


def _failed_hours(tallies: Iterable[HourTally]) -> list[tuple[str, datetime]]:
    return sorted({(tally.target_id, tally.hour) for tally in tallies if tally.failed})


def _of_hour(store: Store, target_id: str, hour: datetime, since: datetime, until: datetime) -> Iterator[Conflict]:
    first, last = max(since, hour - SAME_MINUTES), min(until, hour + _HOUR + SAME_MINUTES)
    visits = _readings(store, target_id, BROWSER, first, last)
    for opened in visits:
        if opened.outcome is not Outcome.OK:
            continue
        at = opened.key.scheduled_at
        around = _readings(store, target_id, PLAIN, at - SAME_MINUTES, at + SAME_MINUTES + timedelta(seconds=1))
        told = conflict(opened, (one for one in around if one.key.vantage_id == opened.key.vantage_id))
        if told is not None:
            yield told


def _readings(store: Store, target_id: str, kind: str, since: datetime, until: datetime) -> Iterator[Reading]:
    """Yield what is told of a target's kind on the plain line, each found in the index of its series."""
    for one in store.measurements.find(MeasurementQuery(target_id=target_id, kind=kind, since=since, until=until)):
        if one.key.profile == PLAIN_PROFILE:
            seen = one.observation
            yield Reading(key=one.key, agency_id=one.agency_id, outcome=seen.outcome, reason=seen.reason)
