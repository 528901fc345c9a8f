"""
What everything costs as stores grow: ranks, pages, scrapes, the judge, the disk (`make bench-scale`).

Stores of 1, 10, 30 and 90 days of 100 portals, a week of 3,400 and ten million rows in a year are filled one at a time, on SQLite
and on PostgreSQL, and removed afterwards; each figure is measured in processes of its own, three times. At the end a year is
simulated day by day, with rolling up and letting go (benchmarks.scale.year). The whole of it takes hours and up to 25 GB of disk
(what does not fit is thinned, which is said); --quick tries it out in minutes, over stores that are far smaller.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.processes import heed_termination
from benchmarks.report import publish
from benchmarks.scale.databases import ENGINES, SQLITE, Databases, databases
from benchmarks.scale.figures import ONLY, Told, figures_of, shown
from benchmarks.scale.fleet import Fleet
from benchmarks.scale.rows import Thinning
from benchmarks.scale.start import seconds_to_first_probe
from benchmarks.scale.stores import DAY, GrowingStore, looked, stated, tell_progress, thinning_for
from benchmarks.scale.year import simulated_year
from benchmarks.tables import heading
from thuocdo.core.version import __version__

UNTIL = datetime(2026, 12, 1, 17, tzinfo=UTC)
"""
The end of every store but the first stops of the one that grows: midnight in Hanoi, when the running month is a day old. So what
is told of a month is as much over a long history as over the first day of it.
"""

NOT_FILLED = (
    "/targets/{target_id}?kind=accessibility",
    "/agencies/{agency_id}/measurements?kind=accessibility",
    "/incidents",
    "/incidents?agency={agency_id}",
    "/api/incidents.json",
    "/api/incidents.json?agency={agency_id}",
)
"""
What one day does not fill, so that it rightly shows more after ninety: no growth is told of these here. What they cost is among
the pages; and tests/integration/test_growth.py holds them over stores of which a single day fills them.
"""

LEAST_SECONDS = 0.005
"""What costs less is not worth a ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """
    How large everything is.

    days: at which the store of the portals is looked at. full, thin: the last hours of the country's week are whole, of http
    before them one in so many. requests: of each page. judge_seconds: how long the judge is watched. measurements: that are
    written to measure writing. simulated_portals, simulated_days: of the simulated year, whose last day has the place in its
    month that the first one has; simulated_month: days after which a ranking is published in it.
    """

    portals: int = 100
    days: tuple[int, ...] = (1, 10, 30, 90)
    communes: int = 3_300
    week_days: int = 7
    full: timedelta = timedelta(hours=4)
    thin: int = 60
    year_portals: int = 70
    year_days: int = 365
    requests: int = 20
    judge_seconds: int = 300
    measurements: int = 20_000
    simulated_portals: int = 40
    simulated_days: int = 366
    simulated_month: int = 30


QUICK = Size(
    portals=8,
    days=(1, 2, 4),
    communes=60,
    week_days=1,
    year_portals=4,
    year_days=10,
    requests=3,
    judge_seconds=60,
    measurements=5_000,
    simulated_portals=6,
    simulated_days=32,
    simulated_month=8,
)
SIMULATED_SINCE = datetime(2025, 11, 30, 17, tzinfo=UTC)
"""Midnight in Hanoi, at which December begins: after 1, 32 and 366 days the running month is a day old."""

