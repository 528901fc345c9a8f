"""
Whether our Speed Index is the one that Lighthouse observes on the same pages in the same run, and what a filmstrip costs.

Medians of runs in turn, one viewport, no throttling; Lighthouse's value is the observed one, not the one it simulates. On the
page of blocks both also stand beside the truth. browsertime has a Speed Index only with its video parts (ffmpeg, a virtual
display, Python with OpenCV), which are not installed here.

Beside it: this machine on our scale for phones and on Lighthouse's, which it was made after.
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import psutil

from benchmarks import blocks, peer_tools
from benchmarks.pages import HOME, STAGED, served_pages
from benchmarks.processes import Group
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from probes.chromium.browser import Browser
from probes.chromium.cdp import CdpSession
from probes.chromium.filmstrip import Filmstrip
from probes.chromium.navigation import Navigation
from probes.chromium.slowdown import machine_index
from probes.chromium.speed_index import speed_index
from probes.chromium.traffic import Traffic
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

RUNS, PAIRS = 5, 8
BLOCKS = "/blocks"
MUST, AIM = 0.10, 0.05
SLOWDOWN, TASKS = 4.0, 15
JUDGED = (BLOCKS, STAGED)
"""As in bench_browser_exactness: where the server's waits make the times, and not how warm a browser is."""

_LOAD_SECONDS, _QUIET_SECONDS, _SETTLE_SECONDS = 20.0, 0.5, 3.0
_DEADLINE_SECONDS = 40.0
# A busy machine never has the five quiet seconds that Lighthouse waits for, up to 45 s, whatever else it is told; after this
# limit it reports what it saw. No page changes later than 2 s after its start.
_HURRIED = {
    **peer_tools.HURRIED_LIGHTHOUSE,
    "settings": {**peer_tools.HURRIED_LIGHTHOUSE["settings"], "maxWaitForLoad": 7000},
}
_TASK = """(() => {
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < 5e6; i++) sum = (sum * 31 + i) | 0;
  return performance.now() - start + (sum === 0.5);
})()"""
_HOSTS = {"localhost": "127.0.0.1"}  # where hosts are given, no other host exists


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one tool saw in one run. index: of the machine, on the tool's scale."""

    speed_index_seconds: float
    first_change_seconds: float
    last_change_seconds: float
    index: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args(arguments)
    if missing := peer_tools.missing_peers():
        raise SystemExit(f"bench_speed_index: {missing}")
    print(heading("Speed Index, side by side", peer_tools.versions()))
    with served_pages() as base, blocks.served_blocks() as blocks_url:
        pages = {BLOCKS: blocks_url, STAGED: base + STAGED, HOME: base + HOME}
        ours, lighthouse = asyncio.run(_side_by_side(pages, given.runs))
        with_strip, without = asyncio.run(_cost(base + HOME, given.pairs))
        slowed_by = asyncio.run(_slowed_by(base + STAGED))
    print(_rows(ours, lighthouse))
    publish(
        "speed_index",
        [
            *_differences(ours, lighthouse),
            *_others(ours, lighthouse, mean(with_strip) / mean(without)),
            Figure(
                figure=f"a task slowed down by {SLOWDOWN:g}: how many times as long, best of {TASKS} each",
                value=slowed_by,
            ),
        ],
    )


async def _side_by_side(pages: dict[str, str], runs: int) -> tuple[dict[str, list[Seen]], dict[str, list[Seen]]]:
    ours: dict[str, list[Seen]] = {page: [] for page in pages}
    lighthouse: dict[str, list[Seen]] = {page: [] for page in pages}
    for _ in range(runs):
        for page, url in pages.items():
            ours[page].append(await _ours(url))
            lighthouse[page].append(await asyncio.to_thread(_lighthouse, url))
    return ours, lighthouse


