"""
What is never pressed, followed or fetched on somebody else's portal: the one list (forbidden_acts.yaml), and how to ask it.

By meaning, and read as people read: without marks or with them, in capitals, spaced out, in look-alike letters. The same is asked
by scripts in pages (`script`, forbidden_acts.js), which see controls as well; both answer alike, which one table of cases holds
together. Reading is bounded and linear, and never raises: what is too long to be a label or an address counts as forbidden.
"""

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import unquote

from probes.accents import normalized
from probes.forbidden_list import (
    FIRST_WORDS,
    LEAST_JOINED,
    LEAST_RUN,
    LEAST_UNMARKED,
    Meaning,
    Phrases,
    Word,
    joined_to,
    read,
    table,
)

__all__ = [
    "Meaning",
    "is_leading",
    "meaning_of_address",
    "meaning_of_pair",
    "meaning_of_words",
    "method_meant",
    "script",
]

MOST_LABEL = 2000
"""Characters of a label once its white space is one space each; more is no label that can be judged."""

MOST_ADDRESS = 6000
MOST_WORDS = 12
"""A part of an address, or a label written letter by letter, with more words is a sentence."""

TURNED = "\u202e"
"""From here on letters are drawn from the right to the left."""

MOST_DECODED = 4
"""Times that an address is decoded."""

MOST_OUTRIGHT = 6
"""Words of a name that is an act because it begins with one of those that say so outright ("cancel-appointment")."""

MOST_JOINED = 30
"""Letters of a word in which others are looked for ("xoahoso")."""

MOST_REMEMBERED = 4_096
"""Words that have been taken apart."""

MOST_VERBS = 4
"""Verbs and small words between the first verb of a procedure's name and what it is about ("Hủy việc đăng ký lại kết hôn")."""

_BREAKS = re.compile(r"[\t\r\n]")  # which browsers take out of addresses
_BLANK = "".join(chr(code) for code in range(0x10000) if chr(code).isspace()) + "\ufeff"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_MADE = re.compile(r"_|[a-z][A-Z]")
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,11})$")
_PIECES = re.compile(r"[:!|~$@]")
"""Behind them interfaces put what shall be done ("/ho-so/7:cancel")."""

_CODE = re.compile(r"%u([0-9a-f]{4})", re.IGNORECASE)  # as some servers of Microsoft's read them
_WAY = re.compile(r"[\w.~-]*(?:/[\w.~-]*)+", re.ASCII)
_OPAQUE = re.compile(r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9+/=_.~-]{33,}")
_OPAQUE_DIGITS = 20
"""One letter of so many is a digit in what is made by chance (keys, signatures), where two letters may be an act by chance."""

_PAIR = re.compile(r"""["']?([A-Za-z_][\w-]{0,40})["']? ?[:=] ?["']?([^"'&;,{}\[\]:=]{1,100})""", re.ASCII)
_DOCUMENTS = frozenset({"html", "htm", "xhtml", "shtml", "json", "xml"})
"""Endings under which names are written for readers, too."""

_TRUE = frozenset({"1", "true", "yes", "on"})
_STATES = frozenset({"status", "state", "thai"})
_SENT = frozenset({"submit", "submitted", "sent", "nop", "gui", "final", "completed"})
_UNTRUE = frozenset({"", "0", "false", "no", "off", "none", "null"})
_OVERRIDES = {
    "delete": Meaning.DELETE.value,
    "put": Meaning.SEND.value,
    "post": Meaning.SEND.value,
    "patch": Meaning.SEND.value,
}
_HARMLESS_SCHEMES = ("data:", "blob:", "about:")
_TELLING_SCHEMES = ("tel:", "sms:", "mailto:", "callto:", "zalo:", "viber:")


def meaning_of_words(text: str) -> Meaning | None:
    """
    Return what a label says would be done, None = nothing that is listed.

    The name of a procedure ("Xóa đăng ký thường trú") is no act here. What is asked of a control that is no link is stricter,
    and is asked in the page (forbidden_acts.js, `control`).
    """
    plain = " ".join(text.split())
    if len(plain) > MOST_LABEL:
        return Meaning.UNREADABLE
    known = table()
    for sign, meaning in known.signs.items():
        if sign in plain:
            return Meaning(meaning)
    words = read(plain, known.lookalikes)
    found = known.weightier(_spaced_out(words), _acts_of_label(words))
    if any(len(word.bare) == 1 for word in words):
        found = known.weightier(found, _destroying(_acts_of_label(_drawn_together(words))))
    if TURNED in text:
        backwards = read(normalized("NFC", plain)[::-1], known.lookalikes)
        found = known.weightier(found, _acts_of_label(backwards))
    return _meaning(found)


