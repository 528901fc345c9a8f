"""
When something really came in, by the kernel's own clock, whatever this process was doing just then.

A busy event loop looks at a socket late, and a stop-watch that is read only then lies by as much. Linux stamps every packet
on arrival (SO_TIMESTAMPNS, for UDP and, since 4.14, for TCP), to the nanosecond; `tcpi_last_data_recv` of TCP_INFO says the
same only in steps of the kernel's tick (4 ms at 250 Hz), and about the newest packet, not the one that is read. For the end of
a TCP connect there is no packet to read; there the kernel's own measure of the first round trip (`tcpi_rtt`, in microseconds)
serves.

On other systems, and while the kernel has not yet begun to stamp, the instant of looking stands in: nothing is taken off.
Source: Linux, Documentation/networking/timestamping.rst; include/uapi/linux/tcp.h.
"""

import socket
import struct
import sys
import time
from typing import NamedTuple

STAMPED = sys.platform == "linux"
"""Whether this system tells when something came in."""
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python has no name for it
_TIMESPEC = struct.Struct("@ll")
_STAMP_SPACE_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)
_TCP_INFO_BYTES = 104
_RTT_MICROSECONDS = struct.Struct("@I")
_RTT_OFFSET, _TOTAL_RETRANSMITS_OFFSET = 68, 100


class Received(NamedTuple):
    """
    What came in.

    data: empty = the other side has closed. seen_at: monotonic instant at which we looked. late_seconds: how long it had lain in
    the kernel by then, >= 0.
    """

    data: bytes
    seen_at: float
    late_seconds: float

    @property
    def arrived_at(self) -> float:
        """Monotonic instant of arrival."""
        return self.seen_at - self.late_seconds


def want_stamps(sock: socket.socket) -> None:
    """Ask the kernel to stamp what comes in; a system that cannot is left as it is."""
    if STAMPED:
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        except OSError:  # a kernel without it: we do without corrections
            return


def receive(sock: socket.socket, most_bytes: int, since: float) -> Received:
    """
    Read what is there.

    Args:
        sock: non-blocking, connected.
        most_bytes: of data.
        since: monotonic instant before which it cannot have come (what it answers had not been sent); an earlier stamp is cut.

    Raises:
        OSError: BlockingIOError when nothing is there, or whatever broke the connection.
    """
    data, marks, _, _ = sock.recvmsg(most_bytes, _STAMP_SPACE_BYTES)
    seen_at = time.monotonic()
    if not marks:
        return Received(data, seen_at, 0.0)
    stamped = time.time() - _stamp(marks)
    # Wall-clock time, so a clock that was set meanwhile would tell nonsense: more than is possible is no lateness.
    return Received(data, seen_at, stamped if 0.0 < stamped <= seen_at - since else _cut(stamped, seen_at - since))


def _stamp(marks: list[tuple[int, int, bytes]]) -> float:
    seconds, nanoseconds = _TIMESPEC.unpack_from(marks[0][2])
    return float(seconds) + float(nanoseconds) * 1e-9


def _cut(late_seconds: float, most_seconds: float) -> float:
    return max(0.0, most_seconds) if 0.0 < late_seconds < most_seconds + 1.0 else 0.0


def connect_late_seconds(sock: socket.socket, begin: float, seen_at: float) -> float:
    """
    Return how long a TCP connection had been up when we noticed, 0 where the kernel cannot tell.

    Args:
        sock: just connected, nothing sent yet.
        begin: monotonic instant before connect.
        seen_at: monotonic instant at which we noticed.

    """
    if not STAMPED:
        return 0.0
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return 0.0
    if len(info) < _TCP_INFO_BYTES or any(info[_TOTAL_RETRANSMITS_OFFSET:]):
        return 0.0  # a lost packet: the round trip of the second try is not the time to connect
    (rtt_microseconds,) = _RTT_MICROSECONDS.unpack_from(info, _RTT_OFFSET)
    return max(0.0, seen_at - begin - rtt_microseconds * 1e-6) if rtt_microseconds else 0.0
