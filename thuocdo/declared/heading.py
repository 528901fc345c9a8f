"""
Finds the heading of a table by its words, wherever it stands, and says which column is what.

A heading has one row, or two where groups stand over columns ("Đã giải quyết" over "Trước hạn", "Đúng hạn"). Nothing goes by
position. A column that nobody knows is a mistake, not passed over: it may be a known one that somebody called otherwise.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from probes.spelling import folded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamlfile import nearest
from thuocdo.declared.grid import Cell, Grid
from thuocdo.declared.indicators import all_indicators

SEARCHED_ROWS = 40
FEWEST_COLUMNS = 2
"""So many known columns make a heading; one of them at least is counted or published."""

ABOUT: Mapping[str, tuple[str, ...]] = {
    "agency": ("agency", "cơ quan", "mã cơ quan"),
    "unit": (
        "unit", "đơn vị", "tên đơn vị", "đơn vị giải quyết", "cơ quan, đơn vị", "đơn vị thực hiện", "sở, ban, ngành",
        "đơn vị/địa phương", "tên cơ quan, đơn vị", "xã, phường", "xã/phường",
    ),
    "period": ("period", "kỳ", "kỳ báo cáo", "tháng", "tháng báo cáo", "thời gian", "kỳ số liệu"),
    "span": ("span", "loại kỳ", "loại số liệu"),
    "procedure_code": ("procedure_code", "mã thủ tục", "mã tthc", "mã số tthc", "mã thủ tục hành chính"),
    "level": ("level", "mức độ", "mức độ dịch vụ công"),
    "published_percent": (
        "published_percent", "tỷ lệ đúng hạn", "tỷ lệ", "tỷ lệ (%)", "tỷ lệ giải quyết đúng hạn", "tỷ lệ đúng hạn (%)",
        "đã giải quyết tỷ lệ", "đã xử lý tỷ lệ", "tỷ lệ giải quyết đúng hạn (%)", "tỷ lệ % đúng hạn",
    ),
    "rate_definition": ("rate_definition", "cách tính tỷ lệ"),
    "as_of": ("as_of", "số liệu đến ngày", "đến ngày", "ngày chốt số liệu", "tính đến ngày"),
    "source_url": ("source_url", "nguồn", "địa chỉ công bố", "nguồn số liệu"),
    "": ("stt", "tt", "số tt", "ghi chú", "note", "notes", "no", "no."),
}  # fmt: skip
"""What columns that are not counted are called; those of "" are passed over."""

_Candidate = tuple[int, int, Sequence[str | None], Sequence[str]]

_SIGNS = re.compile(r"[.:*]+$|\s*\((?:hồ sơ|thủ tục|lượt|số lượng)\)$")
_SPACED = re.compile(r"\s*([/,])\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """
    Where a table's columns are.

    columns: by what they hold, from 0. body_from: index of the first row below it. place: of its first known cell.
    """

    columns: Mapping[str, int]
    body_from: int
    place: str


def find_heading(name: str, grid: Grid) -> Heading | None:
    """
    Return the heading of a grid; None where nothing looks like one.

    Args:
        name: of the file, for messages.
        grid: one table.

    Raises:
        ConfigurationError: there are two, a column stands twice or is not known.
    """
    rows = range(min(len(grid.rows), SEARCHED_ROWS))
    like = [one for row in rows for depth in (1, 2) if _is_heading((one := _read(grid, row, depth))[2])]
    found: list[_Candidate] = []
    # The most known columns first: what lies across them is a part of the same heading, or takes a row of figures for one.
    for row, depth, columns, texts in sorted(like, key=lambda one: (-_known(one[2]), one[1], one[0])):
        if all(row + depth <= other[0] or other[0] + other[1] <= row for other in found):
            found.append((row, depth, columns, texts))
    if not found:
        return None
    if len(found) > 1:
        first, second = sorted(grid.numbers[one[0]] for one in found[:2])
        raise ConfigurationError(
            f"{_where(name, grid)}: rows {first} and {second} both look like a heading; keep one table in the sheet"
        )
    return _checked(name, grid, *found[0])


def meaning_of_heading(text: str) -> str | None:
    """Return what a column is by its heading; empty: it is passed over; None: nobody knows it."""
    return _known_headings().get(_plain(text))


def says_figures(columns: Iterable[str | None]) -> bool:
    """Tell whether something that is counted or published is among some columns."""
    return not _figures().isdisjoint(columns)


@cache
def _figures() -> frozenset[str]:
    return frozenset({"published_percent", *(one.id for one in all_indicators().counts)})


@cache
def _known_headings() -> Mapping[str, str]:
    known = {_plain(text): column for column, texts in ABOUT.items() for text in texts}
    for count in all_indicators().counts:
        known |= {_plain(text): count.id for text in (count.id, count.name_vi, count.name_en, *count.headings)}
    return known


def _plain(text: str) -> str:
    return _SIGNS.sub("", _SPACED.sub(r"\1", folded(text.replace("_", " ")))).strip()


def _read(grid: Grid, row: int, depth: int) -> _Candidate:
    """Return a possible heading: its first row, how many it has, what its columns are and are called."""
    if row + depth > len(grid.rows):
        return row, depth, (), ()
    rows = [grid.rows[row + step] for step in range(depth)]
    names = list(_names(rows))
    return row, depth, [_meaning(candidates) for candidates in names], [one[0] if one else "" for one in names]


def _names(rows: Sequence[Sequence[Cell]]) -> Iterator[list[str]]:
    """Yield by column what it may be called, the surest first."""
    group = ""
    for column in range(max(map(len, rows))):
        texts = [
            cells[column].text if column < len(cells) and isinstance(cells[column].value, str) else "" for cells in rows
        ]
        if len(rows) == 1:
            yield [texts[0]] if texts[0] else []
            continue
        group = texts[0] or group  # CSV writes a merged area's text once
        own = texts[1]
        if not own or own == texts[0]:
            yield [texts[0]] if texts[0] else []
        else:
            yield [f"{group} {own}", own] if group else [own]


def _meaning(candidates: Sequence[str]) -> str | None:
    return next((found for text in candidates if (found := meaning_of_heading(text)) is not None), None)


def _known(columns: Sequence[str | None]) -> int:
    """Return how many different columns are known: a group that spans several is one."""
    return len({one for one in columns if one})


def _is_heading(columns: Sequence[str | None]) -> bool:
    return _known(columns) >= FEWEST_COLUMNS and says_figures(columns)


def _checked(
    name: str, grid: Grid, row: int, depth: int, columns: Sequence[str | None], texts: Sequence[str]
) -> Heading:
    places: dict[str, int] = {}
    problems = []
    for at, (column, text) in enumerate(zip(columns, texts, strict=True)):
        cells = grid.rows[row + depth - 1]
        place = cells[at].place if at < len(cells) else grid.rows[row][at].place
        if column is None and text:
            hint = nearest(_plain(text), _known_headings())
            problems.append(
                f"{name}, {place}: nobody knows a column '{text}'{hint or '; delete it, or call it Ghi chú'}"
            )
        elif column and column in places:
            other = grid.rows[row + depth - 1][places[column]].place
            problems.append(f"{name}, {place}: this column says the same as {other}; keep one of them")
        elif column:
            places[column] = at
    if problems:
        raise ConfigurationError(problems)
    return Heading(columns=places, body_from=row + depth, place=grid.rows[row][min(places.values())].place)


def _where(name: str, grid: Grid) -> str:
    return f"{name}, {grid.name}" if grid.name else name
