"""The process that lets old measurements go: it looks again whatever happens, pauses after every slice, and stops when asked."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from thuocdo.core.clock import now
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.stopping import Stop
from thuocdo.processes import keep
from thuocdo.processes.keep import Keeping, Kept, keep_going
from thuocdo.store import Store, retention

NAMES = {"http": ("total_seconds",)}


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def old(make_measurement):
    """Twenty measurements of sixty days ago."""
    at = now() - timedelta(days=60)
    return [
        make_measurement(n, scheduled_at=at + timedelta(seconds=n), started_at=at + timedelta(seconds=n))
        for n in range(20)
    ]


def fill(settings, made, *, rolled=True):
    with Store.open(settings.store_url) as store:
        store.measurements.write(made)
        if rolled:
            store.rollups.roll(NAMES, now())


def count(settings):
    with Store.open(settings.store_url) as store:
        return store.measurements.count()


async def run_until(settings, is_done, monkeypatch):
    """Let the process run until something is so; return the pauses that it took."""
    stop, pauses = Stop(), []

    async def sleep(seconds):
        pauses.append(seconds)
        if is_done(pauses):
            stop.set()
        await asyncio.sleep(0)

    async def take_in(*_):
        """Have no pauses of its own among those that count."""

    monkeypatch.setattr(stop, "sleep", sleep)
    monkeypatch.setattr(keep, "take_in", take_in)
    async with asyncio.timeout(60):
        await keep_going(settings, stop)
    return pauses


async def test_it_pauses_after_every_slice_and_looks_again_in_an_hour(settings, old, monkeypatch):
    fill(settings, old)
    monkeypatch.setattr(retention.Retention.let_go_measurements, "__kwdefaults__", {"most": 5, "before_day": None})
    pauses = await run_until(settings, lambda pauses: pauses.count(keep.EVERY_SECONDS) == 2, monkeypatch)
    assert count(settings) == 0
    first = pauses[: pauses.index(keep.EVERY_SECONDS)]
    # Four slices of measurements and one of facts; the roll-up is too young to go.
    assert first == [keep.PAUSE_SECONDS] * 5
    assert pauses[len(first) :] == [keep.EVERY_SECONDS] * 2


async def test_it_stops_between_two_slices(settings, old, monkeypatch):
    fill(settings, old)
    monkeypatch.setattr(retention.Retention.let_go_measurements, "__kwdefaults__", {"most": 5, "before_day": None})
    await run_until(settings, lambda pauses: True, monkeypatch)
    assert count(settings) == 15


async def test_why_nothing_goes_is_said(settings, old, monkeypatch):
    fill(settings, old, rolled=False)
    with structlog.testing.capture_logs() as logs:
        await run_until(settings, lambda pauses: True, monkeypatch)
    assert count(settings) == 20
    assert [(one["log_level"], "not in the roll-ups yet" in one["event"]) for one in logs] == [("warning", True)]


@pytest.mark.parametrize("fault", [StoreUnavailableError("away"), KeyError("sha256")])
async def test_no_fault_whatsoever_keeps_it_from_looking_again(settings, old, monkeypatch, fault):
    fill(settings, old)
    faults, cut = [fault, fault], retention.Retention.cut

    def broken(self, *arguments):
        if faults:
            raise faults.pop()
        return cut(self, *arguments)

    monkeypatch.setattr(retention.Retention, "cut", broken)
    with structlog.testing.capture_logs() as logs:
        await run_until(settings, lambda pauses: pauses.count(keep.EVERY_SECONDS) == 3, monkeypatch)
    assert count(settings) == 0
    assert sum("could not be let go" in one["event"] for one in logs) == 2


async def test_a_clock_that_jumped_ahead_takes_nothing_with_it_at_once(settings, old, monkeypatch):
    fill(settings, old)
    looks = iter([1, 1, 1])

    class Steps:
        def look(self):
            return next(looks)

    monkeypatch.setattr(keep, "ClockSteps", Steps)
    await run_until(settings, lambda pauses: True, monkeypatch)
    assert count(settings) == 20


def test_limits_are_those_of_the_settings(settings, old):
    fill(settings, old)
    longer = settings.model_copy(update={"keep": settings.keep.model_copy(update={"raw_days": 90})})
    with Store.open(settings.store_url) as store:
        assert list(Keeping(longer, store).slices(now(), Kept())) == []
        kept = Kept()
        assert all(one is kept for one in Keeping(settings, store).slices(now(), kept))
        assert kept.measurements == 20
        short = settings.model_copy(update={"keep": settings.keep.model_copy(update={"rollup_days": 40})})
        list(Keeping(short, store).slices(now(), kept))
        assert kept.rollups == 1


def test_an_archive_without_pyarrow_is_told_before_anything_goes(settings, old, monkeypatch, tmp_path):
    import sys

    fill(settings, old)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    archived = settings.model_copy(update={"archive_dir": tmp_path / "archive"})
    with Store.open(settings.store_url) as store, pytest.raises(ConfigurationError, match=r"thuocdo\[archive\]"):
        Keeping(archived, store)
    assert count(settings) == 20
