"""A page's own way out that is not shaped: bytes as they come, and nothing at all once it is shut."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from probes.chromium.line import LineProxy
from probes.chromium.line_addresses import InsideConnectionError, fixed_resolve, outside, resolver_of, system_resolve
from probes.net.addresses import Reach, reach_of
from thuocdo.core.model import Block, Reason, Target, TargetRole
from thuocdo.core.profiles import Line

HOST = "portal.thuocdo.test"
GRANTED = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[int]:
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def asked(proxy: LineProxy, port: int, host: str = HOST) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the proxy and ask for a host; the answer is not read yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
    name = host.encode()
    writer.write(b"\x05\x01\x00" + b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
    assert await reader.readexactly(2) == b"\x05\x00"
    return reader, writer


async def connected(proxy: LineProxy, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asked(proxy, port)
    assert await reader.readexactly(10) == GRANTED
    return reader, writer


@asynccontextmanager
async def direct(**options: Any) -> AsyncIterator[LineProxy]:
    async with LineProxy.open(None, resolve=fixed_resolve({HOST: "127.0.0.1"}), **options) as proxy:
        yield proxy


async def test_what_is_sent_arrives_and_what_is_answered_comes_back() -> None:
    sent = bytes(range(256)) * 20_000
    async with serving(echo) as port, direct() as proxy:
        reader, writer = await connected(proxy, port)
        writer.write(sent)
        writer.write_eof()
        assert await reader.read(-1) == sent
        writer.close()


async def test_bytes_that_follow_the_request_at_once_are_not_lost() -> None:
    async with serving(echo) as port, direct() as proxy:
        reader, writer = await asked(proxy, port)
        writer.write(b"early")
        assert await reader.readexactly(15) == GRANTED + b"early"
        writer.close()


async def test_a_slow_reader_fills_no_memory_of_ours() -> None:
    """The sender is held back once both sockets are full: far less than it would send arrives in between."""
    sent = 0

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        try:
            while True:
                writer.write(bytes(65536))
                await writer.drain()
                sent += 65536
        except ConnectionError:
            return

    async with serving(pour) as port, direct() as proxy:
        reader, writer = await connected(proxy, port)
        seen = -1
        while seen != sent:
            seen = sent
            await asyncio.sleep(0.1)
        assert sent < 32 << 20
        writer.transport.abort()
        del reader


async def test_a_shut_line_ends_its_connections_and_lets_no_other_begin() -> None:
    arrived = bytearray()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                arrived.extend(data)
        except ConnectionError:
            pass
        writer.close()

    async with serving(keep) as port, direct() as proxy:
        reader, writer = await connected(proxy, port)
        proxy.shut()
        writer.write(b"afterwards")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asked(proxy, port)
        assert arrived == b""


@pytest.mark.parametrize("line", [None, Line(name="slow", rtt_seconds=0.02)], ids=["own", "shaped"])
async def test_nothing_is_handed_on_once_nobody_holds_the_pages_requests(line: Line | None) -> None:
    arrived = bytearray()
    held = True

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                arrived.extend(data)
        writer.close()

    async with (
        serving(keep) as port,
        LineProxy.open(line, resolve=fixed_resolve({HOST: "127.0.0.1"}), is_held=lambda: held) as proxy,
    ):
        reader, writer = await connected(proxy, port)
        writer.write(b"held")
        while arrived != b"held":
            await asyncio.sleep(0.01)
        held = False
        writer.write(b"let go")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert proxy.is_shut
        assert arrived == b"held"


@asynccontextmanager
async def guarded(line: Line | None, arrived: bytearray) -> AsyncIterator[tuple[LineProxy, int]]:
    """A guarded line to a server that keeps what comes and answers it with "x"."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.extend(b"connected ")
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                arrived.extend(data)
                writer.write(b"x")
        writer.close()

    resolve = fixed_resolve({HOST: "127.0.0.1"})
    async with serving(keep) as port, LineProxy.open(line, resolve=resolve, guarded=True) as proxy:
        yield proxy, port


LINES = pytest.mark.parametrize("line", [None, Line(name="slow", rtt_seconds=0.02)], ids=["own", "shaped"])


@LINES
async def test_a_guarded_line_leads_only_to_where_a_request_was_let_go(line: Line | None) -> None:
    arrived = bytearray()
    async with guarded(line, arrived) as (proxy, port):
        proxy.expect(f"http://{HOST}:{port + 1}/")
        proxy.expect("http:///")
        reader, _ = await asked(proxy, port)
        assert (await reader.readexactly(10))[1] != 0
        assert arrived == b""
        proxy.expect(f"https://{HOST.upper()}:{port}/x?y")
        reader, writer = await connected(proxy, port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.readexactly(1) == b"x"
        writer.close()


@LINES
async def test_a_guarded_line_carries_nothing_but_http(line: Line | None) -> None:
    arrived = bytearray()
    async with guarded(line, arrived) as (proxy, port):
        proxy.expect(f"http://{HOST}:{port}/")
        reader, writer = await connected(proxy, port)
        writer.write(b"\x00\x03\x00\x08!\x12\xa4B a call")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        assert arrived in (b"", b"connected ")


async def test_a_guarded_line_leads_to_the_ordinary_ports_of_a_host_alike() -> None:
    async with LineProxy.open(None, guarded=True) as proxy:
        proxy.expect("http://a.test/x")
        proxy.expect("https://b.test./")
        proxy.expect("http://[::1]:8080/")
        assert proxy.let_go == {("a.test", 80), ("a.test", 443), ("b.test", 80), ("b.test", 443), ("::1", 8080)}


@pytest.mark.parametrize("turns", range(4))
async def test_a_connection_that_comes_as_the_line_is_shut_keeps_nobody_waiting(
    turns: int,
) -> None:
    """asyncio gives up what it has accepted for a server that is closed meanwhile, and does not tell its protocol."""
    async with direct() as proxy:
        with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))):
            for _ in range(turns):
                await asyncio.sleep(0)
            proxy.shut()
            async with asyncio.timeout(60):
                await proxy.aclose()


