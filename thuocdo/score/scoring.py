"""
Measurements to scorecards: the judging part, in whole columns.

What counts, and why it is fair:

- A unit is one target under one device profile. Each unit gets its own statistic and its own share of points; an agency has the
  mean over its units. So a target that is probed often weighs no more than one that is probed seldom, and one dead form among
  three costs a third of the points, not all.
- `failed` is the portal's fault: the run lowers availability, and in times it counts as slower than any other run. A median
  exists where more than half of the runs came to an end; else the portal earns nothing for speed, since who never answers is not
  fast. Were failed runs left out, a portal could gain by answering only when it is fast.
- `inconclusive` runs say nothing about the portal. Where something at us was the cause they lower coverage and change no points;
  what the portal hid (a wall, a CAPTCHA, another page) gives nothing for certain, and all that is possible (`earning.py`). A run
  that was ok while the prober was saturated counts for availability; its times are suspect and count for nothing.
- A score is certain points / points that count (`counting.py`): points entered for one ministry alone, or an eForm that is
  registered for one alone, move nobody. What was not measured is shown as not measured and never gives more than a measured 0.
- A home page that only sends people elsewhere (page kind `notice`) is fast for a trivial reason: its time is shown, it earns no
  points, and its agency has no rank.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import isfinite

import pandas as pd
import structlog

from thuocdo.core.kinds.kind import AVAILABILITY, all_kinds, is_ratio
from thuocdo.core.model import Agency, Assessment, Block, MissedStarts, Outcome, Reason, Target
from thuocdo.score.counting import Counting
from thuocdo.score.coverage import coverage, missed_by_agency
from thuocdo.score.criteria import CriteriaSet, Criterion, Statistic
from thuocdo.score.earning import earned_by_agency, statistics_of_units
from thuocdo.score.frame import RunFrame, absent_units, home_kinds, judged
from thuocdo.score.scorecard import MetricSummary, NotMeasured, ReasonCount, Scorecard
from thuocdo.score.totals import Earned, add_up

log = structlog.get_logger()

Read = tuple[str, Statistic]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scorecards by agency id, and the criteria that do not count, by block, each with the agencies because of which."""

    cards: Mapping[str, Scorecard]
    not_counted: Mapping[Block, Mapping[str, tuple[str, ...]]]


def metrics_read(criteria: CriteriaSet) -> tuple[Read, ...]:
    """Return every metric with its statistic that scoring and showing need, each once."""
    read = [(one.metric, one.statistic) for one in criteria.criteria if one.metric and one.statistic]
    return tuple(dict.fromkeys([*read, *_shown()]))


@cache
def _shown() -> tuple[Read, ...]:
    """Return the statistics that every ranking shows, whether or not its criteria set reads them."""
    kinds = all_kinds().values()
    values = [
        (f"{kind.name}.{value.name}", Statistic.MEDIAN) for kind in kinds for value in kind.values if value.ranked
    ]
    return (
        *values,
        *((f"{kind.name}.{one.name}", Statistic.RATIO) for kind in kinds for one in kind.ratios if one.ranked),
    )


def value_metrics(criteria: CriteriaSet) -> tuple[str, ...]:
    """Return the measured values (no derived ratios) that the frame must hold."""
    return tuple(dict.fromkeys(metric for metric, _ in metrics_read(criteria) if not is_ratio(metric)))


def score_agencies(
    frame: RunFrame,
    criteria: CriteriaSet,
    agencies: Mapping[str, Agency],
    assessments: Iterable[Assessment] = (),
    *,
    missed: Sequence[MissedStarts] = (),
    planned: Mapping[str, int] | None = None,
    targets: Iterable[Target] = (),
    provisional: bool = False,
) -> Scores:
    """
    Score every agency by one criteria set.

    Args:
        frame: from `frame.run_frame`, with the values of `value_metrics(criteria)`.
        criteria: the set.
        agencies: by id; rows of others are passed over, agencies without rows get a scorecard without points.
        assessments: points entered by people; the newest per agency and criterion counts.
        missed: what was due in the same time, of kinds that the set reads, and never started: it lowers coverage alone.
        planned: how many runs of each target and profile a round has, by kind; None = as many were due as were taken.
        targets: those that may be probed and count for a rank.
        provisional: the round is not at its end, so that what is missing may still come.

    Returns:
        One scorecard per agency, in the order of `agencies`, and what does not count.
    """
    known = frame.groups["agency_id"].isin(list(agencies))
    mine = frame if known.all() else replace(frame, groups=frame.groups[known])
    table = _Table(judged(mine, criteria.page_kinds_ranked), criteria, missed, planned or {}, [*targets])
    by_hand = _entered(criteria, assessments)
    earned = {agency_id: table.earned.get(agency_id, {}) | by_hand.get(agency_id, {}) for agency_id in agencies}
    counting = Counting(criteria, agencies.values(), targets, earned, provisional=provisional)
    blocks = dict.fromkeys(agency.block for agency in agencies.values())
    return Scores(
        cards={
            agency.id: _scorecard(agency, criteria, earned[agency.id], counting, table) for agency in agencies.values()
        },
        not_counted={block: counting.without(block) for block in blocks},
    )


