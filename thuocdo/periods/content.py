"""What a period came to, in one value: the same content gives the same files, whoever writes them and whenever."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from thuocdo.core.model import Agency, Block, IncidentState, Reason
from thuocdo.incidents.availability import AvailabilityReport
from thuocdo.periods.period import Period
from thuocdo.publication.issuing import IssuingBody

ENOUGH_COVERAGE = 0.5
"""Of what was due; with less an agency stands among those that could not be measured, with why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredTime:
    """
    How long something took.

    kind, profile: of probe and device. seconds, three_quarters: median and third quartile of the main value, None where half, or
    a quarter, or more of the runs failed. runs: counted. before: median of the period before, None where there is none.
    """

    kind: str
    profile: str
    seconds: float | None
    three_quarters: float | None
    runs: int
    before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPeriod:
    """One target. called: as people know it. report: how its probes ended. times: of the kinds that load it in a browser."""

    target_id: str
    called: str
    report: AvailabilityReport
    times: tuple[MeasuredTime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodIncident:
    """
    An incident, or the part of one that lies in the period.

    within_from, length: of it within the period. is_longer: it began before the period or did not end in it. targets: names,
    those hit first.
    """

    incident_id: str
    agency_id: str
    worst: IncidentState
    reason: Reason | None
    started_at: datetime
    ended_at: datetime | None
    within_from: datetime
    length: timedelta
    is_longer: bool
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedMaintenance:
    """
    Planned maintenance that was announced for an agency.

    times: how often within the period. since, until: beginning of the first and end of the last of these. minutes: each.
    asked_by, document: who wanted it, and where that stands.
    """

    times: int
    since: datetime
    until: datetime
    minutes: int
    asked_by: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPeriod:
    """
    One agency.

    report, before: sums over its home pages, in the period and in the one before. reasons: why probes of any kind did not
    succeed, how often, the most frequent first. taken_over_by: name of the agency that took over within the period, empty = it
    stands.
    """

    agency: Agency
    report: AvailabilityReport
    before: AvailabilityReport
    targets: tuple[TargetPeriod, ...]
    incidents: tuple[PeriodIncident, ...]
    maintenance: tuple[AnnouncedMaintenance, ...]
    reasons: tuple[tuple[Reason, int], ...]
    taken_over_by: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether enough of it was measured for its figures to say something."""
        return (self.report.coverage_ratio or 0.0) >= ENOUGH_COVERAGE

    @property
    def down(self) -> timedelta:
        """How long incidents lasted within the period; those that overlap are counted once."""
        total, reached = timedelta(), None
        for one in sorted(self.incidents, key=lambda one: one.within_from):
            end = one.within_from + one.length
            start = one.within_from if reached is None else max(one.within_from, reached)
            total += max(end - start, timedelta())
            reached = end if reached is None else max(reached, end)
        return total

    def budget_left(self, objective: float) -> float | None:
        """Return what is left of the period's error budget: 1 = untouched, below 0 = overspent; None of nothing conclusive."""
        if not self.report.conclusive:
            return None
        return 1.0 - self.report.failed / ((1.0 - objective) * self.report.conclusive)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodContent:
    """
    A period.

    made_at: when it was read. is_over: all of it lies behind. measured_from: the first hour of it of which anything was counted,
    None = nothing was. agencies: in the order of the Vietnamese alphabet, by block. objective: share of probes that must be ok.
    synthetic: of a simulated fleet.
    """

    period: Period
    made_at: datetime
    is_over: bool
    measured_from: datetime | None
    agencies: tuple[AgencyPeriod, ...]
    objective: float
    issuer: IssuingBody | None = None
    synthetic: bool = False

    @property
    def blocks(self) -> Mapping[Block, Sequence[AgencyPeriod]]:
        """Agencies by block, in order."""
        found: dict[Block, list[AgencyPeriod]] = {}
        for one in self.agencies:
            found.setdefault(one.agency.block, []).append(one)
        return found

    @property
    def report(self) -> AvailabilityReport:
        """Sums over all agencies."""
        return added(one.report for one in self.agencies)

    @property
    def before(self) -> AvailabilityReport:
        """The same of the period before."""
        return added(one.before for one in self.agencies)

    @property
    def incidents(self) -> Sequence[PeriodIncident]:
        """All incidents, the longest first."""
        found = [incident for one in self.agencies for incident in one.incidents]
        return sorted(found, key=lambda one: (-one.length, one.started_at, one.incident_id))

    @property
    def reasons(self) -> Sequence[tuple[Reason, int]]:
        """Why probes did not succeed, of all agencies, the most frequent first."""
        return most_frequent(pair for one in self.agencies for pair in one.reasons)

    def agency(self, agency_id: str) -> AgencyPeriod:
        """Return one agency; raises LookupError where it is not in the report."""
        for one in self.agencies:
            if one.agency.id == agency_id:
                return one
        raise LookupError(agency_id)


def most_frequent(counts: Iterable[tuple[Reason, int]]) -> tuple[tuple[Reason, int], ...]:
    """Return how often each reason was met in all, the most frequent first."""
    total: Counter[Reason] = Counter()
    for reason, number in counts:
        total[reason] += number
    return tuple(sorted(total.items(), key=lambda one: (-one[1], one[0].value)))


def added(reports: Iterable[AvailabilityReport]) -> AvailabilityReport:
    """Return the sums of some reports."""
    sums = Counter[str]()
    for one in reports:
        for name in ("ok", "failed", "inconclusive", "excluded", "missed"):
            sums[name] += getattr(one, name)
    return AvailabilityReport(**sums)
