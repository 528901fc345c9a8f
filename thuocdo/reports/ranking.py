"""
A ranking as data: flat rows with fixed columns, CSV, JSON, and what was not measured and why.

Columns and JSON keys are a public contract (tests/unit/reports/golden).
"""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from thuocdo.core.cells import cell
from thuocdo.core.clock import iso
from thuocdo.core.i18n import Translate
from thuocdo.core.model import Agency, Block, Outcome, Reason
from thuocdo.core.portals import Registry
from thuocdo.score.medians import EXACT_RUNS
from thuocdo.score.scorecard import MetricSummary, RankedAgency, Ranking


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRow:
    """
    One agency of a ranking; None = not measured, which is not zero.

    rank, rank_to: first and last place that its certain points may have; best_rank, worst_rank: whatever was hidden from the
    probes. score, score_low, score_high: 0..100, points_obtained of counted_points, with the interval at 95 %; possible_score: at
    the best of what was hidden. measured_points of points_total. homepage_load_ci_is_range: fewer than 6 runs, the interval is
    smallest to largest. runs: counted measurements of all kinds; homepage_runs: those behind the home page's median.
    unranked_reason: why there is no rank (empty = there is one); unranked_text: the same in the reader's language. parent_id,
    parent_vi, parent_en: a commune's province, in whose bounds alone its name is its own; rank_in_province, rank_in_province_to:
    its place there, best_rank_in_province, worst_rank_in_province: whatever was hidden; code: its number in the list of
    administrative units. All empty for others. drawn_rank, drawn_rank_to: of a planned round of five days or more, the places
    that drawing its days again leaves open, of all agencies at once at 95 %; among_first_five_ratio, among_last_five_ratio: share
    of the draws in which it was among them.
    """

    rank: int | None
    rank_to: int | None
    shared: bool
    agency_id: str
    name_vi: str
    name_en: str
    block: str
    score: float | None
    score_low: float | None
    score_high: float | None
    level: str | None
    points_obtained: float
    measured_points: float
    points_total: float
    homepage_load_median_seconds: float | None
    homepage_load_ci_low_seconds: float | None
    homepage_load_ci_high_seconds: float | None
    homepage_load_ci_is_range: bool | None
    homepage_runs: int
    eform_ready_median_seconds: float | None
    eform_runs: int
    accessibility_score: float | None
    availability_ratio: float | None
    coverage_ratio: float | None
    runs: int
    measurements: int
    unranked_reason: str
    unranked_text: str
    parent_id: str = ""
    parent_vi: str = ""
    parent_en: str = ""
    code: str = ""
    rank_in_province: int | None = None
    rank_in_province_to: int | None = None
    counted_points: float = 0.0
    possible_score: float | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    best_rank_in_province: int | None = None
    worst_rank_in_province: int | None = None
    drawn_rank: int | None = None
    drawn_rank_to: int | None = None
    among_first_five_ratio: float | None = None
    among_last_five_ratio: float | None = None

    @property
    def may_move(self) -> bool:
        """Whether its places would be others if nothing had been hidden."""
        return self.best_rank is not None and (self.best_rank, self.worst_rank) != (self.rank, self.rank_to)

    def full_name(self, language: str) -> str:
        """Return the agency's name, a commune's with its province."""
        name, within = (self.name_vi, self.parent_vi) if language == "vi" else (self.name_en, self.parent_en)
        return f"{name}, {within}" if within else name


