"""
Stamps the phases of one HTTP exchange with the monotonic clock.

aiohttp's own tracing cannot split TCP from TLS, so a subclass of ssl.SSLObject stamps its own calls: the first handshake call
means that TCP is up, the last that TLS is up, `write` sends the request, `read` brings the answer. A context variable ties
all of it to the probe that runs.
"""

import ssl
import time
from contextvars import ContextVar
from typing import Any

_CURRENT: ContextVar["Stopwatch | None"] = ContextVar("stopwatch", default=None)


def current() -> "Stopwatch | None":
    """Return the stop-watch of the probe that runs in this context."""
    return _CURRENT.get()


class Stopwatch:
    """
    The instants of one hop, in seconds of the monotonic clock; None = not reached.

    resolve = resolve_end - resolve_start, connect = connected - resolve_end, tls = secured - connected,
    processing = first_byte - sent, transfer = last_byte - first_byte.
    """

    __slots__ = (
        "certificate",
        "cipher",
        "connected",
        "first_byte",
        "last_byte",
        "resolve_end",
        "resolve_start",
        "secured",
        "sent",
        "start",
        "tls_version",
    )

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.resolve_start: float | None = None
        self.resolve_end: float | None = None
        self.connected: float | None = None
        self.secured: float | None = None
        self.sent: float | None = None
        self.first_byte: float | None = None
        self.last_byte: float | None = None
        self.certificate: dict[str, Any] | None = None
        self.tls_version = ""
        self.cipher = ""

    def __enter__(self) -> "Stopwatch":
        _CURRENT.set(self)
        return self

    def __exit__(self, *exc: object) -> None:
        _CURRENT.set(None)

    def resolve_started(self) -> None:
        """Stamp the question for the address."""
        self.resolve_start = time.monotonic()

    def resolve_ended(self) -> None:
        """Stamp the answer."""
        self.resolve_end = time.monotonic()

    def phases(self) -> dict[str, float]:
        """Return the durations of the phases that were reached, by name, in seconds."""
        connect_from = self.resolve_end if self.resolve_end is not None else self.start
        spans = {
            "resolve_seconds": (self.resolve_start, self.resolve_end),
            "connect_seconds": (connect_from, self.connected),
            "tls_seconds": (self.connected, self.secured),
            "processing_seconds": (self.sent, self.first_byte),
            "transfer_seconds": (self.first_byte, self.last_byte),
        }
        return {
            name: max(0.0, end - begin) for name, (begin, end) in spans.items() if begin is not None and end is not None
        }


class StampedSSLObject(ssl.SSLObject):
    """An SSLObject that stamps the stop-watch of the context it was made in."""

    _watch: Stopwatch | None = None

    def do_handshake(self) -> None:
        """Stamp the first call as "TCP is up" and the successful one as "TLS is up"."""
        watch = self._watch
        if watch is None:
            watch = self._watch = _CURRENT.get()
        if watch is None:
            super().do_handshake()
            return
        if watch.connected is None:
            watch.connected = time.monotonic()
        super().do_handshake()
        watch.secured = time.monotonic()
        watch.certificate = self.getpeercert()
        watch.tls_version = self.version() or ""
        cipher = self.cipher()
        watch.cipher = cipher[0] if cipher else ""

    def write(self, data: Any) -> int:
        """Stamp the request."""
        watch = self._watch
        if watch is not None and watch.secured is not None and len(data):
            watch.sent = time.monotonic()
        return super().write(data)

    def read(self, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - the signature is ssl's
        """Stamp the first and the last byte of the answer."""
        got = super().read(len, buffer) if buffer is not None else super().read(len)
        watch = self._watch
        if watch is not None and got and watch.sent is not None:
            watch.last_byte = time.monotonic()
            if watch.first_byte is None:
                watch.first_byte = watch.last_byte
        return got
