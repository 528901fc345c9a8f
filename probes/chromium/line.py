"""
A citizen's line for one visit: a SOCKS 5 proxy on loopback that shapes all connections of a page as one line would.

Each visit has a proxy of its own, hence a line of its own: Chromium cannot authenticate to a SOCKS proxy, so visits could not be
told apart on a shared one. Chromium hands over host names, so that their resolution costs a round trip too, once per host; an
opening costs one, and TLS and requests what they cost anyway. probes.chromium.shaping says what is modelled and what is not.

Two traits of Chromium with a proxy: it opens at most 32 connections at once to all hosts together (256 without), and uses no
QUIC.
"""

import asyncio
import errno
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from probes.chromium.relay import Relay, Wire
from probes.chromium.socks import Destination
from thuocdo.model import Reason
from thuocdo.profiles import Line

BACKLOG = 512

Resolve = Callable[[str], Awaitable[str]]
"""Gives the IP address of a host (a name, or an address that is to be let through); raises OSError where it has none."""

_UNREACHABLE = frozenset({errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH})
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A connection that did not come about, and why."""

    host: str
    port: int
    error: OSError

    @property
    def reason(self) -> tuple[Reason, str]:
        """Return the reason and one line for people, as the http kind would put them."""
        text = self.error.strerror or str(self.error) or type(self.error).__name__
        if isinstance(self.error, socket.gaierror):
            return Reason.DNS_FAILURE, "the host name does not resolve"
        if self.error.errno in _EXHAUSTED:
            return Reason.PROBER_SATURATED, f"this machine can open no more connections: {text}"
        if self.error.errno in _UNREACHABLE or isinstance(self.error, TimeoutError):
            return Reason.CONNECT_TIMEOUT, f"host not reachable: {text}"
        return Reason.CONNECTION_REFUSED, f"connection refused: {text}"


async def system_resolve(host: str) -> str:
    """Ask the system's resolver; IPv4 or IPv6 as it prefers."""
    try:
        host.encode("idna")
    except UnicodeError as exc:  # such as a label of more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, f"no name of a host: {exc}") from exc
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return str(found[0][4][0])


def fixed_resolve(hosts: Mapping[str, str | None]) -> Resolve:
    """
    Make a resolver of a fixed map; nothing beyond it is ever reached, whatever addresses a page holds.

    Args:
        hosts: host -> IP address; None = does not exist.

    """
    reachable = {"127.0.0.1", "::1", *filter(None, hosts.values())}

    async def resolve(host: str) -> str:
        address = hosts.get(host) or (host if host in reachable else None)
        if address is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known (not in the map of hosts)")
        return address

    return resolve


class LineProxy:
    """
    A running line. Use `open`.

    url: for Chromium, whose bypass list must be "<-loopback>" where portals on loopback shall take the line too.
    failures: connections that did not come about, in order; SOCKS tells Chromium only that they failed.
    """

    def __init__(self, line: Line, resolve: Resolve) -> None:
        self.line = line
        self.url = ""
        self.failures: list[Failure] = []
        self._resolve = resolve
        self._wire = Wire(line)
        self._server: asyncio.Server | None = None
        self._relays: set[Relay] = set()
        self._addresses: dict[str, asyncio.Task[str]] = {}
        self._opened: set[str] = set()
        self._pending: Counter[str] = Counter()  # connections by host that are neither open nor failed yet
        self._idle = asyncio.Event()
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(cls, line: Line, *, resolve: Resolve = system_resolve) -> AsyncIterator[Self]:
        """
        Open a fresh line: nothing queued, no name known; its stalls count from now.

        Args:
            line: as in thuocdo.profiles.
            resolve: gives the address of a host, asked once per host.

        Raises:
            OSError: no port of loopback could be opened.

        """
        proxy = cls(line, resolve)
        await proxy._listen()
        try:
            yield proxy
        finally:
            await proxy.aclose()

    def cut(self) -> None:
        """Let nothing pass any more, both ways; connections survive."""
        self._wire.cut()

    def restore(self) -> None:
        """Let everything pass again; what was on the way arrives as much later."""
        self._wire.restore()

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

    async def aclose(self) -> None:
        """Drop everything at once; no task, timer or socket is left behind."""
        self._closed = True
        if self._server:
            self._server.close()
        self._wire.close()
        for question in self._addresses.values():
            question.cancel()
        for relay in tuple(self._relays):
            relay.abort()
        while self._relays:
            self._idle.clear()
            await self._idle.wait()
        await asyncio.gather(*self._addresses.values(), return_exceptions=True)

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, "127.0.0.1", 0, backlog=BACKLOG)
        self.url = f"socks5://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _accept(self) -> asyncio.Protocol:
        relay = Relay(self._wire, self._dial, self._forget)
        self._relays.add(relay)
        return relay.citizen

    def _forget(self, relay: Relay) -> None:
        self._relays.discard(relay)
        if not self._relays:
            self._idle.set()

    async def _dial(self, destination: Destination, protocol: asyncio.Protocol) -> None:
        host = destination.host
        self._pending[host] += 1
        try:
            address = await self._address(destination)
            await self._wire.passed(self._wire.up)
            await asyncio.get_running_loop().create_connection(lambda: protocol, address, destination.port)
            self._opened.add(host)
        except OSError as exc:
            self.failures.append(Failure(host=host, port=destination.port, error=exc))
            raise
        finally:
            self._pending[host] -= 1

    async def _address(self, destination: Destination) -> str:
        if destination.is_address:
            return await self._resolve(destination.host)
        question = self._addresses.get(destination.host)
        if question is None:
            question = self._addresses[destination.host] = asyncio.create_task(self._ask(destination.host))
        # Shielded: the connection that asks may be given up while others wait for the same answer.
        return await asyncio.shield(question)

    async def _ask(self, host: str) -> str:
        await self._wire.passed(self._wire.up)
        try:
            address = await self._resolve(host)
        except OSError:
            await self._wire.passed(self._wire.down)
            raise
        await self._wire.passed(self._wire.down)
        return address
