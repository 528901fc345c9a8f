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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.earlier import ROOT, earlier_tree
from benchmarks.processes import heed_termination
from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from testbed.postgresql import PostgreSQL, find_programs
from thuocdo.core.config import Settings
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome, PageKind, Reason, Target
from thuocdo.core.portals import load_registry
from thuocdo.core.version import __version__
from thuocdo.store import Store

BEFORE = "2a6066c"  # 2026-11-29: the last tree that ranked whole measurements
MEASUREMENTS = 1_000_000
MUST_MICROSECONDS = 10.0
MUST_MEGABYTES = 400.0
BATCH = 5_000
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
            since = _fill(url, given.measurements)
            now = _ranked(ROOT, url, since)
            rows.append(_row(engine, "now", now))
            if tree is not None:
                before = _ranked(tree, url, since)
                rows.append(_row(engine, given.before, before))
                if (now["ranks"], now["measurements"]) != (before["ranks"], before["measurements"]):
                    raise RuntimeError(f"{engine}: both trees must come to the same ranks, and do not")
            figures += _figures(engine, now)
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


def _fill(url: str, number: int) -> datetime:
    """Store so many measurements of every home page, the last before UNTIL; returns the instant of the first."""
    settings = Settings()
    targets = sorted(
        load_registry(settings.registry_dir, at=UNTIL.date()).ranked_targets().values(), key=lambda target: target.id
    )
    store = Store.open(url)
    rounds = -(-number // len(targets))
    since = UNTIL - timedelta(minutes=rounds)
    rng = Random(2026)
    batch: list[Measurement] = []
    for index in range(number):
        minute, place = divmod(index, len(targets))
        batch.append(_measurement(targets[place], since + timedelta(minutes=minute, seconds=place), place, minute, rng))
        if len(batch) == BATCH:
            store.measurements.write(batch)
            batch = []
    store.measurements.write(batch)
    store.close()
    return since


def _measurement(target: Target, at: datetime, place: int, minute: int, rng: Random) -> Measurement:
    """Make up what a home page gives: mostly http once a minute, a browser every quarter of an hour, some failures."""
    kind = "homepage" if minute % 15 == 7 else "http"
    reason = rng.choices([None, Reason.TIMEOUT, Reason.BLOCKED], [97 - place % 7, 2 + place % 7, 1])[0]
    usual = 0.3 + place / 40
    seconds = usual * rng.lognormvariate(0.0, 0.3)
    values = {
        "http": {
            "resolve_seconds": 0.01,
            "connect_seconds": 0.02,
            "tls_seconds": 0.05,
            "processing_seconds": seconds,
            "transfer_seconds": 0.02,
            "total_seconds": seconds + 0.1,
            "status_code": 200.0,
            "body_bytes": 40_000.0,
            "redirects": 1.0,
        },
        "homepage": {
            "ttfb_seconds": seconds,
            "fcp_seconds": 2 * seconds,
            "lcp_seconds": 3 * seconds,
            "load_seconds": 4 * seconds,
            "cls_ratio": 0.02,
            "requests": 80.0,
            "transferred_bytes": 2e6,
        },
    }
    return Measurement(
        key=MeasurementKey(target_id=target.id, kind=kind, vantage_id="ha-noi", profile="desktop", scheduled_at=at),
        agency_id=target.agency_id,
        started_at=at,
        duration_seconds=seconds,
        observation=Observation(
            outcome=reason.outcome if reason else Outcome.OK,
            reason=reason,
            page_kind=None if reason else PageKind.PORTAL,
            values={} if reason else values[kind],
            attributes={} if reason else {"tls_version": "TLSv1.3", "http_version": "2.0", "ip_version": "4"},
        ),
        conditions=Conditions(in_flight=3),
    )


def _ranked(tree: Path, url: str, since: datetime) -> Mapping[str, Any]:
    done = subprocess.run(
        [sys.executable, "-P", ROOT / "benchmarks" / "rankings.py", url, since.isoformat(), UNTIL.isoformat()],
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


def _figures(engine: str, told: Mapping[str, Any]) -> list[Figure]:
    return [
        Figure(
            figure=f"{engine}: CPU µs of a ranking, per measurement",
            value=told["cpu_seconds"] / told["measurements"] * 1e6,
            must=MUST_MICROSECONDS,
        ),
        Figure(figure=f"{engine}: MB at the peak of a ranking", value=told["peak_megabytes"], must=MUST_MEGABYTES),
    ]


if __name__ == "__main__":
    main()
