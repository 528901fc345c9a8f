"""
What people and programs send as tables, cell by cell: CSV, XLSX and JSON become one kind of grid, with the place of each cell.

Whatever is brought may be hostile: a workbook is unpacked only as far as it says it goes, and no further than an office's
table ever does.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from pathlib import PurePath
from typing import IO
from unicodedata import normalize

from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet.worksheet import Worksheet

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import nearest

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED_BYTES = 40 * 1024 * 1024
MOST_CELLS = 250_000
"""Of a sheet, rows and cells of merged areas among them; each takes about a kilobyte while it is read."""

MOST_PARTS = 2_000
MOST_ROWS = 20_000
MOST_COLUMNS = 200
LONGEST_TEXT = 500
MOST_PROBLEMS = 200
"""Told of one file; whoever sees so many has brought another file than was meant."""

Value = str | int | float | bool | date | None

_MEGABYTE = 1024 * 1024
_FIRST_DAY, _LAST_DAY = 36_526, 73_050
"""Serial numbers of 2000-01-01 and 2099-12-31; what lies beyond is no day that figures are told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    A cell.

    value: None = empty. place: as people call it, such as "Sheet1!B7" or "line 7, column 2". is_percent: it is shown as a
    percentage. is_unknown: it holds a formula whose result was not stored.
    """

    value: Value
    place: str
    is_percent: bool = False
    is_unknown: bool = False

    @property
    def text(self) -> str:
        """What stands there, in one line; empty where nothing does."""
        return "" if self.value is None else " ".join(normalize("NFC", str(self.value)).split())[:LONGEST_TEXT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """
    A table. name: of the sheet, empty for CSV. rows: of different lengths. numbers: of each row, as people count. hidden: how
    many rows are hidden.
    """

    name: str
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int]
    hidden: int = 0


def read_grids(name: str, content: bytes) -> list[Grid]:
    """
    Return the tables of a file: one of CSV or JSON, one per visible sheet of XLSX.

    Args:
        name: what the file is called; only its ending and messages use it.
        content: its bytes.

    Raises:
        ConfigurationError: it is neither, is too large, or is broken; says how to mend it.
    """
    if len(content) > MOST_BYTES:
        raise ConfigurationError(
            f"{name}: has more than {MOST_BYTES // _MEGABYTE} MB; no table of figures needs that, give one month at a time"
        )
    if PurePath(name).suffix.lower() == ".json":
        return [_listed(name, content)]
    if content.startswith(b"PK\x03\x04"):
        return _sheets(name, content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise ConfigurationError(
            f"{name}: is a workbook of the old kind or has a password; save it as .xlsx without one"
        )
    if PurePath(name).suffix.lower() in (".xlsx", ".xlsm"):
        raise ConfigurationError(f"{name}: is no workbook; save it from the spreadsheet as .xlsx")
    return [_table(name, content)]


def of_sheet(name: str, grids: Sequence[Grid], sheet: str) -> Sequence[Grid]:
    """
    Return the tables that are to be read.

    Args:
        name: of the file, for messages.
        grids: all its tables.
        sheet: that was asked for; empty = all.

    Raises:
        ConfigurationError: there is no such sheet; the message names the nearest.
    """
    names = [grid.name for grid in grids]
    if sheet and sheet not in names:
        raise ConfigurationError(f"{name}: no sheet '{sheet}'{nearest(sheet, names)} (there are: {', '.join(names)})")
    return [grid for grid in grids if sheet in ("", grid.name)]


def rows_below(grid: Grid, first: int) -> Iterable[tuple[Sequence[Cell], str]]:
    """Yield the rows of a table from one on (counted from 0), each with its place as people call it, such as "Sheet1!7"."""
    for cells, number in zip(grid.rows[first:], grid.numbers[first:], strict=True):
        yield cells, f"{grid.name}!{number}" if grid.name else f"{number}"


def refuse(name: str, problems: Sequence[str]) -> None:
    """Refuse a file that has mistakes; raises ConfigurationError with them, of very many with the first."""
    more = len(problems) - MOST_PROBLEMS
    if more > 0:
        raise ConfigurationError([*problems[:MOST_PROBLEMS], f"{name}: and {more} more mistakes; mend these first"])
    if problems:
        raise ConfigurationError(problems)


def _table(name: str, content: bytes) -> Grid:
    try:
        text = normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise ConfigurationError(
            f"{name}: is no text in UTF-8; save it from the spreadsheet as 'CSV UTF-8 (comma delimited)', or as .xlsx"
        ) from exc
    lines = text.splitlines()
    delimiter = max(";,\t", key=lambda one: max((line.count(one) for line in lines[:30]), default=0))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    begin = 1
    try:
        for cells in reader:
            if len(rows) >= MOST_ROWS or len(cells) > MOST_COLUMNS:
                raise ConfigurationError(_too_large(name))
            rows.append(
                [Cell(value=one.strip() or None, place=f"line {begin}, column {at}") for at, one in enumerate(cells, 1)]
            )
            numbers.append(begin)
            begin = reader.line_num + 1
    except csv.Error as exc:
        raise ConfigurationError(f"{name}:{reader.line_num}: no valid CSV ({exc}); look at the quotes there") from exc
    return Grid(name="", rows=rows, numbers=numbers)


def _listed(name: str, content: bytes) -> Grid:
    """Return {"rows": [{heading: value}]} as a table."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise ConfigurationError(f"{name}: is no JSON ({exc}); look at that place") from exc
    rows = document.get("rows") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or set(document) != {"rows"}:
        raise ConfigurationError(
            f"{name}: is not an object that holds a list called rows, of objects, and nothing else"
        )
    heading = list(dict.fromkeys(key for row in rows for key in row))
    if len(rows) > MOST_ROWS or len(heading) > MOST_COLUMNS:
        raise ConfigurationError(_too_large(name))
    cells = [[Cell(value=key, place=f"rows, {key}") for key in heading]]
    for number, row in enumerate(rows):
        cells.append([Cell(value=_plain(row.get(key)), place=f"rows[{number}].{key}") for key in heading])
    return Grid(name="", rows=cells, numbers=range(len(cells)))


