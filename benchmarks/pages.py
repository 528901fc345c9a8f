"""
The pages of the browser benchmarks, served by a process of their own on loopback.

Bodies are made once at start and are the same on every machine. Every answer waits a fixed time, as a portal's server would, so
that the times have a truth: the waits are what a page takes on an idle machine, and a few milliseconds of drawing come on top.
"""

import asyncio
import io
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import uvloop
from aiohttp import web
from PIL import Image

from benchmarks.serving import served

HOME = "/home"
PORTAL = "/portal"
STAGED = "/staged"

BLOCKING_TASKS_SECONDS = (0.200, 0.150, 0.300)
TRUE_TBT_SECONDS = sum(task - 0.050 for task in BLOCKING_TASKS_SECONDS)

HOME_RESOURCES = 60
HOME_BYTES = 1_650_000

_STYLES, _SCRIPTS, _PICTURES, _LISTS = 4, 10, 43, 2
_STYLE_BYTES, _SCRIPT_BYTES, _LIST_BYTES = 20_000, 45_000, 20_000

_SENTENCE = "Nộp hồ sơ trực tuyến, tra cứu kết quả, đánh giá sự hài lòng của người dân và doanh nghiệp. "


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """An answer: what, of which type, and how long the server seems to think first."""

    body: bytes
    media_type: str
    delay_seconds: float


def all_pages() -> Mapping[str, Resource]:
    """Return every answer of the server by its path."""
    return {
        **_home(HOME),
        **_home(PORTAL, waits=PORTAL_WAITS),
        **_staged(),
        "/favicon.ico": _picture(16, 16, seed=1, delay_seconds=0.0),
    }


@contextmanager
def served_pages() -> Iterator[str]:
    """Serve the pages from a process of its own; yields their base address, such as http://127.0.0.1:4711."""
    with served("benchmarks.pages") as address:
        yield address


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a server thinks before each kind of answer, in seconds."""

    page: float = 0.150
    style: float = 0.040
    script: float = 0.060
    listing: float = 0.080
    banner: float = 0.250
    picture: float = 0.070


PORTAL_WAITS = Waits(page=0.700, style=0.200, script=0.250, listing=0.400, banner=0.800, picture=0.300)
"""A middling portal's: with them the same page shows its banner after some 2 s."""


