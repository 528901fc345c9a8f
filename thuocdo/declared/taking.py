"""Turns a file that somebody brought into rows, or into all of its mistakes: a file is taken whole or not at all."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from probes.spelling import folded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import DeclaredFile, DeclaredRow, RateDefinition, RowKey, Span
from thuocdo.core.shapes import good_line, good_url
from thuocdo.core.yamlfile import nearest
from thuocdo.declared.grid import Cell, Grid, of_sheet, read_grids, refuse, rows_below
from thuocdo.declared.heading import Heading, find_heading, says_figures
from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.units import DeclaringAgency
from thuocdo.declared.values import (
    DEFINITIONS,
    SPANS,
    MistakenCellError,
    code_of,
    count_of,
    day_of,
    is_blank,
    is_undone,
    percent_of,
    period_of,
)

Meaning = TypeVar("Meaning")

_TOTALS = tuple(map(folded, ("tổng cộng", "tổng số", "tổng", "cộng", "toàn tỉnh", "toàn ngành", "total")))
_NOTES = tuple(map(folded, ("ghi chú", "nguồn", "người lập", "lập biểu", "ngày", "note")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    A file that holds no mistake.

    undone: so many codes had become numbers. hidden: so many rows are hidden in the sheet, and were read. passed_over: rows
    below the table that hold no figures.
    """

    file: DeclaredFile
    undone: int = 0
    hidden: int = 0
    passed_over: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """
    A file as it comes.

    sheet: the one to read, empty = the only one with a heading. period: of rows that name none, such as 2026-11; empty = each
    must. entered_by: who brings it.
    """

    name: str
    content: bytes
    entered_by: str
    received_at: datetime
    sheet: str = ""
    period: str = ""


def take(brought: Brought, whose: DeclaringAgency) -> Taken:
    """
    Return the rows of a file.

    Raises:
        ConfigurationError: all mistakes of the file, each with its cell, of very many the first.
    """
    grid, heading = _table_of(brought)
    reading = _Reading(brought=brought, whose=whose, heading=heading)
    for cells, where in rows_below(grid, heading.body_from):
        reading.read(cells, where)
    if not reading.problems and not any(row.counts or row.published_percent is not None for row in reading.rows):
        reading.problems.append(f"{brought.name}: there is no row with figures below the heading; fill in the table")
    refuse(brought.name, reading.problems)
    file = DeclaredFile(
        agency_id=whose.agency.id,
        digest=hashlib.sha256(brought.content + b"\0" + f"{brought.sheet}\0{brought.period}".encode()).hexdigest(),
        name=brought.name,
        entered_by=brought.entered_by,
        received_at=brought.received_at,
        rows=tuple(reading.rows),
        indicators_version=all_indicators().version,
    )
    return Taken(file=file, undone=reading.undone, hidden=grid.hidden, passed_over=reading.passed_over)


