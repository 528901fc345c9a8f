"""What `/metrics` says for those on duty: incidents, maintenance, availability and its budget, response times, reloads."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate

from exporters.communes import without_communes
from exporters.counting import OUTCOMES, histograms
from exporters.incidents import OF_TARGET, EndedPart, incident_families
from exporters.text import Exemplar, Family, Histogram, gauge
from thuocdo.core.kinds import homepage
from thuocdo.core.kinds.kind import Kind, answering_kind
from thuocdo.core.model import Incident, IncidentScope, Target
from thuocdo.core.reloading import Mistake
from thuocdo.core.retelling import retold

MOST_MISTAKES = 3
LONGEST_MISTAKE = 300
"""Characters of a mistake that are told; `thuocdo config check` has all of them."""

WINDOWS = ("1d", "30d", "month")
"""Of which availability and coverage are told; the month is this calendar month in Hanoi."""

MISSED_WINDOW = "1d"
"""Of which it is told what was missed: it is about a machine that is too slow now."""

_OF_TARGET = 1 + OF_TARGET + 2 * len(WINDOWS) + 1 + 1
"""Series of a target in maintenance with an incident: maintenance, the incident, availability, coverage, missed, budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAvailability:
    """A target's availability, coverage and share of missed starts over one of WINDOWS; None = unknown."""

    target_id: str
    window: str
    availability_ratio: float | None
    coverage_ratio: float | None
    missed_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsSnapshot:
    """
    What is known for those on duty.

    incidents: those that last. ended, ended_parts: those, and parts, of which it became known a minute ago at most that they
    are over. confirmed: how many were ever confirmed. in_maintenance: targets that are so just now. judged, responses,
    exemplars: as exporters.counting counts them. budgets: target -> share of this month's error budget that is left, 1 = all,
    below 0 = overspent. reloaded_at: when registry, criteria and maintenance in force were read. reload_succeeded: whether the
    last try was it. mistakes: for which it was not. conflicts: verdicts of a target that contradicted each other, since the
    process was started. unexplained: its failures, likewise, that no incident explains.
    """

    incidents: Sequence[Incident] = ()
    ended: Sequence[Incident] = ()
    ended_parts: Sequence[EndedPart] = ()
    confirmed: Mapping[IncidentScope, int] = field(default_factory=dict)
    judged_at: datetime | None = None
    in_maintenance: Collection[str] = ()
    judged: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    responses: Mapping[tuple[str, str], tuple[tuple[int, ...], float]] = field(default_factory=dict)
    exemplars: Mapping[tuple[str, str], Mapping[int, Exemplar]] = field(default_factory=dict)
    availability: Sequence[WindowAvailability] = ()
    budgets: Mapping[str, float] = field(default_factory=dict)
    objective_ratio: float
    reloaded_at: datetime
    reload_succeeded: bool = True
    mistakes: Sequence[Mistake] = ()
    conflicts: Mapping[str, int] = field(default_factory=dict)
    unexplained: Mapping[str, int] = field(default_factory=dict)


def most_duty_series(kinds: Collection[Kind]) -> int:
    """Return how many series of what is told to those on duty a target can have that is measured by these kinds."""
    bounds = [value.bounds for kind in kinds for value in kind.values if value.bounds]
    of_histograms = sum(len(of_kind) + len(("+Inf", "count", "sum")) for of_kind in bounds)
    judged = len((*OUTCOMES, "unexplained")) if any(kind.answers for kind in kinds) else 0
    compared = int(any(kind.name == homepage.KIND.name for kind in kinds))
    return _OF_TARGET + judged + compared + of_histograms


def duty_families(duty: OperationsSnapshot, targets: Mapping[str, Target]) -> Iterator[Family]:
    """Yield the metric families of what is known for those on duty; of unknown targets nothing is told, of communes little."""
    in_full = without_communes(targets)
    yield from incident_families(duty.incidents, duty.ended, duty.ended_parts, targets, duty.in_maintenance)
    yield from _judging(duty)
    yield gauge(
        "thuocdo_maintenance_active",
        "1 while a target is within planned maintenance; absent otherwise",
        ("target",),
        {(target,): 1.0 for target in sorted(duty.in_maintenance) if target in targets},
    )
    judged = [target.id for target in in_full.values() if target.role in answering_kind().roles]
    yield _judged(duty.judged, judged)
    yield _unexplained(duty.unexplained, judged)
    yield from _availability(duty, in_full)
    yield _responses(duty, in_full)
    yield from _reloads(duty)
    yield _conflicts(duty.conflicts, [target.id for target in in_full.values() if target.role in homepage.KIND.roles])


def _judging(duty: OperationsSnapshot) -> Iterator[Family]:
    counter = Family("thuocdo_incidents_confirmed_total", "Incidents that were ever confirmed", ("scope",), "counter")
    for scope in IncidentScope:
        counter.add((scope,), duty.confirmed.get(scope, 0))
    yield counter
    judged_at: dict[tuple[str, ...], float] = {(): duty.judged_at.timestamp()} if duty.judged_at else {}
    yield gauge(
        "thuocdo_judge_last_run_timestamp_seconds", "Unix time at which incidents were last judged", (), judged_at
    )


