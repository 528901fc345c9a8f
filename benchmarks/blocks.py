"""
A page that fills the viewport in three steps of known size and moment, served by a process of its own on loopback.

Plain blocks over the whole width: a heading with the document, a picture, and a banner that a script shows when a slow service
has answered. So the Speed Index has a truth: what the server's waits make of it; a few milliseconds of drawing come on top.
"""

import asyncio
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from PIL import Image

from benchmarks.serving import served

DOCUMENT_SECONDS, PICTURE_SECONDS, BANNER_SECONDS = 0.3, 0.6, 1.3
"""How long the server waits with each; the last two are asked for when the document has come."""

HEADING_RATIO, PICTURE_RATIO, BANNER_RATIO = 0.2, 0.5, 0.3
"""How much of the viewport each covers."""

TRUE_SPEED_INDEX_SECONDS = (
    HEADING_RATIO * DOCUMENT_SECONDS
    + PICTURE_RATIO * (DOCUMENT_SECONDS + PICTURE_SECONDS)
    + BANNER_RATIO * (DOCUMENT_SECONDS + BANNER_SECONDS)
)

_DOCUMENT = f"""<!doctype html><html lang=vi><meta charset=utf-8><title>Cổng dịch vụ công</title>
<meta name=viewport content='width=device-width'><style>body{{margin:0}}body>*{{display:block;width:100vw}}</style>
<body><div style='height:{HEADING_RATIO * 100:g}vh;background:#1a4f8b'></div>
<img src=/picture.png alt='' style='height:{PICTURE_RATIO * 100:g}vh'>
<div id=banner style='height:{BANNER_RATIO * 100:g}vh;background:#b3261e;visibility:hidden'></div>
<script>fetch('/banner').then(() => {{ document.getElementById('banner').style.visibility = 'visible' }})</script>"""


@contextmanager
def served_blocks() -> Iterator[str]:
    """Serve the page from a process of its own; yields its address, such as http://127.0.0.1:4711/."""
    with served("benchmarks.blocks") as address:
        yield address


async def _serve() -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "#3c7a3f").save(file, "PNG")
    answers = {
        "/": (_DOCUMENT.encode(), "text/html", DOCUMENT_SECONDS),
        "/picture.png": (file.getvalue(), "image/png", PICTURE_SECONDS),
        "/banner": (b"{}", "application/json", BANNER_SECONDS),
    }

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.path not in answers:
            return web.Response(status=404)
        body, media_type, seconds = answers[request.path]
        await asyncio.sleep(seconds)
        return web.Response(body=body, content_type=media_type, headers={"Cache-Control": "no-store"})

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/", flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