async def _ours(url: str) -> Seen:
    """Visit in a browser of its own, as Lighthouse does."""
    browser = await Browser.launch(BrowserSettings(), hosts=_HOSTS, user_agent="bench")
    try:
        async with browser.tab(PROFILES["desktop"], deadline_seconds=_DEADLINE_SECONDS) as tab:
            index = await machine_index(tab.session)
        async with browser.tab(PROFILES["desktop"], deadline_seconds=_DEADLINE_SECONDS) as tab:
            strip = Filmstrip()
            began = await _visit(tab.session, url, strip)
            seen = speed_index(await strip.stop(), began)
    finally:
        await browser.close()
    if seen is None:
        raise RuntimeError(f"our filmstrip of {url} shows nothing")
    return Seen(
        speed_index_seconds=seen.speed_index_seconds,
        first_change_seconds=seen.first_change_seconds,
        last_change_seconds=seen.complete_seconds,
        index=index,
    )


async def _slowed_by(url: str) -> float:
    """Return how many times as long the same task of a page takes when the page is slowed down."""
    browser = await Browser.launch(BrowserSettings(), hosts=_HOSTS, user_agent="bench")
    try:
        async with browser.tab(PROFILES["desktop"], deadline_seconds=_DEADLINE_SECONDS) as tab:
            await _visit(tab.session, url, None)
            plain = await _task_milliseconds(tab.session)
            await tab.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
            return await _task_milliseconds(tab.session) / plain
    finally:
        await browser.close()


async def _task_milliseconds(session: CdpSession) -> float:
    """Return the least of several: what else the machine does makes a task longer, never shorter."""
    told = [await session.send("Runtime.evaluate", {"expression": _TASK, "returnByValue": True}) for _ in range(TASKS)]
    return min(float(one["result"]["value"]) for one in told)


async def _visit(session: CdpSession, url: str, strip: Filmstrip | None) -> float:
    """Load a page and wait until it is quiet; returns when it began, unix time."""
    loop = asyncio.get_running_loop()
    navigation, traffic = Navigation(session), Traffic()
    await asyncio.gather(navigation.prepare(), traffic.watch(session))
    if strip:
        await strip.start(session)
    await navigation.go(url)
    await navigation.loaded(loop.time() + _LOAD_SECONDS)
    await traffic.quiet(_QUIET_SECONDS, until=loop.time() + _SETTLE_SECONDS)
    await navigation.ask("read()")
    if traffic.started_at is None:
        raise RuntimeError(f"no request was seen for {url}")
    return traffic.started_at


def _lighthouse(url: str) -> Seen:
    width, height = peer_tools.VIEWPORT
    flags = "--headless=new --no-sandbox --hide-scrollbars --disable-background-networking --disable-component-update"
    flags += ' --disable-sync --no-first-run --host-resolver-rules="MAP * ~NOTFOUND,EXCLUDE 127.0.0.1"'
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as folder:
        report, hurried, log = (Path(folder) / name for name in ("report.json", "hurried.json", "log.txt"))
        hurried.write_text(json.dumps(_HURRIED), encoding="utf-8")
        arguments: list[str | Path] = [
            peer_tools.NODE, peer_tools.LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}",
            "--no-enable-error-reporting", f"--config-path={hurried}", "--throttling-method=provided", "--form-factor=desktop",
            "--no-emulated-user-agent", "--screenEmulation.mobile=false", f"--screenEmulation.width={width}",
            f"--screenEmulation.height={height}", "--screenEmulation.deviceScaleFactor=1", f"--chrome-flags={flags}",
        ]  # fmt: skip
        env = {"HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin", "CHROME_PATH": str(peer_tools.CHROMIUM)}
        with log.open("w") as out, Group(arguments, env=env, cwd=Path(folder), stdout=out, stderr=out) as group:
            if group.process.wait(peer_tools.RUN_SECONDS):
                raise RuntimeError(f"Lighthouse failed on {url}: {log.read_text()[-2000:]}")
        told = json.loads(report.read_text(encoding="utf-8"))
    seen = told["audits"]["metrics"]["details"]["items"][0]
    return Seen(
        speed_index_seconds=seen["observedSpeedIndex"] / 1000,
        first_change_seconds=seen["observedFirstVisualChange"] / 1000,
        last_change_seconds=seen["observedLastVisualChange"] / 1000,
        index=told["environment"]["benchmarkIndex"],
    )