ROWS_A_PORTAL = 1_544
"""A day, by the shipped schedule, of a home page and one eForm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """
    One engine's turn.

    wanted: names of figures. runs: how often each is measured. note: what is not as promised of all figures.
    """

    engine: str
    place: Databases
    folder: Path
    size: Size
    wanted: frozenset[str]
    runs: int
    note: str

    def all(self) -> Iterator[Told]:
        """Measure what is wanted, store after store; what fails costs no more than the figures of its own store."""
        parts: Mapping[Callable[[], Iterator[Told]], set[str]] = {
            self._written: {"write"},
            self._started: {"start"},
            self._portals: {"rank-month", "metrics", "pages", "bytes", "disk", "growth"},
            self._country: {"country-metrics", "judge"},
            self._year: {"rank-year"},
            self._simulated: {"simulated"},
        }
        for part, names in parts.items():
            found = set()
            try:
                for one in part() if names & self.wanted else ():
                    tell_progress(f"{one.name}: {'not built' if one.value is None else f'{one.value:.3g}'}")
                    found.add(one.name)
                    yield one
            except RuntimeError as exc:
                tell_progress(f"{self.engine}: {exc}")
                for name in sorted(names & self.wanted - found):
                    yield Told(name=name, engine=self.engine, note="it failed, see above", failed=True)

    def _told(self, name: str, runs: Sequence[float], *notes: str) -> Told:
        return Told(
            name=name, engine=self.engine, runs=runs, note="; ".join(note for note in (*notes, self.note) if note)
        )

    def _portals(self) -> Iterator[Told]:
        last = self.size.days[-1]
        thinning = thinning_for(self.size.portals * ROWS_A_PORTAL * last, self.folder)
        scrapes: list[tuple[int, list[float]]] = []
        costs: dict[int, list[dict[str, list[float]]]] = {}
        is_ranked = False
        fleet, since = Fleet(portals=self.size.portals), UNTIL - last * DAY
        with GrowingStore(self.place, "portals", fleet, self.folder, since, thinning) as store:
            for days in self.size.days:
                store.grow(since + days * DAY)
                if self.wanted & {"pages", "growth"} and days in (self.size.days[0], last):
                    costs[days] = self._costs(store)
                if self.wanted & {"metrics"}:
                    scrapes.append((days, [store.look("metrics")["first_seconds"] for _ in range(self.runs)]))
                if self.wanted & {"rank-month"} and not is_ranked and days >= min(30, last):
                    is_ranked = True
                    yield from self._ranked(store, "rank-month", min(30, days))
            if scrapes:
                slowest, runs = max(scrapes, key=lambda one: median(one[1]))
                yield self._told("metrics", runs, f"slowest over {slowest} days", stated(store.filled, thinning))
            if "pages" in self.wanted:
                yield self._slowest_page(costs[last], last, stated(store.filled, thinning))
            if "growth" in self.wanted:
                yield self._growth(costs[self.size.days[0]], costs[last], stated(store.filled, thinning))
            if self.wanted & {"bytes", "disk"}:
                yield from self._on_disk(store)

    def _costs(self, store: GrowingStore) -> list[dict[str, list[float]]]:
        """Return for each run what every page and look cost, each time it was asked for."""
        found, now = [], store.until
        for _ in range(self.runs):
            told = store.look("pages", requests=self.size.requests, since=store.since.isoformat())
            costs: dict[str, list[float]] = told["pages"]
            costs["the newest of every series"] = [store.look("latest")["cpu_seconds"]]
            costs["/metrics, again and again"] = [store.look("metrics")["later_seconds"]]
            judged = store.look("judge", seconds=self.size.judge_seconds, now=now)
            costs["a look of the judge"] = [judged["look_seconds"]]
            now = datetime.fromisoformat(judged["until"])
            found.append(costs)
        return found

    def _slowest_page(self, runs: Sequence[dict[str, list[float]]], days: int, note: str) -> Told:
        worst = [max((_p95(costs), name) for name, costs in run.items() if name.startswith("/")) for run in runs]
        slowest = f"slowest: {worst[0][1]}" + ("" if days == 90 else f", over {days} days")
        return self._told("pages", [seconds for seconds, _ in worst], slowest, note)

    def _growth(self, few: Sequence[dict[str, list[float]]], many: Sequence[dict[str, list[float]]], note: str) -> Told:
        ratios = [
            {name: _ratio(median(long[name]), median(short[name])) for name in long if name not in NOT_FILLED}
            for short, long in zip(few, many, strict=True)
        ]
        for name in sorted(ratios[0], key=lambda one: -median(run[one] for run in ratios)):
            tell_progress(f"growth: {median(run[name] for run in ratios):6.2f}  {name}")
        worst = max(ratios[0], key=lambda name: median(run[name] for run in ratios))
        days = (self.size.days[0], self.size.days[-1])
        over = "" if days == (1, 90) else f", {days[1]} days ÷ {days[0]}"
        return self._told("growth", [run[worst] for run in ratios], f"{worst}{over}", note)

    def _ranked(self, store: GrowingStore, name: str, days: int) -> Iterator[Told]:
        told = [store.look("rank", days=days) for _ in range(self.runs)]
        rows = f"{told[0]['measurements']:,} runs of {days} days"
        note = stated(store.filled, store.thinning)
        yield self._told(name, [one["cpu_seconds"] for one in told], rows, note)
        yield self._told(f"{name}-memory", [one["peak_megabytes"] for one in told], rows, note)

    def _on_disk(self, store: GrowingStore) -> Iterator[Told]:
        each = store.bytes_a_measurement
        days = (store.until - store.since) / DAY
        note = stated(store.filled, store.thinning)
        if "bytes" in self.wanted:
            yield self._told(
                "bytes", [each], f"all that lies on disk ÷ {store.filled.rows:,} rows of {days:g} days", note
            )
        if "disk" in self.wanted:
            kept, rolled = store.settings.keep.raw_days, store.settings.keep.rollup_days
            of_rollups = store.rollup_bytes_a_measurement
            size = 100 * ROWS_A_PORTAL * ((each - of_rollups) * kept + of_rollups * rolled) / 1e9
            how = f"154,400 a day × ({each - of_rollups:.3g} bytes × {kept} days + {of_rollups:.3g} × {rolled} days)"
            yield self._told("disk", [size], how, note)

    def _country(self) -> Iterator[Told]:
        thinning = Thinning(one_in=self.size.thin, full_since=UNTIL - self.size.full)
        fleet = Fleet(portals=self.size.portals, communes=self.size.communes)
        since = UNTIL - self.size.week_days * DAY
        with GrowingStore(self.place, "country", fleet, self.folder, since, thinning) as store:
            store.grow(UNTIL)
            note = stated(store.filled, thinning)
            if "country-metrics" in self.wanted:
                told = [store.look("metrics") for _ in range(self.runs)]
                yield self._told(
                    "country-metrics", [one["later_seconds"] for one in told], f"{told[0]['series']:,} series", note
                )
                yield self._told("country-bytes", [one["bytes"] / 1e6 for one in told], _packed(told[0]), note)
            if "judge" in self.wanted:
                now, shares = UNTIL, []
                for _ in range(self.runs):
                    judged = store.look("judge", seconds=self.size.judge_seconds, now=now)
                    now = datetime.fromisoformat(judged["until"])
                    shares.append(judged)
                steady = median(one["steady_share"] for one in shares)
                yield self._told(
                    "judge", [one["share"] for one in shares], f"{steady:.2g} without the turn of the hour", note
                )

    def _year(self) -> Iterator[Told]:
        days, portals = self.size.year_days, self.size.year_portals
        thinning = thinning_for(days * portals * 392, self.folder)
        fleet = Fleet(portals=portals, every_seconds={"http": 300})
        with GrowingStore(self.place, "year", fleet, self.folder, UNTIL - days * DAY, thinning) as store:
            store.grow(UNTIL)
            yield from self._ranked(store, "rank-year", days)

    def _simulated(self) -> Iterator[Told]:
        size = self.size
        year = simulated_year(
            self.place,
            self.folder / "simulated",
            SIMULATED_SINCE,
            portals=size.simulated_portals,
            days=size.simulated_days,
            month=size.simulated_month * DAY,
            requests=size.requests,
        )
        note = (
            f"{size.simulated_portals} portals, {size.simulated_days} days, http 1 in 60: {year.measurements:,} runs, of which "
            f"{year.left:,} are left"
        )
        yield self._told("simulated", [year.months - year.same], f"of {year.months}", note)
        yield self._told("simulated-disk", [year.bytes / year.forecast_bytes], f"{year.bytes / 1e6:.3g} MB")
        ratios = {name: _ratio(last, first) for name, (first, last) in year.pages.items() if name not in NOT_FILLED}
        slowest = max(ratios, key=ratios.__getitem__)
        yield self._told("simulated-pages", [ratios[slowest]], slowest)

    def _written(self) -> Iterator[Told]:
        costs = []
        fleet = Fleet(portals=self.size.portals)
        for run in range(self.runs):
            name = f"written_{run}"
            folder = self.folder / name
            fleet.write(folder, self.place.make(name))
            tell_progress(f"{name}: write")
            told = looked("write", folder / "thuocdo.yaml", UNTIL, {"measurements": self.size.measurements})
            costs.append(told["microseconds"])
            self.place.drop(name)
        yield self._told("write", costs)

    def _started(self) -> Iterator[Told]:
        if self.engine != SQLITE:  # the store has next to no part in it
            return
        fleet = Fleet(portals=self.size.portals, communes=self.size.communes)
        tell_progress("start")
        yield self._told("start", [seconds_to_first_probe(fleet, self.folder / "start") for _ in range(self.runs)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    heed_termination()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small stores, one run: tries out whether all of it works")
    parser.add_argument("--only", nargs="+", choices=ONLY, metavar="FIGURE", help=f"only these of {', '.join(ONLY)}")
    parser.add_argument("--days", type=int, help="the longest history of the 100 portals; 90 where nothing is said")
    parser.add_argument("--engine", choices=[name.lower() for name in ENGINES], help="only this database")
    parser.add_argument("--runs", type=int, help="how often each figure is measured; 3 where nothing is said")
    parser.add_argument("--folder", type=Path, help="where the stores of SQLite are made; else among temporary files")
    given = parser.parse_args(arguments)
    size, note = _size(quick=given.quick, days=given.days)
    told: list[Told] = []
    for engine in ENGINES:
        if given.engine in (None, engine.lower()):
            with (
                tempfile.TemporaryDirectory(prefix="thuocdo-scale-", dir=given.folder) as name,
                databases(engine, Path(name)) as place,
            ):
                bench = Bench(
                    engine=engine,
                    place=place,
                    folder=Path(name),
                    size=size,
                    wanted=frozenset(given.only or ONLY),
                    runs=given.runs or (1 if given.quick else 3),
                    note=note,
                )
                told += bench.all()
    print(heading("As stores grow", {"thuocdo": __version__}))
    print(shown(told))
    if given.quick:
        return  # what is small says nothing of what was promised
    is_whole = not (given.only or given.engine or given.days)
    publish("scale" if is_whole else "scale_part", figures_of(told))
    if any(one.failed for one in told):
        sys.exit(1)


def _size(*, quick: bool, days: int | None) -> tuple[Size, str]:
    """Return how large everything is, and what to say of it where that is not as promised."""
    size = QUICK if quick else Size()
    if days is not None:
        size = replace(size, days=(*(one for one in size.days if one < days), days))
    return size, f"quick: {size.portals} portals, {size.communes} communes" if quick else ""


def _packed(told: Mapping[str, Any]) -> str:
    packed = told["packed_bytes"]
    return "as asked for without packing, which is not built" if packed is None else f"{packed / 1e6:.3g} packed"


def _p95(costs: Sequence[float]) -> float:
    return sorted(costs)[math.ceil(0.95 * len(costs)) - 1]


def _ratio(much: float, little: float) -> float:
    return max(much, LEAST_SECONDS) / max(little, LEAST_SECONDS)


if __name__ == "__main__":
    main()
