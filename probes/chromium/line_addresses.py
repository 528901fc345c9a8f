"""Which addresses the hosts that a page names have, and which of those its line may connect to."""

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence

from probes.net.addresses import AddressRefusal, Reach

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host (a name, or an address to be let through), best first; raises OSError where it has none."""

Admit = Callable[[str, Sequence[str]], Sequence[str]]
"""Gives those of a host's addresses that may be connected to; raises OSError where there is none."""


async def system_resolve(host: str) -> Sequence[str]:
    """Ask the system's resolver; IPv4 or IPv6 first as it prefers."""
    try:
        host.encode("idna")
    except UnicodeError as exc:  # such as a label of more than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, f"no name of a host: {exc}") from exc
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        _open_one()
        raise
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _open_one() -> None:
    """Raise why this machine can open no socket, where it cannot: of that the system's resolver says "no such name" (tried)."""
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def fixed_resolve(hosts: Mapping[str, str | None]) -> Resolve:
    """
    Make a resolver of a fixed map; nothing beyond it is ever reached, whatever addresses a page holds.

    Args:
        hosts: host -> IP address; None = does not exist.

    """
    reachable = {"127.0.0.1", "::1", *filter(None, hosts.values())}

    async def resolve(host: str) -> Sequence[str]:
        address = hosts.get(host) or (host if host in reachable else None)
        if host == "localhost":
            return ["127.0.0.1", "::1"]
        if address is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known (not in the map of hosts)")
        return [address]

    return resolve


def resolver_of(hosts: Mapping[str, str | None] | None) -> Resolve:
    """Make the resolver of a fixed map, or the system's where there is none."""
    return system_resolve if hosts is None else fixed_resolve(hosts)


def outside(reach: Reach, hosts: Mapping[str, str | None] | None) -> Admit:
    """
    Admit what the probes of a target may go to.

    A public address without a name is admitted, unlike in a redirect that the http kind follows: citizens' browsers fetch parts
    of pages from there, and where the page itself has gone is judged by its host.

    Args:
        reach: of the target.
        hosts: what the operator says of names, which is believed.
    """

    def admit(host: str, addresses: Sequence[str]) -> Sequence[str]:
        if reach.refusal(host) in (AddressRefusal.INSIDE, AddressRefusal.NOWHERE):
            raise InsideConnectionError(by_name=False)
        if hosts and hosts.get(host):
            return addresses
        admitted = [address for address in addresses if reach.admits(address)]
        if not admitted:
            raise InsideConnectionError(by_name=True)
        return admitted

    return admit


def anywhere(host: str, addresses: Sequence[str]) -> Sequence[str]:  # noqa: ARG001 - an Admit
    """Admit every address: for pages of our own."""
    return addresses


class InsideConnectionError(PermissionError):
    """
    A connection to where no citizen gets was asked for; it was not made.

    by_name: a name led there; else the address itself was asked for.
    """

    def __init__(self, *, by_name: bool) -> None:
        super().__init__(errno.EACCES, "it leads to an address inside")
        self.by_name = by_name
