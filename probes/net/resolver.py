"""
Name resolution for the HTTP probe: the system's resolver, or a fixed map of hosts (test set-ups, /etc/hosts style overrides).

With a map, a host that is not in it does not resolve: no question about it ever leaves this machine.
"""

import socket
from collections.abc import Mapping

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from probes.net import stopwatch


class Resolver(AbstractResolver):
    """
    Resolves IPv4 addresses and stamps the probe's stop-watch around it.

    Args:
        hosts: host -> IPv4 address, or None for a host that must not resolve; None = ask the system.

    """

    def __init__(self, hosts: Mapping[str, str | None] | None) -> None:
        self._hosts = hosts
        self._system = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raises OSError where it has none."""
        watch = stopwatch.current()
        if watch:
            watch.resolve_started()
        if self._hosts is None:
            answers = await self._system.resolve(host, port, family)
        else:
            answers = [_fixed_answer(host, self._hosts.get(host), port)]
        if watch:
            watch.resolve_ended()
        return answers

    async def close(self) -> None:
        """Release the system resolver."""
        await self._system.close()


def _fixed_answer(host: str, address: str | None, port: int) -> ResolveResult:
    if address is None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known (not in the map of hosts)")
    return ResolveResult(
        hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
    )
