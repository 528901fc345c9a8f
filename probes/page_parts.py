"""The parts of a document that tell what it is, and its text as people read it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from probes import tcvn3, vni
from probes.markup import WITHIN, title_of
from probes.spelling import folded

NOTICE_TEXT_CHARACTERS = (
    1500  # a page that sends people elsewhere says so in a few lines; a portal's home page says more
)
NOTICE_LINKS = 12
LONGEST_TITLE = 300
"""Characters; a document whose text is longer says more than its title."""

_LONG_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{9,});?")  # beyond any letter; Python would count them
_RUNS = re.compile(
    r"<script(?![^<>]{0,300}type\s{0,9}=\s{0,9}[\"']?(?:application/(?:ld\+)?json|text/(?:x-)?template))", re.IGNORECASE
)
_HANDLED = re.compile(
    r"<[a-z][^<>]{0,500}?\son(?:load|pageshow|error|readystatechange)\s{0,9}=\s{0,9}(?:[\"']\s{0,9}[^\s\"']|[^\s\"'>])",
    re.IGNORECASE,
)
"""What a browser runs by itself without a `<script>`."""
DRAWN = re.compile(r"<(?:img|picture|canvas|video|svg|input|button|select|textarea)[\s/>]", re.IGNORECASE)
_VALUE = r"\s{0,9}=\s{0,9}(?:\"([^\"<>]{1,500})\"|'([^'<>]{1,500})'|([^\s\"'<>]{1,500}))"
_PICTURE = re.compile(r"<(?:img|area)\s[^<>]{0,2000}", re.IGNORECASE)
_CALLED = re.compile(rf"\salt{_VALUE}", re.IGNORECASE)
_MAY_BE_CALLED = re.compile(r"\salt\s{0,9}=|<text[\s>]", re.IGNORECASE)
_DRAWN_TEXT = re.compile(r"<text(?=[\s>])[^<>]{0,500}>((?:(?!</text)[\s\S]){1,500})", re.IGNORECASE)
_TELLING_TAG = re.compile(
    r"<(?:input|textarea|option|optgroup)\s(?![^<>]{0,500}type\s{0,9}=\s{0,9}[\"']?hidden)[^<>]{0,2000}", re.IGNORECASE
)
_TELLS = re.compile(rf"\s(?:placeholder|value|label|alt){_VALUE}", re.IGNORECASE)
_STYLED_TEXT = re.compile(r"\bcontent\s{0,9}:\s{0,9}([\"'])([^\"']{1,500})\1", re.IGNORECASE)
_FRAMED = re.compile(r"<(?:i?frame|object|embed|frameset)[\s>]", re.IGNORECASE)
_SENT_ON = re.compile(r"<\?xml-stylesheet|<meta[^<>]{0,200}http-equiv\s{0,9}=\s{0,9}[\"']?refresh", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts:
    """
    The parts of a document that tell what it is.

    text: what a person reads, title included, white space folded. links: number of links, 0 for a long text. shell: scripts
    make the page, so that its own text says nothing yet (only a browser can judge it). source: raw HTML, for signs that are
    not text. drawn: a browser shows it, so that what is not there is not there.
    """

    status: int
    headers: Mapping[str, str]
    final_url: str
    text: str
    links: int
    source: str = ""
    shell: bool = False
    drawn: bool = False


def spellings(text: str) -> tuple[str, ...]:
    """
    Return a text folded: as its letters follow each other, and with a blank wherever markup stood within a word.

    Both are read: the letter of a style of its own belongs to its word, and the items of a menu stand apart on the screen.
    """
    glued = folded(text)
    return (glued, folded(text.replace(WITHIN, " "))) if WITHIN in text else (glued,)


def may_show_more(html: str) -> bool:
    """Whether a browser may show what does not stand in a document as text."""
    return any(pattern.search(html) for pattern in (_RUNS, _FRAMED, _SENT_ON, _HANDLED))


def words_beside(html: str) -> str:
    """Return what may be read in a document besides its text: on pictures and buttons, in empty fields, out of its styles."""
    found = (match[match.lastindex or 0] for tag in _TELLING_TAG.findall(html) for match in _TELLS.finditer(tag))
    return " ; ".join([*found, *words_of_pictures(html), *(text for _, text in _STYLED_TEXT.findall(html))])


def with_pictures(text: str, source: str) -> str:
    """Return a document's text, with what stands on its pictures where there is nothing but a title to be read besides."""
    if not _MAY_BE_CALLED.search(source):
        return text
    title = " ".join(readable(unescaped(title_of(source)), source).split())
    if text.removeprefix(title).strip():
        return text
    return " ".join([text, *map(unescaped, words_of_pictures(source))]).strip()


def words_of_pictures(html: str) -> list[str]:
    """Return what stands on pictures, as far as a document says it: what they are called, and the texts of drawings."""
    called = (match[match.lastindex or 0] for tag in _PICTURE.findall(html) for match in _CALLED.finditer(tag))
    return [*called, *_DRAWN_TEXT.findall(html)]


def readable(text: str, source: str) -> str:
    """Return a text as the page's own fonts show it."""
    return vni.read(tcvn3.read(text, source), source)


def unescaped(text: str) -> str:
    """Return a text with its character references read; older programs write each accented letter as one."""
    return " ".join(unescape(_LONG_REFERENCE.sub("\ufffd", text)).split()) if "&" in text else text
