"""A line that runs, over real sockets of loopback. Times are checked from below only: a busy machine is late, never early."""

import asyncio
import errno
import os
import socket
import struct
import time
from contextlib import asynccontextmanager

import psutil
import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.chromium import socks
from probes.chromium.line import ConnectionFailure, LineProxy
from probes.chromium.line_addresses import fixed_resolve, system_resolve
from thuocdo.core.model import Reason
from thuocdo.core.profiles import UNSHAPED, Line

HOST = "portal.thuocdo.test"
QUICK = Line(name="quick", rtt_seconds=0.002)
SLOW = Line(name="slow", rtt_seconds=0.1, down_bits_per_second=2e6, up_bits_per_second=1e6)
EARLIEST = 0.99  # timers know whole milliseconds
LINGER = struct.pack("ii", 1, 0)


@pytest.fixture(autouse=True)
async def _nothing_is_left():
    """After each test: no task and no open socket that was not there before."""
    before = _sockets()
    yield
    # What the test's own servers leave goes in a few turns of the loop.
    await _until(lambda: asyncio.all_tasks() == {asyncio.current_task()} and _sockets() <= before)


def _sockets():
    return {one.fd for one in psutil.Process().net_connections("tcp") if one.status != psutil.CONN_NONE}


@asynccontextmanager
async def serving(handle):
    """A server on loopback; its handlers end with it."""
    handlers = set()

    async def guarded(reader, writer):
        handlers.add(asyncio.current_task())
        try:
            await handle(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, backlog=512)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for handler in handlers:
            handler.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)


@asynccontextmanager
async def line_to(handle, line=QUICK, **hosts):
    """A line and a server behind it; yields proxy, port."""
    async with (
        serving(handle) as port,
        LineProxy.open(line, resolve=fixed_resolve({HOST: "127.0.0.1"} | hosts)) as proxy,
    ):
        yield proxy, port


async def greet(proxy):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
    writer.write(b"\x05\x01\x00")
    assert await reader.readexactly(2) == b"\x05\x00"
    return reader, writer


def request(host, port):
    return bytes((5, 1, 0, 3, len(host))) + host.encode() + port.to_bytes(2, "big")


async def ask(proxy, host, port):
    """Ask for a connection; returns the code of the answer and the open connection."""
    reader, writer = await greet(proxy)
    writer.write(request(host, port))
    answer = await reader.readexactly(10)
    return answer[1], reader, writer


@asynccontextmanager
async def connected(proxy, port, host=HOST):
    code, reader, writer = await ask(proxy, host, port)
    assert code == socks.GRANTED
    try:
        yield reader, writer
    finally:
        writer.close()


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


def sending(data):
    async def handle(reader, writer):
        writer.write(data)
        await writer.drain()

    return handle


async def never(reader, writer):
    await asyncio.Event().wait()


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    writer.transport.abort()


async def test_bytes_pass_both_ways():
    async with line_to(echo) as (proxy, port), connected(proxy, port) as (reader, writer):
        writer.write(b"Nop ho so")
        assert await reader.readexactly(9) == b"Nop ho so"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(st.binary(min_size=1, max_size=3000), max_size=60),
    rate=st.none() | st.sampled_from([5e6, 40e6]),
    large=st.integers(min_value=0, max_value=400_000),
)
def test_bytes_come_in_order_and_complete_whatever_their_pieces(pieces, rate, large):
    async def exchange():
        line = Line(name="any", rtt_seconds=0.001, down_bits_per_second=rate, up_bits_per_second=rate)
        whole = b"".join(pieces) + os.urandom(large)
        async with line_to(echo, line) as (proxy, port), connected(proxy, port) as (reader, writer):
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)
            writer.write(whole[len(b"".join(pieces)) :])
            writer.write_eof()
            assert await reader.read() == whole

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(exchange())


async def test_thousands_of_small_writes_arrive():
    async with line_to(echo) as (proxy, port), connected(proxy, port) as (reader, writer):
        for number in range(5000):
            writer.write(b"%07d\n" % number)
            if not number % 50:
                await asyncio.sleep(0)
        writer.write_eof()
        assert await reader.read() == b"".join(b"%07d\n" % number for number in range(5000))


