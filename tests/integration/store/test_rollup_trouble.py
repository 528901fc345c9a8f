"""Rolling up that is killed, has no room or loses its server counts nothing twice and forgets nothing: the next goes on."""

import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.store import Store

NAMES = {"http": ("total_seconds",), "homepage": ("load_seconds",)}
NOW = datetime(2026, 11, 29, 5, tzinfo=UTC)
BEGIN = NOW - timedelta(days=3)

ROLLING = """
import sys
from datetime import datetime
from sqlalchemy import Engine, event
from thuocdo.store import Store
from tests.integration.store.test_rollup_trouble import NAMES

store = Store.open(sys.argv[1])

@event.listens_for(Engine, "after_cursor_execute")
def written(connection, cursor, statement, *_):
    if statement.startswith(("INSERT", "REPLACE")) and sys.argv[2] in statement:
        print("within", flush=True)
        sys.stdin.readline()

while store.rollups.roll(NAMES, datetime.fromisoformat(sys.argv[3]), most=40):
    print("between", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def some(make_measurement):
    """So many measurements of three targets and two kinds over three days."""

    def make(number, seed=1):
        chance = random.Random(seed)
        made = []
        for index in range(number):
            at = BEGIN + timedelta(microseconds=chance.randrange(3 * 86_400_000_000))
            kind, name = [("http", "total_seconds"), ("homepage", "load_seconds")][index % 2]
            target = f"t{chance.randrange(3)}.home"
            values = {name: round(chance.random(), 6)}
            made.append(
                make_measurement(index, kind=kind, target_id=target, values=values, scheduled_at=at, started_at=at)
            )
        return made

    return make


def told(store):
    """What roll-ups and what waits for them say together: every value of every series."""
    found = {}
    for group in store.rollups.between(BEGIN, NOW + timedelta(days=1), NAMES):
        runs, values = found.get(group.key, (0, []))
        found[group.key] = (
            runs + group.runs,
            sorted(values + [x for each in group.values.values() for x in each.tolist()]),
        )
    return found


def roll(store):
    while store.rollups.roll(NAMES, NOW, most=40):
        pass


@pytest.mark.parametrize("table", ["rollups", "progress"])
def test_killed_between_or_within_pieces_nothing_is_lost_and_nothing_counted_twice(
    store, store_url, some, spawn, table
):
    store.measurements.write(some(200))
    expected = told(store)
    assert sum(runs for runs, _ in expected.values()) == 200
    for passed in (0, 1, 4):
        process = spawn([sys.executable, "-c", ROLLING, store_url, table, NOW.isoformat()])
        for _ in range(passed):
            assert process.stdout.readline()
            process.stdin.write("\n")
            process.stdin.flush()
        assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert told(store) == expected
    assert 0 < store.rollups.waiting() < 200
    roll(store)
    assert store.rollups.waiting() == 0
    assert told(store) == expected


def test_a_full_disk_leaves_all_as_it_was_and_the_next_goes_on(tiny_disk, some):
    folder = tiny_disk("3m")
    with Store.open(f"sqlite:///{folder}/thuocdo.sqlite") as store:
        store.measurements.write(some(3000))
        expected = told(store)
        fill = folder / "other"
        with pytest.raises(OSError, match="No space left"):
            fill.write_bytes(b"x" * 4_000_000)
        with pytest.raises(StoreUnavailableError, match="free space"):
            roll(store)  # the journal may have room for some
        assert store.rollups.waiting()
        assert told(store) == expected
        fill.unlink()
        roll(store)
        assert store.rollups.waiting() == 0
        assert told(store) == expected


def test_a_server_that_goes_away_is_unavailable_and_the_next_goes_on(own_postgresql, some):
    own_postgresql.start()
    import psycopg

    with psycopg.connect(f"{own_postgresql.url}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE rolled")
    with Store.open(f"{own_postgresql.url}/rolled") as store:
        store.measurements.write(some(100))
        expected = told(store)
        store.rollups.roll(NAMES, NOW, most=40)
        own_postgresql.stop()
        with pytest.raises(StoreUnavailableError):
            store.rollups.roll(NAMES, NOW, most=40)
        own_postgresql.start()
        assert told(store) == expected
        roll(store)
        assert store.rollups.waiting() == 0
        assert told(store) == expected
