"""
A server with known delays: it answers names, holds its TLS flight, thinks, sends its body in two parts, and writes down when.

The truth about a probe is what the server did, not what it was asked to do: when a packet arrived is stamped by the kernel
(SO_TIMESTAMPNS), so that a server which gets its CPU late does not make the prober look wrong. A process of its own with a plain
epoll loop: nothing else runs in it.
"""

import heapq
import itertools
import multiprocessing
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from benchmarks.names import answer_to, name_asked
from benchmarks.truth import Truth

ADDRESS = "127.0.0.77"
"""Everything stands here: names at port 53, TLS at port 443, as on a real host, and out of the way of this machine's own."""

DOMAIN = "bench.test"
BODY_BYTES = 5_000

_SO_TIMESTAMPNS = 35  # <asm-generic/socket.h>; Python has no name for it
_TIMESPEC = struct.Struct("qq")
_LARGEST_REQUEST_BYTES = 64 * 1024
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """What the server adds to each phase, in seconds; connect cannot be delayed without the kernel's help and is 0."""

    resolve: float = 0.0
    tls: float = 0.0
    processing: float = 0.0
    transfer: float = 0.0


def url_of(number: int, *, processing_seconds: float | None = None) -> str:
    """
    Return the address of one probe; every probe has a host of its own, which ties it to the server's notes.

    Args:
        number: of the probe; each number is asked for once.
        processing_seconds: instead of the server's usual one.
    """
    query = "" if processing_seconds is None else f"?processing_ms={processing_seconds * 1000:g}"
    return f"https://p{number}.{DOMAIN}/{query}"


class DelayServer:
    """The server's process as its parent sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def truths(self) -> dict[int, Truth]:
        """Return the notes since the last call, by number of the probe."""
        self._connection.send("truths")
        truths: dict[int, Truth] = self._connection.recv()
        return truths


@contextmanager
def delay_server(delays: Delays, certificate: Path, *, answer_with: str = ADDRESS) -> Iterator[DelayServer]:
    """
    Run the server in a process of its own.

    Args:
        delays: of each phase.
        certificate: PEM file with key and chain for *.bench.test.
        answer_with: the IPv4 address that every name has.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, delays, certificate, answer_with), daemon=True)
    process.start()
    theirs.close()
    try:
        if not _is_ready(ours):
            raise RuntimeError(
                f"the server with known delays did not start at {ADDRESS}; are ports 53 and 443 free there?"
            )
        yield DelayServer(ours)
    finally:
        ours.close()
        process.join(5)
        process.kill()


def _is_ready(connection: Connection) -> bool:
    with suppress(EOFError):
        return connection.poll(_START_SECONDS) and connection.recv() == "ready"
    return False


def _serve(connection: Connection, delays: Delays, certificate: Path, address: str) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    tls.minimum_version = ssl.TLSVersion.TLSv1_3
    with closing(_Loop()) as loop:
        notes = _Notes()
        _Names(loop, delays, notes, address)
        _listen(loop, tls, delays, notes)

        def told() -> None:
            try:
                connection.recv()
            except EOFError:  # the parent is gone or done
                loop.stopped = True
                return
            connection.send(notes.taken())

        loop.watch(connection.fileno(), told)
        connection.send("ready")
        loop.run()


class _Notes:
    """The truths so far."""

    def __init__(self) -> None:
        self._truths: dict[int, Truth] = {}

    def add(self, host: str, *, late_seconds: float, **seconds: float) -> None:
        label = host.partition(".")[0]
        if label[:1] == "p" and label[1:].isdigit():
            truth = self._truths.get(int(label[1:]), Truth())
            worst = max(truth.late_seconds, late_seconds)
            self._truths[int(label[1:])] = replace(truth, late_seconds=worst, **seconds)

    def taken(self) -> dict[int, Truth]:
        taken, self._truths = self._truths, {}
        return taken


class _Loop:
    """Epoll and a heap of timers; no more than that."""

    def __init__(self) -> None:
        self.stopped = False
        self._epoll = select.epoll()
        self._readers: dict[int, Callable[[], None]] = {}
        self._timers: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()

    def watch(self, descriptor: int, reader: Callable[[], None]) -> None:
        self._readers[descriptor] = reader
        self._epoll.register(descriptor, select.EPOLLIN)

    def forget(self, descriptor: int) -> None:
        if self._readers.pop(descriptor, None):
            self._epoll.unregister(descriptor)

    def at(self, due: float, act: Callable[[float], None]) -> None:
        """Call act(due) at an instant of the monotonic clock; at once where it is over."""
        if due <= time.monotonic():
            act(due)
        else:
            heapq.heappush(self._timers, (due, next(self._order), act))

    def run(self) -> None:
        while not self.stopped:
            wait = max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else 1.0
            for descriptor, _ in self._epoll.poll(wait):
                if reader := self._readers.get(descriptor):
                    reader()
            while self._timers and self._timers[0][0] <= time.monotonic():
                due, _, act = heapq.heappop(self._timers)
                act(due)

    def close(self) -> None:
        self._epoll.close()