class _Table:
    """Everything that is worked out for all agencies at once, by agency id."""

    def __init__(
        self,
        frame: RunFrame,
        criteria: CriteriaSet,
        missed: Sequence[MissedStarts],
        planned: Mapping[str, int],
        targets: Sequence[Target],
    ) -> None:
        rows = frame.groups
        agencies = pd.CategoricalIndex(rows.drop_duplicates("unit").sort_values("unit")["agency_id"], name="agency_id")
        seen = {read: statistics_of_units(frame, *read) for read in metrics_read(criteria)}
        self.notices = frozenset(rows.loc[rows["notice"], "agency_id"])
        self.earned: dict[str, dict[str, Earned]] = defaultdict(dict)
        for criterion in criteria.criteria:
            if criterion.metric is None or criterion.statistic is None:
                continue
            statistics = seen[criterion.metric, criterion.statistic]
            for agency_id, points in earned_by_agency(
                criterion,
                frame,
                agencies,
                statistics,
                minimum_runs=criteria.minimum_runs,
                planned=planned,
                absent=absent_units(frame, _kind(criterion), targets) if planned.get(_kind(criterion)) else (),
            ).items():
                if agency_id not in self.notices:
                    self.earned[agency_id][criterion.id] = points
        self.summaries = _summaries(
            {read: found.set_axis(agencies.take(found.index.to_numpy(dtype="int64"))) for read, found in seen.items()}
        )
        judging = rows[rows["kind"].isin({_kind(one) for one in criteria.criteria})]
        self.coverage = coverage(judging, missed)
        self.reached = coverage(judging.assign(counted=judging["counted"] | judging["kept_out"]), missed)
        self.missed = missed_by_agency(missed)
        self.reasons = _reasons(judging)
        counted = judging["runs"].where(judging["counted"], 0)
        sizes = judging.assign(counted=counted).groupby(["agency_id", "kind"])[["runs", "counted"]].sum()
        self.all_measurements: Counter[str] = Counter()
        self.all_runs: Counter[str] = Counter()
        self.measurements: dict[tuple[str, str], int] = {}
        self.runs: dict[tuple[str, str], int] = {}
        for agency_id, kind, size, counted in sizes.reset_index().itertuples(index=False, name=None):
            self.measurements[agency_id, kind] = int(size)
            self.runs[agency_id, kind] = int(counted)
            self.all_measurements[agency_id] += int(size)
            self.all_runs[agency_id] += int(counted)

    def why_not(self, criterion: Criterion, agency_id: str) -> NotMeasured:
        """Return why the agency has no points for the criterion."""
        if criterion.metric is None or criterion.statistic is None:
            return NotMeasured.NOT_ASSESSED
        if agency_id in self.notices:
            return NotMeasured.NOTICE_PAGE
        key = (agency_id, _kind(criterion))
        if key not in self.measurements:
            return NotMeasured.NO_MEASUREMENTS
        if criterion.id in self.earned.get(agency_id, {}):
            return NotMeasured.HIDDEN
        if not self.runs[key]:
            return NotMeasured.NOTHING_CONCLUSIVE
        has_value = (criterion.metric, criterion.statistic) in self.summaries.get(agency_id, {})
        return NotMeasured.TOO_FEW_RUNS if has_value else NotMeasured.NO_VALUE


