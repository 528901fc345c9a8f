"""The newest of every series, kept from question to question, are those that a look at the whole store gives."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from thuocdo.store import latest
from thuocdo.store.latest import Latest
from thuocdo.store.schema import measurements as table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def some(make_measurement, number, chance):
    """Measurements of six series around now, some of them ahead of it, in no order."""
    for index in range(number):
        at = NOW + timedelta(minutes=chance.randrange(-300, 60))
        yield make_measurement(
            index,
            target_id=f"t{chance.randrange(3)}",
            kind=chance.choice(["http", "homepage"]),
            scheduled_at=at,
            started_at=at,
        )


@pytest.mark.parametrize("most", [3, 20_000])
def test_what_arrived_since_is_taken_along_whatever_its_instant(store, make_measurement, monkeypatch, most):
    monkeypatch.setattr(latest, "MOST_ARRIVED", most)
    kept, chance, until = Latest(store.measurements), random.Random(3), NOW
    assert kept.at(until) == []
    for _ in range(8):
        store.measurements.write(list(some(make_measurement, chance.randrange(12), chance)))
        until += timedelta(minutes=chance.randrange(15))
        assert kept.at(until) == store.measurements.latest(until)
        assert kept.at(until) == store.measurements.latest(until)


def test_only_what_arrived_is_read(store, make_measurement, monkeypatch):
    chance = random.Random(4)
    store.measurements.write(list(some(make_measurement, 60, chance)))
    kept = Latest(store.measurements)
    kept.at(NOW)
    asked = []
    arrived = store.measurements.arrived_whole

    def counted(after, until):
        found = list(arrived(after, until))
        asked.append(len(found))
        return iter(found)

    monkeypatch.setattr(store.measurements, "arrived_whole", counted)
    monkeypatch.setattr(store.measurements, "latest", None)
    newer = list(some(make_measurement, 5, chance))
    written = store.measurements.write(newer)
    assert kept.at(NOW) is kept.at(NOW)
    assert asked == [written, 0]


def test_a_store_that_was_put_back_is_read_anew(store, make_measurement):
    chance = random.Random(5)
    store.measurements.write(list(some(make_measurement, 60, chance)))
    kept = Latest(store.measurements)
    kept.at(NOW)
    with store._database.transaction("test") as connection:
        connection.execute(delete(table).where(table.c.id > 20))
    assert kept.at(NOW) == store.measurements.latest(NOW)
