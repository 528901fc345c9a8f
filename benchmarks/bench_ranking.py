"""
What a ranking costs per stored measurement: CPU time and peak of memory, on SQLite and PostgreSQL, now and in an earlier tree.

The earlier tree is the last one that read whole measurements. Both rank the same database and must come to the same ranks.
The database process's own CPU time is not counted: the ranking's process is what stands beside stop-watches and pages.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.earlier import ROOT, earlier_tree
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from testbed.postgresql import PostgreSQL, find_programs
from thuocdo.core.version import __version__

BEFORE = "2a6066c"  # 2026-11-29: the last tree that ranked whole measurements
MEASUREMENTS = 1_000_000
MUST_MICROSECONDS = 10.0
MUST_MEGABYTES = 400.0
MUST_SECONDS = 2.0
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    heed_termination()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default=BEFORE, help="the commit to compare with; empty = none")
    parser.add_argument("--measurements", type=int, default=MEASUREMENTS)
    given = parser.parse_args(arguments)
    rows: list[list[object]] = []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name, _earlier(given.before, Path(name)) as tree:
        for engine, url in _databases(Path(name)):
            # Filled and ranked by the earlier tree first: the present one brings the tables to a form that only it can read.
            since = _told(tree or ROOT, "fill", url, str(given.measurements), UNTIL.isoformat())["since"]
            window = (url, since, UNTIL.isoformat())
            before = _told(tree, "rank", *window) if tree is not None else None
            now = _told(ROOT, "rank", *window)
            _told(ROOT, "roll", url)
            rolled = _told(ROOT, "rank", *window)
            if before is not None:
                rows.append(_row(engine, given.before, before))
            rows += [_row(engine, "now, from measurements", now), _row(engine, "now, from roll-ups", rolled)]
            for other in (before, now):
                if other is not None and any(other[name] != rolled[name] for name in ("ranks", "measurements")):
                    raise RuntimeError(f"{engine}: all ways must come to the same ranks, and do not")
            figures += _figures(engine, now, rolled)
    print(heading(f"A ranking of {given.measurements:,} stored measurements", {"thuocdo": __version__}))
    print(table(("database", "tree", "CPU-s", "µs each", "peak MB", "MB before it began"), rows))
    publish("ranking", figures)


@contextmanager
def _earlier(commit: str, folder: Path) -> Iterator[Path | None]:
    if not commit:
        yield None
        return
    with earlier_tree(commit, folder / "before") as tree:
        yield tree


def _databases(folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", f"sqlite:///{folder}/store.sqlite"
    programs = find_programs()
    if programs is None:
        raise RuntimeError("there is no PostgreSQL: apt-get install postgresql")
    server = PostgreSQL(programs)
    try:
        server.start()
        yield "PostgreSQL", f"{server.url}/postgres"
    finally:
        server.remove()


def _told(tree: Path, *arguments: str) -> Mapping[str, Any]:
    """Run a part in a process of its own, with a tree's code; returns what it tells."""
    done = subprocess.run(
        [sys.executable, "-P", ROOT / "benchmarks" / "rankings.py", *arguments],
        env=os.environ | {"PYTHONPATH": str(tree)},
        cwd=tree,
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _row(engine: str, tree: str, told: Mapping[str, Any]) -> list[object]:
    return [
        engine,
        tree,
        told["cpu_seconds"],
        told["cpu_seconds"] / told["measurements"] * 1e6,
        told["peak_megabytes"],
        told["idle_megabytes"],
    ]


def _figures(engine: str, told: Mapping[str, Any], rolled: Mapping[str, Any]) -> list[Figure]:
    return [
        Figure(
            figure=f"{engine}: CPU s of a ranking from roll-ups",
            value=rolled["cpu_seconds"],
            must=MUST_SECONDS,
            aim=0.5,
        ),
        Figure(
            figure=f"{engine}: MB at the peak of a ranking from roll-ups", value=rolled["peak_megabytes"], must=300.0
        ),
        Figure(
            figure=f"{engine}: CPU µs of a ranking, per measurement",
            value=told["cpu_seconds"] / told["measurements"] * 1e6,
            must=MUST_MICROSECONDS,
        ),
        Figure(figure=f"{engine}: MB at the peak of a ranking", value=told["peak_megabytes"], must=MUST_MEGABYTES),
    ]


if __name__ == "__main__":
    main()
