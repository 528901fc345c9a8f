"""
What it costs a browser probe that nothing can leave its page unseen: this tree and an earlier one, in turn in the same run.

The earlier tree is the last one whose pages asked the network by themselves; another can be named. Each kind of page is visited
by both, A B B A, and every process is counted.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.earlier import earlier_tree
from benchmarks.pages import HOME, served_pages
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.worker import Worker
from testbed.families.family import PROCEDURE, all_families
from testbed.families.server import serve

BEFORE = "bb60fa1"  # 2026-11-24: the last tree without a gate
MUST_RATIO = 1.05
ROUNDS, VISITS = 6, 5
KINDS = ("homepage", "eform", "accessibility")
SETTLE_SECONDS = 0.5  # what a visit leaves to do belongs to it, as the closing of its page
ROOT = Path(__file__).parents[1]
LIBRARIES = ROOT / ".cache" / "real_input" / "node_modules"
FAMILY = "opencps"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    heed_termination()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default=BEFORE, help="the commit to compare with")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--visits", type=int, default=VISITS, help="of each kind by each tree, twice a round")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name:
        folder = Path(name)
        with earlier_tree(given.before, folder / "before") as tree:
            asyncio.run(_compare(folder, tree, given.kinds, given.rounds, given.visits))


async def _compare(folder: Path, tree: Path, kinds: Sequence[str], rounds: int, visits: int) -> None:
    now, before = folder / "now", folder / "then"
    now.mkdir()
    before.mkdir()
    with (
        served_pages() as base,
        Worker("guarded_visits", now) as ours,
        Worker("guarded_visits", before, tree=tree) as theirs,
    ):
        async with _form() as form:
            pages = {
                "homepage": {"url": base + HOME},
                "eform": form,
                "accessibility": {"url": base + HOME},
            }
            costs: dict[str, list[tuple[float, float]]] = {}
            versions: Mapping[str, str] = {}
            for kind in kinds:
                order: dict[str, Any] = {"kind": kind, "target": pages[kind]}
                for worker in (ours, theirs):  # the first visit starts a browser and takes all evidence
                    versions = (await asyncio.to_thread(worker.order, **order, visits=1))[0]["versions"]
                costs[kind] = [await asyncio.to_thread(_round, ours, theirs, order, visits) for _ in range(rounds)]
    print(heading("CPU of a visit, with every way out of a page guarded", dict(versions)))
    print(table(("kind", "before, CPU-s", "now, CPU-s", "ratio, by round"), _rows(costs)))
    publish("guard_cost", _figures(costs))


def _round(ours: Worker, theirs: Worker, order: Mapping[str, Any], visits: int) -> tuple[float, float]:
    """Return the CPU seconds of one visit by the earlier tree and by this one."""
    spent = {ours: 0.0, theirs: 0.0}
    for worker in (ours, theirs, theirs, ours):
        answer, cpu = worker.order(**order, visits=visits, settle_seconds=SETTLE_SECONDS)
        spent[worker] += cpu / visits / 2
        bad = [run for run in answer["runs"] if run["outcome"] != "ok"]
        if bad:
            raise RuntimeError(f"the probe did not find the page well: {bad[0]}")
    return spent[theirs], spent[ours]


@asynccontextmanager
async def _form() -> AsyncIterator[dict[str, Any]]:
    """Serve a form of a family that asks for no login; yields its target."""
    family = all_families()[FAMILY]
    async with serve(family, LIBRARIES, nginx=True) as server:
        yield {
            "url": server.entry_url,
            "journey": family.name,
            "procedure_code": PROCEDURE.code,
            "variables": dict(server.portal.variables),
        }


def _rows(costs: Mapping[str, Sequence[tuple[float, float]]]) -> list[list[object]]:
    return [
        [
            kind,
            median(before for before, _ in rounds),
            median(now for _, now in rounds),
            ", ".join(f"{now / before:.3f}" for before, now in rounds),
        ]
        for kind, rounds in costs.items()
    ]


def _figures(costs: Mapping[str, Sequence[tuple[float, float]]]) -> list[Figure]:
    return [
        Figure(
            figure=f"CPU of a visit, {kind}: now ÷ before",
            value=median(now / before for before, now in rounds),
            must=MUST_RATIO,
            aim=1.0,
        )
        for kind, rounds in costs.items()
    ]


if __name__ == "__main__":
    main()
