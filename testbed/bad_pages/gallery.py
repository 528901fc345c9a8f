"""
All bad pages, and the server that shows them.

`python -m testbed.bad_pages.gallery` prints the list for people: name, what it does, what a home-page probe may conclude.
"""

import ssl
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Self

from aiohttp import web

from testbed.bad_pages import answers, hindering, hunger, loops, secure, tampering, wandering, windows
from testbed.bad_pages.page import URLS, BadPage, Handler, Listener, healthy
from testbed.sampling import half, of_every_kind
from testbed.server import Authority

_KINDS = (answers, secure, loops, windows, wandering, tampering, hunger, hindering)
BAD_PAGES: tuple[BadPage, ...] = tuple(page for kind in _KINDS for page in kind.PAGES)


def sample(seed: str) -> list[BadPage]:
    """Return half of the pages of each kind; the same seed gives the same ones."""
    kinds = {page.name: kind.__name__ for kind in _KINDS for page in kind.PAGES}
    return of_every_kind(BAD_PAGES, kind=lambda page: kinds[page.name], number=half, seed=seed)


class Gallery:
    """
    Shows all bad pages, and a healthy one, under one host on loopback; an async context manager.

    asked: how often each page was asked for, by name; its parts are counted with it.

    Args:
        host: its name, which the browser must find at 127.0.0.1.

    """

    def __init__(self, host: str) -> None:
        self.asked: Counter[str] = Counter()
        self._host = host
        trusted, members, stranger = (Authority(hosts=[host], expired=[host]) for _ in range(3))
        members.good.verify_mode = ssl.CERT_REQUIRED
        self.trusted_keys = (trusted.trusted_key, members.trusted_key)
        self._tls: Mapping[Listener, ssl.SSLContext | None] = {
            Listener.PLAIN: None,
            Listener.TLS: trusted.good,
            Listener.MEMBERS: members.good,
            Listener.STRANGER: stranger.good,
        }
        self._urls: dict[Listener, str] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        application = web.Application(middlewares=[self._count])
        application[URLS] = self._urls
        application.router.add_get("/healthy", healthy)
        for page in BAD_PAGES:
            application.router.add_route("*", f"/{{name:{page.name}}}{{rest:(?:/.*)?}}", page.handler)
        # A visitor that leaves ends its handler, or each page that never ends would leave one behind.
        runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        for listener, tls in self._tls.items():
            site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
            await site.start()
            port = runner.addresses[-1][1]
            self._urls[listener] = f"{'https' if tls else 'http'}://{self._host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked[request.match_info.get("name", "healthy")] += 1
        return await handler(request)

    @property
    def healthy_url(self) -> str:
        """Address of the page that has no fault."""
        return f"{self._urls[Listener.PLAIN]}/healthy"

    def url(self, page: BadPage) -> str:
        """Address of a bad page."""
        return f"{self._urls[page.listener]}{page.path}"


def table() -> str:
    """Return the list of bad pages as Markdown."""
    lines = ["| page | it … | a home-page probe says |", "|---|---|---|"]
    for page in BAD_PAGES:
        expected = ", ".join(sorted(f"`{reason or 'ok'}`" for reason in page.expected))
        lines.append(f"| `{page.name}` | {page.does.replace('|', '/')} | {expected} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
