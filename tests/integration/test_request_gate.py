"""
What the installed Chromium can send, and that all of it is held: a page that tries every way there is, with and without the gate.

The control run shows that each way works where nobody holds it; what a new Chromium sends past the gate shows here.
"""

import asyncio
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser as Chromium
from playwright.async_api import Error, Page

from probes.chromium import life as life_module
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.life import Life
from probes.chromium.playwright_page import PlaywrightPage
from probes.chromium.request_gate import RequestGate
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the request gate is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

READS = {
    "image": "new Image().src = at('image')",
    "event source": "new EventSource(at('event source'))",
    "prefetched": "add('link', { rel: 'prefetch', href: at('prefetched') })",
    "frame": "add('iframe', { src: at('frame') })",
    "style": "add('link', { rel: 'stylesheet', href: at('style') })",
    "reading of a worker": "work(`fetch('${at('reading of a worker')}')`)",
}
"""Ways of reading: they go while the page is opened, and no longer once it has been tried."""

SENDS = {
    "fetch": "fetch(at('fetch'), { method: 'POST', body: 'x' })",
    "fetch that outlives its page": "fetch(at('fetch that outlives its page'), { method: 'POST', body: 'x', keepalive: true })",
    "beacon": "navigator.sendBeacon(at('beacon'), 'x')",
    "ping": "const a = add('a', { href: '#', ping: at('ping') }); a.click()",
    "worker": "work(`fetch('${at('worker')}', { method: 'POST' })`)",
    "worker of a worker": (
        "work(`new Worker(URL.createObjectURL(new Blob([\"fetch('${at('worker of a worker')}', { method: 'POST' })\"])))`)"
    ),
    "shared worker": "new SharedWorker('data:text/javascript,' + encodeURIComponent("
    "`fetch('${at('shared worker')}', { method: 'POST', mode: 'no-cors' })`))",
    "service worker": "navigator.serviceWorker.register('/worker.js')",
    "script of a frame": (
        "add('iframe', { srcdoc: `<script>fetch('${at('script of a frame')}', { method: 'POST' })<\\/script>` })"
    ),
    "download": "add('a', { href: at('download'), download: 'x' }).click()",
    "form": "const f = add('form', { action: at('form') }); const i = add('iframe', { name: 'to' }); f.target = 'to'; f.submit()",
    "socket": "socket('socket')",
    "socket of a worker": (
        "work(`const s = new WebSocket('${ws('socket of a worker')}'); s.onopen = () => s.send('x')`)"
    ),
    "socket of a stream": "new WebSocketStream(ws('socket of a stream')).opened",
    "later": "fetchLater(at('later'), { method: 'POST', body: 'x', activateAfter: 0 })",
    "later, when the page goes": "fetchLater(at('later, when the page goes'), { method: 'POST', body: 'x' })",
    "ahead of a navigation": (
        "add('script', { type: 'speculationrules', textContent: JSON.stringify({ prefetch: [{ source: 'list', "
        "urls: [at('ahead of a navigation')], eagerness: 'immediate' }] }) })"
    ),
    "datagram": (
        "const p = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:UDP' }] }); p.createDataChannel('x'); "
        "p.createOffer().then((offer) => p.setLocalDescription(offer))"
    ),
    "call over TCP": "turn('turn', TCP)",
    "call over TLS": "turn('turns', TLS)",
    "login by way of another site": (
        "navigator.credentials.get({ identity: { providers: ["
        "{ configURL: at('login by way of another site'), clientId: 'x' }] } }).catch(() => 0)"
    ),
}
"""Ways of sending: none of them ever goes."""

TOOLS = """
const at = (way) => location.origin + "/way/" + encodeURIComponent(way);
const ws = (way) => at(way).replace("http:", "ws:");
const add = (name, given) => { const made = Object.assign(document.createElement(name), given);
  if (given.ping) made.setAttribute("ping", given.ping); document.body.append(made); return made; };
const work = (source) => new Worker(URL.createObjectURL(new Blob([source])));
const turn = (kind, port) => {
  const call = new RTCPeerConnection({ iceTransportPolicy: "relay", iceServers: [
    { urls: `${kind}:127.0.0.1:${port}?transport=tcp`, username: "x", credential: "x" }] });
  call.createDataChannel("x");
  call.createOffer().then((offer) => call.setLocalDescription(offer));
};
const socket = (way) => { const s = new WebSocket(ws(way)); s.onopen = () => s.send("x"); };
"""


