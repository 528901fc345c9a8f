"""
What a line does to the bytes of a page: pure arithmetic, the time is passed in (seconds of `LineClock`).

The model is that of WebPageTest's tsproxy. Each direction is one wire that all connections of a page share:

- Rate. Bytes leave one after the other, in pieces of about one segment, in turn among the connections that have some (a fair
  queue: a picture never holds up a style sheet for longer than one piece). The rate is that of packets of 1,500 bytes,
  of which 1,460 are ours.
- Latency. Everything arrives half a round trip after it left: bytes, ends, resets, questions for a name, openings.
- Slow start. A sender may have ten segments on the way (RFC 6928) and, for each byte confirmed, one more: without this a
  picture of 200 KB over 4G would come half a second too early. Confirmations take half a round trip and no room.
- Breaks. In a stall or a cut the line's time stands still, for what is on the way too.

Left out: packet loss with its retransmissions, smaller windows after idle times, queues in routers (a full line delays nobody
else). All is scheduled by absolute times, so that an event loop that comes late delays one delivery and adds up to nothing.

Source: github.com/WPO-Foundation/tsproxy (README); RFC 6928; RFC 5681, section 3.1.
"""

import math
from collections import deque
from collections.abc import Callable

from thuocdo.core.profiles import Line

SEGMENT_BYTES = 1460
PACKET_BYTES = 1500
INITIAL_WINDOW_BYTES = 10 * SEGMENT_BYTES
LARGEST_WINDOW_BYTES = 6 * 1024 * 1024  # the largest receive buffer Linux gives by default (net.ipv4.tcp_rmem)
PIECE_SECONDS = 0.002  # finer pieces than timers can tell apart would only cost CPU
LARGEST_PIECE_BYTES = 16 * 1024
FULL_BYTES = 64 * 1024
"""Bytes that may wait in a flow before its source should pause; it may go on at half of it."""

NEVER = math.inf


class LineClock:
    """
    The line's own time in seconds since `now`: it stands still while nothing passes.

    Stalls begin whenever a multiple of the line's stall_every_seconds has gone by (cuts not counted).
    """

    def __init__(self, line: Line, now: float) -> None:
        self._began = now
        self._every = line.stall_every_seconds if line.stall_seconds else 0.0
        self._stall = line.stall_seconds
        self._cut_at: float | None = None

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes until the line is restored."""
        return self._cut_at is not None

    def at(self, now: float) -> float:
        """Return the line's time at an instant of the monotonic clock."""
        uncut = self._uncut(now)
        if not self._every or uncut < self._every:
            return uncut
        stalls, into = divmod(uncut, self._every)
        return uncut - (stalls - 1) * self._stall - min(into, self._stall)

    def seconds_until(self, due: float, now: float) -> float:
        """Return how long it takes from `now` until the line's time is `due`; for ever while the line is cut."""
        if self._cut_at is not None or due == NEVER:
            return NEVER
        uncut = due
        if self._every and due > self._every:
            stalls, into = divmod(due - self._every, self._every - self._stall)
            uncut = (stalls + 1) * self._every + self._stall + into
        return max(0.0, uncut - self._uncut(now))

    def cut(self, now: float) -> None:
        """Stop."""
        if self._cut_at is None:
            self._cut_at = now

    def restore(self, now: float) -> None:
        """Go on."""
        if self._cut_at is not None:
            self._began += now - self._cut_at
            self._cut_at = None

    def _uncut(self, now: float) -> float:
        return (now if self._cut_at is None else self._cut_at) - self._began


