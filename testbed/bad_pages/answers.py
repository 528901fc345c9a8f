"""Servers that answer late, for ever, wrongly or not at all."""

import asyncio
import gzip
import zlib
from functools import cache
from itertools import count

from aiohttp import web

from testbed.bad_pages.page import BadPage, Handler, answering, bad, document, html, never
from thuocdo.core.model import Reason

_MEBIBYTE = 1024**2
_HUGE_BYTES = 80 * _MEBIBYTE
_PIXEL = "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>"


def _raw(*chunks: bytes, pause_seconds: float = 0.0, repeat: bytes = b"", end: str = "") -> Handler:
    """
    Return a handler that writes bytes past all HTTP.

    Args:
        chunks: written at once.
        pause_seconds: before each repetition.
        repeat: written for ever after.
        end: "close" or "reset" the connection after the chunks; empty = hold it.

    """

    async def handler(request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        for chunk in chunks:
            transport.write(chunk)
        while repeat and not transport.is_closing():
            transport.write(repeat)
            await asyncio.sleep(pause_seconds)
        if end == "reset":
            await asyncio.sleep(0.1)  # what was written goes out first
            transport.abort()
        elif end == "close":
            transport.close()
        return await never(request)

    return handler


def _streamed(*, first: str, then: bytes, pause_seconds: float, total_bytes: float = float("inf")) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html; charset=utf-8"})
        await response.prepare(request)
        await response.write(first.encode())
        sent = 0
        while sent < total_bytes:
            await response.write(then)
            sent += len(then)
            await asyncio.sleep(pause_seconds)
        return response

    return handler


@cache
def _gzip_bomb() -> bytes:
    """A document and 2 GiB of one letter, in 2 MiB."""
    packer = zlib.compressobj(9, wbits=31)
    start = packer.compress(f"{document()}<!--".encode()) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block depends on nothing before it, so that one stands for all.
    block = packer.compress(b"x" * (16 * _MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * 128


async def _bomb(_: web.Request) -> web.Response:
    body = await asyncio.to_thread(_gzip_bomb)
    return web.Response(body=body, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})


async def _broken_gzip(_: web.Request) -> web.Response:
    body = gzip.compress(document().encode())[:200] + b"?" * 500
    return web.Response(body=body, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})


def _typed(content_type: str, **headers: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=document().encode(), headers={"Content-Type": content_type, **headers})

    return handler


async def _invalid_utf8(_: web.Request) -> web.Response:
    body = document().encode() + bytes(range(128, 256)) * 50 + b"\xf5\xff\x00\xed\xa0\x80"
    return web.Response(body=body, content_type="text/html", charset="utf-8")


def _with_part(markup: str, part: Handler) -> Handler:
    """Return the handler of a page whose `markup` asks for {part}, which `part` answers."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.match_info["rest"]:
            return await part(request)
        return html(document(body=markup.replace("{part}", f"{request.path}/part")))

    return handler


async def _many(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        return web.Response(text=_PIXEL, content_type="image/svg+xml")
    pictures = "".join(f"<img alt='' src='{request.path}/{number}'>" for number in range(2000))
    return html(document(body=pictures))


_hops = count()


async def _redirect_chain(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"/{request.match_info['name']}/{next(_hops)}"})


def _redirect(location: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    return handler


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
_FONT = "<style>@font-face{font-family:f;src:url({part})}*{font-family:f}</style>"

PAGES: tuple[BadPage, ...] = (
    bad("never", "takes the request and never answers", never, Reason.TIMEOUT),
    bad(
        "headers-trickle",
        "sends one header field every 0.2 s, for ever",
        _raw(_OK, repeat=b"X-More: 1\r\n", pause_seconds=0.2),
        Reason.TIMEOUT,
    ),
    bad(
        "headers-endless",
        "sends header fields as fast as it can, for ever",
        _raw(_OK, repeat=b"X-More: " + b"x" * 8000 + b"\r\n"),
        Reason.HTTP_ERROR,
    ),
    bad(
        "informational",
        "says 103 Early Hints for ever",
        _raw(repeat=b"HTTP/1.1 103 Early Hints\r\n\r\n", pause_seconds=0.01),
        Reason.TIMEOUT,
        Reason.HTTP_ERROR,
    ),
    bad(
        "body-trickles",
        "shows its page and goes on with some bytes every 0.1 s",
        _streamed(first=document(), then=b"<p>x</p>", pause_seconds=0.1),
        Reason.TIMEOUT,
    ),
    bad(
        "body-endless",
        "sends a comment as fast as it can, for ever",
        _streamed(first=f"{document()}<!--", then=b"x" * 262144, pause_seconds=0),
        Reason.TOO_LARGE,
    ),
    bad(
        "huge",
        "is a page of 80 MiB",
        _streamed(
            first=document(), then=b"<p title='" + b"x" * 262144 + b"'>", pause_seconds=0, total_bytes=_HUGE_BYTES
        ),
        Reason.TOO_LARGE,
    ),
    bad("gzip-bomb", "is 2 MiB of gzip that unpack to 2 GiB", _bomb, Reason.TOO_LARGE),
    bad(
        "gzip-broken",
        "breaks off its compression",
        _broken_gzip,
        Reason.HTTP_ERROR,
        Reason.TIMEOUT,
        None,  # what came is shown
    ),
    bad("no-http", "answers in no language of the web", _raw(b"+OK ready\r\n" * 10, end="close"), Reason.HTTP_ERROR),
    bad("closes", "closes the connection instead of answering", _raw(end="close"), Reason.HTTP_ERROR),
    bad(
        "resets",
        "resets the connection in the middle of the header",
        _raw(_OK, end="reset"),
        Reason.HTTP_ERROR,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "body-short",
        "promises more bytes than it sends",
        _raw(_OK + b"Content-Length: 999999\r\n\r\n" + document().encode(), end="close"),
        Reason.HTTP_ERROR,
        Reason.TIMEOUT,  # what came is shown, but Chromium never says that it has loaded
        None,
    ),
    bad("redirects-http", "redirects for ever, each time elsewhere", _redirect_chain, Reason.HTTP_ERROR),
    bad("redirect-file", "redirects to a file of the visitor", _redirect("file:///etc/hostname"), Reason.HTTP_ERROR),
    bad(
        "redirect-app",
        "redirects to an app's own scheme",
        _redirect("dichvucong://home"),
        Reason.HTTP_ERROR,
        Reason.CONTENT_MISMATCH,
    ),
    bad("redirect-data", "redirects to a data: URL", _redirect("data:text/html,<h1>x"), Reason.HTTP_ERROR),
    bad(
        "redirect-nowhere",
        "redirects without saying where to",
        answering("", 302),
        Reason.CONTENT_MISMATCH,
        Reason.HTTP_ERROR,
    ),
    bad("empty", "is a 200 without content", answering(""), Reason.CONTENT_MISMATCH),
    bad("no-content", "is a 204", answering("", 204), Reason.CONTENT_MISMATCH),
    bad("download", "is a file to save", _typed("application/octet-stream"), Reason.CONTENT_MISMATCH),
    bad(
        "attachment",
        "is a page to save",
        _typed("text/html; charset=utf-8", **{"Content-Disposition": "attachment; filename=a.html"}),
        Reason.CONTENT_MISMATCH,
    ),
    bad("not-a-picture", "is a page that calls itself a picture", _typed("image/png"), Reason.CONTENT_MISMATCH, None),
    bad(
        "replaced",
        "calls itself a stream of pages",
        _typed("multipart/x-mixed-replace; boundary=b"),
        Reason.CONTENT_MISMATCH,
    ),
    bad("source", "shows its source instead of itself", _typed("text/plain; charset=utf-8"), Reason.CONTENT_MISMATCH),
    bad("invalid-utf8", "has bytes that are no UTF-8", _invalid_utf8),
    bad(
        "password",
        "asks for a password with 401 Basic",
        answering(document(), 401, WWW_Authenticate='Basic realm="x"'),
        Reason.HTTP_ERROR,
        Reason.LOGIN_REQUIRED,
    ),
    bad(
        "picture-never",
        "waits for a picture that never comes",
        _with_part("<img alt='' src={part}>", never),
        Reason.TIMEOUT,
    ),
    bad(
        "style-never",
        "waits for a style sheet that never comes",
        _with_part("<link rel=stylesheet href={part}>x", never),
        Reason.TIMEOUT,
    ),
    bad("font-never", "waits for a font that never comes", _with_part(_FONT, never), None, Reason.TIMEOUT),
    bad(
        "frame-never",
        "waits for a frame that never comes",
        _with_part("<iframe src={part}></iframe>", never),
        Reason.TIMEOUT,
    ),
    bad(
        "script-xhr-never",
        "waits in a script, blocking, for an answer that never comes",
        _with_part("<script>x = new XMLHttpRequest; x.open('GET', '{part}', false); x.send()</script>", never),
        Reason.TIMEOUT,
    ),
    bad("requests-2000", "loads 2,000 pictures", _many, None, Reason.TIMEOUT),
)