def is_leading(text: str, *, link: bool) -> bool:
    """Tell whether a whole label is one of those that lead on to a form; link: it stands on a link with an address of its own."""
    known = table()
    words = [word for word in read(" ".join(text.split())[:MOST_LABEL], known.lookalikes) if not word.bare[0].isdigit()]
    for at in range(min(len(words), FIRST_WORDS)):
        end = _longest(words, at, known.leading_links if link else known.leading)[0]
        if end and all(word.bare in known.beside for word in (*words[:at], *words[end:])):
            return True
    return False


@lru_cache(maxsize=4096)  # a document is asked about twice, a portal's pages again and again
def meaning_of_address(url: str) -> Meaning | None:
    """Return what asking for an address would do by what is written in it, None = nothing that is listed."""
    text = _BREAKS.sub("", url).strip(_BLANK)
    scheme = _SCHEME.match(text)
    kind = scheme[0].lower() if scheme else ""
    if kind in _HARMLESS_SCHEMES:
        return None
    if len(text) > MOST_ADDRESS:
        return Meaning.UNREADABLE
    if kind in _TELLING_SCHEMES:
        return Meaning.TELL
    if kind == "javascript:":
        return _meaning(_acts_of_name(_named(_decoded(text)), loose=True))
    rest = text[len(kind) :]
    if rest.startswith("//"):
        host = re.search(r"[/?#\\]", rest[2:])
        rest = rest[2 + host.start() :] if host else ""
    before, _, fragment = rest.partition("#")
    found = _acts_of_page(before)
    if fragment.startswith(("/", "!")):  # the address of a page within the page
        found = table().weightier(found, _acts_of_page(fragment.lstrip("!")))
    return _meaning(found)


def method_meant(name: str, value: str) -> bool:
    """Tell whether a name and its value, of a query or a form, say that another method is meant than that of the request."""
    return _is_method_key(" ".join(word.bare for word in _named(name))) and value.strip().lower() in _OVERRIDES


def meaning_of_pair(name: str, value: str) -> Meaning | None:
    """Return what a name and its value in the body of a request would have done; read more strictly than in an address."""
    known = table()
    key, value = _named(_decoded(name)), _decoded(value).strip(_BLANK)
    found = _acts_of_value(key, value)
    said = {word.bare for word in _named(value)}
    if _asks(key):
        found = known.weightier(found, _acts_of_label(_named(value)))
    elif key and key[-1].bare in _STATES and said & _SENT:
        found = known.weightier(found, Meaning.SEND)
    if value.lower() not in _UNTRUE:
        meant = _acts_of_name(key, loose=value.lower() in _TRUE)
        found = known.weightier(found, meant if value.lower() in _TRUE else _destroying(meant))
    return _meaning(found)


@cache
def script() -> str:
    """
    Return the source of a JavaScript expression: an object that answers in a page as this module does here.

    words(text), address(url), leading(text, link): as the functions of this module, a meaning or null. control(element): what
    pressing or following it would do, by all that it and what it stands in bear. reading(element, url): the same for somebody
    who only reads what a link or a frame shows, and need not: anything that destroys, anywhere in the address, counts.
    way(element): the same for somebody who goes from page to page: null where names of procedures stand on links, and where it
    `leads(element)`: it bears one of the labels that lead on, where no field has been met yet.
    """
    source = (files("probes") / "forbidden_acts.js").read_text(encoding="utf-8").strip()
    reading = {
        "most": {
            "label": MOST_LABEL,
            "address": MOST_ADDRESS,
            "words": MOST_WORDS,
            "first": FIRST_WORDS,
            "verbs": MOST_VERBS,
            "decoded": MOST_DECODED,
            "outright": MOST_OUTRIGHT,
            "joined": MOST_JOINED,
            "digits": _OPAQUE_DIGITS,
        },
        "least": {"joined": LEAST_JOINED, "run": LEAST_RUN, "unmarked": LEAST_UNMARKED},
        "documents": sorted(_DOCUMENTS),
        "untrue": sorted(_UNTRUE),
        "overrides": _OVERRIDES,
        "harmless": _HARMLESS_SCHEMES,
        "telling": _TELLING_SCHEMES,
    }
    listed = json.dumps({**table().for_scripts(), **reading})
    return f"({source}({json.dumps(listed)}))"  # JSON in a string costs a frame nothing until it is read


def _meaning(name: str) -> Meaning | None:
    return Meaning(name) if name else None