async def test_a_connection_under_way_when_the_line_is_shut_does_not_come_about() -> None:
    asking, go_on = asyncio.Event(), asyncio.Event()
    came: list[bool] = []

    async def resolve(_: str) -> Sequence[str]:
        asking.set()
        await go_on.wait()
        return ["127.0.0.1"]

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(True)
        writer.close()

    async with serving(note) as port, LineProxy.open(None, resolve=resolve) as proxy:
        reader, _ = await asked(proxy, port)
        await asking.wait()
        proxy.shut()
        go_on.set()
        assert await reader.read(-1) == b""
    assert came == []


async def test_only_admitted_addresses_are_connected_to_whatever_the_name_means() -> None:
    def admit(host: str, addresses: Sequence[str]) -> Sequence[str]:
        assert host == HOST
        raise PermissionError(f"{addresses[0]} is none of the portal's")

    async with serving(echo) as port, direct(admit=admit) as proxy:
        reader, _ = await asked(proxy, port)
        assert (await reader.readexactly(10))[:2] == b"\x05\x01"
        assert proxy.failures[0].host == HOST


async def test_the_next_address_is_tried_where_the_first_does_not_answer(unused_tcp_port: int) -> None:
    async def resolve(_: str) -> Sequence[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async with serving(echo) as port, LineProxy.open(None, resolve=resolve) as proxy:
        await connected(proxy, port)
        _, writer = await asked(proxy, unused_tcp_port)
        writer.close()
        assert proxy.explain(HOST) is None


async def test_why_a_connection_did_not_come_about_is_known(unused_tcp_port: int) -> None:
    async with direct() as proxy:
        for host, reason in ((HOST, Reason.CONNECTION_REFUSED), ("nowhere.thuocdo.test", Reason.DNS_FAILURE)):
            reader, _ = await asked(proxy, unused_tcp_port, host)
            assert (await reader.readexactly(10))[1] != 0
            told = proxy.explain(host)
            assert told is not None
            assert told[0] is reason


async def test_what_is_no_socks_is_turned_away() -> None:
    async with direct() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read(-1) == b""


async def test_this_machine_is_found_by_name_and_others_as_the_map_says() -> None:
    assert "127.0.0.1" in await resolver_of({})("localhost")
    assert resolver_of(None) is system_resolve
    with pytest.raises(socket.gaierror):
        await resolver_of({})(HOST)


def reach(url: str, *networks: str) -> Reach:
    target = Target(
        id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE, networks=networks
    )  # fmt: skip
    return reach_of(target)


PUBLIC, PUBLIC_6 = "123.30.1.1", "2405:4800::1"


@pytest.mark.parametrize(
    "inside",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_no_part_of_a_portals_page_gets_inside(inside: str) -> None:
    admit = outside(reach("https://portal.gov.vn/"), None)
    for host, by_name in ((inside, False), ("portal.gov.vn", True), ("cdn.example", True)):
        with pytest.raises(InsideConnectionError) as refused:
            admit(host, [inside])
        assert refused.value.by_name is by_name
    # Of a name that leads both ways, only the outside is left.
    assert admit("portal.gov.vn", [inside, PUBLIC, PUBLIC_6]) == [PUBLIC, PUBLIC_6]


def test_public_addresses_may_be_asked_with_and_without_a_name() -> None:
    admit = outside(reach("https://portal.gov.vn/"), None)
    assert admit("cdn.example", [PUBLIC_6, PUBLIC]) == [PUBLIC_6, PUBLIC]
    assert admit(PUBLIC, [PUBLIC]) == [PUBLIC]


def test_what_the_operator_says_is_believed_but_not_what_the_page_makes_of_it() -> None:
    hosts = {"portal.gov.vn": "127.0.0.1", "gone.gov.vn": None}
    admit = outside(reach("https://portal.gov.vn/"), hosts)
    assert admit("portal.gov.vn", ["127.0.0.1"]) == ["127.0.0.1"]
    for host in ("127.0.0.1", "localhost", "gone.gov.vn", "other.vn"):
        with pytest.raises(InsideConnectionError):
            admit(host, ["127.0.0.1"])
    assert outside(reach("http://lab.test/", "10.1.0.0/16"), None)("db.lab.test", ["10.1.2.3"]) == ["10.1.2.3"]
    assert outside(reach("http://127.0.0.1:8080/"), None)("127.0.0.1", ["127.0.0.1"]) == ["127.0.0.1"]


async def test_a_name_that_means_something_else_the_second_time_is_not_asked_for_a_second_time() -> None:
    """DNS rebinding: what was admitted is what is connected to, as long as the page lives."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    met: list[str] = []

    async def resolve(_: str) -> Sequence[str]:
        return next(answers)

    async def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer.get_extra_info("sockname")[0])
        writer.close()

    async with serving(note) as port, LineProxy.open(None, resolve=resolve) as proxy:
        for _ in range(3):
            reader, _ = await connected(proxy, port)
            assert await reader.read(-1) == b""
    assert met == ["127.0.0.1"] * 3


async def test_why_a_page_did_not_come_from_the_inside_is_said() -> None:
    async with LineProxy.open(None, resolve=fixed_resolve({}), admit=outside(reach("http://a.vn/"), {})) as proxy:
        await asked(proxy, 80, "127.0.0.1")
        while not proxy.failures:
            await asyncio.sleep(0)
        told = proxy.explain("127.0.0.1")
        assert told is not None
        assert told[0] is Reason.HTTP_ERROR
