"""
Reads a table of communes that a person has: CSV with a heading, as spreadsheets and offices save it.

Nothing is guessed: a row that does not say what it must is refused with its line, and all such lines are told at once. Only what
spreadsheets do to every number is undone: a code that lost its leading zeros gets them back.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from unicodedata import normalize

from thuocdo.core.bounded import content_of
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.shapes import good_day, good_line, good_url
from thuocdo.core.yamlfile import nearest

MOST_BYTES = 16 * 1024 * 1024
MOST_PROBLEMS = 300
CODE_DIGITS = 5

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "mã", "mã đvhc", "mã đơn vị hành chính", "mã đơn vị", "mã xã", "mã số"),
    "name": ("name", "tên", "tên đvhc", "tên đơn vị hành chính", "tên đơn vị", "tên xã"),
    "province": (
        "province",
        "tỉnh",
        "tên tỉnh",
        "tỉnh, thành phố",
        "tỉnh/thành phố",
        "tỉnh thành phố",
        "tỉnh / thành phố",
    ),
    "valid_from": ("valid_from", "từ ngày", "hiệu lực từ", "ngày hiệu lực"),
    "url": ("url", "homepage_url", "trang chủ", "địa chỉ trang chủ", "địa chỉ"),
}
"""What the columns are called where nobody says; compared without regard to case."""

_NEEDED = ("code", "name", "province")
_UNIT_KINDS = {"xã": "Commune", "phường": "Ward", "đặc khu": "Special Zone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommuneRow:
    """
    One commune as its row says.

    line: of the file, from 1. code: 5 digits. province: as it is written there. url: empty = none was given.
    """

    line: int
    code: str
    name_vi: str
    name_en: str
    province: str
    valid_from: date
    url: str = ""


@dataclass(slots=True, kw_only=True)
class CommuneTable:
    """The rows of a file in its order; filled_codes: of so many the code had lost leading zeros."""

    path: Path
    rows: list[CommuneRow] = field(default_factory=list)
    filled_codes: int = 0
    _problems: list[tuple[int, str]] = field(default_factory=list)

    def report(self, line: int, text: str) -> None:
        """Note a mistake of a line."""
        self._problems.append((line, text))

    @property
    def problems(self) -> list[str]:
        """The mistakes noted so far, in the order of the lines; of very many the first."""
        told = [f"{self.path}:{line}: {text}" for line, text in sorted(self._problems, key=lambda item: item[0])]
        more = len(told) - MOST_PROBLEMS
        return [*told[:MOST_PROBLEMS], f"{self.path}: and {more} more mistakes; mend these first"] if more > 0 else told


def read_commune_table(path: Path, columns: Mapping[str, str], *, valid_from: date) -> CommuneTable:
    """
    Read a table of communes.

    Args:
        path: CSV in UTF-8, with or without a byte order mark, its cells parted by commas, semicolons or tabs.
        columns: what columns are called, by code, name, province, valid_from, url; of those left out HEADINGS decide.
        valid_from: of rows that give no day.

    Raises:
        ConfigurationError: the file cannot be read, or lacks a column that is needed.
    """
    text = _text(path)
    table = CommuneTable(path=path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        heading = next(reader, [])
        places = _places(path, heading, columns)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found = {name: _cell(cells, place) for name, place in places.items()}
                _read_row(table, line, found, valid_from)
            line = reader.line_num + 1
    except csv.Error as exc:
        raise ConfigurationError(f"{path}:{reader.line_num}: no valid CSV ({exc}); look at the quotes there") from exc
    first: dict[str, int] = {}
    for row in table.rows:
        if first.setdefault(row.code, row.line) != row.line:
            table.report(row.line, f"this code stands in line {first[row.code]} too; remove one")
    return table


def ascii_folded(text: str) -> str:
    """Return a Vietnamese text in plain letters: "Đặc khu Lý Sơn" becomes "Dac khu Ly Son"."""
    plain = text.replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in normalize("NFD", plain) if letter.isascii())


def _text(path: Path) -> str:
    content = content_of(path, MOST_BYTES)
    if len(content) > MOST_BYTES:
        raise ConfigurationError(f"{path}: has more than {MOST_BYTES // 1024**2} MiB; no list of communes needs that")
    try:
        return normalize("NFC", content.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise ConfigurationError(
            f"{path}: is no text in UTF-8; save it from the spreadsheet as 'CSV UTF-8 (comma delimited)'"
        ) from exc


def _delimiter(text: str) -> str:
    """Return what parts the cells of the heading: some spreadsheets write semicolons, by the country's settings."""
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


def _places(path: Path, heading: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Return where each column stands."""
    names = [_folded(cell) for cell in heading]
    places: dict[str, int] = {}
    problems: list[str] = []
    for column, usual in HEADINGS.items():
        asked = columns.get(column)
        found = [index for index, name in enumerate(names) if name in ((_folded(asked),) if asked else usual)]
        option = f"--{column.replace('_', '-')}-column"
        if len(found) > 1:
            problems.append(f"{path}:1: several columns could be the {column}; say which by {option}")
        elif found:
            places[column] = found[0]
        elif asked:
            problems.append(f"{path}:1: no column '{asked}'{nearest(asked, heading)}")
        elif column in _NEEDED:
            there = ", ".join(cell.strip() for cell in heading) or "nothing"
            problems.append(f"{path}:1: no column for the {column} (there are: {there}); say which it is by {option}")
    if problems:
        raise ConfigurationError(problems)
    return places


def _folded(text: str | None) -> str:
    return " ".join(normalize("NFC", text or "").casefold().split())


def _cell(cells: Sequence[str], place: int) -> str:
    return " ".join(cells[place].split()) if place < len(cells) else ""


def _read_row(table: CommuneTable, line: int, cells: Mapping[str, str], valid_from: date) -> None:
    """Keep a row, or report everything that is wrong with it."""
    wrong = False

    def report(text: str) -> None:
        nonlocal wrong
        wrong = True
        table.report(line, text)

    for column in _NEEDED:
        if not cells[column]:
            report(f"the {column} is missing; fill it in")
    code = cells["code"]
    if code and not (code.isascii() and code.isdigit() and len(code) <= CODE_DIGITS):
        report(f"'{code}' is no code of a commune, which has {CODE_DIGITS} digits")
    kind = next((one for one in _UNIT_KINDS if _folded(cells["name"]).startswith(f"{one} ")), None)
    if cells["name"] and kind is None:
        report(f"'{cells['name']}' does not say what it is; write Xã …, Phường … or Đặc khu …")
    day = valid_from
    try:
        day = _day(cells.get("valid_from", ""), valid_from)
    except ValueError as exc:
        report(str(exc))
    for check, text in ((good_line, cells["name"]), (good_url, cells.get("url", ""))):
        try:
            check(text) if text else None
        except ValueError as exc:
            report(f"{exc} (given: {text!r})")
    if wrong or kind is None:
        return
    table.filled_codes += len(code) < CODE_DIGITS
    own_name = cells["name"][len(kind) + 1 :]
    table.rows.append(
        CommuneRow(
            line=line,
            code=code.zfill(CODE_DIGITS),
            name_vi=f"{kind.capitalize()} {own_name}",
            name_en=f"{ascii_folded(own_name)} {_UNIT_KINDS[kind]}",
            province=cells["province"],
            valid_from=day,
            url=cells.get("url", ""),
        )
    )


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return good_day(datetime.strptime(text, form).date())  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise ValueError(f"'{text}' is no day; write it as 2025-07-01 or 01/07/2025")
