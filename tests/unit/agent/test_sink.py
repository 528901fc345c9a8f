"""The sink writes at once and is patient when the store cannot take data."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.agent import sink as sink_module
from thuocdo.agent.sink import Sink
from thuocdo.agent.spool import Spool
from thuocdo.core import clock
from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, MissedStarts, Observation, Outcome
from thuocdo.core.stopping import Stop
from thuocdo.store import Store


class ListStore:
    def __init__(self, refusals=0):
        self.rows = []
        self.refusals = refusals

    @property
    def measurements(self):
        return self

    @property
    def agents(self):
        return self

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
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_measurement_is_stored_without_waiting_for_more():
    store = ListStore()
    sink = Sink(store)
    sink.put(measurement(1))
    await settled(lambda: store.rows and sink.unsaved == 0)
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


class Refusing(ListStore):
    """Refuses one target's rows for good, and all others with them where they come together."""

    def write(self, measurements):
        if any(m.key.target_id == "t1" for m in measurements):
            raise StoreError("this row is not possible")
        return super().write(measurements)


async def test_a_row_that_is_refused_for_good_holds_up_no_other(monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    store = Refusing()
    sink = Sink(store)
    given = [measurement(n) for n in range(4)]
    for one in given:
        sink.put(one)
    await settled(lambda: sink.unsaved == 1 and len(store.rows) == 3)
    assert store.rows == [given[0], *given[2:]]
    sink.put(measurement(9))
    await settled(lambda: sink.unsaved == 1 and len(store.rows) == 4)
    with pytest.raises(StoreUnavailableError, match="not possible"):
        await sink.close()


async def test_who_is_closed_while_the_others_are_written_keeps_what_was_refused(monkeypatch):
    """The refused row was taken out of its batch, and the next one is on its way to the store."""
    is_on_its_way, may_go_on = threading.Event(), threading.Event()

    class Slow(Refusing):
        def write(self, measurements):
            if [m.key.target_id for m in measurements] == ["t2"]:
                is_on_its_way.set()
                assert may_go_on.wait(60)
            return super().write(measurements)

    store = Slow()
    sink = Sink(store)
    for number in (1, 2):
        sink.put(measurement(number))
    await asyncio.to_thread(is_on_its_way.wait, 60)
    closing = asyncio.create_task(sink.close())
    await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(StoreUnavailableError, match="not possible"):
        await closing
    assert {one.key.target_id for one in store.rows} == {"t2"}


async def test_what_a_killed_process_could_not_store_is_stored_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    store = ListStore(refusals=10**6)
    killed = Sink(store, Spool(tmp_path, "http"))
    given = [measurement(n) for n in range(3)]
    for one in given:
        killed.put(one)
        await settled(lambda: killed._is_spooling)
    killed._spool.close()  # as the kernel does
    back = ListStore()
    following = Sink(back, Spool(tmp_path, "http"))
    assert following.unsaved == 3
    await settled(lambda: following.unsaved == 0)
    await following.close()
    assert back.rows == given
    assert list(tmp_path.iterdir()) == []
    killed._writer.cancel()


async def test_closing_leaves_what_is_not_stored_to_the_next_process(tmp_path):
    sink = Sink(ListStore(refusals=10**6), Spool(tmp_path, "http"))
    sink.put(measurement(1))
    await sink.close()
    assert [m.key.target_id for m in Spool(tmp_path, "http").take_over()] == ["t1"]


async def test_a_store_that_hangs_is_met_with_the_spool_and_does_not_keep_us_from_ending(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "SLOW_SECONDS", 0.01)
    monkeypatch.setattr(sink_module, "LAST_TRY_SECONDS", 0.05)
    release = threading.Event()

    class Hanging(ListStore):
        def write(self, measurements):
            release.wait(60)

    sink = Sink(Hanging(), Spool(tmp_path, "http"))
    sink.put(measurement(1))
    await settled(lambda: sink._is_spooling)
    sink.put(measurement(2))
    await sink.close()
    assert [m.key.target_id for m in Spool(tmp_path, "http").take_over()] == ["t1", "t2"]
    release.set()


async def test_a_spool_that_cannot_be_written_leaves_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    (tmp_path / "file").write_text("in the way")
    store = ListStore(refusals=3)
    sink = Sink(store, Spool(tmp_path / "file", "http"))
    sink.put(measurement(1))
    await settled(lambda: sink.unsaved == 0)
    await sink.close()
    assert len(store.rows) == 1


async def test_a_full_memory_leaves_everything_to_the_spool(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(sink_module, "MOST_UNSAVED", 3)
    store = ListStore(refusals=10**6)
    sink = Sink(store, Spool(tmp_path, "http"))
    given = [measurement(n) for n in range(20)]
    for one in given:
        sink.put(one)
        await settled(lambda: sink._is_spooling)
        assert sink.unsaved <= 3
    store.refusals = 0
    await sink.flush(Stop())
    assert {one.key for one in store.rows} == {one.key for one in given}
    await sink.close()
    assert list(tmp_path.iterdir()) == []


async def test_processes_that_die_one_after_the_other_do_not_multiply_what_waits(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(sink_module, "LAST_TRY_SECONDS", 0.01)
    for number in range(6):
        sink = Sink(ListStore(refusals=10**6), Spool(tmp_path, "http"))
        sink.put(measurement(number))
        await settled(lambda sink=sink: sink._is_spooling)
        await sink.close()
    assert sum(len(file.read_bytes().splitlines()) for file in tmp_path.iterdir()) == 6


class OneRefused(Refusing):
    """Takes signs of life."""

    def save(self, state):
        pass


@pytest.mark.parametrize("error", [StoreError("this row is not possible"), ValueError("no such number"), TypeError()])
async def test_a_row_that_no_store_takes_is_put_aside_so_that_a_round_ends(tmp_path, monkeypatch, error):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(sink_module, "LONGEST_PAUSE_SECONDS", 0.01)

    class Store(OneRefused):
        def write(self, measurements):
            if any(m.key.target_id == "t1" for m in measurements):
                raise error
            return ListStore.write(self, measurements)

    store = Store()
    sink = Sink(store, Spool(tmp_path, "http"))
    sink.put(measurement(1))
    flushed = asyncio.create_task(sink.flush(Stop()))
    while not flushed.done():
        await sink.save_state(None)
        await asyncio.sleep(0.005)
    sink.put(measurement(2))
    await settled(lambda: sink.unsaved == 0)
    await sink.close()
    assert [m.key.target_id for m in store.rows] == ["t2"]
    [aside] = tmp_path.iterdir()
    assert aside.suffix == ".refused"
    assert '"target_id":"t1"' in aside.read_text()


async def test_a_store_that_refuses_everything_is_waited_for(tmp_path, monkeypatch):
    """As one whose tables somebody took the rights from: nothing is put aside."""
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(sink_module, "LONGEST_PAUSE_SECONDS", 0.001)
    tries = []

    class Store(ListStore):
        def write(self, measurements):
            tries.append(1)
            if len(tries) < 20:
                raise StoreError("permission denied")
            return super().write(measurements)

        def save(self, state):
            raise StoreError("permission denied")

    store = Store()
    sink = Sink(store, Spool(tmp_path, "http"))
    for n in range(2):
        sink.put(measurement(n))
    while len(tries) < 20:
        await sink.save_state(None)
        await asyncio.sleep(0.001)
    await settled(lambda: sink.unsaved == 0)
    assert len(store.rows) == 2
    await sink.close()


def missed(number, target="t1"):
    return MissedStarts(
        target_id=target,
        kind="http",
        vantage_id="v",
        profile="desktop",
        hour=datetime(2026, 3, 1, 10, tzinfo=UTC),
        agency_id="a",
        missed=number,
        counted_by="p1",
    )


def counts_in(store):
    return {one.target_id: one.missed for one in store.missed.totals(datetime(2026, 1, 1, tzinfo=UTC), clock.now())}


async def test_measurements_and_counts_of_missed_starts_go_to_their_tables(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.sqlite") as store:
        sink = Sink(store)
        for one in (measurement(1), missed(1), missed(2), measurement(2), missed(7, "t2")):
            sink.put(one)
        await sink.close()
        assert store.measurements.count() == 2
        assert counts_in(store) == {"t1": 2, "t2": 7}


async def test_counts_that_a_killed_process_could_not_store_are_stored_by_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 60.0)
    killed = Sink(ListStore(refusals=10**6), Spool(tmp_path, "http"))
    killed.put(missed(1))
    await settled(lambda: list(tmp_path.glob("http-*.jsonl")))
    for number in (2, 3):
        killed.put(missed(number))
    killed.put(measurement(1))
    killed._writer.cancel()  # nothing is written any more, and nobody cleans up
    killed._spool.close()
    with Store.open(f"sqlite:///{tmp_path}/s.sqlite") as store:
        for _ in range(2):
            following = Sink(store, Spool(tmp_path, "http"))
            await following.close()
        assert counts_in(store) == {"t1": 3}
        assert store.measurements.count() == 1
    assert list(tmp_path.glob("http-*.jsonl")) == []


async def test_a_count_that_has_grown_since_it_was_taken_over_is_spooled_again(tmp_path, monkeypatch):
    monkeypatch.setattr(sink_module, "FIRST_PAUSE_SECONDS", 60.0)
    spool = Spool(tmp_path, "http")
    spool.keep([missed(1)])
    spool.close()
    sink = Sink(ListStore(refusals=10**6), Spool(tmp_path, "http"))
    sink.put(missed(2))
    await settled(lambda: len(list(tmp_path.glob("http-*.jsonl"))) == 2)
    sink._writer.cancel()
    sink._spool.close()
    assert {one.missed for one in Spool(tmp_path, "http").take_over()} == {1, 2}