class Lane:
    """
    One direction of a line.

    Args:
        latency_seconds: from one end to the other.
        bits_per_second: of packets; None = not limited.

    """

    def __init__(self, latency_seconds: float, bits_per_second: float | None) -> None:
        self._latency = latency_seconds
        self._byte_seconds = 8 * PACKET_BYTES / SEGMENT_BYTES / bits_per_second if bits_per_second else 0.0
        self._piece_bytes = LARGEST_PIECE_BYTES
        if bits_per_second:
            fitting = int(PIECE_SECONDS / self._byte_seconds)
            self._piece_bytes = min(max(SEGMENT_BYTES, fitting), LARGEST_PIECE_BYTES)
        # Who leaves when, and in which turn, can be worked out a little later: never after it arrives, and well before FULL_BYTES
        # have left, so that a source that pauses is told in time.
        self._slack = min(latency_seconds, FULL_BYTES / 4 * self._byte_seconds)
        self._free_at = 0.0
        self._ready: deque[Flow] = deque()
        self._starved: set[Flow] = set()
        # Both in the order of their times: what is on the way, and what the other end has confirmed by then.
        self._on_the_way: deque[tuple[float, Callable[[], None]]] = deque()
        self._confirmations: deque[tuple[float, Flow, int]] = deque()

    def signal(self, arrive: Callable[[], None], now: float) -> None:
        """Send what has no size to speak of, such as the opening of a connection; `arrive` is called at the other end."""
        self._on_the_way.append((max(self._free_at, now) + self._latency, arrive))

    def run(self, now: float) -> None:
        """Do all that is due: bytes leave, arrive and are confirmed, each at its own time."""
        while True:
            start = max(self._free_at, self._ready[0].ready_at) if self._ready else NEVER
            confirmed = self._confirmations[0][0] if self._confirmations else NEVER
            if min(start, confirmed) > now:
                break
            if confirmed <= start:
                self._confirm()
            else:
                self._leave(start)
        while self._on_the_way and self._on_the_way[0][0] <= now:
            self._on_the_way.popleft()[1]()

    def next_due(self) -> float:
        """Return the time at which `run` is needed again."""
        due = self._on_the_way[0][0] if self._on_the_way else NEVER
        if self._ready:
            due = min(due, max(self._free_at, self._ready[0].ready_at) + self._slack)
        if self._starved:
            due = min(due, self._confirmations[0][0] + self._slack)
        return due

    def offer(self, flow: "Flow", now: float) -> None:
        """Put a flow in the queue where it may send; called by the flow itself."""
        if flow.starved:
            self._starved.add(flow)
        if flow.queued or not flow.may_send:
            return
        flow.queued = True
        flow.ready_at = now
        self._ready.append(flow)

    def _leave(self, start: float) -> None:
        flow = self._ready.popleft()
        flow.queued = False
        if not flow.may_send:  # its receiver has become full meanwhile
            return
        size, arrive = flow.take(self._piece_bytes)
        self._free_at = start + size * self._byte_seconds
        arrival = self._free_at + self._latency
        self._on_the_way.append((arrival, arrive))
        if size:
            self._confirmations.append((arrival + self._latency, flow, size))
        self.offer(flow, start)

    def _confirm(self) -> None:
        due, flow, size = self._confirmations.popleft()
        flow.confirm(size)
        self._starved.discard(flow)
        self.offer(flow, due)


class Flow:
    """
    One direction of one connection: bytes come out of it in order and complete, each once.

    Args:
        lane: that carries it.
        deliver: called with the bytes at the other end.
        on_room: called once few bytes wait again after FULL_BYTES had been reached.

    """

    def __init__(self, lane: Lane, deliver: Callable[[bytes], None], on_room: Callable[[], None]) -> None:
        self._lane = lane
        self._deliver = deliver
        self._on_room = on_room
        self._items: deque[bytearray | Callable[[], None]] = deque()
        self._waiting_bytes = 0
        self._unconfirmed_bytes = 0
        self._window_bytes = INITIAL_WINDOW_BYTES
        self._held = False
        self._was_full = False
        self.queued = False
        self.ready_at = 0.0

    @property
    def full(self) -> bool:
        """Whether its source should pause; `on_room` says when to go on."""
        if self._waiting_bytes >= FULL_BYTES:
            self._was_full = True
        return self._was_full

    @property
    def may_send(self) -> bool:
        """Whether the lane may take something now."""
        if not self._items:
            return False
        return callable(self._items[0]) or (not self._held and self._unconfirmed_bytes < self._window_bytes)

    @property
    def starved(self) -> bool:
        """Whether only confirmations are missing."""
        return bool(self._items) and not self._held and not self.may_send

    def push(self, data: bytes, now: float) -> None:
        """Send bytes."""
        last = self._items[-1] if self._items else None
        if isinstance(last, bytearray):
            last += data
        else:
            self._items.append(bytearray(data))
        self._waiting_bytes += len(data)
        self._lane.offer(self, now)

    def finish(self, arrive: Callable[[], None], now: float) -> None:
        """Send an end or a reset behind all bytes; `arrive` is called at the other end."""
        self._items.append(arrive)
        self._lane.offer(self, now)

    def hold(self) -> None:
        """Send no bytes until `release`: the receiver takes no more."""
        self._held = True

    def release(self, now: float) -> None:
        """Go on sending."""
        self._held = False
        self._lane.offer(self, now)

    def drop_if_held(self) -> None:
        """Forget the bytes that wait for a receiver that takes no more: their sender is gone and could not send them again."""
        if self._held:
            self._items = deque(item for item in self._items if not isinstance(item, bytearray))
            self._waiting_bytes = 0

    def take(self, limit_bytes: int) -> tuple[int, Callable[[], None]]:
        """Take the next piece off; returns its size and what to do when it arrives. Called by the lane."""
        head = self._items[0]
        if not isinstance(head, bytearray):
            self._items.popleft()
            return 0, head
        size = min(len(head), limit_bytes, self._window_bytes - self._unconfirmed_bytes)
        piece = bytes(head[:size])
        del head[:size]
        if not head:
            self._items.popleft()
        self._waiting_bytes -= size
        self._unconfirmed_bytes += size
        if self._was_full and self._waiting_bytes <= FULL_BYTES // 2:
            self._was_full = False
            self._on_room()
        return size, lambda: self._deliver(piece)

    def confirm(self, size: int) -> None:
        """Note that bytes have arrived: as many more may be on the way from now on."""
        self._unconfirmed_bytes -= size
        self._window_bytes = min(self._window_bytes + size, LARGEST_WINDOW_BYTES)
