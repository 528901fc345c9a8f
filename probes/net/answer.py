"""
Reading an HTTP/1.x answer piece by piece, as it comes from a server that may be anything.

aiohttp's parser does the reading; around it stand only our limits. Its session is left out: it would add a quarter to the CPU of
a probe, for pools, cookies, redirects and retries that a measurement must not have (docs/benchmarks.md).
"""

import asyncio
import re

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpResponseParser
from aiohttp.streams import StreamReader
from multidict import CIMultiDict, CIMultiDictProxy

from probes.net.fault import ExchangeError
from probes.redaction import kept_words
from thuocdo.core.model import Reason

LONGEST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 200
MOST_HEADS = 32  # interim answers (100, 103) and empty lines before the answer
MOST_OVERHEAD_BYTES = 1024 * 1024
"""All that comes besides the body: TLS, interim answers, headers, the framing of chunks, their extensions, trailers."""
BUFFER_BYTES = 256 * 1024  # more than comes in one piece, and each piece is taken out at once: the parser never pauses
_FIRST_FINAL_STATUS = 200
_END_OF_HEAD = re.compile(rb"\n\r?\n")


class AnswerReader:
    """
    One answer, fed as it comes.

    Args:
        kept_bytes: so much of the head of the body is kept.
        most_bytes: a longer body is too_large; None = what is kept is enough, the rest need not come.

    Attributes:
        status, version, headers: once the head is there. body_head: what is kept of the body. body_bytes: its size so far, as
        transferred, without chunk framing.

    """

    def __init__(self, *, kept_bytes: int, most_bytes: int | None) -> None:
        self.status = 0
        self.version = ""
        self.headers: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
        self.body_head = bytearray()
        self.body_bytes = 0
        self._kept_bytes = kept_bytes
        self._most_bytes = most_bytes
        self._body: StreamReader | None = None
        self._fed_bytes = 0
        self._heads = 0
        self._last = b""  # of an unfinished head, so that its end is found wherever it was cut
        loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(
            BaseProtocol(loop),
            loop,
            BUFFER_BYTES,
            max_line_size=LONGEST_HEADER_BYTES,
            max_field_size=LONGEST_HEADER_BYTES,
            max_headers=MOST_HEADERS,
            read_until_eof=True,
            auto_decompress=False,
        )

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
        self._fed_bytes += len(data)
        while data and self._body is None:
            end = self._end_of_head(data)
            self._parse(data[:end])
            data = data[end:]
        if self._body is not None and data and not self._body.is_eof():
            self._parse(data)
        complete = self._take()
        if not complete and overhead_bytes + self._fed_bytes - self.body_bytes > MOST_OVERHEAD_BYTES:
            raise ExchangeError(Reason.TOO_LARGE, f"over {MOST_OVERHEAD_BYTES} bytes besides the body")
        return complete

    def _end_of_head(self, data: bytes) -> int:
        """Return where the head ends in what came, its length where it does not."""
        before = self._last
        found = _END_OF_HEAD.search(before + data)
        self._last = (before + data)[-2:] if found is None else b""
        if found is None:
            return len(data)
        self._heads += 1
        if self._heads > MOST_HEADS:
            raise ExchangeError(Reason.HTTP_ERROR, f"no answer after {MOST_HEADS} interim ones")
        return found.end() - len(before)

    def _parse(self, data: bytes) -> None:
        try:
            messages, upgraded, _ = self._parser.feed_data(data)
        except HttpProcessingError as exc:
            if self._body is not None and self._body.is_eof():
                return
            raise _invalid(exc) from exc
        for message, body in messages:
            if message.code >= _FIRST_FINAL_STATUS and self._body is None:
                self.status, self.headers, self._body = message.code, _storable(message.headers), body
                self.version = f"{message.version.major}.{message.version.minor}"
        if upgraded:
            raise ExchangeError(Reason.HTTP_ERROR, "no valid HTTP answer: it changes the protocol")

    def close(self) -> None:
        """Take note that the connection was closed; raises ExchangeError where the answer was not complete."""
        try:
            self._parser.feed_eof()
        except HttpProcessingError as exc:
            raise _incomplete() from exc
        if self._body is None:
            raise _incomplete()
        self._take()

    def _take(self) -> bool:
        body = self._body
        if body is None:
            return False
        broken = body.exception()
        if broken is not None:
            raise _invalid(broken)
        part = body.read_nowait()
        self.body_bytes += len(part)
        self.body_head += part[: self._kept_bytes - len(self.body_head)]
        if self._most_bytes is None:
            return body.is_eof() or len(self.body_head) >= self._kept_bytes
        if self.body_bytes > self._most_bytes:
            raise ExchangeError(Reason.TOO_LARGE, f"body over {self._most_bytes} bytes")
        return body.is_eof()


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
