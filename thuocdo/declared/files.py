"""The files of a month board: a report to read, a workbook with a sheet that a meeting looks at, tables, JSON."""

from collections.abc import Callable, Iterator, Sequence

from thuocdo.declared.board import BoardLine, MonthBoard
from thuocdo.declared.progress import months_between
from thuocdo.declared.tables import board_json, board_tables
from thuocdo.declared.wording import (
    finding_sentence,
    goal_called,
    left_out,
    marks,
    month_called,
    needed_called,
    percent,
    praise,
    remind,
    rules,
    silence,
    state_called,
)
from thuocdo.periods.wording import seconds, share
from thuocdo.publication.csv_files import csv_files
from thuocdo.publication.document import (
    CellAlign,
    DocumentPart,
    HeadingPart,
    OfficialDocument,
    ParagraphKind,
    ParagraphPart,
    TableColumn,
    TablePart,
    numbered,
)
from thuocdo.publication.issuing import IssuingBody
from thuocdo.publication.letter import letter_end, letter_head
from thuocdo.publication.packing import PrintsPages, document_files
from thuocdo.publication.plain_workbook import write_plain, written_workbook
from thuocdo.publication.sheet_writing import SheetWriter
from thuocdo.publication.tables import CellValue
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import ABSENT

A3 = 8
"""A year of months beside each goal is too wide for less."""

MOST_LINES = 60
MOST_FINDINGS = 40
"""In the report; the workbook has all."""


def board_files(
    board: MonthBoard, issuer: IssuingBody | None, printer: PrintsPages | None
) -> Iterator[tuple[str, bytes]]:
    """
    Yield the files of a board: path below its folder, and bytes; the same board gives the same bytes.

    Args:
        board: of a month.
        issuer: whose report it is; None = its places stay blank.
        printer: prints what becomes PDF; None = there is no PDF file.

    Raises:
        BrowserUnavailableError: the printer's browser died.
    """
    yield from document_files("bang-theo-doi", board_report(board, issuer), printer)
    yield "bang-theo-doi.xlsx", board_workbook(board)
    yield from csv_files(board_tables(board))
    yield "so-lieu.json", board_json(board).encode()


def board_report(board: MonthBoard, issuer: IssuingBody | None) -> OfficialDocument:
    """Return the report of a board: who met its goals, who did not, what to make clear, and how it was counted."""
    return OfficialDocument(
        kind=fixed_text("package.report.kind"),
        title=fixed_text("declared.title", month=month_called(board.month)),
        parts=[*_summary(board), *numbered([*_goals(board), *_findings(board), *_measured(board), *_rules()])],
        made_at=board.made_at,
        marks=marks(board),
        head=letter_head(issuer),
        end=letter_end(issuer),
    )


def board_workbook(board: MonthBoard) -> bytes:
    """Return the workbook: the board as a meeting looks at it, then its tables, the dictionary, the rules."""
    title = fixed_text("declared.title", month=month_called(board.month))

    def write(added: Callable[[str], SheetWriter]) -> None:
        _board_sheet(added(fixed_text("declared.sheet.board")), board, title)
        write_plain(added, [*board_tables(board).values()], rules())

    return written_workbook(title, board.made_at, marks(board), write)


def _board_sheet(writer: SheetWriter, board: MonthBoard, title: str) -> None:
    """Write units as rows and the year's months as columns; what was measured stands apart, in columns of its own."""
    writer.heading(title, marks(board), "")
    months = months_between(board.month.first.replace(month=1), board.month.first.replace(month=12))
    names = ["unit", "kind", "indicator", "goal", "decision", "due"]
    after = ["total", "gap", "state", "needed", "few", "doubts", "availability", "seconds"]
    heads = [
        *(fixed_text(f"declared.column.{name}") for name in names),
        *(fixed_text("declared.column.month", number=month.month) for month in months),
        *(fixed_text(f"declared.column.{name}") for name in after),
    ]
    widths = [24, 10, 24, 12, 14, 11, *[7] * len(months), 8, 11, 12, 16, 8, 8, 12, 12]
    writer.sheet.set_paper(A3)
    writer.head(4, heads, widths)
    for number, line in enumerate(board.lines, start=5):
        _write_line(writer, number, line, board, [line.progress.months.get(month) is not None for month in months])
        for at, month in enumerate(months, start=len(names)):
            share_there = line.progress.months.get(month)
            text = ABSENT if share_there is None else percent(share_there.percent)
            if share_there is not None and share_there.percent is not None:
                writer.write(number, at, round(share_there.percent, 2), "number")
            else:
                writer.write(number, at, fixed_text("declared.state.nothing_arisen") if share_there else text, "text")
    writer.filtered(4, len(board.lines), len(heads), frozen=1)


