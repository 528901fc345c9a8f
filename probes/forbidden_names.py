"""What a name has done that programmers gave: a part of an address, a key, a value, a method."""

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote

from probes.forbidden_labels import MOST_WORDS, end_of_procedure, longest
from probes.forbidden_list import LEAST_JOINED, Word, read, table

MOST_DECODED = 4
"""Times that an address is decoded."""

MOST_OUTRIGHT = 6
"""Words of a name that is an act because it begins with one of those that say so outright ("cancel-appointment")."""

MOST_JOINED = 30
"""Letters of a word in which others are looked for ("xoahoso")."""

MOST_REMEMBERED = 4_096
"""Words that have been taken apart."""

OPAQUE_DIGITS = 20
"""One letter of so many is a digit in what is made by chance (keys, signatures), where two letters may be an act by chance."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_MADE = re.compile(r"_|[a-z][A-Z]")
_CODE = re.compile(r"%u([0-9a-f]{4})", re.IGNORECASE)  # as some servers of Microsoft's read them
_OPAQUE = re.compile(r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+/=_.~-]{33,}")


def acts_of_name(words: Sequence[Word], *, loose: bool) -> str:
    """Return the meaning of a name; loose: whatever else is in it, else nothing but what an act is done to."""
    known = table()
    if not loose and len(words) > MOST_WORDS:
        return ""
    found, at = "", 0
    while at < len(words):
        end, meaning = longest(words, at, known.addresses, by_letters=True)
        innocent, _ = longest(words, at, known.innocent, by_letters=True)
        if innocent and innocent >= end:
            if not loose:
                return ""
            at = innocent
        elif end:
            found = known.weightier(found, meaning)
            at = end
        elif joined := _acts_in_one(words[at].bare):
            found = known.weightier(found, joined)
            at += 1
        elif loose or words[at].bare in known.fillers or any(letter.isdigit() for letter in words[at].bare):
            at += 1
        else:
            return ""
    return found


def acts_outright(words: Sequence[Word]) -> str:
    """Return the meaning of a short name that begins with an act which is never but one, whatever it is done to."""
    known = table()
    if not words or len(words) > MOST_OUTRIGHT:
        return ""
    begins = longest(words, 0, known.outright, by_letters=True)[0]
    innocent = longest(words, 0, known.innocent, by_letters=True)[0]
    is_named = bool(end_of_procedure(words, begins, all_bare=True))
    return longest(words, 0, known.addresses, by_letters=True)[1] if begins > innocent and not is_named else ""


def destroying(meaning: str) -> str:
    """Return a meaning where it is one of those that destroy, else ""."""
    return meaning if meaning in table().destroying else ""


def is_made(text: str) -> bool:
    """Tell whether a programmer made up a name, in which an act may stand among anything; what chance has made tells nothing."""
    if not _MADE.search(text):
        return False
    return not (_OPAQUE.fullmatch(text) and sum(map(str.isdigit, text)) * OPAQUE_DIGITS >= len(text))


def named(part: str) -> list[Word]:
    """Return the words of a programmer's name or of a part of an address."""
    return read(_HUMP.sub(" ", part), table().lookalikes)


def decoded(text: str) -> str:
    """Return a text of an address as it was before it was encoded, several times perhaps."""
    for _ in range(MOST_DECODED):
        plain = unquote(_CODE.sub(lambda code: chr(int(code[1], 16)), text))
        if plain == text:
            break
        text = plain
    return text


@lru_cache(MOST_REMEMBERED)
def _acts_in_one(word: str) -> str:
    """Return the meaning of a word that is nothing but an act and what it is done to, written in one ("xoahoso", "dangxuat2")."""
    if not LEAST_JOINED < len(word) <= MOST_JOINED:
        return ""
    known = table()
    reached: list[str | None] = ["", *[None] * len(word)]
    for at, letter in enumerate(word):
        so_far = reached[at]
        if so_far is None:
            continue
        for piece, meaning in known.pieces.get(letter, ()):
            if word.startswith(piece, at):
                reached[at + len(piece)] = known.weightier(reached[at + len(piece)] or so_far, meaning or so_far)
        if letter.isdigit():
            reached[at + 1] = reached[at + 1] or so_far
    return reached[-1] or ""
