"""
Lets aiohttp speak HTTP over a connection whose every packet is stamped.

aiohttp's own transports read a socket without asking when its data came. This one hands on what a `Stream` gives, and tells the
stop-watch of the instants.
"""

import asyncio
from typing import Any

from aiohttp.client_proto import ResponseHandler

from probes.net.stopwatch import Stopwatch
from probes.net.stream import Stream


class StampedTransport(asyncio.Transport):
    """
    One connection for one request and its answer.

    Args:
        stream: connected, and through with its TLS handshake.
        protocol: aiohttp's, which gets the answer.
        watch: of this hop.

    """

    def __init__(self, stream: Stream, protocol: ResponseHandler, watch: Stopwatch) -> None:
        super().__init__()
        self._stream = stream
        self._protocol = protocol
        self._watch = watch
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._closed = False
        self._work: set[asyncio.Task[None]] = set()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; the answer is read as soon as the first of the request is out."""
        work = self._send(bytes(data)) if self._work else self._exchange(bytes(data))
        task = asyncio.create_task(work)
        self._work.add(task)

    def close(self) -> None:
        """End the connection."""
        if self._closed:
            return
        self._closed = True
        for task in self._work:
            task.cancel()
        self._stream.close()
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def abort(self) -> None:
        """End the connection at once, which is what closing does."""
        self.close()

    def is_closing(self) -> bool:
        """Whether it has been closed."""
        return self._closed

    def pause_reading(self) -> None:
        """Read no more for now: nobody takes what is there already."""
        self._may_read.clear()

    def resume_reading(self) -> None:
        """Go on reading."""
        self._may_read.set()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - the signature is asyncio's
        """Return the default: what is to be known of the connection stands in the stop-watch."""
        return default

    def get_write_buffer_size(self) -> int:
        """Return 0: requests are small and go out at once."""
        return 0

    async def _send(self, data: bytes) -> None:
        await self._stream.send(data)

    async def _exchange(self, request: bytes) -> None:
        try:
            sent_at = await self._stream.send(request)
            data, first, last = await self._stream.first()
            if data:
                self._watch.first_byte(sent_at, first)
            while data:
                self._watch.newest = last
                self._protocol.data_received(data)
                await self._may_read.wait()
                last = await self._stream.more()
                data = last.data
        except OSError as exc:
            self._end(exc)
        else:
            self._protocol.eof_received()
            self._end(None)

    def _end(self, error: OSError | None) -> None:
        if not self._closed:
            self._closed = True
            self._stream.close()
            self._protocol.connection_lost(error)
