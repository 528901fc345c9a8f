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

from probes.forbidden_list import (
    FIRST_WORDS,
    LEAST_JOINED,
    LEAST_RUN,
    LEAST_UNMARKED,
    Meaning,
    Phrases,
    Word,
    read,
    table,
)

__all__ = ["Meaning", "is_leading", "meaning_of_address", "meaning_of_words", "script"]

MOST_LABEL = 2000
"""Characters of a label once its white space is one space each; more is no label that can be judged."""

MOST_ADDRESS = 6000
MOST_WORDS = 12
"""A part of an address, or a label written letter by letter, with more words is a sentence."""

MOST_VERBS = 4
"""Verbs and small words between the first verb of a procedure's name and what it is about ("Hủy việc đăng ký lại kết hôn")."""

_BREAKS = re.compile(r"[\t\r\n]")  # which browsers take out of addresses
_BLANK = "".join(chr(code) for code in range(0x10000) if chr(code).isspace()) + "\ufeff"
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_MADE = re.compile(r"_|[a-z][A-Z]")
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,11})$")
_DOCUMENTS = frozenset({"html", "htm", "xhtml", "shtml", "json", "xml"})
"""Endings under which names are written for readers, too."""

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
    return _meaning(known.weightier(_spaced_out(words), _acts_of_label(words)))


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


@cache
def script() -> str:
    """
    Return the source of a JavaScript expression: an object that answers in a page as this module does here.

    words(text), address(url), leading(text, link): as the functions of this module, a meaning or null. control(element): what
    pressing or following it would do, by all that it and what it stands in bear. way(element): the same for somebody who goes
    from page to page: null where names of procedures stand on links, and where it `leads(element)`: it bears one of the labels
    that lead on, where no field has been met yet.
    """
    source = (files("probes") / "forbidden_acts.js").read_text(encoding="utf-8").strip()
    reading = {
        "most": {
            "label": MOST_LABEL,
            "address": MOST_ADDRESS,
            "words": MOST_WORDS,
            "first": FIRST_WORDS,
            "verbs": MOST_VERBS,
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


def _spaced_out(words: Sequence[Word]) -> str:
    """Return the meaning of a label written letter by letter or in one ("X ó a", "Đăngxuất", "LOG-OUT")."""
    joined = table().joined
    if 1 < len(words) <= MOST_WORDS:
        together = "".join(word.bare for word in words)
        if together in joined and any(len(word.bare) == 1 for word in words):
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
    known = table()
    parts = [part for part in re.split(r"[/;\\]", _decoded(path)) if part]
    ending = _ENDING.search(parts[-1]) if parts else None
    kind = ending[1].lower() if ending else ""
    is_static = kind in known.static
    if is_static:
        parts.pop()
    elif kind in known.files:
        return Meaning.DOWNLOAD
    elif ending and kind in known.scripts:
        parts[-1] = parts[-1][: ending.start()]
    by_program = kind in known.scripts and kind not in _DOCUMENTS
    found, in_section = "", False
    for at, part in enumerate(parts):
        words = _named(part)
        loose = _MADE.search(part) is not None or (by_program and at == len(parts) - 1)
        if loose or not in_section or len(words) < 3:  # else the name of what is told there
            meaning = _acts_of_name(words, loose=loose)
            found = known.weightier(found, _destroying(meaning) if is_static else meaning)
        in_section = bool(words) and _longest(words, 0, known.sections, by_letters=True)[0] == len(words)
    return found


def _acts_of_query(query: str) -> str:
    known = table()
    found = ""
    for pair in re.split(r"[&;]", query):
        name, given, value = pair.replace("+", " ").partition("=")
        value = _decoded(value).strip(_BLANK)
        key = _named(_decoded(name))
        bare = " ".join(word.bare for word in key)
        if bare.endswith("method") and value.lower() in _OVERRIDES:
            found = known.weightier(found, _OVERRIDES[value.lower()])
        elif key and (bare in known.keys or key[-1].bare in known.keys):
            said = _named(value)
            found = known.weightier(found, _acts_of_name(said, loose=len(said) <= MOST_WORDS))
        elif (loose := _MADE.search(value) is not None) or bare not in known.looked_up:
            leads_back = value.startswith(("/", "http:", "https:"))  # where to go afterwards
            found = (
                found if leads_back else known.weightier(found, _destroying(_acts_of_name(_named(value), loose=loose)))
            )
        if not given or value.lower() not in _UNTRUE:
            found = known.weightier(found, _destroying(_acts_of_name(key, loose=False)))
    return found


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
        elif loose or words[at].bare in known.fillers or any(letter.isdigit() for letter in words[at].bare):
            at += 1
        else:
            return ""
    return found


def _destroying(meaning: str) -> str:
    return meaning if meaning in table().destroying else ""


def _named(part: str) -> list[Word]:
    """Return the words of a programmer's name or of a part of an address."""
    return read(_HUMP.sub(" ", part), table().lookalikes)


def _decoded(text: str) -> str:
    return unquote(unquote(text))
