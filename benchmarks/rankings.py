"""
One ranking of what a database holds, in a process of its own: prints CPU seconds and the peak of its memory as JSON.

python rankings.py DATABASE_URL SINCE UNTIL. It uses nothing but what has long been there, so that an older tree can run it, too.
"""

import importlib
import json
import resource
import sys
from datetime import datetime
from typing import Any

from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.ranking import build_ranking
from thuocdo.store import Store


def there(*names: str) -> Any:
    """Return the first of these modules that the running tree has: many have moved since (docs/moved.md)."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise ModuleNotFoundError(" or ".join(names))


def main(url: str, since: datetime, until: datetime) -> None:
    """Rank the shipped registry by the shipped criteria."""
    settings = there("thuocdo.core.config", "thuocdo.config").Settings()
    registry = there("thuocdo.core.portals", "thuocdo.portals").load_registry(settings.registry_dir, at=until.date())
    criteria = load_criteria_set(settings.criteria_dir, settings.criteria_set)
    store = Store.open(url)
    begun, begun_kilobytes = _cpu_seconds(), _peak_kilobytes()
    ranking = build_ranking(store, registry, criteria, now=until, since=since, until=until)
    told = {
        "cpu_seconds": _cpu_seconds() - begun,
        "peak_megabytes": _peak_kilobytes() / 1024,
        "idle_megabytes": begun_kilobytes / 1024,
        "measurements": ranking.measurements,
        "ranks": {
            block: [(one.scorecard.agency_id, one.rank, one.scorecard.total_ratio) for one in members]
            for block, members in ranking.blocks.items()
        },
    }
    print(json.dumps(told))


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
