"""What a bad page is, and the healthy document that most of them are built upon."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aiohttp import web

from thuocdo.core.model import Reason

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

URLS: web.AppKey[Mapping["Listener", str]] = web.AppKey("URLS")
"""Where the gallery's listeners are, for pages that lead from one to another."""

_SENTENCE = "Cổng dịch vụ công của tỉnh: nộp hồ sơ, tra cứu kết quả, đánh giá sự hài lòng. "
_START = (
    '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Cổng dịch vụ công</title>{head}</head>'
    f"<body><main><h1>Dịch vụ công trực tuyến</h1><p>{_SENTENCE * 30}</p></main>"
)


class Listener(StrEnum):
    """
    How a page is served.

    TLS is trusted; STRANGER shows a certificate that nobody trusts; MEMBERS demands a certificate of the visitor.
    """

    PLAIN = "plain"
    TLS = "tls"
    STRANGER = "stranger"
    MEMBERS = "members"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadPage:
    """
    One page that can hurt a browser.

    does: what, in one sentence. expected: what a home-page probe may conclude, None = ok; no reason that blames us, for the fault
    is the page's. takes_browser: it may pull down the whole browser, so that `browser_unavailable` is as right, for it and
    for its neighbours. handler: answers for the page's own path and for all below it.
    """

    name: str
    does: str
    expected: frozenset[Reason | None]
    handler: Handler
    listener: Listener = Listener.PLAIN
    takes_browser: bool = False

    @property
    def path(self) -> str:
        """Where it stands on its host."""
        return f"/{self.name}"


def bad(
    name: str,
    does: str,
    handler: Handler,
    *expected: Reason | None,
    listener: Listener = Listener.PLAIN,
    takes_browser: bool = False,
) -> BadPage:
    """Return a bad page; no `expected` means that the probe is ok."""
    right = frozenset(expected or (None,)) | ({Reason.BROWSER_UNAVAILABLE} if takes_browser else set())
    return BadPage(
        name=name, does=does, handler=handler, expected=right, listener=listener, takes_browser=takes_browser
    )


def document(*, head: str = "", body: str = "", script: str = "") -> str:
    """Return a healthy portal's page with something in its head, after its text, and as its last script."""
    last = f"<script>{script}</script>" if script else ""
    return f"{_START.replace('{head}', head)}{body}{last}</body></html>"


def html(text: str, status: int = 200, **headers: str) -> web.Response:
    """Return an HTML answer; underscores in header names stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.Response(text=text, status=status, content_type="text/html", headers=named)


def answering(text: str, status: int = 200, **headers: str) -> Handler:
    """Return a handler that always gives the same HTML."""

    async def handler(_: web.Request) -> web.Response:
        return html(text, status, **headers)

    return handler


def scripted(script: str, *, head: str = "", body: str = "") -> Handler:
    """Return the handler of a healthy page with a script at its end."""
    return answering(document(head=head, body=body, script=script))


def after_load(script: str, milliseconds: int = 50) -> Handler:
    """Return the handler of a healthy page whose script runs so long after its load event began."""
    return scripted(f"addEventListener('load', () => setTimeout(() => {{ {script} }}, {milliseconds}))")


async def never(_: web.Request) -> web.Response:
    """Answer nothing; ends when the visitor leaves."""
    await asyncio.Event().wait()
    raise AssertionError


async def healthy(_: web.Request) -> web.Response:
    """Answer with the healthy page."""
    return html(document())
