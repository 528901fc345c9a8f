"""What an address has done: its path part by part, its query pair by pair."""

import re
from collections.abc import Sequence

from probes.forbidden_labels import MOST_WORDS, longest, spaced_out
from probes.forbidden_list import Meaning, Word, table
from probes.forbidden_names import acts_of_name, acts_outright, decoded, destroying, is_made, named

DOCUMENTS = frozenset({"html", "htm", "xhtml", "shtml", "json", "xml"})
"""Endings under which names are written for readers, too."""

UNTRUE = frozenset({"", "0", "false", "no", "off", "none", "null"})
OVERRIDES = {
    "delete": Meaning.DELETE.value,
    "put": Meaning.SEND.value,
    "post": Meaning.SEND.value,
    "patch": Meaning.SEND.value,
}
BLANK = "".join(chr(code) for code in range(0x10000) if chr(code).isspace()) + "\ufeff"

_ENDING = re.compile(r"\.([A-Za-z0-9]{1,11})$")
_PIECES = re.compile(r"[:!|~$@]")
"""Behind them interfaces put what shall be done ("/ho-so/7:cancel")."""

_WAY = re.compile(r"[\w.~-]*(?:/[\w.~-]*)+", re.ASCII)
_PAIR = re.compile(r"""["']?([A-Za-z_][\w-]{0,40})["']? ?[:=] ?["']?([^"'&;,{}\[\]:=]{1,100})""", re.ASCII)


def acts_of_page(address: str) -> str:
    """Return the weightiest meaning of a path and its query (the part of an address behind its host); "" where none is listed."""
    path, _, query = address.partition("?")
    return table().weightier(_acts_of_path(path), _acts_of_query(query))


def acts_of_value(key: Sequence[Word], value: str) -> str:
    """Return what a value of a query would have done: any act where its key asks what to do, else what destroys."""
    known = table()
    bare = " ".join(word.bare for word in key)
    if is_method_key(bare) and value.lower() in OVERRIDES:
        return OVERRIDES[value.lower()]
    said = named(value)
    if asks(key):
        return acts_of_name(said, loose=len(said) <= MOST_WORDS) or spaced_out(said)
    found = ""
    for inner, what in _PAIR.findall(value):
        inside = named(inner)
        acts = acts_of_name(named(what), loose=asks(inside))
        found = known.weightier(found, acts if asks(inside) else destroying(acts))
    if value.startswith(("http:", "https:", "//")):
        return found
    if _WAY.fullmatch(value):
        goes_on = bare in known.afterwards or (bool(key) and key[-1].bare in known.afterwards)
        return found if goes_on else known.weightier(found, destroying(_acts_of_path(value)))
    loose = is_made(value)
    if loose or bare not in known.looked_up:
        acts = acts_of_name(said, loose=loose) or acts_outright(said)
        found = known.weightier(found, destroying(acts))
    return found


def asks(key: Sequence[Word]) -> bool:
    """Tell whether a key's value says what shall be done."""
    keys = table().keys
    return bool(key) and (key[-1].bare in keys or " ".join(word.bare for word in key) in keys)


def is_method_key(bare: str) -> bool:
    """Tell whether a key, as its words without marks, names the method that is meant instead of that of the request."""
    return bare.endswith(("method", "method override", "http verb"))


def _acts_of_path(path: str) -> str:
    """Read a path part by part, each with what stands behind its semicolons; a file's own name tells nothing."""
    known = table()
    found, in_section = "", False
    parts = [part for part in re.split(r"[/\\]", decoded(path)) if part.strip(";")]
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
            found = destroying(found) or (Meaning.DOWNLOAD.value if is_file else "")
            continue
        if ending and kind in known.scripts:
            part = part[: ending.start()]
        elif kind:
            found = known.weightier(found, destroying(acts_of_name(named(kind), loose=False)))
        by_program = kind in known.scripts and kind not in DOCUMENTS
        for piece in filter(None, _PIECES.split(part)):
            found = known.weightier(found, _acts_of_piece(piece, by_program=by_program, in_section=in_section))
        words = named(part)
        in_section = bool(words) and longest(words, 0, known.sections, by_letters=True)[0] == len(words)
    return found


def _acts_of_piece(piece: str, *, by_program: bool, in_section: bool) -> str:
    words, loose = named(piece), by_program or is_made(piece)
    if in_section and not loose and len(words) >= 3:
        return ""  # the name of what is told there
    return acts_of_name(words, loose=loose) or acts_outright(words)


def _acts_of_query(query: str) -> str:
    known = table()
    found = ""
    for pair in re.split(r"[&;]", query):
        name, given, value = pair.replace("+", " ").partition("=")
        value = decoded(value).strip(BLANK)
        key = named(decoded(name))
        if given:
            found = known.weightier(found, acts_of_value(key, value))
        if not given or value.lower() not in UNTRUE:
            found = known.weightier(found, destroying(acts_of_name(key, loose=False)))
    return found
