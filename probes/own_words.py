"""
What a page says itself: not what its links are called, nor what it says of something else.

A link's name tells where it leads ("Bảo trì hệ thống thang máy"), and a sentence that begins with "nếu" or "hướng dẫn" tells of
what may happen. Looked for only where a page that has several links says something that tells against it: that is seldom.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from itertools import islice
from urllib.parse import urlsplit

from probes.markup import MOST_CHARACTERS, read_markup
from probes.page_parts import spellings
from probes.page_signs import PHRASES, bare, is_bare, listed, signs
from probes.spelling import folded

_ANCHOR = re.compile(r"<(/?)a(?=[\s>])", re.IGNORECASE)
_BLOCK = re.compile(r"(?=</?(?:h[1-6]|p|div|ul|li|td|title|nav|main|header|footer|section)[\s>])", re.IGNORECASE)
_LINK = re.compile(r"<a\s([^<>]{0,500})>((?:(?!</a)[\s\S]){0,300})", re.IGNORECASE)
_HREF = re.compile(r"(?:^|\s)href\s{0,9}=\s{0,9}[\"']?([^\"'\s>]{0,300})", re.IGNORECASE)
_LEADS_ELSEWHERE = re.compile(r"<a\s(?:[^<>]{0,300}\s)?href\s{0,9}=\s{0,9}[\"']?(?:https?:)?//", re.IGNORECASE)
_HEADING = re.compile(r"<h[1-3][^<>]{0,300}>((?:(?!</h)[\s\S]){1,300})", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,300}>")
_MOST_LINKS = 20
_WRITTEN = re.compile(r"\w")
_NAMES = re.compile(r"[\w.]*\w")
_NUMBERS = re.compile(r"[\d()\[\]!.:|–-]+")
_QUESTION = re.compile(r"[^.!?;|]{0,150}\?")
_WORD = r"[^\s.,;:!?]{1,30}"
_NAMED = re.compile(
    rf"({folded('cổng')}) (?:{folded('dịch vụ công')}|{folded('thông tin')})"
    rf"(?! {folded('quốc gia')}| {folded('của bộ')})(?: {_WORD}){{1,8}}?(?= (?:{folded('hiện')} )?{folded('đang')} )"
)
"""The portal's own name, from which only its first word is needed."""


@dataclass(frozen=True, slots=True)
class PageSigns:
    """Kinds of phrases that a text says."""

    anywhere: frozenset[str] = frozenset()
    at_the_beginning: frozenset[str] = frozenset()


BEGINNING = 250
"""Characters within which a page says what it is: its title and heading."""
NOTHING = PageSigns()


@lru_cache(maxsize=2048)
def signs_of(text: str) -> PageSigns:
    """Return what a short text says; the next visit of a page mostly finds the same one."""
    return signs_in(spellings(text), BEGINNING)


@lru_cache(maxsize=2048)
def own_signs_of(text: str) -> PageSigns:
    """Return what a short text says of its page."""
    said = signs_in([without_asides(one) for one in spellings(text)], BEGINNING)
    return (
        PageSigns(said.anywhere | {"error_titles"}, said.at_the_beginning)
        if is_whole("error_titles", folded(text))
        else said
    )


def signs_in(texts: Sequence[str], beginning: int) -> PageSigns:
    """Return what is said by a text in its spellings, folded; beginning: so many characters are one."""
    return PageSigns(*(_said([one[:characters] for one in texts]) for characters in (None, beginning)))


