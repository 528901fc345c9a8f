"""
The words that evidence is put together of: no person is named by any of them.

What others wrote is never searched for what looks private: names and passwords look like anything. Of it only that stays which is
known (words.txt), and the rest is HIDDEN. Every function takes its text once from left to right, at most MOST_CHARACTERS.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from probes.accents import normalized

HIDDEN = "…"
MOST_CHARACTERS = 2_000
"""Of one text; what is longer says no more, and is hidden from there on."""

_LONGEST_PHRASE = 8
_MOST_DIGITS = 2  # a version's first number; more may be of a person
_MOST_LETTERS = 3  # that stand alone; more may spell a name
_RUN = re.compile(r"[^\W_]+|[\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_WITH_NUMBER = re.compile(r"([A-Za-z]+)([0-9]{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """
    words: single ones, small, without accents. phrases: several syllables as one text. syllables: with accents. names: those of
    words and syllables that people are called, too. files: endings.
    """

    words: frozenset[str]
    phrases: frozenset[str]
    syllables: frozenset[str]
    names: frozenset[str]
    files: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Return what is known; read once."""
    sections: dict[str, list[str]] = {}
    for line in (files("probes.redaction") / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    words = {part for line in sections["words"] for word in line.split() for part in (word, *word.split("-"))}
    phrases: set[str] = set()
    for phrase in (one.strip() for one in " ".join(sections["phrases"]).split(",")):
        spelt = phrase.lstrip("=")
        phrases.add(spelt)
        if spelt == phrase:
            bare = folded(spelt)
            phrases.add(bare)
            words.add(bare.replace(" ", ""))
    return Vocabulary(
        words=frozenset(words),
        phrases=frozenset(phrases - {""}),
        syllables=frozenset(" ".join(sections["syllables"]).split()),
        names=frozenset(" ".join(sections["names too"]).split()),
        files=frozenset(" ".join(sections["files"]).split()),
    )


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    apart = normalized("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


@lru_cache(maxsize=8192)
def is_word(text: str) -> bool:
    """Tell whether a run of letters and digits is known: a word, several in CamelCase, or one with a small number ("cdn1")."""
    if _is_plain(text) or (len(text) == 1 and text.isascii() and text.isalpha()):
        return True
    numbered = _WITH_NUMBER.fullmatch(text)
    if numbered and not numbered[2].startswith("0"):
        return _is_plain(numbered[1])
    if not text.isascii() or not text.isalpha() or text.islower():
        return False
    parts = _CAMEL.findall(text)
    return not all(part.casefold() in vocabulary().names for part in parts) and _all_known(parts)


def _is_plain(text: str) -> bool:
    small = text.casefold()
    return small in vocabulary().words or small in vocabulary().syllables


def kept_words(text: str, *, between: str = " ") -> str:
    """
    Return the known beginning of a text, HIDDEN for all that follows its first unknown word.

    What follows is hidden even where it is known, because a name may hold a word. One number of at most two digits stays beside
    words; other numbers are hidden and end nothing.

    Args:
        text: anything.
        between: signs that may stand between words as they are.

    """
    runs = _RUN.findall(normalized("NFC", text[:MOST_CHARACTERS]))
    kept: list[str] = []
    numbers = words = letters = at = 0
    sure: tuple[int, int] | None = None  # how much was kept, and how many words, before what may be a name
    while at < len(runs):
        run = runs[at]
        if not run[0].isalnum():
            if all(sign in between or sign == HIDDEN or sign.isspace() for sign in run):
                kept.append(" " if run.isspace() else run)
                at += 1
                continue
            break
        taken = _phrase_at(runs, at) or int(is_word(run))
        letters += len(run) == 1 and run.isalpha()
        if taken and letters <= _MOST_LETTERS:
            name = taken == 1 and may_name(run)
            if name and sure:
                break
            sure = (len(kept), words) if name else None
            kept += runs[at : at + taken]
            words += len(run) > 1
            at += taken
        elif run.isdigit():
            numbers += 1
            kept.append(run if numbers == 1 and _is_small(run) else HIDDEN)
            at += 1
        else:
            break
    if sure and at < len(runs) and runs[at][0].isalpha():
        del kept[sure[0] :]
        words = sure[1]
    if at < len(runs) or len(text) > MOST_CHARACTERS:
        kept.append(HIDDEN)
    if not words and (HIDDEN in kept or not any(map(str.isalpha, kept))):  # a letter and more may be of a name
        return HIDDEN if text.strip() else ""
    return _without_doubles("".join(kept))


def may_name(word: str) -> bool:
    """Tell whether a known word, as it is written, may be a name as well."""
    return word[:1].isupper() and word.casefold() in vocabulary().names


def is_known(text: str) -> bool:
    """Tell whether all of a text is known words, with at most one small number beside them; an empty one is."""
    return HIDDEN not in kept_words(text, between=_SIGNS)


_SIGNS = " .,:;!?*()[]/-–\"'“”|»«›‹>•·…+&_"


def kept_name(name: str) -> str:
    """Return the name of a parameter, header or cookie, HIDDEN where it is none that is known."""
    clean = kept_words(name, between="-_.:$[]")
    return HIDDEN if HIDDEN in clean or len(name) > 64 else clean


def _phrase_at(runs: Sequence[str], at: int) -> int:
    """Return how many runs from there are one phrase; 0 = none begins there."""
    known = vocabulary().phrases
    ends = list(_ends(runs, at))
    return next((end - at for end in reversed(ends[1:]) if " ".join(runs[at:end:2]).casefold() in known), 0)


def _ends(runs: Sequence[str], at: int) -> Iterator[int]:
    """Yield where a phrase that begins there may end: words with one sign between each two."""
    for words in range(_LONGEST_PHRASE):
        end = at + 2 * words + 1
        if end > len(runs) or (words and len(runs[end - 2]) != 1):
            return
        yield end


def _all_known(parts: Sequence[str]) -> bool:
    """Tell whether CamelCase parts are phrases and words, one after the other."""
    runs = [piece for part in parts for piece in (part, " ")][:-1]
    at = 0
    while at < len(runs):
        taken = _phrase_at(runs, at) or int(_is_plain(runs[at]) and len(runs[at]) > 1)
        if not taken:
            return False
        at += taken + 1
    return bool(parts)


def _is_small(number: str) -> bool:
    return number.isascii() and len(number) <= _MOST_DIGITS and (number == "0" or not number.startswith("0"))


def _without_doubles(text: str) -> str:
    """Return a text in which what is hidden several times in a row is hidden once."""
    parts: list[str] = []
    for run in re.split(rf"({HIDDEN})", text):
        if run == HIDDEN and len(parts) > 1 and parts[-2] == HIDDEN and not any(map(str.isalnum, parts[-1])):
            parts.pop()
        elif run:
            parts.append(run)
    return "".join(parts)