def _judged(judged: Mapping[str, tuple[int, ...]], target_ids: Sequence[str]) -> Family:
    counter = Family(
        "thuocdo_probes_judged_total",
        "Availability probes (kind http, all vantage points) since the process was started, by how they ended; "
        "excluded: within planned maintenance",
        ("target", "outcome"),
        "counter",
    )
    for target in target_ids:
        for outcome, count in zip(OUTCOMES, judged.get(target, (0,) * len(OUTCOMES)), strict=True):
            counter.add((target, outcome), count)
    return counter


def _unexplained(unexplained: Mapping[str, int], target_ids: Sequence[str]) -> Family:
    counter = Family(
        "thuocdo_probes_unexplained_total",
        "Of the failed availability probes since the process was started those that no incident explains; counted some minutes "
        "later, once none can explain them any more",
        ("target",),
        "counter",
    )
    for target in target_ids:
        counter.add((target,), unexplained.get(target, 0))
    return counter


def _availability(duty: OperationsSnapshot, targets: Mapping[str, Target]) -> Iterator[Family]:
    told = [one for one in duty.availability if one.target_id in targets]
    yield gauge(
        "thuocdo_target_availability_ratio",
        "ok / (ok + failed) of the availability probes outside planned maintenance, 0..1; window: 1d, 30d, or month (in Hanoi)",
        ("target", "window"),
        {(one.target_id, one.window): one.availability_ratio for one in told if one.availability_ratio is not None},
    )
    yield gauge(
        "thuocdo_target_coverage_ratio",
        "(ok + failed) / (ok + failed + inconclusive + missed) of the same probes, 0..1",
        ("target", "window"),
        {(one.target_id, one.window): one.coverage_ratio for one in told if one.coverage_ratio is not None},
    )
    yield gauge(
        "thuocdo_target_missed_ratio",
        "Share of the same probes that were due and could not be started in time, 0..1; absent where none was missed",
        ("target", "window"),
        {
            (one.target_id, one.window): one.missed_ratio
            for one in told
            if one.missed_ratio and one.window == MISSED_WINDOW
        },
    )
    yield gauge(
        "thuocdo_objective_ratio",
        "Availability that is aimed at in a calendar month, 0..1; our own figure",
        (),
        {(): duty.objective_ratio},
    )
    yield gauge(
        "thuocdo_target_error_budget_remaining_ratio",
        "Share of this calendar month's error budget that is left; 1 is all of it, below 0 is overspent",
        ("target",),
        {(target,): left for target, left in duty.budgets.items() if target in targets},
    )


def _responses(duty: OperationsSnapshot, targets: Mapping[str, Target]) -> Family:
    histogram = Histogram(
        "thuocdo_response_seconds",
        "Response times since the process was started, of probes that were ok on an unhurried prober, on a plain line: "
        "the whole exchange (kind http), the way to the form (eform)",
        ("target", "kind"),
    )
    for (target, kind), (counts, sum_seconds) in sorted(duty.responses.items()):
        if target in targets:
            bounds = [*map(str, histograms()[kind].bounds), "+Inf"]
            buckets = list(zip(bounds, accumulate(counts), strict=True))
            exemplars = duty.exemplars.get((target, kind), {})
            histogram.add_buckets((target, kind), buckets, sum_seconds, exemplars)
    return histogram


def _reloads(duty: OperationsSnapshot) -> Iterator[Family]:
    yield gauge(
        "thuocdo_config_problem",
        f"Place of a mistake among the first {MOST_MISTAKES} for which what was read last is not in force, with its file and "
        "line, in English and in Vietnamese; gone once they are mended",
        ("file", "line", "suggestion", "problem", "problem_vi"),
        {
            (one.file, str(one.line or ""), one.suggestion, _cut(one.text), _cut(retold("vi", one.text))): float(number)
            for number, one in enumerate(duty.mistakes[:MOST_MISTAKES], start=1)
        },
    )
    yield gauge(
        "thuocdo_config_last_reload_successful",
        "Whether registry, criteria and maintenance were without mistakes when last read: 1 or 0",
        (),
        {(): float(duty.reload_succeeded)},
    )
    yield gauge(
        "thuocdo_config_last_reload_success_timestamp_seconds",
        "Unix time at which what is in force was read",
        (),
        {(): duty.reloaded_at.timestamp()},
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MISTAKE else text[: LONGEST_MISTAKE - 1] + "…"


def _conflicts(conflicts: Mapping[str, int], target_ids: Sequence[str]) -> Family:
    counter = Family(
        "thuocdo_verdict_conflicts_total",
        "Times since the process was started that a browser opened a page which the plain probes of the same minutes called "
        "failed: ours until proven",
        ("target",),
        "counter",
    )
    for target in target_ids:
        counter.add((target,), conflicts.get(target, 0))
    return counter