def _acts_of_label(words: Sequence[Word]) -> str:
    known = table()
    all_bare = all(word.is_bare for word in words)
    found, at = "", 0
    while at < len(words):
        end, meaning = _longest(words, at, known.labels, all_bare=all_bare)
        innocent, _ = _longest(words, at, known.innocent, all_bare=all_bare)
        if innocent and innocent >= end:
            at = innocent
        elif end:
            named = _procedure(words, end, all_bare=all_bare)
            found = found if named else known.weightier(found, meaning)
            at = named or end
        else:
            at += 1
    return found


def _procedure(words: Sequence[Word], at: int, *, all_bare: bool) -> int:
    """Return where the name of a procedure ends whose verb ends at `at`; 0 where none follows."""
    known = table()
    for _ in range(MOST_VERBS):
        if at >= len(words):
            break
        named, _ = _longest(words, at, known.procedures, all_bare=all_bare)
        if named:
            return named
        verb, _ = _longest(words, at, known.labels, all_bare=all_bare)
        if not verb and words[at].bare not in known.between:
            return 0
        at = verb or at + 1
    return 0


def _longest(
    words: Sequence[Word], at: int, phrases: Phrases, *, all_bare: bool = True, by_letters: bool = False
) -> tuple[int, str]:
    """Return where the longest phrase ends that stands at a place, and its meaning; 0 where none stands there."""
    doubtful, only_marked = table().doubtful, table().only_marked
    for phrase in phrases.get(words[at].bare, ()):
        said = phrase.words
        end = at + len(said)
        if end > len(words) or (phrase.first and at >= FIRST_WORDS):
            continue
        doubted = said[0].marked in only_marked or (said[0].marked in doubtful and at > 0 and not all_bare)
        in_doubt = len(said) == 1 and doubted
        pairs = zip(said, words[at:end], strict=True)
        if all(one.bare == word.bare and (by_letters or _same(one, word, in_doubt=in_doubt)) for one, word in pairs):
            return end, phrase.meaning
    return 0, ""


def _same(said: Word, word: Word, *, in_doubt: bool) -> bool:
    if said.marked == word.marked:
        return True
    if word.is_bare:
        return not in_doubt
    return said.is_bare and len(said.bare) >= LEAST_UNMARKED


def _drawn_together(words: Sequence[Word]) -> list[Word]:
    """Join each letter that stands alone to the word behind it ("X óa hồ sơ")."""
    joined: list[Word] = []
    alone: Word | None = None
    for word in words:
        if alone:
            word = joined_to(alone, word)
        alone = word if alone is None and len(word.bare) == 1 and not word.bare.isdigit() else None
        if alone is None:
            joined.append(word)
    return [*joined, alone] if alone else joined


def _spaced_out(words: Sequence[Word]) -> str:
    """Return the meaning of a label written letter by letter or in one ("X ó a", "Đăngxuất", "LOG-OUT")."""
    joined = table().joined
    if 1 < len(words) <= MOST_WORDS:
        together = "".join(word.bare for word in words)
        if together in joined and (all(word.is_bare for word in words) or any(len(word.bare) == 1 for word in words)):
            return joined[together]
    run = ""
    for word in (*words, Word("", "")):
        if len(word.bare) == 1:
            run += word.bare
            continue
        found = next((meaning for act, meaning in joined.items() if act in run), "") if len(run) >= LEAST_JOINED else ""
        if not found and len(word.bare) >= LEAST_RUN:
            found = joined.get(word.bare, "")
        if found:
            return found
        run = ""
    return ""


def _acts_of_page(address: str) -> str:
    path, _, query = address.partition("?")
    return table().weightier(_acts_of_path(path), _acts_of_query(query))


def _acts_of_path(path: str) -> str:
    """Read a path part by part, each with what stands behind its semicolons; a file's own name tells nothing."""
    known = table()
    found, in_section = "", False
    parts = [part for part in re.split(r"[/\\]", _decoded(path)) if part.strip(";")]
    for at, whole in enumerate(parts):
        part, _, beside = whole.partition(";")
        ending = _ENDING.search(part)
        kind = ending[1].lower() if ending else ""
        is_last = at == len(parts) - 1
        is_file = is_last and kind in known.files
        found = known.weightier(found, _acts_of_query(beside))
        if is_file:
            found = known.weightier(found, Meaning.DOWNLOAD)
        if is_file or (is_last and kind in known.static):
            found = _destroying(found) or (Meaning.DOWNLOAD.value if is_file else "")
            continue
        if ending and kind in known.scripts:
            part = part[: ending.start()]
        elif kind:
            found = known.weightier(found, _destroying(_acts_of_name(_named(kind), loose=False)))
        by_program = kind in known.scripts and kind not in _DOCUMENTS
        for piece in filter(None, _PIECES.split(part)):
            found = known.weightier(found, _acts_of_piece(piece, by_program=by_program, in_section=in_section))
        words = _named(part)
        in_section = bool(words) and _longest(words, 0, known.sections, by_letters=True)[0] == len(words)
    return found


