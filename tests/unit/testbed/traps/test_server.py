"""What counts as arrived, and what does not: asked by a plain client."""

import asyncio
import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from testbed.traps.arrivals import UNKNOWN
from testbed.traps.server import TrapServer
from testbed.traps.trap import Trap, form, trap

PORTS = "@udp@ @tcp@ @ws@ @ws@open"
TRAP = trap("one", "does nothing", form(after=PORTS), more={"inner": "x"}, may_post=("nhap",))


@pytest_asyncio.fixture
async def server() -> AsyncIterator[TrapServer]:
    async with TrapServer([TRAP]) as made:
        yield made


async def ask(server: TrapServer, path: str, *, one: Trap = TRAP, method: str = "GET", **options: object) -> str:
    """Ask as the browser would that finds every host on loopback; returns the answer's text."""
    scheme, _, rest = server.url(one).partition("://")
    host, _, below = rest.partition("/")
    address = f"{scheme}://127.0.0.1:{host.rpartition(':')[2]}/{below}{path}"
    headers = {"Host": host} | options.pop("headers", {})
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, address, headers=headers, **options) as answer,
    ):
        return await answer.text()


async def test_an_ordinary_visit_counts_nothing(server):
    await ask(server, "")
    await ask(server, "/inner")
    await ask(server, "/missing.css")
    await ask(server, "/nhap", method="POST")
    assert server.arrivals.of("one") == ()


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/d", {}),
        ("/d/luu?x=1", {}),
        ("/d", {"method": "OPTIONS"}),
        ("/inner", {"method": "POST"}),
        ("/inner", {"method": "DELETE"}),
        ("/nhap", {"method": "POST", "data": "o0=thu+nghiem"}),
        ("/inner?v=thu%20nghiem", {}),
        ("/x/thu-nghiem.png", {}),
        ("/inner", {"headers": {"Cookie": "o=canhtay1"}}),
        ("/inner", {"headers": {"X-Typed": "canhtay1"}}),
    ],
)
async def test_whatever_carries_state_counts(server, path, options):
    await ask(server, path, **options)
    assert len(server.arrivals.of("one")) >= 1


async def test_the_head_of_an_unfinished_post_counts(server):
    host, port = server.url(TRAP).split("/")[2].split(":")
    _, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(f"POST /t/one/inner HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99\r\n\r\nx".encode())
    assert await server.arrivals.wait("one", 10)
    writer.close()
    await server.drained()
    assert server.arrivals.of("one") == ("POST /t/one/inner",)


async def test_what_belongs_to_no_trap_is_kept_apart(server):
    await ask(server, "/d", headers={"Host": "else.test"}, one=trap("two", "", ""))
    assert len(server.arrivals.of(UNKNOWN)) == 1


async def marks(server: TrapServer) -> list[str]:
    """Return what the marks of PORTS were filled in with."""
    page = await ask(server, "")
    return page[: page.index("</body>")].rpartition(">")[2].split()


async def test_datagrams_and_bytes_count(server):
    udp, tcp, *_ = await marks(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", int(udp)))
    reader, writer = await asyncio.open_connection("127.0.0.1", int(tcp))
    writer.write(b"GARBAGE")
    assert await reader.read(4) == b"HTTP"
    writer.close()
    await server.drained()
    assert server.arrivals.of("one")[:2] != ()
    assert {line.split()[0] for line in server.arrivals.of("one")} == {"UDP", "TCP"}


async def test_a_sockets_handshake_counts_and_so_does_its_message(server):
    *_, ws, opened = await marks(server)
    port = server.url(TRAP).split(":")[2].split("/")[0]
    async with aiohttp.ClientSession() as session:
        for address, lines in ((opened, 1), (ws, 3)):
            async with session.ws_connect(address.replace("one.portal.test", "127.0.0.1")) as connection:
                await connection.send_str("nop")
            while len(server.arrivals.of("one")) < lines:
                await asyncio.sleep(0.01)
    assert port in ws


async def test_who_waits_is_told(server):
    waiting = asyncio.ensure_future(server.arrivals.wait("one", 10))
    await ask(server, "/d")
    assert await waiting
    assert not await server.arrivals.wait("other", 0)