async def _cost(url: str, pairs: int) -> tuple[list[float], list[float]]:
    """Return the CPU seconds of visits with filmstrip and Speed Index, and of those without, in turn."""
    browser = await Browser.launch(BrowserSettings(), hosts=_HOSTS, user_agent="bench")
    costs: dict[bool, list[float]] = {True: [], False: []}
    try:
        for number in range(2 * pairs + 2):
            filmed = number % 4 in (0, 3)  # A B B A
            before = _cpu_seconds(browser)
            async with browser.tab(PROFILES["desktop"], deadline_seconds=_DEADLINE_SECONDS) as tab:
                strip = Filmstrip() if filmed else None
                began = await _visit(tab.session, url, strip)
                if strip:
                    speed_index(await strip.stop(), began)
                after = _cpu_seconds(browser)
            if number >= 2:  # the first of each warm the browser up
                costs[filmed].append(sum(spent - before.get(pid, 0.0) for pid, spent in after.items()))
    finally:
        await browser.close()
    return costs[True], costs[False]


def _cpu_seconds(browser: Browser) -> dict[int, float]:
    """Return the CPU seconds so far of this process, of the browser and of all its children, by process id."""
    roots = [psutil.Process(pid) for pid in (browser.pid, browser.driver_pid) if pid]
    family = {os.getpid(): psutil.Process()}
    for root in roots:
        family |= {one.pid: one for one in (root, *root.children(recursive=True))}
    seconds = {}
    for pid, process in family.items():
        with suppress(psutil.NoSuchProcess):  # an earlier page's renderer on its way out
            seconds[pid] = sum(process.cpu_times()[:2])
    return seconds


def _rows(ours: dict[str, list[Seen]], lighthouse: dict[str, list[Seen]]) -> str:
    rows = []
    for page in ours:
        for tool, runs in (("Thước Đo", ours[page]), ("Lighthouse", lighthouse[page])):
            values = [one.speed_index_seconds for one in runs]
            rows.append(
                (
                    page, tool, f"{median(values):.3f} ({min(values):.3f}–{max(values):.3f})",
                    f"{median(one.first_change_seconds for one in runs):.3f}",
                    f"{median(one.last_change_seconds for one in runs):.3f}",
                )
            )  # fmt: skip
        if page == BLOCKS:
            rows.append((page, "truth", f"{blocks.TRUE_SPEED_INDEX_SECONDS:.3f}", "0.300", "1.600"))
    return table(("page", "tool", "Speed Index, s", "first change, s", "last change, s"), rows)


def _differences(ours: dict[str, list[Seen]], lighthouse: dict[str, list[Seen]]) -> list[Figure]:
    return [
        Figure(
            figure=f"Speed Index of {page}: difference from Lighthouse's, ratio",
            value=abs(_middle(ours[page]) / _middle(lighthouse[page]) - 1),
            must=MUST if page in JUDGED else None,
            aim=AIM if page in JUDGED else None,
        )
        for page in ours
    ]


def _others(ours: dict[str, list[Seen]], lighthouse: dict[str, list[Seen]], cost: float) -> list[Figure]:
    truth = blocks.TRUE_SPEED_INDEX_SECONDS
    own, theirs = (max(one.index for runs in seen.values() for one in runs) for seen in (ours, lighthouse))
    return [
        # Browser and drawing take their time, which grows on a busy machine: no limit.
        Figure(
            figure="Speed Index of /blocks: above the server's waits, ratio", value=_middle(ours[BLOCKS]) / truth - 1
        ),
        Figure(figure="the same, Lighthouse", value=_middle(lighthouse[BLOCKS]) / truth - 1),
        Figure(figure="CPU of a visit with filmstrip and Speed Index, times one without", value=cost),
        Figure(figure="this machine's index, best of all runs", value=own),
        Figure(figure="Lighthouse's BenchmarkIndex, best of all runs", value=theirs),
    ]


def _middle(runs: Sequence[Seen]) -> float:
    return median(one.speed_index_seconds for one in runs)


if __name__ == "__main__":
    main()
