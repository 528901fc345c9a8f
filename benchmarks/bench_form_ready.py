"""
Whether "form ready" is the moment at which a form can be used, beside what other tools would take for it.

Every family of the testbed behind a real nginx, on a desktop and on a phone over 4G. The truth is a mark that the page itself
sets when its last option list stands in its control and its last field is enabled, counted from the same click as ours. Beside
it, from the same visit: the load event, the library's own ready event, and networkidle (no request for 500 ms, as Playwright
means it), each as far off the truth.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from playwright.async_api import Page

from benchmarks.http_versions import versions
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from probes.chromium.browser import Browser
from probes.evidence import EvidencePolicy
from probes.journeys.journey import open_form
from probes.journeys.journey_file import load_journeys
from probes.tools import Tools
from testbed.families.family import LIBRARY_MARK, PROCEDURE, READY_MARK, SESSION_COOKIE, Family, all_families
from testbed.families.server import FamilyServer, serve
from thuocdo.core import clock
from thuocdo.core.config import bundled
from thuocdo.core.model import Block, Job, Target, TargetRole
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

RUNS = 10
PROFILES_MEASURED = ("desktop", "mobile-4g")
MUST = 0.05
IDLE_SECONDS = 0.5
LIBRARIES = Path(".cache/real_input/node_modules")
_DEADLINE_SECONDS = 60.0
_MARKS = """(names) => {
  const windows = [window, ...[...document.querySelectorAll("iframe")].map((frame) => frame.contentWindow)];
  return names.map((name) => {
    for (const one of windows) {
      const [mark] = one.performance.getEntriesByName(name);
      if (mark) return one.performance.timeOrigin + mark.startTime;
    }
    return null;
  });
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Seconds from the act that opened the form; None = not there. idle: networkidle."""

    truth: float
    ours: float
    load: float | None
    library: float | None
    idle: float | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--family", action="append", help="only this one; may be given again")
    given = parser.parse_args(arguments)
    if not (LIBRARIES / "jquery").is_dir():
        raise SystemExit("bench_form_ready: the form libraries are missing; run make setup-tests")
    print(heading("When a form is ready", versions()))
    seen = asyncio.run(_measure(given.runs, given.family or list(all_families())))
    print(_rows(seen))
    publish("form_ready", _figures(seen))


async def _measure(runs: int, names: Sequence[str]) -> dict[tuple[str, str], list[Seen]]:
    browser = await Browser.launch(BrowserSettings(), hosts=None, user_agent="ThuocDo")
    found: dict[tuple[str, str], list[Seen]] = {}
    try:
        for name in names:
            async with serve(all_families()[name], LIBRARIES, nginx=True) as server:
                for profile in PROFILES_MEASURED:
                    for _ in range(runs):
                        seen = await _visit(browser, server, all_families()[name], profile)
                        found.setdefault((name, profile), []).append(seen)
    finally:
        await browser.close()
    return found


async def _visit(browser: Browser, server: FamilyServer, family: Family, profile: str) -> Seen:
    async with browser.driven_page(PROFILES[profile], deadline_seconds=_DEADLINE_SECONDS) as opened:
        page = opened.page
        if server.portal.needs_session:
            await page.context.add_cookies([{"name": SESSION_COOKIE, "value": "x", "url": server.url}])
        traffic = _Traffic(page)
        result = await open_form(opened, _job(server, family, profile), _tools(browser))
        if result.form is None:
            raise RuntimeError(f"{family.name}: {result.reason}: {result.detail}")
        await asyncio.sleep(IDLE_SECONDS + 0.2)
        acted_at = result.form.acted_at
        truth, library = await page.evaluate(_MARKS, [READY_MARK, LIBRARY_MARK])
        offset = await _offset(page)
    if truth is None:
        raise RuntimeError(f"{family.name}: called ready before its truth; found {result.form}")
    return Seen(
        truth=truth / 1000 + offset - acted_at,
        ours=result.form.ready_seconds,
        load=result.form.load_seconds,
        library=None if library is None else library / 1000 + offset - acted_at,
        idle=traffic.idle_after(acted_at) - acted_at,
    )


async def _offset(page: Page) -> float:
    """Return what to add to the page's wall clock to get time.monotonic(), in seconds."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    began_at = next(float(metric["value"]) for metric in metrics if metric["name"] == "NavigationStart")
    return began_at - float(await page.evaluate("performance.timeOrigin")) / 1000


class _Traffic:
    """Requests in flight, as Playwright counts them for networkidle."""

    def __init__(self, page: Page) -> None:
        self._changes: list[tuple[float, int]] = []
        page.on("request", lambda _: self._changes.append((time.monotonic(), 1)))
        for event in ("requestfinished", "requestfailed"):
            page.on(event, lambda _: self._changes.append((time.monotonic(), -1)))

    def idle_after(self, instant: float) -> float:
        """Return when nothing had been in flight for IDLE_SECONDS, first after an instant."""
        since, in_flight = instant, 0
        for at, change in self._changes:
            if in_flight == 0 and at > instant and at - since >= IDLE_SECONDS:
                break
            in_flight += change
            since = max(instant, at)
        return since + IDLE_SECONDS


def _job(server: FamilyServer, family: Family, profile: str) -> Job:
    target = Target(
        id="bench.eform",
        role=TargetRole.EFORM,
        url=server.entry_url,
        agency_id="bench",
        portal_id="bench",
        block=Block.PROVINCE,
        journey=family.name,
        procedure_code=PROCEDURE.code,
        variables=server.portal.variables,
    )
    return Job(
        target=target,
        kind="eform",
        vantage_id="bench",
        profile=profile,
        scheduled_at=clock.now(),
        deadline_seconds=_DEADLINE_SECONDS,
    )


class _Everywhere:
    """robots.txt of our own server: everything is allowed."""

    async def allows(self, target: Target) -> bool:
        return bool(target.url)


def _tools(browser: Browser) -> Tools:
    return Tools(
        http=cast("Any", None),
        robots=cast("Any", _Everywhere()),
        browser=browser,
        evidence=cast("Any", None),
        evidence_policy=EvidencePolicy(0),
        journeys=load_journeys(bundled("scenarios") / "journeys"),
        profiles=PROFILES,
        user_agent="ThuocDo",
        versions={},
    )


def _off(seen: Sequence[Seen], tool: str) -> float | None:
    """Return the median distance from the truth, as a ratio with its sign; None where it was not there."""
    values = [getattr(one, tool) / one.truth - 1 for one in seen if getattr(one, tool) is not None]
    return statistics.median(values) if values else None


def _rows(seen: Mapping[tuple[str, str], Sequence[Seen]]) -> str:
    rows = []
    for (name, profile), runs in seen.items():
        cells = [_off(runs, tool) for tool in ("ours", "load", "library", "idle")]
        shown = ["–" if cell is None else f"{cell:+.1%}" for cell in cells]
        rows.append((name, profile, f"{statistics.median(one.truth for one in runs):.3f}", *shown))
    columns = ("family", "profile", "truth, s", "form ready", "load event", "library's ready", "networkidle")
    return table(columns, rows)


def _figures(seen: Mapping[tuple[str, str], Sequence[Seen]]) -> list[Figure]:
    return [
        Figure(
            figure=f"form ready of {name}, {profile}: off the truth (ratio, median of {len(runs)})",
            value=abs(_off(runs, "ours") or 0.0),
            must=MUST,
        )
        for (name, profile), runs in seen.items()
    ]


if __name__ == "__main__":
    main()
