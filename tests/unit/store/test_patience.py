"""Waiting for a store that is away."""

import asyncio

import pytest
import structlog

from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.core.stopping import Stop
from thuocdo.store import patience
from thuocdo.store.patience import open_when_there, when_there


class Away:
    """Work whose store is away so many times."""

    def __init__(self, times, error=StoreUnavailableError):
        self.left = times
        self.error = error

    def __call__(self):
        if self.left:
            self.left -= 1
            raise self.error("db: away; start it")
        return "done"


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.001)


async def test_it_is_told_once_that_the_store_is_away_and_once_that_it_is_back():
    with structlog.testing.capture_logs() as told:
        assert await when_there(Away(5), Stop()) == "done"
    assert [line["event"] for line in told] == ["the store is away; it is waited for", "the store is back"]
    assert told[0]["cause"] == "db: away; start it"


async def test_nothing_is_told_where_it_is_there():
    with structlog.testing.capture_logs() as told:
        assert await when_there(Away(0), Stop()) == "done"
    assert told == []


async def test_the_pauses_grow_to_a_limit(monkeypatch):
    pauses = []
    real = asyncio.timeout

    def timeout(seconds):
        pauses.append(seconds)
        return real(0)

    monkeypatch.setattr(asyncio, "timeout", timeout)
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 1.0)
    await when_there(Away(8), Stop())
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


async def test_a_stop_ends_the_waiting():
    stop = Stop()
    waiting = asyncio.create_task(when_there(Away(10**9), stop))
    await asyncio.sleep(0.01)
    stop.set()
    assert await waiting is None


async def test_what_waiting_does_not_mend_is_raised():
    with pytest.raises(StoreError, match="away"):
        await when_there(Away(1, StoreError), Stop())


async def test_a_store_is_opened(tmp_path):
    store = await open_when_there(f"sqlite:///{tmp_path}/x.sqlite", Stop())
    assert store.measurements.count() == 0
    store.close()