async def test_a_name_and_an_opening_cost_a_round_trip_each_and_an_answer_one_more():
    async with line_to(echo, SLOW) as (proxy, port):
        began = time.monotonic()
        async with connected(proxy, port) as (reader, writer):
            assert time.monotonic() - began >= 2 * SLOW.rtt_seconds * EARLIEST
            began = time.monotonic()
            writer.write(b"x")
            await reader.readexactly(1)
            assert time.monotonic() - began >= SLOW.rtt_seconds * EARLIEST
            began = time.monotonic()
        async with connected(proxy, port, "127.0.0.1"):
            assert time.monotonic() - began >= SLOW.rtt_seconds * EARLIEST


async def test_a_name_is_asked_for_once_by_all_connections_of_a_visit():
    asked = []

    async def resolve(host):
        asked.append(host)
        return ["127.0.0.1"]

    async with serving(echo) as port, LineProxy.open(QUICK, resolve=resolve) as proxy:
        answers = await asyncio.gather(
            *(ask(proxy, HOST, port) for _ in range(5)), ask(proxy, f"{HOST.upper()}.", port)
        )
        assert {code for code, _, _ in answers} == {socks.GRANTED}
        assert asked == [HOST]
        for _, _, writer in answers:
            writer.close()


@pytest.mark.parametrize("connections", [1, 4])
async def test_all_connections_share_one_rate(connections):
    size = 100_000
    async with line_to(sending(bytes(size // connections)), SLOW) as (proxy, port):
        began = time.monotonic()

        async def download():
            async with connected(proxy, port) as (reader, _):
                return len(await reader.read())

        assert sum(await asyncio.gather(*(download() for _ in range(connections)))) == size
        assert time.monotonic() - began >= 3 * SLOW.rtt_seconds / 2 + size * 8 / SLOW.down_bits_per_second


async def test_an_upload_has_its_own_rate():
    size = 60_000

    async def take(reader, writer):
        await reader.readexactly(size)
        writer.write(b"x")

    async with line_to(take, SLOW) as (proxy, port), connected(proxy, port) as (reader, writer):
        began = time.monotonic()
        writer.write(bytes(size))
        await reader.readexactly(1)
        assert time.monotonic() - began >= SLOW.rtt_seconds + size * 8 / SLOW.up_bits_per_second


async def test_stalls_hold_up_what_is_on_the_way():
    line = Line(name="weak", rtt_seconds=0.01, down_bits_per_second=2e6, stall_every_seconds=0.1, stall_seconds=0.05)
    size = 60_000  # 0.24 s of the line's time: two stalls at least
    async with line_to(sending(bytes(size)), line) as (proxy, port):
        began = time.monotonic()
        async with connected(proxy, port) as (reader, _):
            await reader.readexactly(size)
        assert time.monotonic() - began >= 0.24 + 2 * 0.05


async def test_an_end_of_the_client_reaches_the_server_and_the_answer_still_comes():
    async def count(reader, writer):
        writer.write(b"%d" % len(await reader.read()))

    async with line_to(count) as (proxy, port), connected(proxy, port) as (reader, writer):
        writer.write(bytes(70_000))
        writer.write_eof()
        assert await reader.read() == b"70000"


async def test_an_end_of_the_server_comes_behind_its_last_byte():
    async with line_to(sending(bytes(300_000))) as (proxy, port), connected(proxy, port) as (reader, _):
        assert len(await reader.read()) == 300_000


async def test_a_reset_of_the_server_is_a_reset_for_the_client():
    async def handle(reader, writer):
        await reader.readexactly(1)
        reset(writer)

    async with line_to(handle) as (proxy, port), connected(proxy, port) as (reader, writer):
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await reader.read()


@pytest.mark.parametrize("leave", [reset, lambda writer: writer.close()], ids=["reset", "close"])
async def test_a_client_that_vanishes_in_a_download_frees_its_server(leave):
    ended = asyncio.Event()

    async def pump(reader, writer):
        try:
            while True:
                writer.write(bytes(65536))
                await writer.drain()
        finally:
            ended.set()

    async with line_to(pump) as (proxy, port):
        async with connected(proxy, port) as (reader, writer):
            await reader.readexactly(100_000)
            leave(writer)
        await asyncio.wait_for(ended.wait(), 10)
        await _until(lambda: not proxy._relays)


async def test_a_fault_of_one_connection_leaves_the_others_alone():
    async with line_to(echo) as (proxy, port), connected(proxy, port) as (reader, writer):
        async with connected(proxy, port) as (_, other):
            other.write(b"x")
            reset(other)
        strange, garbage = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
        garbage.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await strange.read() == b""
        garbage.close()
        code, _, refused = await ask(proxy, "elsewhere.thuocdo.test", port)
        assert code == socks.HOST_UNREACHABLE
        refused.close()
        writer.write(b"still here")
        assert await reader.readexactly(10) == b"still here"


async def test_a_fault_of_the_resolver_itself_ends_its_connection_only(event_loop_errors):
    async def resolve(host):
        if host == "broken.thuocdo.test":
            raise ValueError("a mistake of ours")
        return ["127.0.0.1"]

    async with serving(echo) as port, LineProxy.open(QUICK, resolve=resolve) as proxy:
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await ask(proxy, "broken.thuocdo.test", port)
        async with connected(proxy, port) as (reader, writer):
            writer.write(b"x")
            assert await reader.readexactly(1) == b"x"
    assert [str(context["exception"]) for context in event_loop_errors] == ["a mistake of ours"]


@pytest.fixture
async def event_loop_errors():
    found = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    return found


async def test_three_hundred_connections_at_once():
    async with line_to(echo) as (proxy, port):

        async def exchange(number):
            async with connected(proxy, port) as (reader, writer):
                text = b"%03d" % number * 1000
                writer.write(text)
                assert await reader.readexactly(len(text)) == text

        await asyncio.gather(*(exchange(number) for number in range(300)))
        await _until(lambda: not proxy._relays)


async def test_a_server_is_not_read_faster_than_the_line_carries():
    sent = 0

    async def pump(reader, writer):
        nonlocal sent
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    async with line_to(pump, SLOW) as (proxy, port), connected(proxy, port) as (reader, _):
        await reader.readexactly(
            100_000
        )  # takes 0.4 s, in which loopback could carry a hundred times what is allowed here
        assert sent < 20_000_000  # mostly the system's buffers
        waiting = sum(relay.portal._outgoing._waiting_bytes for relay in proxy._relays)
        assert waiting < 1_000_000


async def test_a_client_that_does_not_read_holds_up_nobody_else():
    async with (
        line_to(sending(bytes(30_000_000))) as (proxy, port),
        connected(proxy, port) as (lazy, _),
        connected(proxy, port) as (reader, _),
    ):
        assert len(await reader.read()) == 30_000_000
        assert len(await lazy.read()) == 30_000_000


async def test_bytes_sent_before_the_answer_are_not_lost():
    async with line_to(echo) as (proxy, port):
        reader, writer = await greet(proxy)
        writer.write(request(HOST, port) + b"early")
        writer.write(b" bird")
        assert (await reader.readexactly(10))[1] == socks.GRANTED
        assert await reader.readexactly(10) == b"early bird"
        writer.close()


async def test_a_cut_line_without_latency_carries_nothing_either():
    async with line_to(echo, UNSHAPED) as (proxy, port), connected(proxy, port) as (reader, writer):
        writer.write(b"a")
        assert await reader.readexactly(1) == b"a"
        proxy.cut()
        writer.write(b"b")
        rest = asyncio.create_task(reader.readexactly(1))
        done, _ = await asyncio.wait([rest], timeout=0.3)
        assert not done
        proxy.restore()
        assert await rest == b"b"


async def test_a_cut_line_carries_nothing_and_goes_on_where_it_was():
    async with line_to(echo, SLOW) as (proxy, port), connected(proxy, port) as (reader, writer):
        writer.write(bytes(20_000))
        await reader.readexactly(1)
        proxy.cut()
        rest = asyncio.create_task(reader.readexactly(19_999))
        opening = asyncio.create_task(ask(proxy, HOST, port))
        done, _ = await asyncio.wait([rest, opening], timeout=0.5)
        assert not done
        proxy.restore()
        assert await rest == bytes(19_999)
        code, _, other = await opening
        assert code == socks.GRANTED
        other.close()


async def test_a_refusal_is_reported_with_its_reason():
    with socket.socket() as kept:  # bound, not listening
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        async with LineProxy.open(QUICK, resolve=fixed_resolve({HOST: "127.0.0.1"})) as proxy:
            code, reader, writer = await ask(proxy, HOST, port)
            assert code == socks.CONNECTION_REFUSED
            assert await reader.read() == b""
            writer.close()
            assert [(failure.host, failure.port) for failure in proxy.failures] == [(HOST, port)]
            assert proxy.explain(HOST)[0] is Reason.CONNECTION_REFUSED


async def test_a_name_that_does_not_exist_is_a_dns_failure_and_others_are_not_blamed():
    async with line_to(echo, **{"gone.thuocdo.test": None}) as (proxy, port), connected(proxy, port):
        code, _, writer = await ask(proxy, "gone.thuocdo.test", port)
        assert code == socks.HOST_UNREACHABLE
        writer.close()
        assert proxy.explain("Gone.thuocdo.test.") == (Reason.DNS_FAILURE, "the host name does not resolve")
        assert proxy.explain(HOST) is None
        assert proxy.explain("never.thuocdo.test") is None


async def test_a_name_server_that_does_not_answer_is_a_dns_failure():
    asked = asyncio.Event()

    async def resolve(host):
        asked.set()
        await asyncio.Event().wait()

    async with LineProxy.open(QUICK, resolve=resolve) as proxy:
        _, writer = await greet(proxy)
        writer.write(request(HOST, 443))
        await asyncio.wait_for(asked.wait(), 5)
        assert proxy.explain(HOST)[0] is Reason.DNS_FAILURE
        writer.close()


async def test_a_server_that_does_not_accept_is_a_connect_timeout():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        async with LineProxy.open(QUICK, resolve=fixed_resolve({HOST: "127.0.0.1"})) as proxy:
            _, writer = await greet(proxy)
            writer.write(request(HOST, full.getsockname()[1]))
            await _until(lambda: proxy.explain(HOST) is not None and proxy.explain(HOST)[0] is Reason.CONNECT_TIMEOUT)
            assert proxy.failures == []
            writer.close()
        for client in waiting:
            client.close()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EMFILE, "Too many open files"), Reason.PROBER_SATURATED),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Reason.CONNECT_TIMEOUT),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Reason.CONNECT_TIMEOUT),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), Reason.CONNECT_TIMEOUT),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), Reason.CONNECTION_REFUSED),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), Reason.DNS_FAILURE),
    ],
)
def test_errors_of_the_system_have_the_reasons_of_the_http_kind(error, reason):
    assert ConnectionFailure(host=HOST, port=443, error=error).reason[0] is reason


