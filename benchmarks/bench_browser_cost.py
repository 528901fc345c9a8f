"""
What a visit of a home page costs in CPU: Lighthouse, browsertime, our probe, and Chromium alone, in turn in the same run.

Every tool is counted with all processes it starts. The peers run once per call and start a browser each time, as they do by
themselves; ours is the agent's reused browser with default settings, its share of evidence included.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks import peer_tools
from benchmarks.pages import HOME, HOME_BYTES, HOME_RESOURCES, served_pages
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.worker import Worker

ROUNDS = 3
PORTIONS = 2  # of our visits in a round, with the bare browser's in between

OURS, BARE = "Thước Đo", "Chromium: navigate + load"
LIGHTHOUSE, PERFORMANCE, BROWSERTIME = "Lighthouse", "Lighthouse, performance only", "browsertime"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    heed_termination()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args(arguments).rounds
    if missing := peer_tools.missing_peers():
        raise SystemExit(f"bench_browser_cost: {missing}")
    with (
        tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as folder,
        served_pages() as base,
        Worker("our_visits", Path(folder)) as ours,
        Worker("bare_visits", Path(folder)) as bare,
    ):
        # A first visit warms the browsers, and is the one that takes evidence; the next such one comes `every` visits later.
        first, _ = ours.order(urls=[base + HOME], paced=False)
        bare.order(urls=[base + HOME])
        versions = first["versions"] | peer_tools.versions()
        print(heading("CPU of one home-page visit", versions))
        counting = "the kernel (control group)" if ours.counts_exactly else "sampling: short-lived processes are missed"
        print(f"{HOME_RESOURCES} resources, {HOME_BYTES / 1e6:.2f} MB; counted by {counting}\n")
        costs = [_round(ours, bare, base + HOME, visits=first["evidence_every"] or 20) for _ in range(rounds)]
    print(table(("tool", *(f"round {n}, CPU-s" for n in range(1, rounds + 1))), _rows(costs)))
    publish("browser_cost", _figures(costs))


def _round(ours: Worker, bare: Worker, url: str, *, visits: int) -> dict[str, float]:
    """Return the CPU seconds of one visit by each tool; ours is a whole turn of the evidence policy."""
    each, our_cpu, our_runs, bare_cpu = visits // PORTIONS, 0.0, 0, 0.0
    for _ in range(PORTIONS):
        _, cpu = bare.order(urls=[url] * (each // 2))
        bare_cpu += cpu
        answer, cpu = ours.order(urls=[url] * each, paced=False)
        our_cpu += cpu
        our_runs += len(answer["runs"])
        bad = [run for run in answer["runs"] if run["outcome"] != "ok"]
        if bad:
            raise RuntimeError(f"our probe did not find the page well: {bad[0]}")
    return {
        LIGHTHOUSE: peer_tools.lighthouse(url).cpu_seconds,
        PERFORMANCE: peer_tools.lighthouse(url, "--only-categories=performance").cpu_seconds,
        BROWSERTIME: peer_tools.browsertime(url).cpu_seconds,
        OURS: our_cpu / our_runs,
        BARE: bare_cpu / (each // 2 * PORTIONS),
    }


def _rows(costs: Sequence[Mapping[str, float]]) -> list[list[object]]:
    return [[tool, *(one[tool] for one in costs)] for tool in costs[0]]


def _figures(costs: Sequence[Mapping[str, float]]) -> list[Figure]:
    def ratio(over: str, under: str) -> float:
        return median(one[over] / one[under] for one in costs)

    return [
        Figure(figure="CPU: Lighthouse ÷ ours", value=ratio(LIGHTHOUSE, OURS), must=12, aim=20, at_least=True),
        Figure(figure="CPU: Lighthouse, performance only ÷ ours", value=ratio(PERFORMANCE, OURS)),
        Figure(figure="CPU: browsertime ÷ ours", value=ratio(BROWSERTIME, OURS), must=4, aim=7, at_least=True),
        Figure(figure="CPU: ours ÷ Chromium's own navigate + load", value=ratio(OURS, BARE), must=1.8, aim=1.2),
        Figure(figure="CPU seconds of one visit by us", value=median(one[OURS] for one in costs)),
    ]


if __name__ == "__main__":
    main()
