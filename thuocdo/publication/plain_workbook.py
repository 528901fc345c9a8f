"""Workbooks of flat tables: a sheet each, then what their columns mean, and how the figures came about."""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from xlsxwriter import Workbook

from thuocdo.publication.dictionary import ColumnType, TableMeaning
from thuocdo.publication.sheet_writing import SheetWriter, all_formats
from thuocdo.publication.tables import FilledTable
from thuocdo.publication.texts import fixed_text

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
LONGEST_NAME = 31
"""Of a sheet, in any spreadsheet."""

_LOOKS = {
    ColumnType.STRING: "line",
    ColumnType.INTEGER: "whole",
    ColumnType.NUMBER: "exact",
    ColumnType.BOOLEAN: "centre",
    ColumnType.DATE: "day",
}
_WIDTHS = {
    ColumnType.STRING: 22.0,
    ColumnType.INTEGER: 11.0,
    ColumnType.NUMBER: 13.0,
    ColumnType.BOOLEAN: 10.0,
    ColumnType.DATE: 12.0,
}


def plain_workbook(
    title: str,
    tables: Sequence[FilledTable],
    rules: Iterable[tuple[str, str]],
    made_at: datetime,
    marks: Sequence[str] = (),
) -> bytes:
    """
    Return a workbook; the same values give the same bytes.

    Args:
        title: of the file.
        tables: a sheet each; those without rows are left out, but not of the dictionary.
        rules: what is told on the last sheet: what it is about, and the text.
        made_at: the instant that the file carries.
        marks: that every printed page must show.
    """
    return written_workbook(title, made_at, marks, lambda added: write_plain(added, tables, rules))


def written_workbook(
    title: str, made_at: datetime, marks: Sequence[str], write: Callable[[Callable[[str], SheetWriter]], None]
) -> bytes:
    """
    Return a workbook with the sheets that a function writes; it is given what adds a sheet of a name.

    Args:
        title: of the file.
        made_at: the instant that the file carries.
        marks: that every printed page must show.
        write: writes the sheets, in order.
    """
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    workbook.set_properties(
        {"title": title, "author": "Thước Đo", "comments": ". ".join(marks), "created": made_at.replace(tzinfo=None)}
    )
    formats = all_formats(workbook)
    write(lambda name: SheetWriter(workbook, name[:LONGEST_NAME], formats, marks))
    workbook.close()
    return out.getvalue()


def write_plain(
    added: Callable[[str], SheetWriter], tables: Sequence[FilledTable], rules: Iterable[tuple[str, str]]
) -> None:
    """Write a sheet for each table with rows, then what columns mean, and how the figures came about."""
    for table in tables:
        if table.rows:
            write_table(added(table.meaning.title_vi), table)
    write_dictionary(added(fixed_text("package.sheet.dictionary")), [one.meaning for one in tables])
    write_rules(added(fixed_text("package.sheet.method")), rules)


def write_table(writer: SheetWriter, table: FilledTable) -> None:
    """Write a flat table: one row of head and nothing else, so that any program reads it."""
    columns = table.meaning.columns
    writer.head(0, [column.title_vi for column in columns], [_WIDTHS[column.type] for column in columns])
    looks = [_LOOKS[column.type] for column in columns]
    for number, row in enumerate(table.rows, start=1):
        for column, (value, look) in enumerate(zip(row, looks, strict=True)):
            if value is None:
                writer.blank(number, column)
            else:
                writer.write(number, column, value, look)
    writer.filtered(0, len(table.rows), len(columns), frozen=3)


def write_dictionary(writer: SheetWriter, tables: Iterable[TableMeaning]) -> None:
    """Write what each column of each table means."""
    names = ("table", "column", "title_vi", "about_vi", "title_en", "about_en", "type", "unit")
    writer.head(0, [fixed_text(f"package.sheet.{name}") for name in names], [14, 22, 24, 52, 24, 52, 10, 14])
    row = 0
    for table in tables:
        for column in table.columns:
            row += 1
            told_of: Sequence[str] = (
                *(f"csv/{table.name}.csv", column.name, column.title_vi, column.about_vi),
                *(column.title_en, column.about_en, column.type.value, column.unit),
            )
            for place, text in enumerate(told_of):
                writer.write(row, place, text)
    writer.filtered(0, row, len(names), frozen=2)


def write_rules(writer: SheetWriter, rules: Iterable[tuple[str, str]]) -> None:
    """Write what is told of how the figures came about."""
    writer.head(0, [fixed_text("package.column.about"), fixed_text("package.column.told")], [44, 110])
    for row, (name, text) in enumerate(rules, start=1):
        writer.write(row, 0, name)
        writer.write(row, 1, text)
    writer.sheet.freeze_panes(1, 0)
