"""
A page over TLS whose time over a line can be worked out, served by a process of its own that counts its bytes on the wire.

/            a document, sent as one TLS record behind the record of its headers: seen when all of it has come
/style.css   stops the first paint until it has come; taken from the document's host, over the connection that is free by then
/picture.jpg the last thing to come; from a host of its own, so that it needs a name, a connection and a handshake of its own
/trace       what went over each connection, told once

The server thinks for no time at all: what a visit takes is the line's doing.
"""

import asyncio
import json
import ssl
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any

import trustme
import uvloop
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from PIL import Image

from benchmarks.serving import served

PORTAL_HOST = "portal.thuocdo.test"
MEDIA_HOST = "media.thuocdo.test"
DOCUMENT_BYTES = 6_000
STYLE_BYTES = 60_000
PICTURE_BYTES = 350_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """
    Where the page is served.

    port: of TLS. bulk_port: of plain TCP, which answers a line "give N" with N bytes and "take N", N bytes later, with one.
    key: base64 SHA-256 of the certificate's public key, for --ignore-certificate-errors-spki-list.
    """

    port: int
    bulk_port: int
    key: str

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"https://{PORTAL_HOST}:{self.port}/"


@contextmanager
def served_site() -> Iterator[Site]:
    """Serve the page from a process of its own, which ends with this context or this process."""
    with served("benchmarks.line_pages") as told:
        yield Site(**json.loads(told))


async def fetch_traces(site: Site) -> list[dict[str, Any]]:
    """
    Return the connections since the last call, in order of opening.

    Each is {"host": of the first request, "runs": [bytes in, bytes out, bytes in, …], "answers": {path: [headers, body]}}, all in
    bytes on the wire.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=context, server_hostname="trace.test")
    writer.write(b"GET /trace HTTP/1.1\r\nHost: trace.test\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    traces: list[dict[str, Any]] = json.loads(await reader.readexactly(size))
    writer.close()
    return traces


def _bodies(port: int) -> dict[str, tuple[str, bytes]]:
    document = (
        "<!doctype html><html lang=vi><head><meta charset=utf-8><title>Cổng dịch vụ công</title><link rel=icon href='data:,'>"
        f"<link rel=stylesheet href=/style.css></head><body><h1>Dịch vụ công</h1>"
        f"<img src=https://{MEDIA_HOST}:{port}/picture.jpg width=320 height=200 alt=''><p>Nộp hồ sơ trực tuyến</p><!--"
    )
    picture = BytesIO()
    Image.new("RGB", (320, 200), "teal").save(picture, "JPEG")
    return {
        "/": ("text/html", _filled(document, DOCUMENT_BYTES - 3) + b"-->"),
        "/style.css": ("text/css", _filled("body{margin:0}/*", STYLE_BYTES - 2) + b"*/"),
        "/picture.jpg": (
            "image/jpeg",
            picture.getvalue().ljust(PICTURE_BYTES, b"\0"),
        ),  # what follows its end is ignored
    }


def _filled(text: str, size_bytes: int) -> bytes:
    head = text.encode()
    return head + b"." * (size_bytes - len(head))


class _Counted(asyncio.Protocol):
    """One TLS connection, decrypted here, so that what goes over the wire can be counted."""

    bodies: dict[str, tuple[str, bytes]]
    traces: list[dict[str, Any]]

    def __init__(self, context: ssl.SSLContext) -> None:
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._came, self._goes, server_side=True)
        self._secured = False
        self._text = b""
        self._runs: list[int] = []
        self._trace: dict[str, Any] = {"host": "", "runs": self._runs, "answers": {}}
        self.traces.append(self._trace)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._count(len(data), into=True)
        self._came.write(data)
        try:
            if not self._secured:
                self._tls.do_handshake()
                self._secured = True
            while piece := self._tls.read(65536):
                self._text += piece
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self._transport.close()
        self._flush()
        while b"\r\n\r\n" in self._text:
            head, self._text = self._text.split(b"\r\n\r\n", 1)
            self._answer(head.decode())

    def _answer(self, head: str) -> None:
        path = head.split(" ", 2)[1]
        host = next(line for line in head.split("\r\n") if line.lower().startswith("host:"))
        self._trace["host"] = host.split(":")[1].strip()
        if path == "/trace":
            self.traces.remove(self._trace)
            media_type, body = "application/json", json.dumps(self.traces).encode()
            self.traces.clear()
        else:
            media_type, body = self.bodies[path]
        told = [
            "HTTP/1.1 200 OK",
            f"Content-Type: {media_type}",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
        ]
        self._trace["answers"][path] = [self._write("\r\n".join([*told, "", ""]).encode()), self._write(body)]

    def _write(self, text: bytes) -> int:
        self._tls.write(text)
        return self._flush()

    def _flush(self) -> int:
        data = self._goes.read()
        if data:
            self._count(len(data), into=False)
            self._transport.write(data)
        return len(data)

    def _count(self, size: int, *, into: bool) -> None:
        if (len(self._runs) % 2 == 1) == into:  # the same way as before
            self._runs[-1] += size
        elif into or self._runs:
            self._runs.append(size)


async def _bulk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := await reader.readline():
            verb, size = line.split()
            if verb == b"take":
                await reader.readexactly(int(size))
            writer.write(bytes(int(size) if verb == b"give" else 1))
            await writer.drain()
    except (OSError, EOFError):
        pass
    finally:
        writer.close()


def _key(certificate: trustme.LeafCert) -> str:
    public = load_pem_x509_certificate(certificate.cert_chain_pems[0].bytes()).public_key()
    return b64encode(sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()).decode()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    certificate = trustme.CA().issue_cert(PORTAL_HOST, MEDIA_HOST)
    certificate.configure_cert(context)
    server = await loop.create_server(lambda: _Counted(context), "127.0.0.1", 0, backlog=512)
    bulk = await asyncio.start_server(_bulk, "127.0.0.1", 0, backlog=512)
    site = Site(
        port=server.sockets[0].getsockname()[1], bulk_port=bulk.sockets[0].getsockname()[1], key=_key(certificate)
    )
    _Counted.bodies = _bodies(site.port)
    _Counted.traces = []
    print(json.dumps(asdict(site)), flush=True)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(_serve())
