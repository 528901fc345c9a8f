"""
Serves traps on loopback and counts every byte of state that arrives: any method but GET and HEAD, whatever is asked for at a
deed's address, typed values in addresses, headers and bodies, sockets, datagrams, and bytes on ports of their own.

Each trap has hosts of its own (`<id>.portal.test`, `<id>.other.test`), so that what belongs to an origin (workers, cookies,
reports) cannot be mistaken for another's.
"""

import asyncio
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Self
from urllib.parse import unquote_plus

from aiohttp import WSMsgType, web

from testbed.server import Authority
from testbed.traps.arrivals import READING, UNKNOWN, Arrivals
from testbed.traps.trap import CANARY, Origin, Trap

LOOPBACK = "127.0.0.1"
PORTAL, OTHER = "portal.test", "other.test"
TYPED = re.compile(rf"thu[ +_-]?nghiem|{CANARY}", re.IGNORECASE)
DRAIN_SECONDS = 10.0
_SOCKETS = ("ws", "wsopen")
"""Of a socket that a visited page may well have, `wsopen`, only messages count; else the handshake does, too."""
_OURS = ("Referer", "User-Agent")
"""Headers that hold nothing of what a page or a probe wrote."""

_HARMLESS = frozenset({"/favicon.ico", "/robots.txt"})
# A page may ask another site for anything: what the trap is about is whether the browser is let do so.
_OPEN = {
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Headers": "x-http-method-override, content-type, x-typed",
    "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE, NOP",
    "Cache-Control": "no-store",
    "Service-Worker-Allowed": "/",
    "Supports-Loading-Mode": "credentialed-prerender, fenced-frame",
}