class Server:
    """Counts what arrives, by way."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.url = ""
        self.ports: dict[str, int] = {}

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/way/"):
            self.arrived[request.path.removeprefix("/way/")] += 1
        if "upgrade" in request.headers.get("Connection", "").lower():
            opened = web.WebSocketResponse()
            await opened.prepare(request)
            async for _ in opened:
                pass
            return opened
        if request.path == "/worker.js":
            text = "fetch('/way/service worker', { method: 'POST' })"
            return web.Response(text=text, content_type="text/javascript")
        return web.Response(text="<!doctype html><title>x</title><body></body>", content_type="text/html")

    async def listen(self, name: str, way: str) -> asyncio.Server:
        """Count a way whose bytes come to a port of their own."""

        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.arrived[way] += 1
            await reader.read(4096)
            writer.close()

        listening = await asyncio.start_server(count, "127.0.0.1", 0)
        self.ports[name] = listening.sockets[0].getsockname()[1]
        return listening

    async def count_datagrams(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await loop.sock_recv(listening, 2048)
            self.arrived["datagram"] += 1


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server() -> AsyncIterator[Server]:
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    # "localhost" is trustworthy: what browsers keep for secure pages works there without a certificate.
    made.url = f"http://localhost:{runner.addresses[0][1]}/"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        made.ports["UDP"] = listening.getsockname()[1]
        counting = asyncio.ensure_future(made.count_datagrams(listening))
        async with await made.listen("TCP", "call over TCP"), await made.listen("TLS", "call over TLS"):
            yield made
        counting.cancel()
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    launched = await Browser.launch(BrowserSettings(), hosts={}, user_agent="ThuocDo/0.1 (+https://contact.test)")
    yield launched
    await launched.close()


async def try_everything(page: Page, server: Server) -> None:
    """Have the page try every way, each on its own: what this browser does not know harms none of the others."""
    server.arrived.clear()
    for way in (READS | SENDS).values():
        script = re.sub(r"\b(UDP|TCP|TLS)\b", lambda name: str(server.ports[name[0]]), way)
        await page.evaluate(
            f"() => {{ try {{ {TOOLS} {script} }} catch (fault) {{ console.log(fault) }} return null; }}"
        )
    for _ in range(30):
        if len(server.arrived) == len(READS | SENDS):
            return
        await asyncio.sleep(0.1)


async def settled(server: Server) -> set[str]:
    """Return which ways arrived, once nothing new does: what a closed page has left behind comes late."""
    seen = -1
    while seen != server.arrived.total():
        seen = server.arrived.total()
        await asyncio.sleep(0.5)
    return set(server.arrived)


async def test_every_way_works_where_nobody_holds_it(server: Server, unguarded: Chromium) -> None:
    arrived: set[str] = set()
    for _ in range(12):  # what is sent as a page goes is sometimes not sent at all, on a busy machine most times
        context = await unguarded.new_context()
        page = await context.new_page()
        await page.goto(server.url)
        await try_everything(page, server)
        await context.close()
        arrived |= await settled(server)
        if arrived == set(READS | SENDS):
            break
    assert arrived == set(READS | SENDS)


async def test_a_page_that_is_opened_may_read_and_send_nothing(server: Server, browser: Browser) -> None:
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=30) as opened:
        opened.gate.expect(server.url)
        await opened.page.goto(server.url)
        await try_everything(opened.page, server)
    assert await settled(server) == set(READS)


async def test_nothing_at_all_leaves_a_page_that_is_tried(server: Server, browser: Browser) -> None:
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=30) as opened:
        opened.gate.expect(server.url)
        await opened.page.goto(server.url)
        opened.gate.shut()
        await try_everything(opened.page, server)
    assert await settled(server) == set()


async def test_nothing_at_all_leaves_a_timed_page_whose_line_is_shut(server: Server, browser: Browser) -> None:
    async with browser.tab(PROFILES["desktop"], deadline_seconds=30) as tab:
        await tab.session.send("Page.navigate", {"url": server.url})
        page: Any = TabPage(tab)
        while not await page.evaluate("() => document.readyState === 'complete'"):
            await asyncio.sleep(0.05)
        # A socket that is open already, and one that connects at this moment.
        await page.evaluate(f"() => {{ {TOOLS} globalThis.open_socket = new WebSocket(ws('socket')); return null; }}")
        while not await page.evaluate("() => open_socket.readyState === 1"):
            await asyncio.sleep(0.05)
        tab.set_up.line.shut()
        await try_everything(page, server)
        await page.evaluate("() => { open_socket.send('x'); return null; }")
    assert await settled(server) == set()


POSTING = """const send = () => fetch('/way/lost', { method: 'POST', body: 'x', keepalive: true }).catch(() => 0);
setInterval(send, 20); setInterval(() => navigator.sendBeacon('/way/lost', 'x'), 20);
work(`setInterval(() => fetch('${at('lost')}', { method: 'POST' }).catch(() => 0), 20)`);"""


async def have_it_post(opened: PlaywrightPage, server: Server) -> None:
    """Open a page that posts without end, and wait until the gate is busy with it."""
    opened.gate.expect(server.url)
    await opened.page.goto(server.url)
    await opened.page.evaluate(f"() => {{ {TOOLS} {POSTING} return null; }}")
    while len(opened.gate.stopped) < 20:
        await asyncio.sleep(0.02)


def drop_the_connection(life: Life) -> None:
    transport = life.connection._socket._response.connection.transport
    transport.abort()


def end_the_driver(life: Life) -> None:
    life.driver.kill()


def end_the_browser(life: Life) -> None:
    life.process.kill()


def break_the_gate(life: Life) -> None:
    """Have every decision of the gate fail on its way to the browser."""

    async def refused(*_: object) -> dict[str, Any]:
        raise Error("no such request")

    life.gate._session = cast("Any", SimpleNamespace(send=refused))


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("lose", [drop_the_connection, end_the_driver, end_the_browser, break_the_gate])
async def test_nothing_leaves_a_page_whose_gate_is_lost(
    server: Server, browser: Browser, lose: Callable[[Life], None]
) -> None:
    server.arrived.clear()
    with suppress(Error, TimeoutError, BrowserUnavailableError):
        async with browser.driven_page(PROFILES["desktop"], deadline_seconds=6) as opened:
            life = browser._guarded.present
            assert life is not None
            await have_it_post(opened, server)
            before = life.gate._session
            lose(life)
            await asyncio.Event().wait()  # until the page is lost, or its deadline
    life.gate._session = before
    assert await settled(server) == set()
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=30) as opened:
        opened.gate.expect(server.url)
        await opened.page.goto(server.url)
        assert await opened.page.title() == "x"


class Cord:
    """What our connection to a browser runs through, with an end of its own: threads, which go on while our loop stands still."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._join, daemon=True).start()

    def cut(self) -> None:
        for end in self._ends:
            end.shutdown(socket.SHUT_RDWR)

    def _join(self) -> None:
        ours, _ = self._listening.accept()
        self._listening.close()
        self._ends += [ours, socket.create_connection(("127.0.0.1", self._port))]
        for ends in (self._ends, self._ends[::-1]):
            threading.Thread(target=self._hand_on, args=ends, daemon=True).start()

    @staticmethod
    def _hand_on(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)