def _plain(value: object) -> Value:
    """Return a value of JSON as that of a cell; what is nested is text, which no column takes."""
    if isinstance(value, str):
        return value.strip() or None
    return _finite(value) if value is None or isinstance(value, int | float | bool) else json.dumps(value)


def _finite(value: Value) -> Value:
    """Return a value; a number without end, or that is none, as the text that no column takes."""
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _too_large(name: str) -> str:
    return (
        f"{name}: has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns; delete what stands beside the table, then save it "
        "again"
    )


def _sheets(name: str, content: bytes) -> list[Grid]:
    broken = f"{name}: cannot be read as a workbook; open it in a spreadsheet and save it again as .xlsx"
    try:
        has_formulas = _looked_through(name, content)
        values = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(content), data_only=False, keep_links=False) if has_formulas else None
        return [
            _sheet(name, sheet, formulas[sheet.title] if formulas else None)
            for sheet in values.worksheets
            if sheet.sheet_state == "visible"
        ]
    except ConfigurationError:
        raise
    except Exception as exc:  # openpyxl raises whatever a broken workbook makes it stumble over
        raise ConfigurationError(broken) from exc


def _looked_through(name: str, content: bytes) -> bool:
    """
    Refuse a workbook that would take much memory or time, before it is read; tell whether it has formulas.

    Its parts are never unpacked beyond what they say; merged areas count as cells, since each cell of theirs is made.
    """
    has_formulas = False
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS or sum(one.file_size for one in parts) > MOST_UNPACKED_BYTES:
            raise ConfigurationError(
                f"{name}: unpacks to more than {MOST_UNPACKED_BYTES // _MEGABYTE} MB; save only the table of figures"
            )
        for part in parts:
            if "worksheets/" in part.filename and part.filename.endswith(".xml"):
                with packed.open(part) as file:
                    cells, formulas = _counted(file)
                has_formulas |= formulas > 0
                if cells > MOST_CELLS:
                    raise ConfigurationError(_too_large(f"{name}, {PurePath(part.filename).stem}"))
    return has_formulas


def _counted(file: IO[bytes]) -> tuple[int, int]:
    """Return how many cells, rows and cells of merged areas a sheet has, as far as MOST_CELLS, and how many formulas."""
    found = formulas = 0
    for _, element in iterparse(file):
        kind = element.tag.rpartition("}")[2]
        if kind in ("c", "row"):
            found += 1
        elif kind == "f":
            formulas += 1
        elif kind == "mergeCell":
            left, top, right, bottom = range_boundaries(element.get("ref", ""))
            found += (1 + (right or 0) - (left or 0)) * (1 + (bottom or 0) - (top or 0))
        if found > MOST_CELLS:
            break
        element.clear()
    return found, formulas


def _sheet(name: str, sheet: Worksheet, formulas: Worksheet | None) -> Grid:
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        raise ConfigurationError(_too_large(f"{name}, {sheet.title}"))
    merged = _merged(sheet)
    rows = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = []
        for column in range(1, len(cells) + 1):
            at = merged.get((number, column), (number, column))
            shown = sheet.cell(*at)
            is_formula = formulas is not None and shown.value is None and formulas.cell(*at).data_type == "f"
            place = f"{sheet.title}!{get_column_letter(column)}{number}"
            row.append(_cell(shown, place, is_unknown=is_formula))
        rows.append(row)
    hidden = sum(1 for number in range(1, len(rows) + 1) if sheet.row_dimensions[number].hidden)
    return Grid(name=sheet.title, rows=rows, numbers=range(1, len(rows) + 1), hidden=hidden)


def _merged(sheet: Worksheet) -> Mapping[tuple[int, int], tuple[int, int]]:
    """Return by each cell of a merged area the one whose value people see there."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, min(area.max_row, sheet.max_row) + 1):
            for column in range(area.min_col, min(area.max_col, sheet.max_column) + 1):
                found[row, column] = (area.min_row, area.min_col)
    return found


def _cell(cell: SheetCell | MergedCell, place: str, *, is_unknown: bool) -> Cell:
    value = cell.value
    if isinstance(value, datetime):
        value = value.date()
    elif not isinstance(value, str | int | float | bool | date | None):
        value = str(value)
    if isinstance(value, str):
        value = value.strip() or None
    return Cell(value=_finite(value), place=place, is_percent="%" in (cell.number_format or ""), is_unknown=is_unknown)


def day_of_serial(number: float) -> date | None:
    """Return the day of a spreadsheet's serial number; None where it is none of this century."""
    if number != int(number) or not _FIRST_DAY <= number <= _LAST_DAY:
        return None
    found = from_excel(int(number))
    return found.date() if isinstance(found, datetime) else None
