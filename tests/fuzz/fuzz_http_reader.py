"""
Throws bytes at the HTTP reader that no server should send, for as long as is wished: `python tests/fuzz/fuzz_http_reader.py`.

Nothing is asked of any network: a pair of sockets stands for the connection. Each input follows from the seed and its number
alone, so `--seed 7 --only 123456` shows one again. What must hold of each, else it is printed and the exit code is 1:

- the client ends, with an answer or with its own error, never with another exception;
- others have their turn on the loop in between (`probes.net.channel.TURN_READS`);
- no more is read than its limits allow, and no more is kept than was wished;
- the answer that came out can be judged (charset, compression, page), and a database takes what is told of it.
"""

import argparse
import asyncio
import math
import random
import resource
import socket
import ssl
import struct
import sys
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import trustme

from probes import http
from probes.net import dns
from probes.net.answer import MOST_OVERHEAD_BYTES
from probes.net.arrival import Received
from probes.net.channel import TURN_BYTES, TURN_READS, Channel
from probes.net.client import FetchOptions, HopResponse, HttpClient
from probes.net.cookies import ChainCookies
from probes.net.destination import destination_of
from probes.net.fault import ExchangeError
from probes.net.stopwatch import Stopwatch
from probes.net.stream import BULK_BYTES, PlainStream, TlsStream
from thuocdo.core.model import Block, Job, Target, TargetRole

URL = "http://portal.test/"
WISH = FetchOptions(kept_bytes=64 * 1024, most_bytes=256 * 1024)
MOST_READ_BYTES = WISH.most_bytes + MOST_OVERHEAD_BYTES + 2 * BULK_BYTES
MOST_SECONDS = 20.0  # both sides wait for ever: a deadline ends that elsewhere, and here nothing should come to it
MOST_GROWTH_KIB = 200 * 1024
_TARGET = Target(
    id="p.home",
    role=TargetRole.HOMEPAGE,
    url=URL,
    agency_id="p",
    portal_id="p",
    block=Block.PROVINCE,
    expected_text="x",
)
_JOB = Job(
    target=_TARGET,
    kind="http",
    vantage_id="v",
    profile="desktop",
    scheduled_at=datetime(2026, 11, 28, tzinfo=UTC),
    deadline_seconds=10.0,
)

