"""
What stop-watches are weighed against: a plain aiohttp probe, and our own client with its stop-watches taken out.

Both fetch and judge the same page over the same kind of connection; neither can tell how long anything took.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from unittest.mock import patch

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from probes.net import arrival, client
from probes.net.arrival import Received
from probes.net.resolver import Resolver
from probes.net.stream import TlsStream
from probes.page import judge, read_html
from thuocdo.core.model import Job, Observation, Outcome


class PlainClient:
    """
    An aiohttp session in its cheapest set-up (see docs/benchmarks.md): one session, one TLS context, our own stub resolver.

    Args:
        authority: PEM file of a certificate authority to trust besides the system's.
        name_server: address to ask for names.
        user_agent: who we say we are.
    """

    def __init__(self, authority: Path, name_server: str, user_agent: str) -> None:
        tls = ssl.create_default_context()
        tls.load_verify_locations(authority)
        tls.set_alpn_protocols(["http/1.1"])
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                force_close=True, limit=0, use_dns_cache=False, resolver=_Names(Resolver(None, [name_server])), ssl=tls
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            headers={
                "User-Agent": user_agent,
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Accept-Language": "vi,en;q=0.5",
                "Accept-Encoding": "gzip",
            },
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def probe(self, job: Job) -> Observation:
        """Fetch a page within the job's deadline and judge it as the product does."""
        url = job.target.url
        async with asyncio.timeout(job.deadline_seconds), self._session.get(url, allow_redirects=False) as answer:
            body = bytearray()
            async for chunk in answer.content.iter_any():
                body += chunk
        html = read_html(answer.status, answer.headers, url, body.decode(errors="replace"))
        judgement = judge(html, job.target)
        reason = judgement.reason
        return Observation(
            outcome=reason.outcome if reason else Outcome.OK, reason=reason, page_kind=judgement.page_kind
        )


class _Names(AbstractResolver):
    """The product's resolver as aiohttp wants to see it."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the IPv4 address of a host."""
        resolved = await self._resolver.resolve(host, 4, lambda _address: True)
        return [
            ResolveResult(
                hostname=host,
                host=resolved.address,
                port=port,
                family=family,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
        ]

    async def close(self) -> None:
        """Nothing to release."""


@contextmanager
def without_stopwatches() -> Iterator[None]:
    """Take out of our own client what only stop-watches need: the kernel's stamps, reading piece by piece, the certificate."""

    def receive(sock: socket.socket, most_bytes: int, _since: float) -> Received:
        return Received(sock.recv(most_bytes), 0.0, 0.0)

    async def first(self: TlsStream) -> tuple[bytes, Received, Received]:
        received = await self.more()
        return received.data, received, received

    with (
        patch.object(arrival, "want_stamps", lambda _sock: None),
        patch.object(arrival, "receive", receive),
        patch.object(arrival, "connect_late_seconds", lambda _sock, _begin, _seen_at: 0.0),
        patch.object(client, "agreed", lambda _tls: None),
        patch.object(TlsStream, "first", first),
    ):
        yield
