"""
How exact a citizen's line is: what a browser and a plain client measure over it, against arithmetic (benchmarks.line_truth).

The browser's own work (starting a page, drawing) is in what it measures and not in the truth. For information stand beside it:
the same page with no line at all, and with Chromium's own emulation of the line.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.line_pages import MEDIA_HOST, PORTAL_HOST, Site, fetch_traces, served_site
from benchmarks.line_truth import FIRST_WINDOW_BYTES, Times, sending_seconds, visit_times
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from probes.chromium.executable import find_browser
from probes.chromium.line import LineProxy
from probes.chromium.line_addresses import fixed_resolve
from thuocdo.core.profiles import LINES, Line
from thuocdo.core.setting_groups import BrowserSettings

HOSTS = {PORTAL_HOST: "127.0.0.1", MEDIA_HOST: "127.0.0.1"}
RUNS = {"4g": 5, "3g": 5, "weak": 2}
JUDGED = ("4g", "3g")
METRICS = ("TTFB", "FCP", "load")
CLIENT_RUNS = 3
PINGS = 5
BULK_BYTES = {"4g": 1_000_000, "3g": 300_000, "weak": 60_000}
CPU_BYTES = {"4g": 3_000_000, "3g": 800_000, "weak": 150_000}
PARALLEL = 4
MUST, AIM = 0.10, 0.05
COLUMNS = (
    *("line", "metric", "truth", "over the line", "no line", "Chromium's emulation"),
    *("error over the line", "the same less what no line takes", "error of the emulation"),
)

_READ = """async () => {
    const paint = () => performance.getEntriesByName('first-contentful-paint')[0];
    for (let n = 0; n < 100 && !paint(); n++) await new Promise((done) => setTimeout(done, 20));
    const page = performance.getEntriesByType('navigation')[0];
    return [page.responseStart, paint().startTime, page.loadEventStart];
}"""


def main() -> None:
    """Measure and publish."""
    with served_site() as site:
        figures = uvloop.run(_measure_browser(site)) + uvloop.run(_measure_client(site))
    publish("line", figures)


async def _measure_client(site: Site) -> list[Figure]:
    """A plain client: what the proxy alone adds."""
    rows, figures = [], []
    for name in RUNS:
        line = LINES[name]
        errors = {}
        seen = [await _client_times(line, site, BULK_BYTES[name]) for _ in range(CLIENT_RUNS)]
        for (what, truth, _), *_ in zip(*seen, strict=True):
            measured = median(found for times in seen for name_of, _, found in times if name_of == what)
            errors[what] = measured / truth - 1
            rows.append((name, what, f"{truth:.4f}", f"{measured:.4f}", f"{errors[what]:+.1%}"))
        worst = max(abs(error) for error in errors.values())
        figures.append(_judged(name, "worst error of a plain client", worst))
        cpu = await _cpu_per_megabyte(line, site, CPU_BYTES[name])
        figures.append(Figure(figure=f"{name}: CPU-s of the proxy per MB", value=cpu))
    print("A plain client, seconds\n\n" + table(("line", "what", "truth", "measured", "error"), rows), flush=True)
    return figures


async def _client_times(line: Line, site: Site, size: int) -> list[tuple[str, float, float]]:
    async with LineProxy.open(line, resolve=fixed_resolve(HOSTS)) as proxy:
        began = time.monotonic()
        reader, writer = await _connect(proxy.url, PORTAL_HOST, site.bulk_port)
        opened = time.monotonic() - began
        pings = [await _exchange(reader, writer, "give 1", 1) for _ in range(PINGS)]
        writer.close()
        rtt = line.rtt_seconds
        measured = [("name + TCP", 2 * rtt, opened), ("round trip, median", rtt, median(pings))]
    async with LineProxy.open(line, resolve=fixed_resolve(HOSTS)) as proxy:  # a fresh one: no stall yet
        pairs = [await _connect(proxy.url, PORTAL_HOST, site.bulk_port) for _ in range(PARALLEL + 2)]
        truth = rtt + sending_seconds(line, size, FIRST_WINDOW_BYTES)
        measured.append((f"{size:,} bytes down", truth, await _exchange(*pairs[0], f"give {size}", size)))
        truth = rtt + sending_seconds(line, size // 4, FIRST_WINDOW_BYTES, up=True)
        took = await _exchange(*pairs[1], f"take {size // 4}", 1, bytes(size // 4))
        measured.append((f"{size // 4:,} bytes up", truth, took))
        # All windows open together: the connections are one of four times the window.
        truth = rtt + sending_seconds(line, size, PARALLEL * FIRST_WINDOW_BYTES)
        each = size // PARALLEL
        took = max(await asyncio.gather(*(_exchange(*pair, f"give {each}", each) for pair in pairs[2:])))
        measured.append((f"{PARALLEL} × {each:,} bytes down", truth, took))
        for _, writer in pairs:
            writer.close()
    return measured


async def _connect(proxy_url: str, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy_url.rsplit(":", 1)[1]))
    writer.write(b"\5\1\0")
    await reader.readexactly(2)
    writer.write(b"\5\1\0\3" + bytes((len(host),)) + host.encode() + port.to_bytes(2, "big"))
    answer = await reader.readexactly(10)
    if answer[1]:
        raise ConnectionError(f"SOCKS error {answer[1]}")
    return reader, writer


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: str, size: int, body: bytes = b""
) -> float:
    began = time.monotonic()
    writer.write(f"{request}\n".encode() + body)
    await reader.readexactly(size)
    return time.monotonic() - began


async def _cpu_per_megabyte(line: Line, site: Site, size: int) -> float:
    """CPU of this process, which runs nothing but the proxy while another one downloads."""
    async with LineProxy.open(line, resolve=fixed_resolve(HOSTS)) as proxy:
        client = get_context("spawn").Process(target=_download, args=(proxy.url, site.bulk_port, size))
        client.start()
        began = time.process_time()
        while client.exitcode is None:  # noqa: ASYNC110 - another process, which tells no event loop
            await asyncio.sleep(0.2)
        used = time.process_time() - began
    if client.exitcode:
        raise RuntimeError("the client of the CPU measurement failed; its error stands above")
    return used / (size / 1e6)


def _download(proxy_url: str, port: int, size: int) -> None:
    async def run() -> None:
        reader, writer = await _connect(proxy_url, PORTAL_HOST, port)
        await _exchange(reader, writer, f"give {size}", size)
        writer.close()

    asyncio.run(run())


async def _measure_browser(site: Site) -> list[Figure]:
    rows: list[tuple[str, ...]] = []
    figures = []
    async with _browser(site) as browser:
        await _visit(browser, site, None)  # whatever a browser does only once
        await fetch_traces(site)
        for name, runs in RUNS.items():
            figures += await _measure_line(browser, site, LINES[name], runs, rows)
        versions = {"Chromium": browser.version, **{name: version(name) for name in ("playwright", "uvloop")}}
    print(heading("Citizens' lines: measured against arithmetic", versions))
    print("The page in a browser, seconds, medians\n\n" + table(COLUMNS, rows), flush=True)
    return figures


async def _measure_line(
    browser: Browser, site: Site, line: Line, runs: int, rows: list[tuple[str, ...]]
) -> list[Figure]:
    truths, shaped, emulated, bare = [], [], [], []
    for _ in range(runs):
        async with LineProxy.open(line, resolve=fixed_resolve(HOSTS)) as proxy:
            shaped.append(await _visit(browser, site, proxy.url))
            truths.append(visit_times(line, await fetch_traces(site)))
        emulated.append(await _visit(browser, site, None, line))
        bare.append(await _visit(browser, site, None))
        await fetch_traces(site)
    figures = []
    for metric, truth, ours, theirs, own in zip(METRICS, *map(_medians, (truths, shaped, emulated, bare)), strict=True):
        error = ours / truth - 1
        seconds = [f"{value:.3f}" for value in (truth, ours, own, theirs)]
        errors = [f"{value:+.1%}" for value in (error, (ours - own) / truth - 1, theirs / truth - 1)]
        rows.append((line.name, metric, *seconds, *errors))
        figures.append(_judged(line.name, f"error of {metric}", abs(error)))
        figures.append(
            Figure(
                figure=f"{line.name}: error of {metric}, less what no line takes", value=abs((ours - own) / truth - 1)
            )
        )
    return figures


def _judged(line: str, what: str, error: float) -> Figure:
    limited = line in JUDGED
    return Figure(figure=f"{line}: {what}", value=error, must=MUST if limited else None, aim=AIM if limited else None)


def _medians(times: Sequence[Times]) -> list[float]:
    return [median(column) for column in zip(*map(astuple, times), strict=True)]


async def _visit(browser: Browser, site: Site, proxy_url: str | None, emulated: Line | None = None) -> Times:
    proxy = {"proxy": {"server": proxy_url, "bypass": "<-loopback>"}} if proxy_url else {}
    context = await browser.new_context(**proxy)  # type: ignore[arg-type]
    try:
        page = await context.new_page()
        if emulated:
            await _emulate(page, emulated)
        await page.goto(site.url, wait_until="load", timeout=60_000)
        ttfb, fcp, load = await page.evaluate(_READ)
    finally:
        await context.close()
    return Times(ttfb=ttfb / 1000, fcp=fcp / 1000, load=load / 1000)


async def _emulate(page: Page, line: Line) -> None:
    session = await page.context.new_cdp_session(page)
    conditions: Mapping[str, Any] = {
        "offline": False,
        "latency": line.rtt_seconds * 1000,
        "downloadThroughput": (line.down_bits_per_second or 0) / 8,
        "uploadThroughput": (line.up_bits_per_second or 0) / 8,
    }
    await session.send("Network.emulateNetworkConditions", dict(conditions))


@asynccontextmanager
async def _browser(site: Site) -> AsyncIterator[Browser]:
    executable: Path | None = find_browser(BrowserSettings())
    if executable is None:
        raise RuntimeError("no browser found; install Debian's chromium-headless-shell")
    rules = [*(f"MAP {host} 127.0.0.1" for host in HOSTS), "EXCLUDE 127.0.0.1", "MAP * ~NOTFOUND"]
    arguments = [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        f"--host-resolver-rules={','.join(rules)}",
        f"--ignore-certificate-errors-spki-list={site.key}",
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


if __name__ == "__main__":
    main()
