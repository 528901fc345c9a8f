"""
An official document as values: what stands in it, and nothing of how an office program or a browser lays it out.

The DOCX and the PDF of a report are written from the same value, so that they say the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class CellAlign(StrEnum):
    """Where the text of a column stands."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"


class ParagraphKind(StrEnum):
    """What a paragraph is to the text."""

    BODY = "body"
    ITEM = "item"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingPart:
    """A heading; level: 1 for sections, 2 for what is in them."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphPart:
    """A paragraph of plain text."""

    text: str
    kind: ParagraphKind = ParagraphKind.BODY


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column of a table; share: of its width, any unit."""

    title: str
    share: float = 1.0
    align: CellAlign = CellAlign.LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """
    A table whose head is repeated on every page, and whose rows are never cut by one.

    caption: above it. rows: (n, columns) as people read them. named_by: number of the column that names its row.
    """

    caption: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str]]
    named_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingPart:
    """A drawing; alternative: what it tells, for whoever cannot see it."""

    svg: str
    caption: str
    alternative: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEnd:
    """What follows begins on a new page."""


DocumentPart = HeadingPart | ParagraphPart | TablePart | DrawingPart | PageEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterHead:
    """
    The head of a letter by NĐ 30/2020; number and day are blanks.

    parent, body: whose letter it is, in capitals. number: with the blank. place_and_day: with the blanks.
    """

    parent: str
    body: str
    number: str
    place_and_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterEnd:
    """The end of a letter: whom it is sent to, who signs it; the room for signature and seal is empty."""

    recipients: Sequence[str]
    signer_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialDocument:
    """
    A report, or an annex to one.

    kind: "BÁO CÁO", "Phụ lục". title: what it is about. attached_to: the line of an annex that names its report, empty of a
    report. marks: that it is a draft, that its figures are made up; each stands on every page. made_at: the instant that the
    file carries.
    """

    kind: str
    title: str
    parts: Sequence[DocumentPart]
    made_at: datetime
    marks: Sequence[str] = ()
    attached_to: str = ""
    head: LetterHead | None = None
    end: LetterEnd | None = None


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def numbered(parts: Iterable[DocumentPart]) -> Iterator[DocumentPart]:
    """Yield parts whose sections are numbered as official reports have it."""
    numbers = iter(_ROMAN)
    for part in parts:
        if isinstance(part, HeadingPart) and part.level == 1:
            yield replace(part, text=f"{next(numbers)}. {part.text}")
        else:
            yield part
