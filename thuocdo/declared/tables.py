"""The month board as flat tables, and as one JSON document."""

import json
from collections.abc import Callable, Iterator, Mapping

from thuocdo.core.clock import iso
from thuocdo.declared.board import BoardLine, MonthBoard
from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.wording import (
    finding_sentence,
    left_out,
    praise,
    remind,
    rules,
    silence,
    span_called,
    state_called,
)
from thuocdo.periods.tables import rounded
from thuocdo.publication.dictionary import tables_of
from thuocdo.publication.tables import CellValue, FilledTable
from thuocdo.publication.texts import fixed_text

_Row = dict[str, CellValue]


def board_tables(board: MonthBoard) -> Mapping[str, FilledTable]:
    """Return every table by name, those without rows among them."""
    common: _Row = {"board_month": board.month.name, "source": fixed_text("declared.source.declared")}
    return {
        meaning.name: FilledTable.of(meaning, (common | row for row in _ROWS[meaning.name](board)))
        for meaning in tables_of("thuocdo.declared")
    }


def board_json(board: MonthBoard) -> str:
    """Return all of it as one JSON object; figures of agencies are under `declared`, what was measured under `measured`."""
    tables = {name: table.documents() for name, table in board_tables(board).items()}
    document = {
        "month": board.month.name,
        "made_at": iso(board.made_at),
        "indicators_version": all_indicators().version,
        "simulated": board.synthetic,
        "declared": {"goals": tables["theo-doi-chi-tieu"], "months": tables["tung-thang"]},
        "findings": tables["dieu-can-lam-ro"],
        "measured": tables["do-duoc"],
        "paragraphs": {
            "praise": praise(board),
            "remind": remind(board),
            "without_figures": silence(board),
            "left_out": left_out(board),
        },
        "rules": [{"about": about, "text": text} for about, text in rules()],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"


def _line(line: BoardLine) -> _Row:
    return {
        "agency_id": line.agency.id,
        "agency_vi": line.agency.full_name("vi"),
        "unit_vi": line.unit_vi,
        "kind": line.kind or None,
        "indicator": line.indicator.id,
        "indicator_vi": line.indicator.name_vi,
        "first": line.progress.goal.first,
    }


def _goals(board: MonthBoard) -> Iterator[_Row]:
    for line in board.lines:
        found, goal = line.progress, line.progress.goal
        yield _line(line) | {
            "comparison_vi": fixed_text(f"declared.side.{goal.side.value}"),
            "goal_percent": goal.percent,
            "decision": goal.decision,
            "decided_on": goal.decided_on,
            "due": goal.due,
            "valid_to": goal.valid_to,
            "numerator": found.total.numerator if found.total else None,
            "denominator": found.total.denominator if found.total else None,
            "percent": rounded(found.total.percent if found.total else None),
            "gap_points": rounded(found.gap),
            "state": found.state.value,
            "state_vi": state_called(line),
            "needed_percent": rounded(found.needed.percent if found.needed else None),
            "needed_possible": found.needed.is_possible if found.needed else None,
            "is_thin": found.is_thin,
            "months_missing": len(found.missing),
            "findings": len(line.findings),
        }


def _months(board: MonthBoard) -> Iterator[_Row]:
    for line in board.lines:
        for first, share in line.progress.months.items():
            yield _line(line) | {
                "month": f"{first:%Y-%m}",
                "numerator": share.numerator,
                "denominator": share.denominator,
                "percent": rounded(share.percent),
            }


def _findings(board: MonthBoard) -> Iterator[_Row]:
    for agency_id, found in board.findings.items():
        whose = board.agencies[agency_id]
        for one in found:
            yield {
                "agency_id": agency_id,
                "agency_vi": whose.agency.full_name("vi"),
                "unit_vi": whose.unit_name(one.key.unit_id, "vi"),
                "procedure_code": one.key.procedure_code or None,
                "period": span_called(one.key),
                "doubt": one.doubt.value,
                "count": one.count or None,
                "told": one.told,
                "counted": one.counted,
                "sentence_vi": finding_sentence(one, whose),
            }


def _measured(board: MonthBoard) -> Iterator[_Row]:
    for agency_id, whose in board.agencies.items():
        measured = board.measured.get(agency_id)
        yield {
            "agency_id": agency_id,
            "agency_vi": whose.agency.full_name("vi"),
            "availability_ratio": rounded(measured.availability_ratio if measured else None),
            "median_seconds": rounded(measured.seconds if measured else None),
            "source": fixed_text("declared.source.measured"),
        }


_ROWS: Mapping[str, Callable[[MonthBoard], Iterator[_Row]]] = {
    "theo-doi-chi-tieu": _goals,
    "tung-thang": _months,
    "dieu-can-lam-ro": _findings,
    "do-duoc": _measured,
}
