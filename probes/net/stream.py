"""The bytes of an answer with the instant of their arrival, out of a plain or a TLS connection."""

import ssl
import time
from typing import Protocol

from probes.net.arrival import Received
from probes.net.channel import Channel
from probes.net.fault import ExchangeError
from thuocdo.core.model import Reason

BULK_BYTES = 32768  # over 64 KB malloc tidies up its whole heap at each free
MOST_SILENT_BYTES = 256 * 1024
"""Of TLS between two pieces of what it carries: a handshake with its certificates, or tickets, alerts, key updates."""
_LARGEST_RECORD_BYTES = 16384
_RECORD_HEADER_BYTES = 5
_RECORD_VERSION = 3  # the first byte of it, in SSL 3 and all TLS


class Stream(Protocol):
    """
    What a request goes into and an answer comes out of.

    overhead_bytes: that have come besides what it carries.
    """

    overhead_bytes: int

    async def send(self, data: bytes) -> float:
        """Send; returns the instant of it."""
        ...

    async def first(self) -> tuple[bytes, Received, Received]:
        """Return the first data of the answer, the arrival of its first byte and of its last."""
        ...

    async def more(self) -> Received:
        """Return more of it; empty = closed."""
        ...

    def close(self) -> None:
        """Close the connection; safe to call at any time."""
        ...


class PlainStream:
    """HTTP without TLS."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.overhead_bytes = 0

    async def send(self, data: bytes) -> float:
        """Send; returns the instant of it."""
        return await self._channel.send(data)

    async def first(self) -> tuple[bytes, Received, Received]:
        """One byte first, since one read of several packets would tell the arrival of the last of them."""
        first = await self._channel.receive(1)
        if not first.data:
            return b"", first, first
        try:
            more = await self._channel.receive(BULK_BYTES, at_once=True)
        except ConnectionResetError:
            return first.data, first, first
        return first.data + more.data, first, more

    async def more(self) -> Received:
        """Return more of it; empty = closed."""
        return await self._channel.receive(BULK_BYTES, at_once=True)

    def close(self) -> None:
        """Close the connection; safe to call at any time."""
        self._channel.close()


class TlsStream:
    """
    A TLS connection over a channel.

    The last of our handshake and the request travel in one packet where the handshake ends with our turn (TLS 1.3).

    Args:
        channel: connected.
        context: how to verify.
        server_name: host name or IP address, as the certificate must name it.

    """

    def __init__(self, channel: Channel, context: ssl.SSLContext, server_name: str) -> None:
        self._channel = channel
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._ended = False
        self._broken: ssl.SSLError | None = None
        self.overhead_bytes = self._silent_bytes = 0

    async def handshake(self) -> tuple[float, float]:
        """
        Shake hands.

        The server's time is what counts: from each of our messages until its answer to it has arrived. Our own arithmetic (half a
        millisecond, or many where this process has to wait for a CPU in the middle of it) is no property of the server.

        Returns:
            Seconds that the server took, and seconds that its messages lay unread.

        Raises:
            ssl.SSLError, OSError, ExchangeError: why not.
        """
        seconds = late = 0.0
        since = time.monotonic()
        newest: Received | None = None
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                if self._outgoing.pending:
                    late += newest.late_seconds if newest else 0.0  # while it sends on, our lateness holds up nobody
                    since = await self._channel.send(self._outgoing.read())
                newest = await self._channel.receive(BULK_BYTES)
                seconds += max(0.0, newest.arrived_at - since)
                since = max(since, newest.arrived_at)
                self._take(newest)
            except ssl.SSLError:
                await self._say_why()
                raise
            else:
                return seconds, late + (newest.late_seconds if newest else 0.0)

    async def send(self, data: bytes) -> float:
        """Send; returns the instant of it."""
        self.tls.write(data)
        return await self._channel.send(self._outgoing.read())

    async def first(self) -> tuple[bytes, Received, Received]:
        """
        Go record by record until one holds a part of the answer.

        Session tickets come before it in records of their own; one read of all would tell the arrival of the last of them.
        """
        data = self._decrypted()  # what came along with the end of the handshake
        while True:
            first = last = await self._channel.receive(_RECORD_HEADER_BYTES)
            self._take(first)
            left = _record_bytes(first.data)
            while last.data and left > 0:
                last = await self._channel.receive(left, at_once=True)
                self._take(last)
                left -= len(last.data)
                data += self._decrypted()
                if self._outgoing.pending:
                    await self._answer()
                if data or self._ended:
                    return data, first, last
            if not last.data:
                return data, first, last

    async def more(self) -> Received:
        """Return more of it; empty = closed."""
        if self._broken is not None:
            raise self._broken
        while True:
            received = await self._channel.receive(BULK_BYTES, at_once=True)
            self._take(received)
            data = self._decrypted()
            if self._outgoing.pending:
                await self._answer()
            if data or self._ended or not received.data:
                return Received(data, received.seen_at, received.late_seconds)

    def close(self) -> None:
        """Close the connection; safe to call at any time."""
        self._channel.close()

    def _take(self, received: Received) -> None:
        self._silent_bytes += len(received.data)
        self.overhead_bytes += len(received.data)
        if self._silent_bytes > MOST_SILENT_BYTES:
            raise ExchangeError(Reason.TLS_ERROR, f"over {MOST_SILENT_BYTES} bytes of TLS that carry nothing")
        if received.data:
            self._incoming.write(received.data)
        else:
            self._incoming.write_eof()

    def _decrypted(self) -> bytes:
        parts: list[bytes] = []
        while self._incoming.pending or self.tls.pending():
            try:
                part = self.tls.read(_LARGEST_RECORD_BYTES)
            except ssl.SSLWantReadError:
                break
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                part = b""
            except ssl.SSLError as exc:
                if not parts:
                    raise
                self._broken = exc  # what came before it may be the whole answer
                break
            if not part:  # the server said that it ends; many then wait for us before they close the connection
                self._ended = True
                break
            parts.append(part)
            self._silent_bytes = 0
            self.overhead_bytes -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def _answer(self) -> None:
        """Send what TLS has to say in the middle of an answer: another handshake (1.2), new keys (1.3)."""
        try:
            await self._channel.send(self._outgoing.read())
        except OSError:  # who has said all that it wanted and left does not wait for it
            return

    async def _say_why(self) -> None:
        """Send the alert that tells the server why we leave."""
        if self._outgoing.pending:
            try:
                await self._channel.send(self._outgoing.read())
            except OSError:
                return


def _record_bytes(header: bytes) -> int:
    """Return the length of the record that a header announces; anything else is read in bulk, at the cost of exactness only."""
    if len(header) == _RECORD_HEADER_BYTES and header[1] == _RECORD_VERSION:
        return int.from_bytes(header[3:], "big")
    return BULK_BYTES