_OF_COMMUNES = ("parent_id", "parent_vi", "parent_en", "code", "rank_in_province", "rank_in_province_to")
_OF_HIDDEN = (
    *("counted_points", "possible_score", "best_rank", "worst_rank"),
    *("best_rank_in_province", "worst_rank_in_province"),
)
_OF_DRAWS = ("drawn_rank", "drawn_rank_to", "among_first_five_ratio", "among_last_five_ratio")
_ADDED = (*_OF_COMMUNES, *_OF_HIDDEN, *_OF_DRAWS)
_FIELDS = tuple(field.name for field in fields(RankingRow) if field.name not in _ADDED)
COLUMNS = (*_FIELDS, "simulated", *_ADDED)
"""Columns of the CSV, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasuredCount:
    """
    One reason why probes gave no number: how often, by which kinds, at which agencies.

    measurements: number of measurements that ended so. agencies: ids, the most affected first.
    """

    reason: str
    outcome: str
    measurements: int
    kinds: tuple[str, ...]
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnrankedCount:
    """One reason why agencies have no rank, with their ids."""

    unranked_reason: str
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMeasuredSummary:
    """What was not measured and why: agencies without a rank, and the reasons that probes met. Most frequent first."""

    unranked: tuple[UnrankedCount, ...]
    reasons: tuple[NotMeasuredCount, ...]


def communes_of_province(ranking: Ranking, registry: Registry, province_id: str) -> Ranking:
    """Return a ranking cut down to the communes of one province, by their places in it; those without a place come last."""
    members = (
        place
        for place in ranking.blocks.get(Block.COMMUNE, ())
        if registry.agencies[place.scorecard.agency_id].parent_id == province_id
    )
    return replace(
        ranking, blocks={Block.COMMUNE: tuple(sorted(members, key=lambda one: one.rank_in_province is None))}
    )


def ranking_rows(
    ranking: Ranking, registry: Registry, translate: Translate, blocks: Iterable[Block] = tuple(Block)
) -> tuple[RankingRow, ...]:
    """Return the rows of the blocks, in the order of the ranking. registry: the one that was ranked."""
    return tuple(
        _row(place, registry.agencies[place.scorecard.agency_id], ranking, translate)
        for block in blocks
        for place in ranking.blocks.get(block, ())
    )


def _row(place: RankedAgency, agency: Agency, ranking: Ranking, translate: Translate) -> RankingRow:
    card = place.scorecard
    is_of_method_1 = ranking.method_version == "1"  # what was measured counted
    load, form = card.summary("homepage.load_seconds"), card.summary("eform.ready_seconds")
    accessibility = card.summary("accessibility.score")
    reason = place.unranked_reason
    return RankingRow(
        rank=place.rank,
        rank_to=place.rank_to,
        shared=place.shared,
        agency_id=agency.id,
        name_vi=agency.name_vi,
        name_en=agency.name_en,
        block=agency.block.value,
        score=_percent(card.total_ratio),
        score_low=_percent(card.ci_low),
        score_high=_percent(card.ci_high),
        level=card.level,
        points_obtained=round(card.points_obtained, 4),
        measured_points=card.measured_points,
        points_total=ranking.criteria.points,
        homepage_load_median_seconds=_seconds(load.value if load else None),
        homepage_load_ci_low_seconds=_seconds(load.ci_low if load else None),
        homepage_load_ci_high_seconds=_seconds(load.ci_high if load else None),
        homepage_load_ci_is_range=load.smallest_runs < EXACT_RUNS if load else None,
        homepage_runs=_runs(load),
        eform_ready_median_seconds=_seconds(form.value if form else None),
        eform_runs=_runs(form),
        accessibility_score=None
        if accessibility is None or accessibility.value is None
        else round(accessibility.value, 2),
        availability_ratio=card.availability_ratio,
        coverage_ratio=card.coverage_ratio,
        runs=card.runs,
        measurements=card.measurements,
        unranked_reason=reason.value if reason else "",
        unranked_text=translate(f"unranked.{reason.value}") if reason else "",
        parent_id=agency.parent_id or "",
        parent_vi=agency.within_vi,
        parent_en=agency.within_en,
        code=agency.code,
        rank_in_province=place.rank_in_province,
        rank_in_province_to=place.rank_in_province_to,
        counted_points=card.measured_points if is_of_method_1 else card.counted_points,
        possible_score=_percent(card.possible_ratio),
        best_rank=place.best_rank,
        worst_rank=place.worst_rank,
        best_rank_in_province=place.best_rank_in_province,
        worst_rank_in_province=place.worst_rank_in_province,
        drawn_rank=place.drawn.first if place.drawn else None,
        drawn_rank_to=place.drawn.last if place.drawn else None,
        among_first_five_ratio=round(place.drawn.among_first, 4) if place.drawn else None,
        among_last_five_ratio=round(place.drawn.among_last, 4) if place.drawn else None,
    )


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio * 100, 4)


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _runs(summary: MetricSummary | None) -> int:
    return summary.runs if summary else 0


def not_measured(ranking: Ranking) -> NotMeasuredSummary:
    """Return what was not measured and why, over the blocks that the criteria set ranks."""
    unranked: dict[str, list[str]] = defaultdict(list)
    by_reason: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    kinds: dict[str, set[str]] = defaultdict(set)
    for place in (place for block in ranking.criteria.blocks for place in ranking.blocks.get(block, ())):
        card = place.scorecard
        if place.unranked_reason:
            unranked[place.unranked_reason.value].append(card.agency_id)
        for one in card.reasons:
            by_reason[one.reason][card.agency_id] += one.count
            kinds[one.reason].add(one.kind)
    counted = [
        NotMeasuredCount(
            reason=reason,
            outcome=Reason(reason).outcome.value,
            measurements=sum(agencies.values()),
            kinds=tuple(sorted(kinds[reason])),
            agencies=tuple(sorted(agencies, key=lambda name: (-agencies[name], name))),
        )
        for reason, agencies in by_reason.items()
    ]
    first = Outcome.INCONCLUSIVE.value  # ours before theirs: this is what lowers coverage
    return NotMeasuredSummary(
        unranked=tuple(
            UnrankedCount(unranked_reason=reason, agencies=tuple(names))
            for reason, names in sorted(unranked.items(), key=lambda item: (-len(item[1]), item[0]))
        ),
        reasons=tuple(sorted(counted, key=lambda one: (one.outcome != first, -one.measurements, one.reason))),
    )


def ranking_to_csv(rows: Iterable[RankingRow], *, simulated: bool = False) -> str:
    """
    Return the rows as CSV (RFC 4180) with a header; what was not measured is an empty cell.

    simulated: the figures come from the simulated fleet; said in every row, so that nobody takes them for real.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        values = asdict(row) | {"simulated": simulated}
        writer.writerow([cell(values[name]) for name in COLUMNS])
    return out.getvalue()


