"""The tables of a package as typed rows: sheets and CSV files are written from the same ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from thuocdo.core.clock import hanoi_day
from thuocdo.core.i18n import translator
from thuocdo.core.kinds.kind import Nature, is_ratio, meaning_of
from thuocdo.core.model import Reason
from thuocdo.publication.content import RoundContent
from thuocdo.publication.dictionary import TableMeaning, all_tables
from thuocdo.publication.texts import fixed_text
from thuocdo.score.scorecard import RankedAgency

CellValue = str | int | float | bool | date | None
"""None = not measured, or there is none."""

_Row = dict[str, CellValue]

_told = translator("vi")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTable:
    """A table and its rows; rows: (n, columns) in the order of the columns."""

    meaning: TableMeaning
    rows: Sequence[tuple[CellValue, ...]]

    @classmethod
    def of(cls, meaning: TableMeaning, rows: Iterable[Mapping[str, CellValue]]) -> Self:
        """Return a table of rows by name of the column; what is no column of it is left out."""
        return cls(meaning=meaning, rows=[tuple(row[name] for name in meaning.names) for row in rows])

    def column(self, name: str) -> int:
        """Return the number of a column, from 0."""
        return self.meaning.names.index(name)

    def documents(self) -> list[dict[str, CellValue]]:
        """Return the rows by name of the column, as JSON has them."""
        return [dict(zip(self.meaning.names, row, strict=True)) for row in self.rows]


def filled_tables(content: RoundContent) -> Mapping[str, FilledTable]:
    """Return every table of the package by name, those without rows among them."""
    rows = {
        "xep-hang": _ranking,
        "diem": _points,
        "thoi-gian": _times,
        "so-lieu": _data,
        "ly-do": _reasons,
        "giai-trinh": _objections,
    }
    marks: _Row = {"draft": not content.approved, "simulated": content.synthetic}
    return {
        meaning.name: FilledTable.of(meaning, (row | marks for row in rows[meaning.name](content)))
        for meaning in all_tables()
    }


def places(first: int | None, last: int | None) -> str:
    """Return a set of places as people read it, such as 4–7; empty where there is none."""
    if first is None or last is None:
        return ""
    return str(first) if first == last else f"{first}–{last}"


def _agency(content: RoundContent, agency_id: str) -> _Row:
    agency = content.agency(agency_id)
    return {"block": agency.block.value, "agency_id": agency_id, "agency_vi": agency.full_name("vi")}


def _ranking(content: RoundContent) -> Iterator[_Row]:
    for agency_id, place in content.members.items():
        card, covered = place.scorecard, content.covered.get(agency_id)
        reason, drawn = place.unranked_reason, place.drawn
        yield _agency(content, agency_id) | {
            "agency_en": content.agency(agency_id).full_name("en"),
            "places": places(place.rank, place.rank_to) or None,
            "rank": place.rank,
            "rank_to": place.rank_to,
            "best_rank": place.best_rank,
            "worst_rank": place.worst_rank,
            "drawn_rank": drawn.first if drawn else None,
            "drawn_rank_to": drawn.last if drawn else None,
            "own_drawn_rank": drawn.own_first if drawn else None,
            "own_drawn_rank_to": drawn.own_last if drawn else None,
            "among_first_ratio": _rounded(drawn.among_first) if drawn else None,
            "among_last_ratio": _rounded(drawn.among_last) if drawn else None,
            "score": _percent(card.total_ratio),
            "score_low": _percent(card.ci_low),
            "score_high": _percent(card.ci_high),
            "possible_score": _percent(card.possible_ratio),
            "points_obtained": round(card.points_obtained, 4),
            "counted_points": card.counted_points,
            "availability_ratio": card.availability_ratio,
            "coverage_ratio": card.coverage_ratio,
            "planned_probes": covered.planned if covered else None,
            "taken_probes": covered.taken if covered else None,
            "conclusive_probes": covered.conclusive if covered else None,
            "unranked_reason": reason.value if reason else None,
            "unranked_vi": _told(f"unranked.{reason.value}") if reason else None,
        }


def _points(content: RoundContent) -> Iterator[_Row]:
    entered = {(one.agency_id, one.criterion_id): one for one in content.assessments}
    for agency_id, place in content.members.items():
        card = place.scorecard
        for criterion in content.criteria.criteria:
            points, why = card.points.get(criterion.id), card.not_measured.get(criterion.id)
            by_person = entered.get((agency_id, criterion.id))
            yield _agency(content, agency_id) | {
                "criterion_id": criterion.id,
                "criterion_vi": criterion.title_vi,
                "criterion_en": criterion.title_en,
                "points_of": criterion.points,
                "points": None if points is None else round(points, 4),
                "possible_points": _rounded(card.possible_points.get(criterion.id)),
                "counts": is_counted(place, criterion.id),
                "by_hand": criterion.by_hand,
                "not_measured_reason": why.value if why else None,
                "not_measured_vi": _told(f"not_measured.{why.value}") if why else None,
                "entered_on": hanoi_day(by_person.entered_at) if by_person else None,
                "evidence_sha256": by_person.evidence_sha256 if by_person else None,
            }


def is_counted(place: RankedAgency, criterion_id: str) -> bool:
    """Tell whether a criterion counts for an agency's place."""
    return criterion_id not in place.scorecard.not_counted


