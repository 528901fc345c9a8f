"""
What a request says besides its path that it would do: by a method in its query or a header, and by what stands in its body.

A journey may name a path that is posted to for a draft; the same path may take "submit" or "delete" from a body. What cannot be
read counts as forbidden. Linear and bounded, and never raises.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from probes.forbidden_acts import Meaning, meaning_of_pair, method_meant

MOST_BODY = 32_768
"""Characters of a body that is looked into; what opens a form is small."""

MOST_VALUES = 2_000
MOST_VALUE = 500
"""Characters of a value that is looked into; what says what to do is short, what people declare is not."""

DRAFT_MEANINGS = frozenset({Meaning.SAVE, Meaning.PROCEED})
"""What a body may say that the journey allows."""

_METHOD = re.compile(r"method|verb", re.IGNORECASE)
_CHOSEN_BY_BROWSER = frozenset({"access-control-request-method"})
_ACTION = re.compile(r"(?:^|[-_])(?:action|soapaction|command|cmd|operation|op)$", re.IGNORECASE)
_MUTATION = re.compile(r"^\s*mutation\b", re.IGNORECASE)
_PART = re.compile(r'name="([^"\r\n]*)"([^\r\n]*)\r?\n(?:[^\r\n]+\r?\n){0,9}\r?\n([^\r\n]*)')
_TAG = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)", re.ASCII)


def means_another_method(url: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request says by a header or its query that it is one of another method, or an act in a header of its own."""
    for name, value in headers.items():
        if _METHOD.search(name) and name.lower() not in _CHOSEN_BY_BROWSER:
            return True
        if _ACTION.search(name) and meaning_of_pair("action", value):
            return True
    return any(method_meant(name, value) or _MUTATION.match(value) for name, value in _pairs(urlsplit(url).query))


def meaning_of_body(body: str | None) -> Meaning | None:
    """
    Return what a body says would be done, None = nothing that is listed.

    Args:
        body: of a form (either way), JSON, XML, or a text; None = there is one that nobody can look into.
    """
    if body is None or len(body) > MOST_BODY:
        return Meaning.UNREADABLE
    try:
        said = list(_said(body))
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


def _said(body: str) -> Iterator[tuple[str, str]]:
    """Give names and values of a body, whatever it is written in."""
    start = body.lstrip()[:2]
    if start[:1] in ("{", "["):
        yield from _of_json(json.loads(body))
    elif start[:1] == "<":
        for tag in _TAG.findall(body):
            yield "action", tag
    elif start == "--":
        for name, more, value in _PART.findall(body):
            if "filename" in more:
                raise ValueError("a file")
            yield name, value
    elif "=" in body:
        yield from _pairs(body)
    elif body.strip():
        yield "action", body.strip()


def _of_json(document: Any) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(str(key), inner) for key, inner in value.items()]
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