async def test_closing_ends_whatever_is_under_way():
    async def resolve(host):
        if host == HOST:
            return ["127.0.0.1"]
        return await asyncio.Event().wait()

    async with serving(never) as port:
        async with LineProxy.open(SLOW, resolve=resolve) as proxy:
            silent = await asyncio.open_connection("127.0.0.1", int(proxy.url.rsplit(":", 1)[1]))
            greeted = await greet(proxy)
            resolving = await greet(proxy)
            resolving[1].write(request("slow.thuocdo.test", port))
            opening = await greet(proxy)
            opening[1].write(request(HOST, port))
            _, *open_one = await ask(proxy, HOST, port)
            open_one[1].write(bytes(500_000))
            proxy.cut()
        for reader, writer in (silent, greeted, resolving, opening, open_one):
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
        await proxy.aclose()  # twice is once
        with pytest.raises(ConnectionRefusedError):
            await greet(proxy)


async def test_a_cancelled_visit_closes_its_line():
    opened = asyncio.Event()

    async def visit(port):
        async with LineProxy.open(SLOW, resolve=fixed_resolve({HOST: "127.0.0.1"})) as proxy, connected(proxy, port):
            opened.set()
            await asyncio.Event().wait()

    async with serving(never) as port:
        visiting = asyncio.create_task(visit(port))
        await asyncio.wait_for(opened.wait(), 5)
        visiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visiting


