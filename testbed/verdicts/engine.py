"""Kind 3: answers that break the rules and that browsers take, beside those that only look like them and that no browser takes."""

import asyncio
import gzip
import socket
import ssl
import struct
import warnings
import zlib
from collections.abc import Awaitable, Callable

from testbed.server import Authority
from testbed.verdicts.page import (
    EXPECTED,
    Asked,
    Respond,
    Send,
    Truth,
    VerdictPage,
    answer,
    by_path,
    document,
    fine,
    made,
    ok,
    one_of,
    outage,
    portal,
    raw,
    shown,
    unknowable,
)
from thuocdo.core.model import Reason

HTTP_ERROR, MISMATCH, BLOCKED = Reason.HTTP_ERROR, Reason.CONTENT_MISMATCH, Reason.BLOCKED
_HTML = "text/html; charset=utf-8"
_HOME = portal().encode()
_LENGTH = b"Content-Length: %d\r\n" % len(_HOME)
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(_HOME), _HOME)
_LONG_CHUNKS = _CHUNKS[:-5] + (b"1000\r\n" + b" " * 4096 + b"\r\n") * 200
_RESET = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + _HOME
_STOPPED = document("<h1>Hệ thống đang bảo trì, vui lòng quay lại sau</h1>", title="Thông báo").encode()


def head(
    more: bytes = b"", *, first: bytes = b"HTTP/1.1 200 OK", length: bytes = _LENGTH, body: bytes = _HOME
) -> Respond:
    """Return what answers the home page under a head with more lines in it, or with other ones."""
    media = f"\r\nContent-Type: {_HTML}\r\n".encode()
    return raw(first + media + length + more + b"Connection: close\r\n\r\n" + body)


def packed(body: bytes, coding: str) -> Respond:
    """Return what answers a body under a content coding, whatever it is in truth."""
    return shown(body, headers=(f"Content-Encoding: {coding}",))


