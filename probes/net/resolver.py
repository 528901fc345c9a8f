"""
A stub resolver of our own: exact times, exact errors, one address family, no cache, and name servers that can be named.

The system's resolver runs in threads (late and dear), asks for what it likes, and tells a missing name from a broken name
server only with luck. Here one question goes out for the family the target is measured over, and never another in its stead.

A name server that gives no answer within SERVER_SECONDS, or fails (SERVFAIL, REFUSED, …), is passed over for the next one;
all are gone through ROUNDS times, since a lost packet is no fault of a portal. That is part of resolving, hence of its time,
and is told: `asked` counts the questions. That a name does not exist, or has no such address, is a definite answer of any.
"""

import asyncio
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from probes.net import dns
from probes.net.addresses import canonical_host, is_localhost
from probes.net.channel import Address, Channel
from probes.net.fault import NO_MORE, ExchangeError, ForbiddenHopError, exhausted
from probes.net.name_servers import (
    HOSTS,
    RESOLV_CONF,
    NameServer,
    WatchedFile,
    name_server,
    read_hosts,
    read_resolv_conf,
)
from thuocdo.core.model import Reason

SERVER_SECONDS = 2.0
ROUNDS = 2
MOST_REMEMBERED = 3
"""Questions that had an answer, to ask them again: one of them may be the very portal whose name fails now."""
_MOST_USES = (
    100  # of one source port: a new one now and then, and one question at a time, leave a forger little to guess from
)
_MOST_IDLE = 16
_UDP_BYTES = 4096
_RECORD_TYPES = {4: dns.TYPE_A, 6: dns.TYPE_AAAA}
_LOOPBACK = {4: "127.0.0.1", 6: "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """
    The address of a host.

    seconds: None = it is an address already, there was nothing to ask. late_seconds: the answer lay in the kernel for so long
    after that. server: who answered, empty = this machine knew. asked: questions sent; more than 1: some had no good answer.
    others: further addresses, in the order of the answer.
    """

    address: str
    others: Sequence[str] = ()
    seconds: float | None = None
    late_seconds: float = 0.0
    server: str = ""
    asked: int = 0


class Resolver:
    """
    Resolves host names.

    Args:
        hosts: host -> IP address, or None for a host that must not resolve. With a map, a host that is not in it does not
            resolve either: no question about it ever leaves this machine. What it says is the operator's word, hence believed
            wherever it leads. None = /etc/hosts, then the name servers, and of all that they say only what is admitted.
        name_servers: addresses to ask, in order; empty = those of /etc/resolv.conf.

    Raises:
        ConfigurationError: a name server is no address.

    """

    def __init__(self, hosts: Mapping[str, str | None] | None, name_servers: Sequence[str] = ()) -> None:
        self._map = hosts
        self._named = tuple(name_server(text) for text in name_servers)
        self._hosts = WatchedFile(HOSTS, read_hosts)
        self._system = WatchedFile(RESOLV_CONF, read_resolv_conf)
        self._remembered: dict[bytes, None] = {}
        self._idle: dict[Address, list[tuple[Channel, int]]] = {}  # sockets to each server, with the uses of each

    def close(self) -> None:
        """Close the sockets that are kept for the next question."""
        for channels in self._idle.values():
            for channel, _ in channels:
                channel.close()
        self._idle.clear()

    async def resolve(self, host: str, ip_version: int, admits: Callable[[str], bool]) -> Resolved:
        """
        Return the first address of a host that a connection may go to.

        Args:
            host: ASCII name or IP address.
            ip_version: 4 or 6.
            admits: tells of an address that a name leads to whether it may be gone to (probes.net.addresses.Reach).

        Raises:
            ExchangeError: dns_failure, with the exact cause, or our own want of files. ForbiddenHopError: the name leads to
                nothing that is admitted.
        """
        address = canonical_host(host)
        literal = _literal_version(address)
        if literal:
            if literal != ip_version:
                raise _failure(f"{host} is an IPv{literal} address, and IPv{ip_version} is asked for")
            return Resolved(address=address)
        begin = time.monotonic()
        if self._map is not None:
            return Resolved(address=_mapped(self._map.get(host), ip_version), seconds=time.monotonic() - begin)
        known = self._known(host, ip_version)
        if known:
            return Resolved(address=_admitted((known,), admits)[0], seconds=time.monotonic() - begin)
        return await self._ask_all(host, ip_version, begin, admits)

    def _known(self, host: str, ip_version: int) -> str | None:
        name = host.removesuffix(".").lower()
        if is_localhost(name):  # never asked for (RFC 6761, 6.3)
            return self._hosts.content().get((name, ip_version), _LOOPBACK[ip_version])
        return self._hosts.content().get((name, ip_version))

    async def _ask_all(self, host: str, ip_version: int, begin: float, admits: Callable[[str], bool]) -> Resolved:
        try:
            question = dns.question(host, _RECORD_TYPES[ip_version])
        except dns.BadNameError as exc:
            raise _failure(f"no valid host name: {exc}") from exc
        servers = self._named or self._system.content()
        asked = 0
        for server in (*servers,) * ROUNDS:
            asked += 1
            try:
                async with asyncio.timeout(SERVER_SECONDS):
                    answer, seen_at, late = await self._ask(server, question)
            except TimeoutError:
                trouble = f"no answer from name server {server.text} within {SERVER_SECONDS:g} s"
                continue
            except OSError as exc:
                if exc.errno in NO_MORE:
                    raise exhausted(exc) from exc
                trouble = f"name server {server.text} cannot be reached ({exc.strerror or exc})"
                continue
            if answer.code in (dns.NOERROR, dns.NXDOMAIN):
                address, *others = _admitted(_addresses(answer, ip_version), admits)
                self._remember(question)
                return Resolved(
                    address=address,
                    others=others,
                    seconds=seen_at - begin - late,
                    late_seconds=late,
                    server=server.text,
                    asked=asked,
                )
            code = dns.RCODE_NAMES.get(answer.code, f"code {answer.code}")
            trouble = f"name server {server.text} failed ({code})"
        raise _failure(f"{trouble}; questions asked: {asked}")

    async def is_served(self, hosts: Sequence[str] = ()) -> bool:
        """
        Tell whether any name server works. What becomes of one portal's name says nothing of that.

        They are asked about the root and, since some answer nothing of that and resolve names all the same, about other names:
        those that had an answer lately, and a few more. An answer of before says nothing of now, hence they are asked again.

        Args:
            hosts: names that are sure to exist; addresses among them are passed over. With a map of hosts nobody is asked.
        """
        if self._map is not None:
            return True
        questions = {*self._remembered, *(dns.question(host, dns.TYPE_A) for host in hosts if is_asked_for(host))}
        servers = self._named or self._system.content()
        asked = [self._answers(server, question) for server in servers for question in (dns.ROOT, *questions)]
        return any(await asyncio.gather(*asked))

    async def _answers(self, server: NameServer, question: bytes) -> bool:
        try:
            async with asyncio.timeout(SERVER_SECONDS):
                answer, _, _ = await self._ask(server, question)
        except (TimeoutError, OSError):
            return False
        # Who refuses to tell of the root, or knows none, is at work; of a name that exists only an answer says so.
        return answer.code == dns.NOERROR if question != dns.ROOT else answer.code != dns.SERVFAIL

    def _remember(self, question: bytes) -> None:
        """Keep the last questions that had an answer."""
        self._remembered.pop(question, None)
        self._remembered[question] = None
        if len(self._remembered) > MOST_REMEMBERED:
            del self._remembered[next(iter(self._remembered))]

    async def _ask(self, server: NameServer, question: bytes) -> tuple[dns.DnsReply, float, float]:
        """Ask one server once: over UDP, and over TCP when the answer is too long for that."""
        idle = self._idle.setdefault(server.address, [])
        channel, uses = idle.pop() if idle else (Channel(server.family, socket.SOCK_DGRAM), 0)
        answer: dns.DnsReply | None = None
        try:
            if not uses:
                await channel.connect(server.address)
            message_id = secrets.randbits(16)
            await channel.send(dns.query(message_id, question))
            while answer is None:
                received = await channel.receive(_UDP_BYTES)
                with suppress(dns.MalformedError):  # a forger, or the late answer to an earlier question
                    answer = dns.read_answer(received.data, message_id, question)
        finally:
            if answer is not None and uses < _MOST_USES and len(idle) < _MOST_IDLE:
                idle.append((channel, uses + 1))
            else:
                channel.close()
        if answer.truncated:
            return await _ask_over_tcp(server, question)
        return answer, received.seen_at, received.late_seconds


def is_asked_for(host: str) -> bool:
    """Tell whether name servers are asked for a host at all: not for an address, this very machine, or what is no name."""
    try:
        dns.question(host, dns.TYPE_A)
    except dns.BadNameError:
        return False
    return not _literal_version(canonical_host(host)) and not is_localhost(host.removesuffix(".").lower())


def _admitted(addresses: Sequence[str], admits: Callable[[str], bool]) -> Sequence[str]:
    """Return the addresses that may be gone to; the others are passed over, since one bad record of many hides no portal."""
    admitted = [address for address in addresses if admits(address)]
    if admitted:
        return admitted
    raise ForbiddenHopError(Reason.DNS_FAILURE, "the host name leads only to addresses inside, where no citizen gets")


def _addresses(answer: dns.DnsReply, ip_version: int) -> Sequence[str]:
    if answer.addresses:
        return answer.addresses
    if answer.code == dns.NXDOMAIN:
        raise _failure("the host name does not exist (NXDOMAIN)")
    raise _failure(f"the host name has no IPv{ip_version} address")


async def _ask_over_tcp(server: NameServer, question: bytes) -> tuple[dns.DnsReply, float, float]:
    message_id = secrets.randbits(16)
    query = dns.query(message_id, question)
    channel = Channel(server.family, socket.SOCK_STREAM)
    try:
        await channel.connect(server.address)
        await channel.send(len(query).to_bytes(2, "big") + query)
        message = b""
        while len(message) < 2 or len(message) < 2 + int.from_bytes(message[:2], "big"):
            received = await channel.receive(65537)
            if not received.data:
                raise ConnectionResetError(0, "closed before a whole answer")
            message += received.data
        answer = dns.read_answer(message[2 : 2 + int.from_bytes(message[:2], "big")], message_id, question)
    except dns.MalformedError as exc:
        raise ConnectionResetError(0, f"no answer to the question: {exc}") from exc
    finally:
        channel.close()
    return answer, received.seen_at, received.late_seconds


@lru_cache(maxsize=4096)
def _literal_version(host: str) -> int:
    """Return 4 or 6 for an IP address, 0 for a name."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return 0


def _mapped(address: str | None, ip_version: int) -> str:
    if address is None:
        raise _failure("the host name does not resolve: it is not in the map of hosts")
    if _literal_version(address) != ip_version:
        raise _failure(f"the map of hosts has no IPv{ip_version} address of the host")
    return address


def _failure(detail: str) -> ExchangeError:
    return ExchangeError(Reason.DNS_FAILURE, detail)