def _said(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(name for name in PHRASES if any(says(name, text) for text in texts))


def says(name: str, text: str) -> bool:
    """Tell whether a folded text says a phrase of some kind; one that is written without accents is read so."""
    if is_bare(text):
        return signs(name, accents=False).stand_in(bare(text))
    return signs(name, accents=True).stand_in(text)


def is_whole(name: str, text: str) -> bool:
    """Tell whether a folded text is one of a kind and nothing else."""
    text = text.strip(" .!?-|:;*\"'")
    return text in _wholes(name, accents=True) or (is_bare(text) and bare(text) in _wholes(name, accents=False))


def is_named_by_software(title: str) -> bool:
    """Tell whether a folded title has a program's name and no other words than stand beside it on a first page."""
    words = set(_NAMES.findall(title))
    named = {word for text in map(folded, listed("makers")) for word in text.split()}
    return not words.isdisjoint(named) and words <= named | _wholes("software_titles", accents=True)


def ways_on(source: str, host: str) -> int:
    """Return how many of a document's links lead to another page of a host and are called by more than a way out."""
    found = 0
    for link in islice(_LINK.finditer(source[:MOST_CHARACTERS]), _MOST_LINKS):
        href = _HREF.search(link[1])
        to = unescape(href[1]).strip() if href else ""
        if not to.strip("/") or to.startswith("#") or (":" in to.partition("/")[0] and _host_of(to) != host):
            continue
        if not to.startswith("//") or _host_of(to) == host:
            found += not is_whole("ways_out", folded(unescape(_ANY_TAG.sub(" ", link[2]))))
    return found


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def leads_elsewhere(source: str) -> bool:
    """Tell whether a document has a link with the whole address of a page."""
    return _LEADS_ELSEWHERE.search(source) is not None


def headings_of(source: str) -> list[str]:
    """Return what a document's headings say; character references are left as they are."""
    return [_ANY_TAG.sub(" ", one) for one in _HEADING.findall(source[:MOST_CHARACTERS])]


def is_heading_of_an_error(heading: str) -> bool:
    """Tell whether the whole of a folded heading says that something is wrong or missing, or gives an error's number."""
    said = " ".join(_NUMBERS.sub(" ", heading).split())
    return is_whole("error_headings", said) or is_whole("error_titles", heading)


def blocks_of(source: str, enough: int) -> list[str]:
    """Return what a document says, block by block, the title first; character references are left as they are."""
    return [one for one in map(str.strip, read_markup(_BLOCK.sub(" ; ", source), enough).text.split(" ; ")) if one]


def without_others(text: str) -> str:
    """Return a folded text, its blocks ended by semicolons, without the sentences whose subject is something else."""
    plain = is_bare(text)
    return _others(accents=not plain).sub(" ", bare(text) if plain else text).replace(" ; ", " ")


def by_links(source: str, enough: int) -> tuple[str, str]:
    """
    Return what a document says outside of its links, and what these are called.

    A semicolon ends each of its blocks; character references are left as they are.
    """
    source = source[:MOST_CHARACTERS]
    parts: tuple[list[str], list[str]] = ([], [])
    at, is_link = 0, False
    for mark in _ANCHOR.finditer(source):
        parts[is_link].append(source[at : mark.start()])
        at, is_link = mark.start(), not mark[1]
    parts[is_link].append(source[at:])
    outside, inside = (read_markup(_BLOCK.sub(" ; ", " ".join(part)), enough).text for part in parts)
    return outside if _WRITTEN.search(outside) else "", inside


def without_asides(text: str) -> str:
    """
    Return a folded text without questions, and without what follows a word that says that its sentence is of something else.

    The portal's full name is shortened, so that phrases find it.
    """
    text = _NAMED.sub("\\1", _QUESTION.sub(" ", text))
    plain = is_bare(text)
    return _asides(accents=not plain).sub(r"\1", bare(text) if plain else text)


@cache
def _asides(*, accents: bool) -> re.Pattern[str]:
    of_now = "đang" if accents else "dang"  # "đang khắc phục sự cố" and "theo kế hoạch" speak of the page itself
    return re.compile(
        rf"(?<!\w)(?<!{of_now} )(?<!theo )({_any_of('asides', accents=accents)})(?![\w\u0300-\u036f])[^.!?;|]{{0,90}}"
    )


@cache
def _others(*, accents: bool) -> re.Pattern[str]:
    words = _any_of("others", accents=accents)
    return re.compile(rf"(?:^|(?<=[.!?;|:] ))(?:{words})(?![\w\u0300-\u036f])(?:[^.!?;|]|\.(?=\w)){{0,200}}")


def _any_of(name: str, *, accents: bool) -> str:
    return "|".join(map(re.escape, sorted(_wholes(name, accents=accents), key=len, reverse=True)))


@cache
def _wholes(name: str, *, accents: bool) -> frozenset[str]:
    texts = frozenset(map(folded, listed(name)))
    return texts if accents else frozenset(map(bare, texts))
