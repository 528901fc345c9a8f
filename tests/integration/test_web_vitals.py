"""
Our collector against Google's `web-vitals` library on the same load of the same page: both see the same browser's entries, so
they must say the same.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.chromium.interaction import interaction_seconds
from probes.chromium.visit import visit
from thuocdo.core.model import Block, Job, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the collector is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

LIBRARY = (
    Path(__file__).resolve().parents[2]
    / ".cache"
    / "real_input"
    / "node_modules"
    / "web-vitals"
    / "dist"
    / "web-vitals.iife.js"
)
TEXT = "<h1>Dịch vụ công</h1><p>" + "Nộp hồ sơ trực tuyến, tra cứu kết quả. " * 30
ORACLE = """<script src=/web-vitals.js></script><script>
oracle = {};
for (const name of ["FCP", "LCP", "CLS", "INP", "TTFB"])
  webVitals["on" + name]((metric) => { oracle[name] = metric.value }, { reportAllChanges: true, durationThreshold: 16 });
</script>"""
PUSH = "const gap = document.createElement('div'); gap.style.height = '%dpx'; document.body.prepend(gap);"

PAGES = {
    "text": TEXT,
    "late-picture": f"{TEXT}<img src=/slow.svg?600 width=1200 height=400 alt=''>",
    "style-sheet-first": f"<link rel=stylesheet href=/slow.css?300>{TEXT}<img src=/slow.svg?100 width=400 height=300 alt=''>",
    "shift": f"{TEXT}<img src=/slow.svg?900 alt=''><script>setTimeout(() => {{ {PUSH % 150} }}, 500)</script>",
    # Two windows, more than a second apart: one of two small shifts, one of a single larger one.
    "two-windows": f"{TEXT}<img src=/slow.svg?2600 width=9 height=9 alt=''><script>"
    f"for (const after of [400, 700]) setTimeout(() => {{ {PUSH % 60} }}, after);"
    f"setTimeout(() => {{ {PUSH % 200} }}, 2200)</script>",
    "drawn-by-script": "<div id=r></div><script>fetch('/slow.svg?400').then(() => {"
    f"document.getElementById('r').innerHTML = '{TEXT}' }})</script>",
    "long-tasks": f"{TEXT}<script>setTimeout(() => {{ const end = performance.now() + 250; while (performance.now() < end);"
    f"{PUSH % 90} }}, 200)</script><img src=/slow.svg?800 width=1100 height=500 alt=''>",
}
SLOW_KEYS = (
    f"{TEXT}<a href=/text>x</a><script>addEventListener('keydown', () => {{"
    "const end = performance.now() + 120; while (performance.now() < end); })</script>"
)


async def slow_svg(request: web.Request) -> web.Response:
    await _pause(request)
    shapes = "<rect width='1200' height='400' fill='#357'/>" + "<!-- -->" * 5000
    return web.Response(
        text=f"<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='400'>{shapes}</svg>",
        content_type="image/svg+xml",
    )


async def slow_css(request: web.Request) -> web.Response:
    await _pause(request)
    return web.Response(text="h1 { font-size: 60px }", content_type="text/css")


async def _pause(request):
    await asyncio.sleep(int(request.query_string or 0) / 1000)


def shown(text):
    async def handler(_: web.Request) -> web.Response:
        return web.Response(
            text=f"<!doctype html><html lang=vi><title>Cổng dịch vụ công</title>{ORACLE}<body>{text}",
            content_type="text/html",
        )

    return handler


async def library(_: web.Request) -> web.FileResponse:
    return web.FileResponse(LIBRARY)


async def moved(_: web.Request) -> web.Response:
    raise web.HTTPFound("/late-picture")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def base(require) -> AsyncIterator[str]:
    require(LIBRARY.is_file(), "npm's web-vitals", "scripts/setup_tests.sh")
    app = web.Application()
    app.router.add_get("/web-vitals.js", library)
    app.router.add_get("/slow.svg", slow_svg)
    app.router.add_get("/slow.css", slow_css)
    app.router.add_get("/moved", moved)
    app.router.add_get("/slow-keys", shown(SLOW_KEYS))
    for name, text in PAGES.items():
        app.router.add_get(f"/{name}", shown(text))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    opened = await Browser.launch(BrowserSettings(), hosts={}, user_agent="ThuocDo/test")
    yield opened
    await opened.close()


def job(url):
    return Job(
        target=Target(
            id="p.home", role=TargetRole.HOMEPAGE, url=url, agency_id="a", portal_id="p", block=Block.PROVINCE
        ),
        kind="homepage",
        vantage_id="local",
        profile="desktop",
        scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
        deadline_seconds=15.0,
    )


async def ask_oracle(session):
    # Observers report when the page is idle; two frames and a task later nothing is left to report.
    told = await session.send(
        "Runtime.evaluate",
        {
            "expression": "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>"
            " setTimeout(() => requestIdleCallback(() => done(JSON.stringify(oracle))), 50))))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    return json.loads(told["result"]["value"])


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("page", [*PAGES, "moved"])
async def test_paint_shift_and_first_byte_are_those_of_web_vitals(browser, base, page):
    async with browser.tab(PROFILES["desktop"], deadline_seconds=15.0) as tab:
        sight = await visit(tab.session, job(f"{base}/{page}"), seconds=13.0)
        oracle = await ask_oracle(tab.session)
    assert sight.judgement.reason is None, sight.judgement
    assert sight.values["ttfb_seconds"] == pytest.approx(oracle["TTFB"] / 1000, abs=1e-9)
    assert sight.values["fcp_seconds"] == pytest.approx(oracle["FCP"] / 1000, abs=1e-9)
    assert sight.values["lcp_seconds"] == pytest.approx(oracle["LCP"] / 1000, abs=1e-9)
    assert sight.values["cls_ratio"] == pytest.approx(oracle["CLS"], abs=1e-9)


async def test_the_pages_tell_a_late_picture_and_shifts_apart(browser, base):
    seen = {}
    for page in ("text", "late-picture", "shift", "two-windows"):
        async with browser.tab(PROFILES["desktop"], deadline_seconds=15.0) as tab:
            seen[page] = (await visit(tab.session, job(f"{base}/{page}"), seconds=13.0)).values
    assert seen["late-picture"]["lcp_seconds"] >= 0.6
    assert seen["text"]["cls_ratio"] == 0
    assert seen["shift"]["cls_ratio"] > 0
    assert seen["two-windows"]["cls_ratio"] > 0


async def test_the_wait_after_a_key_is_that_of_web_vitals(browser, base):
    async with browser.tab(PROFILES["desktop"], deadline_seconds=15.0) as tab:
        sight = await visit(tab.session, job(f"{base}/slow-keys"), seconds=13.0)
        seconds = await interaction_seconds(tab, sight.page)
        oracle = await ask_oracle(tab.session)
    # The browser's entry, in steps of 8 ms, may come too late on a busy machine; our own clock then tells the wait to a frame.
    assert seconds >= 0.12
    assert oracle["INP"] / 1000 >= 0.112
