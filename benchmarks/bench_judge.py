"""
What judging costs at 3,400 http targets a minute, over a real SQLite store: looks each 10 s, and the tallies of hours.

Twice two minutes are measured, by the CPU time of this process: all portals answer; then every twentieth fails, each an incident
of its own. Home pages, four a second, come half a minute late as they do from browsers: so the last minutes are judged again each
minute. Beside it one look of the way before, which read and judged the last 15 minutes at every look.
"""

import argparse
import platform
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.core.model import (
    Block,
    Conditions,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reason,
    Target,
    TargetRole,
)
from thuocdo.core.version import __version__
from thuocdo.incidents.docket import in_order
from thuocdo.incidents.judge import judge
from thuocdo.incidents.judging import LATE, Judging
from thuocdo.incidents.ledger import bring_in_line
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.tallying import Tallying
from thuocdo.processes.judge import MEMORY_SECONDS, SCENE_SECONDS, StoredReadings
from thuocdo.store import Store

TARGETS = 3_400
LOOK = timedelta(seconds=10)
SETTLE = timedelta(seconds=11)
PAGE_LATE = timedelta(seconds=30)
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
BEFORE = timedelta(minutes=16)
"""Stored before the first look: more than is judged provisionally."""

VALUES = {"http": "total_seconds", "homepage": "lcp_seconds"}
_CERTIFICATE_ENDS = (START + timedelta(days=90)).timestamp()
_OK = Observation(
    outcome=Outcome.OK,
    values={
        "total_seconds": 0.25,
        "dns_seconds": 0.01,
        "connect_seconds": 0.02,
        "certificate_expiry_seconds": _CERTIFICATE_ENDS,
    },
)
_PAGE = Observation(outcome=Outcome.OK, values={"lcp_seconds": 1.5})
_FAILED = Observation(outcome=Outcome.FAILED, reason=Reason.HTTP_ERROR, detail="status 503")
_CONDITIONS = Conditions()


@dataclass(slots=True)
class Cost:
    """CPU seconds of each time."""

    looks: list[float] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)

    @property
    def core_ratio(self) -> float:
        """Share of a core that looks and counting took."""
        return (sum(self.looks) + sum(self.counts)) / (len(self.looks) * LOOK.total_seconds())


