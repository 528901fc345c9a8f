"""
The parts of bench_ranking, each in a process of its own; each prints what it has to tell as one line of JSON.

python rankings.py fill DATABASE_URL NUMBER UNTIL; rank DATABASE_URL SINCE UNTIL (CPU seconds and the peak of its memory); roll
DATABASE_URL. Filling and ranking use nothing but what has long been there, so that an older tree can run them, too.
"""

import importlib
import json
import resource
import sys
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.ranking import build_ranking
from thuocdo.store import Store

BATCH = 5_000


def there(*names: str) -> Any:
    """Return the first of these modules that the running tree has: many have moved since (docs/moved.md)."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(" or ".join(names))


def rank(url: str, since: datetime, until: datetime) -> dict[str, Any]:
    """Rank the shipped registry by the shipped criteria."""
    settings = there("thuocdo.core.config", "thuocdo.config").Settings()
    registry = there("thuocdo.core.portals", "thuocdo.portals").load_registry(settings.registry_dir, at=until.date())
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    store = Store.open(url)
    begun, begun_kilobytes = _cpu_seconds(), _peak_kilobytes()
    ranking = build_ranking(store, registry, criteria, now=until, since=since, until=until)
    return {
        "cpu_seconds": _cpu_seconds() - begun,
        "peak_megabytes": _peak_kilobytes() / 1024,
        "idle_megabytes": begun_kilobytes / 1024,
        "measurements": ranking.measurements,
        "ranks": {
            block: [(one.scorecard.agency_id, one.rank, one.scorecard.total_ratio) for one in members]
            for block, members in ranking.blocks.items()
        },
    }


def roll(url: str) -> dict[str, Any]:
    """Roll up all that a database holds."""
    from thuocdo.score.kept_values import kept_values

    with Store.open(url) as store:
        criteria = load_criteria_set(there("thuocdo.core.config").Settings().criteria_dir, "survey-2023")
        begun, rolled = _cpu_seconds(), 0
        while number := store.rollups.roll(kept_values([criteria]), datetime.now(UTC)):
            rolled += number
    return {"cpu_seconds": _cpu_seconds() - begun, "measurements": rolled}


def fill(url: str, number: int, until: datetime) -> dict[str, Any]:
    """Store so many measurements of every home page, the last before an instant; tells the instant of the first."""
    settings = there("thuocdo.core.config", "thuocdo.config").Settings()
    portals = there("thuocdo.core.portals", "thuocdo.portals")
    registry = portals.load_registry(settings.registry_dir, at=until.date())
    targets = sorted(registry.ranked_targets().values(), key=lambda target: target.id)
    store = Store.open(url)
    write = getattr(store, "write", None) or store.measurements.write
    rounds = -(-number // len(targets))
    since = until - timedelta(minutes=rounds)
    rng = Random(2026)
    batch: list[Any] = []
    for index in range(number):
        minute, place = divmod(index, len(targets))
        batch.append(_measurement(targets[place], since + timedelta(minutes=minute, seconds=place), place, minute, rng))
        if len(batch) == BATCH:
            write(batch)
            batch = []
    write(batch)
    store.close()
    return {"since": since.isoformat()}


def _measurement(target: Any, at: datetime, place: int, minute: int, rng: Random) -> Any:
    """Make up what a home page gives: mostly http once a minute, a browser every quarter of an hour, some failures."""
    model = there("thuocdo.core.model", "thuocdo.model")
    kind = "homepage" if minute % 15 == 7 else "http"
    reason = rng.choices([None, model.Reason.TIMEOUT, model.Reason.BLOCKED], [97 - place % 7, 2 + place % 7, 1])[0]
    usual = 0.3 + place / 40
    seconds = round(usual * rng.lognormvariate(0.0, 0.3), 6)
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
    return model.Measurement(
        key=model.MeasurementKey(
            target_id=target.id, kind=kind, vantage_id="ha-noi", profile="desktop", scheduled_at=at
        ),
        agency_id=target.agency_id,
        started_at=at,
        duration_seconds=seconds,
        observation=model.Observation(
            outcome=reason.outcome if reason else model.Outcome.OK,
            reason=reason,
            page_kind=None if reason else model.PageKind.PORTAL,
            values={} if reason else values[kind],
            attributes={} if reason else {"tls_version": "TLSv1.3", "http_version": "2.0", "ip_version": "4"},
        ),
        conditions=model.Conditions(in_flight=3),
    )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    part, database, *rest = sys.argv[1:]
    if part == "fill":
        print(json.dumps(fill(database, int(rest[0]), datetime.fromisoformat(rest[1]))))
    elif part == "rank":
        print(json.dumps(rank(database, *(datetime.fromisoformat(instant) for instant in rest))))
    else:
        print(json.dumps(roll(database)))
