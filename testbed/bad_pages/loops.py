"""Scripts that never end, and work that never stops."""

import asyncio

from aiohttp import web

from testbed.bad_pages.page import BadPage, Handler, after_load, bad, document, html, scripted
from thuocdo.core.model import Reason

_LOOP = "while (true);"


def _worker(number: int, code: str) -> Handler:
    return scripted(
        f"const made = URL.createObjectURL(new Blob(['{code}'], {{type: 'text/javascript'}}));"
        f"window.workers = Array.from({{length: {number}}}, () => new Worker(made));"
    )


async def _polling(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        await asyncio.sleep(0.05)
        return web.json_response({})
    return html(document(script=f"setInterval(() => fetch('{request.path}/poll'), 100)"))


async def _fetching(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        return web.json_response({})
    each = f"const next = () => fetch('{request.path}/next').then(next); for (let i = 0; i < 20; i++) next();"
    return html(document(script=each))


async def _socket(request: web.Request) -> web.StreamResponse:
    if not request.match_info["rest"]:
        address = f"ws://{request.host}{request.path}/socket"
        return html(document(script=f"new WebSocket('{address}').onmessage = (m) => {{ window.last = m.data }}"))
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    while not socket.closed:
        await socket.send_str("x" * 4000)
        await asyncio.sleep(0.0005)  # 2,000 a second are a flood; more would only starve who serves it
    return socket


async def _events(request: web.Request) -> web.StreamResponse:
    if not request.match_info["rest"]:
        return html(document(script=f"new EventSource('{request.path}/events')"))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        await response.write(b"data: x\n\n" * 50)
        await asyncio.sleep(0.01)


_ANIMATED = (
    "<style>@keyframes turn { to { transform: rotate(1turn); filter: blur(3px) } } i { display: inline-block; width: 9px;"
    " height: 9px; background: red; animation: turn 1s infinite }</style>" + "<i></i>" * 500
)

PAGES: tuple[BadPage, ...] = (
    bad("loop-before-load", "loops for ever while it loads", scripted(_LOOP), Reason.TIMEOUT),
    bad(
        "loop-in-head",
        "loops for ever before anything is shown",
        scripted("", head=f"<script>{_LOOP}</script>"),
        Reason.TIMEOUT,
    ),
    bad("loop-at-load", "loops for ever in its load event", scripted(f"onload = () => {{ {_LOOP} }}"), Reason.TIMEOUT),
    bad("loop-after-load", "loops for ever soon after its load event", after_load(_LOOP), Reason.TIMEOUT),
    bad("loop-when-settled", "loops for ever once it has settled", after_load(_LOOP, 600), Reason.TIMEOUT, None),
    bad(
        "loop-microtasks",
        "loops for ever in promises",
        after_load("const again = () => Promise.resolve().then(again); again()"),
        Reason.TIMEOUT,
        Reason.PAGE_CRASH,  # its memory is never tidied up
    ),
    bad(
        "loop-regex",
        "searches a text with a pattern that takes for ever",
        after_load("/^(a+)+$/.test('a'.repeat(60) + '!')"),
        Reason.TIMEOUT,
    ),
    bad(
        "loop-recursion",
        "calls itself until the stack is full, again and again",
        scripted("const deep = () => deep() + 1; setInterval(() => { try { deep() } catch {} }, 1)"),
        None,
        Reason.TIMEOUT,
    ),
    bad("loop-worker", "loops for ever in a worker", _worker(1, _LOOP)),
    bad("loop-workers", "loops for ever in 30 workers", _worker(30, _LOOP), None, Reason.TIMEOUT),
    bad(
        "workers-in-workers",
        "starts workers that start workers",
        scripted(
            "const code = \"const u = URL.createObjectURL(new Blob(['(' + self.code + ')()']))\";"
            "const born = `self.onmessage = (e) => { for (let i = 0; i < 2; i++) {"
            " const w = new Worker(e.data); w.postMessage(e.data) } }`;"
            "const made = URL.createObjectURL(new Blob([born])); const w = new Worker(made); w.postMessage(made)"
        ),
        None,
        Reason.TIMEOUT,
        Reason.PAGE_CRASH,
        takes_browser=True,
    ),
    bad(
        "timers",
        "changes and measures its layout in every timer tick",
        scripted(
            "setInterval(() => { for (let i = 0; i < 300; i++) {"
            " document.body.style.paddingTop = i % 9 + 'px'; document.body.offsetHeight } }, 0)"
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "frames-heavy",
        "works 100 ms in every animation frame",
        scripted(
            "const work = () => { const end = performance.now() + 100; while (performance.now() < end);"
            " requestAnimationFrame(work) }; requestAnimationFrame(work)"
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "animation", "has 500 style-sheet animations that never end", scripted("", body=_ANIMATED), None, Reason.TIMEOUT
    ),
    bad(
        "console-flood",
        "writes to the console without end",
        scripted("setInterval(() => { for (let i = 0; i < 500; i++) console.log('x'.repeat(2000), {i}) }, 1)"),
        None,
        Reason.TIMEOUT,
        takes_browser=True,  # its own process keeps the messages that nobody has read yet
    ),
    bad(
        "errors-flood",
        "throws errors and rejects promises without end",
        scripted(
            "setInterval(() => { Promise.reject(new Error('x'.repeat(5000))); throw new Error('x'.repeat(5000)) }, 1)"
        ),
    ),
    bad(
        "messages-flood",
        "posts messages to itself without end",
        scripted(
            "onmessage = () => { postMessage('x'.repeat(9999), '*') }; for (let i = 0; i < 50; i++) postMessage('', '*')"
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "mutations-flood",
        "replaces its text without end",
        after_load(
            "const p = document.querySelector('p'); setInterval(() => { p.textContent = p.textContent + ' ' }, 1)"
        ),
    ),
    bad("polling", "asks its server again every 0.1 s", _polling),
    bad(
        "fetch-flood",
        "asks its server again as soon as it has answered, 20 times over",
        _fetching,
        None,
        Reason.TIMEOUT,
    ),
    bad("socket-flood", "receives messages over a WebSocket without end", _socket, None, Reason.TIMEOUT),
    bad("events-flood", "receives server-sent events without end", _events),
    bad(
        "beacons-flood",
        "sends beacons without end",
        scripted("setInterval(() => { for (let i = 0; i < 5; i++) navigator.sendBeacon('/healthy', 'x') }, 10)"),
        None,
        Reason.TIMEOUT,
    ),
)
