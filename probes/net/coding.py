"""
What a body holds under its content coding: as much of it as is wanted, however much it would become, and whether it is whole.

The rules are those of browsers, tried on Chromium 156: a body that is not packed as it says is an error from which no page
comes, wherever it breaks; one that merely ends too soon, or whose checksum is wrong, is shown as far as it came; what stands
behind the packed data is left alone. In one thing this is more than Chromium: further members of a gzip file count, as RFC 1952
says (2.2), so that what they say is judged.
"""

import re
import zlib
from dataclasses import dataclass

MOST_LAYERS = 3
MOST_MEMBERS = 64  # each costs a copy of what follows
_PIECE_BYTES = 64
_GZIP, _ZLIB, _BARE = 31, 15, -15  # zlib's names for what stands around the packed data
_GZIP_START = b"\x1f\x8b\x08"
_PLAIN_GZIP_START = _GZIP_START + b"\0"
_GZIP_HEADER_BYTES, _ZLIB_HEADER_BYTES = 10, 2  # where they hold nothing optional, which no server sends
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_OF_BROWSERS = frozenset({"br", "zstd", "dcb", "dcz"})
_CHECKS = ("incorrect data check", "incorrect length check")  # how zlib ends its sentence on a checksum
_NO_LIST = re.compile(r"[\";=*]|[^\s,]\s+[^\s,]")
"""What no list of codings holds: then browsers show an error; any other name that they do not know they pass over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """
    What was found.

    content: of a broken body what came before the break, of an unknown coding the body itself. broken: no browser shows it.
    unknown: the coding that browsers know and we do not (we never offer it), else empty.
    """

    content: bytes
    broken: bool = False
    unknown: str = ""


def unpacked(body: bytes, coding: str, most_bytes: int) -> Unpacked:
    """
    Return what a body holds.

    A coding that nobody knows leaves the body as it is.

    Args:
        body: perhaps cut anywhere.
        coding: value of the header Content-Encoding; the last of several was applied last.
        most_bytes: of the result, and of everything between.
    """
    layers = [part.strip() for part in coding.lower().split(",")]
    if layers == [""] or not body:
        return Unpacked(content=body)
    if _NO_LIST.search(coding) or (len(layers) > MOST_LAYERS and _CODINGS.issuperset(layers)):
        return Unpacked(content=body, broken=True)
    unknown = _OF_BROWSERS.intersection(layers)
    if unknown or not _CODINGS.issuperset(layers):
        return Unpacked(content=body, unknown=min(unknown, default=""))
    for name in reversed(layers):
        found = _inflated(body, _frame(body) if name == "deflate" else _GZIP, most_bytes)
        if found.broken:
            return found
        body = found.content
    return Unpacked(content=body)


def _frame(body: bytes) -> int:
    """Tell whether zlib's frame stands around deflated data, as it should: many servers leave it out. Source: RFC 1950, 2.2."""
    return _ZLIB if len(body) > 1 and body[0] & 0xF == 8 and int.from_bytes(body[:2], "big") % 31 == 0 else _BARE


def _inflated(body: bytes, frame: int, most_bytes: int) -> Unpacked:
    inflate = zlib.decompressobj(wbits=frame)
    try:
        content = inflate.decompress(body, most_bytes)
    except zlib.error as exc:
        return Unpacked(content=_until_it_breaks(body, frame, most_bytes), broken=not str(exc).endswith(_CHECKS))
    rest = inflate.unused_data
    if frame != _GZIP or not rest.startswith(_GZIP_START):
        return Unpacked(content=content)
    return Unpacked(content=content + _members(rest, most_bytes - len(content)))


def _members(body: bytes, most_bytes: int) -> bytes:
    """Return what further members of a gzip file hold, up to the first that is none."""
    found, at = bytearray(), memoryview(body)
    for _ in range(MOST_MEMBERS):
        if len(found) >= most_bytes or bytes(at[:3]) != _GZIP_START:
            break
        inflate = zlib.decompressobj(wbits=_GZIP)
        try:
            found += inflate.decompress(at, most_bytes - len(found))
        except zlib.error:
            break
        at = at[len(at) - len(inflate.unused_data) :]
    return bytes(found)


def _until_it_breaks(body: bytes, frame: int, most_bytes: int) -> bytes:
    """
    Go in small steps, since a step that fails gives nothing of what it found.

    The frame is taken off where it can be: what is found does not depend on its checksum.
    """
    if frame == _GZIP and body.startswith(_PLAIN_GZIP_START):
        body, frame = body[_GZIP_HEADER_BYTES:], _BARE
    elif frame == _ZLIB:
        body, frame = body[_ZLIB_HEADER_BYTES:], _BARE
    inflate, found = zlib.decompressobj(wbits=frame), bytearray()
    try:
        for at in range(0, len(body), _PIECE_BYTES):
            if len(found) >= most_bytes:
                break
            found += inflate.decompress(body[at : at + _PIECE_BYTES], most_bytes - len(found))
    except zlib.error:
        pass
    return bytes(found)
