"""
What is never pressed, followed or fetched on somebody else's portal: the one list (forbidden_acts.yaml), and how to ask it.

By meaning, and read as people read: without marks or with them, in capitals, spaced out, in look-alike letters. The same is asked
by scripts in pages (`script`, forbidden_acts.js), which see controls as well; both answer alike, which one table of cases holds
together. Reading is bounded and linear, and never raises: what is too long to be a label or an address counts as forbidden.
"""

import json
import re
from functools import cache, lru_cache
from importlib.resources import files

from probes.accents import normalized
from probes.forbidden_addresses import (
    BLANK,
    DOCUMENTS,
    OVERRIDES,
    UNTRUE,
    acts_of_page,
    acts_of_value,
    asks,
    is_method_key,
)
from probes.forbidden_labels import MOST_VERBS, MOST_WORDS, acts_of_label, drawn_together, longest, spaced_out
from probes.forbidden_list import FIRST_WORDS, LEAST_JOINED, LEAST_RUN, LEAST_UNMARKED, Meaning, read, table
from probes.forbidden_names import (
    MOST_DECODED,
    MOST_JOINED,
    MOST_OUTRIGHT,
    OPAQUE_DIGITS,
    acts_of_name,
    decoded,
    destroying,
    named,
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
TURNED = "\u202e"
"""From here on letters are drawn from the right to the left."""

_BREAKS = re.compile(r"[\t\r\n]")  # which browsers take out of addresses
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_TRUE = frozenset({"1", "true", "yes", "on"})
_STATES = frozenset({"status", "state", "thai"})
_SENT = frozenset({"submit", "submitted", "sent", "nop", "gui", "final", "completed"})
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
    found = known.weightier(spaced_out(words), acts_of_label(words))
    if any(len(word.bare) == 1 for word in words):
        found = known.weightier(found, destroying(acts_of_label(drawn_together(words))))
    if TURNED in text:
        backwards = read(normalized("NFC", plain)[::-1], known.lookalikes)
        found = known.weightier(found, acts_of_label(backwards))
    return _meaning(found)


def is_leading(text: str, *, link: bool) -> bool:
    """Tell whether a whole label is one of those that lead on to a form; link: it stands on a link with an address of its own."""
    known = table()
    words = [word for word in read(" ".join(text.split())[:MOST_LABEL], known.lookalikes) if not word.bare[0].isdigit()]
    for at in range(min(len(words), FIRST_WORDS)):
        end = longest(words, at, known.leading_links if link else known.leading)[0]
        if end and all(word.bare in known.beside for word in (*words[:at], *words[end:])):
            return True
    return False


@lru_cache(maxsize=4096)  # a document is asked about twice, a portal's pages again and again
def meaning_of_address(url: str) -> Meaning | None:
    """Return what asking for an address would do by what is written in it, None = nothing that is listed."""
    text = _BREAKS.sub("", url).strip(BLANK)
    scheme = _SCHEME.match(text)
    kind = scheme[0].lower() if scheme else ""
    if kind in _HARMLESS_SCHEMES:
        return None
    if len(text) > MOST_ADDRESS:
        return Meaning.UNREADABLE
    if kind in _TELLING_SCHEMES:
        return Meaning.TELL
    if kind == "javascript:":
        return _meaning(acts_of_name(named(decoded(text)), loose=True))
    rest = text[len(kind) :]
    if rest.startswith("//"):
        host = re.search(r"[/?#\\]", rest[2:])
        rest = rest[2 + host.start() :] if host else ""
    before, _, fragment = rest.partition("#")
    found = acts_of_page(before)
    if fragment.startswith(("/", "!")):  # the address of a page within the page
        found = table().weightier(found, acts_of_page(fragment.lstrip("!")))
    return _meaning(found)


def method_meant(name: str, value: str) -> bool:
    """Tell whether a name and its value, of a query or a form, say that another method is meant than that of the request."""
    return is_method_key(" ".join(word.bare for word in named(name))) and value.strip().lower() in OVERRIDES


def meaning_of_pair(name: str, value: str) -> Meaning | None:
    """Return what a name and its value in the body of a request would have done; read more strictly than in an address."""
    known = table()
    key, value = named(decoded(name)), decoded(value).strip(BLANK)
    found = acts_of_value(key, value)
    said = {word.bare for word in named(value)}
    if asks(key):
        found = known.weightier(found, acts_of_label(named(value)))
    elif key and key[-1].bare in _STATES and said & _SENT:
        found = known.weightier(found, Meaning.SEND)
    if value.lower() not in UNTRUE:
        meant = acts_of_name(key, loose=value.lower() in _TRUE)
        found = known.weightier(found, meant if value.lower() in _TRUE else destroying(meant))
    return _meaning(found)


@cache
def script() -> str:
    """
    Return the source of a JavaScript expression: an object that answers in a page as this module does here.

    words(text), address(url), leading(text, link): as the functions of this module, a meaning or null. control(element): what
    pressing or following it would do, by all that it and what it stands in bear. reading(element, url): the same for somebody
    who only reads what a link or a frame shows, and need not: anything that destroys, anywhere in the address, counts.
    way(element): the same for somebody who goes from page to page, to whom the name of a procedure on a link forbids nothing;
    "proceed" where it bears a label that leads on although fields have been met.
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
            "digits": OPAQUE_DIGITS,
        },
        "least": {"joined": LEAST_JOINED, "run": LEAST_RUN, "unmarked": LEAST_UNMARKED},
        "documents": sorted(DOCUMENTS),
        "untrue": sorted(UNTRUE),
        "overrides": OVERRIDES,
        "harmless": _HARMLESS_SCHEMES,
        "telling": _TELLING_SCHEMES,
    }
    listed = json.dumps({**table().for_scripts(), **reading})
    return f"({source}({json.dumps(listed)}))"  # JSON in a string costs a frame nothing until it is read


def _meaning(name: str) -> Meaning | None:
    return Meaning(name) if name else None
