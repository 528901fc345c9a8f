"""
Loopback servers that blackbox_exporter and Thước Đo are both asked about, with the name server that both of them ask.

Every case is a host of its own under parity.test; the last ones have no server.
"""

import asyncio
import gzip
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from testbed.name_server import serve_names

DOMAIN = "parity.test"
NAME_SERVER = f"127.0.83.{os.getpid() % 250 + 1}"
"""At port 53, since resolv.conf names no port; another run on this machine has another one."""
PAGE = (
    "<!doctype html><html lang=vi><title>Cổng dịch vụ công</title><body><h1>Dịch vụ công trực tuyến</h1>"
    + "<p>Thủ tục hành chính: <a href='/x'>xem</a>, nộp hồ sơ, tra cứu kết quả.</p>" * 60
    + "</body></html>"
).encode()
SLOW_SECONDS = 1.5
MODIFIED = "Wed, 21 Oct 2015 07:28:00 GMT"

Handle = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by what its server was made for."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        self.server.handle_get(self)

    def log_message(self, *_: object) -> None:
        """Stay silent."""

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        named = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
        for name, value in (named | {key.replace("_", "-"): value for key, value in headers.items()}).items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


class Server(ThreadingHTTPServer):
    """One of them."""

    daemon_threads = True

    def __init__(self, handle_get: Handle, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.handle_get = handle_get
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, *_: object) -> None:
        """A client that does not like the certificate is no error."""


def _redirect(one: Handler) -> None:
    if one.path == "/":
        one.send(302, Location="/home")
    else:
        one.send(200, PAGE)


def _chunked(one: Handler) -> None:
    one.send_response(200)
    one.send_header("Content-Type", "text/html; charset=utf-8")
    one.send_header("Transfer-Encoding", "chunked")
    one.end_headers()
    for at in range(0, len(PAGE), 1000):
        part = PAGE[at : at + 1000]
        one.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
    one.wfile.write(b"0\r\n\r\n")


def _until_close(one: Handler) -> None:
    one.send_response(200)
    one.send_header("Content-Type", "text/html; charset=utf-8")
    one.send_header("Connection", "close")
    one.end_headers()
    one.wfile.write(PAGE)
    one.close_connection = True


def _slow(one: Handler) -> None:
    time.sleep(SLOW_SECONDS)
    one.send(200, PAGE)


def _gzip(one: Handler) -> None:
    if "gzip" in one.headers.get("Accept-Encoding", ""):
        one.send(200, gzip.compress(PAGE), Content_Encoding="gzip", Vary="Accept-Encoding")
    else:
        one.send(200, PAGE, Vary="Accept-Encoding")


def _page(status: int) -> Handle:
    return lambda one: one.send(status, PAGE, Last_Modified=MODIFIED)


_PLAIN: Mapping[str, Handle] = {
    "ok": _page(200),
    "redirect": _redirect,
    "not-found": _page(404),
    "broken": _page(500),
    "chunked": _chunked,
    "until-close": _until_close,
    "gzip": _gzip,
    "slow": _slow,
    "other-text": _page(200),
}
_WITHOUT_SERVER = ("gone",)  # the name does not exist


@dataclass(kw_only=True)
class Parity:
    """
    What runs.

    urls: of each case. authority: makes certificates, and has its own in a file.
    """

    urls: dict[str, str] = field(default_factory=dict)
    authority: "Authority"

    def add(self, case: str, port: int, *, secure: bool = False) -> None:
        self.urls[case] = f"{'https' if secure else 'http'}://{case}.{DOMAIN}:{port}/"


@contextmanager
def serving(folder: Path) -> Iterator[Parity]:
    """Serve all cases; raises OSError where the name server cannot have its port (it needs root)."""
    with ExitStack() as stack:
        stack.enter_context(_name_server())
        authority = Authority(folder)
        made = Parity(authority=authority)
        for case, handle in _PLAIN.items():
            made.add(case, stack.enter_context(_running(Server(handle))))
        for case, days in (("tls", 30), ("tls-soon", 10), ("expired", -1)):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*authority.files(case, days=days))
            made.add(case, stack.enter_context(_running(Server(_page(200), context))), secure=True)
        elsewhere = made.urls["ok"]
        made.add("elsewhere", stack.enter_context(_running(Server(lambda one: one.send(302, Location=elsewhere)))))
        closed = stack.enter_context(socket.socket())
        closed.bind(("127.0.0.1", 0))  # bound, and nobody listens
        made.add("refused", closed.getsockname()[1])
        away = f"http://refused.{DOMAIN}:{closed.getsockname()[1]}/"
        made.add("to-refused", stack.enter_context(_running(Server(lambda one: one.send(302, Location=away)))))
        silent = stack.enter_context(socket.socket())
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)  # the kernel connects, and nobody answers
        made.add("timeout", silent.getsockname()[1])
        made.add("gone", 80)
        yield made


@contextmanager
def _running(server: Server) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@contextmanager
def _name_server() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    transport = loop.run_until_complete(serve_names(NAME_SERVER, _address_of))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield
    loop.call_soon_threadsafe(transport.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def _address_of(host: str) -> str | None:
    """Return 127.0.0.1 for a host of ours that exists, nothing for all others."""
    name, _, domain = host.partition(".")
    return "127.0.0.1" if domain == DOMAIN and name not in _WITHOUT_SERVER else None


class Authority:
    """
    Makes certificates with a common name, as authorities do.

    file: its own certificate in PEM.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Parity Root")])
        self._root = self._signed(self._name, self._key, days=3650, host="")
        self.file = folder / "root.pem"
        self.file.write_bytes(self._root.public_bytes(serialization.Encoding.PEM))

    def files(self, case: str, *, days: int) -> tuple[Path, Path]:
        """Return chain and key for the host of a case, which end in so many days."""
        host, key = f"{case}.{DOMAIN}", ec.generate_private_key(ec.SECP256R1())
        made = self._signed(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), key, days=days, host=host)
        chain, secret = self._folder / f"{case}.pem", self._folder / f"{case}.key"
        chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return chain, secret

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int, host: str) -> x509.Certificate:
        now = datetime.now(UTC).replace(microsecond=0)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=not host, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if host:
            names = x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName(f"*.{host}")])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())