def _times(content: RoundContent) -> Iterator[_Row]:
    for one in content.comparisons:
        common: _Row = {"kind": one.asked.kind, "profile": one.asked.profile, "claims_order": one.times.tells_order}
        for agency in one.times.agencies:
            yield (
                _agency(content, agency.agency_id)
                | common
                | {
                    "rank": agency.first,
                    "rank_to": agency.last,
                    "own_rank": agency.own_first,
                    "own_rank_to": agency.own_last,
                    "typical_seconds": _finite(agency.seconds),
                    "median_seconds": _finite(agency.median_seconds),
                    "failed_ratio": _rounded(agency.failed_ratio),
                    "time_blocks": agency.cells,
                    "among_first_ratio": _finite(agency.among_first),
                    "among_last_ratio": _finite(agency.among_last),
                    "not_compared_reason": None,
                    "not_compared_vi": None,
                }
            )
        for agency_id, why in sorted(one.times.not_compared.items()):
            yield (
                _agency(content, agency_id)
                | common
                | dict.fromkeys(_OF_COMPARED)
                | {
                    "not_compared_reason": why.value,
                    "not_compared_vi": fixed_text(f"package.not_compared.{why.value}"),
                }
            )


_OF_COMPARED = (
    *("rank", "rank_to", "own_rank", "own_rank_to", "typical_seconds", "median_seconds"),
    *("failed_ratio", "time_blocks", "among_first_ratio", "among_last_ratio"),
)


def _data(content: RoundContent) -> Iterator[_Row]:
    for one in content.summaries:
        target = content.registry.targets.get(one.target_id)
        yield _agency(content, one.agency_id) | {
            "target_id": one.target_id,
            "target_vi": content.registry.called(target, "vi") if target else one.target_id,
            "kind": one.kind,
            "kind_vi": _told(f"kind.{one.kind}"),
            "profile": one.profile,
            "vantage_id": one.vantage_id,
            "metric": one.metric,
            "metric_vi": _told(f"value.{one.metric}"),
            "unit": unit_of(one.metric) or None,
            "runs": one.runs,
            "ok": one.ok,
            "failed": one.failed,
            "hidden": one.hidden,
            "spoilt": one.spoilt,
            "value": one.value,
            "quarter": one.quarter,
            "three_quarters": one.three_quarters,
            "smallest": one.smallest,
            "largest": one.largest,
        }


def unit_of(metric: str) -> str:
    """Return the unit of `<kind>.<value>`, empty where it has none."""
    meaning = meaning_of(metric)
    if is_ratio(metric):
        return Nature.SHARE.unit
    return meaning.nature.unit if meaning else ""


def _reasons(content: RoundContent) -> Iterator[_Row]:
    for agency_id, place in content.members.items():
        for one in place.scorecard.reasons:
            yield _agency(content, agency_id) | {
                "kind": one.kind,
                "kind_vi": _told(f"kind.{one.kind}"),
                "reason": one.reason,
                "reason_vi": _told(f"reason.{one.reason}"),
                "conclusion_vi": _told(f"outcome.{Reason(one.reason).outcome.value}"),
                "times": one.count,
            }


def _objections(content: RoundContent) -> Iterator[_Row]:
    for one in content.objections:
        yield {
            "number": one.number,
            "agency_id": one.agency_id,
            "agency_vi": content.agency_name(one.agency_id),
            "target": one.target or None,
            "objection_kind": one.kind,
            "claim": one.claim,
            "decision": one.decision or None,
            "decision_reason": one.reason or None,
            "days": one.days,
        }


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio * 100, 4)


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _finite(number: float | None) -> float | None:
    """Return a number to six significant digits; None for none, and for what has no end."""
    return float(f"{number:.6g}") if number is not None and abs(number) != float("inf") else None
