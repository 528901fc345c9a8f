"""Reference pages tell our own broken line from a broken portal."""

import asyncio
import socket

import pytest

from probes.net import connectivity as connectivity_module
from probes.net.client import HttpClient
from probes.net.connectivity import Connectivity


@pytest.fixture
async def client():
    opened = HttpClient(hosts={"ref.test": "127.0.0.1"}, ca_file=None, user_agent="ThuocDo/test")
    yield opened
    await opened.close()


@pytest.fixture
async def page():
    asked = []

    async def handle(reader, writer):
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n")  # the body never comes
        await writer.drain()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield f"http://ref.test:{server.sockets[0].getsockname()[1]}/", asked
    server.close()


@pytest.fixture
def closed():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield f"http://ref.test:{free.getsockname()[1]}/"


async def test_one_answer_of_any_status_is_enough(client, page, closed):
    url, _ = page
    assert await Connectivity(client, ["http://gone.test/", closed, url]).is_up()


async def test_without_any_answer_the_line_is_down(client, closed, monkeypatch):
    monkeypatch.setattr(connectivity_module, "TIMEOUT_SECONDS", 0.2)
    assert not await Connectivity(client, ["http://gone.test/", closed]).is_up()


async def test_without_reference_pages_the_line_is_taken_as_up(client):
    assert await Connectivity(client, []).is_up()


async def test_the_answer_is_kept_and_asked_for_once_by_all_who_want_it(client, page):
    url, asked = page
    line = Connectivity(client, [url])
    assert all(await asyncio.gather(*(line.is_up() for _ in range(10))))
    assert await line.is_up()
    assert len(asked) == 1
