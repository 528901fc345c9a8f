"""
Reading an HTTP/1.x answer piece by piece, as it comes from a server that may be anything.

aiohttp's parser does the reading; around it stand only our limits. What it refuses in a head and browsers take is mended and read
again (`head.py`). Its session is left out: it would add a quarter to the CPU of a probe, for pools, redirects and retries that a
measurement must not have (docs/benchmarks.md).
"""

import asyncio
import re

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpResponseParser
from aiohttp.streams import StreamReader
from multidict import CIMultiDict, CIMultiDictProxy

from probes.net.chunks import BadChunksError, ChunkReader
from probes.net.coding import unpacked
from probes.net.destination import location_text
from probes.net.fault import ExchangeError
from probes.net.head import LARGEST_HEAD_BYTES, UNDECIDED_BYTES, BadHeadError, is_answer, is_http_2, mended
from probes.redaction import kept_words
from thuocdo.core.model import Reason

MOST_HEADERS = 1000  # of a head with more, those that mean something here are kept
MOST_HEADS = 1000  # interim answers (100, 102 while a server thinks, 103) and empty lines before the answer
MOST_OVERHEAD_BYTES = 1024 * 1024
"""All that comes besides the body: TLS, interim answers, headers, the framing of chunks, their extensions, trailers."""
_OVERHEAD_RATIO = 6
_MOST_FRAMED_BYTES = 256 * 1024
"""So many times its size may come around that much of a body besides: a chunk for each byte is slow, and browsers take it."""
MOST_AGAIN_BYTES = 512 * 1024
"""Of a body in chunks, kept to be taken apart again where the parser refuses it; a longer one is read as browsers do."""
BUFFER_BYTES = 256 * 1024  # more than comes in one piece, and each piece is taken out at once: the parser never pauses
HTTP_2_ONLY = "the server speaks HTTP/2 only, which browsers do and this probe does not"
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_MOST_UNPACKED_BYTES = 16 * 1024 * 1024
_INTERIM_STATUSES = range(100, 200)
_BARE_PAGE = re.compile(rb"\s{0,99}<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_BARE_HEAD = b"HTTP/1.0 200 -\r\n\r\n"
_OLD = re.compile(rb"HTTP/(?:0\.|1\.0)", re.IGNORECASE)
_END_OF_HEAD = re.compile(rb"\n\r?\n")


class AnswerReader:
    """
    One answer, fed as it comes.

    Args:
        kept_bytes: so much of the head of the body is kept.
        most_bytes: a longer body is too_large; None = what is kept is enough, the rest need not come.
        secure: it comes over TLS, where browsers speak HTTP/2 as well.
        bare: a page without a head is an answer (HTTP/0.9), as browsers take it at the port of the scheme.

    Attributes:
        status, version, headers: once the head is there. location: where a redirect leads, else empty; the head of a redirect is
        its whole answer, as for browsers. cookies: that a redirect sets, byte for byte. body_head: what is kept of the body.
        body_bytes: its size so far, as transferred, without chunk framing.

    """

    def __init__(self, *, kept_bytes: int, most_bytes: int | None, secure: bool = False, bare: bool = False) -> None:
        self.status = 0
        self.version = ""
        self.location = ""
        self.cookies: list[str] = []
        self.headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
        self.body_head = bytearray()
        self.body_bytes = 0
        self._kept_bytes = kept_bytes
        self._most_bytes = most_bytes
        self._secure = secure
        self._bare = bare
        self._body: StreamReader | None = None
        self._fed_bytes = 0
        self._heads = 0
        self._begun = bytearray()
        self._pieces: list[bytes] | None = None  # of a body in chunks, as they came
        self._chunks: ChunkReader | None = None
        self._parser = _parser()

    def feed(self, data: bytes, overhead_bytes: int = 0) -> bool:
        """
        Take what came; returns whether the answer is complete.

        What follows a complete answer is left alone, as browsers do: bytes after the length that was told, a body of a status
        that has none. So heads are read one by one: where the body ends is known before anything behind it is looked at.

        Args:
            data: what came.
            overhead_bytes: that have come around it so far, such as those of TLS.

        Raises:
            ExchangeError: it is no HTTP, or too much.
        """
        if self._bare and not self._fed_bytes and _BARE_PAGE.match(data):
            data = _BARE_HEAD + data
        self._fed_bytes += len(data)
        while data and self._body is None:
            data = self._take_head(data)
        if self.location:
            return True
        complete = self._feed_body(data)
        if not complete and overhead_bytes + self._fed_bytes - self.body_bytes > MOST_OVERHEAD_BYTES:
            self._check_overhead(overhead_bytes + self._fed_bytes - self.body_bytes)
        return complete

    def _check_overhead(self, overhead_bytes: int) -> None:
        most = MOST_OVERHEAD_BYTES + _OVERHEAD_RATIO * min(self.body_bytes, _MOST_FRAMED_BYTES)
        if overhead_bytes > most:
            raise ExchangeError(Reason.TOO_LARGE, f"over {most} bytes besides the body")

    def _take_head(self, data: bytes) -> bytes:
        """Read a head once it is whole; returns what comes behind it."""
        begun = len(self._begun)
        if begun:
            self._begun += data
            found = _END_OF_HEAD.search(self._begun, max(0, begun - 2))
            end = found.end() if found else len(self._begun)
            head, rest = bytes(self._begun[:end]) if found else b"", bytes(self._begun[end:])
        else:
            found = _END_OF_HEAD.search(data)
            end = found.end() if found else len(data)
            head, rest = data[:end], data[end:]
        if end > LARGEST_HEAD_BYTES:
            raise ExchangeError(Reason.HTTP_ERROR, f"no valid HTTP answer: headers over {LARGEST_HEAD_BYTES} bytes")
        if found is None:
            if not begun:
                self._begun += data
            if begun < UNDECIDED_BYTES:
                self._check_begin(bytes(self._begun))
            return b""
        self._begun = bytearray()
        self._heads += 1
        if self._heads > MOST_HEADS:
            raise ExchangeError(Reason.HTTP_ERROR, f"no answer after {MOST_HEADS} interim ones")
        if not head.isspace():
            self._read_head(head)
        return rest

    def _check_begin(self, begin: bytes) -> None:
        if is_answer(begin) is not False:
            return
        if is_http_2(begin):
            raise _http_2(secure=self._secure)
        raise ExchangeError(Reason.HTTP_ERROR, "no valid HTTP answer: it does not begin with HTTP")

    def _read_head(self, head: bytes) -> None:
        """Read a whole head: as it stands, else as browsers read it."""
        try:
            if _OLD.match(head) and b"transfer-encoding" in head.lower():
                raise HttpProcessingError(message="chunks, which HTTP/1.0 does not know")
            self._parse(head)
        except HttpProcessingError as exc:
            if is_http_2(head):
                raise _http_2(secure=self._secure) from exc
            try:
                new = mended(head)
                self._parser = _parser()
                self._parse(new.text)
            except BadHeadError as bad:
                raise ExchangeError(Reason.HTTP_ERROR, f"no valid HTTP answer: {bad}") from exc
            except HttpProcessingError:
                raise _invalid(exc) from exc
            if self._body is not None:
                self.status = new.status

    def _parse(self, data: bytes) -> None:
        """Feed the parser; raises HttpProcessingError where it refuses."""
        messages, upgraded, _ = self._parser.feed_data(data)
        for message, body in messages:
            if message.code not in _INTERIM_STATUSES and self._body is None:
                self.status, self._body = message.code, body
                self._pieces = [] if message.chunked else None
                self.version = f"{message.version.major}.{message.version.minor}"
                self.location = _location(message.code, message.headers)
                if self.location:
                    self.cookies = message.headers.getall("Set-Cookie", [])
                self.headers = _storable(message.headers)
        if upgraded:
            raise HttpProcessingError(message="it changes the protocol")

    def _feed_body(self, data: bytes) -> bool:
        body = self._body
        if body is None:
            return False
        if self._chunks is not None:
            return self._take_chunks(self._chunks, data)
        if self._pieces is not None:
            self._pieces.append(data)
            if self._fed_bytes > MOST_AGAIN_BYTES:
                return self._take_apart(self._pieces)
        broken: BaseException | None = None
        try:
            if data and not body.is_eof():
                self._parse(data)
        except HttpProcessingError as exc:
            broken = None if body.is_eof() else exc
        broken = broken or body.exception()
        if broken is None:
            return self._take(body)
        if self._pieces is None:
            raise _invalid(broken) from broken
        return self._take_apart(self._pieces)

    def _take_apart(self, pieces: list[bytes]) -> bool:
        """Read a body in chunks from its beginning as browsers do, and what is still to come of it."""
        self._chunks = ChunkReader()
        self.body_head.clear()
        self.body_bytes = 0
        whole = b"".join(pieces)
        pieces.clear()
        return self._take_chunks(self._chunks, whole)

    def _take_chunks(self, chunks: ChunkReader, data: bytes) -> bool:
        try:
            part = chunks.feed(data)
        except BadChunksError as exc:
            raise ExchangeError(Reason.HTTP_ERROR, f"no valid HTTP answer: {exc}") from exc
        return self._keep(part, is_whole=chunks.is_complete)

    def close(self) -> None:
        """Take note that the connection was closed; raises ExchangeError where the answer was not complete."""
        if self._chunks is not None:
            raise _incomplete()
        try:
            self._parser.feed_eof()
        except HttpProcessingError as exc:
            if not self._is_measured_unpacked():
                raise _incomplete() from exc
            return
        if self._body is None:
            raise _incomplete()
        self._take(self._body)

    def is_whole_page(self) -> bool:
        """
        Tell whether an answer whose length was not told ends as a document does: then a reset is its end, as good as any.

        Browsers show all of it; many programs close a connection so on which something lies unread.
        """
        if self._body is None or self._pieces is not None or "Content-Length" in self.headers:
            return False
        return self.body_bytes == len(self.body_head) and self.body_head.rstrip().lower().endswith(b"</html>")

    def _is_measured_unpacked(self) -> bool:
        """
        Tell whether an answer that ended too soon is whole all the same: some servers tell the length of what they have packed.

        Source: Chromium, URLRequestHttpJob::ShouldFixMismatchedContentLength: only an exact match counts.
        """
        length, coding = self.headers.get("Content-Length", ""), ",".join(self.headers.getall("Content-Encoding", ()))
        is_number = length.isascii() and length.isdigit() and len(length) <= len(str(_MOST_UNPACKED_BYTES))
        if not (coding and is_number and self.body_bytes == len(self.body_head)):
            return False
        found = unpacked(bytes(self.body_head), coding, min(int(length) + 1, _MOST_UNPACKED_BYTES))
        return not (found.broken or found.unknown) and str(len(found.content)) == length.lstrip("0")

    def _take(self, body: StreamReader) -> bool:
        broken = body.exception()
        if broken is not None:
            raise _invalid(broken)
        return self._keep(body.read_nowait(), is_whole=body.is_eof())

    def _keep(self, part: bytes, *, is_whole: bool) -> bool:
        """Keep what is wanted of a part of the body; returns whether the answer is complete."""
        self.body_bytes += len(part)
        self.body_head += part[: self._kept_bytes - len(self.body_head)]
        if self._most_bytes is None:
            return is_whole or len(self.body_head) >= self._kept_bytes
        if self.body_bytes > self._most_bytes:
            raise ExchangeError(Reason.TOO_LARGE, f"body over {self._most_bytes} bytes")
        return is_whole


def _parser() -> HttpResponseParser:
    loop = asyncio.get_running_loop()
    return HttpResponseParser(
        BaseProtocol(loop),
        loop,
        BUFFER_BYTES,
        max_line_size=LARGEST_HEAD_BYTES,
        max_field_size=LARGEST_HEAD_BYTES,
        max_headers=MOST_HEADERS,
        read_until_eof=True,
        auto_decompress=False,
    )


def _location(status: int, headers: CIMultiDictProxy[str]) -> str:
    """Return where a redirect leads, empty where it leads nowhere; more than one way is none, as for browsers."""
    if status not in REDIRECT_STATUSES:
        return ""
    told = set(headers.getall("Location", ()))
    if len(told) > 1:
        raise ExchangeError(Reason.HTTP_ERROR, "no valid HTTP answer: it redirects to more than one address")
    return location_text(told.pop().encode("utf-8", "surrogateescape")).strip() if told else ""


def _http_2(*, secure: bool) -> ExchangeError:
    """Return the fault of a server that speaks HTTP/2 unasked: browsers understand it, but only over TLS."""
    if not secure:
        return ExchangeError(Reason.HTTP_ERROR, "no valid HTTP answer: it speaks HTTP/2 without TLS")
    return ExchangeError(Reason.PROTOCOL_UNSUPPORTED, HTTP_2_ONLY)


def _storable(headers: CIMultiDictProxy[str]) -> CIMultiDictProxy[str]:
    """Replace what is no UTF-8: the parser keeps it as lone surrogates, which no database and no file takes."""
    if all(value.isascii() for value in headers.values()):
        return headers
    return CIMultiDictProxy(
        CIMultiDict(
            (name, value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
            for name, value in headers.items()
        )
    )


def _invalid(error: BaseException) -> ExchangeError:
    text = kept_words(" ".join(str(error).split()), between=" -:,.`'\"()")
    return ExchangeError(Reason.HTTP_ERROR, f"no valid HTTP answer: {text}"[:300])


def _incomplete() -> ExchangeError:
    return ExchangeError(Reason.HTTP_ERROR, "the server closed the connection without a complete answer")
