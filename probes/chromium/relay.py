"""
Carries connections over a shaped line: the line with its timer, and the two sockets of each connection.

A connection has a citizen's end (the browser's socket) and a portal's end (ours to the server). What one of them reads enters a
flow; what leaves the flow, a line's time later, is written to the other. Ends and resets take the same way.
"""

import asyncio
import math
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from probes.chromium import socks
from probes.chromium.ends import BrowserEnd, End
from probes.chromium.first_words import FirstWords
from probes.chromium.shaping import FULL_BYTES, Flow, Lane, LineClock
from thuocdo.core.profiles import Line

SHORTEST_SLEEP_SECONDS = 0.001  # uvloop spins on shorter ones
EARLY_SECONDS = 0.0005  # timers know whole milliseconds: half of one too early or too late adds up to nothing
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # struct linger: on, no time


class RelayedLine:
    """A line that runs: its clock, both lanes and the one timer that drives them."""

    def __init__(self, line: Line) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = LineClock(line, time.monotonic())
        self.up = Lane(line.rtt_seconds / 2, line.up_bits_per_second)
        self.down = Lane(line.rtt_seconds / 2, line.down_bits_per_second)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = math.inf
        self._running = False
        self._closed = False

    def send(self, put: Callable[[float], None]) -> None:
        """Bring the line up to now, put something on it (called with the line's time), and see to it that it goes on."""
        if self._closed:
            return
        now = self._clock.at(time.monotonic())
        if self._clock.is_cut:  # it would arrive in the instant of the cut where the line has no latency
            put(now)
            return
        if self._running:  # something that arrived causes something to be sent: the run under way sees to it
            put(now)
            return
        try:
            self._run(now)  # what was due before comes before
            put(now)
            self._run(now)
        finally:
            self._sleep()

    def passed(self, lane: Lane) -> Awaitable[None]:
        """Return what ends when a signal sent now has passed a lane."""
        arrived: asyncio.Future[None] = self._loop.create_future()
        self.send(lambda now: lane.signal(lambda: None if arrived.done() else arrived.set_result(None), now))
        return arrived

    def cut(self) -> None:
        """Let nothing pass until `restore`; connections survive."""
        self._wake()
        self._clock.cut(time.monotonic())
        self._sleep()

    def restore(self) -> None:
        """Let everything pass again."""
        self._clock.restore(time.monotonic())
        self._wake()

    def close(self) -> None:
        """Stop the timer; what is on the way is lost."""
        self._closed = True
        if self._timer:
            self._timer.cancel()

    def _run(self, now: float) -> None:
        self._running = True
        try:
            self.up.run(now)
            self.down.run(now)
        finally:
            self._running = False

    def _wake(self) -> None:
        if self._closed or self._clock.is_cut:
            return
        self._timer_due = math.inf
        try:
            self._run(self._clock.at(time.monotonic() + EARLY_SECONDS))
        finally:  # a fault in one connection must not stop the others
            self._sleep()

    def _sleep(self) -> None:
        due = min(self.up.next_due(), self.down.next_due())
        now = time.monotonic()
        seconds = self._clock.seconds_until(due, now)
        if self._timer and self._timer_due <= now + seconds:
            return  # it wakes early enough
        if self._timer:
            self._timer.cancel()
        self._timer, self._timer_due = None, math.inf
        if seconds < math.inf:
            seconds = max(SHORTEST_SLEEP_SECONDS, seconds)
            self._timer_due = now + seconds
            self._timer = self._loop.call_later(seconds, self._wake)


