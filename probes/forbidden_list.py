"""The list of forbidden_acts.yaml, ready to be compared with what a page bears; and how words are read for that."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field

from probes.accents import normalized
from thuocdo.core import yamlfile
from thuocdo.core.yamlfile import Strict

FIRST_WORDS = 3
"""An act that a label must begin with may have a little before it ("Bấm để rút")."""

LEAST_UNMARKED = 5
"""Letters of a word without marks that is known with strange ones, too ("dėlete"); a syllable of Vietnamese has fewer."""

LEAST_JOINED = 3
"""Letters of an act that is looked for among letters that stand apart ("X ó a")."""

LEAST_PIECE = 2
"""Letters of what an act may be done to, written in one word with it."""

LEAST_RUN = 6
"""Letters of an act of several words that is known when written in one ("dangxuat")."""


class Meaning(StrEnum):
    """What would be done; by the names of forbidden_acts.yaml, but for the last."""

    DELETE = "delete"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"
    STOP = "stop"
    LOG_OUT = "log_out"
    UNSUBSCRIBE = "unsubscribe"
    RESET = "reset"
    PAY = "pay"
    SIGN = "sign"
    APPROVE = "approve"
    CONFIRM = "confirm"
    SEND = "send"
    SAVE = "save"
    REGISTER = "register"
    BOOK = "book"
    VOTE = "vote"
    TELL = "tell"
    DOWNLOAD = "download"
    ARCHIVE = "archive"
    PROCEED = "proceed"
    UNREADABLE = "unreadable"


class _Acts(Strict):
    destroys: bool = False
    words: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


class _Leading(Strict):
    names: tuple[str, ...]
    links: tuple[str, ...]
    beside: tuple[str, ...]


class _List(Strict):
    meanings: dict[Meaning, _Acts]
    leading: _Leading
    innocent: tuple[str, ...]
    procedures: tuple[str, ...]
    verbs: tuple[str, ...]
    between: tuple[str, ...]
    own: tuple[str, ...]
    fillers: tuple[str, ...]
    keys: tuple[str, ...]
    looked_up: tuple[str, ...]
    sections: tuple[str, ...]
    afterwards: tuple[str, ...]
    outright: tuple[str, ...]
    ambiguous: tuple[str, ...]
    static: tuple[str, ...]
    files: tuple[str, ...]
    scripts: tuple[str, ...]
    doubtful: tuple[str, ...]
    only_marked: tuple[str, ...]
    lookalikes: dict[str, str] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is compared. bare: its letters without marks. marked: with the marks of its letters, its tone at the end."""

    bare: str
    marked: str

    @property
    def is_bare(self) -> bool:
        """Whether it is written without any mark."""
        return self.bare == self.marked


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together. meaning: "" where it is told by the list they are in. first: only where a label begins."""

    words: tuple[Word, ...]
    meaning: str = ""
    first: bool = False


Phrases = Mapping[str, Sequence[Phrase]]
"""By their first word without marks, the longest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    The whole list, ready to be compared.

    labels … outright: phrases. joined: acts written in one word -> meaning. signs, icons: character, name -> meaning. order:
    meaning -> its place, the weightiest first. The rest are sets of words without marks, as forbidden_acts.yaml explains them.
    """

    labels: Phrases
    innocent: Phrases
    procedures: Phrases
    verbs: Phrases
    own: Phrases
    leading: Phrases
    leading_links: Phrases
    addresses: Phrases
    sections: Phrases
    outright: Phrases
    joined: Mapping[str, str]
    signs: Mapping[str, str]
    icons: Mapping[str, str]
    order: Mapping[str, int]
    pieces: Mapping[str, Sequence[tuple[str, str]]]
    lookalikes: Mapping[str, str]
    destroying: frozenset[str]
    beside: frozenset[str]
    between: frozenset[str]
    fillers: frozenset[str]
    keys: frozenset[str]
    looked_up: frozenset[str]
    afterwards: frozenset[str]
    static: frozenset[str]
    files: frozenset[str]
    scripts: frozenset[str]
    doubtful: frozenset[str]
    only_marked: frozenset[str]

    def weightier(self, one: str, other: str) -> str:
        """Return the weightier of two meanings; "" = none."""
        if not one or not other:
            return one or other
        return min(one, other, key=self.order.__getitem__)

    def for_scripts(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        told: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if isinstance(value, frozenset):
                told[name] = sorted(value)
            elif name in _PHRASES:
                told[name] = {
                    word: [[[[w.bare, w.marked] for w in one.words], one.meaning, one.first] for one in found]
                    for word, found in value.items()
                }
            else:
                told[name] = dict(value)
        return told


_PHRASES = frozenset(
    (
        "labels",
        "innocent",
        "procedures",
        "verbs",
        "own",
        "leading",
        "leading_links",
        "addresses",
        "sections",
        "outright",
    ),
)

_PLAIN = re.compile("[a-z0-9]+")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_SHAPES = frozenset("\u0302\u0306\u031b")
_D = frozenset("đðɖ")
_UNSEEN = frozenset("\u115f\u1160")
"""Letters of Korean that fill a place and show nothing."""


def read(text: str, lookalikes: Mapping[str, str]) -> list[Word]:
    """Return the words of a text as they are compared: whatever is neither letter nor number parts them, if it can be seen."""
    if text.isascii():  # most addresses are; their letters have no marks, and look like no others
        return [Word(word, word) for word in _PLAIN.findall(text.lower())]
    words: list[Word] = []
    bare, marked, tones = list[str](), list[str](), list[str]()
    for raw in f"{normalized('NFKD', text).lower()} ":
        letter = lookalikes.get(raw, raw)
        kind = unicodedata.category(letter)
        if letter in _TONES:
            tones.append(letter)
        elif letter in _SHAPES:
            marked.append(letter)
        elif letter in _D:
            bare.append("d")
            marked.append("đ")
        elif letter in _UNSEEN:
            pass
        elif kind[0] in "LN":
            bare.append(letter)
            marked.append(letter)
        elif kind not in ("Mn", "Cf"):
            if bare:
                words.append(Word("".join(bare), "".join(marked + sorted(tones))))
            bare, marked, tones = [], [], []
    return words


def joined_to(one: Word, other: Word) -> Word:
    """Return two words as one."""
    marked = one.marked + other.marked
    tones = sorted(letter for letter in marked if letter in _TONES)
    return Word(one.bare + other.bare, "".join([*(letter for letter in marked if letter not in _TONES), *tones]))


@cache
def table() -> Table:
    """Return the list; read once."""
    made = _List.model_validate(yamlfile.read(Path(str(files("probes") / "forbidden_acts.yaml"))).data)

    def phrases(texts: Iterable[str], meaning: str = "", *, first: bool = False) -> Iterator[Phrase]:
        for one in texts:
            yield Phrase(tuple(read(one, made.lookalikes)), meaning, first)

    def bare(texts: Iterable[str]) -> frozenset[str]:
        return frozenset(" ".join(word.bare for word in read(one, made.lookalikes)) for one in texts)

    def singly(texts: Iterable[str]) -> frozenset[str]:
        return frozenset(word.bare for one in texts for word in read(one, made.lookalikes))

    def marked(texts: Iterable[str]) -> frozenset[str]:
        return frozenset(word.marked for one in texts for word in read(one, made.lookalikes))

    meanings = made.meanings.items()
    labels = [
        phrase
        for meaning, acts in meanings
        for phrase in (*phrases(acts.words, meaning), *phrases(acts.first, meaning, first=True))
    ]
    addresses = [phrase for meaning, acts in meanings for phrase in phrases(acts.addresses, meaning)]
    destroying = frozenset(meaning.value for meaning, acts in meanings if acts.destroys) | {Meaning.UNREADABLE.value}
    joined: dict[str, str] = {}
    for phrase in (*labels, *addresses):
        together = "".join(word.bare for word in phrase.words)
        if len(together) >= LEAST_JOINED and phrase.meaning != Meaning.PROCEED:
            joined.setdefault(together, phrase.meaning)
    fillers = singly(made.fillers)
    ambiguous = singly(made.ambiguous)
    pieces: dict[str, list[tuple[str, str]]] = {}
    written = {"".join(word.bare for word in phrase.words): phrase.meaning for phrase in addresses}
    for piece, meaning in (*dict.fromkeys(fillers, "").items(), *written.items()):
        is_act = meaning in destroying and len(piece) >= LEAST_JOINED and piece not in ambiguous
        if is_act or (not meaning and len(piece) >= LEAST_PIECE):
            pieces.setdefault(piece[0], []).append((piece, meaning))
    return Table(
        labels=_by_first_word(labels),
        innocent=_by_first_word(phrases(made.innocent)),
        procedures=_by_first_word(phrases(made.procedures)),
        verbs=_by_first_word(phrases(made.verbs)),
        own=_by_first_word(phrases(made.own)),
        leading=_by_first_word(phrases(made.leading.names)),
        leading_links=_by_first_word(phrases((*made.leading.names, *made.leading.links))),
        addresses=_by_first_word(addresses),
        sections=_by_first_word(phrases(made.sections)),
        outright=_by_first_word(phrases(made.outright)),
        joined=joined,
        signs={sign: meaning.value for meaning, acts in meanings for sign in acts.signs},
        icons={icon: meaning.value for meaning, acts in meanings for icon in acts.icons},
        order={meaning.value: place for place, meaning in enumerate((Meaning.UNREADABLE, *made.meanings))},
        pieces={letter: sorted(found) for letter, found in pieces.items()},
        lookalikes=made.lookalikes,
        destroying=destroying,
        beside=singly(made.leading.beside),
        between=singly(made.between),
        fillers=fillers,
        keys=bare(made.keys),
        looked_up=bare(made.looked_up),
        afterwards=bare(made.afterwards),
        static=frozenset(made.static),
        files=frozenset(made.files),
        scripts=frozenset(made.scripts),
        doubtful=marked(made.doubtful),
        only_marked=marked(made.only_marked),
    )


def _by_first_word(phrases: Iterable[Phrase]) -> Phrases:
    by_word: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        by_word.setdefault(phrase.words[0].bare, []).append(phrase)
    return {word: sorted(found, key=lambda one: -len(one.words)) for word, found in by_word.items()}