def ranking_to_json(ranking: Ranking, rows: Iterable[RankingRow], *, simulated: bool = False) -> str:
    """
    Return the whole ranking as one JSON object: what it was computed from, the rows by block, and what was not measured.

    simulated: the figures come from the simulated fleet; said in the document itself, so that nobody takes them for real.
    """
    blocks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        blocks[row.block].append(asdict(row))
    document = {
        **_about(ranking),
        "simulated": simulated,
        "claims_order": ranking.claims_order,
        "blocks": blocks,
        "not_counted": {block: ranking.not_counted.get(Block(block), {}) for block in blocks},
        "not_measured": asdict(not_measured(ranking)),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _about(ranking: Ranking) -> dict[str, Any]:
    criteria = ranking.criteria
    return {
        "criteria": {
            "id": criteria.id,
            "version": criteria.version,
            "digest": ranking.criteria_digest,
            "title_vi": criteria.title_vi,
            "title_en": criteria.title_en,
            "source": criteria.source,
            "fully_confirmed": criteria.fully_confirmed,
            "note_vi": criteria.note_vi,
            "note_en": criteria.note_en,
        },
        "method_version": ranking.method_version,
        "registry_digest": ranking.registry_digest,
        "round_id": ranking.round_id,
        "since": _instant(ranking.since),
        "until": _instant(ranking.until),
        "computed_at": _instant(ranking.computed_at),
        "first_at": _instant(ranking.first_at),
        "last_at": _instant(ranking.last_at),
        "measurements": ranking.measurements,
        "runs": ranking.runs,
        "read_from": {"rollups": ranking.from_rollups, "measurements": ranking.from_measurements},
        "profiles": list(ranking.profiles),
    }


def _instant(at: datetime | None) -> str | None:
    return iso(at) if at else None
