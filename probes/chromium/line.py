"""
The one way out of a page: a SOCKS 5 proxy on loopback that all its connections take, through which they can be cut off.

What no script can get round is done here, below the page: names are resolved by us and only addresses that the target may
be at are connected to, whoever in the page asks; and `shut` ends every connection and lets no other begin, be it of a frame, a
worker, a beacon of a page that is closed, or whatever the next browser invents.

Each visit has a proxy of its own: Chromium cannot authenticate to a SOCKS proxy, so visits could not be told apart on a shared
one. With a line's profile it shapes all connections as that line would: the resolution of a name costs a round trip, once per
host; an opening costs one, and TLS and requests what they cost anyway. probes.chromium.shaping says what is modelled and what is
not. Without one, bytes are handed on as they come (2026-11-29, a page of 60 resources: no CPU that could be told from noise, 0.5
ms more to the first byte).

Two traits of Chromium with a proxy: it opens at most 32 connections at once to all hosts together (256 without), and uses no
QUIC.
"""

import asyncio
import errno
import secrets
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self, cast
from urllib.parse import urlsplit

import structlog
from aiohappyeyeballs import AddrInfoType, start_connection

from probes.chromium.forwarding import Forwarding
from probes.chromium.line_addresses import Admit, InsideConnectionError, Resolve, anywhere, system_resolve
from probes.chromium.relay import Relay, RelayedLine
from probes.chromium.socks import Destination
from probes.net.fault import NEVER_SENT, OUT_OF_PLACES, exhausted, forbidden_here
from thuocdo.core.model import Reason
from thuocdo.core.profiles import Line

BACKLOG = 512

EGRESS_HOST = f"thuocdo-{secrets.token_hex(16)}"
"""What Chromium calls this proxy's machine: the only name it can resolve by itself (probes.chromium.life.arguments). A page that
could guess it would have a way round its line, to this machine's own ports."""

NEXT_ADDRESS_SECONDS = 0.25
"""A host's next address is tried beside the first one after so long, as browsers do.  Source: RFC 8305, section 5."""

MOST_LET_GO = 4_000
"""Hosts and ports of one page that are kept."""

