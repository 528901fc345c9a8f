"""
How right the accessibility probe is on pages whose barriers are known, and what it costs.

Right: the test cases of the W3C's Accessibility Conformance Testing rules, each a page of which people have agreed whether it
fails a rule. They are not part of this project: `--cases FOLDER`, or THUOCDO_BENCH_ACT, names a folder that holds testcases.json
and what it points to. Beside all that we report stands what the engine layer (axe-core) alone reports on the same visits.

Cost: CPU of the engine layer on a page of 2,700 elements, in turn with a bare axe-core that a page is given, and the time of the
person-like layer on ordinary pages.
"""

import argparse
import asyncio
import functools
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.http_versions import versions
from benchmarks.pages import HOME, served_pages
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from probes.accessibility.act import all_acts, play_all, read_all
from probes.accessibility.engine import run_axe
from probes.accessibility.stage import ActContext, Standing
from probes.accessibility.world import IsolatedWorld
from probes.chromium.browser import Browser
from probes.chromium.playwright_page import PlaywrightPage
from probes.journeys.submit_guard import SubmitGuard
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

PAIRS = 7
ELEMENTS = 2_700
PAGES_AT_ONCE = 3
PAGES_PER_RUN = 25
PREFIX = "/WAI/content-assets/wcag-act-rules/"
"""Where the cases' own links expect to be served."""

