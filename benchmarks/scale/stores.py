"""Stores that grow: a fleet, a database, and looks at it in processes of their own."""

import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.earlier import ROOT
from benchmarks.scale.databases import Databases
from benchmarks.scale.fill import Filled, Filler
from benchmarks.scale.fleet import Fleet
from benchmarks.scale.rows import Rows, Thinning
from thuocdo.processes.ranker import Ranker
from thuocdo.store import Store

DAY = timedelta(days=1)
SPARE = 0.7
"""So much of the free disk may be filled; logs and sorting take some as well."""

BYTES = 600.0
"""More than a measurement takes, that of PostgreSQL with what its log has of it."""


class GrowingStore:
    """
    A store that is filled with more and more days; a context manager that removes it.

    Args:
        databases: where it is made.
        name: of the database.
        fleet: who is measured.
        folder: for the fleet's files.
        since: the instant of the first measurement.
        thinning: what is left out, see Rows.
    """

    def __init__(
        self,
        databases: Databases,
        name: str,
        fleet: Fleet,
        folder: Path,
        since: datetime,
        thinning: Thinning | None = None,
    ) -> None:
        self.since = self.until = since
        self.thinning = thinning or Thinning()
        self.settings = fleet.write(folder / name, databases.make(name))
        self._databases, self._name, self._folder = databases, name, folder / name
        self._rows = Rows(self.settings, since, self.thinning)
        Store.open(self.settings.store_url).close()
        self._empty = databases.size(name)
        self._of_rollups = 0
        self.filled = Filled()

    def __enter__(self) -> "GrowingStore":
        return self

    def __exit__(self, *_: object) -> None:
        self._databases.drop(self._name)
        shutil.rmtree(self._folder)

    @property
    def bytes_a_measurement(self) -> float:
        """Everything that lies on disk over what an empty store takes, tallies and incidents included, by measurement."""
        return (self._databases.size(self._name) - self._empty) / self.filled.rows

    @property
    def rollup_bytes_a_measurement(self) -> float:
        """What of it came with rolling up, and stays when the measurements are let go; stored rankings are in it."""
        return self._of_rollups / self.filled.rows

    def grow(self, until: datetime) -> None:
        """Fill it up to an instant, and tell of every tenth of it that is done."""
        days = (until - self.since) / DAY
        begun = time.monotonic()

        def tell(day: datetime, filled: Filled) -> None:
            done = (day - self.since) / DAY
            if int(done) % max(1, int(days / 10)) == 0 or day == until:
                tell_progress(
                    f"{self._name}: day {done:g} of {days:g}, {filled.rows:,} rows, {time.monotonic() - begun:.0f} s"
                )

        with Store.open(self.settings.store_url) as store:
            filler = Filler(store, self._rows, self.filled)
            filler.fill(self.until, until, tell)
            self._databases.settle(self._name)
            before = self._databases.size(self._name)
            Ranker(self.settings, store, lambda: until).once()
            tell_progress(f"{self._name}: rolled up and ranked")
        self.until = until
        self._databases.settle(self._name)
        self._of_rollups += self._databases.size(self._name) - before

    def look(self, look: str, **options: Any) -> dict[str, Any]:
        """Look at it as of its end, in a process of its own; see benchmarks.scale.looks. now: another instant than its end."""
        now: datetime = options.pop("now", self.until)
        tell_progress(f"{self._name}: {look}")
        return looked(look, self._folder / "thuocdo.yaml", now, options)


def looked(look: str, config: Path, now: datetime, options: Mapping[str, Any]) -> dict[str, Any]:
    """
    Look in a process of its own and return what it told.

    Raises:
        RuntimeError: it failed; what it said stands above.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale.looks", look, config, now.isoformat(), json.dumps(options)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{look}: ended with {done.returncode}; what it said stands above")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def thinning_for(rows: float, folder: Path) -> Thinning:
    """Return what must be left out for so many measurements to fit on the disk: nothing where they do."""
    room = shutil.disk_usage(folder).free * SPARE
    return Thinning(one_in=max(1, math.ceil(rows * BYTES / room)))


def stated(filled: Filled, thinning: Thinning) -> str:
    """Return how much a store holds, and for how much that stands, in words for a note; empty where it is whole."""
    if thinning.one_in == 1:
        return ""
    before = f" before {thinning.full_since:%Y-%m-%d %H:%M}" if thinning.full_since else ""
    return f"{filled.rows:,} rows stand for {filled.stands_for:,}: http 1 in {thinning.one_in}{before}, the rest whole"


def tell_progress(text: str) -> None:
    """Say what is done, beside the results."""
    print(f"  {text}", file=sys.stderr, flush=True)