async def test_what_is_let_go_while_we_stand_still_is_not_handed_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends and the requests held are let go before our loop, which is late, reads of either."""
    cords: list[Cord] = []
    find = life_module._debugging_address

    async def through_a_cord(process: psutil.Process) -> str:
        port, _, path = (await find(process)).removeprefix("ws://127.0.0.1:").partition("/")
        cords.append(Cord(int(port)))
        return f"ws://127.0.0.1:{cords[-1].port}/{path}"

    monkeypatch.setattr(life_module, "_debugging_address", through_a_cord)
    launched = await Browser.launch(BrowserSettings(), hosts={}, user_agent="ThuocDo")
    server.arrived.clear()
    try:
        with suppress(Error, BrowserUnavailableError):
            async with launched.driven_page(PROFILES["desktop"], deadline_seconds=20) as opened:
                await have_it_post(opened, server)
                time.sleep(0.1)  # what the page asks for meanwhile is held
                cords[-1].cut()
                time.sleep(0.5)  # and let go
                await asyncio.Event().wait()
        assert launched.guarded_pid is None, "the browser was killed"
        assert await settled(server) == set()
    finally:
        await launched.close()


async def test_what_is_held_leaves_a_page_whose_gate_is_lost_where_nobody_sees_to_it(
    server: Server, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control run of those above: it is our looking out for the loss that holds."""
    monkeypatch.setattr(Life, "holds", lambda _: True)
    server.arrived.clear()
    with suppress(Error, TimeoutError, BrowserUnavailableError):
        async with browser.driven_page(PROFILES["desktop"], deadline_seconds=4) as opened:
            life = browser._guarded.present
            assert life is not None
            await have_it_post(opened, server)
            life.connection.on_lost = None
            drop_the_connection(life)
            await asyncio.Event().wait()
    assert await settled(server) == {"lost"}
    browser._guarded.present = None
    await life.end()


async def test_what_playwright_switches_off_stays_switched_off(browser: Browser) -> None:
    """Of two lists of features Chromium heeds the last one only."""
    assert browser.pid is not None
    said = [one for one in psutil.Process(browser.pid).cmdline() if one.startswith("--disable-features=")]
    playwrights, ours = (set(one.partition("=")[2].split(",")) for one in said)
    assert playwrights < ours


async def test_a_browser_whose_gate_cannot_be_armed_is_not_used(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: RequestGate) -> None:
        raise Error("Fetch.enable: not found")

    monkeypatch.setattr(RequestGate, "arm", refuse)
    launched = await Browser.launch(BrowserSettings(), hosts={}, user_agent="ThuocDo")
    before = set(psutil.Process().children())
    try:
        with pytest.raises(BrowserUnavailableError, match=r"Fetch\.enable"):
            async with launched.driven_page(PROFILES["desktop"], deadline_seconds=5):
                pytest.fail("a page was opened that nobody guards")
        assert launched.guarded_pid is None
        assert set(psutil.Process().children()) <= before, "its driver, and the browser under it, are gone"
    finally:
        await launched.close()


class TabPage:
    """As much of Playwright's page as `try_everything` needs, for a page over the light connection."""

    def __init__(self, tab: Any) -> None:
        self._session = tab.session

    async def evaluate(self, function: str) -> Any:
        told = await self._session.send("Runtime.evaluate", {"expression": f"({function})()", "returnByValue": True})
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")
