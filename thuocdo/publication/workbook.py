"""The workbook of a package (`phu-luc.xlsx`): what people open instead of the tables for machines."""

import io
from collections.abc import Mapping, Sequence

from xlsxwriter import Workbook

from thuocdo.publication.content import RoundContent
from thuocdo.publication.dictionary import all_tables
from thuocdo.publication.letter import marks
from thuocdo.publication.method import method_rows
from thuocdo.publication.plain_workbook import OPTIONS, write_dictionary, write_rules, write_table
from thuocdo.publication.result_sheets import PointRows, Sums, write_points, write_ranking
from thuocdo.publication.sheet_writing import SheetWriter, all_formats
from thuocdo.publication.tables import CellValue, FilledTable
from thuocdo.publication.texts import fixed_text


def workbook_bytes(content: RoundContent, tables: Mapping[str, FilledTable]) -> bytes:
    """
    Return the workbook; the same content gives the same bytes.

    Sheets are numbered as in the outline of such reports; 4 and 5 (procedures, files) are not there, and 3 and 6 only where
    there is something on them.
    """
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    workbook.set_properties(
        {
            "title": fixed_text("package.title", round=content.round.label),
            "author": "Thước Đo",
            "comments": ". ".join(marks(content)),
            "created": content.made_at.replace(tzinfo=None),
        }
    )
    _Sheets(workbook, content, tables).write()
    workbook.close()
    return out.getvalue()


class _Sheets:
    """Writes the sheets of one workbook, in order."""

    def __init__(self, workbook: Workbook, content: RoundContent, tables: Mapping[str, FilledTable]) -> None:
        self._workbook, self._content, self._tables = workbook, content, tables
        self._marks = marks(content)
        self._formats = all_formats(workbook)

    def write(self) -> None:
        content, data = self._content, self._tables["so-lieu"]
        rows = PointRows(content, fixed_text("package.sheet.points"))
        write_ranking(self._added("ranking"), content, self._marks, Sums(data, fixed_text("package.sheet.data")), rows)
        write_points(self._added("points"), content, self._marks, rows)
        if content.assessments:
            self._functions()
        if content.objections or content.overrulings:
            self._objections()
        write_table(self._added("data"), data)
        write_dictionary(self._added("dictionary"), all_tables())
        self._method()

    def _added(self, name: str) -> SheetWriter:
        return SheetWriter(self._workbook, fixed_text(f"package.sheet.{name}"), self._formats, self._marks)

    def _functions(self) -> None:
        """Write points that people gave, with the digest of what they rest on; who gave them is nobody's business outside."""
        table = self._tables["diem"]
        names = ("agency_vi", "criterion_vi", "points", "points_of", "entered_on", "evidence_sha256", "agency_id")
        entered = table.column("entered_on")
        rows = [[row[table.column(name)] for name in names] for row in table.rows if row[entered] is not None]
        writer = self._added("functions")
        writer.heading(fixed_text("package.title", round=self._content.round.label), self._marks, "")
        titles = [
            *(fixed_text(f"package.column.{name}") for name in ("agency", "criterion", "points", "points_of")),
            *(fixed_text(f"package.sheet.{name}") for name in ("entered", "evidence", "id")),
        ]
        writer.head(4, titles, [34, 40, 9, 9, 12, 40, 18])
        looks = ("text", "text", "number", "number", "day", "text", "line")
        for number, row in enumerate(rows, start=5):
            for column, (value, look) in enumerate(zip(row, looks, strict=True)):
                writer.write(number, column, value, look)
        writer.filtered(4, len(rows), len(titles), frozen=1)

    def _objections(self) -> None:
        content, table = self._content, self._tables["giai-trinh"]
        names = ("number", "agency_vi", "target", "objection_kind", "claim", "decision", "decision_reason", "days")
        writer = self._added("objections")
        writer.heading(fixed_text("package.objections"), self._marks, "")
        titles = [next(one.title_vi for one in table.meaning.columns if one.name == name) for name in names]
        writer.head(4, titles, [10, 28, 24, 20, 44, 18, 44, 9])
        for number, row in enumerate(table.rows, start=5):
            for column, name in enumerate(names):
                writer.write(number, column, row[table.column(name)], "whole" if name == "days" else "text")
        writer.filtered(4, len(table.rows), len(titles), frozen=2)
        below = 7 + len(table.rows)
        if content.overrulings:
            writer.note(below, fixed_text("package.sheet.overruled"))
            for column, name in enumerate(("obstacle", "by", "on")):
                writer.write(below + 1, column, fixed_text(f"package.sheet.{name}"), "head")
            writer.write(below + 1, 3, fixed_text("package.column.why"), "head")
            for number, one in enumerate(content.overrulings, start=below + 2):
                cells: Sequence[CellValue] = (one.obstacle, one.by, one.on, one.reason)
                for column, value in enumerate(cells):
                    writer.write(number, column, value)

    def _method(self) -> None:
        lines = [
            *method_rows(self._content),
            *(
                (fixed_text("package.column.remark"), text)
                for text in (
                    *(fixed_text(f"package.scope.{name}") for name in ("certain", "places", "own_fault")),
                    self._content.criteria.note_vi,
                    fixed_text("package.sheet.formulas"),
                    fixed_text("package.sheet.open_csv"),
                )
                if text
            ),
        ]
        write_rules(self._added("method"), lines)
