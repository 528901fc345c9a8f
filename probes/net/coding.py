"""What a body holds under its content coding: as much of it as is wanted, however much it would become."""

import zlib

MOST_LAYERS = 3
_PIECE_BYTES = 64
_GZIP, _ZLIB, _BARE = 31, 15, -15  # zlib's names for what stands around the packed data
_GZIP_START = b"\x1f\x8b\x08\x00"
_GZIP_HEADER_BYTES, _ZLIB_HEADER_BYTES = 10, 2  # where they hold nothing optional, which no server sends
_CODINGS = frozenset({"gzip", "x-gzip", "deflate"})


def unpacked(body: bytes, coding: str, most_bytes: int) -> bytes:
    """
    Return what a body holds, read as browsers read it.

    What comes before a break or a wrong checksum counts. Of what is not packed as it says nothing is left; a coding that was not
    offered leaves the body as it is.

    Args:
        body: perhaps cut anywhere.
        coding: value of the header Content-Encoding; the last of several was applied last.
        most_bytes: of the result, and of everything between.
    """
    layers = [name for part in coding.lower().split(",") if (name := part.strip()) and name != "identity"]
    if len(layers) > MOST_LAYERS or not _CODINGS.issuperset(layers):
        return body
    for name in reversed(layers):
        body = _inflated(body, _frame(body) if name == "deflate" else _GZIP, most_bytes)
    return body


def _frame(body: bytes) -> int:
    """Tell whether zlib's frame stands around deflated data, as it should: many servers leave it out. Source: RFC 1950, 2.2."""
    return _ZLIB if len(body) > 1 and body[0] & 0xF == 8 and int.from_bytes(body[:2], "big") % 31 == 0 else _BARE


def _inflated(body: bytes, frame: int, most_bytes: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=frame).decompress(body, most_bytes)
    except zlib.error:
        if frame == _GZIP and body.startswith(_GZIP_START):
            return _until_it_breaks(body[_GZIP_HEADER_BYTES:], _BARE, most_bytes)
        if frame == _ZLIB:
            return _until_it_breaks(body[_ZLIB_HEADER_BYTES:], _BARE, most_bytes)
        return _until_it_breaks(body, frame, most_bytes)


def _until_it_breaks(body: bytes, frame: int, most_bytes: int) -> bytes:
    """
    Go in small steps, since a step that fails gives nothing of what it found.

    The frame was taken off where it can be: what is found does not depend on its checksum.
    """
    inflate, found = zlib.decompressobj(wbits=frame), bytearray()
    try:
        for at in range(0, len(body), _PIECE_BYTES):
            if len(found) >= most_bytes:
                break
            found += inflate.decompress(body[at : at + _PIECE_BYTES], most_bytes - len(found))
    except zlib.error:
        pass
    return bytes(found)
