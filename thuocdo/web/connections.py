"""
Connections that end: uvicorn's protocol with limits, since uvicorn knows none but for idle connections between two requests.

A request must be whole within a time counted from its first byte (a byte now and then prolongs nothing), an answer must be read,
and where too many connections are open, the one whose client has kept us waiting for longest makes room for the next.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from thuocdo.core.setting_groups import WebSettings


def protocol_of(web: WebSettings) -> type[H11Protocol]:
    """Return the class of one connection, held to the settings."""

    class OfSettings(LimitedProtocol):
        limits = web

    return OfSettings


class LimitedProtocol(H11Protocol):
    """
    One connection.

    limits: header_seconds for a request to be whole, idle_seconds for an answer to be read on, most_connections at once.
    quiet_since: when the wait for the client began, on the loop's clock: for a whole request, or for it to read on; None = one is
    being answered.
    """

    limits = WebSettings()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.quiet_since: float | None = None
        self._whole_by: asyncio.TimerHandle | None = None
        self._read_by: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Take a new connection, in place of the one that has been quiet for longest where there are too many."""
        super().connection_made(transport)
        self._await_request()
        if len(self.connections) > self.limits.most_connections:
            quiet = [
                one for one in self.connections if isinstance(one, LimitedProtocol) and one.quiet_since is not None
            ]
            min(quiet, key=lambda one: one.quiet_since or 0.0).cut()  # there is one: this

    def data_received(self, data: bytes) -> None:
        """Take bytes; only a whole request stops the clock."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._await_request()
        else:
            self.quiet_since = None
            self._heard()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the client to read the rest of this answer."""
        self.quiet_since = self.loop.time()
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_reader()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that nobody used; one whose answer nobody read would not close in good order."""
        self.cut()

    def pause_writing(self) -> None:
        """Give a client that does not read a while."""
        super().pause_writing()
        self.quiet_since = self.loop.time() if self.quiet_since is None else self.quiet_since
        self._await_reader()

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        self._heeded()
        if self._whole_by is None and self.cycle is not None and not self.cycle.response_complete:
            self.quiet_since = None
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._heard()
        self._heeded()
        super().connection_lost(exc)

    def cut(self) -> None:
        """End the connection without a word: whoever sends half a request reads no answer."""
        self.transport.abort()

    def _await_request(self) -> None:
        if self._whole_by is None:
            self.quiet_since = self.loop.time()
            self._whole_by = self.loop.call_later(self.limits.header_seconds, self.cut)

    def _await_reader(self) -> None:
        if self._read_by is None:
            self._read_by = self.loop.call_later(self.limits.idle_seconds, self.cut)

    def _heard(self) -> None:
        if self._whole_by is not None:
            self._whole_by.cancel()
            self._whole_by = None

    def _heeded(self) -> None:
        if self._read_by is not None:
            self._read_by.cancel()
            self._read_by = None