def _home(place: str, waits: Waits = Waits()) -> dict[str, Resource]:
    """A home page as portals have them: banner, menus, news with pictures, two lists that scripts fetch."""
    parts = {
        f"{place}/style{n}.css": _text(_style(n), "text/css", waits.style) for n in range(_STYLES)
    } | {
        f"{place}/script{n}.js": _text(_script(n), "text/javascript", waits.script) for n in range(_SCRIPTS)
    } | {
        f"{place}/list{n}.json": _text(_filled('["', _LIST_BYTES - 2, "x") + '"]', "application/json", waits.listing)
        for n in range(_LISTS)
    }  # fmt: skip
    page = _text(_home_document(place), "text/html", waits.page)
    left = HOME_BYTES - len(page.body) - sum(len(part.body) for part in parts.values())
    banner = _padded(_picture(1200, 420, seed=100, delay_seconds=waits.banner), left // 8)
    each, rest = divmod(left - len(banner.body), _PICTURES - 1)
    pictures = {f"{place}/picture0.jpg": banner}
    for n in range(1, _PICTURES):
        size = each + (rest if n == 1 else 0)
        pictures[f"{place}/picture{n}.jpg"] = _padded(
            _picture(320, 200, seed=100 + n, delay_seconds=waits.picture), size
        )
    return {place: page, **parts, **pictures}


def _home_document(place: str) -> str:
    links = "".join(f"<link rel=stylesheet href={place}/style{n}.css>" for n in range(_STYLES))
    scripts = "".join(f"<script defer src={place}/script{n}.js></script>" for n in range(_SCRIPTS))
    menu = "".join(f"<li><a href={place}?m={n}>Mục {n}</a></li>" for n in range(60))
    news = "".join(
        f"<article class=c{n}><img src={place}/picture{n}.jpg width=320 height=200 alt='Tin {n}'><h3>Tin {n}</h3>"
        f"<p>{_SENTENCE * 3}</p></article>"
        for n in range(1, _PICTURES)
    )
    fetches = "".join(
        f"fetch('{place}/list{n}.json').then((answer) => answer.json()).then((list) => {{"
        f"for (let i = 0; i < 60; i++) {{ const row = document.createElement('li'); row.textContent = `Thủ tục ${{i}}`;"
        f"document.getElementById('list{n}').append(row); }} }});"
        for n in range(_LISTS)
    )
    lists = "".join(f"<ul id=list{n} class=list></ul>" for n in range(_LISTS))
    return (
        f"<!doctype html><html lang=vi><head><meta charset=utf-8><title>Cổng dịch vụ công</title>"
        f"<meta name=viewport content='width=device-width'>{links}{scripts}</head><body><header><h1>Cổng dịch vụ công</h1>"
        f"<nav><ul>{menu}</ul></nav></header><main><img src={place}/picture0.jpg width=1200 height=420 alt='Dịch vụ công'>"
        f"<section class=news>{news}</section>{lists}<p>{_SENTENCE * 20}</p></main><script>{fetches}</script></body></html>"
    )


def _style(n: int) -> str:
    rules = "body{margin:0;font:16px/1.5 sans-serif}nav ul{display:flex;flex-wrap:wrap;height:120px;overflow:hidden}"
    rules += ".news{display:grid;grid-template-columns:repeat(4,1fr);gap:8px}.list{height:600px;overflow:hidden}"
    rules += "".join(f".c{i} h3{{color:#{(i * 7919 + n) % 4096:03x};padding:{i % 9}px}}" for i in range(_PICTURES))
    rules += "".join(f".unused-{n}-{i}>li:nth-child({i}){{margin:{i}px;color:#357}}" for i in range(300))
    return _filled(rules + "/*", _STYLE_BYTES - 2, ".") + "*/"


def _script(n: int) -> str:
    functions = "".join(
        f"function work{n}_{i}(a){{let s=0;for(let k=0;k<a.length;k++){{s=(s*31+a.charCodeAt(k)+{i})|0}}return s}}\n"
        for i in range(300)
    )
    calls = f"let sum{n}=0;for(let i=0;i<200;i++){{sum{n}+=work{n}_0(document.title+i)+work{n}_7(location.href+i)}}\n"
    calls += f"document.querySelectorAll('.c{n + 1} p').forEach((p)=>{{p.dataset.sum=sum{n}}});\n"
    return _filled(functions + calls + "/*", _SCRIPT_BYTES - 2, ".") + "*/"


def _staged() -> dict[str, Resource]:
    """
    A page that comes in stages: text after its style sheet, scripts that block for a known time, the largest picture late, one
    last picture that ends the load.

    First content after 0.9 s of waiting, as on a middling portal: a browser just started, as the peers' is, takes 40 to 60 ms
    more for its first document than one that is warm, which would be over a tenth of a page that shows something after 0.4 s.
    """
    tasks = ",".join(str(round(seconds * 1000)) for seconds in BLOCKING_TASKS_SECONDS)
    # Blocking begins after the first content, because what blocks before it does not count.
    script = (
        f"const tasks = [{tasks}];"
        "const next = () => { const end = performance.now() + tasks.shift(); while (performance.now() < end);"
        " if (tasks.length) setTimeout(next, 40); };"
        "new PerformanceObserver((list) => { if (list.getEntriesByName('first-contentful-paint').length) setTimeout(next, 40) })"
        ".observe({ type: 'paint', buffered: true });"
    )
    document = (
        "<!doctype html><html lang=vi><meta charset=utf-8><title>Cổng dịch vụ công</title>"
        f"<link rel=stylesheet href=/staged/style.css><script>{script}</script><body><h1>Dịch vụ công</h1>"
        "<img src=/staged/large.jpg width=1000 height=420 alt='Dịch vụ công'>"
        f"<p>{_SENTENCE * 10}</p><a href=/home>Trang chủ</a><img src=/staged/last.jpg width=160 height=100 alt=''>"
    )
    return {
        STAGED: _text(document, "text/html", 0.400),
        "/staged/style.css": _text("body{margin:0;font:16px/1.5 sans-serif}img{display:block}", "text/css", 0.500),
        "/staged/large.jpg": _picture(1000, 420, seed=8, delay_seconds=1.600),
        "/staged/last.jpg": _picture(160, 100, seed=9, delay_seconds=2.000),
    }


def _text(text: str, media_type: str, delay_seconds: float) -> Resource:
    return Resource(body=text.encode(), media_type=media_type, delay_seconds=delay_seconds)


def _picture(width: int, height: int, *, seed: int, delay_seconds: float) -> Resource:
    """A photograph-like JPEG: large soft shapes with some grain."""
    random = np.random.default_rng(seed)
    shapes = Image.fromarray(random.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8))
    soft = np.asarray(shapes.resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = random.integers(-6, 7, (height, width, 1), dtype=np.int16)
    file = io.BytesIO()
    Image.fromarray(np.clip(soft + grain, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=80)
    return Resource(body=file.getvalue(), media_type="image/jpeg", delay_seconds=delay_seconds)


def _padded(picture: Resource, size_bytes: int) -> Resource:
    """Bring a JPEG to a size: what stands behind its end is transferred and ignored."""
    missing = size_bytes - len(picture.body)
    if missing < 0:
        raise ValueError(f"a picture has {len(picture.body)} bytes, more than the {size_bytes} it may have")
    return Resource(
        body=picture.body + bytes(missing), media_type=picture.media_type, delay_seconds=picture.delay_seconds
    )


def _filled(text: str, size_bytes: int, character: str) -> str:
    return text + character * (size_bytes - len(text.encode()))


async def _serve() -> None:
    pages = all_pages()

    async def answer(request: web.BaseRequest) -> web.Response:
        found = pages.get(request.path)
        if found is None:
            return web.Response(status=404)
        await asyncio.sleep(found.delay_seconds)
        return web.Response(body=found.body, content_type=found.media_type, headers={"Cache-Control": "no-store"})

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    print(f"http://127.0.0.1:{port}", flush=True)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), ended.set)
    await ended.wait()
    await runner.cleanup()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(_serve())
