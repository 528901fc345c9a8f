"""What scoring gives: the statistics of one agency, its points, and its place in a ranking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from thuocdo.core.kinds.kind import is_ratio
from thuocdo.core.model import Agency, Block
from thuocdo.score.criteria import CriteriaSet, Statistic

METHOD_VERSION = "3"
"""Version of the way measurements become scores and ranks; it changes whenever the same measurements could give other results."""


class NotMeasured(StrEnum):
    """Why a criterion has no points for an agency: not measured, which is not zero."""

    NO_MEASUREMENTS = "no_measurements"
    NOTHING_CONCLUSIVE = "nothing_conclusive"
    TOO_FEW_RUNS = "too_few_runs"
    NO_VALUE = "no_value"
    HIDDEN = "hidden"
    NOTICE_PAGE = "notice_page"
    NOT_ASSESSED = "not_assessed"


class Unranked(StrEnum):
    """Why an agency is shown without a rank."""

    OTHER_BLOCK = "other_block"
    NOT_PROBED = "not_probed"
    NO_MEASUREMENTS = "no_measurements"
    NOTICE_PAGE = "notice_page"
    NOTHING_MEASURED = "nothing_measured"
    LOW_COVERAGE = "low_coverage"
    TOO_FEW_RUNS = "too_few_runs"
    TOO_LITTLE_MEASURED = "too_little_measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """
    One statistic of one metric over the targets of an agency (mean of the targets' statistics).

    value: in the metric's unit; None = half or more of a target's runs failed, so that it has no time. ci_low, ci_high: interval
    at 95 %; None = open on that side. runs: counted runs of all targets. smallest_runs: of the target with the fewest.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None
    runs: int
    targets: int
    smallest_runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How often the probes of one kind ended for one reason."""

    kind: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """
    What the measurements of one window say about one agency.

    points: by criterion, those that are certain, None = not measured (why: `not_measured`). possible_points: what they are at the
    best of what was hidden, of criteria that say anything. not_counted: ids of criteria that do not count in the agency's block.
    lacks: of those that do, and of which nothing is known for this agency. points_obtained of counted_points: the criteria that
    count; total_ratio: the one over the other, 0..1, None where nothing was measured; ci_low, ci_high: its interval at 95 %.
    possible_ratio, possible_high: the same and its upper end at the best of what was hidden. measured_points: of all criteria
    that have points. machine_points: of those that probes tell something of, if only that it was hidden. level: only where every
    criterion of the set has points. summaries: by metric and statistic. runs: counted measurements (conclusive, prober not
    saturated) of `measurements`; coverage_ratio: their share of all that were due, mean over targets and kinds; reached_ratio:
    the same with what the portal let no further. missed: due and never started, in none of the other numbers. availability_ratio:
    ok / (ok + failed) of the home pages, by the plain HTTP probe where it ran, else by the browser. reasons: every reason met,
    the most frequent first.
    """

    agency_id: str
    block: Block
    points: Mapping[str, float | None]
    not_measured: Mapping[str, NotMeasured]
    points_obtained: float
    measured_points: float
    machine_points: float
    total_ratio: float | None
    ci_low: float | None
    ci_high: float | None
    level: str | None
    summaries: Mapping[tuple[str, Statistic], MetricSummary]
    runs: int
    measurements: int
    coverage_ratio: float | None
    availability_ratio: float | None
    reasons: tuple[ReasonCount, ...]
    notice: bool = False
    missed: int = 0
    possible_points: Mapping[str, float] = field(default_factory=dict)
    not_counted: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    counted_points: float = 0.0
    possible_ratio: float | None = None
    possible_high: float | None = None
    reached_ratio: float | None = None

    def summary(self, metric: str) -> MetricSummary | None:
        """Return the median of a metric (the ratio of a derived one), or None where it was not measured."""
        statistic = Statistic.RATIO if is_ratio(metric) else Statistic.MEDIAN
        return self.summaries.get((metric, statistic))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesByDraws:
    """
    What drawing the days of a round again and again tells of an agency's place by its points.

    first, last: places that hold for all agencies at once, in 95 of 100 rounds. own_first, own_last: of this one looked at alone.
    among_first, among_last: share of the draws in which it was among the five first, and last, 0..1.
    """

    first: int
    last: int
    own_first: int
    own_last: int
    among_first: float
    among_last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedAgency:
    """
    An agency's place among its block.

    rank, rank_to: first and last place that its certain points may have, by their interval and those of the others; equal = a
    place of its own; both None where unranked_reason says why there is none. best_rank, worst_rank: the same, whatever was
    hidden: if all of its own had been the best and nothing of the others', or the other way round. rank_in_province,
    rank_in_province_to, best_rank_in_province, worst_rank_in_province: a commune's, among those of its province; None of others.
    drawn: of a round of five days or more.
    """

    scorecard: Scorecard
    rank: int | None = None
    rank_to: int | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    unranked_reason: Unranked | None = None
    rank_in_province: int | None = None
    rank_in_province_to: int | None = None
    best_rank_in_province: int | None = None
    worst_rank_in_province: int | None = None
    drawn: PlacesByDraws | None = None

    @property
    def shared(self) -> bool:
        """Whether it has more than one place, which others may have as well."""
        return self.rank != self.rank_to

    @property
    def may_move(self) -> bool:
        """Whether its places would be others if nothing had been hidden."""
        return self.best_rank is not None and (self.best_rank, self.worst_rank) != (self.rank, self.rank_to)

    @property
    def may_move_in_province(self) -> bool:
        """The same, of its places in its province."""
        possible = (self.best_rank_in_province, self.worst_rank_in_province)
        return self.best_rank_in_province is not None and possible != (self.rank_in_province, self.rank_in_province_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """
    A ranking with all that is needed to compute it again from stored measurements.

    since, until: the window asked for (None = open, or bounded by the round). first_at, last_at: scheduled instants of the first
    and last measurement in it. from_rollups, from_measurements: what it was read from, of how many measurements of all targets
    daily roll-ups told, and how many were read one by one. profiles: device profiles the measurements were taken with. blocks:
    ranked agencies first. not_counted: by block, ids of the criteria that do not count there, each with the agencies because of
    which. agencies: those in it as they were called then; empty in one that an older version kept. claims_order: not of a short
    round, whose minutes say little of a portal's days.
    """

    criteria: CriteriaSet
    criteria_digest: str
    registry_digest: str
    method_version: str
    round_id: str | None
    since: datetime | None
    until: datetime | None
    computed_at: datetime
    first_at: datetime | None
    last_at: datetime | None
    measurements: int
    runs: int
    profiles: tuple[str, ...]
    blocks: Mapping[Block, tuple[RankedAgency, ...]]
    from_rollups: int = 0
    from_measurements: int = 0
    not_counted: Mapping[Block, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    claims_order: bool = True

    def told_not_counted(self, block: Block) -> dict[str, tuple[str, ...]]:
        """Return `not_counted` of a block as people are told: no names where no agency has points, for it would be all."""
        cards = [one.scorecard for one in self.blocks.get(block, ())]
        return {
            name: agencies if any(card.points.get(name) is not None for card in cards) else ()
            for name, agencies in self.not_counted.get(block, {}).items()
        }
