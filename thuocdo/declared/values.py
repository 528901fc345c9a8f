"""
What a cell means: counts, shares, days, codes, periods, as offices write them.

Nothing is guessed. Only what spreadsheets do to everything is undone: a code that became a number, a day that became a serial
number, blanks between thousands.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from probes.spelling import folded
from thuocdo.core.model import RateDefinition, Span
from thuocdo.core.shapes import PROCEDURE_CODE, good_day
from thuocdo.declared.grid import Cell, day_of_serial

BLANKS = frozenset({"", "-", "--", "…", "...", "x"})
NOT_PUBLISHED = frozenset(map(folded, ("không công bố", "chưa công bố", "not published")))
LARGEST_COUNT = 1_000_000_000

_THOUSANDS = re.compile(r"\d{1,3}([., ])\d{3}(?:\1\d{3})*", re.ASCII)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_IN_MONTH, _IN_QUARTER, _IN_YEAR = folded("tháng"), folded("quý"), folded("năm")
_PERIODS = (
    (Span.MONTH, rf"(?:{_IN_MONTH} |t|month )?(?P<number>\d{{1,2}})[/.-](?P<year>\d{{4}})"),
    (Span.MONTH, r"(?P<year>\d{4})-(?P<number>\d{1,2})"),
    (Span.MONTH, rf"{_IN_MONTH} (?P<number>\d{{1,2}}),? {_IN_YEAR} (?P<year>\d{{4}})"),
    (Span.QUARTER, rf"(?:{_IN_QUARTER} |q)(?P<number>i{{1,3}}|iv|[1-4])[/.-](?P<year>\d{{4}})"),
    (Span.QUARTER, r"(?P<year>\d{4})-q(?P<number>[1-4])"),
    (Span.QUARTER, rf"{_IN_QUARTER} (?P<number>i{{1,3}}|iv|[1-4]),? {_IN_YEAR} (?P<year>\d{{4}})"),
    (Span.YEAR, rf"(?:{_IN_YEAR} )?(?P<year>\d{{4}})"),
)
"""How periods are written, as `folded` spells it."""

_ROMAN: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_FIRST_YEAR, _LAST_YEAR = 2000, 2999

SPANS: Mapping[str, Span] = {
    folded(text): span
    for span, texts in {
        Span.MONTH: ("month", "tháng", "trong tháng"),
        Span.QUARTER: ("quarter", "quý", "trong quý"),
        Span.YEAR: ("year", "năm", "cả năm"),
        Span.YEAR_TO_DATE: ("year_to_date", "ytd", "luỹ kế", "luỹ kế từ đầu năm"),
    }.items()
    for text in texts
}
DEFINITIONS: Mapping[str, RateDefinition] = {
    folded(text): definition
    for definition, texts in {
        RateDefinition.DONE_ONLY: ("done_only", "trên số đã giải quyết", "đã giải quyết"),
        RateDefinition.ALL_DUE: ("all_due", "trên số đến hạn", "đến hạn"),
        RateDefinition.UNKNOWN: ("unknown", "không rõ"),
    }.items()
    for text in texts
}


class MistakenCellError(ValueError):
    """What a cell holds cannot be what its column asks for; the text says why and how to mend it."""


def is_blank(cell: Cell) -> bool:
    """Tell whether nothing was said; a dash is nothing, a zero is something."""
    return not cell.is_unknown and (cell.value is None or (isinstance(cell.value, str) and folded(cell.text) in BLANKS))


def count_of(cell: Cell) -> int | None:
    """
    Return a count of a cell that is not blank; None = it is not published.

    Raises:
        MistakenCellError: it is no whole number, or negative.
    """
    value = cell.value
    if isinstance(value, str):
        if folded(value) in NOT_PUBLISHED:
            return None
        text = value.replace("\xa0", " ").strip()
        if not (text.isascii() and text.isdigit()) and not _THOUSANDS.fullmatch(text):
            raise MistakenCellError(
                f"'{cell.text}' is no whole number; write digits alone, 0 for none, a dash for not known"
            )
        value = int(re.sub(r"[., ]", "", text)) if len(text) < 20 else LARGEST_COUNT + 1
    if isinstance(value, bool | date) or value is None or value != int(value):
        raise MistakenCellError(f"'{cell.text}' is no whole number; look whether the columns have shifted")
    if not 0 <= value <= LARGEST_COUNT:
        raise MistakenCellError(f"'{cell.text}' is less than nothing or too large; look at the number")
    return int(value)


def percent_of(cell: Cell) -> float | None:
    """
    Return a percentage: 98.5 of "98,5 %", of 98.5, of 0.985 and of a cell that is shown as 98,5 %; None = not published.

    Raises:
        MistakenCellError: it is none.
    """
    value, is_share = cell.value, cell.is_percent
    if isinstance(value, str):
        if folded(value) in NOT_PUBLISHED:
            return None
        text = value.replace("\xa0", " ").strip()
        said = text.endswith("%")
        number = text.removesuffix("%").strip()
        if not (number.isascii() and _NUMBER.fullmatch(number)) or len(number) > 20:
            raise MistakenCellError(f"'{cell.text}' is no percentage; write it as 98,5 % or 98,5")
        value = float(number.replace(",", "."))
        if said:
            return value
        is_share = False
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MistakenCellError(f"'{cell.text}' is no percentage; look whether the columns have shifted")
    found = float(value) * 100 if is_share or value <= 1 else float(value)
    if not 0 <= found <= 10_000:
        raise MistakenCellError(f"'{cell.text}' is no percentage; look at the number")
    return round(found, 6)


def code_of(cell: Cell) -> str:
    """
    Return the code of a procedure, such as 1.001193; one that a spreadsheet made a number of gets its form back.

    Raises:
        MistakenCellError: it is none.
    """
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        # A code has one digit, a dot and six digits, so there is one code for each such number, whatever zeros it lost.
        whole = 1_000_000 <= value <= 9_999_999 and value == int(value)
        text = f"{value / 1_000_000:.6f}" if whole else f"{value:.6f}"
        if not whole and abs(float(text) - value) > 1e-9:
            text = ""
    else:
        text = re.sub(r"^(\d\.\d{6})\.000\.00\.00\.[A-Z]\d+$", r"\1", cell.text.replace(",", "."))
    if not PROCEDURE_CODE.fullmatch(text):
        raise MistakenCellError(f"'{cell.text}' is no code of a procedure; write it as 1.001193, in a cell of text")
    return text


def is_undone(cell: Cell) -> bool:
    """Tell whether a spreadsheet had made a number of the code in a cell."""
    return isinstance(cell.value, int | float)


def day_of(cell: Cell) -> date:
    """
    Return a day.

    Raises:
        MistakenCellError: it is none.
    """
    value = cell.value
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and (found := day_of_serial(value)):
        return found
    for form in _DAYS:
        try:
            return good_day(datetime.strptime(cell.text, form).date())  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise MistakenCellError(f"'{cell.text}' is no day; write it as 31/12/2026")


def period_of(cell: Cell) -> tuple[Span, date]:
    """
    Return a month, quarter or year and its first day.

    Raises:
        MistakenCellError: it is none.
    """
    value = cell.value
    if isinstance(value, date) and value.day == 1:  # a spreadsheet takes "11/2026" for the first of that month
        return Span.MONTH, value
    text = folded(str(int(value)) if isinstance(value, int | float) and value == int(value) else cell.text)
    for span, form in _PERIODS:
        if found := re.fullmatch(form, text, re.ASCII):
            said = found.groupdict()
            year, number = int(said["year"]), _number(said.get("number") or "1")
            if _FIRST_YEAR <= year <= _LAST_YEAR and 1 <= number <= (4 if span is Span.QUARTER else 12):
                return span, date(year, 3 * number - 2 if span is Span.QUARTER else number, 1)
    raise MistakenCellError(f"'{cell.text}' is no period; write 11/2026, quý 4/2026 or 2026")


def _number(text: str) -> int:
    return _ROMAN.get(text) or int(text)
