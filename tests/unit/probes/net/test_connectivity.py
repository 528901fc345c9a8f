"""Reference pages tell our own broken line from a broken portal."""

import asyncio
import socket
import time

import pytest
import structlog

from probes.net import connectivity as connectivity_module
from probes.net.client import HttpClient
from probes.net.connectivity import Connectivity
from probes.net.fault import ForbiddenHopError
from thuocdo.core.model import Reason


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


async def test_that_the_line_is_up_is_soon_asked_again_that_it_is_down_later(client, page, closed, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(connectivity_module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(connectivity_module.Connectivity, "_answers", lambda self, url: answered())
    answers = [True, False, True]

    async def answered():
        return answers.pop(0)

    line = Connectivity(client, ["x"])
    assert await line.is_up()
    clock[0] += connectivity_module.FRESH_SECONDS - 0.1
    assert await line.is_up()
    clock[0] += 0.1
    assert not await line.is_up()
    clock[0] += connectivity_module.KEEP_SECONDS - 0.1
    assert not await line.is_up()
    clock[0] += 0.1
    assert await line.is_up()


async def test_a_loss_that_a_look_met_is_remembered_after_the_line_is_back(client, monkeypatch):
    up = [False]

    async def answers(_, url):
        return up[0]

    monkeypatch.setattr(Connectivity, "_answers", answers)
    monkeypatch.setattr(connectivity_module, "KEEP_SECONDS", 0.0)
    line = Connectivity(client, ["x"], ways=frozenset)
    before = line.begin()
    assert not line.was_away(before)
    assert not await line.is_up()
    up[0] = True
    assert await line.is_up()
    assert line.was_away(before)
    assert not line.was_away(line.begin())


@pytest.mark.parametrize(
    ("before", "now", "away"),
    [
        ({("eth0", 1)}, {("eth0", 1)}, False),
        ({("eth0", 1)}, {("eth0", 2)}, True),
        ({("eth0", 1)}, set(), True),
        ({("eth0", 1)}, {("wlan0", 0)}, True),
        (set(), {("eth0", 1)}, False),
    ],
)
async def test_the_kernel_tells_of_a_loss_that_no_look_met(client, before, now, away):
    told = [frozenset(before)]
    line = Connectivity(client, ["http://ref.test/"], ways=lambda: told[0])
    since = line.begin()
    told[0] = frozenset(now)
    assert line.was_away(since) is away


async def test_without_reference_pages_the_line_is_never_away(client):
    line = Connectivity(client, [], ways=lambda: frozenset({("eth0", time.monotonic_ns())}))
    assert not line.was_away(line.begin())


async def test_a_look_that_was_begun_in_the_moment_of_a_failure_is_known_afterwards(client, monkeypatch):
    up, asked = [False], []

    async def answers(_, url):
        asked.append(url)
        seen = up[0]
        await asyncio.sleep(0.01)
        return seen

    monkeypatch.setattr(Connectivity, "_answers", answers)
    monkeypatch.setattr(connectivity_module, "KEEP_SECONDS", 0.0)
    line = Connectivity(client, ["x"], ways=frozenset)
    began = line.begin()
    line.look_soon()
    line.look_soon()
    while not asked:
        await asyncio.sleep(0)
    up[0] = True
    assert await line.is_up()
    assert line.was_away(began)
    assert len(asked) == 2


async def test_a_line_is_looked_at_until_nobody_waits(client, page, monkeypatch):
    url, asked = page
    monkeypatch.setattr(connectivity_module, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(connectivity_module, "FRESH_SECONDS", 0.0)
    looking = asyncio.create_task(Connectivity(client, [url]).keep_looking())
    while len(asked) < 3:
        await asyncio.sleep(0.01)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking


async def test_a_reference_page_that_leads_inside_is_told_of_once_since_every_outage_would_be_taken_for_our_own(
    monkeypatch,
):
    class Refusing:
        async def get(self, *_, **__):
            raise ForbiddenHopError(Reason.DNS_FAILURE, "the host name leads only to addresses inside")

    monkeypatch.setattr(connectivity_module, "KEEP_SECONDS", 0.0)
    line = Connectivity(Refusing(), ["http://inside.test/"])
    with structlog.testing.capture_logs() as told:
        assert not await line.is_up()
        assert not await line.is_up()
    assert [(entry["log_level"], entry["reference_url"]) for entry in told] == [("warning", "http://inside.test/")]
    assert "by its address" in told[0]["event"]