def _scorecard(
    agency: Agency,
    criteria: CriteriaSet,
    earned: Mapping[str, Earned],
    counting: Counting,
    table: _Table,
) -> Scorecard:
    worth = {one.id: one.points for one in criteria.criteria}
    counted = counting.counted(agency.block)
    total = add_up(counting.of_agency(agency, earned), worth)
    measured = {name: one for name, one in earned.items() if one.is_measured}
    missing = [one for one in criteria.criteria if one.id not in measured]
    own = sum(one.points for one in measured.values())
    return Scorecard(
        agency_id=agency.id,
        block=agency.block,
        points={one.id: measured[one.id].points if one.id in measured else None for one in criteria.criteria},
        possible_points={one.id: earned[one.id].possible for one in criteria.criteria if one.id in earned},
        not_measured={one.id: table.why_not(one, agency.id) for one in missing},
        not_counted=tuple(name for name in worth if name not in counted),
        lacks=counting.lacks(agency, earned),
        points_obtained=total.obtained,
        counted_points=total.counted,
        measured_points=sum(worth[name] for name in measured),
        machine_points=sum(worth[name] for name, one in earned.items() if one.kind),
        total_ratio=total.ratio,
        ci_low=total.low,
        ci_high=total.high,
        possible_ratio=total.possible,
        possible_high=total.possible_high,
        level=criteria.levels.of(own) if criteria.levels and not missing else None,
        summaries=table.summaries.get(agency.id, {}),
        runs=table.all_runs[agency.id],
        measurements=table.all_measurements[agency.id],
        coverage_ratio=table.coverage.get(agency.id),
        reached_ratio=table.reached.get(agency.id),
        availability_ratio=_availability(table.summaries.get(agency.id, {})),
        reasons=table.reasons.get(agency.id, ()),
        notice=agency.id in table.notices,
        missed=table.missed.get(agency.id, 0),
    )


def _kind(criterion: Criterion) -> str:
    return (criterion.metric or "").partition(".")[0]


def _entered(criteria: CriteriaSet, assessments: Iterable[Assessment]) -> dict[str, dict[str, Earned]]:
    """Return the points that people entered, by agency and criterion."""
    scale = {one.id: one.points for one in criteria.criteria if one.by_hand}
    entered: dict[str, dict[str, Earned]] = defaultdict(dict)
    for one in sorted(assessments, key=lambda entry: entry.entered_at):
        if one.criteria_set_id != criteria.id or one.criterion_id not in scale:
            continue
        if 0 <= one.points <= scale[one.criterion_id]:
            given = one.points
            entered[one.agency_id][one.criterion_id] = Earned(
                points=given, low=given, high=given, possible=given, possible_high=given
            )
        else:
            log.warning(
                "assessment outside its criterion's scale left out; enter it again",
                agency=one.agency_id,
                criterion=one.criterion_id,
                points=one.points,
                scale=scale[one.criterion_id],
            )
    return entered


def _summaries(units: Mapping[Read, pd.DataFrame]) -> dict[str, dict[Read, MetricSummary]]:
    """Return the statistics of every agency: means over its units."""
    found: dict[str, dict[Read, MetricSummary]] = defaultdict(dict)
    reads = list(units)
    groups = pd.concat(units.values(), keys=range(len(reads)), names=["read"]).groupby(["read", "agency_id"])
    means = groups[["value", "ci_low", "ci_high"]].mean()
    table = means.assign(runs=groups["runs"].sum(), targets=groups.size(), smallest=groups["runs"].min())
    for (read, agency_id), value, low, high, runs, targets, smallest in table.itertuples(name=None):
        found[str(agency_id)][reads[read]] = MetricSummary(
            value=_finite(value),
            ci_low=_finite(low),
            ci_high=_finite(high),
            runs=int(runs),
            targets=int(targets),
            smallest_runs=int(smallest),
        )
    return found


def _availability(summaries: Mapping[Read, MetricSummary]) -> float | None:
    """Return the home pages' availability: by the plain probe, which runs often, else by the browser."""
    for kind in home_kinds():
        found = summaries.get((f"{kind}.{AVAILABILITY}", Statistic.RATIO))
        if found is not None:
            return found.value
    return None


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _reasons(rows: pd.DataFrame) -> dict[str, tuple[ReasonCount, ...]]:
    """Return how often each agency's probes ended for which reason; ok with times spoilt by a saturated prober is one."""
    suspect = rows["saturated"].astype(bool) & (rows["outcome"] == Outcome.OK.value)
    reason = rows["reason"].mask(suspect, Reason.PROBER_SATURATED.value)
    told = rows.assign(reason=reason)[reason.notna()]
    counts = told.groupby(["agency_id", "kind", "reason"])["runs"].sum().reset_index()
    found: dict[str, list[ReasonCount]] = defaultdict(list)
    for agency_id, kind, name, count in counts.itertuples(index=False, name=None):
        found[agency_id].append(ReasonCount(kind=kind, reason=name, count=int(count)))
    return {key: tuple(sorted(each, key=lambda one: (-one.count, one.kind, one.reason))) for key, each in found.items()}
