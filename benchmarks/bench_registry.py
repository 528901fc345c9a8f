"""
What a registry of the whole country costs: 3,321 communes below 34 provinces, each with a home page and one eForm.

Each run is a process of its own, since an agent, the judge and the web process each read the registry as they start. The files
are written by testbed.communes, one for each province, with all the keys that the importer writes.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.earlier import ROOT
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from schedules.cadence import load_schedule
from schedules.plan import Planner
from testbed.communes import COMMUNES, PROVINCES, write_communes
from thuocdo.core import clock
from thuocdo.core.config import bundled
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.portals import load_registry
from thuocdo.core.version import __version__

Result = TypeVar("Result")

RUNS = 5
MUST_LOAD_SECONDS = 1.0
AIM_LOAD_SECONDS = 0.5
MUST_PLAN_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    heed_termination()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=RUNS, help="of which the median counts")
    parser.add_argument("--once", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.once:
        print(json.dumps(_once(given.once)))
        return
    versions = {"thuocdo": __version__, "Python": platform.python_version(), "PyYAML": version("pyyaml")}
    print(heading(f"A registry of {PROVINCES + COMMUNES:,} agencies", {**versions, "pydantic": version("pydantic")}))
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name:
        whole, tenth = Path(name) / "whole", Path(name) / "tenth"
        write_communes(whole)
        write_communes(tenth, COMMUNES // 10)
        told = {folder: [_in_a_process(folder) for _ in range(given.runs)] for folder in (whole, tenth)}
    of_whole, of_tenth = ({key: median(run[key] for run in runs) for key in runs[0]} for runs in told.values())
    rows = [
        (
            f"{found['agencies']:,.0f}",
            f"{found['targets']:,.0f}",
            *(found[key] for key in ("load", "again", "plan", "megabytes")),
        )
        for found in (of_tenth, of_whole)
    ]
    columns = ("agencies", "targets", "load, CPU-s", "load again, CPU-s", "plan, CPU-s", "peak MB more")
    print(table(columns, rows))
    publish("registry", _figures(of_whole, of_tenth))


def _figures(whole: Mapping[str, float], tenth: Mapping[str, float]) -> list[Figure]:
    growth = (whole["load"] / tenth["load"]) / (whole["agencies"] / tenth["agencies"])
    return [
        Figure(
            figure=f"CPU seconds to load {whole['agencies']:,.0f} agencies with a home page and an eForm each",
            value=whole["load"],
            must=MUST_LOAD_SECONDS,
            aim=AIM_LOAD_SECONDS,
        ),
        Figure(figure="the same again in a running process", value=whole["again"], must=MUST_LOAD_SECONDS),
        Figure(
            figure=f"CPU seconds to plan {whole['targets']:,.0f} targets by the default schedule",
            value=whole["plan"],
            must=MUST_PLAN_SECONDS,
        ),
        Figure(figure="cost of an agency in it ÷ that in a registry of a tenth", value=growth, must=1.3),
        Figure(figure="MB that it takes at most while it is loaded", value=whole["megabytes"]),
    ]


def _in_a_process(folder: Path) -> Mapping[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_registry", "--once", str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _once(folder: Path) -> Mapping[str, float]:
    """Load and plan in this process; return what it took."""
    day, kinds = clock.today(), all_kinds()
    schedule = load_schedule(bundled("schedules") / "default.yaml", kinds)
    before_megabytes = _peak_megabytes()
    load, registry = _timed(lambda: load_registry(folder, at=day))
    more_megabytes = _peak_megabytes() - before_megabytes
    again, _ = _timed(lambda: load_registry(folder, at=day))
    plan, _ = _timed(lambda: Planner(registry.probed_targets(), schedule, set(kinds), "bench"))
    return {
        "agencies": len(registry.agencies),
        "targets": len(registry.targets),
        "load": load,
        "again": again,
        "plan": plan,
        "megabytes": more_megabytes,
    }


def _timed(do: Callable[[], Result]) -> tuple[float, Result]:
    began = time.process_time()
    result = do()
    return time.process_time() - began, result


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