_CLEAR_PORT = 80
_ORDINARY_PORTS = frozenset({_CLEAR_PORT, 443})
_UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH})
# Whether EACCES came at once or from a router is not told here; where nobody can tell, no portal is blamed.
_FORBIDDEN = NEVER_SENT | {errno.EACCES}
_NET_ERRORS = {
    errno.ECONNREFUSED: "net::ERR_CONNECTION_REFUSED",
    errno.ETIMEDOUT: "net::ERR_CONNECTION_TIMED_OUT",
    errno.EHOSTUNREACH: "net::ERR_ADDRESS_UNREACHABLE",
    errno.ENETUNREACH: "net::ERR_ADDRESS_UNREACHABLE",
    errno.EACCES: "net::ERR_NETWORK_ACCESS_DENIED",
    errno.EPERM: "net::ERR_NETWORK_ACCESS_DENIED",
    errno.ENETDOWN: "net::ERR_INTERNET_DISCONNECTED",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionFailure:
    """A connection that did not come about, and why."""

    host: str
    port: int
    error: OSError

    @property
    def reason(self) -> tuple[Reason, str]:
        """Return the reason and one line for people, as the http kind would put them."""
        if isinstance(self.error, InsideConnectionError):
            if self.error.by_name:
                return Reason.DNS_FAILURE, "the host name leads to addresses inside, where no citizen gets"
            return Reason.HTTP_ERROR, "a redirect leads to an address inside, where no citizen gets; it was not asked"
        text = self.error.strerror or str(self.error) or type(self.error).__name__
        if isinstance(self.error, socket.gaierror):
            return Reason.DNS_FAILURE, "the host name does not resolve"
        if self.error.errno in OUT_OF_PLACES:
            fault = exhausted(self.error)
            return fault.reason, fault.detail
        if self.error.errno in _FORBIDDEN:
            return Reason.NO_CONNECTIVITY, forbidden_here(self.error)
        if self.error.errno in _UNREACHABLE or isinstance(self.error, TimeoutError):
            return Reason.CONNECT_TIMEOUT, f"host not reachable: {text}"
        return Reason.CONNECTION_REFUSED, f"connection refused: {text}"


def _net_error(error: OSError) -> str:
    """Return what Chromium would call a failure that it had met itself."""
    if isinstance(error, socket.gaierror):
        return "net::ERR_NAME_NOT_RESOLVED"
    return _NET_ERRORS.get(error.errno or 0, "net::ERR_CONNECTION_FAILED")


class LineProxy:
    """
    A running line. Use `open`.

    url: for whoever resolves names himself; browser_url: for Chromium, whose bypass list must begin with "<-loopback>" so that
    portals on loopback take the line too. failures: connections that did not come about, in order; SOCKS tells Chromium only
    that they failed. on_failure: called at once with the host of each. is_shut: nothing passes any more. let_go: of a guarded
    line, host and port of the requests that were let go.
    """

    def __init__(
        self, line: Line | None, resolve: Resolve, admit: Admit, is_held: Callable[[], bool], *, guarded: bool
    ) -> None:
        self.line = line
        self.let_go: set[tuple[str, int]] = set()
        self._guarded = guarded
        self.url = ""
        self.browser_url = ""
        self.failures: list[ConnectionFailure] = []
        self.on_failure: Callable[[str], None] | None = None
        self.is_shut = False
        self._resolve = resolve
        self._admit = admit
        self._is_held = is_held
        self._wire = RelayedLine(line) if line else None
        self._server: asyncio.Server | None = None
        self._relays: set[Relay | Forwarding] = set()
        self._addresses: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._opened: set[str] = set()
        self._pending: Counter[str] = Counter()  # connections by host that are neither open nor failed yet
        self._idle = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        line: Line | None,
        *,
        resolve: Resolve = system_resolve,
        admit: Admit = anywhere,
        is_held: Callable[[], bool] = lambda: True,
        guarded: bool = False,
    ) -> AsyncIterator[Self]:
        """
        Open a fresh line: nothing queued, no name known; its stalls count from now.

        Args:
            line: of a profile; None = this machine's own, which is not shaped and cannot be interrupted for a while.
            resolve: gives the addresses of a host, asked once per host.
            admit: says which of them may be connected to, asked for every connection.
            is_held: whether somebody still decides about the page's requests, asked before anything of them is handed on; where
                nobody does, the line is shut.
            guarded: connect only to where a request was let go (`expect`), and carry nothing but HTTP: whatever else a browser
                sends, calls and what it asks for by itself, is held by nobody.

        Raises:
            OSError: no port of loopback could be opened.

        """
        proxy = cls(line, resolve, admit, is_held, guarded=guarded)
        await proxy._listen()
        try:
            yield proxy
        finally:
            await proxy.aclose()

    def cut(self) -> None:
        """Let nothing pass for a while, both ways; connections survive. Only a shaped line can."""
        assert self._wire is not None
        self._wire.cut()

    def restore(self) -> None:
        """Let everything pass again; what was on the way arrives as much later."""
        assert self._wire is not None
        self._wire.restore()

    def shut(self) -> None:
        """End every connection now and let no other begin, for good; what has not left this machine yet never does."""
        self.is_shut = True
        if self._server:
            self._server.close()
        for relay in tuple(self._relays):
            relay.abort()

    def expect(self, url: str) -> None:
        """Note that a request is let go; a host that is asked in clear may have it asked over TLS, and the other way round."""
        address = urlsplit(url)
        host = (address.hostname or "").rstrip(".")
        ports = {address.port} if address.port else _ORDINARY_PORTS
        if host and len(self.let_go) < MOST_LET_GO:
            self.let_go.update((host, port) for port in ports)

    def explain(self, host: str) -> tuple[Reason, str] | None:
        """
        Say why a page of a host did not come, as far as the line knows.

        Returns:
            Reason and one line for people: of the last failure, or of what is still waited for; None where a connection came
            about (what went wrong then, Chromium itself knows better) or none was tried.

        """
        host = host.lower().rstrip(".")
        if host in self._opened:
            return None
        failed = next((failure for failure in reversed(self.failures) if failure.host == host), None)
        if failed:
            return failed.reason
        if not self._pending[host]:
            return None
        question = self._addresses.get(host)
        if question and not question.done():
            return Reason.DNS_FAILURE, "no answer from the name server in time"
        return Reason.CONNECT_TIMEOUT, "no TCP connection in time"

    def net_error(self, host: str) -> str | None:
        """Return why a host was not reached the last time, in Chromium's words; None where nothing is known of it."""
        host = host.lower().rstrip(".")
        return next((_net_error(one.error) for one in reversed(self.failures) if one.host == host), None)

    async def aclose(self) -> None:
        """Drop everything at once; no task, timer or socket is left behind."""
        self.shut()
        if self._wire:
            self._wire.close()
        for question in self._addresses.values():
            question.cancel()
        while self._relays:
            self._idle.clear()
            await self._idle.wait()
        await asyncio.gather(*self._addresses.values(), return_exceptions=True)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, "127.0.0.1", 0, backlog=BACKLOG)
        port = self._server.sockets[0].getsockname()[1]
        self.url, self.browser_url = f"socks5://127.0.0.1:{port}", f"socks5://{EGRESS_HOST}:{port}"

    def _accept(self) -> asyncio.Protocol:
        if self.is_shut:  # it was on its way in; asyncio may never tell us what became of it
            return _Refused()
        ways = (self._dial, self._passes, self._forget)
        only = self._guarded
        relay = Relay(self._wire, *ways, http_only=only) if self._wire else Forwarding(*ways, http_only=only)
        self._relays.add(relay)
        return relay.citizen

    def _passes(self) -> bool:
        """Whether what the browser has just sent may be handed on."""
        if not self.is_shut and not self._is_held():
            self.shut()
        return not self.is_shut

    def _forget(self, relay: Relay | Forwarding) -> None:
        self._relays.discard(relay)
        if not self._relays:
            self._idle.set()

    async def _dial(self, destination: Destination, protocol: asyncio.Protocol) -> None:
        host = destination.host
        # A browser fetches what a server's certificate lacks by itself, in clear, from wherever the certificate says.
        if self._guarded and destination.port != _CLEAR_PORT and (host, destination.port) not in self.let_go:
            log.debug("a connection for which no request was let go was not made", port=destination.port)
            raise PermissionError(errno.EACCES, "no request was let go to there")
        self._pending[host] += 1
        try:
            addresses = self._admit(host, await self._address(destination))
            if self._wire:
                await self._wire.passed(self._wire.up)
            await self._connect(addresses, destination.port, protocol)
            self._opened.add(host)
        except OSError as exc:
            self.failures.append(ConnectionFailure(host=host, port=destination.port, error=exc))
            if self.on_failure:
                self.on_failure(host)
            raise
        finally:
            self._pending[host] -= 1

    async def _connect(self, addresses: Sequence[str], port: int, protocol: asyncio.Protocol) -> None:
        """Connect to the first address that answers: to what was admitted, never to what a name may mean by now."""
        opened = await start_connection(
            [_address_info(address, port) for address in addresses], happy_eyeballs_delay=NEXT_ADDRESS_SECONDS
        )
        if self.is_shut:
            opened.close()
            raise ConnectionAbortedError(errno.ECONNABORTED, "the line was shut")
        try:
            await asyncio.get_running_loop().create_connection(lambda: protocol, sock=opened)
        except BaseException:
            opened.close()
            raise

    async def _address(self, destination: Destination) -> Sequence[str]:
        if destination.is_address:
            return await self._resolve(destination.host)
        question = self._addresses.get(destination.host)
        if question is None:
            question = self._addresses[destination.host] = asyncio.create_task(self._ask(destination.host))
        # Shielded: the connection that asks may be given up while others wait for the same answer.
        return await asyncio.shield(question)

    async def _ask(self, host: str) -> Sequence[str]:
        if self._wire is None:
            return await self._resolve(host)
        await self._wire.passed(self._wire.up)
        try:
            addresses = await self._resolve(host)
        except OSError:
            await self._wire.passed(self._wire.down)
            raise
        await self._wire.passed(self._wire.down)
        return addresses


class _Refused(asyncio.Protocol):
    """A connection that came too late."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()


def _address_info(address: str, port: int) -> AddrInfoType:
    if ":" in address:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)
