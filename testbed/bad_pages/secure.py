"""Faults of TLS and of pages half within it."""

import asyncio

from aiohttp import web

from testbed.bad_pages.page import URLS, BadPage, Listener, bad, document, healthy, html
from thuocdo.core.model import Reason


async def _mixed(request: web.Request) -> web.Response:
    plain = f"http://{request.host}/healthy"
    parts = f"<img alt='' src='{plain}'><script src='{plain}'></script><iframe src='{plain}'></iframe>"
    return html(document(body=parts, script=f"fetch('{plain}').catch(() => 0)"))


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8", "Content-Length": "999999"})
    await response.prepare(request)
    await response.write(document().encode())
    await asyncio.sleep(0.1)
    assert request.transport is not None
    request.transport.abort()
    return response


async def _to_stranger(request: web.Request) -> web.Response:
    stranger = request.app[URLS][Listener.STRANGER]
    return web.Response(status=302, headers={"Location": f"{stranger}/healthy"})


async def _parts_of_stranger(request: web.Request) -> web.Response:
    stranger = request.app[URLS][Listener.STRANGER]
    return html(document(body=f"<img alt='' src={stranger}/healthy><iframe src={stranger}/healthy></iframe>"))


PAGES: tuple[BadPage, ...] = (
    bad(
        "stranger",
        "shows a certificate that nobody trusts",
        healthy,
        Reason.CERTIFICATE_INVALID,
        listener=Listener.STRANGER,
    ),
    bad(
        "members-only",
        "demands a certificate of the visitor",
        healthy,
        Reason.TLS_ERROR,
        Reason.HTTP_ERROR,
        Reason.LOGIN_REQUIRED,
        listener=Listener.MEMBERS,
    ),
    bad(
        "redirect-stranger",
        "redirects to a host whose certificate nobody trusts",
        _to_stranger,
        Reason.CERTIFICATE_INVALID,
        listener=Listener.TLS,
    ),
    bad(
        "parts-of-stranger",
        "has parts behind a certificate that nobody trusts",
        _parts_of_stranger,
        listener=Listener.TLS,
    ),
    bad("mixed", "loads parts of a secure page without TLS", _mixed, listener=Listener.TLS),
    bad(
        "cut",
        "breaks off in the middle of TLS",
        _cut,
        Reason.HTTP_ERROR,
        Reason.TLS_ERROR,
        Reason.TIMEOUT,
        None,
        listener=Listener.TLS,
    ),
)
