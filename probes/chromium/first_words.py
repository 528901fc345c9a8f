"""
What a connection of a guarded page begins with: HTTP, or TLS that is to carry HTTP. Nothing else is handed on.

Most of what a page can ask for is held by the browser until it is decided upon; what peers speak (TURN, for calls, over TCP or
TLS) is not, and takes the page's line like anything else. It is told from HTTP here, by its first bytes: over TLS Chromium offers
the versions of HTTP it speaks (ALPN), and offers none where it speaks something else.

Sources: RFC 8446, section 4.1.2; RFC 7301, section 3.1; RFC 9112, section 3.
"""

import re

HANDSHAKE, CLIENT_HELLO, ALPN = 22, 1, 16
MOST_BYTES = 1 << 15
"""Of a beginning; Chromium's are 0.5 to 2 KB over TLS."""

_SPOKEN = frozenset({b"h2", b"http/1.1"})
_REQUEST = re.compile(rb"[A-Z]{3,10} (?:/|http://|\*)")
_LONGEST_START = 18


class FirstWords:
    """What one connection has said so far; until it is clear what it speaks, its bytes are kept here."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._is_http = False

    def take(self, data: bytes) -> bytes | None:
        """Return the bytes that may be handed on now, none as long as it is not clear; None = this is no HTTP, and must end."""
        if self._is_http:
            return data
        self._kept += data
        verdict = _speaks_http(self._kept)
        if verdict is False or len(self._kept) > MOST_BYTES:
            return None
        if verdict is None:
            return b""
        self._is_http = True
        kept = bytes(self._kept)
        self._kept.clear()
        return kept


def _speaks_http(begun: bytes | bytearray) -> bool | None:
    """Tell whether a connection that begins so speaks HTTP; None = not to be told yet."""
    if not begun:
        return None
    if begun[0] == HANDSHAKE:
        return _offers_http(bytes(begun))
    if _REQUEST.match(begun):
        return True
    return (
        None
        if len(begun) < _LONGEST_START and re.fullmatch(rb"[A-Z]{1,10}(?: (?:h(?:t(?:t(?:p(?::/?)?)?)?)?)?)?", begun)
        else False
    )


def _offers_http(begun: bytes) -> bool | None:
    """Tell whether a first record of TLS offers HTTP; None = it is not complete yet."""
    if len(begun) < 5 or len(begun) < 5 + (length := int.from_bytes(begun[3:5])):
        return None
    try:
        return not _SPOKEN.isdisjoint(_protocols(begun[5 : 5 + length]))
    except (IndexError, ValueError):
        return False


def _protocols(message: bytes) -> list[bytes]:
    """Return what a client's hello offers by ALPN; raises IndexError or ValueError where it is none, or cut off."""
    if message[0] != CLIENT_HELLO:
        raise ValueError("no hello")
    at = 4 + 2 + 32
    at += 1 + message[at]  # session
    at += 2 + int.from_bytes(_taken(message, at, 2))  # ciphers
    at += 1 + message[at]  # compression
    end = at + 2 + int.from_bytes(_taken(message, at, 2))
    at += 2
    while at < end:
        kind, length = int.from_bytes(_taken(message, at, 2)), int.from_bytes(_taken(message, at + 2, 2))
        if kind == ALPN:
            return _names(_taken(message, at + 4, length)[2:])
        at += 4 + length
    return []


def _names(listed: bytes) -> list[bytes]:
    names, at = [], 0
    while at < len(listed):
        names.append(_taken(listed, at + 1, listed[at]))
        at += 1 + listed[at]
    return names


def _taken(source: bytes, at: int, length: int) -> bytes:
    taken = source[at : at + length]
    if len(taken) != length:
        raise IndexError("cut off")
    return taken