class TrapServer:
    """
    Shows traps; an async context manager.

    arrivals: what came. hosts: host -> address, as a browser must find them. trusted_keys: of the certificate.

    Args:
        traps: only these are served.

    """

    def __init__(self, traps: Iterable[Trap]) -> None:
        self.arrivals = Arrivals()
        self._traps = {one.id: one for one in traps}
        names = [f"{one.id}.{site}" for one in self._traps.values() for site in (PORTAL, OTHER)]
        names += [f"{label}.{one.id}.{PORTAL}" for one in self._traps.values() for label in one.extra_hosts]
        self.hosts: Mapping[str, str] = dict.fromkeys([*names, PORTAL, OTHER], LOOPBACK)
        authority = Authority(hosts=[f"*.{PORTAL}", f"*.{OTHER}", PORTAL, OTHER, LOOPBACK], expired=[PORTAL])
        self.trusted_keys = (authority.trusted_key,)
        self._tls = authority.good
        self._ports: dict[bool, int] = {}
        self._udp: dict[str, int] = {}
        self._tcp: dict[str, int] = {}
        self._open = AsyncExitStack()
        self._bytes_open: set[asyncio.StreamWriter] = set()
        self._sentinels: dict[str, asyncio.Event] = {}

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=1 << 26)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        self._open.push_async_callback(self._runner.cleanup)
        for secure in (False, True):
            await web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=self._tls if secure else None).start()
            self._ports[secure] = self._runner.addresses[-1][1]
        for one in self._traps.values():
            if "@udp@" in one.text:
                await self._hear_datagrams(one.id)
            if "@tcp@" in one.text:
                await self._hear_bytes(one.id)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    def url(self, one: Trap) -> str:
        """Address at which a probe begins."""
        return self._at(one, PORTAL)

    async def drained(self) -> None:
        """
        Wait until all that was sent has been read: every connection is at its end, and a datagram of ours came through each port.

        The browser must be gone by then.

        Raises:
            TimeoutError: something still holds a connection open.

        """
        async with asyncio.timeout(DRAIN_SECONDS):
            while (self._runner.server and self._runner.server.connections) or self._bytes_open:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for name, port in self._udp.items():
                    self._sentinels[name] = asyncio.Event()
                    sender.sendto(_SENTINEL, (LOOPBACK, port))
                    await self._sentinels[name].wait()

    def _at(self, one: Trap, site: str) -> str:
        secure = one.origin is Origin.SECURE
        host = LOOPBACK if one.origin is Origin.LOOPBACK and site == PORTAL else f"{one.id}.{site}"
        return f"{'https' if secure else 'http'}://{host}:{self._ports[secure]}/t/{one.id}"

    def _filled(self, text: str, one: Trap) -> str:
        at = self._at(one, PORTAL)
        marks = {
            "@d@": f"{at}/d",
            "@at@": at,
            "@other@": self._at(one, OTHER),
            "@ws@": f"ws{at.removeprefix('http')}/ws",
            "@host@": at.split("/")[2],
            "@udp@": str(self._udp.get(one.id, 9)),
            "@tcp@": str(self._tcp.get(one.id, 9)),
        }
        for mark, value in marks.items():
            text = text.replace(mark, value)
        return text

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        one, rest = self._asked(request)
        await self._note(request, one, rest)
        if one and rest in _SOCKETS and request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request, one)
        page = one.pages.get(rest) if one else None
        allowed = {**_OPEN, "Access-Control-Allow-Origin": request.headers.get("Origin", "*")}
        if one is None or page is None:
            return web.Response(text="ok", content_type="text/html", headers=allowed)
        headers = {name: self._filled(value, one) for name, value in page.headers.items()}
        return web.Response(
            text=self._filled(page.text, one),
            status=page.status,
            content_type=page.media_type,
            charset="utf-8",
            headers=allowed | headers,
        )

    def _asked(self, request: web.Request) -> tuple[Trap | None, str]:
        """Return whose the request is, by its address or its host, and the path below the trap's own."""
        found = re.fullmatch(r"/t/(\w+)(?:/(.*))?", request.path)
        by_path = self._traps.get(found[1]) if found else None
        if by_path and found:
            return by_path, found[2] or ""
        labels = request.host.split(":")[0].removesuffix(f".{PORTAL}").removesuffix(f".{OTHER}").split(".")
        return self._traps.get(labels[-1]), request.path

    async def _note(self, request: web.Request, one: Trap | None, rest: str) -> None:
        """Keep what counts; of a request that is cut off in its midst, the head has arrived all the same."""
        name = one.id if one else UNKNOWN
        said = [request.path_qs, *(value for key, value in request.headers.items() if key not in _OURS)]
        typed = TYPED.search(unquote_plus(" ".join(said)))
        deed = one is not None and (rest in ("d", "ws") or rest.startswith("d/"))
        posted = request.method not in READING and not (one and rest in one.may_post)
        stray = one is None and request.path not in _HARMLESS
        if deed or typed or posted or stray:
            where = request.path_qs if one else f"{request.host}{request.path_qs}"
            self.arrivals.note(name, f"{request.method} {where}{' (typed)' if typed else ''}")
        with suppress(ConnectionError, web.HTTPException):
            body = await request.read()
            if body and (posted or TYPED.search(unquote_plus(body.decode(errors="replace")))):
                self.arrivals.note(name, f"body {body[:80].decode(errors='replace')!r}")

    async def _socket(self, request: web.Request, one: Trap) -> web.WebSocketResponse:
        answer = web.WebSocketResponse()
        await answer.prepare(request)
        async for message in answer:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                self.arrivals.note(one.id, f"WS message {message.data!r}")
        return answer

    async def _hear_datagrams(self, name: str) -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self, name), local_addr=(LOOPBACK, 0)
        )
        self._open.callback(transport.close)
        self._udp[name] = transport.get_extra_info("sockname")[1]

    def heard(self, name: str, data: bytes) -> None:
        """Take a datagram that came to a trap's port."""
        if data == _SENTINEL:
            self._sentinels[name].set()
        else:
            self.arrivals.note(name, f"UDP {len(data)} bytes")

    async def _hear_bytes(self, name: str) -> None:
        async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._bytes_open.add(writer)
            self.arrivals.note(name, "TCP connection")
            try:
                while data := await reader.read(65536):
                    self.arrivals.note(name, f"TCP {len(data)} bytes {data[:60]!r}")
                    writer.write(_ANY_ANSWER)
            except OSError:
                pass
            finally:
                self._bytes_open.discard(writer)
                writer.close()

        server = await asyncio.start_server(hear, LOOPBACK, 0)
        self._open.callback(server.close)
        self._tcp[name] = server.sockets[0].getsockname()[1]


_SENTINEL = b"thuocdo: all before this was read"
_ANY_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: NOP\r\n"
    b"Access-Control-Allow-Headers: *\r\nContent-Type: text/html\r\n\r\nok"
)


class _Datagrams(asyncio.DatagramProtocol):
    """Tells a server of each datagram."""

    def __init__(self, server: TrapServer, name: str) -> None:
        self._server = server
        self._name = name

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002
        """Hand it over."""
        self._server.heard(self._name, data)
