"""
The phases of one exchange, each exact by itself: it begins when we send something and ends when the kernel has the answer.

What lies between an answer's arrival and our looking at it is our own lateness, and the wait for a place at the gate is our own
queueing: neither is part of any phase.
"""

from dataclasses import dataclass
from enum import StrEnum

from probes.net.arrival import Received
from probes.net.certificates import Tls


class ExchangeStep(StrEnum):
    """What an exchange is doing just now."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    QUEUE = "queue"
    TLS = "tls"
    ANSWER = "answer"


PHASES = (
    "resolve_seconds",
    "queue_seconds",
    "connect_seconds",
    "tls_seconds",
    "processing_seconds",
    "processing_raw_seconds",
    "transfer_seconds",
    "late_seconds",
)


@dataclass(slots=True, kw_only=True)
class Stopwatch:
    """
    One hop; None = not reached. Durations in seconds, >= 0.

    resolve: from the question to the answer. connect: TCP. queue: our own wait for a place at the gate. tls: from our hello
    to the arrival of the server's last part of the handshake, our own arithmetic left out. processing: from the request sent
    to the arrival of the answer's first byte; processing_raw: to our reading it. transfer: from the first to the last byte.
    late: answers lay in the kernel for so long while this process was busy elsewhere. dead_addresses: that refused before one
    took us; connect holds their time as well. newest: the last that came of the
    answer so far.
    """

    host: str = ""
    address: str = ""
    status: int = 0
    step: ExchangeStep = ExchangeStep.RESOLVE
    resolve_seconds: float | None = None
    queue_seconds: float | None = None
    connect_seconds: float | None = None
    tls_seconds: float | None = None
    processing_seconds: float | None = None
    processing_raw_seconds: float | None = None
    transfer_seconds: float | None = None
    late_seconds: float = 0.0
    name_server: str = ""
    questions: int = 0
    dead_addresses: int = 0
    tls: Tls | None = None
    newest: Received | None = None
    _first_byte: float = 0.0

    def first_byte(self, sent_at: float, received: Received) -> None:
        """Note the beginning of the answer."""
        self.processing_raw_seconds = received.seen_at - sent_at
        self._first_byte = max(sent_at, received.seen_at - received.late_seconds)
        self.processing_seconds = self._first_byte - sent_at

    def last_byte(self) -> None:
        """Note that what came last was the end; lateness before it ran in parallel with the transfer, so only this counts."""
        received = self.newest
        if received is None:
            return
        self.transfer_seconds = max(0.0, received.seen_at - received.late_seconds - self._first_byte)
        self.late_seconds += received.late_seconds

    def phases(self) -> dict[str, float]:
        """Return the durations that were reached, by name."""
        return {name: value for name in PHASES if (value := getattr(self, name)) is not None}
