"""Connections that ask nothing, ask slowly or read nothing are ended; others are answered meanwhile."""

import asyncio
import socket
from contextlib import asynccontextmanager, nullcontext

import pytest
import uvicorn

from thuocdo.config import WebSettings
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


@asynccontextmanager
async def serving(**limits):
    """Serve with limits; yields what opens a connection, and the server's set of connections."""
    web = WebSettings().model_copy(update=limits)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1_000)
    config = uvicorn.Config(
        app, http=protocol_of(web), ws="none", lifespan="off", log_level="critical", timeout_keep_alive=web.idle_seconds
    )
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0)
    try:
        yield (lambda: asyncio.open_connection(*listener.getsockname())), server.server_state.connections
    finally:
        server.should_exit = True
        await running


async def answer(connect, request=GET):
    reader, writer = await connect()
    writer.write(request)
    text = await reader.readuntil(b"\r\n")
    writer.close()
    return text


@pytest.mark.parametrize("part", [b"", b"G", GET[:-2], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhal"])
async def test_a_request_that_does_not_become_whole_ends_its_connection(part):
    async with serving(header_seconds=0.05) as (connect, connections):
        readers = []
        for _ in range(60):
            reader, writer = await connect()
            writer.write(part)
            readers.append((reader, writer))
        for reader, _ in readers:
            await reader.read()  # ends when the server has ended it
        assert not connections
        assert await answer(connect) == b"HTTP/1.1 200 OK\r\n"


async def test_a_byte_now_and_then_prolongs_nothing():
    async with serving(header_seconds=0.05) as (connect, _):
        reader, writer = await connect()
        writer.write(b"GET / HTTP/1.1\r\n")
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            writer.write(b"X")
            await asyncio.sleep(0.005)
        writer.close()


async def test_a_second_request_on_a_connection_has_the_same_limit():
    async with serving(header_seconds=0.05) as (connect, connections):
        reader, writer = await connect()
        writer.write(GET)
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(GET[:-2])
        await reader.read()
        assert not connections
        writer.close()


async def test_a_connection_that_is_used_again_in_time_goes_on():
    async with serving(header_seconds=0.05, idle_seconds=30) as (connect, _):
        reader, writer = await connect()
        for _ in range(20):
            writer.write(GET)
            await reader.readuntil(b"0\r\n\r\n")
            await asyncio.sleep(0.01)
        writer.close()


@pytest.mark.parametrize("after", [b"", GET[:-2]])
async def test_an_answer_that_nobody_reads_ends_its_connection(after):
    async with serving(idle_seconds=0.05) as (connect, connections):
        _, writer = await connect()
        writer.transport.pause_reading()
        writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n" + after)
        while not connections or next(iter(connections)).flow.write_paused is False:
            await asyncio.sleep(0)
        while connections:
            await asyncio.sleep(0)
        writer.close()


async def test_an_answer_that_breaks_off_has_no_last_chunk():
    async with serving() as (connect, _):
        reader, writer = await connect()
        writer.write(b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
        text = await reader.read()
        assert text.endswith(b"\r\n\r\n2\r\nok\r\n")  # and not 0\r\n\r\n: every client takes this for broken off
        writer.close()


async def test_among_six_hundred_quiet_connections_a_request_is_answered():
    async with serving(most_connections=32, header_seconds=60) as (connect, connections):
        quiet = [await connect() for _ in range(600)]
        quiet[-1][1].write(b"GET / HT")
        assert await answer(connect) == b"HTTP/1.1 200 OK\r\n"
        assert len(connections) <= 33
        assert await quiet[0][0].read() == b""  # the oldest went first
        for _, writer in quiet:
            writer.close()


async def test_idle_connections_make_room_as_well():
    async with serving(most_connections=8, idle_seconds=60) as (connect, connections):
        idle = []
        for _ in range(30):
            reader, writer = await connect()
            writer.write(GET)
            await reader.readuntil(b"0\r\n\r\n")
            idle.append((reader, writer))
        assert len(connections) <= 9
        assert await answer(connect) == b"HTTP/1.1 200 OK\r\n"
        for _, writer in idle:
            writer.close()
