"""
The head of an answer that no strict parser takes and every browser does, written anew by the rules that it broke.

Only a head that was refused comes here. What browsers pass over is left out (a line without a colon, a name that is none), what
they read otherwise is said so (the length given twice, a version that does not exist), and what they refuse stays refused (two
lengths, a zero byte). Each form was tried on Chromium 156 (the table is tests/unit/probes/net/test_head.py).

Source: Chromium's net/http/http_response_headers.cc, http_stream_parser.cc and http_util.cc.
"""

import re
from dataclasses import dataclass

LARGEST_HEAD_BYTES = 256 * 1024
"""Source: Chromium, HttpStreamParser::kMaxHeaderBufSize."""
MOST_KEPT_LINES = 500
# Empty lines, then up to 4 bytes of garbage (a byte order mark): browsers pass over it.
_BEGINS = re.compile(rb"[\r\n]*+.{0,4}?(?:http|icy)", re.IGNORECASE | re.DOTALL)
UNDECIDED_BYTES = 9
"""So many tell which protocol it is: garbage and `http`, or the first frame of HTTP/2."""
_FOLDED = re.compile(rb"\r?\n[ \t]+")
_VERSION = re.compile(rb"http/([0-9]{1,3})\.([0-9]{1,3})", re.IGNORECASE)
_STATUS = re.compile(rb"[^ ]* +([0-9]{1,9})")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(rb"0*([0-9]{1,18})")
_CONTROLS = bytes(byte if byte >= 0x20 and byte != 0x7F else 0x20 for byte in range(256))
_LEFT_OUT = frozenset({b"content-length", b"transfer-encoding", b"upgrade"})  # they are said anew, or mean nothing here
_READ = frozenset(
    {
        b"location",
        b"set-cookie",
        b"content-type",
        b"content-encoding",
        b"content-disposition",
        b"retry-after",
        b"server",
    }
)
"""Headers that are kept however many others there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedHead:
    """status: as the server says it, whatever it is. text: what a strict parser takes, with 200 for a status that is none."""

    status: int
    text: bytes


class BadHeadError(Exception):
    """A head that no browser takes either; the message says why."""


def is_answer(begin: bytes) -> bool | None:
    """Tell by its first bytes whether an answer speaks HTTP/1; None = there are too few to say."""
    if begin.startswith(b"HTTP/") or _BEGINS.match(begin):
        return True
    return False if len(begin.lstrip(b"\r\n")) >= UNDECIDED_BYTES else None


def is_http_2(begin: bytes) -> bool:
    """Tell by its first bytes whether a server speaks HTTP/2: its first frame is SETTINGS (4). Source: RFC 9113, 3.4."""
    return len(begin) >= 9 and begin[0] == 0 and begin[3] == 4 and not any(begin[5:9])


def mended(head: bytes) -> MendedHead:
    """
    Return a head as a strict parser takes it.

    Args:
        head: whole, to its empty line.

    Raises:
        BadHeadError: browsers refuse it, too.
    """
    begin = _BEGINS.match(head)
    if begin is None:
        raise BadHeadError("it does not begin with HTTP")
    if b"\0" in head:
        raise BadHeadError("a zero byte in its headers")
    start = begin.end() - (3 if head[: begin.end()].lower().endswith(b"icy") else 4)
    first, *lines = _FOLDED.sub(b" ", head[start:]).split(b"\n")
    version = _VERSION.match(first)
    modern = version is not None and (int(version[1]), int(version[2])) >= (1, 1)
    said = _STATUS.match(first)
    status = int(said[1]) if said else 200
    fields = [field for line in lines if (field := _field(line))]
    kept = [(name, value) for name, value in fields if name.lower() not in _LEFT_OUT]
    if len(kept) > MOST_KEPT_LINES:
        kept = [(name, value) for name, value in kept if name.lower() in _READ][:MOST_KEPT_LINES]
    code = status if 100 <= status <= 999 else 200
    if code == 101:  # nobody asked for another protocol: one more interim answer, as for browsers
        code = 100
    told = [b"HTTP/1.%d %d -" % (modern, code), *(name + b": " + value for name, value in kept)]
    told += _framing(fields, modern=modern)
    return MendedHead(status=status, text=b"\r\n".join([*told, b"", b""]))


def _field(line: bytes) -> tuple[bytes, bytes] | None:
    name, colon, value = line.partition(b":")
    name = name.rstrip(b" \t")
    if not colon or not _TOKEN.fullmatch(name):
        return None
    return name, value.translate(_CONTROLS).strip(b" ")


def _framing(fields: list[tuple[bytes, bytes]], *, modern: bool) -> list[bytes]:
    """Return the one header that says where the body ends; none = where the connection does."""
    codings = (value for name, value in fields if name.lower() == b"transfer-encoding")
    if modern and any(part.strip().lower() == b"chunked" for value in codings for part in value.split(b",")):
        return [b"Transfer-Encoding: chunked"]
    lengths = {
        part.strip() for name, value in fields if name.lower() == b"content-length" for part in value.split(b",")
    }
    if len(lengths) > 1:
        raise BadHeadError("more than one Content-Length, and they differ")
    length = _LENGTH.fullmatch(lengths.pop()) if lengths else None
    return [b"Content-Length: " + length[1]] if length else []
