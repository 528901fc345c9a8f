"""
Text as a person compares it: one spelling of what looks the same.

The one home of it for all of the probes. `spelling.js` beside this file does the same inside a page, and one table of cases
(tests/unit/probes/spelling.yaml) tests both. Two texts that a reader would call the same have the same `folded` spelling:

- what is not seen is gone: soft hyphens, joiners, marks of direction; white space of every kind is one blank;
- letters are compared by what they look like: composed or not, wide or narrow, capital or small, curly quotes as straight ones,
  every dash as a hyphen, Icelandic eth as the đ that old fonts had in its place;
- Vietnamese is one language in several spellings: a tone may stand on either vowel (hoà, hòa), i and y may stand for each other
  where they are the whole of a syllable's end (kỹ, kĩ; quý, quí). A folded word has its tone behind its last letter, and i there.

Phrases are looked for as whole words.
"""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from probes.accents import normalized

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]+"
)
_BLANK = re.compile("[\t\n\x0b\x0c\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_LOOKS_LIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u00f0": "đ",
        "ς": "σ",
    }
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_IN_A_WORD = "a-zđ\u0302\u0306\u031b"
_TONE = re.compile(f"([{_TONES}]+)([{_IN_A_WORD}]+)")
_Y = re.compile(f"(?<![{_IN_A_WORD}{_TONES}])(qu|[b-df-hj-np-tvxđ])y(?=[{_TONES}]?(?![{_IN_A_WORD}{_TONES}]))")
_OF_A_WORD = re.compile(r"[\w\u0300-\u036f]")


def folded(text: str) -> str:
    """Return the one spelling of a text."""
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    text = normalized("NFKD", text.translate(_LOOKS_LIKE)).upper().lower().translate(_LOOKS_LIKE)
    text = normalized("NFKD", text)  # a capital may have come apart (İ)
    return _BLANK.sub(" ", _Y.sub(r"\1i", _TONE.sub(r"\2\1", text))).strip()


class Phrases:
    """Phrases to look for. texts: as people write them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._folded = tuple(dict.fromkeys(filter(None, map(folded, texts))))

    def said_in(self, text: str) -> str | None:
        """Return the first phrase, folded, that stands in a folded text as whole words; None where none does."""
        return next((phrase for phrase in self._folded if phrase in text and stands_in(phrase, text)), None)


def stands_in(phrase: str, text: str) -> bool:
    """Tell whether a folded phrase stands in a folded text as whole words; the empty one stands in any."""
    at = text.find(phrase)
    while at >= 0:
        end = at + len(phrase)
        before = at and _OF_A_WORD.match(phrase[:1]) and _OF_A_WORD.match(text[at - 1])
        if not before and not (_OF_A_WORD.match(phrase[-1:]) and _OF_A_WORD.match(text[end : end + 1])):
            return True
        at = text.find(phrase, at + 1)
    return False


@cache
def spelling_script() -> str:
    """Return a script's expression for the same in a page: an object with `folded` and `standsIn`."""
    return (files("probes") / "spelling.js").read_text(encoding="utf-8").strip()
