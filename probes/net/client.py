"""
The one HTTP client of a process, made for measuring: one GET on a fresh connection, each phase exact, nothing hidden.

aiohttp's parser reads the answers; the connection is ours, because the stop-watch is what this product is for: with the socket
in our hands the kernel's stamps correct a late loop in every phase, and the gate stands between TCP and TLS. One TLS context for
all, no cookies, no retry, no second address, no other address family.
"""

import errno
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

from yarl import URL

from probes.net.answer import AnswerReader
from probes.net.authorities import trusting_context
from probes.net.certificates import agreed
from probes.net.channel import Channel
from probes.net.fault import ExchangeError
from probes.net.gate import Gate
from probes.net.resolver import Resolver
from probes.net.stopwatch import Step, Stopwatch
from probes.net.stream import PlainStream, Stream, TlsStream
from thuocdo.model import Reason

MOST_REDIRECTS = 10
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
LARGEST_BODY_BYTES = 10 * 1024 * 1024
_LONGEST_URL = 16 * 1024
_UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    The answer of one hop.

    url: that was asked. body_head: the first bytes of the body as transferred, at most as many as were to be kept.
    """

    url: str
    status: int
    version: str
    headers: Mapping[str, str]
    body_head: bytes
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    How to fetch.

    ip_version: 4 or 6. kept_bytes: of the body. most_bytes: a longer body is an error; None = the rest need not come.
    gzip: offered. gated: stands in line for its TLS handshake; what is not measured goes past the line.
    """

    ip_version: int = 4
    kept_bytes: int = 0
    most_bytes: int | None = LARGEST_BODY_BYTES
    gzip: bool = True
    gated: bool = True