class Country:
    """
    A store that fills as time passes, and the judge over it.

    Args:
        store: empty.
    """

    def __init__(self, store: Store) -> None:
        self.now = START
        self.store = store
        self.scene = JudgingContext(targets={one.id: one for one in _targets()})
        self.readings = StoredReadings(store, VALUES)
        self._written_until = START - BEFORE
        self._names = [*self.scene.targets]

    def write(self, failing: int) -> None:
        """Store what agents have delivered by now; failing: every so many targets fail, 0 = none."""
        batch = list(self._probes(self._written_until, self.now, failing))
        for first in range(0, len(batch), 2_000):
            self.store.measurements.write(batch[first : first + 2_000])
        self._written_until = self.now

    def _probes(self, since: datetime, until: datetime, failing: int) -> Iterator[Measurement]:
        for index, name in enumerate(self._names):
            for kind, minutes, after in (("http", 1, timedelta(0)), ("homepage", 15, PAGE_LATE)):
                period = timedelta(minutes=minutes)
                phase = START + period * (index / TARGETS)
                number = -((phase + after - since) // period)
                while phase + number * period + after < until:
                    is_bad = failing and index % failing == 0 and kind == "http"
                    seen = _FAILED if is_bad else _OK if kind == "http" else _PAGE
                    yield _measurement(name, kind, phase + number * period, seen)
                    number += 1

    def look_as_before(self) -> None:
        """Judge as it was done before: the last minutes read again, on two copies."""
        session = Judging.resume(self.store.incidents, self.readings, self.now - SETTLE)
        since, until = self.now - SETTLE - LATE, self.now - SETTLE
        certain = session.memory.copied()
        draft = certain.copied()
        cases = judge(draft, in_order(self.readings.between(since, until)), until, self.scene)
        bring_in_line(
            self.store.incidents,
            [*cases, *draft.cases.values()],
            since=since,
            until=until,
            now=self.now,
            registered=self.scene.targets,
        )


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=2, help="simulated length of each part")
    arguments = parser.parse_args()
    versions = {"thuocdo": __version__, "Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    print(heading(f"Judge, {TARGETS:,} http targets a minute", versions))
    with TemporaryDirectory() as folder, Store.open(f"sqlite:///{Path(folder)}/thuocdo.sqlite") as store:
        country = Country(store)
        country.write(0)
        before = _cpu(country.look_as_before)
        session = Judging.resume(store.incidents, country.readings, country.now - SETTLE)
        counting = Tallying(store=store)
        first = _cpu(lambda: session.look(country.scene, country.now - SETTLE, country.now))
        first_count = _cpu(lambda: _count_all(counting, country))
        looks = arguments.minutes * 60 // int(LOOK.total_seconds())
        quiet = _run(country, session, counting, looks, failing=0)
        _run(country, session, counting, 24, failing=20)  # until all that fails is an incident
        failing = _run(country, session, counting, looks, failing=20)
        lasting = len(store.incidents.lasting())
        country.scene = replace(country.scene)
        anew = _cpu(lambda: session.look(country.scene, country.now - SETTLE, country.now))
        kept = _cpu(lambda: _remember(store, session, country.now))
    assert lasting == TARGETS // 20, lasting
    seldom = anew / SCENE_SECONDS + kept / MEMORY_SECONDS
    rows = [
        (name, sum(cost.looks) / len(cost.looks), max(cost.looks), sum(cost.counts) / len(cost.counts), cost.core_ratio)
        for name, cost in (("all answer", quiet), (f"{lasting} incidents last", failing))
    ]
    print(table(["what", "a look, CPU s", "longest", "counting, CPU s", "share of a core"], rows))
    publish(
        "judge",
        [
            _share("all portals answer", quiet.core_ratio + seldom),
            _share("every twentieth fails", failing.core_ratio + seldom),
            Figure(figure="of this what is done every 5 minutes: files read anew, memory stored", value=seldom),
            Figure(
                figure="share of a core by looks of the way before, without counting",
                value=before / LOOK.total_seconds(),
            ),
            Figure(figure="CPU seconds of the first look after a start", value=first),
            Figure(figure="CPU seconds to count the first 16 minutes of a store", value=first_count),
        ],
    )


def _share(what: str, ratio: float) -> Figure:
    return Figure(figure=f"share of a core, {TARGETS:,} http targets, {what}", value=ratio, must=0.2, aim=0.08)


def _run(country: Country, session: Judging, counting: Tallying, looks: int, *, failing: int) -> Cost:
    cost = Cost()
    for _ in range(looks):
        country.now += LOOK
        country.write(failing)
        cost.looks.append(_cpu(lambda: session.look(country.scene, country.now - SETTLE, country.now)))
        cost.counts.append(_cpu(lambda: counting.once(country.scene, country.now)))
    return cost


def _count_all(counting: Tallying, country: Country) -> None:
    while counting.once(country.scene, country.now):
        pass


def _remember(store: Store, session: Judging, now: datetime) -> None:
    store.incidents.save_judge_memory(now, session.memory.at, session.memory.to_json())


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _targets() -> list[Target]:
    return [
        Target(
            id=f"p{n}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://p{n}.thuocdo.test/",
            agency_id=f"a{n}",
            portal_id=f"p{n}",
            block=Block.PROVINCE,
        )
        for n in range(TARGETS)
    ]


def _measurement(name: str, kind: str, at: datetime, seen: Observation) -> Measurement:
    return Measurement(
        key=MeasurementKey(target_id=name, kind=kind, vantage_id="bench", profile="desktop", scheduled_at=at),
        agency_id=f"a{name[1:].split('.')[0]}",
        started_at=at,
        duration_seconds=0.25,
        observation=seen,
        conditions=_CONDITIONS,
    )


if __name__ == "__main__":
    main()
