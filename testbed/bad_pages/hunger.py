"""Pages that want more memory than there is: in scripts, pictures, nodes, text, the browser's own storage, our messages."""

import struct
import zlib
from functools import cache

from aiohttp import web

from testbed.bad_pages.page import BadPage, Listener, after_load, bad, document, html, scripted
from thuocdo.core.model import Reason

_SIDE = 12000
_CRASH = (Reason.PAGE_CRASH, Reason.TOO_LARGE)


def _again(script: str) -> str:
    return f"window.kept = []; setInterval(() => {{ {script} }}, 10)"


async def _upload(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        async for _ in request.content.iter_chunked(1 << 20):
            pass
        return web.Response()
    body = "const big = 'x'.repeat(3e7);"
    return html(
        document(script=f"{body} setInterval(() => fetch('{request.path}/up', {{method: 'POST', body: big}}), 100)")
    )


@cache
def _vast_png() -> bytes:
    """A white picture of 12,000 x 12,000 points of one bit; shown, it takes 576 MB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    points = zlib.compress((b"\0" + b"\xff" * (_SIDE // 8)) * _SIDE, 9)
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", points) + chunk(b"IEND", b"")


async def _pictures(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        return web.Response(body=_vast_png(), content_type="image/png")
    shown = "".join(f"<img alt='' width=60 height=60 src='{request.path}/{number}'>" for number in range(20))
    return html(document(head="<style>p { display: none }</style>", body=shown))


PAGES: tuple[BadPage, ...] = (
    bad(
        "heap-bomb",
        "fills the script heap",
        scripted("a = []; while (true) a.push(new Array(1e6).fill(Math.random()))"),
        *_CRASH,
    ),
    bad(
        "buffer-bomb",
        "fills ArrayBuffers, which the heap's limit does not count",
        scripted("a = []; while (true) a.push(new Uint8Array(1e7).fill(1))"),
        *_CRASH,
    ),
    bad(
        "buffer-bomb-late",
        "fills ArrayBuffers after its load, in steps",
        after_load(_again("kept.push(new Uint8Array(3e7).fill(1))")),
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "wasm-bomb",
        "grows WebAssembly memories",
        scripted(
            _again("const m = new WebAssembly.Memory({initial: 800}); new Uint8Array(m.buffer).fill(1); kept.push(m)")
        ),
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "worker-bomb",
        "fills ArrayBuffers in a worker",
        scripted(
            "const code = 'a = []; while (true) a.push(new Uint8Array(1e7).fill(1))';"
            "new Worker(URL.createObjectURL(new Blob([code])))"
        ),
        *_CRASH,
        None,
    ),
    bad(
        "canvas-bomb",
        "paints on canvases of 64 MB without end",
        scripted(
            _again(
                "const c = document.createElement('canvas'); c.width = c.height = 4000;"
                " const x = c.getContext('2d'); x.fillStyle = 'red'; x.fillRect(0, 0, 4000, 4000);"
                " x.getImageData(0, 0, 1, 1); document.body.append(c); kept.push(c)"
            )
        ),
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "picture-bomb",
        "shows 20 pictures of 144 million points, each 18 kB on the wire",
        _pictures,
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "blob-bomb",
        "makes Blobs, which the browser process keeps",
        scripted(_again("kept.push(new Blob([new Uint8Array(3e7).fill(1)]))")),
        *_CRASH,
        Reason.TIMEOUT,
        None,
        takes_browser=True,
    ),
    bad(
        "storage-bomb",
        "fills its database and caches, which live in memory here",
        scripted(
            "const big = new Uint8Array(2e7).fill(1);"
            "caches.open('c').then((c) => setInterval(() => c.put('/' + Math.random(), new Response(big)).catch(() => 0), 20));"
            "const r = indexedDB.open('d', 1); r.onupgradeneeded = () => r.result.createObjectStore('s');"
            "r.onsuccess = () => setInterval(() => { try { r.result.transaction('s', 'readwrite').objectStore('s')"
            ".put(big, Math.random()) } catch {} }, 20)"
        ),
        *_CRASH,
        Reason.TIMEOUT,
        None,
        listener=Listener.TLS,  # these stores exist for secure pages only
        takes_browser=True,
    ),
    bad(
        "nodes-million",
        "makes a million nodes",
        scripted(
            "const f = document.createDocumentFragment(); for (let i = 0; i < 1e6; i++) {"
            " const p = document.createElement('p'); p.append('x'); f.append(p) } document.body.append(f)"
        ),
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "nodes-deep",
        "nests 50,000 nodes in each other",
        scripted(
            "let at = document.body; for (let i = 0; i < 50000; i++) { const d = document.createElement('div');"
            " at.append(d); at = d } at.append('x')"
        ),
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "text-huge",
        "writes 200 million letters of text by script",
        after_load("document.body.append('x '.repeat(1e8))"),
        *_CRASH,
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "title-huge",
        "has a title of 50 million letters",
        after_load("document.title = 'x'.repeat(5e7)"),
        None,
        Reason.TIMEOUT,
        *_CRASH,
    ),
    bad(
        "address-huge",
        "gives itself addresses of 1.9 million letters without end",
        scripted(
            "let n = 0; setInterval(() => { try { history.replaceState({}, '', '?' + n++ + 'x'.repeat(1.9e6)) } catch {} }, 20)"
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "data-urls",
        "loads pictures from data: URLs of 20 million letters without end",
        scripted(
            "const big = 'data:image/svg+xml,' + 'x'.repeat(2e7); let n = 0;"
            " setInterval(() => { new Image().src = big + n++ }, 50)"
        ),
        None,
        Reason.TIMEOUT,
        *_CRASH,
        takes_browser=True,
    ),
    bad("uploads", "sends 30 MB ten times a second", _upload, None, Reason.TIMEOUT, *_CRASH, takes_browser=True),
    bad(
        "script-huge",
        "runs a script of 30 million letters made of nested brackets",
        after_load("eval('['.repeat(3e7))"),
        None,
        Reason.TIMEOUT,
        *_CRASH,
    ),
)