_STATUS = (
    *(b"HTTP/1.1 200 OK", b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Early Hints", b"HTTP/1.1 101 Switching Protocols"),
    *(b"HTTP/1.0 200", b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 Not Modified", b"HTTP/1.1 302 Found"),
    *(b"HTTP/1.1 403 No",),
    *(b"HTTP/1.1 500 \xff\x00", b"HTTP/1.1 999 x", b"HTTP/1.1 000 x", b"HTTP/3.7 200 OK", b"HTTP/1.1 99999999999 x"),
    *(b"ICY 200 OK", b"SSH-2.0-x", b"PRI * HTTP/2.0", b"<html>", b"HTTP/1.1 200", b"HTTP/1.1  200  OK"),
    *(b"\r\n\r\n", b"\x00"),
)
_HEADERS = (
    *(b"Content-Length: 5", b"Content-Length: 0", b"Content-Length: -5", b"Content-Length: 99999999999999999999"),
    *(b"A:",),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked, chunked"),
    *(b": x", b"X Y: z", b"X-A : b", b"no colon", b" folded", b"Set-Cookie: a=b; path=/", b"Content-Length: 5, 5"),
    *(b"Transfer-Encoding: identity", b"Location: /a\\b\xe9", b"Content-Encoding: gzip, gzip", b"Refresh: 0; url=/"),
    *(b"Content-Encoding: gzip", b"Content-Encoding: br", b"Content-Type: text/html; charset=utf-16"),
    *(b"Connection: close",),
    *(b"Content-Type: text/html; charset=idna", b"Content-Type: text/html; charset=\xff\xfe", b"Upgrade: websocket"),
    *(b"Content-Type: text/html; charset=punycode", b"Content-Type: text/html; charset=undefined", b"Trailer: x"),
    *(b"Location: //127.0.0.1/", b"Location: http://[::1", b"Retry-After: \xc2\xb2", b" folded", b"X: \x00"),
    *(b"X\x01: y",),
    *(b"Set-Cookie: a=b", b"Connection: Upgrade", b"Sec-WebSocket-Key1: 1", b"X: y\rZ: w", b"X : y", b"\tY"),
    *(b"Host: a",),
)
_GOOD_HEADERS = (
    *(b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Content-Encoding: gzip", b"Location: /x"),
    *(b"Retry-After: 9",),
    *(b"Content-Type: text/html; charset=utf-16", b"Content-Type: text/html; charset=idna", b"Content-Type: text/html"),
    *(b"Content-Type: text/html; charset=\xff\xfe", b"Content-Type: text/html; charset=big5", b"Connection: close"),
    b"Content-Type: text/html; charset=windows-1258",
)
_BODIES = (
    *(b"hello", b"", b"5\r\nhello\r\n0\r\n\r\n", b"5;ext=1\r\nhello\r\n0\r\nX: y\r\n\r\n", b"-1\r\n"),
    *(b"0\r\n\r\n", b"1\r\na\r\n"),
    *(b"ffffffffffffffff\r\nx", b"8000000000000000\r\n", b"5\r\nhelloX", b"5\n5\nhello", b"0x5\r\nhello\r\n"),
    *(b"a;" + b"e" * 99,),
    *(b"<html><title>x</title>", b"<!--", b"<script ", b"&#", b"HTTP/1.1 403 No\r\n\r\n", b"\x1f\x8b\x08"),
    *(b"\xff\xfe<\x00",),
)
_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"")
_RECORDS = (
    *(b"\x15\x03\x03\0\2\1\0", b"\x15\x03\x03\0\2\2\x28", b"\x14\x03\x03\0\1\1", b"\x17\x03\x03\0\0"),
    *(b"\x16\x03\x03\0\4\0\0\0\0",),
    *(b"\x16\x03\x03\x40\0" + b"\1" * 16384, b"\x17\x03\x03\xff\xff", b"\x80\x2e\1\0\2"),
    *(b"HTTP/1.1 400 Bad Request\r\n\r\n",),
)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What has come of all inputs so far."""

    inputs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


class Paired(Channel):
    """
    A channel over one end of a pair of sockets.

    It counts what is read without a turn of the loop in between, and all that is read.
    """

    __slots__ = ("_in_turn", "most_bytes_in_turn", "most_reads_in_turn", "read_bytes")

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self._sock.close()
        self._sock, self._fd = sock, sock.fileno()
        self.read_bytes = self.most_reads_in_turn = self.most_bytes_in_turn = 0
        self._in_turn = [0, 0]

    async def receive(self, most_bytes: int, *, at_once: bool = False) -> Received:
        """Read, and count."""
        received = await super().receive(most_bytes, at_once=at_once)
        if self._in_turn == [0, 0]:
            self._loop.call_soon(self._next_turn)
        self._in_turn[0] += 1
        self._in_turn[1] += len(received.data)
        self.read_bytes += len(received.data)
        self.most_reads_in_turn = max(self.most_reads_in_turn, self._in_turn[0])
        self.most_bytes_in_turn = max(self.most_bytes_in_turn, self._in_turn[1])
        return received

    def _next_turn(self) -> None:
        self._in_turn = [0, 0]


class Fuzzer:
    """
    Makes inputs and sees what comes of them.

    Args:
        seed: of all inputs.

    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.tally = Tally()
        self._client = HttpClient(hosts={}, ca_file=None, user_agent="ThuocDo/fuzz")
        authority = trustme.CA()
        self._server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("portal.test", key_type=trustme.KeyType.ECDSA).configure_cert(self._server_tls)
        self._client_tls = ssl.create_default_context()
        authority.configure_trust(self._client_tls)

    async def close(self) -> None:
        """Release the client."""
        await self._client.close()

    async def run(self, number: int) -> None:
        """Run one input; what does not hold is added to the findings."""
        chance = random.Random(f"{self.seed}/{number}")
        way = chance.choices((self._plain, self._tls, self._dns), (85, 10, 5))[0]
        try:
            async with asyncio.timeout(MOST_SECONDS):
                end = await way(chance)
        except Exception:  # noqa: BLE001 - that is what is looked for
            self.tally.findings.append(f"seed {self.seed}, input {number}:\n{traceback.format_exc()}")
            end = "FINDING"
        self.tally.inputs += 1
        self.tally.ends[end] += 1

    async def _plain(self, chance: random.Random) -> str:
        pieces = _answer(chance)
        end, channel, answer = await self._exchange(pieces, chance.random() < 0.5)
        _check(channel)
        if answer is not None:
            assert len(answer.body_head) <= WISH.kept_bytes
            assert answer.body_bytes <= WISH.most_bytes + BULK_BYTES
            observation = http._judged(_JOB, answer, {}, {}, None)
            assert observation.reason is None or observation.reason.value != "internal_error"
            _check_storable(observation.detail, *observation.attributes.values(), *answer.headers.values())
        return end

    async def _exchange(self, pieces: Iterator[bytes], turns: bool) -> tuple[str, Paired, HopResponse | None]:
        ours, theirs = _pair()
        channel = Paired(ours)
        serving = asyncio.create_task(_serve(theirs, pieces, turns))
        try:
            answer = await self._client._exchange(
                PlainStream(channel), destination_of(URL), WISH, Stopwatch(), ChainCookies()
            )
            return f"status {answer.status // 100}xx", channel, answer
        except ExchangeError as exc:
            _check_storable(exc.detail)
            return exc.reason.value, channel, None
        finally:
            await _stop(channel, serving, theirs)

    async def _tls(self, chance: random.Random) -> str:
        ours, theirs = _pair()
        channel = Paired(ours)
        serving = asyncio.create_task(self._serve_tls(theirs, chance))
        stream = TlsStream(channel, self._client_tls, "portal.test")
        try:
            await self._client._shake_hands(stream, WISH, Stopwatch())
            answer = await self._client._exchange(stream, destination_of(URL), WISH, Stopwatch(), ChainCookies())
            return f"status {answer.status // 100}xx over TLS"
        except ExchangeError as exc:
            return f"{exc.reason.value} over TLS"
        finally:
            await _stop(channel, serving, theirs)
            _check(channel)

    async def _serve_tls(self, sock: socket.socket, chance: random.Random) -> None:
        """Shake hands and answer as a real server, with some of what is sent spoilt."""
        loop = asyncio.get_running_loop()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self._server_tls.wrap_bio(incoming, outgoing, server_side=True)
        steps: list[Callable[[], object]] = [
            tls.do_handshake,
            *[_writer(tls, piece) for piece in _some(_answer(chance), 40)],
        ]
        spoilt = chance.random()
        with (
            sock,
            suppress(OSError, ssl.SSLError),
        ):  # TimeoutError among them: what was spoilt leaves both sides waiting
            while steps:
                wants = False
                try:
                    steps[0]()
                    steps.pop(0)
                except ssl.SSLWantReadError:
                    wants = True
                data = outgoing.read()
                if data and chance.random() < spoilt * 0.4:
                    data = b"".join(_some(_spoil(data, chance, _RECORDS), 200))
                await loop.sock_sendall(sock, data)
                if wants:
                    async with asyncio.timeout(0.05):
                        incoming.write(await loop.sock_recv(sock, 65536))

    async def _dns(self, chance: random.Random) -> str:
        question = dns.question("portal.test", dns.TYPE_A)
        answer = struct.pack("!6H", 1, 0x8180, 1, chance.choice((1, 2, 65535)), 0, 0) + question
        for _ in range(chance.randrange(4)):
            answer += b"\xc0\x0c" + struct.pack("!HHLH", 1, 1, 60, 4) + bytes(chance.randrange(256) for _ in range(4))
            answer += b"\xc0\x0c" + struct.pack("!HHLH", 5, 1, 60, 2) + struct.pack("!H", 0xC000 | chance.randrange(64))
        message = b"".join(_some(_spoil(answer, chance, (b"\xc0\x0c", b"\x3f", b"\0", b"\xc0\x20")), 64))[:65535]
        try:
            dns.read_answer(message, 1, question)
        except dns.MalformedError:
            return "malformed DNS"
        return "DNS"


def _pair() -> tuple[socket.socket, socket.socket]:
    pair = socket.socketpair()
    for one in pair:
        one.setblocking(False)
    return pair


async def _serve(sock: socket.socket, pieces: Iterator[bytes], turns: bool) -> None:
    """Send the pieces as fast as they are taken, then close."""
    loop = asyncio.get_running_loop()
    with sock, suppress(OSError):
        for piece in pieces:
            await loop.sock_sendall(sock, piece)
            if turns:
                await asyncio.sleep(0)


async def _stop(channel: Paired, serving: "asyncio.Task[None]", sock: socket.socket) -> None:
    channel.close()
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving
    sock.close()


def _check(channel: Paired) -> None:
    assert channel.read_bytes <= MOST_READ_BYTES, f"read {channel.read_bytes} bytes"
    assert channel.most_reads_in_turn <= TURN_READS + 2, f"{channel.most_reads_in_turn} reads in one turn"
    assert channel.most_bytes_in_turn <= TURN_BYTES + 2 * BULK_BYTES, f"{channel.most_bytes_in_turn} bytes in one turn"


def _check_storable(*texts: str) -> None:
    for text in texts:
        assert "\0" not in text, repr(text)
        text.encode()


def _writer(tls: ssl.SSLObject, piece: bytes) -> Callable[[], object]:
    return lambda: tls.write(piece or b"x")


def _some(pieces: Iterator[bytes], most: int) -> list[bytes]:
    return [piece for _, piece in zip(range(most), pieces, strict=False)]


def _answer(chance: random.Random) -> Iterator[bytes]:
    """Yield an answer in pieces: from almost good to noise, sometimes without an end."""
    data = b"".join(_heads(chance))
    body = b"".join(chance.choice(_BODIES) for _ in range(chance.randrange(6)))
    if chance.random() < 0.15:
        body = zlib.compress(body * 50, wbits=31)
    data += body
    if chance.random() < 0.6:
        yield from _spoil(data, chance, (*_STATUS, *_HEADERS, *_BODIES))
    else:
        yield from _cut(data, chance)
    if chance.random() < 0.01:
        again = chance.choice((*_HEADERS, *_BODIES, *_STATUS)) + chance.choice(_ENDS) or b"x"
        again *= max(1, 4096 // max(1, len(again)))
        for _ in range(3 * MOST_READ_BYTES // len(again)):
            yield again


def _heads(chance: random.Random) -> Iterator[bytes]:
    if chance.random() < 0.5:  # a good head, that what follows it is reached
        yield chance.choice(_STATUS[:9]) + b"\r\n"
        yield from (header + b"\r\n" for header in chance.sample(_GOOD_HEADERS, chance.randrange(4)))
        yield b"\r\n"
        return
    for _ in range(chance.choice((1, 1, 1, 2, 3, 40))):
        yield chance.choice(_STATUS[:9] if chance.random() < 0.8 else _STATUS)
        yield chance.choice(_ENDS)
        for _ in range(chance.randrange(6)):
            yield chance.choice(_HEADERS)
            yield chance.choice(_ENDS)
        yield b"\r\n"


def _spoil(data: bytes, chance: random.Random, words: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield data with some bytes changed, dropped, doubled, repeated or put in."""
    spoilt = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(spoilt) + 1), chance.choice((1, 1, 2, 8, 64))
        match chance.randrange(6):
            case 0:
                spoilt[at : at + length] = bytes(chance.randrange(256) for _ in range(length))
            case 1:
                del spoilt[at : at + length]
            case 2:
                spoilt[at:at] = chance.choice(words)
            case 3:
                spoilt[at:at] = spoilt[at : at + length] * chance.choice((1, 2, 300))
            case 4:
                spoilt[at:at] = chance.choice(words) * chance.choice((2, 50, 2000))
            case 5:
                del spoilt[at:]
        del spoilt[MOST_READ_BYTES:]
    yield from _cut(bytes(spoilt), chance)


def _cut(data: bytes, chance: random.Random) -> Iterator[bytes]:
    size = chance.choice((1, 7, 100, 4096, 65536)) if len(data) < 4096 else chance.choice((500, 4096, 65536))
    yield from (data[at : at + size] for at in range(0, len(data), size))


async def fuzz(seed: int, *, seconds: float = math.inf, inputs: float = math.inf, only: int | None = None) -> Tally:
    """
    Run inputs until one of the limits is reached.

    Args:
        seed: of all inputs.
        seconds: of wall time.
        inputs: number of them.
        only: run this one and no other.
    """
    fuzzer = Fuzzer(seed)
    end = time.monotonic() + seconds
    told = time.monotonic()
    number = only or 0
    try:
        while number < inputs and time.monotonic() < end:
            await fuzzer.run(number)
            number += 1
            if only is not None:
                break
            if time.monotonic() - told > 60:
                told = time.monotonic()
                print(f"{number} inputs, {len(fuzzer.tally.findings)} findings", flush=True)
    finally:
        await fuzzer.close()
    return fuzzer.tally


def main() -> int:
    """Fuzz, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="run one input, by its number")
    arguments = parser.parse_args()
    asyncio.run(fuzz(arguments.seed, inputs=500))  # caches are filled by then
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tally = asyncio.run(fuzz(arguments.seed, seconds=arguments.minutes * 60, only=arguments.only))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    for finding in tally.findings[:20]:
        print(finding)
    if grown > MOST_GROWTH_KIB:
        tally.findings.append(f"memory grew by {grown} KiB")
    print(*(f"{count:9,} {end}" for end, count in tally.ends.most_common()), sep="\n")
    print(f"seed {arguments.seed}: {tally.inputs:,} inputs, {len(tally.findings)} findings, memory grew by {grown} KiB")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
