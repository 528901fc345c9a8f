"""
Opens connections for aiohttp: name, TCP, a place at the gate, TLS, each under the stop-watch of the hop that asks.

What fails here fails with its reason, which aiohttp hands through untouched.
"""

import asyncio
import errno
import socket
import ssl
import time
from contextvars import ContextVar
from dataclasses import dataclass

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from probes.net.certificates import agreed
from probes.net.channel import Channel
from probes.net.fault import ExchangeError
from probes.net.gate import Gate
from probes.net.resolver import Resolver
from probes.net.stopwatch import Step, Stopwatch
from probes.net.stream import PlainStream, Stream, TlsStream
from probes.net.transport import StampedTransport
from thuocdo.model import Reason

_UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
_FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """
    How a connection is to be opened, and under which stop-watch.

    ip_version: 4 or 6. gated: it stands in line for its TLS handshake.
    """

    secure: bool
    host: str
    port: int
    ip_version: int
    gated: bool
    watch: Stopwatch


WAY: ContextVar[Way] = ContextVar("way")
"""Of the hop that runs in this context; aiohttp knows nothing of it, and hands nothing on."""


class StampedConnector(aiohttp.BaseConnector):
    """
    A fresh connection for every request, none kept.

    Args:
        resolver: of host names.
        context: how certificates are verified.

    """

    def __init__(self, resolver: Resolver, context: ssl.SSLContext) -> None:
        super().__init__(force_close=True, limit=0)
        self._resolver = resolver
        self._context = context
        self.gate = Gate()
        # The kernel begins to stamp packets a moment after the first socket asks for it, and ends with the last: keep one.
        self._stamping = Channel(socket.AF_INET, socket.SOCK_DGRAM)

    def release(self) -> None:
        """Give back what is held besides connections."""
        self._stamping.close()
        self._resolver.close()

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,  # noqa: ARG002 - the signature is aiohttp's, which asks its connectors for connections so
        traces: list[Trace],  # noqa: ARG002
        timeout: aiohttp.ClientTimeout,  # noqa: ARG002, ASYNC109
    ) -> ResponseHandler:
        way = WAY.get()
        stream = await self._open(way)
        way.watch.step = Step.ANSWER
        protocol = ResponseHandler(asyncio.get_running_loop())
        protocol.connection_made(StampedTransport(stream, protocol, way.watch))
        return protocol

    async def _open(self, way: Way) -> Stream:
        watch = way.watch
        resolved = await self._resolver.resolve(way.host, way.ip_version)
        watch.resolve_seconds = resolved.seconds
        watch.late_seconds += resolved.late_seconds
        watch.address, watch.name_server, watch.questions = resolved.address, resolved.server, resolved.asked
        channel = Channel(_FAMILIES[way.ip_version], socket.SOCK_STREAM)
        try:
            await _connect(channel, resolved.address, way.port, watch)
            if not way.secure:
                return PlainStream(channel)
            stream = TlsStream(channel, self._context, way.host)
            await self._shake_hands(stream, way)
        except BaseException:
            channel.close()
            raise
        return stream

    async def _shake_hands(self, stream: TlsStream, way: Way) -> None:
        watch = way.watch
        watch.step = Step.QUEUE
        begin = time.monotonic()
        ticket = await self.gate.enter() if way.gated else 0
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
            self.gate.leave(ticket)
        watch.late_seconds += late
        watch.tls = agreed(stream.tls)


async def _connect(channel: Channel, address: str, port: int, watch: Stopwatch) -> None:
    watch.step = Step.CONNECT
    try:
        watch.connect_seconds, late = await channel.connect((address, port))
    except OSError as exc:
        if exc.errno in _UNREACHABLE:
            raise ExchangeError(Reason.CONNECT_TIMEOUT, f"host not reachable: {exc.strerror}") from exc
        raise ExchangeError(Reason.CONNECTION_REFUSED, f"connection refused: {exc.strerror}") from exc
    watch.late_seconds += late
