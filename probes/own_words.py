"""
What a page says itself: not what its links are called, nor what it says of something else.

A link's name tells where it leads ("Bảo trì hệ thống thang máy"), and a sentence that begins with "nếu" or "hướng dẫn" tells of
what may happen. Looked for only where a page that has several links says something that tells against it: that is seldom.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from probes.markup import MOST_CHARACTERS, read_markup
from probes.page_signs import PHRASES, listed, phrases
from probes.spelling import folded

_ANCHOR = re.compile(r"<(/?)a(?=[\s>])", re.IGNORECASE)
_BLOCK = re.compile(r"(?=</?(?:h[1-6]|p|div|ul|li|td|title|nav|main|header|footer|section)[\s>])", re.IGNORECASE)
_WRITTEN = re.compile(r"\w")
_QUESTION = re.compile(r"[^.!?;|]{0,150}\?")
_WORD = r"[^\s.,;:!?]{1,30}"
_NAMED = re.compile(
    rf"({folded('cổng')}) (?:{folded('dịch vụ công')}|{folded('thông tin')})"
    rf"(?! {folded('quốc gia')})(?: {_WORD}){{1,8}}?(?= (?:{folded('hiện')} )?{folded('đang')} )"
)
"""The portal's own name, from which only its first word is needed."""


@dataclass(frozen=True, slots=True)
class PageSigns:
    """Kinds of phrases that a text says."""

    anywhere: frozenset[str] = frozenset()
    at_the_beginning: frozenset[str] = frozenset()


def signs_in(texts: Sequence[str], beginning: int) -> PageSigns:
    """Return what is said by a text in its spellings, folded; beginning: so many characters are one."""
    return PageSigns(*(_said([one[:characters] for one in texts]) for characters in (None, beginning)))


def _said(texts: Sequence[str]) -> frozenset[str]:
    return frozenset(name for name in PHRASES if any(phrases(name).said_in(text) is not None for text in texts))


def is_error_title(text: str) -> bool:
    """Tell whether a folded text is one of the titles of errors."""
    return text in _error_titles()


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
    return _asides().sub(r"\1", _NAMED.sub("\\1", _QUESTION.sub(" ", text)))


@cache
def _asides() -> re.Pattern[str]:
    words = sorted(map(folded, listed("asides")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, words))})(?![\w\u0300-\u036f])[^.!?;|]{{0,90}}")


@cache
def _error_titles() -> frozenset[str]:
    return frozenset(map(folded, listed("error_titles")))