def to(location: str, *headers: str, status: str = "302 Found") -> bytes:
    """Return a redirect; characters of the location stand for bytes."""
    lines = [f"HTTP/1.1 {status}", f"Location: {location}", "Content-Length: 0", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def redirected(name: str, does: str, first: bytes | Callable[[Asked], bytes], goal: str = "/dich") -> VerdictPage:
    """Return a page whose address leads to the portal."""
    return fine(f"engine-{name}", does, by_path({"/": first, goal: answer(_HOME)}), expected_text=EXPECTED)


def headed(name: str, does: str, respond: Respond) -> VerdictPage:
    """Return a fine page with something odd about its head."""
    return fine(f"engine-{name}", does, respond, expected_text=EXPECTED)


def broken(name: str, does: str, respond: Respond, *reasons: Reason) -> VerdictPage:
    """Return a page that no browser shows."""
    return outage(f"engine-{name}", does, respond, *(reasons or (HTTP_ERROR,)))


def cookie_wall(*lines: str, wanted: str = "da-xem=1") -> Respond:
    """Return what shows the portal to whoever brings the cookie back, and sends everybody else to set it."""

    def of(asked: Asked) -> bytes:
        if wanted in asked.headers.get("cookie", ""):
            return answer(_HOME)
        return to(asked.path, *(f"Set-Cookie: {line}" for line in lines))

    return made(of)


def counted(most: int) -> Respond:
    """Return what sends on so many times before it shows the portal."""

    def of(asked: Asked) -> bytes:
        number = int(asked.path.rpartition("/")[2] or 0)
        return answer(_HOME) if number >= most else to(f"/{number + 1}")

    return made(of)


def hanging(length: bytes) -> Respond:
    """Return a redirect whose head is whole and whose own body never ends."""

    async def respond(asked: Asked, send: Send) -> None:
        if asked.path == "/dich":
            await send(answer(_HOME))
            return
        await send(b"HTTP/1.1 302 Found\r\nLocation: /dich\r\n" + length + b"\r\n")
        await asyncio.sleep(60)

    return respond


def zstd(content: bytes) -> bytes:
    """Return a frame of Zstandard with one block that is not compressed. Source: RFC 8878, 3.1.1."""
    block = struct.pack("<I", len(content) << 3 | 1)[:3]
    return b"\x28\xb5\x2f\xfd\x60" + struct.pack("<H", len(content) - 256) + block + content


def suites(names: str, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> Callable[[Authority, str], ssl.SSLContext]:
    """Return what makes a server that speaks no other suites, under an RSA key."""

    def context(authority: Authority, host: str) -> ssl.SSLContext:
        made_of = authority.rsa(host)
        with warnings.catch_warnings(action="ignore"):  # that old versions are old is the point
            made_of.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            made_of.maximum_version = version
        made_of.set_ciphers(f"{names}:@SECLEVEL=0")
        return made_of

    return context


def speaking(*protocols: str) -> Callable[[Authority, str], ssl.SSLContext]:
    """Return what makes a server that chooses among these protocols."""
    return lambda authority, _: authority.speaking(protocols)


def frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    """Return a frame of HTTP/2. Source: RFC 9113, 4.1."""
    return struct.pack(">I", len(body))[1:] + bytes((kind, flags)) + struct.pack(">I", stream) + body


def ended_by_reset(whole: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return what answers the same to everybody and resets the connection then."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole)
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return talk


async def http_2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak HTTP/2 alone: settings at once, the portal for every request, no word for anybody else."""
    writer.write(frame(4, 0, 0))
    if not (await reader.read(24)).startswith(b"PRI "):
        await reader.read()
        return
    while True:
        begin = await reader.readexactly(9)
        kind, flags, stream = begin[3], begin[4], int.from_bytes(begin[5:], "big")
        await reader.readexactly(int.from_bytes(begin[:3], "big"))
        if kind == 4 and not flags & 1:
            writer.write(frame(4, 1, 0))
        if kind == 1:
            fields = b"\x88\x5f" + bytes((len(_HTML),)) + _HTML.encode()  # :status 200, content-type
            writer.write(frame(1, 4, stream, fields) + frame(0, 1, stream, _HOME))
        await writer.drain()


def only_in_browsers(name: str, does: str, respond: Respond, **more: object) -> VerdictPage:
    """Return a page that browsers show and that is beyond what the plain probe can read."""
    return VerdictPage(
        name=f"engine-{name}",
        does=does,
        truth={"http": Truth.UNKNOWABLE, "homepage": Truth.FINE},
        expected={"http": one_of(Reason.PROTOCOL_UNSUPPORTED), "homepage": ok()},
        respond=respond,
        **more,  # type: ignore[arg-type]
    )


_COOKIES = (
    headed("cookie-wall", "sets a cookie and sends on to itself", cookie_wall("da-xem=1; path=/")),
    headed("cookie-many", "sets three cookies, with dates and flags", cookie_wall(
        "phien=abc; path=/; HttpOnly; SameSite=Lax", "khac=\"x\"", "da-xem=1; Expires=Fri, 31-Dec-2038 23:59:59 GMT; Max-Age=600"
    )),
    headed("cookie-twice", "sets a cookie to nothing and then to something", cookie_wall("da-xem=0", "da-xem=1")),
    headed("cookie-nameless", "sets a cookie without a name", cookie_wall("da xem; path=/", wanted="da xem")),
    headed("cookie-blank", "sets a cookie with a blank in its name", cookie_wall("da xem=1; path=/", wanted="da xem=1")),
    headed("cookie-bytes", "sets a cookie that is no UTF-8", cookie_wall("da-xem=\xe9; path=/", wanted="da-xem=\xe9")),
    headed("cookie-60", "sets sixty cookies, the one that counts last", cookie_wall(*(f"c{at}=x" for at in range(60)), "da-xem=1")),
    headed("cookie-long", "sets three cookies of 4 KB", cookie_wall(*(f"c{at}={'x' * 4000}" for at in range(3)), "da-xem=1")),
    headed("cookie-max-age", "sets a cookie for an age in quotes", cookie_wall('da-xem=1; Max-Age="0"')),
    broken("cookie-none", "sets a cookie for all sites without TLS", cookie_wall("da-xem=1; SameSite=None")),
    broken("cookie-hidden", "sets a cookie without a name that looks as if it had one", cookie_wall("=da-xem=1")),
    broken("cookie-prefix", "sets a cookie whose name promises TLS", cookie_wall("__Host-da-xem=1; path=/", wanted="da-xem=1")),
    broken("cookie-ended", "ends a cookie in a date of its own kind", cookie_wall("da-xem=1", "da-xem=1; expires=Mon, 01 Jan 2001 00:00:00 UTC")),
    broken("cookie-other-path", "sets a cookie for another folder, and waits for it", cookie_wall("da-xem=1; path=/khac")),
    broken("cookie-secure", "sets a cookie for TLS only, without TLS", cookie_wall("da-xem=1; path=/; Secure")),
    broken("cookie-over", "sets a cookie that is over", cookie_wall("da-xem=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT")),
    broken("cookie-elsewhere", "sets a cookie for somebody else's domain", cookie_wall("da-xem=1; domain=noi-khac.test")),
)  # fmt: skip
_REDIRECTS = (
    headed("redirects-12", "twelve redirects", counted(12)),
    headed("redirects-19", "as many redirects as browsers follow", counted(19)),
    broken("redirects-21", "more redirects than browsers follow", counted(21)),
    headed("redirect-endless", "a redirect whose own body never ends", hanging(b"")),
    headed("redirect-short", "a redirect with less body than it says", hanging(b"Content-Length: 5000\r\n")),
    headed("redirect-chunks", "a redirect whose chunks never come", hanging(_CHUNKED)),
    redirected("location-latin-1", "a Location with a byte that is no UTF-8", to("/caf\xe9"), "/caf%E9"),
    redirected("location-utf-8", "a Location in Vietnamese", to("/d\xe1\xbb\x8bch"), "/d%E1%BB%8Bch"),
    redirected("location-backslash", "a Location with backslashes", to("\\dich")),
    redirected("location-tab", "a Location with a tab in it", to("/di\tch")),
    redirected("location-long", "a Location of 20 KB", to("/dich?" + "x" * 20_000)),
    redirected("location-escapes", "a Location with escapes", to("/%64ich"), "/%64ich"),
    redirected("location-twice", "the same Location twice", to("/dich", "Location: /dich")),
    redirected("location-spaced", "a Location with a space before its colon", to("/dich").replace(b"Location:", b"Location :")),
    broken("port-other", "a redirect to a port of another protocol", made(lambda asked: to(f"{asked.base.rpartition(':')[0]}:6667/"))),
    fine("engine-hsts", "says TLS only, and sends on to its address without", by_path({
        "/": lambda asked: to(asked.base.replace("https:", "http:") + "/dich", "Strict-Transport-Security: max-age=31536000"),
        "/dich": answer(_HOME),
    }), expected_text=EXPECTED, tls=speaking("http/1.1")),
    outage("engine-hsts-none", "sends on to its address without TLS, where nobody listens", by_path({
        "/": lambda asked: to(asked.base.replace("https:", "http:") + "/dich"), "/dich": answer(_HOME),
    }), HTTP_ERROR, tls=speaking("http/1.1")),
    broken("location-two", "two Locations that differ", raw(to("/mot", "Location: /hai"))),
    broken("location-ftp", "a redirect out of the web", raw(to("ftp://noi-khac.test/")), HTTP_ERROR, MISMATCH),
    redirected("host-dot", "a redirect to its own name with a final dot", lambda asked: to(_dotted(asked.base) + "/dich")),
    redirected("host-www", "a redirect to its own name with www", lambda asked: to(asked.base.replace("://", "://www.") + "/dich")),
    redirected("host-password", "a redirect with a name and a password", lambda asked: to(asked.base.replace("://", "://canbo:MatKhau1@") + "/dich")),
    unknowable("engine-host-other", "a redirect to somebody else's name", made(lambda asked: to(asked.other + "/")), Reason.REDIRECTED_ELSEWHERE),
)  # fmt: skip
_HEADS = (
    headed("head-no-colon", "a line without a colon", head(b"X-Frame-Options SAMEORIGIN\r\n")),
    headed("head-space", "a space in a name", head(b"X Powered By: abc\r\n")),
    headed("head-space-before", "a space before the colon of the length", head(b"X Y\r\n", length=_LENGTH.replace(b":", b" :"))),
    headed("head-message", "a program's message among the headers", head(b"<br />\n<b>Warning</b>: x on line 3<br />\n")),
    headed("head-name", "a name in Vietnamese", head("Máy-chủ: abc\r\n".encode())),
    headed("head-folded", "a folded line", head(b"X-A: b\r\n c\r\nX Y\r\n")),
    headed("head-cr", "lines that end in two CR", head(b"X-A: b\r\r\n")),
    headed("head-many", "three thousand lines", head(b"X-A: b\r\n" * 3000)),
    headed("head-long", "a line of 200 KB", head(b"X-A: " + b"b" * 200_000 + b"\r\n")),
    broken("head-too-long", "a line of 300 KB", head(b"X-A: " + b"b" * 300_000 + b"\r\n")),
    broken("head-zero", "a zero byte", head(b"X-A: b\0c\r\n")),
    headed("length-twice", "the same length twice", head(_LENGTH)),
    broken("length-comma", "a length and a comma", head(length=_LENGTH.replace(b"\r\n", b",\r\n"))),
    headed("interim-many", "a hundred times that it thinks", raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 100 + answer(_HOME))),
    headed("interim-101", "another protocol that nobody asked for", raw(
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n" + answer(_HOME)
    )),
    broken("status-205", "that there is nothing new to show", shown(_HOME, status="205 Reset Content"), MISMATCH),
    headed("length-word", "a length that is none", head(length=b"Content-Length: abc\r\n")),
    headed("length-empty", "a length of nothing", head(length=b"Content-Length:\r\n")),
    broken("length-two", "two lengths that differ", head(b"Content-Length: 9\r\n")),
    headed("chunks-old", "chunks that are none, in a version that knows none", head(_CHUNKED, first=b"HTTP/1.0 200 OK", length=b"")),
    headed("chunks-length", "chunks and a length", head(_CHUNKED, length=b"Content-Length: 7\r\n", body=_CHUNKS)),
    headed("status-version", "a version that does not exist", head(first=b"HTTP/3 200 OK")),
    headed("status-none", "no status", head(first=b"HTTP/1.1")),
    headed("status-mark", "a byte order mark before the answer", head(first=b"\xef\xbb\xbfHTTP/1.1 200 OK")),
    broken("status-no-head", "a page without a head", raw(_HOME)),
    broken("status-304", "that nothing has changed, to a first question", raw(b"HTTP/1.1 304 Not Modified\r\n\r\n"), HTTP_ERROR, MISMATCH),
    broken("status-204", "that there is nothing to say", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), MISMATCH),
)  # fmt: skip
_BODIES = (
    headed("pack-x-gzip", "packed as x-gzip", packed(gzip.compress(_HOME, mtime=0), "x-gzip")),
    headed("pack-deflate", "packed as deflate", packed(zlib.compress(_HOME), "deflate")),
    headed("pack-deflate-bare", "packed as deflate without its frame", packed(zlib.compress(_HOME)[2:-4], "deflate")),
    headed("pack-checksum", "a wrong checksum", packed(gzip.compress(_HOME, mtime=0)[:-8] + bytes(8), "gzip")),
    headed("pack-behind", "something behind the packed page", packed(gzip.compress(_HOME, mtime=0) + b"<!-- x -->", "gzip")),
    headed("pack-none", "a coding that nobody knows", packed(_HOME, "utf-8")),
    headed("pack-media", "a coding that is a media type", packed(_HOME, "text/html")),
    broken("pack-parameter", "a coding with a parameter", packed(gzip.compress(_HOME, mtime=0), "gzip;q=1")),
    outage("engine-pack-identity", "gzip, and a word for nothing behind it", packed(gzip.compress(_HOME, mtime=0), "gzip, identity"), MISMATCH, expected_text=EXPECTED),
    broken("pack-not", "a page that says gzip and is not", packed(_HOME, "gzip")),
    broken("pack-other", "deflate that says gzip", packed(zlib.compress(_HOME), "gzip")),
    broken("pack-twice", "a page that says that it is packed twice", packed(gzip.compress(_HOME, mtime=0), "gzip, gzip")),
    outage("engine-pack-members", "maintenance in two members of gzip", packed(
        gzip.compress(_STOPPED[:40], mtime=0) + gzip.compress(_STOPPED[40:], mtime=0), "gzip"
    ), Reason.MAINTENANCE_PAGE, kinds=("http",)),
    only_in_browsers("pack-zstd", "packed as nobody asked, over TLS", packed(zstd(_HOME), "zstd"), tls=speaking("http/1.1")),
    broken("pack-zstd-plain", "packed as nobody asked, without TLS", packed(zstd(_HOME), "zstd")),
    broken("saved", "a page that is to be saved", shown(_HOME, headers=("Content-Disposition: attachment; filename=a.html",)), MISMATCH),
    broken("saved-media", "a page that says it is some bytes", shown(_HOME, media="application/octet-stream"), MISMATCH),
    *(
        broken(f"saved-{media.rpartition('/')[2]}", f"a page that says it is {media}", shown(_HOME, media=media), MISMATCH)
        for media in ("application/x-httpd-php", "application/jsp", "text/csv", "binary/octet-stream", "foo/bar")
    ),
    broken("media-plain", "a page that says it is a plain text", shown(_HOME, media="text/plain; charset=utf-8"), MISMATCH),
    broken("media-none", "a page of no type into which nobody is to look", shown(
        _HOME, media="", headers=("X-Content-Type-Options: nosniff",)
    ), MISMATCH),
    *(
        headed(f"media-{name}", f"a page that says it is '{media}'", shown(_HOME, media=media))
        for name, media in (("word", "html"), ("any", "*/*"), ("unknown", "application/unknown"))
    ),
    broken("saved-twice", "a page that is to be shown and to be saved", shown(
        _HOME, headers=("Content-Disposition: inline", "Content-Disposition: attachment")
    )),
    headed("saved-quotes", "a page that is to be saved, in quotes", shown(_HOME, headers=('Content-Disposition: "attachment"',))),
    headed("saved-not", "a page with a name for whoever saves it", shown(_HOME, headers=('Content-Disposition: inline; filename="a.html"',))),
    redirected("refresh", "a header that sends on", answer("<p>Đang chuyển…</p>", "200 OK", _HTML, "Refresh: 0; url=/dich")),
    redirected("refresh-empty", "nothing, and a header that sends on", answer("", "200 OK", _HTML, "Refresh: 0;url=/dich")),
    headed("chunks-lf", "chunks whose lines end in LF", head(_CHUNKED, length=b"", body=_CHUNKS.replace(b"\r\n", b"\n"))),
    headed("chunks-trailer", "chunks with markup for a trailer", head(
        _CHUNKED, length=b"", body=_CHUNKS.removesuffix(b"\r\n") + b"<!-- x -->\r\n\r\n"
    )),
    headed("chunks-late", "a long page in chunks whose end is odd", head(
        _CHUNKED, length=b"", body=_LONG_CHUNKS + b"1\n \n0\n<!-- x -->\n\n"
    )),
    headed("chunks-bytes", "a page of 250 KB whose every byte is a chunk", head(
        _CHUNKED, length=b"", body=_CHUNKS[:-5] + b"1\r\n \r\n" * 250_000 + b"0\r\n\r\n"
    )),
    broken("chunks-none", "a page that says it comes in chunks", head(_CHUNKED, length=b"", body=_HOME + b"\r\n")),
    fine("engine-reset", "a whole page of no told length, and a reset", raw(b""), talk=ended_by_reset(_RESET), expected_text=EXPECTED),
    outage("engine-reset-early", "half a page of no told length, and a reset", raw(b""), HTTP_ERROR, kinds=("http",), talk=ended_by_reset(
        _RESET[: len(_RESET) // 2]
    )),
    headed("pack-length", "the length of what was packed", raw(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n" + _LENGTH + b"\r\n" + gzip.compress(_HOME, mtime=0)
    )),
    headed("charset-undefined", "a charset that was not filled in", shown(_HOME, media="text/html; charset=undefined")),
    headed("charset-tcvn", "a charset that browsers do not know, and the right one in the document", shown(
        _HOME.decode().replace('"utf-8"', '"koi8-r"').replace(EXPECTED, EXPECTED + " \u0430").encode("koi8-r", "xmlcharrefreplace"),
        media="text/html; charset=tcvn",
    )),
    headed("charset-comment", "a charset in a comment before the right one", shown(
        _HOME.replace(b"<head>", b'<head><!-- <meta charset="koi8-r"> -->'), media="text/html"
    )),
    headed("charset-idna", "a charset that is none", shown(_HOME, media="text/html; charset=idna")),
)  # fmt: skip
_REFUSALS = (
    unknowable("engine-retry-odd", "a refusal until a digit that is no number", shown("429", status="429 Too Many Requests", headers=("Retry-After: \u00b2",)), BLOCKED),
    unknowable("engine-retry-year", "a refusal for a year", shown("429", status="429 Too Many Requests", headers=("Retry-After: 31536000",)), BLOCKED),
    headed("retry-none", "a page that says when to come back", shown(_HOME, headers=("Retry-After: 31536000",))),
)  # fmt: skip
_PLAIN = ("http",)
_TLS = (
    *(
        fine(f"engine-tls-{name.lower()}", f"speaks {name} alone", shown(_HOME), *_PLAIN, tls=suites(name))
        for name in ("AES128-GCM-SHA256", "AES256-SHA", "ECDHE-RSA-AES128-SHA")
    ),
    *(
        outage(f"engine-tls-{name.lower()}", f"speaks {name} alone", shown(_HOME), Reason.TLS_ERROR, kinds=_PLAIN, tls=suites(name))
        for name in ("DHE-RSA-AES128-GCM-SHA256", "AES128-SHA256")
    ),
    outage("engine-tls-1.1", "speaks TLS 1.1 at most", shown(_HOME), Reason.TLS_ERROR, kinds=_PLAIN, tls=suites("ALL", ssl.TLSVersion.TLSv1_1)),
    only_in_browsers("http-2", "speaks HTTP/2 alone", raw(b""), tls=speaking("h2"), talk=http_2),
    fine("engine-http-1", "speaks HTTP/1.1, whatever it chooses", shown(_HOME), tls=speaking("http/1.1")),
)  # fmt: skip


def _dotted(base: str) -> str:
    """Return an address with a final dot behind its host."""
    host, _, port = base.rpartition(":")
    return f"{host}.:{port}"


PAGES: tuple[VerdictPage, ...] = (*_COOKIES, *_REDIRECTS, *_HEADS, *_BODIES, *_REFUSALS, *_TLS)
