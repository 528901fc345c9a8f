"""
The one HTTP client of a process, made for measuring: one GET on a fresh connection, each phase exact, nothing hidden.

aiohttp's parser reads the answers; the connection is ours, because the stop-watch is what this product is for: with the socket
in our hands the kernel's stamps correct a late loop in every phase, and the gate stands between TCP and TLS. One TLS context for
all, no cookies that outlive a chain of redirects, no retry, no other address family, and another address only where one refuses.
"""

import asyncio
import math
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.net.addresses import AddressRefusal, Reach, reach_of_url
from probes.net.answer import HTTP_2_ONLY, AnswerReader
from probes.net.certificates import agreed, refusal
from probes.net.channel import Channel
from probes.net.connecting import channel_of, connected
from probes.net.cookies import ChainCookies
from probes.net.destination import HttpDestination, destination_of, led_to, no_address
from probes.net.fault import ExchangeError, FlawedCertificateError, ForbiddenHopError, IncompleteChainError
from probes.net.handshake_limiter import HandshakeLimiter
from probes.net.issuers import LARGEST_BYTES, SECONDS, Issuers
from probes.net.resolver import Resolver
from probes.net.secured_hosts import SecuredHosts
from probes.net.stopwatch import ExchangeStep, Stopwatch
from probes.net.stream import PlainStream, Stream, TlsStream
from probes.net.tls import browsers_context, looking_context, no_common_protocol
from probes.redaction import redact_host
from thuocdo.core.model import Reason

MOST_REDIRECTS = 20
"""As many as browsers follow. Source: the Fetch standard, 4.4; Chromium 156 itself stops at the twentieth (tried)."""
LARGEST_BODY_BYTES = 10 * 1024 * 1024
_EXPIRED = 10  # X509_V_ERR_CERT_HAS_EXPIRED, said last: issuer, name and signatures of the chain are right
_NO_ISSUER = frozenset({2, 20, 21})  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, …_LOCALLY, …_TO_VERIFY_LEAF_SIGNATURE


