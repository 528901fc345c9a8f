"""The sink writes at once and is patient when the store cannot take data."""

import asyncio
from datetime import timedelta

import pytest

from thuocdo import clock
from thuocdo.agent import sink as sink_module
from thuocdo.agent.sink import Sink
from thuocdo.errors import StoreUnavailableError
from thuocdo.model import Conditions, Measurement, MeasurementKey, Observation, Outcome


class ListStore:
    def __init__(self, refusals=0):
        self.rows = []
        self.refusals = refusals

    def write(self, measurements):
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailableError("disk full")
        self.rows += measurements
        return len(measurements)


def measurement(index):
    at = clock.now() + timedelta(seconds=index)
    return Measurement(
        key=MeasurementKey(target_id=f"t{index}", kind="http", vantage_id="v", profile="desktop", scheduled_at=at),
        agency_id="a",
        started_at=at,
        duration_seconds=0.1,
        observation=Observation(outcome=Outcome.OK),
        conditions=Conditions(),
    )


async def settled(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_measurement_is_stored_without_waiting_for_more():
    store = ListStore()
    sink = Sink(store)
    sink.put(measurement(1))
    await settled(lambda: store.rows)
    assert sink.unsaved == 0
    await sink.close()


async def test_nothing_is_lost_while_the_store_refuses(monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    store = ListStore(refusals=3)
    sink = Sink(store)
    given = [measurement(n) for n in range(4)]
    for one in given:
        sink.put(one)
        await asyncio.sleep(0.005)
    await settled(lambda: sink.unsaved == 0)
    assert store.rows == given
    await sink.close()


async def test_closing_writes_what_is_left():
    store = ListStore()
    sink = Sink(store)
    for n in range(10):
        sink.put(measurement(n))
    await sink.close()
    assert len(store.rows) == 10


async def test_closing_says_how_many_could_not_be_stored():
    store = ListStore(refusals=1000)
    sink = Sink(store)
    sink.put(measurement(1))
    with pytest.raises(StoreUnavailableError, match="1 measurements could not be stored"):
        await sink.close()


async def test_a_full_memory_gives_up_the_oldest(monkeypatch):
    monkeypatch.setattr(sink_module, "MOST_UNSAVED", 3)
    store = ListStore(refusals=1)
    sink = Sink(store)
    for n in range(5):
        sink.put(measurement(n))
    assert sink.unsaved == 3
    with pytest.raises(StoreUnavailableError):
        await sink.close()