def _table_of(brought: Brought) -> tuple[Grid, Heading]:
    chosen = of_sheet(brought.name, read_grids(brought.name, brought.content), brought.sheet)
    found = [(grid, heading) for grid in chosen if (heading := find_heading(brought.name, grid))]
    if not found:
        raise ConfigurationError(
            f"{brought.name}: no row looks like a heading, with at least two columns such as Đơn vị, Tiếp nhận, Đúng hạn; "
            "`thuocdo declared template` writes an empty table"
        )
    if len(found) > 1:
        several = ", ".join(grid.name for grid, _ in found)
        raise ConfigurationError(f"{brought.name}: several sheets hold a table ({several}); say which by --sheet")
    return found[0]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Reads row after row."""

    brought: Brought
    whose: DeclaringAgency
    heading: Heading
    rows: list[DeclaredRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    undone: int = 0
    passed_over: int = 0
    _seen: dict[RowKey, str] = field(default_factory=dict)

    def read(self, cells: Sequence[Cell], where: str) -> None:
        """Keep a row, or note everything that is wrong with it."""
        found = {name: cells[at] for name, at in self.heading.columns.items() if at < len(cells)}
        said = {name: cell for name, cell in found.items() if not is_blank(cell)}
        if not said:
            return
        if not says_figures(said) and self._is_beside(said):
            self.passed_over += 1
            return
        before = len(self.problems)
        for cell in said.values():
            if cell.is_unknown:
                self._report(cell, "the formula has no stored result; open the file in a spreadsheet and save it again")
        if len(self.problems) > before:
            return
        row = self._row(said, where)
        if len(self.problems) > before or row is None:
            return
        if other := self._seen.get(row.key):
            text = f"says the same as row {other}: one unit and period has one row; delete one of them"
            self.problems.append(f"{self.brought.name}, {where}: {text}")
            return
        self._seen[row.key] = where
        self.rows.append(row)

    def _is_beside(self, said: Mapping[str, Cell]) -> bool:
        """Tell whether a row without figures is a note, or a line of units that say nothing."""
        cell = said.get("unit")
        if cell is None:
            return True
        text = folded(cell.text)
        return text.startswith(_NOTES) or self._unit(text) is None

    def _row(self, said: Mapping[str, Cell], where: str) -> DeclaredRow | None:
        self._check_agency(said.get("agency"))
        unit = self._unit_of(said.get("unit"))
        span = self._span_of(said, where)
        counts = {}
        for one in all_indicators().counts:
            if one.id in said:
                counts[one.id] = self._tried(said[one.id], count_of)
        if "procedure_code" in said and is_undone(said["procedure_code"]):
            self.undone += 1
        code = self._tried(said["procedure_code"], code_of) if "procedure_code" in said else ""
        percent = self._tried(said["published_percent"], percent_of) if "published_percent" in said else None
        as_of = self._tried(said["as_of"], day_of) if "as_of" in said else None
        level, url = self._text(said.get("level"), good_line), self._text(said.get("source_url"), good_url)
        definition = self._definition(said.get("rate_definition"))
        if unit is None or span is None or code is None:
            return None
        return DeclaredRow(
            key=RowKey(unit_id=unit, span=span[0], first=span[1], procedure_code=code, level=level),
            counts=counts,
            published_percent=percent,
            rate_definition=definition,
            as_of=as_of,
            source_url=url,
            where=where,
        )

    def _check_agency(self, cell: Cell | None) -> None:
        agency = self.whose.agency
        names = (agency.id, agency.name_vi, agency.name_en)
        if cell is not None and folded(cell.text) not in map(folded, names):
            self._report(cell, f"'{cell.text}' is another agency than {agency.full_name('vi')}; give each its own file")

    def _unit_of(self, cell: Cell | None) -> str | None:
        if cell is None:
            if self.whose.units and "unit" in self.heading.columns:
                self.problems.append(f"{self.brought.name}, {self.heading.place}: a row names no unit; write its name")
                return None
            return ""
        found = self._unit(folded(cell.text))
        if found is None:
            known = {one.name_vi for one in self.whose.units.values()}
            hint = nearest(cell.text, known) or "; add it to the units of this agency's file of goals"
            self._report(cell, f"nobody knows a unit '{cell.text}'{hint}")
        return found

    def _unit(self, text: str) -> str | None:
        """Return the id of a unit by its folded name; empty for the whole agency."""
        agency = self.whose.agency
        if text in _TOTALS or text in (folded(agency.name_vi), folded(agency.name_en), agency.id):
            return ""
        for unit in self.whose.units.values():
            if text in map(folded, (unit.id, unit.name_vi, unit.name_en, *unit.other_names)):
                return unit.id
        return None

    def _span_of(self, said: Mapping[str, Cell], where: str) -> tuple[Span, date] | None:
        cell = said.get("period")
        if cell is None:
            if not self.brought.period:
                self.problems.append(
                    f"{self.brought.name}, {where}: no period is named; add a column Kỳ, or say one by --period"
                )
                return None
            cell = Cell(value=self.brought.period, place="--period")
        found = self._tried(cell, period_of)
        span_cell = said.get("span")
        if found is None or span_cell is None:
            return found
        span = SPANS.get(folded(span_cell.text))
        if span is None:
            self._report(span_cell, f"'{span_cell.text}' is no kind of period; write tháng, quý, năm or luỹ kế")
            return None
        fits = {Span.YEAR_TO_DATE: Span.MONTH}.get(span, span) is found[0]
        if not fits:
            self._report(span_cell, f"'{span_cell.text}' does not fit its period; luỹ kế is told up to a month")
        return span, found[1]

    def _definition(self, cell: Cell | None) -> RateDefinition:
        if cell is None:
            return RateDefinition.UNKNOWN
        found = DEFINITIONS.get(folded(cell.text))
        if found is None:
            self._report(cell, f"'{cell.text}' is no way to count; write trên số đã giải quyết or trên số đến hạn")
        return found or RateDefinition.UNKNOWN

    def _text(self, cell: Cell | None, good: Callable[[str], str]) -> str:
        if cell is None:
            return ""
        try:
            return good(cell.text)
        except ValueError as exc:
            self._report(cell, str(exc))
            return ""

    def _tried(self, cell: Cell, read: Callable[[Cell], Meaning]) -> Meaning | None:
        try:
            return read(cell)
        except MistakenCellError as exc:
            self._report(cell, str(exc))
            return None

    def _report(self, cell: Cell, text: str) -> None:
        self.problems.append(f"{self.brought.name}, {cell.place}: {text}")


def changes(
    before: Iterable[DeclaredRow], after: Iterable[DeclaredRow]
) -> list[tuple[RowKey, str, int | None, int | None]]:
    """Return what a newer file says otherwise of the same rows: key, count, before, after."""
    old = {one.key: one for one in before}
    return [
        (row.key, name, old[row.key].counts.get(name), row.counts.get(name))
        for row in after
        if row.key in old
        for name in sorted({*row.counts, *old[row.key].counts})
        if old[row.key].counts.get(name) != row.counts.get(name)
    ]
