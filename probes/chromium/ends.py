"""What both kinds of connection have in common: an end is one socket, and the browser's end speaks SOCKS first."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from typing import cast

from probes.chromium import socks
from probes.chromium.first_words import FirstWords


class End(asyncio.Protocol):
    """
    One socket of a connection that is carried.

    Args:
        full_bytes: that wait in it before it says that it takes no more.

    was_connected: it has been open. is_lost: it is closed.
    """

    def __init__(self, full_bytes: int) -> None:
        self._full_bytes = full_bytes
        self._transport: asyncio.Transport | None = None
        self.was_connected = False
        self.is_lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own do not inherit from it
        self._transport.set_write_buffer_limits(high=self._full_bytes)
        self.was_connected = True

    def write(self, data: bytes) -> None:
        """Hand over what the other end read."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Close the socket once everything is written."""
        if self._transport:
            self._transport.close()

    @abstractmethod
    def abort(self) -> None:
        """Drop the socket now."""

    @abstractmethod
    def abort_both(self) -> None:
        """Drop both sockets of the connection now."""


class BrowserEnd(End):
    """The browser's socket: it speaks SOCKS before its bytes are those of the page. Stands first among the bases of an end."""

    def greet(
        self,
        passes: Callable[[], bool],
        open_to: Callable[[socks.Destination], None],
        first_words: FirstWords | None,
    ) -> None:
        """
        Say who decides; to be called as it is made.

        Args:
            passes: whether what the browser has just sent may be handed on; what may not is dropped.
            open_to: connects to the destination that the browser asks for.
            first_words: what a connection may begin with; None = anything.

        """
        self._passes = passes
        self._first_words = first_words
        self._handshake = socks.Handshake(self.write, open_to)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket, unless the line was shut while it was on its way in."""
        super().connection_made(transport)
        if not self._passes():
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Take what the browser sent."""
        if not self._passes():
            self.abort()
            return
        if self._handshake.is_over:
            self._say(data)
            return
        try:
            self._handshake.take(data)
        except socks.SocksError as exc:
            self.write(exc.answer)
            self.close()

    def eof_received(self) -> bool | None:
        """Note that the browser has nothing more to say."""
        if self._handshake.is_over:
            return super().eof_received()
        return False  # gone before anything was open

    def answer(self, code: int) -> None:
        """Tell the browser what became of its request."""
        if self.is_lost:
            return
        self.write(socks.reply(code))
        if code != socks.GRANTED:
            self.close()
            return
        early = self._handshake.finish()
        if early:
            self._say(early)

    def _say(self, data: bytes) -> None:
        """Hand over what the page says; a connection that speaks what it must not is ended with nothing said."""
        said = self._first_words.take(data) if self._first_words else data
        if said is None:
            self.abort_both()
        elif said:
            super().data_received(said)
