"""
What the package of an official round costs: seconds for each kind of file, its size, and the peak of memory.

A made-up round of 34 ministries and 34 provinces, 7 days of 9 blocks, desktop and mobile; written as a folder and as a zip file.
"""

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.made_up_round import MadeUpRound, made_up_content
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from probes.chromium.printing import PagePrinter
from thuocdo.core.setting_groups import BrowserSettings
from thuocdo.core.version import __version__
from thuocdo.publication.packing import package_files, write_package
from thuocdo.store import Store

MUST_SECONDS = 10.0
"""Of the slowest file."""

MUST_MEGABYTES = 300.0
"""Beyond what the process held before the first file."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agencies", type=int, default=MadeUpRound().agencies, help="of each of the two blocks")
    given = parser.parse_args(arguments)
    spent: list[tuple[str, float, int]] = []
    with tempfile.TemporaryDirectory(prefix="thuocdo-bench-") as name:
        with Store.open(f"sqlite:///{name}/store.sqlite") as store:
            content = made_up_content(store, MadeUpRound(agencies=given.agencies))
        before = _peak_megabytes()
        begun = time.perf_counter()
        with PagePrinter.open(BrowserSettings()) as printer:
            written = write_package(_timed(package_files(content, printer), spent), Path(name) / "out", zipped=True)
        whole = time.perf_counter() - begun
        assert written.zip_file is not None, "asked for"
        zipped = written.zip_file.stat().st_size
    peak = _peak_megabytes()
    print(heading(f"A package of {2 * given.agencies} agencies, {len(spent)} files", {"thuocdo": __version__}))
    print(table(["kind", "files", "seconds each, mean", "the slowest", "bytes each, mean"], _by_kind(spent)))
    publish(
        "package",
        [
            Figure(figure="slowest file, s", value=max(seconds for _, seconds, _ in spent), must=MUST_SECONDS),
            Figure(figure="whole package with its zip file, s", value=whole),
            Figure(figure="memory beyond that of reading the round, MB", value=peak - before, must=MUST_MEGABYTES),
            Figure(figure="peak of memory of the whole process, MB", value=peak),
            Figure(figure="zip file, MB", value=zipped / 1e6),
        ],
    )


def _timed(files: Iterator[tuple[str, bytes]], spent: list[tuple[str, float, int]]) -> Iterator[tuple[str, bytes]]:
    while True:
        begun = time.perf_counter()
        made = next(files, None)
        if made is None:
            return
        spent.append((made[0], time.perf_counter() - begun, len(made[1])))
        yield made


def _by_kind(spent: Sequence[tuple[str, float, int]]) -> list[list[object]]:
    kinds: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for path, seconds, size in spent:
        folder, _, name = path.rpartition("/")
        kinds[f"{folder}/*{Path(name).suffix}" if folder else name].append((seconds, size))
    return [
        [
            kind,
            len(found),
            sum(seconds for seconds, _ in found) / len(found),
            max(seconds for seconds, _ in found),
            sum(size for _, size in found) // len(found),
        ]
        for kind, found in kinds.items()
    ]


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
