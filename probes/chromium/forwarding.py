"""
Carries a connection of a browser over this machine's own line: SOCKS first, then bytes both ways as they come.

What a socket cannot take at once is kept back where it comes from, so that a fast server fills no memory of ours.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from probes.chromium import socks
from probes.chromium.ends import BrowserEnd, End
from probes.chromium.first_words import FirstWords

FULL_BYTES = 1 << 20
"""Bytes that wait in one socket before the other one is no longer read."""


class Forwarding:
    """
    One connection.

    Args:
        dial: connects a protocol to a destination; raises OSError where that fails.
        passes: whether what the browser has just sent may be handed on; what may not is dropped.
        on_end: called once both sockets are closed.
        http_only: end it where the browser begins with anything but HTTP, be it over TLS.

    citizen: the browser's end.
    """

    def __init__(
        self,
        dial: Callable[[socks.Destination, asyncio.Protocol], Awaitable[None]],
        passes: Callable[[], bool],
        on_end: Callable[["Forwarding"], None],
        *,
        http_only: bool = False,
    ) -> None:
        self._dial = dial
        self.passes = passes
        self.first_words = FirstWords() if http_only else None
        self._on_end = on_end
        self._opening: asyncio.Task[None] | None = None
        self._portal = _End(self)
        self.citizen = _Citizen(self)
        self.citizen.peer, self._portal.peer = self._portal, self.citizen

    def open(self, destination: socks.Destination) -> None:
        """Connect to the destination and tell the browser what became of it."""
        self._opening = asyncio.create_task(self._open(destination))
        self._opening.add_done_callback(self._opened)

    def abort(self) -> None:
        """Drop both sockets now, with whatever they still hold."""
        if self._opening:
            self._opening.cancel()
        self.citizen.abort()
        self._portal.abort()

    def end_lost(self) -> None:
        """Note that a socket of this connection is closed."""
        if self.citizen.is_lost and self._opening:
            self._opening.cancel()  # nobody waits for it any more; does nothing once it is done
        idle = self._opening is None or self._opening.done()
        if self.citizen.is_lost and idle and (self._portal.is_lost or not self._portal.was_connected):
            self._on_end(self)

    async def _open(self, destination: socks.Destination) -> None:
        try:
            await self._dial(destination, self._portal)
        except OSError as exc:
            self.citizen.answer(socks.reply_code(exc))
        else:
            self.citizen.answer(socks.GRANTED)

    def _opened(self, opening: asyncio.Task[None]) -> None:
        fault = None if opening.cancelled() else opening.exception()
        if fault:  # of ours; it ends this connection only
            message = {"message": "a connection of a page was not opened", "exception": fault}
            asyncio.get_running_loop().call_exception_handler(message)
            self.citizen.abort()
        self.end_lost()


class _End(End):
    """One socket: what it reads is written to its peer."""

    peer: "_End"

    def __init__(self, forwarding: Forwarding) -> None:
        super().__init__(FULL_BYTES)
        self._forwarding = forwarding
        self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.peer.is_lost:  # the browser left while we connected
            self.abort()

    def data_received(self, data: bytes) -> None:
        self.peer.write(data)

    def eof_received(self) -> bool | None:
        self._has_ended = True
        self.peer.end()
        return True  # the other direction lives on

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        if exc or not self._has_ended:
            self.peer.abort()
        else:
            self.peer.end()
        self._forwarding.end_lost()

    def pause_writing(self) -> None:
        self.peer.read(resume=False)

    def resume_writing(self) -> None:
        self.peer.read(resume=True)

    def read(self, *, resume: bool) -> None:
        """Go on reading, or leave off: the peer takes no more for now."""
        if self._transport and not self.is_lost and not self._transport.is_closing():
            (self._transport.resume_reading if resume else self._transport.pause_reading)()

    def end(self) -> None:
        """Hand over that the peer has nothing more to say; when both have said so, the connection is over."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._has_ended:
            self.close()
            self.peer.close()
            return
        with suppress(OSError):  # reset meanwhile, which connection_lost is about to tell
            self._transport.write_eof()

    def abort(self) -> None:
        """Drop the socket with whatever waits in it."""
        if self._transport and not self.is_lost:
            self._transport.abort()

    def abort_both(self) -> None:
        """Drop both sockets."""
        self._forwarding.abort()


class _Citizen(BrowserEnd, _End):
    """The browser's."""

    def __init__(self, forwarding: Forwarding) -> None:
        super().__init__(forwarding)
        self.greet(forwarding.passes, forwarding.open, forwarding.first_words)