def _write_line(writer: SheetWriter, row: int, line: BoardLine, board: MonthBoard, there: Sequence[bool]) -> None:
    found, goal = line.progress, line.progress.goal
    measured = board.measured.get(line.agency.id)
    first: list[tuple[CellValue, str]] = [
        (line.unit_vi, "text"),
        (line.kind, "text"),
        (line.indicator.name_vi, "text"),
        (goal_called(goal), "text"),
        (goal.decision, "text"),
        (goal.due, "day"),
    ]
    last: list[tuple[CellValue, str]] = [
        (_two(found.total.percent if found.total else None), "number"),
        (_two(found.gap), "number"),
        (state_called(line), "text"),
        (needed_called(line), "text"),
        (fixed_text("declared.few") if found.total and found.is_thin else "", "text"),
        (len(line.findings), "whole"),
        (share(measured.availability_ratio if measured else None), "text"),
        (seconds(measured.seconds if measured else None), "text"),
    ]
    for at, (value, look) in [*enumerate(first), *enumerate(last, start=len(first) + len(there))]:
        if value is None:
            writer.blank(row, at)
        else:
            writer.write(row, at, value, look)


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _summary(board: MonthBoard) -> Iterator[DocumentPart]:
    yield ParagraphPart(text=fixed_text("declared.warning"), kind=ParagraphKind.WARNING)
    yield HeadingPart(text=fixed_text("package.summary"))
    for text in (praise(board), remind(board), silence(board), left_out(board)):
        if text:
            yield ParagraphPart(text=text)


def _column(name: str, width: float, align: CellAlign = CellAlign.LEFT) -> TableColumn:
    return TableColumn(title=fixed_text(f"declared.column.{name}"), share=width, align=align)


def _goals(board: MonthBoard) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("declared.heading.goals"))
    if not board.lines:
        yield ParagraphPart(text=fixed_text("declared.no_goals"))
        return
    right = CellAlign.RIGHT
    yield TablePart(
        caption=fixed_text("declared.caption.goals", month=month_called(board.month)),
        columns=[
            _column("unit", 3), _column("indicator", 3), _column("goal", 2), _column("total", 1.4, right),
            _column("gap", 1.4, right), _column("state", 2), _column("needed", 2.4),
        ],
        rows=[
            (
                line.unit_vi,
                line.indicator.name_vi,
                f"{goal_called(line.progress.goal)} ({line.progress.goal.decision})",
                percent(line.progress.total.percent if line.progress.total else None),
                percent(line.progress.gap).replace("%", ""),
                _state(line),
                needed_called(line),
            )
            for line in board.lines[:MOST_LINES]
        ],
    )  # fmt: skip
    if len(board.lines) > MOST_LINES:
        yield ParagraphPart(
            text=fixed_text("declared.more", number=len(board.lines) - MOST_LINES), kind=ParagraphKind.NOTE
        )


def _state(line: BoardLine) -> str:
    few = line.progress.total is not None and line.progress.is_thin
    return f"{state_called(line)} ({fixed_text('declared.few')})" if few else state_called(line)


def _findings(board: MonthBoard) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("declared.heading.findings"))
    told = [
        finding_sentence(one, board.agencies[agency_id]) for agency_id, found in board.findings.items() for one in found
    ]
    yield ParagraphPart(text=fixed_text("declared.findings" if told else "declared.no_findings"))
    for text in told[:MOST_FINDINGS]:
        yield ParagraphPart(text=text, kind=ParagraphKind.ITEM)
    if len(told) > MOST_FINDINGS:
        yield ParagraphPart(text=fixed_text("declared.more", number=len(told) - MOST_FINDINGS), kind=ParagraphKind.NOTE)


def _measured(board: MonthBoard) -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("declared.heading.measured"))
    yield ParagraphPart(text=fixed_text("declared.measured"))
    right = CellAlign.RIGHT
    yield TablePart(
        caption=fixed_text("declared.caption.measured", month=month_called(board.month)),
        columns=[_column("agency", 4), _column("availability", 2, right), _column("seconds", 2, right)],
        rows=[
            (
                whose.agency.full_name("vi"),
                share(measured.availability_ratio if (measured := board.measured.get(agency_id)) else None),
                seconds(measured.seconds if measured else None),
            )
            for agency_id, whose in board.agencies.items()
        ],
    )


def _rules() -> Iterator[DocumentPart]:
    yield HeadingPart(text=fixed_text("declared.heading.rules"))
    for about, text in rules():
        yield ParagraphPart(text=f"{about}: {text}", kind=ParagraphKind.ITEM)