F1_MUST, F1_AIM = 0.84, 0.90
PRECISION_MUST, PRECISION_AIM = 0.95, 0.97
PROPOSED_MUST, PROPOSED_AIM = 0.60, 0.75
CPU_MUST, CPU_AIM = 1.5, 1.0
"""Seconds on a machine where bare axe-core takes 1.0; so the same figures limit the ratio to it, on whatever machine."""
WALL_MUST, WALL_AIM = 6.0, 4.0
_DEADLINE_SECONDS = 60.0
_BARE = "async () => { await axe.run(document); }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Cases by what was expected and what was reported."""

    right: int
    missed: int
    wrong: int
    quiet: int

    @property
    def precision(self) -> float:
        """Share of the reports that are right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Share of the barriers that are reported."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / max(1, 2 * self.right + self.missed + self.wrong)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=os.environ.get("THUOCDO_BENCH_ACT"))
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args(arguments)
    print(heading("Accessibility", versions()))
    figures = asyncio.run(_costs(given.pairs))
    if given.cases:
        figures += _rightness(Path(given.cases))
    else:
        print("NOT MEASURED: how right it is; name a folder of ACT cases with --cases or THUOCDO_BENCH_ACT.\n")
    publish("accessibility", figures)


def _rightness(folder: Path) -> list[Figure]:
    cases = json.loads((folder / "testcases.json").read_text(encoding="utf-8"))["testcases"]
    with _served(folder) as base:
        reports = _reports(base, sorted({case["relativePath"] for case in cases}))
    kinds = {"all": cases} | {
        name: [case for case in cases if case["approved"] is approved]
        for name, approved in (("approved", True), ("proposed", False))
    }
    told = {
        (name, layers): _tally(chosen, reports, layers)
        for name, chosen in kinds.items()
        for layers in (("engine", "person"), ("engine",))
    }
    rows = [
        [name, " + ".join(layers), one.right, one.missed, one.wrong, one.quiet, one.precision, one.recall, one.f1]
        for (name, layers), one in told.items()
    ]
    columns = ["rules", "layers", "found", "missed", "wrong", "rightly quiet", "precision", "recall", "F1"]
    print(table(columns, rows))
    every, proposed = told["all", ("engine", "person")], told["proposed", ("engine", "person")]
    return [
        Figure(figure=f"F1, {len(cases)} ACT cases", value=every.f1, must=F1_MUST, aim=F1_AIM, at_least=True),
        Figure(figure="precision", value=every.precision, must=PRECISION_MUST, aim=PRECISION_AIM, at_least=True),
        Figure(figure="F1, proposed rules", value=proposed.f1, must=PROPOSED_MUST, aim=PROPOSED_AIM, at_least=True),
    ]


def _tally(
    cases: Sequence[Mapping[str, Any]], reports: Mapping[str, set[tuple[str, str]]], layers: Sequence[str]
) -> Tally:
    """Count. reports: (layer, ACT rule) of every failed finding, by page."""
    outcomes = [
        (
            case["expected"] == "failed",
            any((layer, case["ruleId"]) in reports[case["relativePath"]] for layer in layers),
        )
        for case in cases
    ]
    return Tally(
        right=outcomes.count((True, True)),
        missed=outcomes.count((True, False)),
        wrong=outcomes.count((False, True)),
        quiet=outcomes.count((False, False)),
    )


def _reports(base: str, paths: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
    """Return (layer, ACT rule) of every failed finding by page, as `thuocdo check` tells them."""
    found: dict[str, set[tuple[str, str]]] = {path: set() for path in paths}
    with tempfile.TemporaryDirectory() as data, ThreadPoolExecutor(PAGES_AT_ONCE) as threads:
        run = functools.partial(_check, base, Path(data))
        chunks = [paths[at : at + PAGES_PER_RUN] for at in range(0, len(paths), PAGES_PER_RUN)]
        for page in (page for pages in threads.map(run, chunks) for page in pages):
            failed = (one for one in page["findings"] if one["outcome"] == "failed")
            found[page["url"].removeprefix(base)] |= {(one["layer"], act) for one in failed for act in one["act"]}
    return found


def _check(base: str, data: Path, paths: Sequence[str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "thuocdo", "--log-level", "error", "check", "--only", "accessibility", "--json"]
    environment = os.environ | {"THUOCDO_DATA_DIR": str(data)}
    done = subprocess.run(
        [*command, *(base + path for path in paths)], capture_output=True, text=True, env=environment, check=False
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


class _Handler(http.server.SimpleHTTPRequestHandler):
    """The cases, with the media types that they need."""

    protocol_version = "HTTP/1.1"
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".vtt": "text/vtt",
        ".xhtml": "application/xhtml+xml",
    }

    def translate_path(self, path: str) -> str:
        """Take the prefix off."""
        return super().translate_path("/" + path.removeprefix(PREFIX))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}{PREFIX}"
    server.shutdown()


async def _costs(pairs: int) -> list[Figure]:
    browser = await Browser.launch(BrowserSettings(), hosts=None, user_agent="ThuocDo")
    ours: list[float] = []
    bare: list[float] = []
    walls: dict[str, list[float]] = {}
    try:
        with tempfile.TemporaryDirectory() as folder, served_pages() as home:
            Path(folder, "large.html").write_text(_large_page(), encoding="utf-8")
            with _served(Path(folder)) as base:
                for _ in range(pairs):
                    ours.append(await _engine_cpu(browser, base + "large.html", bare=False))
                    bare.append(await _engine_cpu(browser, base + "large.html", bare=True))
                for name, url in (("/home", home + HOME), ("a list of 2,700 elements", base + "large.html")):
                    walls[name] = [await _acts_wall(browser, url) for _ in range(pairs)]
    finally:
        await browser.close()
    rows = [["engine layer, CPU-s", median(ours)], ["bare axe-core, CPU-s", median(bare)]]
    rows += [[f"person-like layer on {name}, s", median(wall)] for name, wall in walls.items()]
    print(table([f"cost, median of {pairs}", "value"], rows))
    return [
        Figure(figure="engine layer, CPU-s on 2,700 elements", value=median(ours), must=CPU_MUST, aim=CPU_AIM),
        Figure(
            figure="engine layer ÷ bare axe-core, CPU", value=median(ours) / median(bare), must=CPU_MUST, aim=CPU_AIM
        ),
        Figure(figure="person-like layer, wall s on /home", value=median(walls["/home"]), must=WALL_MUST, aim=WALL_AIM),
    ]


async def _engine_cpu(browser: Browser, url: str, *, bare: bool) -> float:
    """Return the CPU-s that a run costs, of this process and the browser together."""
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=_DEADLINE_SECONDS) as opened:
        await _go(opened, url)
        before = _cpu_seconds()
        if bare:
            await opened.page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
            await opened.page.evaluate(_BARE)
        else:
            world = await IsolatedWorld.open(opened.session)
            await run_axe(opened.page, world, seconds=_DEADLINE_SECONDS)
        return _cpu_seconds() - before


def _cpu_seconds() -> float:
    us = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (us, *us.children(recursive=True)))


async def _acts_wall(browser: Browser, url: str) -> float:
    """Return the seconds that all acts take on a page that the engine has been run on."""
    async with AsyncExitStack() as around:

        async def stand(_: float) -> Standing:
            await around.aclose()
            opened = await around.enter_async_context(
                browser.driven_page(PROFILES["desktop"], deadline_seconds=_DEADLINE_SECONDS)
            )
            guard = SubmitGuard(opened)
            await guard.arm()
            await _go(opened, url)
            return Standing(opened=opened, guard=guard, world=await IsolatedWorld.open(opened.session))

        standing = await stand(_DEADLINE_SECONDS)
        await run_axe(standing.opened.page, standing.world, seconds=_DEADLINE_SECONDS)
        until = time.monotonic() + _DEADLINE_SECONDS
        stage = ActContext(standing=standing, reopen=stand, until=until, may_try=True)
        began = time.monotonic()
        await read_all(all_acts().values(), stage)
        await play_all(all_acts().values(), stage, [])
        return time.monotonic() - began


async def _go(opened: PlaywrightPage, url: str) -> None:
    opened.gate.expect(url)
    await opened.page.goto(url, wait_until="load")


def _large_page() -> str:
    """Return a home page of about ELEMENTS elements: menus, news, a table of services, a search form."""
    menu = "".join(f"<li><a href='#m{n}'>Mục lục {n}</a></li>" for n in range(100))
    news = "".join(
        f"<article><a href='#n{n}'><img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></a><h3>Tin tức {n}</h3>"
        f"<p>Người dân nộp hồ sơ trực tuyến và theo dõi kết quả giải quyết.</p></article>"
        for n in range(160)
    )
    rows = "".join(
        f"<tr><td>{n}</td><td><a href='#t{n}'>Thủ tục hành chính {n}</a></td><td>Toàn trình</td><td>Cấp xã</td>"
        f"<td>{n % 20} ngày</td><td>Không thu lệ phí</td></tr>"
        for n in range(200)
    )
    fields = "".join(f"<p><label>Tiêu chí {n} <input name=f{n}></label></p>" for n in range(10))
    return (
        "<!doctype html><html lang=vi><head><meta charset=utf-8><title>Cổng dịch vụ công</title>"
        "<style>nav li{display:inline-block;margin:4px}article{width:300px;float:left;color:#595959}"
        "section{clear:both}td{padding:8px}</style></head>"
        f"<body><header><nav><ul>{menu}</ul></nav></header><main><h1>Cổng dịch vụ công</h1>"
        f"<section><h2>Tin mới</h2>{news}</section><section><h2>Thủ tục</h2><table><thead><tr><th>Số</th><th>Tên</th><th>Mức</th>"
        f"<th>Cấp</th><th>Thời hạn</th><th>Lệ phí</th></tr></thead><tbody>{rows}</tbody></table></section>"
        f"<section><h2>Tra cứu</h2><form>{fields}<button type=button>Tra cứu</button></form></section></main></body></html>"
    )


if __name__ == "__main__":
    main()
