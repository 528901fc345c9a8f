"""
What a package is made of: all results of one round in one value.

The same content gives the same files to the last byte, whoever writes them and whenever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from statistics import median

from thuocdo.core.model import Agency, Assessment, Block, Round
from thuocdo.core.portals import Registry
from thuocdo.publication.issuing import IssuingBody
from thuocdo.reports.times import TimesAsked
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.scorecard import RankedAgency, Ranking
from thuocdo.score.typical_times import TypicalTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesCompared:
    """A comparison of times of one block and profile, and what was asked for."""

    asked: TimesAsked
    times: TypicalTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSummary:
    """
    What the runs of one series amount to, by one metric.

    metric: `<kind>.<value>`. Either it is the kind's availability, and says how its runs ended: ok, failed (the portal's fault),
    hidden (the portal let the probe no further), spoilt (something at us); `value` is ok / (ok + failed), None where there is
    neither. Or it is a measured value: `runs` of those that have it, `value` their median, and quantiles, in the metric's unit;
    ok to spoilt are None, so that sums over a column count each run once.
    """

    target_id: str
    agency_id: str
    kind: str
    profile: str
    vantage_id: str
    metric: str
    runs: int
    ok: int | None = None
    failed: int | None = None
    hidden: int | None = None
    spoilt: int | None = None
    value: float | None = None
    quarter: float | None = None
    three_quarters: float | None = None
    smallest: float | None = None
    largest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCoverage:
    """How many probes of an agency were planned, taken, and told something of its portal (ok or failed)."""

    agency_id: str
    planned: int
    taken: int
    conclusive: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedObjection:
    """
    An objection as it is published, in words for people.

    target: what it is about, empty = all of the agency's. decision, reason: empty while it is open. days: working days until the
    decision, None while it is open. accepted: whether it was, if in part; None while it is open.
    """

    number: str
    agency_id: str
    target: str
    kind: str
    claim: str
    decision: str = ""
    reason: str = ""
    days: int | None = None
    accepted: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedOverruling:
    """That a round was published although something stood against it: what, by whom, when, and the reason that was given."""

    obstacle: str
    by: str
    on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class RoundContent:
    """
    The results of one round that has ended.

    ranking: as it is kept; its criteria set is the round's. registry: of the day on which the round began. comparisons: of times,
    by block and profile. assessments: points by hand that count in it. planned: of each agency. objections: by number.
    reply_days: working days in which an agency may object. issuer: None = its places on the letter stay blank. approved: by a
    second person; else every file is a draft and says so. synthetic: figures were made up by a program, which every file says.
    """

    round: Round
    ranking: Ranking
    registry: Registry
    comparisons: Sequence[TimesCompared]
    summaries: Sequence[TargetSummary]
    coverage: Sequence[AgencyCoverage]
    assessments: Sequence[Assessment] = ()
    objections: Sequence[ReportedObjection] = ()
    overrulings: Sequence[ReportedOverruling] = ()
    reply_days: int | None = None
    issuer: IssuingBody | None = None
    approved: bool = False
    synthetic: bool = False

    @property
    def criteria(self) -> CriteriaSet:
        """The criteria set that the round was ranked by."""
        return self.ranking.criteria

    @property
    def made_at(self) -> datetime:
        """The instant that files carry: when the ranking was computed, never when they were written."""
        return self.ranking.computed_at

    @property
    def ended_at(self) -> datetime:
        """When measuring ended."""
        return self.round.ended_at or self.ranking.computed_at

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Blocks that are ranked and have agencies, in the order of the criteria set."""
        return tuple(block for block in self.criteria.blocks if self.ranking.blocks.get(block))

    @cached_property
    def members(self) -> Mapping[str, RankedAgency]:
        """Every agency of the ranked blocks by id, in the order of the ranking."""
        return {one.scorecard.agency_id: one for block in self.blocks for one in self.ranking.blocks[block]}

    @cached_property
    def covered(self) -> Mapping[str, AgencyCoverage]:
        """Coverage by agency."""
        return {one.agency_id: one for one in self.coverage}

    def agency(self, agency_id: str) -> Agency:
        """Return an agency of the registry; one that it does not hold any more goes by its id."""
        known = self.registry.agencies.get(agency_id)
        return known or Agency(id=agency_id, block=Block.NATIONAL, name_vi=agency_id, name_en=agency_id)

    def agency_name(self, agency_id: str) -> str:
        """Return what an agency is called in Vietnamese."""
        return self.agency(agency_id).full_name("vi")

    def of_agency(self, agency_id: str) -> tuple[TargetSummary, ...]:
        """Return the summaries of one agency."""
        return tuple(one for one in self.summaries if one.agency_id == agency_id)

    def compared_times(self, block: Block) -> tuple[TimesCompared, ...]:
        """Return the comparisons of one block."""
        return tuple(one for one in self.comparisons if one.asked.block is block)

    @property
    def decided(self) -> tuple[ReportedObjection, ...]:
        """Objections that were decided."""
        return tuple(one for one in self.objections if one.days is not None)

    @property
    def median_days(self) -> float | None:
        """Median of the working days until a decision; None where nothing was decided."""
        days = [one.days for one in self.decided if one.days is not None]
        return float(median(days)) if days else None
