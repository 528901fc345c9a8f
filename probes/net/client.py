"""
The one HTTP client of a process, made for measuring: one GET on a fresh connection, each phase exact, nothing hidden.

aiohttp speaks HTTP; the connection under it is ours (probes.net.connector, probes.net.transport), because the stop-watch is what
this product is for: the kernel's stamps correct a late loop in every phase, and the gate stands between TCP and TLS. One TLS
context for all, no cookies, no retry, no second address, no other address family.
"""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urljoin

import aiohttp
from aiohttp.http_exceptions import TransferEncodingError
from yarl import URL

from probes.net.connector import WAY, StampedConnector, Way
from probes.net.fault import ExchangeError
from probes.net.resolver import Resolver
from probes.net.stopwatch import Stopwatch
from thuocdo.model import Reason

MOST_REDIRECTS = 10
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
LARGEST_BODY_BYTES = 10 * 1024 * 1024
_LONGEST_URL = 16 * 1024
LARGEST_HEAD_BYTES = 64 * 1024


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
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
        context.set_alpn_protocols(["http/1.1"])
        self._connector = StampedConnector(Resolver(hosts, name_servers), context)
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),  # the probe's own deadline is the only one
            max_line_size=LARGEST_HEAD_BYTES,
            max_field_size=LARGEST_HEAD_BYTES,
            headers={
                "User-Agent": user_agent,
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Accept-Language": "vi,en;q=0.5",
                "Accept-Encoding": "gzip",
                "Connection": "close",
            },
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()
        self._connector.release()

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
        WAY.set(
            Way(
                secure=place.secure,
                host=place.host,
                port=place.port,
                ip_version=wish.ip_version,
                gated=wish.gated,
                watch=watch,
            )
        )
        headers = None if wish.gzip else {"Accept-Encoding": "identity"}
        try:
            async with self._session.get(place.url, headers=headers, allow_redirects=False) as got:
                watch.status = got.status
                head, size = await _read(got, wish)
        except (aiohttp.ClientError, OSError) as exc:
            raise _broken(exc) from exc
        watch.last_byte()
        version = f"{got.version.major}.{got.version.minor}" if got.version else ""
        return Answer(url=url, status=got.status, version=version, headers=got.headers, body_head=head, body_bytes=size)


async def _read(got: aiohttp.ClientResponse, wish: Wish) -> tuple[bytes, int]:
    """Return the head of the body and the size of all of it, or of what was wanted."""
    head = bytearray()
    size = 0
    if wish.most_bytes is None and not wish.kept_bytes:
        return b"", 0
    async for chunk in got.content.iter_any():
        size += len(chunk)
        head += chunk[: wish.kept_bytes - len(head)]
        if wish.most_bytes is None and len(head) >= wish.kept_bytes:
            break
        if wish.most_bytes is not None and size > wish.most_bytes:
            raise ExchangeError(Reason.TOO_LARGE, f"body over {wish.most_bytes} bytes")
    return bytes(head), size


def _broken(exc: Exception) -> ExchangeError:
    """Return what an error of aiohttp's means; the order goes from the special to the general."""
    causes = [exc, exc.__cause__, exc.__cause__ and exc.__cause__.__cause__]
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return ExchangeError(Reason.TLS_ERROR, f"TLS failed in the middle of the answer: {exc}"[:300])
    if isinstance(exc, aiohttp.ClientResponseError):
        return ExchangeError(Reason.HTTP_ERROR, f"no valid HTTP answer: {' '.join(exc.message.split())}"[:300])
    if any(isinstance(cause, TransferEncodingError) for cause in causes):
        return ExchangeError(Reason.HTTP_ERROR, "no valid HTTP answer: its chunks are broken")
    return ExchangeError(Reason.HTTP_ERROR, "the server closed the connection without a complete answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where an address leads."""

    url: URL
    secure: bool
    host: str
    port: int


@lru_cache(maxsize=4096)
def _place(url: str) -> _Place:
    try:
        parsed = URL(url)
        if len(url) > _LONGEST_URL or parsed.scheme not in ("http", "https") or not parsed.raw_host or not parsed.port:
            raise _no_address()
        return _Place(
            url=parsed,
            secure=parsed.scheme == "https",
            host=parsed.raw_host.rstrip("."),
            port=parsed.port,
        )
    except ValueError as exc:
        raise _no_address() from exc


def _no_address() -> ExchangeError:
    return ExchangeError(Reason.HTTP_ERROR, "a redirect leads to an address that is none")
