"""An official document as a page of HTML that a browser prints; nothing in it is fetched from anywhere."""

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from xml.sax.saxutils import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from thuocdo.publication.document import DocumentPart, DrawingPart, OfficialDocument, TablePart
from thuocdo.publication.drawing import FONT, picture_of
from thuocdo.publication.texts import fixed_text

WATERMARK_PIXELS_PER_INCH = 72
"""Of large grey letters; every PDF file holds a picture of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A part as the template shows it. name: of its class. number: of tables and drawings. picture: address of a drawing."""

    is_: DocumentPart
    name: str
    number: int = 0
    picture: str = ""


def html_page(official: OfficialDocument) -> str:
    """Return a document as HTML; the same document gives the same page."""
    return (
        _environment()
        .get_template("document.html")
        .render(
            official=official,
            parts=[
                {"is": one.is_, "name": one.name, "number": one.number, "picture": one.picture}
                for one in _shown(official)
            ],
            font=Markup(FONT),  # noqa: S704 - our own constant, quotes and all
            fixed_text=fixed_text,
            watermark=_watermark(tuple(official.marks)),
        )
    )


def _shown(official: OfficialDocument) -> Iterator[_Shown]:
    numbers: Counter[str] = Counter()
    for part in official.parts:
        name = type(part).__name__
        numbers[name] += 1
        if isinstance(part, TablePart):
            whole = sum(column.share for column in part.columns)
            columns = [replace(column, share=100 * column.share / whole) for column in part.columns]
            yield _Shown(is_=replace(part, columns=columns), name=name, number=numbers[name])
        elif isinstance(part, DrawingPart):
            yield _Shown(is_=part, name=name, number=numbers[name], picture=_address(part.svg))
        else:
            yield _Shown(is_=part, name=name)


@cache
def _watermark(marks: tuple[str, ...]) -> str:
    """Return the address of a picture of the marks across a page, empty where there are none; letters would be found as text."""
    if not marks:
        return ""
    lines = "".join(
        f'<text x="300" y="{424 + (number - (len(marks) - 1) / 2) * 90:.0f}" font-size="{72 if len(mark) < 12 else 36}">'
        f"{escape(mark)}</text>"
        for number, mark in enumerate(marks)
    )
    picture = picture_of(
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="848" viewBox="0 0 600 848">'
        '<rect width="600" height="848" fill="#fff"/>'
        f'<g font-family="{FONT}" font-weight="bold" fill="#ececec" text-anchor="middle" transform="rotate(-35 300 424)">'
        f"{lines}</g></svg>",
        pixels_per_inch=WATERMARK_PIXELS_PER_INCH,
    )
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("thuocdo.publication"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
