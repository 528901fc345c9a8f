"""
Every rule of every act, on the testbed's pages with and without its barrier (testbed/barriers/<rule>/{with,without}*.html).

And that a form that is tried sends nothing, whatever its page does.
"""

import asyncio
import functools
import http.server
import re
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
import pytest_asyncio
from playwright.async_api import Browser as Chromium
from playwright.async_api import Error

from probes.accessibility.act import Act, Played, all_acts, play_all, read_all
from probes.accessibility.stage import ActContext, Standing
from probes.accessibility.world import IsolatedWorld
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from probes.journeys.submit_guard import SubmitGuard
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the barriers are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.turns(share=0.5)]

BARRIERS = Path(__file__).parents[2] / "testbed" / "barriers"
PAGES = sorted(BARRIERS.glob("*/with*.html"))
ACTS = {rule.id: act for act in all_acts().values() for rule in act.rules}


# What a page may do with a form that is set off; all of it ends at /luu/%n ("*": where the browser does not refuse it already).
SENDING = {
    "the form itself": "",
    "the form, by post": "f.method = 'post'",
    "* a form of another window": "f.target = '_blank'",
    "fetch": "f.onsubmit = () => { fetch('/luu/%n') }",
    "fetch, later": "f.onsubmit = (e) => { e.preventDefault(); setTimeout(() => fetch('/luu/%n'), 900) }",
    "fetch, again and again": "f.onsubmit = () => { setInterval(() => fetch('/luu/%n').catch(() => 0), 50) }",
    "a picture": "f.onsubmit = () => { new Image().src = '/luu/%n' }",
    "a beacon": "f.onsubmit = () => { navigator.sendBeacon('/luu/%n', 'a') }",
    "another page": "f.onsubmit = () => { location.href = '/luu/%n' }",
    "another window": "f.onsubmit = () => { open('/luu/%n') }",
    "submit()": "f.onsubmit = () => { f.submit() }",
    "when it is left": "f.onsubmit = () => addEventListener('pagehide', () => fetch('/luu/%n', {keepalive: true}))",
    "when it is unloaded": "f.onsubmit = () => addEventListener('beforeunload', () => navigator.sendBeacon('/luu/%n', 'a'))",
    "when the line is back": "f.onsubmit = () => addEventListener('online', () => fetch('/luu/%n'))",
    "a frame": "f.onsubmit = () => { const i = document.createElement('iframe'); i.src = '/luu/%n'; document.body.append(i) }",
    "a worker": (
        "f.onsubmit = () => new Worker(URL.createObjectURL(new Blob("
        "[`setInterval(() => fetch('${location.origin}/luu/%n'), 50)`])))"
    ),
}
FORM = """<!doctype html><html lang=vi><title>Tờ khai</title><p>Kê khai thông tin theo mẫu.</p>
<form id=f action=/luu/%n><label>Họ tên <input name=a></label><label>Ngày sinh <input name=b></label></form><script>%s</script>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static pages, silently; counts what reaches /luu/<number of the way>."""

    protocol_version = "HTTP/1.1"
    sent: ClassVar[Counter[int]] = Counter()

    def do_GET(self) -> None:
        """Answer with a file, with the form that is tried, or with nothing where something was sent."""
        asked = re.match(r"/(luu|form)/(\d+)", self.path)
        if not asked:
            super().do_GET()
            return
        number = int(asked[2])
        Handler.sent[number] += asked[1] == "luu"
        form = FORM.replace("%s", list(SENDING.values())[number]).replace("%n", str(number))
        body = form.encode() if asked[1] == "form" else b"sent"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Count."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(BARRIERS)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    launched = await Browser.launch(BrowserSettings(), hosts=None, user_agent="ThuocDo/0.1 (+https://contact.test)")
    yield launched
    await launched.close()


async def played_on(url: str, act: Act, browser: Browser, *, wait_seconds: float = 0.0) -> Played:
    """Play one act on one page, put the page back in order, and wait before leaving it."""
    async with AsyncExitStack() as around:

        async def open_page(_: float) -> Standing:
            await around.aclose()
            opened = await around.enter_async_context(browser.driven_page(PROFILES["desktop"], deadline_seconds=60))
            guard = SubmitGuard(opened)
            await guard.arm()
            opened.gate.expect(url)
            await opened.page.goto(url, wait_until="load")
            return Standing(opened=opened, guard=guard, world=await IsolatedWorld.open(opened.session))

        stage = ActContext(standing=await open_page(0.0), reopen=open_page, until=time.monotonic() + 50, may_try=True)
        played: list[Played] = []
        unhurried = replace(act, seconds=50.0)  # what it sees is asked here, not how soon a shared machine lets it see
        await read_all([unhurried], stage)
        await play_all([unhurried], stage, played)
        await stage.restore()
        await asyncio.sleep(wait_seconds)
        return played[0]


async def test_every_rule_has_a_page_with_and_one_without_its_barrier() -> None:
    there = {(page.parent.name, page.name.startswith("without")) for page in PAGES}
    assert there == {(rule, without) for rule in ACTS for without in (True, False)}


@pytest.mark.sampled(share=0.25, each="act")
@pytest.mark.parametrize(
    ("act", "page"),
    [pytest.param(ACTS[page.parent.name].name, page, id=f"{page.parent.name}-{page.stem}") for page in PAGES],
)
async def test_a_barrier_is_found_where_it_is_and_only_there(act: str, page: Path, site: str, browser: Browser) -> None:
    rule = page.parent.name
    played = await played_on(f"{site}/{rule}/{page.name}", all_acts()[act], browser)
    assert rule not in played.untested, f"{played.act} did not come to {rule}: {played.why}"
    verdict = next(verdict for verdict in played.verdicts if verdict.rule == rule)
    assert bool(verdict.failed or verdict.review) is not page.name.startswith("without"), verdict


async def arrived(number: int, seconds: float = 2.0) -> bool:
    """Wait until something was sent, at most so long; tells whether it was."""
    give_up = time.monotonic() + seconds
    while not Handler.sent[number] and time.monotonic() < give_up:
        await asyncio.sleep(0.05)
    return Handler.sent[number] > 0


async def tried(way: str, site: str, browser: Browser, unguarded: Chromium) -> str:
    """Try the form of a page, then set it off without a guard; returns what went wrong."""
    number = list(SENDING).index(way)
    await played_on(f"{site}/form/{number}", all_acts()["forms"], browser, wait_seconds=1.2)
    if Handler.sent[number]:
        return f"{way}: something was sent"
    if way.startswith("*"):
        return ""
    context = await unguarded.new_context()
    try:
        page = await context.new_page()
        await page.goto(f"{site}/form/{number}")
        with suppress(Error):  # it may be on its way to another page
            await page.evaluate("document.forms[0].requestSubmit()")
        if not await arrived(number):  # a line cut at once would stop what is on its way
            await page.context.set_offline(True)
            await page.context.set_offline(False)
            await arrived(number)
        with suppress(Error):
            await page.goto(f"{site}/made.js")
        await asyncio.sleep(0.1)
    finally:
        await context.close()
    return "" if Handler.sent[number] else f"{way}: this form is harmless; the test proves nothing"


async def test_form_that_is_tried_sends_nothing(site: str, browser: Browser, unguarded: Chromium) -> None:
    at_once = asyncio.Semaphore(4)

    async def one(way: str) -> str:
        async with at_once:
            return await tried(way, site, browser, unguarded)

    assert [fault for fault in await asyncio.gather(*map(one, SENDING)) if fault] == []
