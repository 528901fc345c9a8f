"""
The operations drill (`make drill`): portals and we ourselves fail, and each notice is held against what was due.

In a network of its own the real `thuocdo run`, Prometheus and Alertmanager as they ship watch portals of the drill's own, over
TLS, with a name server and reference pages; webhooks and mails are received. All cases run beside each other on one timeline of
twelve minutes. Beside it a day of the same troubles goes by in virtual time. The exit code is 1 when a case is wrong.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

from benchmarks.drill import network
from benchmarks.drill.cases import END
from benchmarks.drill.day import day_verdicts
from benchmarks.drill.files import SHORTENED
from benchmarks.drill.judging import verdicts
from benchmarks.drill.timeline import run
from benchmarks.drill.told import Verdict
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.version import __version__

PROMTOOL = "promtool"
LAST = 19
"""The niceness of whoever waits for everybody."""


def main() -> int:
    """Run the drill and tell what came of it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--keep", type=Path, help="folder for files and logs, which stay (default: one that is removed)"
    )
    arguments = parser.parse_args()
    network.enter()
    heed_termination()
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="thuocdo-drill-")))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        network.settle(folder)
        day = stack.enter_context(ProcessPoolExecutor(1, get_context("spawn"), os.nice, (LAST,)))
        days: list[Future[list[Verdict]]] = []
        seen = run(
            folder.resolve(),
            lambda line: print(line, flush=True),
            lambda: days.append(day.submit(day_verdicts, PROMTOOL)),
        )
        found = [*verdicts(seen), *days[0].result()]
    print(heading(f"Operations drill, {END:.0f} s", _versions()))
    print(f"Shortened to a minute: {', '.join(SHORTENED)}\n")
    _show(found)
    return 1 if any(one.wrong for one in found) else 0


def _show(found: Sequence[Verdict]) -> None:
    """Print the table, then what is wrong, and publish the figures."""
    columns = ["case", "what", "injected", "told", "incident: start / confirmed / end", "over told", "verdict"]
    rows = [
        (one.number, one.what, one.injected, one.told, one.row, one.over, "WRONG" if one.wrong else "right")
        for one in found
    ]
    print(table(columns, rows))
    for one in found:
        for why in one.wrong:
            print(f"- {one.number}, {one.what}: {why}")
    publish("drill", [_figure(one) for one in found])


def _figure(one: Verdict) -> Figure:
    return Figure(figure=f"case {one.number}, {one.what}: right", value=float(not one.wrong), must=1.0, at_least=True)


def _versions() -> Mapping[str, str]:
    asked = {"Prometheus": "prometheus", "Alertmanager": "prometheus-alertmanager"}
    told = {
        name: subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
        for name, program in asked.items()
    }
    return {
        "thuocdo": __version__,
        "Python": platform.python_version(),
        **{name: (one.stdout or one.stderr).partition("version ")[2].partition(" ")[0] for name, one in told.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
