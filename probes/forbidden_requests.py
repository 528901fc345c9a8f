"""
What a request says besides its path that it would do: by a method in its query or a header, and by what stands in its body.

A journey may name a path that is posted to for a draft; the same path may take "submit" or "delete" from a body. What cannot be
read counts as forbidden. Linear and bounded, and never raises.
"""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from probes.forbidden_acts import Meaning, meaning_of_pair, method_meant

MOST_BODY = 32_768
"""Characters of a body that is looked into; what opens a form is small."""

MOST_VALUES = 300
MOST_VALUE = 500
"""Characters of a value that is looked into; what says what to do is short, what people declare is not."""

DRAFT_MEANINGS = frozenset({Meaning.SAVE, Meaning.PROCEED})
"""What a body may say that the journey allows."""

_METHOD = re.compile(r"method|verb", re.IGNORECASE)
_CHOSEN_BY_BROWSER = frozenset({"access-control-request-method"})
_ACTION = re.compile(r"(?:^|[-_])(?:action|soapaction|command|cmd|operation|op)$", re.IGNORECASE)
_MUTATION = re.compile(r"^\s*mutation\b", re.IGNORECASE)
_WRAPPED = frozenset({"content-encoding", "transfer-encoding"})
_UTF8 = frozenset({"charset=utf-8", "charset=utf8"})
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DISPOSITION = re.compile(r"content-disposition", re.IGNORECASE)
_PART = re.compile(r'form-data; name="([^"\r\n]*)"\r?\n(?:[^\r\n]+\r?\n){0,9}\r?\n([^\r\n]*)')
_ELEMENT = re.compile(r"<(?:[\w.-]++:)?([A-Za-z_][\w.-]*+)([^<>]*+)>([^<]*)", re.ASCII)
_ATTRIBUTE = re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]*+)\s*+=\s*+(?:"([^"]*)"|'([^']*)')""", re.ASCII)


class _Pairs:
    """An object of JSON."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def means_another_method(url: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request says by a header or its query that it is one of another method, or an act in a header of its own."""
    for name, value in headers.items():
        if _METHOD.search(name) and name.lower() not in _CHOSEN_BY_BROWSER:
            return True
        if _ACTION.search(name) and meaning_of_pair("action", value):
            return True
    return any(method_meant(name, value) or _MUTATION.match(value) for name, value in _pairs(urlsplit(url).query))


def says_more_than_a_draft(url: str, headers: Mapping[str, str], body: str | None) -> bool:
    """Tell whether the query or the body of a post says, or may say, that more is done than a draft is made."""
    given = {name.lower(): value for name, value in headers.items()}
    media_type = given.get("content-type", "").lower()
    if given.keys() & _WRAPPED or not _is_in_utf8(media_type):
        return True
    told = meaning_of_body(body, media_type), meaning_of_body(urlsplit(url).query)
    return any(meaning and meaning not in DRAFT_MEANINGS for meaning in told)


def meaning_of_body(body: str | None, media_type: str = "") -> Meaning | None:
    """
    Return what a body says would be done, None = nothing that is listed.

    Args:
        body: of a form (either way), JSON, XML, or a text; None = there is one that nobody can look into.
        media_type: what it says it is, in small letters.
    """
    if body is None or len(body) > MOST_BODY or _NO_TEXT.search(body):
        return Meaning.UNREADABLE
    try:
        said = list(_said(body.removeprefix("\ufeff"), media_type))
    except (ValueError, RecursionError):
        return Meaning.UNREADABLE
    if len(said) > MOST_VALUES:
        return Meaning.UNREADABLE
    for name, value in said:
        if method_meant(name, value) or _MUTATION.match(value):
            return Meaning.UNREADABLE
        meaning = meaning_of_pair(name, value[:MOST_VALUE])
        if meaning and meaning not in DRAFT_MEANINGS:
            return meaning
    return None


def _is_in_utf8(media_type: str) -> bool:
    told = [part.strip().replace('"', "") for part in media_type.split(";")[1:]]
    return all(part in _UTF8 for part in told if "charset" in part)


def _said(body: str, media_type: str) -> Iterator[tuple[str, str]]:
    """Give names and values of a body, whatever it is written in; raises ValueError where it is not what it says, or a file."""
    start = body.lstrip()[:2]
    if start[:1] in ("{", "[") or "json" in media_type:
        yield from _of_json(json.loads(body, object_pairs_hook=_Pairs))
    elif start[:1] == "<" or "xml" in media_type:
        yield from _of_xml(body)
    elif start == "--" or "multipart" in media_type:
        yield from _of_parts(body)
    elif "=" in body:
        yield from _pairs(body)
    elif body.strip():
        yield "action", body.strip()


def _of_parts(body: str) -> Iterator[tuple[str, str]]:
    parts = _PART.findall(body)
    if "filename" in body or "transfer-encoding" in body.lower() or len(parts) != len(_DISPOSITION.findall(body)):
        raise ValueError("a file, or nothing that a browser makes of a form")
    yield from parts


def _of_xml(body: str) -> Iterator[tuple[str, str]]:
    if "<!" in body:
        raise ValueError("what is written elsewhere")
    for tag, attributes, text in _ELEMENT.findall(body):
        yield "action", tag
        yield tag, unescape(text)
        for name, one, other in _ATTRIBUTE.findall(attributes):
            yield name, unescape(one or other)


def _of_json(document: Any) -> Iterator[tuple[str, str]]:
    """Give the texts of a document whose objects are lists of pairs: a name may stand in one twice."""
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, _Pairs):
            waiting += value.pairs
        elif isinstance(value, list):
            waiting += [(name, inner) for inner in value]
        elif isinstance(value, str):
            yield name, value
        elif value is True:
            yield name, "1"


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for pair in re.split(r"[&;]", query):
        name, given, value = pair.partition("=")
        if name or given:
            yield unquote_plus(name), unquote_plus(value)
