"""
Reading an HTTP/1.x answer piece by piece, as it comes from a server that may be anything.

aiohttp's parser does the reading; around it stand only our limits. Its session is left out: it would add a quarter to the CPU of
a probe, for pools, cookies, redirects and retries that a measurement must not have (docs/benchmarks.md).
"""

import asyncio

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError, HttpResponseParser
from aiohttp.streams import StreamReader
from multidict import CIMultiDict, CIMultiDictProxy

from probes.net.fault import ExchangeError
from probes.redaction import kept_words
from thuocdo.model import Reason

LONGEST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 200
BUFFER_BYTES = 256 * 1024  # more than comes in one piece, and each piece is taken out at once: the parser never pauses
_FIRST_FINAL_STATUS = 200


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

    def feed(self, data: bytes) -> bool:
        """
        Take what came; returns whether the answer is complete.

        Raises:
            ExchangeError: it is no HTTP, or too much.
        """
        try:
            messages, upgraded, _ = self._parser.feed_data(data)
        except HttpProcessingError as exc:
            raise _invalid(exc) from exc
        for message, body in messages:
            if message.code >= _FIRST_FINAL_STATUS and self._body is None:
                self.status, self.headers, self._body = message.code, message.headers, body
                self.version = f"{message.version.major}.{message.version.minor}"
        if upgraded:
            raise ExchangeError(Reason.HTTP_ERROR, "no valid HTTP answer: it changes the protocol")
        return self._take()

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


def _invalid(error: BaseException) -> ExchangeError:
    text = kept_words(" ".join(str(error).split()), between=" -:,.`'\"()")
    return ExchangeError(Reason.HTTP_ERROR, f"no valid HTTP answer: {text}"[:300])


def _incomplete() -> ExchangeError:
    return ExchangeError(Reason.HTTP_ERROR, "the server closed the connection without a complete answer")
