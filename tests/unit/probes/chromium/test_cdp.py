"""The light connection to a browser, against a WebSocket server that answers as Chromium does."""

import asyncio
import json
import socket

import pytest
import pytest_asyncio
from aiohttp import WSMsgType, web
from playwright.async_api import Error

from probes.chromium.cdp import Connection, call


class Chromium:
    """Answers what it is told to answer; `say` sends an event."""

    def __init__(self):
        self.answers = {"Target.attachToTarget": {"result": {"sessionId": "S"}}}
        self.asked = []
        self.socket = None

    async def serve(self, request):
        self.socket = web.WebSocketResponse()
        await self.socket.prepare(request)
        async for message in self.socket:
            if message.type is WSMsgType.TEXT:
                asked = json.loads(message.data)
                self.asked.append(asked)
                answer = self.answers.get(asked["method"])
                if answer is not None:
                    await self.socket.send_str(json.dumps({"id": asked["id"], **answer}))
        return self.socket

    async def say(self, method, session="", **params):
        await self.socket.send_str(
            json.dumps({"method": method, "params": params} | ({"sessionId": session} if session else {}))
        )


@pytest_asyncio.fixture
async def chromium():
    played = Chromium()
    app = web.Application()
    app.router.add_get("/devtools", played.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    played.url = f"ws://127.0.0.1:{port}/devtools"
    yield played
    await runner.cleanup()


@pytest_asyncio.fixture
async def connection(chromium):
    opened = await Connection.open(chromium.url)
    yield opened
    await opened.close()


async def test_a_command_of_a_session_is_answered(chromium, connection):
    chromium.answers["Page.enable"] = {"result": {"done": 1}}
    session = await connection.attach("T")
    assert await session.send("Page.enable", {"a": 1}) == {"done": 1}
    assert chromium.asked[-1] == {"id": 2, "method": "Page.enable", "params": {"a": 1}, "sessionId": "S"}


async def test_a_refused_command_raises_the_browsers_words(chromium, connection):
    chromium.answers["Page.navigate"] = {"error": {"code": -32000, "message": "Cannot navigate to invalid URL"}}
    with pytest.raises(Error, match=r"Page\.navigate: Cannot navigate to invalid URL"):
        await connection.send("Page.navigate")


async def test_an_event_reaches_its_session_only(chromium, connection):
    session = await connection.attach("T")
    heard = asyncio.Queue()
    session.on("Page.loadEventFired", heard.put_nowait)
    await chromium.say("Page.loadEventFired", session="other", timestamp=1)
    await chromium.say("Page.loadEventFired", session="S", timestamp=2)
    assert await asyncio.wait_for(heard.get(), 60) == {"timestamp": 2}


async def test_a_lost_target_ends_what_waits_for_it_and_nothing_else(chromium, connection):
    session = await connection.attach("T")
    lost = asyncio.Event()
    session.on_lost = lost.set
    of_target = asyncio.create_task(session.send("Runtime.evaluate"))
    of_browser = asyncio.create_task(connection.send("Browser.close"))
    async with asyncio.timeout(60):
        while len(chromium.asked) < 3:
            await asyncio.sleep(0)
        await chromium.say("Target.detachedFromTarget", sessionId="S")
        with pytest.raises(Error, match="Target closed"):
            await of_target
        await lost.wait()
    assert not of_browser.done()
    of_browser.cancel()


async def test_a_frame_of_another_process_is_heard_and_told_gone_by_its_page(chromium, connection):
    page = await connection.attach("T")
    frame = connection.adopt("F")
    heard, gone, lost = asyncio.Queue(), asyncio.Queue(), asyncio.Event()
    frame.on("Page.frameAttached", heard.put_nowait)
    page.on("Target.detachedFromTarget", gone.put_nowait)
    frame.on_lost = lost.set
    await chromium.say("Page.frameAttached", session="F", frameId="1")
    async with asyncio.timeout(60):
        assert await heard.get() == {"frameId": "1"}
        await chromium.say("Target.detachedFromTarget", session="S", sessionId="F")
        assert await gone.get() == {"sessionId": "F"}
        await lost.wait()


async def test_a_function_called_in_a_page_gives_its_value(chromium, connection):
    session = await connection.attach("T")
    chromium.answers["Runtime.evaluate"] = {"result": {"result": {"type": "object", "value": {"fields": 3}}}}
    assert await call(session, "({ a }) => document.title + a", {"a": "é"}) == {"fields": 3}
    assert chromium.asked[-1]["params"]["expression"] == '(({ a }) => document.title + a)({"a": "\\u00e9"})'
    chromium.answers["Runtime.evaluate"] = {"result": {"result": {"type": "undefined"}}}
    assert await call(session, "() => undefined") is None


async def test_a_function_that_throws_in_a_page_raises(chromium, connection):
    session = await connection.attach("T")
    chromium.answers["Runtime.evaluate"] = {"result": {"result": {}, "exceptionDetails": {"text": "Uncaught"}}}
    with pytest.raises(Error, match="Uncaught"):
        await call(session, "() => nothing.there")


async def test_a_lost_browser_ends_everything(chromium, connection):
    session = await connection.attach("T")
    lost = asyncio.Event()
    session.on_lost = lost.set
    waiting = asyncio.create_task(session.send("Runtime.evaluate"))
    async with asyncio.timeout(60):
        while len(chromium.asked) < 2:
            await asyncio.sleep(0)
        await chromium.socket.close()
        with pytest.raises(Error, match="closed the connection"):
            await waiting
        await lost.wait()
        with pytest.raises(Error, match="closed the connection"):
            await connection.send("Browser.getVersion")


async def test_its_end_is_known_before_anything_is_read(chromium, connection):
    """What a browser lets go as the connection ends may reach us before we get to read of the end."""
    await connection.attach("T")
    assert connection.is_open
    await chromium.say("Page.loadEventFired")  # lies unread before the end
    chromium.socket.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    assert not connection.is_open


async def test_a_connection_that_we_closed_is_not_open(chromium, connection):
    await connection.close()
    assert not connection.is_open


async def test_nobody_at_the_address_is_said_so(chromium):
    with pytest.raises(Error, match="does not answer"):
        await Connection.open(chromium.url.replace("/devtools", "/nothing"))


async def test_half_a_letter_in_a_pages_text_does_not_end_the_connection(chromium, connection):
    half = '"\\ud83d"'
    chromium.answers["Runtime.evaluate"] = {"result": {"result": {"value": json.loads(half)}}}
    session = await connection.attach("T")
    assert await call(session, "() => document.title") == json.loads(half)
