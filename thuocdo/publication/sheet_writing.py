"""How cells are written: formats by meaning, text that stays text, and what is not there as a dash."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from thuocdo.publication.tables import CellValue
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import ABSENT

FONT = "Times New Roman"
LONGEST_CELL = 32_767
"""Characters that a cell of XLSX holds; of longer text XlsxWriter would write nothing at all."""

A4 = 9

_WRAPPED = ("text", "head")
_LETTERS_PER_WIDTH = 1.05
_LINE_POINTS = 15.0
_HIGHEST_ROW = 400.0

_BASE = {"font_name": FONT, "font_size": 11, "valign": "top"}
_CELL = _BASE | {"border": 1, "border_color": "#808080"}
_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "title": _BASE | {"bold": True, "font_size": 14},
    "note": _BASE | {"italic": True},
    "mark": _BASE | {"bold": True, "font_size": 13},
    "head": _CELL | {"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "bg_color": "#E4E4E4"},
    "text": _CELL | {"text_wrap": True},
    "line": _CELL,
    "centre": _CELL | {"align": "center"},
    "whole": _CELL | {"num_format": "#,##0"},
    "number": _CELL | {"num_format": "#,##0.00"},
    "exact": _CELL | {"num_format": "#,##0.######"},
    "share": _CELL | {"num_format": "0.0%"},
    "day": _CELL | {"num_format": "dd/mm/yyyy"},
    "typed": {"num_format": "@"},
    "aside": _CELL | {"num_format": "#,##0.00", "italic": True},
    "total": _CELL | {"bold": True, "num_format": "#,##0", "top": 2},
    "total_text": _CELL | {"bold": True, "top": 2},
}


class SheetWriter:
    """
    One sheet of a workbook.

    Args:
        workbook: it belongs to.
        name: of the sheet, at most 31 characters.
        formats: as of `all_formats`.
        marks: what every printed page must say.
    """

    def __init__(self, workbook: Workbook, name: str, formats: Mapping[str, Format], marks: Sequence[str]) -> None:
        self.sheet: Worksheet = workbook.add_worksheet(name)
        self._formats = formats
        self._widths: dict[int, float] = {}
        self._lines: dict[int, int] = {}
        self.sheet.set_paper(A4)
        self.sheet.set_landscape()
        self.sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        self.sheet.fit_to_pages(1, 0)
        page = fixed_text("package.page", number="&P", all="&N")
        self.sheet.set_header(f'&C&"{FONT},Bold"&12{" – ".join(marks)}' if marks else "")
        self.sheet.set_footer(f'&L&"{FONT},Regular"&9&A&R&"{FONT},Regular"&9{page}')

    def write(self, row: int, column: int, value: CellValue, format_: str = "text") -> None:
        """Write a value as what it is; text that begins with = + - or @ stays text, and nothing at all is a dash."""
        look = self._formats[format_]
        match value:
            case None:
                self.sheet.write_string(row, column, ABSENT, self._formats["centre"])
            case bool():
                self.sheet.write_boolean(row, column, value, look)
            case int() | float():
                self.sheet.write_number(row, column, value, look)
            case date():
                self.sheet.write_datetime(row, column, value, self._formats["day"])
            case str():
                self.sheet.write_string(row, column, fitting(value), look)
                if format_ in _WRAPPED:
                    self._needs(row, column, value)

    def _needs(self, row: int, column: int, text: str) -> None:
        """Make a row as high as a text needs: not every program does so by itself."""
        room = max(self._widths.get(column, 8.0) * _LETTERS_PER_WIDTH, 1.0)
        lines = sum(max(1, ceil(len(line) / room)) for line in text.splitlines())
        if lines > self._lines.get(row, 1):
            self._lines[row] = lines
            self.sheet.set_row(row, min(lines * _LINE_POINTS, _HIGHEST_ROW))

    def blank(self, row: int, column: int) -> None:
        """Leave a cell empty, as tables for machines have what is not there."""
        self.sheet.write_blank(row, column, None, self._formats["text"])

    def formula(self, row: int, column: int, formula: str, value: float | str, format_: str = "whole") -> None:
        """Write a formula with its value: what reads a workbook without reckoning sees nothing else."""
        self.sheet.write_formula(row, column, formula, self._formats[format_], value)

    def heading(self, title: str, marks: Sequence[str], subtitle: str) -> None:
        """Write what the sheet is, in its first three rows."""
        self.sheet.set_row(0, 21)
        self.sheet.set_row(1, 19)
        self.sheet.write_string(0, 0, fitting(title), self._formats["title"])
        self.sheet.write_string(1, 0, " – ".join(marks), self._formats["mark"])
        self.sheet.write_string(2, 0, fitting(subtitle), self._formats["note"])

    def note(self, row: int, text: str) -> None:
        """Write a line of text beside any table."""
        self.sheet.write_string(row, 0, fitting(text), self._formats["note"])

    def head(self, row: int, titles: Sequence[str], widths: Sequence[float]) -> None:
        """Write the head of a table, which is repeated on every printed page and stays while one scrolls."""
        for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
            self._widths[column] = width
            self.sheet.set_column(column, column, width)
            self.write(row, column, title, "head")
        self.sheet.repeat_rows(row)

    def typed_as_text(self, column: int, width: float) -> None:
        """Let what a person types into a column stay as it was typed: 11/2026 is no day."""
        self.sheet.set_column(column, column, width, self._formats["typed"])

    def filtered(self, head: int, rows: int, columns: int, frozen: int) -> None:
        """Let the rows below a head be filtered; keep the head and the first `frozen` columns in sight."""
        self.sheet.autofilter(head, 0, head + max(rows, 1), columns - 1)
        self.sheet.freeze_panes(head + 1, frozen)


def all_formats(workbook: Workbook) -> dict[str, Format]:
    """Return every format of a workbook, by what it is for."""
    return {name: workbook.add_format(dict(look)) for name, look in _FORMATS.items()}


def fitting(text: str) -> str:
    """Return text as a cell can hold it, with an ellipsis for what is cut."""
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