@dataclass(frozen=True, slots=True, kw_only=True)
class HopResponse:
    """
    The answer of one hop.

    url: that was asked, without user name and password. location: where it sends on, else empty; then there is no body.
    body_head: the first bytes of the body as transferred, at most as many as were to be kept.
    """

    url: str
    status: int
    version: str
    headers: Mapping[str, str]
    body_head: bytes
    body_bytes: int
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
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
        self._context = browsers_context(ca_file)
        self.resolver = Resolver(hosts, name_servers)
        self._looking, self._issuers = looking_context(), Issuers(lambda: browsers_context(ca_file))
        self._gate = HandshakeLimiter()
        common = (
            f"User-Agent: {user_agent}\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
            "Accept-Language: vi,en;q=0.5\r\nConnection: close\r\nAccept-Encoding: "
        )
        self._headers = {
            offered: f"{common}{coding}\r\n\r\n".encode() for offered, coding in ((True, "gzip"), (False, "identity"))
        }
        # The kernel begins to stamp packets a moment after the first socket asks for it, and ends with the last: keep one.
        self._stamping = Channel(socket.AF_INET, socket.SOCK_DGRAM)

    async def close(self) -> None:
        """Release what it holds; exchanges in flight end by themselves."""
        self._stamping.close()
        self.resolver.close()

    async def follow(
        self,
        url: str,
        wish: FetchOptions,
        hops: list[Stopwatch],
        *,
        reach: Reach | None = None,
        until: float = math.inf,
    ) -> HopResponse:
        """
        Fetch, following redirects, and return the last answer.

        Cookies that are set on the way are sent along it to the hosts they belong to, and forgotten with it. Of a redirect only
        the head is waited for.

        A hop that leads to the inside is not asked, and nothing of it is kept. What that means: an address inside is http_error
        and a name that leads inside dns_failure, since no citizen gets there either, and a portal must not get out of its
        failures by sending probers away; a public address without a name is redirected_elsewhere, since citizens may see
        something there.

        Args:
            url: absolute.
            wish: how.
            hops: gets one stop-watch per request, appended as it begins, so that they tell how far it went whatever happens.
            reach: where it may lead; None = to the outside and to its own address.
            until: monotonic instant of the deadline, for a loop that has no time to look at its timers.

        Raises:
            ExchangeError: the portal gave no complete answer, and why.
            TimeoutError: `until` has come. The caller has a timer besides.
        """
        reach = reach or reach_of_url(url)
        cookies, secured = ChainCookies(), SecuredHosts()
        for _ in range(MOST_REDIRECTS + 1):
            watch = Stopwatch()
            hops.append(watch)
            try:
                answer = await self.get(url, wish, watch, reach=reach, until=until, cookies=cookies)
            except ForbiddenHopError:
                if len(hops) > 1:
                    hops.pop()
                raise
            if not answer.location:
                return answer
            secured.take(answer.url, answer.headers)
            url = secured.over_tls(led_to(answer.url, answer.location))
        raise ExchangeError(Reason.HTTP_ERROR, f"more than {MOST_REDIRECTS} redirects")

    async def get(
        self,
        url: str,
        wish: FetchOptions,
        watch: Stopwatch,
        *,
        reach: Reach | None = None,
        until: float = math.inf,
        cookies: ChainCookies | None = None,
    ) -> HopResponse:
        """
        Fetch one address once; arguments as in `follow`, cookies: of the chain so far, which gets those of this answer, too.

        Raises:
            ExchangeError: the portal gave no complete answer, and why. ForbiddenHopError: it was not asked.
            TimeoutError: `until` has come.
        """
        place = destination_of(url)
        cookies = cookies or ChainCookies()
        reach = reach or reach_of_url(url)
        begin = time.monotonic()
        try:
            return await self._get(place, wish, watch, reach, until, cookies)
        except IncompleteChainError:
            watch.step = ExchangeStep.QUEUE  # what follows is our time, not the server's
            if not await self._completed(place, wish.ip_version, watch.address, reach, until):
                raise
        lost_seconds, watch.late_seconds = time.monotonic() - begin, 0.0
        answer = await self._get(place, wish, watch, reach, until, cookies)
        watch.queue_seconds = (watch.queue_seconds or 0.0) + lost_seconds
        return answer

    async def _get(
        self,
        place: HttpDestination,
        wish: FetchOptions,
        watch: Stopwatch,
        reach: Reach,
        until: float,
        cookies: ChainCookies,
    ) -> HopResponse:
        refusal = reach.refusal(place.host)
        if refusal is not None:
            fault = _REFUSED[refusal]()
            raise fault
        watch.host = place.host
        resolved = await self.resolver.resolve(place.host, wish.ip_version, reach.admits)
        watch.resolve_seconds = resolved.seconds
        watch.late_seconds += resolved.late_seconds
        watch.name_server, watch.questions = resolved.server, resolved.asked
        channel = await connected((resolved.address, *resolved.others), place, wish.ip_version, watch, until)
        try:
            if not place.secure:
                return await self._exchange(PlainStream(channel), place, wish, watch, cookies)
            context = self._issuers.context_for((place.host, place.port)) or self._context
            stream = TlsStream(channel, context, place.host)
            await self._shake_hands(stream, wish, watch)
            return await self._exchange(stream, place, wish, watch, cookies)
        finally:
            channel.close()

    async def _shake_hands(self, stream: TlsStream, wish: FetchOptions, watch: Stopwatch) -> None:
        watch.step = ExchangeStep.QUEUE
        begin = time.monotonic()
        ticket = await self._gate.enter() if wish.gated else 0
        watch.queue_seconds = time.monotonic() - begin
        watch.step = ExchangeStep.TLS
        try:
            watch.tls_seconds, late = await stream.handshake()
        except ssl.SSLCertVerificationError as exc:
            # OpenSSL ends some of its sentences with the host, which a redirect may have named anything.
            why, of_host, _ = exc.verify_message.partition(" for '")
            told = f"{why} for '{redact_host(watch.host)}'" if of_host else why
            raise _kind_of(exc.verify_code)(Reason.CERTIFICATE_INVALID, f"certificate refused: {told}") from exc
        except ssl.SSLEOFError as exc:
            raise ExchangeError(Reason.TLS_ERROR, "connection closed in the TLS handshake") from exc
        except ssl.SSLError as exc:
            if no_common_protocol(exc):
                raise ExchangeError(Reason.PROTOCOL_UNSUPPORTED, HTTP_2_ONLY) from exc
            raise ExchangeError(Reason.TLS_ERROR, f"TLS handshake failed: {exc.reason or exc}") from exc
        except TimeoutError:
            raise
        except OSError as exc:
            detail = f"connection broken in the TLS handshake: {exc.strerror}"
            raise ExchangeError(Reason.TLS_ERROR, detail) from exc
        finally:
            self._gate.leave(ticket)
        watch.late_seconds += late
        watch.tls = agreed(stream.tls)
        refused = refusal(watch.tls)
        if refused is not None:
            raise refused

    async def _completed(
        self, place: HttpDestination, ip_version: int, address: str, reach: Reach, until: float
    ) -> bool:
        """Fetch the intermediates that a server leaves out; returns whether its chain is complete now."""
        server = (place.host, place.port)
        if self._issuers.is_hopeless(server):
            return False

        async def fetch(url: str) -> bytes:
            wish = FetchOptions(ip_version=ip_version, kept_bytes=LARGEST_BYTES, most_bytes=LARGEST_BYTES, gated=False)
            outside = Reach(host="", networks=reach.networks)
            answer = await self.get(
                url, wish, Stopwatch(), reach=outside, until=until
            )  # no redirects: no chains of chains
            return answer.body_head if answer.status == 200 else b""

        channel = channel_of(ip_version, until)
        try:
            async with asyncio.timeout(SECONDS):
                await channel.connect((address, place.port))
                stream = TlsStream(channel, self._looking, place.host)
                await stream.handshake()
                if await self._issuers.learn(server, stream.tls.getpeercert(binary_form=True) or b"", fetch):
                    return True
        except (ExchangeError, OSError, ValueError):
            if time.monotonic() >= until:
                raise TimeoutError from None
        finally:
            channel.close()
        self._issuers.give_up(server)
        return False

    async def _exchange(
        self, stream: Stream, place: HttpDestination, wish: FetchOptions, watch: Stopwatch, cookies: ChainCookies
    ) -> HopResponse:
        watch.step = ExchangeStep.ANSWER
        reader = AnswerReader(
            kept_bytes=wish.kept_bytes, most_bytes=wish.most_bytes, secure=place.secure, bare=place.is_usual
        )
        try:
            sent_at = await stream.send(place.request + cookies.header(place) + self._headers[wish.gzip])
            data, first, watch.newest = await stream.first()
            if data:
                watch.first_byte(sent_at, first)
            while not (data and reader.feed(data, stream.overhead_bytes)):
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
        except TimeoutError:
            raise
        except OSError as exc:
            if not reader.is_whole_page():
                detail = "the server closed the connection without a complete answer"
                raise ExchangeError(Reason.HTTP_ERROR, detail) from exc
        watch.status = reader.status
        watch.last_byte()
        if reader.cookies:
            cookies.take(place, reader.cookies)
        return HopResponse(
            url=place.url,
            status=reader.status,
            version=reader.version,
            headers=reader.headers,
            location=reader.location,
            body_head=bytes(reader.body_head),
            body_bytes=reader.body_bytes,
        )


def _to_the_inside() -> ForbiddenHopError:
    return ForbiddenHopError(
        Reason.HTTP_ERROR, "a redirect leads to an address inside, where no citizen gets; it was not asked"
    )


def _to_a_literal() -> ForbiddenHopError:
    detail = "redirected to an address without a name, which is nobody's registered one; it was not asked"
    return ForbiddenHopError(Reason.REDIRECTED_ELSEWHERE, detail)


_REFUSED = {
    AddressRefusal.NOWHERE: no_address,
    AddressRefusal.INSIDE: _to_the_inside,
    AddressRefusal.LITERAL: _to_a_literal,
}


def _kind_of(verify_code: int) -> type[ExchangeError]:
    """Return how a certificate that OpenSSL refused is told."""
    if verify_code == _EXPIRED:
        return FlawedCertificateError
    return IncompleteChainError if verify_code in _NO_ISSUER else ExchangeError
