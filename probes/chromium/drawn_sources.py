"""Pictures that stand in a page itself, as addresses of data or of what scripts made: whether they may hold text."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from urllib.parse import unquote

_SOURCES = ("src", "srcset", "href", "xlink:href", "poster")
_DATA, _BLOB = "data:", "blob:"
_DRAWING = re.compile(r"data:image/svg", re.IGNORECASE)
_END = re.compile(r"[\"' )]")
_WRITES = ("<text", ":text", "foreignobject")


def is_made_in_the_page(attributes: Mapping[str, str]) -> bool:
    """Tell whether a picture's attributes hold it in themselves, or the address of what a script made."""
    sources = [attributes[name].lower() for name in _SOURCES if name in attributes]
    return any(_DATA in source or _BLOB in source for source in sources)


def may_hold_text(attributes: Mapping[str, str]) -> bool:
    """Tell whether a picture that is made in the page may hold text: a script made it, or it is a drawing with text."""
    sources = [attributes[name] for name in _SOURCES if name in attributes]
    return any(_BLOB in source[:200].lower() or draws_text(source) for source in sources)


def draws_text(sources: str) -> bool:
    """Tell whether one of several addresses, in a style or an attribute, holds in itself a drawing with text."""
    return any(map(_is_written, _DRAWING.split(sources)[1:]))


def _is_written(drawing: str) -> bool:
    """Tell whether the rest of a drawing's address holds text, or cannot be read."""
    head, _, body = drawing.partition(",")
    if ";base64" in head.lower():
        try:
            body = b64decode(_END.split(unquote(body), maxsplit=1)[0]).decode("utf-8", "replace")
        except (Base64Error, ValueError):
            return True
    written = unquote(body).lower()
    return any(part in written for part in _WRITES)
