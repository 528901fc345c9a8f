"""One socket on the event loop, read in the very callback that says it is readable, with the kernel's stamps."""

import asyncio
import errno
import math
import os
import socket
import time
from typing import Any

from probes.net import arrival
from probes.net.arrival import Received
from probes.net.fault import REFUSED_HERE, NoRouteError

_NON_BLOCKING: int = getattr(socket, "SOCK_NONBLOCK", 0)  # Linux: one system call less per probe

TURN_BYTES = 64 * 1024
TURN_READS = 16
"""After so much read without waiting, others have their turn: a server that sends faster than we read must not hold the loop."""

Address = tuple[Any, ...]
"""A socket address: (host, port) for IPv4, (host, port, flow, scope) for IPv6."""


class Channel:
    """
    A connected TCP or UDP socket.

    The reader stays registered from one answer to the next, and is taken away only when something comes that nobody waits for;
    registering it anew for each would be two system calls more.

    Args:
        family: AF_INET or AF_INET6.
        kind: SOCK_STREAM or SOCK_DGRAM.
        until: monotonic instant at which reading ends with a TimeoutError, whatever is there. A caller's timer says the same, but
            only where the loop gets to it.

    """

    __slots__ = (
        *("_fd", "_loop", "_most_bytes", "_reading", "_since", "_sock", "_turn_bytes", "_turn_reads", "_until"),
        *("_waiter", "_writing"),
    )

    def __init__(self, family: int, kind: int, until: float = math.inf) -> None:
        self._until = until
        self._turn_bytes = self._turn_reads = 0
        self._loop = asyncio.get_running_loop()
        self._sock = socket.socket(family, kind | _NON_BLOCKING)
        if not _NON_BLOCKING:
            self._sock.settimeout(0.0)
        self._fd = self._sock.fileno()
        self._waiter: asyncio.Future[Any] | None = None
        self._most_bytes = 0
        self._reading = self._writing = False
        self._since = 0.0
        arrival.want_stamps(self._sock)

    async def connect(self, address: Address) -> tuple[float, float]:
        """
        Connect.

        Returns:
            Seconds until the connection was up, and seconds until we noticed after that.

        Raises:
            OSError: why not; NoRouteError where nothing was sent.
        """
        begin = self._since = time.monotonic()
        code = self._sock.connect_ex(address)
        if code == errno.EINPROGRESS:
            await self._writable()
            code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        elif code in REFUSED_HERE:  # at once: what a router says comes later
            raise NoRouteError(code, os.strerror(code))
        if code:
            raise OSError(code, os.strerror(code))
        seen_at = time.monotonic()
        if self._sock.type == socket.SOCK_DGRAM:
            return seen_at - begin, 0.0
        # No TCP_NODELAY: we never send twice without an answer in between, so Nagle's algorithm has nothing to hold back.
        late = arrival.connect_late_seconds(self._sock, begin, seen_at)
        return seen_at - begin - late, late

    async def send(self, data: bytes) -> float:
        """Send all of it; returns the instant just before, after which an answer may come."""
        begin = self._since = time.monotonic()
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            await self._loop.sock_sendall(self._sock, data[sent:])
        return begin

    async def receive(self, most_bytes: int, *, at_once: bool = False) -> Received:
        """
        Wait for data and return what there is of it.

        Args:
            most_bytes: of data.
            at_once: some is likely there already: look first.

        Raises:
            OSError: what broke the connection; TimeoutError: the time is up.
        """
        received = await self._at_once(most_bytes) if at_once else None
        if received is None:
            received = await self._waited(most_bytes)
        if received.seen_at >= self._until:
            raise TimeoutError
        return received

    async def _at_once(self, most_bytes: int) -> Received | None:
        if self._turn_reads >= TURN_READS or self._turn_bytes >= TURN_BYTES:
            self._turn_reads = self._turn_bytes = 0
            await asyncio.sleep(0)
        try:
            received = arrival.receive(self._sock, most_bytes, self._since)
        except BlockingIOError:
            return None
        self._turn_reads += 1
        self._turn_bytes += len(received.data)
        return received

    async def _waited(self, most_bytes: int) -> Received:
        self._turn_reads = self._turn_bytes = 0
        self._most_bytes = most_bytes
        waiter: asyncio.Future[Received] = self._loop.create_future()
        self._waiter = waiter
        if not self._reading:
            self._loop.add_reader(self._fd, self._on_readable)
            self._reading = True
        return await waiter

    def close(self) -> None:
        """Close; safe to call at any time."""
        if self._reading:
            self._loop.remove_reader(self._fd)
        if self._writing:
            self._loop.remove_writer(self._fd)
        self._reading = self._writing = False
        self._sock.close()

    def _on_readable(self) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():
            self._loop.remove_reader(self._fd)
            self._reading = False
            return
        try:
            received = arrival.receive(self._sock, self._most_bytes, self._since)
        except BlockingIOError:  # a false alarm
            return
        except OSError as exc:
            waiter.set_exception(exc)
            return
        waiter.set_result(received)

    async def _writable(self) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(self._fd, self._on_writable, waiter)
        self._writing = True
        await waiter

    def _on_writable(self, waiter: asyncio.Future[None]) -> None:
        self._loop.remove_writer(self._fd)
        self._writing = False
        if not waiter.done():
            waiter.set_result(None)
