"""
A year of measuring in minutes: a clock that is given, the product's own writing, rolling up, ranking and letting go.

http runs once an hour instead of once a minute, which is one in sixty, and the fleet's schedule says so: a measurement stands for
itself, and what `config check` forecasts is of this schedule. All other kinds run as shipped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from benchmarks.scale.databases import Databases
from benchmarks.scale.fill import Filler
from benchmarks.scale.fleet import Fleet
from benchmarks.scale.rows import Rows
from benchmarks.scale.stores import DAY, looked, tell_progress
from thuocdo.core import clock
from thuocdo.core.config import Settings
from thuocdo.core.portals import read_registry
from thuocdo.processes.keep import Keeping, Kept
from thuocdo.processes.ranker import Ranker
from thuocdo.reports.storage import growth_of, row_bytes
from thuocdo.reports.storage_seen import engine_of, inflow_of, limits_of
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.published import published_ranking
from thuocdo.score.scorecard import Ranking
from thuocdo.store import Store

HTTP_EVERY_SECONDS = 3_600
MONTH = 30 * DAY
FULL_DAYS = 32
"""After so many days the running month is as old as after the first one, and every page is full."""

FILLED_LATER = ("?kind=http", "?until=")
"""Pages that list http measurements, or all until the middle of what there is, show fifty: a thinned day has fewer."""

SHOWN = timedelta(days=30)
"""Pages are asked about what was measured in so much time before the end: of what has gone there is nothing to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """
    How a year went.

    measurements: that were written. left: of them, at the end. months: whose ranking was published at their end. same: of them,
    how many came out the same, to the last digit, from what was left at the end of the year. bytes, forecast_bytes: of the
    database at the end, and what was forecast before the first day. pages: CPU seconds of every page by name, in the beginning
    and after the last day.
    """

    measurements: int
    left: int
    months: int
    same: int
    bytes: int
    forecast_bytes: float
    pages: Mapping[str, tuple[float, float]]


def simulated_year(
    place: Databases,
    folder: Path,
    since: datetime,
    *,
    portals: int,
    days: int,
    month: timedelta = MONTH,
    requests: int = 20,
) -> Year:
    """
    Measure, roll up, rank and let go for a year, and look what is left of it.

    Args:
        place: where the database is made; it stays.
        folder: for the fleet's files.
        since: the first instant, midnight in Hanoi.
        portals: of the fleet.
        days: of the year.
        month: after how much time a ranking of that time is published.
        requests: for each page.

    Raises:
        RuntimeError: a page failed.
    """
    settings = Fleet(portals=portals, every_seconds={"http": HTTP_EVERY_SECONDS}).write(folder, place.make("simulated"))
    forecast = _forecast(settings, since, days)
    published: dict[datetime, Ranking] = {}
    pages: list[Mapping[str, float]] = []
    until = since + days * DAY
    with Store.open(settings.store_url) as store:
        filler = Filler(store, Rows(settings, since))
        for now in _midnights(since, until):
            _live_a_day(settings, store, filler, now)
            if (now - since) % month == timedelta():
                published[now] = _ranked(settings, store, now - month, now)
                tell_progress(f"simulated: day {(now - since) / DAY:g} of {days}, {filler.filled.rows:,} rows")
            if now in (since + DAY, since + FULL_DAYS * DAY, until):
                place.settle("simulated")
                pages.append(_pages(folder, now, max(since, now - SHOWN), requests))
        same = sum(_ranked(settings, store, now - month, now).blocks == one.blocks for now, one in published.items())
        left = store.measurements.count()
    return Year(
        measurements=filler.filled.rows,
        left=left,
        months=len(published),
        same=same,
        bytes=place.size("simulated"),
        forecast_bytes=forecast,
        pages=_compared(pages[0], pages[1] if len(pages) > 2 else pages[0], pages[-1]),
    )


def _midnights(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        since += DAY
        yield since


def _live_a_day(settings: Settings, store: Store, filler: Filler, now: datetime) -> None:
    """Measure the day that ends now, roll up, rank and let go."""
    with patch.object(clock, "now", lambda: now):
        filler.fill(now - DAY, now)
        Ranker(settings, store, lambda: now).once()
        for _ in Keeping(settings, store).slices(now, Kept()):
            pass


def _compared(
    first: Mapping[str, float], full: Mapping[str, float], last: Mapping[str, float]
) -> Mapping[str, tuple[float, float]]:
    """Return what each page cost after the first day, or once it was full, and after the last day."""
    return {
        name: (full[name] if name in full and any(one in name for one in FILLED_LATER) else first[name], last[name])
        for name in last
        if name in first
    }


def _forecast(settings: Settings, now: datetime, days: int) -> float:
    """Return what `config check` says before there is a store."""
    flow = inflow_of(settings, now)
    size, _ = row_bytes(None, 0, engine_of(settings), flow)
    return growth_of(flow, size).after(days, limits_of(settings))


def _ranked(settings: Settings, store: Store, since: datetime, until: datetime) -> Ranking:
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    registry = read_registry(settings.registry_dir)
    return published_ranking(store, registry.at, criteria, now=until, since=since, until=until).ranking


def _pages(folder: Path, now: datetime, since: datetime, requests: int) -> Mapping[str, float]:
    options: dict[str, Any] = {"requests": requests, "since": since.isoformat()}
    costs = looked("pages", folder / "thuocdo.yaml", now, options)["pages"]
    return {name: median(each) for name, each in costs.items()}
