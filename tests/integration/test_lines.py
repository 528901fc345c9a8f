"""A real Chromium over citizens' lines. Times are checked from below only: a busy machine is late, never early."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from playwright.async_api import Browser, Error, Page, async_playwright

from probes.chromium.executable import find_browser
from probes.chromium.line import LineProxy
from probes.chromium.line_addresses import fixed_resolve
from probes.chromium.neterrors import net_error
from thuocdo.core.model import Reason
from thuocdo.core.profiles import Line
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: lines are NOT TESTED with one", allow_module_level=True)

pytestmark = pytest.mark.browser

HOST, OTHER_HOST = "portal.thuocdo.test", "media.thuocdo.test"
HOSTS = {HOST: "127.0.0.1", OTHER_HOST: "127.0.0.1"}
LINE = Line(name="line", rtt_seconds=0.2, down_bits_per_second=2e6, up_bits_per_second=1e6)
PICTURE_BYTES = 150_000


@pytest.fixture
async def site() -> AsyncIterator[int]:
    """The port of a page with a picture from another host."""

    async def page(request: web.Request) -> web.Response:
        picture = f"<img src='http://{OTHER_HOST}:{request.url.port}/picture'>"
        return web.Response(
            text=f"<!doctype html><title>Cổng</title><h1>Dịch vụ công</h1>{picture}", content_type="text/html"
        )

    async def picture(_: web.Request) -> web.Response:
        head = b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>"
        return web.Response(body=head.ljust(PICTURE_BYTES), content_type="image/svg+xml")

    async def broken(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/picture", picture)
    app.router.add_get("/broken", broken)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium that resolves no name itself: what it reaches, it reaches over a line."""
    arguments = [
        "--no-sandbox",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND,EXCLUDE 127.0.0.1",
    ]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=find_browser(BrowserSettings()), args=arguments)
        yield opened
        await opened.close()


@asynccontextmanager
async def page_over(browser: Browser, proxy: LineProxy) -> AsyncIterator[Page]:
    context = await browser.new_context(proxy={"server": proxy.url, "bypass": "<-loopback>"})
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def test_a_page_takes_what_its_line_needs(browser: Browser, site: int) -> None:
    async with LineProxy.open(LINE, resolve=fixed_resolve(HOSTS)) as proxy, page_over(browser, proxy) as page:
        await page.goto(f"http://{HOST}:{site}/", wait_until="load")
        seen = await page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
        ttfb, load = (seen[name] / 1000 for name in ("responseStart", "loadEventStart"))
        # Name, TCP, request; then the same for the picture's host, and its bytes.
        assert ttfb >= 3 * LINE.rtt_seconds * 0.99
        assert load >= 6 * LINE.rtt_seconds * 0.99 + PICTURE_BYTES * 8 / 2e6
        assert proxy.failures == []
        assert proxy.explain(HOST) is None


async def test_the_line_knows_why_a_page_did_not_come(browser: Browser, site: int, unused_tcp_port: int) -> None:
    async with LineProxy.open(LINE, resolve=fixed_resolve(HOSTS)) as proxy, page_over(browser, proxy) as page:
        for url, host, reason in (
            (f"http://{HOST}:{unused_tcp_port}/", HOST, Reason.CONNECTION_REFUSED),
            ("http://nowhere.thuocdo.test/", "nowhere.thuocdo.test", Reason.DNS_FAILURE),
        ):
            with pytest.raises(Error) as caught:
                await page.goto(url)
            assert net_error(caught.value) == "ERR_SOCKS_CONNECTION_FAILED"
            explained = proxy.explain(host)
            assert explained is not None
            assert explained[0] is reason
        with pytest.raises(Error) as caught:
            await page.goto(f"http://{HOST}:{site}/broken")
        assert net_error(caught.value) in {"ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET"}
        assert proxy.explain(HOST) is None  # a connection came about: Chromium knows better


async def test_an_address_beyond_the_map_is_out_of_reach(browser: Browser) -> None:
    async with LineProxy.open(LINE, resolve=fixed_resolve(HOSTS)) as proxy, page_over(browser, proxy) as page:
        with pytest.raises(Error, match="ERR_SOCKS_CONNECTION_FAILED"):
            await page.goto("http://192.0.2.1/")
        assert [failure.host for failure in proxy.failures] == ["192.0.2.1"]


async def test_pages_of_one_browser_have_lines_of_their_own(browser: Browser, site: int) -> None:
    quick = Line(name="quick", rtt_seconds=0.002)
    resolve, url = fixed_resolve(HOSTS), f"http://{HOST}:{site}/"
    async with (
        LineProxy.open(LINE, resolve=resolve) as cut, page_over(browser, cut) as held,
        LineProxy.open(quick, resolve=resolve) as free, page_over(browser, free) as loaded,
    ):  # fmt: skip
        cut.cut()
        waiting = asyncio.create_task(held.goto(url, wait_until="load"))
        await loaded.goto(url, wait_until="load")
        assert not waiting.done()
        cut.restore()
        await waiting


async def test_a_page_survives_a_cut_line(browser: Browser, site: int) -> None:
    async with LineProxy.open(LINE, resolve=fixed_resolve(HOSTS)) as proxy, page_over(browser, proxy) as page:
        page.once("request", lambda _: page.once("request", lambda _: proxy.cut()))  # of the picture, which cannot come
        await page.goto(f"http://{HOST}:{site}/", wait_until="commit")
        loading = asyncio.create_task(page.wait_for_load_state("load"))
        done, _ = await asyncio.wait([loading], timeout=2.0)
        assert not done
        proxy.restore()
        await loading
        assert await page.evaluate("document.images[0].naturalWidth") == 9


async def test_a_closed_page_leaves_no_connection_on_its_line(browser: Browser, site: int) -> None:
    async with LineProxy.open(LINE, resolve=fixed_resolve(HOSTS)) as proxy:
        async with page_over(browser, proxy) as page:
            await page.goto(f"http://{HOST}:{site}/", wait_until="load")
        async with asyncio.timeout(10):
            while proxy._relays:
                await asyncio.sleep(0.02)