async def test_two_lines_do_not_share_their_rate():
    size = 100_000
    async with (
        line_to(sending(bytes(size)), SLOW) as (first, port),
        line_to(echo, QUICK) as (second, other_port),
        connected(first, port) as (slow, _),
        connected(second, other_port) as (reader, writer),
    ):
        writer.write(bytes(size))
        await reader.readexactly(size)
        assert len(slow._buffer) < size
        await slow.readexactly(size)


async def test_a_fixed_map_reaches_nothing_beyond_it():
    resolve = fixed_resolve({HOST: "127.0.0.7", "gone.thuocdo.test": None})
    assert await resolve(HOST) == ["127.0.0.7"]
    assert await resolve("127.0.0.7") == ["127.0.0.7"]
    assert await resolve("127.0.0.1") == ["127.0.0.1"]
    for host in ("gone.thuocdo.test", "elsewhere.test", "192.0.2.1", "2001:db8::1"):
        with pytest.raises(socket.gaierror):
            await resolve(host)


async def test_the_systems_resolver_takes_addresses_and_refuses_what_is_no_name():
    assert await system_resolve("127.0.0.1") == ["127.0.0.1"]
    with pytest.raises(socket.gaierror):
        await system_resolve(f"{'a' * 64}.test")


async def _until(condition, seconds=300.0):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