class HttpClient:
    """
    Sends GETs.

    Args:
        hosts: see probes.net.resolver.Resolver.
        ca_file: a CA to trust besides the system's (private test set-ups), or None.
        user_agent: who we say we are.
        name_servers: see probes.net.resolver.Resolver.

    """

    def __init__(
        self,
        *,
        hosts: Mapping[str, str | None] | None,
        ca_file: Path | None,
        user_agent: str,
        name_servers: Sequence[str] = (),
    ) -> None:
        self._context = trusting_context(ca_file)
        self._context.set_alpn_protocols(["http/1.1"])
        self._resolver = Resolver(hosts, name_servers)
        self._gate = Gate()
        common = (
            f"User-Agent: {user_agent}\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
            "Accept-Language: vi,en;q=0.5\r\nConnection: close\r\nAccept-Encoding: "
        )
        self._headers = {True: f"{common}gzip\r\n\r\n", False: f"{common}identity\r\n\r\n"}
        # The kernel begins to stamp packets a moment after the first socket asks for it, and ends with the last: keep one.
        self._stamping = Channel(socket.AF_INET, socket.SOCK_DGRAM)

    async def close(self) -> None:
        """Release what it holds; exchanges in flight end by themselves."""
        self._stamping.close()
        self._resolver.close()

    async def follow(self, url: str, wish: Wish, hops: list[Stopwatch]) -> Answer:
        """
        Fetch, following redirects, and return the last answer.

        Args:
            url: absolute.
            wish: how.
            hops: gets one stop-watch per request, appended as it begins, so that they tell how far it went whatever happens.

        Raises:
            ExchangeError: the portal gave no complete answer, and why. A deadline is the caller's.
        """
        for _ in range(MOST_REDIRECTS + 1):
            watch = Stopwatch()
            hops.append(watch)
            answer = await self.get(url, wish, watch)
            location = answer.headers.get("Location")
            if answer.status not in REDIRECT_STATUSES or not location:
                return answer
            try:
                url = urljoin(url, location)
            except ValueError as exc:
                raise _no_address() from exc
        raise ExchangeError(Reason.HTTP_ERROR, f"more than {MOST_REDIRECTS} redirects")

    async def get(self, url: str, wish: Wish, watch: Stopwatch) -> Answer:
        """
        Fetch one address once.

        Raises:
            ExchangeError: the portal gave no complete answer, and why.
        """
        place = _place(url)
        watch.host = place.host
        resolved = await self._resolver.resolve(place.host, wish.ip_version)
        watch.resolve_seconds = resolved.seconds
        watch.late_seconds += resolved.late_seconds
        watch.address, watch.name_server, watch.questions = resolved.address, resolved.server, resolved.asked
        channel = Channel(_FAMILIES[wish.ip_version], socket.SOCK_STREAM)
        try:
            await _connect(channel, resolved.address, place.port, watch)
            if not place.secure:
                return await self._exchange(PlainStream(channel), url, place, wish, watch)
            stream = TlsStream(channel, self._context, place.host)
            await self._shake_hands(stream, wish, watch)
            return await self._exchange(stream, url, place, wish, watch)
        finally:
            channel.close()

    async def _shake_hands(self, stream: TlsStream, wish: Wish, watch: Stopwatch) -> None:
        watch.step = Step.QUEUE
        begin = time.monotonic()
        ticket = await self._gate.enter() if wish.gated else 0
        watch.queue_seconds = time.monotonic() - begin
        watch.step = Step.TLS
        try:
            watch.tls_seconds, late = await stream.handshake()
        except ssl.SSLCertVerificationError as exc:
            raise ExchangeError(Reason.CERTIFICATE_INVALID, f"certificate refused: {exc.verify_message}") from exc
        except ssl.SSLEOFError as exc:
            raise ExchangeError(Reason.TLS_ERROR, "connection closed in the TLS handshake") from exc
        except ssl.SSLError as exc:
            raise ExchangeError(Reason.TLS_ERROR, f"TLS handshake failed: {exc.reason or exc}") from exc
        except OSError as exc:
            detail = f"connection broken in the TLS handshake: {exc.strerror}"
            raise ExchangeError(Reason.TLS_ERROR, detail) from exc
        finally:
            self._gate.leave(ticket)
        watch.late_seconds += late
        watch.tls = agreed(stream.tls)

    async def _exchange(self, stream: Stream, url: str, place: "_Place", wish: Wish, watch: Stopwatch) -> Answer:
        watch.step = Step.ANSWER
        reader = AnswerReader(kept_bytes=wish.kept_bytes, most_bytes=wish.most_bytes)
        try:
            sent_at = await stream.send(f"{place.request}{self._headers[wish.gzip]}".encode())
            data, first, watch.newest = await stream.first()
            if data:
                watch.first_byte(sent_at, first)
            while not (data and reader.feed(data)):
                if not data:
                    reader.close()
                    break
                watch.status = reader.status
                watch.newest = await stream.more()
                data = watch.newest.data
        except ssl.SSLError as exc:
            raise ExchangeError(
                Reason.TLS_ERROR, f"TLS failed in the middle of the answer: {exc.reason or exc}"
            ) from exc
        except OSError as exc:
            detail = "the server closed the connection without a complete answer"
            raise ExchangeError(Reason.HTTP_ERROR, detail) from exc
        watch.status = reader.status
        watch.last_byte()
        return Answer(
            url=url,
            status=reader.status,
            version=reader.version,
            headers=reader.headers,
            body_head=bytes(reader.body_head),
            body_bytes=reader.body_bytes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an address leads. request: the request line and the Host header."""

    secure: bool
    host: str
    port: int
    request: str


@lru_cache(maxsize=4096)
def _place(url: str) -> _Place:
    try:
        parsed = URL(url)
        if len(url) > _LONGEST_URL or parsed.scheme not in ("http", "https") or not parsed.raw_host or not parsed.port:
            raise _no_address()
        return _Place(
            secure=parsed.scheme == "https",
            host=parsed.raw_host.rstrip("."),
            port=parsed.port,
            request=f"GET {parsed.raw_path_qs} HTTP/1.1\r\nHost: {parsed.host_port_subcomponent}\r\n",
        )
    except ValueError as exc:
        raise _no_address() from exc


def _no_address() -> ExchangeError:
    return ExchangeError(Reason.HTTP_ERROR, "a redirect leads to an address that is none")


async def _connect(channel: Channel, address: str, port: int, watch: Stopwatch) -> None:
    watch.step = Step.CONNECT
    try:
        watch.connect_seconds, late = await channel.connect((address, port))
    except OSError as exc:
        if exc.errno in _UNREACHABLE:
            raise ExchangeError(Reason.CONNECT_TIMEOUT, f"host not reachable: {exc.strerror}") from exc
        raise ExchangeError(Reason.CONNECTION_REFUSED, f"connection refused: {exc.strerror}") from exc
    watch.late_seconds += late
