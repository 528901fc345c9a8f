"""What a document is made of, as far as people use it: fields, ways to go on, elements at all; told by its source."""

import re

from probes.page_parts import may_show_more

_FIELD = re.compile(r"<(?:input|textarea|select)\b[^<>]{0,500}", re.IGNORECASE)
_NO_FIELD = re.compile(
    r"type\s{0,9}=\s{0,9}[\"']?(?:hidden|submit|button|image|reset|checkbox|radio)|captcha-response", re.IGNORECASE
)
_FORM = re.compile(r"<form[\s>]", re.IGNORECASE)
_PASSWORD = re.compile(r"type\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)
_LETTERBOX = re.compile(r"\be-?mail\b", re.IGNORECASE)

_GOES_ON = re.compile(
    r"<(?:map|form|button|input|select|textarea|canvas|video|audio)[\s/>]|\bonclick\b"
    r"|<a\s(?:[^<>]{0,300}\s)?href\s{0,9}=\s{0,9}[\"']?(?!/?[\"'\s>]|#|mailto:|tel:|javascript:|https?:|//)",
    re.IGNORECASE,
)
"""What a person can use; a link back to here, to somebody's letterbox or to another host is a way out."""
_FRAMED_OR_MADE = re.compile(r"<(?:i?frame|object|embed|[a-z]{1,30}-)|\s(?:role|tabindex)\s{0,9}=", re.IGNORECASE)
"""What a person may be able to use on a page that is drawn, whose scripts have run."""

_ELEMENT = re.compile(r"<(?!/?(?:html|head|body|meta|title|pre|br)\b)[a-z]", re.IGNORECASE)


def has_elements(source: str) -> bool:
    """Tell whether a document has an element that shows something; what a browser puts around a line of text is none."""
    return _ELEMENT.search(source) is not None


def fields_of(source: str) -> list[str]:
    """Return the tags of a document's fields, without their ends."""
    return [one for one in _FIELD.findall(source) if not _NO_FIELD.search(one)]


def is_letterbox(field: str) -> bool:
    """Tell whether a field asks for nothing but an address to write to, as those do who are away."""
    return _LETTERBOX.search(field) is not None


def asks_for_password(fields: list[str]) -> bool:
    """Tell whether one of some fields is for a password."""
    return any(map(_PASSWORD.search, fields))


def forms_with_fields(source: str) -> int:
    """Return how many forms a document has that have a field; all that stands outside of one counts as another."""
    return sum(bool(fields_of(form)) for form in _FORM.split(source))


def lets_go_on(source: str, *, drawn: bool) -> bool:
    """Tell whether a person may find something to use in a document; drawn: its scripts have run."""
    may_be_there = _FRAMED_OR_MADE.search(source) is not None if drawn else may_show_more(source)
    return may_be_there or _GOES_ON.search(source) is not None
