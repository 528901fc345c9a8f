"""
How many pages a minute the paced admission lets a machine measure against one at a time, and what that does to the times.

Both take a saturated run again, as a round does, and the time that takes counts. The error of a run is its distance from the
median of the same page measured one at a time in the same run; what one at a time scatters by itself stands beside it.

The pages wait for their server as long as those of a middling portal do: on a page that takes half a second in all, a visit's own
CPU is all there is, and pages side by side cannot help but show in it.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.pages import PORTAL, STAGED, served_pages
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from benchmarks.worker import Worker

ROUNDS = 3
VISITS = 10  # of each page in each half of a round
NAMES = ("lcp_seconds", "load_seconds")

ALONE, PACED = "one at a time", "paced"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    heed_termination()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--visits", type=int, default=VISITS)
    asked = parser.parse_args(arguments)
    answers: dict[str, list[Mapping[str, Any]]] = {ALONE: [], PACED: []}
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as folder, served_pages() as base:
        urls = [base + PORTAL, base + STAGED] * asked.visits
        with Worker("our_visits", Path(folder)) as ours:
            first, _ = ours.order(urls=[base + PORTAL, base + STAGED], paced=False)
            print(heading("Paced throughput against one page at a time", first["versions"]))
            for _ in range(asked.rounds):
                for way, told in answers.items():
                    told.append(ours.order(urls=urls, paced=way == PACED)[0])
    errors = {way: _errors(told, answers[ALONE]) for way, told in answers.items()}
    columns = ("", "probes a minute", "share saturated", *(f"p95 error of {name}" for name in NAMES), "share over 5 %")
    print(table(columns, [[way, *_row(told, errors[way])] for way, told in answers.items()]))
    publish("throughput", _figures(answers, errors))


def _good(told: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the runs that count: not saturated."""
    runs = [run for answer in told for run in answer["runs"]]
    bad = [run for run in runs if run["outcome"] not in ("ok", "inconclusive")]
    if bad:
        raise RuntimeError(f"our probe did not find the page well: {bad[0]}")
    return [run for run in runs if run["outcome"] == "ok" and not run["saturated"]]


def _errors(told: Sequence[Mapping[str, Any]], alone: Sequence[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Return the distances of all good runs from the median of their page one at a time, by value, as ratios."""
    quiet = _good(alone)
    truth = {
        (page, name): median(run["values"][name] for run in quiet if run["page"] == page)
        for page in {run["page"] for run in quiet}
        for name in NAMES
    }
    return {
        name: [abs(run["values"][name] / truth[run["page"], name] - 1) for run in _good(told)]
        for name in NAMES
    }  # fmt: skip


def _per_minute(told: Sequence[Mapping[str, Any]]) -> float:
    seconds = sum(float(answer["seconds"]) for answer in told)
    return 60 * len(_good(told)) / seconds


def _row(told: Sequence[Mapping[str, Any]], errors: Mapping[str, Sequence[float]]) -> list[object]:
    spoilt = Counter(run["saturated"] for answer in told for run in answer["runs"])
    over = [error > 0.05 for name in NAMES for error in errors[name]]
    worst = (_p95(errors[name]) for name in NAMES)
    return [_per_minute(told), spoilt[True] / spoilt.total(), *worst, sum(over) / len(over)]


def _figures(
    answers: Mapping[str, Sequence[Mapping[str, Any]]], errors: Mapping[str, Mapping[str, Sequence[float]]]
) -> list[Figure]:
    ratio = _per_minute(answers[PACED]) / _per_minute(answers[ALONE])
    return [
        Figure(figure="throughput: paced ÷ one at a time", value=ratio, must=2, at_least=True),
        *(
            Figure(figure=f"p95 error of {name} while paced (ratio)", value=_p95(errors[PACED][name]), must=0.05)
            for name in NAMES
        ),
    ]


def _p95(values: Sequence[float]) -> float:
    return float(np.quantile(values, 0.95))


if __name__ == "__main__":
    main()
