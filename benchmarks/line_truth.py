"""
What a visit to benchmarks.line_pages must take over a line: arithmetic alone, from round trips, bytes on the wire and rates.

With T the round trip, u(n) and d(n) the time n bytes need up and down (n · 8 · 1500 / 1460 ÷ rate: packets of 1,500 bytes carry
1,460), and every direction taking T / 2:

    opening    2 T: one for the name, one for TCP
    handshake  u(hello) + T + d(flight): TLS 1.3
    question   u(finished + request) + T / 2
    answer     T / 2 + d(bytes), and in slow start a wait for confirmations after each window full:
               a round of w bytes begins max(T + d(1460), d(w)) after the one before, and the next one has 2 w.
               The first window is 14,600 bytes (RFC 6928) and what the connection has had confirmed before.

    TTFB = opening + handshake + question + answer(tickets + headers)
    seen = TTFB + d(document), one TLS record: the browser reads nothing of it before its end
    FCP  = seen + u(request) + T / 2 + answer(style sheet), over the same connection
    load = seen + opening + handshake + question + answer(picture), of the other host

The browser is taken to need no time at all, and so is the server. Nothing of style sheet and picture overlaps: the sheet is
there before the picture's handshake has ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.line_pages import MEDIA_HOST, PORTAL_HOST
from thuocdo.core.profiles import Line

FIRST_WINDOW_BYTES = 14_600
SEGMENT_BYTES = 1460
PACKET_SHARE = 1460 / 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Seconds since the visit began."""

    ttfb: float
    fcp: float
    load: float


def up_seconds(line: Line, size: float) -> float:
    """Return how long bytes need to leave the citizen."""
    return size * 8 / PACKET_SHARE / line.up_bits_per_second if line.up_bits_per_second else 0.0


def down_seconds(line: Line, size: float) -> float:
    """Return how long bytes need to leave the portal."""
    return size * 8 / PACKET_SHARE / line.down_bits_per_second if line.down_bits_per_second else 0.0


def sending_seconds(line: Line, size: float, window: float, *, up: bool = False) -> float:
    """Return the time from the first to the last byte's leaving in slow start. window: bytes that may be on the way at first."""
    seconds = up_seconds if up else down_seconds
    began = 0.0
    while size > window:
        began += max(line.rtt_seconds + seconds(line, SEGMENT_BYTES), seconds(line, window))
        size -= window
        window *= 2
    return began + seconds(line, size)


def visit_times(line: Line, traces: Sequence[Mapping[str, Any]]) -> Times:
    """
    Return what a visit must take.

    Args:
        line: that it took.
        traces: its connections, from benchmarks.line_pages.fetch_traces.

    Raises:
        ValueError: the browser went another way than the one worked out here (other connections than two).

    """
    hosts = [trace["host"] for trace in traces]
    if hosts != [PORTAL_HOST, MEDIA_HOST]:
        raise ValueError(f"connections to {hosts} instead of one to each host")
    portal, media = traces
    half = line.rtt_seconds / 2

    asked, window = _handshake(line, portal["runs"])
    head, document = portal["answers"]["/"]
    tickets = sum(portal["runs"][3:-1:2]) - head - document
    came_in, of_request = portal["runs"][2], sum(portal["runs"][2:-2:2])
    answered = asked + up_seconds(line, of_request) + half
    ticketed = asked + up_seconds(line, came_in) + half + down_seconds(line, tickets)
    ttfb = max(answered, ticketed) + down_seconds(line, head) + half
    seen = ttfb + down_seconds(line, document)

    window += tickets + head + document
    requested = seen + up_seconds(line, portal["runs"][-2]) + half
    fcp = requested + sending_seconds(line, portal["runs"][-1], window) + half

    asked, window = _handshake(line, media["runs"])
    requested = seen + asked + up_seconds(line, sum(media["runs"][2::2])) + half
    load = requested + sending_seconds(line, sum(media["runs"][3::2]), window) + half
    return Times(ttfb=with_stalls(line, ttfb), fcp=with_stalls(line, fcp), load=with_stalls(line, load))


def with_stalls(line: Line, seconds: float) -> float:
    """Return when the line has had so many seconds of carrying anything, counted from its opening."""
    every, stall = line.stall_every_seconds, line.stall_seconds
    if not stall or seconds <= every:
        return seconds
    return seconds + stall * (1 + (seconds - every) // (every - stall))


def _handshake(line: Line, runs: Sequence[int]) -> tuple[float, float]:
    """Return when the first request can leave on a new connection, and the window its answer finds."""
    hello, flight = runs[:2]
    seconds = 3 * line.rtt_seconds + up_seconds(line, hello) + down_seconds(line, flight)
    return seconds, FIRST_WINDOW_BYTES + flight
