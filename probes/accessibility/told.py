"""What is told of a barrier in words: facts of machines and the engine's own sentences, nothing that people read on the page."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from probes.redaction.words import HIDDEN, is_known, is_word

MOST_CHARACTERS = 1_500
_PIECE = re.compile(r"#[0-9A-Fa-f]{3,8}\b|[^\W\d_][^\W_]*|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
_COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,3})?")
_MOST_NUMBERS = 12
_LONG = 3  # digits of a number that tells nothing without its unit, and may be a part of a person's
_UNITS = frozenset({"px", "pt", "em", "rem", "ms", "s", "vw", "vh"})
_COMPARES = frozenset(
    "<>≠="
)  # one of them, or the ":1" of a ratio, stands between two numbers of a fact: 2.1:1 < 4.5:1
_SIGNS = frozenset(" \n<>≠=:;,./()'\"|-_%*…")
_MESSAGE = re.compile(r':"((?:[^"\\]|\\.)*)"')
_LETTERS = re.compile(r"[A-Za-z]+")


def kept_fact(message: str) -> str:
    """Return what an act says of a place up to the first word that is not known; empty where nothing is left."""
    message = " ".join(message[:MOST_CHARACTERS].split())
    if is_known(message):
        return message
    return _without_rest(_PIECE.findall(message), frozenset())


def kept_summary(message: str) -> str:
    """Return the engine's sentences, each up to the first word that is none of the engine's."""
    lines = (line.strip() for line in message[:MOST_CHARACTERS].splitlines() if line.strip())
    return " ".join(filter(None, (_without_rest(_PIECE.findall(line), engine_words()) for line in lines)))


@cache
def engine_words() -> frozenset[str]:
    """Return all words of axe-core's messages, in small letters."""
    source = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    begin = source.index("checks:{", source.index("data:{rules:"))
    end = source.index("},rules:[", begin)
    said = " ".join(_MESSAGE.findall(source[begin:end]))
    return frozenset(word.lower() for word in _LETTERS.findall(said)) | {"fix", "any", "all", "following"}


def _without_rest(pieces: Sequence[str], more: frozenset[str]) -> str:
    kept: list[str] = []
    numbers = 0
    between: set[str] | None = None  # signs since the last number; None = a word came after it, or there is none
    word = ""
    for at, piece in enumerate(pieces):
        is_number = piece[0].isdigit()
        numbers += is_number
        unmeasured = piece.isdigit() and len(piece) >= _LONG and not _UNITS.intersection(pieces[at + 1 : at + 3])
        in_a_row = (
            is_number
            and between is not None
            and not (_COMPARES.intersection(between) or (between == {":"} and piece == "1"))
        )
        if is_number:
            between = set()
        elif piece[0].isalpha():
            between, word = None, piece
        elif between is not None:
            between.add(piece)
        of_a_person = unmeasured or in_a_row or numbers > _MOST_NUMBERS or (piece[0] == "#" and word != "color")
        if of_a_person or not _is_fact(piece, more):
            kept.append(HIDDEN)
            break
        kept.append(piece)
    told = "".join(kept).strip()
    return "" if told == HIDDEN else told


def _is_fact(piece: str, more: frozenset[str]) -> bool:
    if piece[0].isdigit():
        return bool(_NUMBER.fullmatch(piece))
    if piece[0] == "#" and len(piece) > 1:
        return bool(_COLOUR.fullmatch(piece))
    if piece[0].isalpha():
        return piece.lower() in more or piece in _UNITS or is_word(piece)
    return piece.isspace() or piece in _SIGNS
