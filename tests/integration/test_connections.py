"""Connections that ask nothing, ask slowly or read nothing are ended; others are answered meanwhile."""

import asyncio
import socket
from contextlib import asynccontextmanager, nullcontext, suppress

import pytest
import uvicorn

from thuocdo.core.setting_groups import WebSettings
from thuocdo.web.connections import protocol_of

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
BIG = 8 * 1024 * 1024


async def app(scope, receive, send):
    """Answer /big with more than any buffer holds, /broken with a beginning, all else with ok."""
    body = b"x" * BIG if scope["path"] == "/big" else b"ok"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    if scope["path"] == "/broken":
        raise RuntimeError("in the middle")
    await send({"type": "http.response.body", "body": b""})


class Serving:
    """A server on loopback whose limits a test may change for what comes next."""

    def __init__(self, listener, web):
        self.address = listener.getsockname()
        self.protocol = protocol_of(web)
        config = uvicorn.Config(
            app,
            http=self.protocol,
            ws="none",
            lifespan="off",
            log_level="critical",
            timeout_keep_alive=web.idle_seconds,
        )
        self.server = uvicorn.Server(config)
        self.server.capture_signals = nullcontext
        self.connections = self.server.server_state.connections

    def limit(self, **limits):
        self.protocol.limits = self.protocol.limits.model_copy(update=limits)

    async def connect(self):
        return await asyncio.open_connection(*self.address)

    async def answer(self):
        """Ask on a new connection; returns the first line."""
        reader, writer = await self.connect()
        writer.write(GET)
        text = await reader.readuntil(b"\r\n")
        writer.close()
        return text


@asynccontextmanager
async def serving(**limits):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1_000)
    made = Serving(listener, WebSettings(header_seconds=60, idle_seconds=60).model_copy(update=limits))
    running = asyncio.create_task(made.server.serve(sockets=[listener]))
    while not made.server.started:
        await asyncio.sleep(0)
    try:
        yield made
    finally:
        made.server.should_exit = True
        await running


async def ended(reader):
    """Wait until the server has ended the connection."""
    with suppress(ConnectionResetError):
        await reader.read()


@pytest.mark.parametrize("part", [b"", b"G", GET[:-2], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhal"])
async def test_a_request_that_does_not_become_whole_ends_its_connection(part):
    async with serving(header_seconds=0.05) as site:
        readers = []
        for _ in range(60):
            reader, writer = await site.connect()
            writer.write(part)
            readers.append((reader, writer))
        for reader, _ in readers:
            await ended(reader)
        assert not site.connections
        site.limit(header_seconds=60)
        assert await site.answer() == b"HTTP/1.1 200 OK\r\n"


async def test_a_byte_now_and_then_prolongs_nothing():
    async with serving(header_seconds=0.05) as site:
        reader, writer = await site.connect()
        writer.write(b"GET / HTTP/1.1\r\n")
        done = asyncio.create_task(ended(reader))
        while not done.done():
            writer.write(b"X")
            await asyncio.sleep(0.005)
        writer.close()


async def test_a_second_request_on_a_connection_has_the_same_limit():
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(GET)
        await reader.readuntil(b"0\r\n\r\n")
        site.limit(header_seconds=0.05)
        writer.write(GET[:-2])
        await ended(reader)
        assert not site.connections
        writer.close()


async def test_whole_requests_stop_the_clock():
    async with serving() as site:
        reader, writer = await site.connect()
        for _ in range(3):
            writer.write(GET[:9])
            while not site.connections or next(iter(site.connections))._whole_by is None:
                await asyncio.sleep(0)
            writer.write(GET[9:])
            await reader.readuntil(b"0\r\n\r\n")
            assert next(iter(site.connections))._whole_by is None
        writer.close()


@pytest.mark.parametrize("after", [b"", GET[:-2]])
async def test_an_answer_that_nobody_reads_ends_its_connection(after):
    async with serving(idle_seconds=0.05) as site:
        connections = site.connections
        _, writer = await site.connect()
        writer.transport.pause_reading()
        writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n" + after)
        while not connections or next(iter(connections)).flow.write_paused is False:
            await asyncio.sleep(0)
        while connections:
            await asyncio.sleep(0)
        writer.close()


async def test_an_answer_that_breaks_off_has_no_last_chunk():
    async with serving() as site:
        reader, writer = await site.connect()
        writer.write(b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
        text = await reader.read()
        assert text.endswith(b"\r\n\r\n2\r\nok\r\n")  # and not 0\r\n\r\n: every client takes this for broken off
        writer.close()


async def test_among_six_hundred_quiet_connections_a_request_is_answered():
    async with serving(most_connections=32) as site:
        quiet = [await site.connect() for _ in range(600)]
        quiet[-1][1].write(b"GET / HT")
        assert await site.answer() == b"HTTP/1.1 200 OK\r\n"
        assert len(site.connections) <= 33
        await ended(quiet[0][0])  # the oldest went first
        for _, writer in quiet:
            writer.close()


async def test_idle_connections_make_room_as_well():
    async with serving(most_connections=8) as site:
        idle = []
        for _ in range(30):
            reader, writer = await site.connect()
            writer.write(GET)
            await reader.readuntil(b"0\r\n\r\n")
            idle.append((reader, writer))
        assert len(site.connections) <= 9
        assert await site.answer() == b"HTTP/1.1 200 OK\r\n"
        for _, writer in idle:
            writer.close()


async def test_those_who_read_nothing_make_room_too():
    """Each asks for more than any buffer holds and reads none of it; the next one is answered all the same."""
    async with serving(most_connections=8) as site:
        slow = []
        for number in range(20):
            _, writer = await site.connect()
            writer.transport.pause_reading()
            writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
            slow.append(writer)
            while sum(one.flow.write_paused for one in site.connections) < min(number + 1, 8):
                await asyncio.sleep(0)
        assert await site.answer() == b"HTTP/1.1 200 OK\r\n"
        assert len(site.connections) <= 9
        for writer in slow:
            writer.close()


async def test_an_answer_that_is_read_on_is_not_cut_for_having_paused():
    async with serving(most_connections=8) as site:
        reader, writer = await site.connect()
        writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
        text = bytearray()
        while not text.endswith(b"0\r\n\r\n"):
            text += await reader.read(65536)
        assert len(text) > BIG
        [connection] = site.connections
        assert connection.quiet_since is not None
        writer.close()