def _acts_of_piece(piece: str, *, by_program: bool, in_section: bool) -> str:
    words, loose = _named(piece), by_program or _is_made(piece)
    if in_section and not loose and len(words) >= 3:
        return ""  # the name of what is told there
    return _acts_of_name(words, loose=loose) or _acts_outright(words)


def _acts_of_query(query: str) -> str:
    known = table()
    found = ""
    for pair in re.split(r"[&;]", query):
        name, given, value = pair.replace("+", " ").partition("=")
        value = _decoded(value).strip(_BLANK)
        key = _named(_decoded(name))
        if given:
            found = known.weightier(found, _acts_of_value(key, value))
        if not given or value.lower() not in _UNTRUE:
            found = known.weightier(found, _destroying(_acts_of_name(key, loose=False)))
    return found


def _acts_of_value(key: Sequence[Word], value: str) -> str:
    """Return what a value of a query would have done: any act where its key asks what to do, else what destroys."""
    known = table()
    bare = " ".join(word.bare for word in key)
    if _is_method_key(bare) and value.lower() in _OVERRIDES:
        return _OVERRIDES[value.lower()]
    said = _named(value)
    if _asks(key):
        return _acts_of_name(said, loose=len(said) <= MOST_WORDS) or _spaced_out(said)
    found = ""
    for inner, what in _PAIR.findall(value):
        inside = _named(inner)
        acts = _acts_of_name(_named(what), loose=_asks(inside))
        found = known.weightier(found, acts if _asks(inside) else _destroying(acts))
    if value.startswith(("http:", "https:", "//")):
        return found
    if _WAY.fullmatch(value):
        goes_on = bare in known.afterwards or (bool(key) and key[-1].bare in known.afterwards)
        return found if goes_on else known.weightier(found, _destroying(_acts_of_path(value)))
    loose = _is_made(value)
    if loose or bare not in known.looked_up:
        acts = _acts_of_name(said, loose=loose) or _acts_outright(said)
        found = known.weightier(found, _destroying(acts))
    return found


def _asks(key: Sequence[Word]) -> bool:
    """Tell whether a key's value says what shall be done."""
    keys = table().keys
    return bool(key) and (key[-1].bare in keys or " ".join(word.bare for word in key) in keys)


def _is_method_key(bare: str) -> bool:
    """Tell whether a key, as its words without marks, names the method that is meant instead of that of the request."""
    return bare.endswith(("method", "method override", "http verb"))


def _acts_of_name(words: Sequence[Word], *, loose: bool) -> str:
    """Return the meaning of a name; loose: whatever else is in it, else nothing but what an act is done to."""
    known = table()
    if not loose and len(words) > MOST_WORDS:
        return ""
    found, at = "", 0
    while at < len(words):
        end, meaning = _longest(words, at, known.addresses, by_letters=True)
        innocent, _ = _longest(words, at, known.innocent, by_letters=True)
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


def _acts_outright(words: Sequence[Word]) -> str:
    """Return the meaning of a short name that begins with an act which is never but one, whatever it is done to."""
    known = table()
    if not words or len(words) > MOST_OUTRIGHT:
        return ""
    begins = _longest(words, 0, known.outright, by_letters=True)[0]
    innocent = _longest(words, 0, known.innocent, by_letters=True)[0]
    named = _procedure(words, begins, all_bare=True)
    return _longest(words, 0, known.addresses, by_letters=True)[1] if begins > innocent and not named else ""


def _destroying(meaning: str) -> str:
    return meaning if meaning in table().destroying else ""


def _is_made(text: str) -> bool:
    """Tell whether a programmer made up a name, in which an act may stand among anything; what chance has made tells nothing."""
    if not _MADE.search(text):
        return False
    return not (_OPAQUE.fullmatch(text) and sum(map(str.isdigit, text)) * _OPAQUE_DIGITS >= len(text))


def _named(part: str) -> list[Word]:
    """Return the words of a programmer's name or of a part of an address."""
    return read(_HUMP.sub(" ", part), table().lookalikes)


def _decoded(text: str) -> str:
    for _ in range(MOST_DECODED):
        plain = unquote(_CODE.sub(lambda code: chr(int(code[1], 16)), text))
        if plain == text:
            break
        text = plain
    return text
