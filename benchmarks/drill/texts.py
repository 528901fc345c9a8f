"""Whether a Vietnamese text is one: no word of another language, no figure as programs write it."""

import re
from collections.abc import Sequence

ENGLISH = "— English —"
"""What follows it in a notice is English."""

_KNOWN = frozenset(
    {"http", "https", "tls", "dns", "web", "captcha", "vneid", "email", "thuocdo", "config", "check", "ping", "curl"}
)
"""Words that Vietnamese writes so, too, and commands that a first step is."""

_ENGLISH = frozenset({"the", "and", "not", "this", "that", "on", "sec", "but", "was"})
"""Words that would pass for Vietnamese syllables, and are hardly ever such without a mark in our texts."""

_SYLLABLE = re.compile(
    r"(ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnpqrstvx])?[aeiouy]{1,3}(ch|ng|nh|[cmnpt])?", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_LEFT_OUT = re.compile(r"https?://\S+|`[^`]*`|<[^>]*>|\b[a-z]+\.[a-z]+_[a-z_]+\b")
_PROGRAM_FIGURE = re.compile(
    r"\b\d+(\.\d+)?(h|m|s|ms|min)\b"  # 6m44s, 33.92s
    r"|\b\d+\.\d+\b(?!\.)"  # a decimal point, which is a comma in Vietnamese
    r"|\b\d+ (h|min|s|sec|seconds|minutes|hours|days)\b"
)


def foreign_words(text: str, names: Sequence[str] = ()) -> list[str]:
    """
    Return what is not Vietnamese in a text: words that are no Vietnamese syllables, English ones, figures of programs.

    Addresses are left out, as are settings and what stands between backticks. names: of people and things, which may be as they
    are.
    """
    text = _LEFT_OUT.sub(" ", text)  # before names: one that stands in an address would tear it apart
    for name in names:
        text = text.replace(name, " ")
    found = [match.group() for match in _PROGRAM_FIGURE.finditer(text)]
    for word in _WORD.findall(text):
        small = word.lower()
        if small in _KNOWN or not small.isascii():
            continue
        if small in _ENGLISH or not _SYLLABLE.fullmatch(small):
            found.append(word)
    return found


def vietnamese_part(text: str) -> str:
    """Return the Vietnamese part of a notice."""
    return text.partition(ENGLISH)[0].strip()