class _Names:
    """Answers every question with one address."""

    def __init__(self, loop: _Loop, delays: Delays, notes: _Notes, address: str) -> None:
        self._loop, self._delay, self._notes, self._address = loop, delays.resolve, notes, address
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((ADDRESS, 53))
        self._socket.setblocking(False)  # noqa: FBT003 - the signature is the socket's
        loop.watch(self._socket.fileno(), self._read)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            while True:
                question, extra, _, sender = self._socket.recvmsg(4096, 64)
                arrived = _arrival(extra)
                name = name_asked(question)
                self._loop.at(
                    arrived + self._delay,
                    lambda due, q=question, s=sender, a=arrived, n=name: self._answer(q, s, a, n, due),  # type: ignore[misc]
                )

    def _answer(self, question: bytes, sender: tuple[str, int], arrived: float, name: str, due: float) -> None:
        now = time.monotonic()
        self._socket.sendto(answer_to(question, self._address), sender)
        self._notes.add(name, resolve_seconds=now - arrived, late_seconds=now - due)


def _listen(loop: _Loop, tls: ssl.SSLContext, delays: Delays, notes: _Notes) -> None:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)  # connections inherit it
    listener.bind((ADDRESS, 443))
    listener.listen(4096)
    listener.setblocking(False)  # noqa: FBT003

    def accept() -> None:
        with suppress(BlockingIOError):
            while True:
                connection, _ = listener.accept()
                _Exchange(connection, loop, tls, delays, notes)

    loop.watch(listener.fileno(), accept)


class _Exchange:
    """One connection: handshake, request, answer in two parts; the client closes."""

    def __init__(
        self, connection: socket.socket, loop: _Loop, tls: ssl.SSLContext, delays: Delays, notes: _Notes
    ) -> None:
        self._socket, self._loop, self._delays, self._notes = connection, loop, delays, notes
        connection.setblocking(False)  # noqa: FBT003
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = tls.wrap_bio(self._in, self._out, server_side=True)
        self._request = bytearray()
        self._secured = self._answered = False
        self._tls_seconds = self._late_seconds = 0.0
        loop.watch(connection.fileno(), self._read)

    def _read(self) -> None:
        try:
            data, extra, _, _ = self._socket.recvmsg(_LARGEST_REQUEST_BYTES, 64)
        except OSError:
            data = b""
        if not data or self._answered:
            self._close()
            return
        arrived = _arrival(extra)
        self._in.write(data)
        try:
            if not self._secured:
                self._shake_hands(arrived)
            if self._secured:
                self._take_request(arrived)
        except (ssl.SSLError, OSError):
            self._close()

    def _shake_hands(self, arrived: float) -> None:
        try:
            self._tls.do_handshake()
            self._secured = True
        except ssl.SSLWantReadError:
            if self._out.pending:  # our first flight is made; it leaves when the delay is over
                self._loop.at(arrived + self._delays.tls, lambda due: self._send_flight(arrived, due))

    def _send_flight(self, arrived: float, due: float) -> None:
        now = time.monotonic()
        self._send()
        self._tls_seconds, self._late_seconds = now - arrived, now - due

    def _take_request(self, arrived: float) -> None:
        with suppress(ssl.SSLWantReadError):
            self._request += self._tls.read(_LARGEST_REQUEST_BYTES)
        self._send()  # session tickets
        if b"\r\n\r\n" not in self._request:
            return
        self._answered = True
        path, host = _path_and_host(bytes(self._request))
        asked = parse_qs(urlsplit(path).query).get("processing_ms")
        delay = float(asked[0]) / 1000 if asked else self._delays.processing
        self._loop.at(arrived + delay, lambda due: self._send_head(host, arrived, due))

    def _send_head(self, host: str, arrived: float, due: float) -> None:
        first = BODY_BYTES if self._delays.transfer == 0 else BODY_BYTES // 2
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {BODY_BYTES}\r\nConnection: close\r\n\r\n"
        )
        now = time.monotonic()
        self._write(head.encode() + _BODY[:first])
        self._notes.add(
            host,
            tls_seconds=self._tls_seconds,
            processing_seconds=now - arrived,
            transfer_seconds=0.0,
            late_seconds=max(self._late_seconds, now - due),
        )
        if first < BODY_BYTES:
            self._loop.at(now + self._delays.transfer, lambda due: self._send_rest(host, first, now, due))

    def _send_rest(self, host: str, first: int, head_sent: float, due: float) -> None:
        now = time.monotonic()
        self._write(_BODY[first:])
        self._notes.add(host, transfer_seconds=now - head_sent, late_seconds=now - due)

    def _write(self, data: bytes) -> None:
        with suppress(ssl.SSLError):
            self._tls.write(data)
        self._send()

    def _send(self) -> None:
        if self._out.pending:
            with suppress(OSError):  # a client that has gone notices nothing
                self._socket.send(self._out.read())  # a few KB: they always fit into the socket's buffer

    def _close(self) -> None:
        self._loop.forget(self._socket.fileno())
        self._socket.close()


def _arrival(extra: Sequence[tuple[int, int, bytes]]) -> float:
    """Return when a packet came, by the kernel's stamp, on the monotonic clock."""
    now = time.monotonic()
    for level, kind, data in extra:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            lain_seconds: float = time.time() - seconds - nanoseconds / 1e9
            return now - max(0.0, lain_seconds)
    return now


def _path_and_host(request: bytes) -> tuple[str, str]:
    lines = request.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return lines[0].split(" ")[1], headers.get("host", "")


_SENTENCE = "<p>Nộp hồ sơ trực tuyến, tra cứu kết quả giải quyết thủ tục hành chính, đánh giá sự hài lòng.</p>\n"
_BODY = f"<!doctype html><html lang='vi'><head><title>Cổng dịch vụ công</title></head><body>{_SENTENCE * 60}".encode()[
    :BODY_BYTES
]
