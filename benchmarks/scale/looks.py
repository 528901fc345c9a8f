"""
One look at a filled store, in a process of its own: prints what it cost as JSON.

    python -m benchmarks.scale.looks LOOK CONFIG NOW OPTIONS

LOOK is a name of LOOKS, CONFIG the settings' file, NOW the instant at which it is looked, OPTIONS a JSON object. CPU seconds are
user and system time of the process, its threads and the children it waited for; memory is the peak of the whole process.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI

from benchmarks.scale.judging import virtual_judge
from benchmarks.scale.pages import Examples, ask, every_page
from benchmarks.scale.rows import Rows
from thuocdo.core import clock
from thuocdo.core.config import Settings, load_settings
from thuocdo.core.portals import read_registry
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.published import published_ranking
from thuocdo.store import Store
from thuocdo.web.app import create_app

HOUR = timedelta(hours=1)
SCRAPE = timedelta(seconds=15)
OFTEN = 5
"""Scrapes after the first one, of which the median counts."""

BATCH = 100
WARM_BATCHES = 20


def rank(settings: Settings, store: Store, now: datetime, options: Mapping[str, Any]) -> dict[str, Any]:
    """Rank the last so many days; days: how many."""
    registry = read_registry(settings.registry_dir)
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    since = now - timedelta(days=options["days"])
    begun = cpu_seconds()
    ranking = published_ranking(store, registry.at, criteria, now=now, since=since, until=now).ranking
    ranked = sum(one.rank is not None for members in ranking.blocks.values() for one in members)
    return {"cpu_seconds": cpu_seconds() - begun, "measurements": ranking.measurements, "ranked": ranked}


def metrics(settings: Settings, store: Store, now: datetime, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Scrape /metrics once, then again and again, each time with what was measured meanwhile."""
    present = [now]
    app = create_app(settings, store=store, probe_now=None, clock=lambda: present[0])
    first, body = _scraped(app)
    later = []
    rows = Rows(settings, now)
    for _ in range(OFTEN):
        store.measurements.write(list(chain.from_iterable(rows.between(present[0], present[0] + SCRAPE))))
        present[0] += SCRAPE
        cost, body = _scraped(app)
        later.append(cost)
    _, headers, packed = ask(app, "/metrics", accept_encoding="gzip")
    packed_bytes = len(packed) if "content-encoding" in headers else None
    lines = sum(not line.startswith(b"#") for line in body.splitlines())
    return {
        "first_seconds": first,
        "later_seconds": median(later),
        "bytes": len(body),
        "series": lines,
        "packed_bytes": packed_bytes,
    }


def pages(settings: Settings, store: Store, now: datetime, options: Mapping[str, Any]) -> dict[str, Any]:
    """Ask for every page so many times, each time about somebody else; requests: how often, since: the first instant stored."""
    app = create_app(settings, store=store, probe_now=None, clock=lambda: now)
    first = datetime.fromisoformat(options["since"])
    examples = Examples.of(store, first + (now - first) / 2)
    costs: dict[str, list[float]] = {}
    for page in every_page(app.routes):
        for number in range(options["requests"]):
            begun = cpu_seconds()
            status, _, body = ask(app, page.address(examples, number))
            costs.setdefault(page.name, []).append(cpu_seconds() - begun)
            if status >= 500:
                raise RuntimeError(f"{page.name}: {status}: {body[:500]!r}")
    return {"pages": costs}


def latest(_settings: Settings, store: Store, now: datetime, _options: Mapping[str, Any]) -> dict[str, Any]:
    """Read the newest measurement of every series."""
    costs = []
    for _ in range(OFTEN):
        begun = cpu_seconds()
        number = len(store.measurements.latest(now))
        costs.append(cpu_seconds() - begun)
    return {"cpu_seconds": median(costs), "series": number}


def judge(settings: Settings, store: Store, now: datetime, options: Mapping[str, Any]) -> dict[str, Any]:
    """
    Judge for a while, looking as often as it is set, then over the turn of an hour; seconds: how long.

    What is measured between two looks is written before the next one, and not counted. share: of a core, the turn of the hour in
    its proportion to the whole hour. until: the instant of the last look; who judges again begins there.
    """
    step, span = timedelta(seconds=settings.incidents.every_seconds), timedelta(seconds=options["seconds"])
    turn = now.replace(minute=0, second=0, microsecond=0) + HOUR
    rows = Rows(settings, now)
    with virtual_judge(settings, store, now) as one:

        def looked(since: datetime, until: datetime) -> float:
            for batch in rows.between(since, until):
                store.measurements.write(batch)
            begun = cpu_seconds()
            one.look(until)
            return cpu_seconds() - begun

        start = turn - span
        first = looked(now, start)  # finds out where the last judge stopped
        looks = []
        while start < turn - step:
            looks.append(looked(start, start + step))
            start += step
        over = looked(start, turn + step)
    steady = sum(looks) / (len(looks) * step.total_seconds())
    turning = max(0.0, over - sum(looks) / len(looks)) / HOUR.total_seconds()
    return {
        "share": steady + turning,
        "steady_share": steady,
        "look_seconds": median(looks),
        "first_seconds": first,
        "turn_seconds": over,
        "until": (turn + step).isoformat(),
    }


def write(settings: Settings, store: Store, now: datetime, options: Mapping[str, Any]) -> dict[str, Any]:
    """Write into an empty store in batches of 100; measurements: how many, after those that warm up."""
    rows = chain.from_iterable(Rows(settings, now).between(now, now + timedelta(days=1)))
    made = list(islice(rows, options["measurements"] + WARM_BATCHES * BATCH))
    batches = [made[i : i + BATCH] for i in range(0, len(made), BATCH)]
    for batch in batches[:WARM_BATCHES]:
        store.measurements.write(batch)
    begun = cpu_seconds()
    written = sum(store.measurements.write(batch) for batch in batches[WARM_BATCHES:])
    return {"microseconds": (cpu_seconds() - begun) / written * 1e6, "measurements": written}


Look = Callable[[Settings, Store, datetime, Mapping[str, Any]], dict[str, Any]]

LOOKS: Mapping[str, Look] = {
    "rank": rank,
    "metrics": metrics,
    "pages": pages,
    "latest": latest,
    "judge": judge,
    "write": write,
}


def cpu_seconds() -> float:
    """Return the CPU time of this process, its threads and the children it waited for."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _scraped(app: FastAPI) -> tuple[float, bytes]:
    begun = cpu_seconds()
    status, _, body = ask(app, "/metrics")
    cost = cpu_seconds() - begun
    if status != 200:
        raise RuntimeError(f"/metrics: {status}: {body[:500]!r}")
    return cost, body


def main(name: str, config: str, instant: str, options: str) -> None:
    """Look and print."""
    now = datetime.fromisoformat(instant)
    settings = load_settings(Path(config))
    with patch.object(clock, "now", lambda: now), Store.open(settings.store_url) as store:
        told = LOOKS[name](settings, store, now, json.loads(options))
    told["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
