"""Listeners of the fleet: one loopback address per host, one port for all, TLS from a throw-away CA."""

import asyncio
import base64
import contextlib
import hashlib
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import trustme
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from testbed.site import Site

BACKLOG = 512


class Authority:
    """
    The throw-away CA.

    Args:
        hosts: names on the one certificate that all good hosts share, so that a browser needs to trust one key.
        expired: names on a certificate with another key that ran out yesterday.
    """

    def __init__(self, *, hosts: Sequence[str], expired: Sequence[str]) -> None:
        self._ca = trustme.CA(organization_name="Thước Đo testbed")
        now = datetime.now(UTC)
        good = self._ca.issue_cert(*hosts)
        old = self._ca.issue_cert(*expired, not_before=now - timedelta(days=366), not_after=now - timedelta(days=1))
        self._good = good
        self.good, self.expired = _context(good), _context(old)
        self.trusted_key = _key_digest(good.cert_chain_pems[0].bytes())

    def speaking(self, protocols: Sequence[str]) -> ssl.SSLContext:
        """Return a server's side with the good certificate that chooses among these protocols."""
        context = _context(self._good)
        context.set_alpn_protocols(list(protocols))
        return context

    def another_good(self) -> ssl.SSLContext:
        """Return one more server's side with the good certificate, for whoever changes it."""
        return _context(self._good)

    def for_days(self, host: str, *, days: int) -> ssl.SSLContext:
        """Return a server's side with a key of its own and a certificate that ends in so many days; browsers do not trust it."""
        return _context(self._ca.issue_cert(host, not_after=datetime.now(UTC) + timedelta(days=days)))

    def write_files(self, host: str, chain: Path, key: Path) -> None:
        """Write a certificate for a host and its key, for servers that read files."""
        made = self._ca.issue_cert(host)
        chain.write_bytes(b"".join(one.bytes() for one in made.cert_chain_pems))
        key.write_bytes(made.private_key_pem.bytes())

    def rsa(self, host: str) -> ssl.SSLContext:
        """Return a server's side with an RSA key of its own, which browsers do not trust: for suites that need one."""
        return _context(self._ca.issue_cert(host, key_type=trustme.KeyType.RSA))

    def write(self, file: Path) -> None:
        """Write the CA's certificate for clients to trust."""
        self._ca.cert_pem.write_to_path(file)


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    certificate.configure_cert(context)
    return context


def _key_digest(pem: bytes) -> str:
    """Base64 SHA-256 of the public key, as Chromium's list of trusted keys wants it."""
    key = x509.load_pem_x509_certificate(pem).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()


def bind(addresses: Sequence[str], port: int) -> dict[str, socket.socket]:
    """
    Bind one port on all addresses; port 0 takes one that is free on all of them.

    Raises:
        OSError: the port is taken on one of the addresses.
    """
    for _ in range(20):
        with contextlib.ExitStack() as stack:
            bound: dict[str, socket.socket] = {}
            chosen = port
            try:
                for address in addresses:
                    bound[address] = stack.enter_context(socket.socket())
                    bound[address].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    bound[address].bind((address, chosen))
                    chosen = bound[address].getsockname()[1]
            except OSError as exc:
                if port:
                    raise OSError(exc.errno, f"port {port} is taken on {address}; give another --port or 0") from exc
                continue
            stack.pop_all()
            return bound
    raise OSError(f"no port is free on all of {len(addresses)} loopback addresses; give --port")


class Listeners:
    """Runs the servers of all sites; start nothing twice."""

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._sites: list[web.Server] = []
        self._sockets: list[socket.socket] = []

    async def serve(self, site: Site, sock: socket.socket, tls: ssl.SSLContext) -> None:
        """Serve a site over TLS."""
        loop = asyncio.get_running_loop()
        # A client that leaves ends its handler, or each probe of a hanging portal would leave one behind.
        server = web.Server(site.handle, handler_cancellation=True, access_log=None, keepalive_timeout=30)
        self._sites.append(server)
        self._servers.append(await loop.create_server(server, sock=sock, ssl=tls, backlog=BACKLOG))

    async def serve_plain_text(self, sock: socket.socket) -> None:
        """Answer a TLS greeting with plain text, like a web server whose TLS was never set up."""
        loop = asyncio.get_running_loop()
        self._servers.append(await loop.create_server(_PlainText, sock=sock, backlog=BACKLOG))

    def fill_backlog(self, sock: socket.socket) -> None:
        """Listen and accept nothing, with a queue that is full already: further connections get no answer."""
        sock.listen(0)
        self._sockets.append(sock)
        for _ in range(4):
            client = socket.socket()
            client.settimeout(0)
            client.connect_ex(sock.getsockname())
            self._sockets.append(client)

    def refuse(self, sock: socket.socket) -> None:
        """Keep the port from others without listening on it: connections are refused."""
        self._sockets.append(sock)

    async def close(self) -> None:
        """Stop listening and drop all connections."""
        for server in self._servers:
            server.close()
        await asyncio.gather(*(site.shutdown(timeout=0.1) for site in self._sites))
        for sock in self._sockets:
            sock.close()


class _PlainText(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own do not inherit from it

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - whatever it is, it is no HTTP
        self._transport.write(
            b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nBad Request\n"
        )
        self._transport.close()
