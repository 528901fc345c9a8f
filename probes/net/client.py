"""
The one HTTP client of a process: a fresh connection per request, one shared TLS context, no cookies, no hidden retry.

What makes it cheap (measured, see docs/benchmarks.md once it stands): one session, one SSL context, body read in chunks.
"""

import ssl
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from probes.net import stopwatch
from probes.net.resolver import Resolver
from probes.net.stopwatch import StampedSSLObject


class HttpClient:
    """
    An aiohttp session set up for measuring.

    Args:
        hosts: see probes.net.resolver.Resolver.
        ca_file: a CA to trust besides the system's (private test set-ups), or None.
        user_agent: who we say we are.

    """

    def __init__(self, *, hosts: Mapping[str, str | None] | None, ca_file: Path | None, user_agent: str) -> None:
        self.tls = ssl.create_default_context()
        if ca_file is not None:
            self.tls.load_verify_locations(ca_file)
        self.tls.sslobject_class = StampedSSLObject
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                force_close=True, limit=0, use_dns_cache=False, resolver=Resolver(hosts), ssl=self.tls
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            trace_configs=[_plain_http_stamps()],
            headers={
                "User-Agent": user_agent,
                "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
                "Accept-Language": "vi,en;q=0.5",
                "Accept-Encoding": "gzip",
            },
            timeout=aiohttp.ClientTimeout(total=None),  # the probe's own deadline is the only one
        )

    async def close(self) -> None:
        """Close all connections."""
        await self.session.close()


def _plain_http_stamps() -> aiohttp.TraceConfig:
    """Return the stamps for exchanges without TLS, which have no SSLObject to stamp them."""

    async def connected(_session: object, _context: object, _parameters: object) -> None:
        watch = stopwatch.current()
        if watch and watch.connected is None:
            watch.connected = time.monotonic()

    async def sent(_session: object, _context: object, _parameters: object) -> None:
        watch = stopwatch.current()
        if watch and watch.secured is None:
            watch.sent = time.monotonic()

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    trace.on_request_headers_sent.append(sent)
    return trace
