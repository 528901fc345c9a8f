"""
What sealing and verifying a round cost: CPU, and the most memory, which must hardly grow with the measurements.

Each step is a process of its own; a round of 34 portals lies in a store of SQLite, written through the real write path.
"""

import argparse
import multiprocessing.connection
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import minisign

from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.config import bundled
from thuocdo.core.frozen import frozen_files
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Conditions, Evidence, Measurement, MeasurementKey, Observation, PageKind, Round
from thuocdo.core.portals import read_registry
from thuocdo.sealing.frozen import read_frozen
from thuocdo.sealing.manifest import versions
from thuocdo.sealing.sealing import ToSeal, seal_round
from thuocdo.sealing.signing import Signer
from thuocdo.sealing.verifying import Trusted, verify
from thuocdo.store import Store

BEGUN = datetime(2026, 11, 23, tzinfo=UTC)
ENDED = BEGUN + timedelta(days=7)
CRITERIA = "survey-2023"
RECORDS = 100_000
BATCH = 1000
MUST_GROWTH_MEGABYTES = 60.0
"""Of the most memory, from a tenth of the records to all of them."""


def _measurements(number: int, targets: list[tuple[str, str]]) -> Iterator[list[Measurement]]:
    """Yield batches of home pages and HTTP answers with all their values, spread over the week."""
    kinds = [all_kinds()["homepage"], all_kinds()["http"]]
    step = (ENDED - BEGUN) / (number + 1)
    made = []
    for place in range(number):
        kind = kinds[place % 2]
        target, agency = targets[place // 2 % len(targets)]
        at = BEGUN + place * step
        piece = sha256(str(place).encode()).hexdigest()
        evidence = (Evidence(kind="screenshot", sha256=piece, media_type="image/png", size_bytes=1),)
        made.append(
            Measurement(
                key=MeasurementKey(
                    target_id=target, kind=kind.name, vantage_id="ha-noi", profile="desktop", scheduled_at=at
                ),
                agency_id=agency,
                started_at=at,
                duration_seconds=1.0,
                observation=Observation.ended(
                    None,
                    page_kind=PageKind.PORTAL,
                    values={one.name: (place * 7919 % 4000 + 100) / 1000 for one in kind.values},
                    evidence=evidence if place % 20 == 0 else (),
                ),
                conditions=Conditions(versions={"thuocdo": "0.1.0"}),
                round_id="bench",
            )
        )
        if len(made) == BATCH:
            yield made
            made = []
    yield made


def _fill(folder: Path, number: int) -> None:
    registry = read_registry(bundled("portals")).at(BEGUN.date())
    targets = [(one.id, one.agency_id) for one in registry.targets.values() if one.id.endswith(".home")][:34]
    with Store.open(f"sqlite:///{folder}/store.sqlite") as store:
        store.rounds.begin(_round(folder, number))
        for batch in _measurements(number, targets):
            store.measurements.write(batch)


def _files() -> list[tuple[str, bytes]]:
    files = frozen_files(bundled("portals"), bundled("criteria"), bundled("schedules") / "default.yaml")
    return [(one.path, one.body) for one in files]


def _round(folder: Path, number: int) -> Round:
    for name, content in _files():
        (folder / "frozen" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "frozen" / name).write_bytes(content)
    settings = {"criteria_set": CRITERIA, "runs": "{}"}
    begun = Round(id="bench", label="bench", started_at=BEGUN, ended_at=ENDED, planned=number, settings=settings)
    return replace(begun, settings=settings | dict(read_frozen(folder / "frozen", begun).digests))


def _seal(folder: Path, number: int) -> None:
    signer = Signer(minisign.KeyPair.generate().secret_key)
    with Store.open(f"sqlite:///{folder}/store.sqlite") as store:
        sealed = seal_round(
            store, ToSeal(round=_round(folder, number), frozen=_files()), folder / "sealed", signer, now=ENDED
        )
    assert sealed.manifest.counts.done == number


def _verify(folder: Path, number: int) -> None:
    found = verify(folder / "sealed" / "bench", Trusted())
    assert not found.findings, found.findings
    assert found.is_recomputed
    assert found.records == number


def _measured(step: Callable[[Path, int], None], folder: Path, number: int) -> tuple[float, float]:
    """Return seconds of CPU and megabytes at most of a step in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(step, folder, number, sender))
    process.start()
    found: tuple[float, float] = receiver.recv()
    process.join()
    return found


def _run(
    step: Callable[[Path, int], None], folder: Path, number: int, sender: multiprocessing.connection.Connection
) -> None:
    step(folder, number)
    seconds = time.process_time()
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> None:
    """Seal and verify a tenth of the records, then all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS, help="measurements of the round")
    asked = parser.parse_args()
    rows, found = [], {}
    for number in (asked.records // 10, asked.records):
        with tempfile.TemporaryDirectory(prefix="bench-sealing-") as name:
            folder = Path(name)
            _measured(_fill, folder, number)
            for title, step in (("sealing", _seal), ("verifying", _verify)):
                seconds, megabytes = _measured(step, folder, number)
                found[title, number] = seconds, megabytes
                rows.append([title, f"{number}", f"{seconds:.1f}", f"{1e6 * seconds / number:.0f}", f"{megabytes:.0f}"])
            package = folder / "sealed" / "bench"
            size = sum(file.stat().st_size for file in package.rglob("*") if file.is_file())
            rows.append(["package, MB", f"{number}", f"{size / 1e6:.1f}", "", ""])
    print(heading("Sealing and verifying a round", versions()))
    print(table(["step", "records", "CPU s", "µs each", "MB at most"], rows))
    publish(
        "sealing",
        [
            figure
            for title in ("sealing", "verifying")
            for figure in (
                Figure(figure=f"{title} {asked.records} records, CPU s", value=found[title, asked.records][0]),
                Figure(
                    figure=f"{title}: memory for ten times the records, MB more",
                    value=found[title, asked.records][1] - found[title, asked.records // 10][1],
                    must=MUST_GROWTH_MEGABYTES,
                ),
            )
        ],
    )


if __name__ == "__main__":
    main()