class Relay:
    """
    One connection of a browser: SOCKS first, then bytes both ways.

    Args:
        wire: the line it takes.
        dial: connects a protocol to a destination, names resolved over the line; raises OSError where that fails.
        passes: whether what the browser has just sent may be handed on; what may not is dropped.
        on_end: called once both sockets are closed.
        http_only: end it where the browser begins with anything but HTTP, be it over TLS.

    """

    def __init__(
        self,
        wire: RelayedLine,
        dial: Callable[[socks.Destination, asyncio.Protocol], Awaitable[None]],
        passes: Callable[[], bool],
        on_end: Callable[["Relay"], None],
        *,
        http_only: bool = False,
    ) -> None:
        self._wire = wire
        self._dial = dial
        self.passes = passes
        self.first_words = FirstWords() if http_only else None
        self._on_end = on_end
        self._opening: asyncio.Task[None] | None = None
        self.citizen = _Citizen(self, wire)
        self.portal = _End(self, wire)
        self.citizen.join(self.portal, wire.up)
        self.portal.join(self.citizen, wire.down)

    def open(self, destination: socks.Destination) -> None:
        """Connect to the destination; the browser is told when the answer has come over the line."""
        self._opening = asyncio.create_task(self._open(destination))
        self._opening.add_done_callback(self._opened)

    def end_lost(self) -> None:
        """Note that a socket of this connection is closed."""
        if self.citizen.is_lost and self._opening:
            self._opening.cancel()  # nobody waits for it any more; does nothing once it is done
        if self.is_over:
            self._on_end(self)

    @property
    def is_over(self) -> bool:
        """Whether nothing of this connection is left."""
        idle = self._opening is None or self._opening.done()
        return self.citizen.is_lost and idle and (self.portal.is_lost or not self.portal.was_connected)

    def abort(self) -> None:
        """Drop both sockets now."""
        if self._opening:
            self._opening.cancel()
        self.citizen.abort()
        self.portal.abort()

    async def _open(self, destination: socks.Destination) -> None:
        try:
            await self._dial(destination, self.portal)
            code = socks.GRANTED
        except OSError as exc:
            code = socks.reply_code(exc)
        self._wire.send(lambda now: self._wire.down.signal(lambda: self.citizen.answer(code), now))

    def _opened(self, opening: asyncio.Task[None]) -> None:
        fault = None if opening.cancelled() else opening.exception()
        if fault:  # of ours; it ends this connection only
            message = {"message": "a connection over a line was not opened", "exception": fault}
            asyncio.get_running_loop().call_exception_handler(message)
            self.citizen.abort()
        self.end_lost()


class _End(End):
    """One socket: what it reads goes into a flow; what comes out of its peer's flow is written to it."""

    def __init__(self, relay: Relay, wire: RelayedLine) -> None:
        super().__init__(FULL_BYTES)
        self._relay = relay
        self._wire = wire
        self.has_ended = False

    def join(self, peer: "_End", lane: Lane) -> None:
        """Say where to send what is read, and over which lane."""
        self._peer = peer
        self._outgoing = Flow(lane, peer.write, self._resume)

    def data_received(self, data: bytes) -> None:
        self._wire.send(lambda now: self._outgoing.push(data, now))
        if self._outgoing.full and self._transport and not self.is_lost:
            self._transport.pause_reading()

    def eof_received(self) -> bool | None:
        self._wire.send(lambda now: self._outgoing.finish(self._peer.end, now))
        return True  # the other direction lives on

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - a reset, or an end that both sides know of
        self.is_lost = True
        self._outgoing.drop_if_held()
        self._wire.send(lambda now: self._outgoing.finish(self._peer.abort, now))
        self._peer.release_sender()  # what is still sent to us goes nowhere
        self._relay.end_lost()

    def pause_writing(self) -> None:
        self._peer.hold_sender()

    def resume_writing(self) -> None:
        self._peer.release_sender()

    def hold_sender(self) -> None:
        """Keep what was read: the peer takes no more."""
        self._outgoing.hold()

    def release_sender(self) -> None:
        """Send on."""
        self._wire.send(self._outgoing.release)

    def end(self) -> None:
        """Hand over that the peer has nothing more to say; when both have said so, the connection is over."""
        self.has_ended = True
        if self._transport is None or self._transport.is_closing():
            return
        if self._peer.has_ended:
            self.close()
            self._peer.close()
        else:
            with suppress(OSError):  # reset meanwhile, which connection_lost is about to tell
                self._transport.write_eof()

    def abort(self) -> None:
        """Drop the socket; its other end sees a reset, as it would without us in between."""
        if self._transport is None or self.is_lost:
            return
        its_socket = self._transport.get_extra_info("socket")
        if its_socket is not None and not self._transport.is_closing():
            with suppress(OSError):
                its_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def _resume(self) -> None:
        if self._transport and not self.is_lost and not self._transport.is_closing():
            self._transport.resume_reading()

    def abort_both(self) -> None:
        """Drop both sockets."""
        self._relay.abort()


class _Citizen(BrowserEnd, _End):
    """The browser's."""

    def __init__(self, relay: Relay, wire: RelayedLine) -> None:
        super().__init__(relay, wire)
        self.greet(relay.passes, relay.open, relay.first_words)
