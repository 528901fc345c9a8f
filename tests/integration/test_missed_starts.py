"""Missed starts survive kill -9 of the agent that counted them, with the store at hand and away, and become coverage."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from thuocdo.agent.sink import Sink
from thuocdo.agent.spool import Spool
from thuocdo.incidents.availability import availability
from thuocdo.incidents.rules import JudgingContext
from thuocdo.incidents.tallying import HOUR, Tallying
from thuocdo.store import Store

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 3, 1, 10, tzinfo=UTC)

COUNTING = """
import asyncio, sys
from pathlib import Path
from datetime import UTC, datetime
sys.path.insert(0, "")
import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
from thuocdo.agent.missing import MissedCounter
from thuocdo.agent.sink import Sink
from thuocdo.agent.spool import Spool
from thuocdo.core.model import Block, Job, Target, TargetRole
from thuocdo.store import Store

async def main():
    store = Store.open(sys.argv[1])
    print("open", flush=True)
    sys.stdin.readline()
    sink = Sink(store, Spool(Path(sys.argv[2]), "http"))
    counter = MissedCounter("local")
    for number in range(1, 10**6):
        for name in ("hue.home", "da-nang.home"):
            target = Target(id=name, role=TargetRole.HOMEPAGE, url="https://a.test/", agency_id=name[:3],
                            portal_id="p", block=Block.PROVINCE)
            counter.count(Job(target=target, kind="http", vantage_id="local", profile="desktop",
                              scheduled_at=datetime(2026, 3, 1, 10, 30, tzinfo=UTC), deadline_seconds=1.0))
        for one in counter.take_changed():
            sink.put(one)
        while sink.unsaved and not sink._is_spooling:
            await asyncio.sleep(0.001)
        print(number, flush=True)  # from here on it must not be lost

asyncio.run(main())
"""


def killed_while_counting(url, spool, numbers, *, hold=None):
    """Let a process count until it has told so many numbers, kill it, and return the last one it told."""
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTING, url, str(spool)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout.readline() == "open\n"
        if hold is not None:
            hold.execute("BEGIN EXCLUSIVE")
        process.stdin.write("\n")
        process.stdin.flush()
        told = [int(process.stdout.readline()) for _ in range(numbers)]
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split("\n")
        process.communicate()
    return max([*told, *(int(line) for line in rest[:-1])])


@pytest.mark.parametrize("away", [False, True])
async def test_what_was_missed_outlives_killed_agents_and_lowers_the_coverage(tmp_path, away, make_measurement):
    file, spool = tmp_path / "s.sqlite", tmp_path / "spool"
    url = f"sqlite:///{file}"
    with Store.open(url) as store:
        pass
    told = []
    for numbers in (1, 20, 40):
        hold = sqlite3.connect(file, isolation_level=None) if away else None
        told.append(killed_while_counting(url, spool, numbers, hold=hold))
        if hold is not None:
            hold.execute("ROLLBACK")
            hold.close()
    assert bool(list(spool.glob("*.jsonl"))) == away
    with Store.open(url) as store:
        for _ in range(2):
            await Sink(store, Spool(spool, "http")).close()
        missed = {one.target_id: one.missed for one in store.missed.totals(AT, AT + HOUR)}
        # The last count may be on its way when the process dies; none that was told is lost, and none is there twice.
        assert set(missed) == {"hue.home", "da-nang.home"}
        assert all(sum(told) <= number <= sum(told) + len(told) for number in missed.values())
        one = make_measurement()
        key = replace(one.key, target_id="hue.home", vantage_id="local", scheduled_at=AT + timedelta(minutes=1))
        store.measurements.write([replace(one, key=key)])
        assert not Tallying(store=store).once(JudgingContext(targets={}), AT + HOUR)
        reports = {one.target_id: availability([one]) for one in store.incidents.tallies(AT, AT + HOUR)}
        assert reports["hue.home"].coverage_ratio == 1 / (1 + missed["hue.home"])
        assert reports["da-nang.home"].coverage_ratio == 0.0
    assert list(spool.glob("*.jsonl")) == []
