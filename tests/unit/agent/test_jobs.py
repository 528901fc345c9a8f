"""Streams of jobs: every day, or one round."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import structlog

from thuocdo.agent import clock_steps, jobs
from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.stopping import Stop


class Due:
    def __init__(self, scheduled_at):
        self.scheduled_at = scheduled_at


class EveryTenth:
    """A planner with one job each 10 ms."""

    def __init__(self):
        self.windows = []

    def due(self, start, end):
        self.windows.append((start, end))
        return [Due(start + timedelta(milliseconds=10))]


async def test_windows_follow_each_other_without_gap_or_overlap(monkeypatch):
    monkeypatch.setattr(jobs, "WINDOW_SECONDS", 0.03)
    planner, stop = EveryTenth(), Stop()
    got = []
    async for job in jobs.every_day(lambda day: planner, stop):
        assert clock.now() >= job.scheduled_at - timedelta(milliseconds=2)
        got.append(job)
        if len(got) == 3:
            stop.set()
    ends = [end for _, end in planner.windows]
    starts = [start for start, _ in planner.windows]
    assert starts[1:] == ends[:-1]


async def test_a_stop_ends_the_stream_at_once():
    stop = Stop()
    far = [Due(clock.now() + timedelta(hours=1))]
    asyncio.get_running_loop().call_later(0.02, stop.set)
    async with asyncio.timeout(60):
        assert [job async for job in jobs.of_round(far, stop)] == []


async def test_a_registry_broken_overnight_leaves_the_plan_in_force(monkeypatch):
    days = iter(["monday", "tuesday", "tuesday", "tuesday", "tuesday", "tuesday", "tuesday"])
    monkeypatch.setattr(clock, "hanoi_day", lambda instant: next(days, "tuesday"))
    monkeypatch.setattr(jobs, "WINDOW_SECONDS", 0.01)
    planner, stop = EveryTenth(), Stop()

    def planner_for(day):
        if day != "monday":
            raise ConfigurationError("portals/x.yaml: broken")
        return planner

    async for _ in jobs.every_day(planner_for, stop):
        if len(planner.windows) >= 2:
            stop.set()
    assert len(planner.windows) >= 2


async def test_what_people_wrote_is_taken_up_when_they_say_so_while_the_plan_goes_on(monkeypatch):
    monkeypatch.setattr(jobs, "WINDOW_SECONDS", 0.01)
    first, second, stop, may_be_read = EveryTenth(), EveryTenth(), Stop(), threading.Event()
    told = iter([False, True])
    read = []

    def planner_for(day):
        read.append(day)
        if len(read) == 1:
            return first
        assert may_be_read.wait(60)
        return second

    async for _ in jobs.every_day(planner_for, stop, is_told=lambda: next(told, False)):
        if len(first.windows) == 5:  # it is being read for a while, and what is due meanwhile comes
            may_be_read.set()
        if len(second.windows) == 2:
            stop.set()
    assert len(read) == 2
    [*_, (_, ended)], [(began, _), *_] = first.windows, second.windows
    assert began == ended


async def test_a_mistake_leaves_the_plan_as_it_was(monkeypatch):
    monkeypatch.setattr(jobs, "WINDOW_SECONDS", 0.01)
    planner, stop, told, read = EveryTenth(), Stop(), iter([True]), []

    def planner_for(day):
        read.append(day)
        if len(read) > 1:
            raise ConfigurationError("portals/x.yaml: broken")
        return planner

    with structlog.testing.capture_logs() as logs:
        async for _ in jobs.every_day(planner_for, stop, is_told=lambda: next(told, False)):
            if len(read) == 2 and len(planner.windows) > 4:
                stop.set()
    assert "portals/x.yaml: broken" in {one.get("cause") for one in logs}


class Machine:
    """Both clocks of a machine; sleeping takes no time. steps: second since the start -> how the wall clock is then moved."""

    def __init__(self, steps, start=datetime(2026, 11, 28, 3, tzinfo=UTC)):
        self._steps = dict(steps)
        self._wall = start
        self.seconds = 0.0

    def now(self):
        return self._wall

    def elapsed(self):
        return self.seconds

    async def sleep(self, seconds, stop):
        assert seconds >= 0
        self.seconds += seconds
        self._wall += timedelta(seconds=seconds)
        for at in [at for at in self._steps if at <= self.seconds]:
            self._wall += self._steps.pop(at)
        await asyncio.sleep(0)


class Minutely:
    """A planner with a job every ten seconds of the wall clock."""

    def due(self, start, end):
        first = start.replace(second=start.second // 10 * 10, microsecond=0)
        instants = (first + timedelta(seconds=10 * n) for n in range(int((end - start).total_seconds()) // 10 + 2))
        return [Due(instant) for instant in instants if start <= instant < end]


async def came(monkeypatch, steps, until_seconds, days=None, **machine):
    """Return (elapsed second, wall clock) of each job that came."""
    on = Machine(steps, **machine)
    monkeypatch.setattr(clock, "now", on.now)
    monkeypatch.setattr(Stop, "sleep", lambda stop, seconds: on.sleep(seconds, stop))
    stop, found = Stop(), []

    def planner_for(day):
        if days is not None:
            days.append(day.day)
        return Minutely()

    watch = ClockSteps(elapsed=on.elapsed)
    async for job in jobs.every_day(planner_for, stop, watch):
        found.append((on.seconds, job.scheduled_at))
        assert clock.now() >= job.scheduled_at
        if on.seconds > until_seconds:
            stop.set()
    return found, watch.total


def longest_gap(found):
    return max(after - before for (before, _), (after, _) in zip(found, found[1:], strict=False))


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("steps", "times"),
    [
        ({}, 0),
        ({45.5: -HOUR}, 1),
        ({45.5: 2 * HOUR}, 1),
        ({45.5: -HOUR, 75.5: HOUR}, 2),
        ({45.5: timedelta(days=-400)}, 1),
        ({45.5: timedelta(days=400)}, 1),
        ({n + 0.5: timedelta(seconds=(-1) ** n * 5000) for n in range(20, 60)}, 40),
    ],
)
async def test_a_clock_that_is_moved_neither_stops_the_plan_nor_makes_it_rush(monkeypatch, steps, times):
    found, noticed = await came(monkeypatch, steps, 200)
    assert longest_gap(found) <= 21
    assert 17 <= len(found) <= 25
    assert noticed == times


async def test_a_leap_over_midnight_in_hanoi_makes_the_plan_of_that_day_and_back_again(monkeypatch):
    days = []
    start = datetime(2026, 11, 28, 16, 30, tzinfo=UTC)  # 23:30 in Hanoi
    await came(monkeypatch, {30.5: HOUR, 90.5: -HOUR}, 150, days, start=start)
    assert days == [28, 29, 28]


async def test_a_step_is_told_once(monkeypatch):
    with structlog.testing.capture_logs() as told:
        await came(monkeypatch, {45.5: -HOUR}, 200)
    [line] = told
    assert (line["log_level"], line["moved_seconds"]) == ("warning", -3600.0)


async def test_a_machine_that_slept_was_not_moved_and_what_it_missed_is_counted(monkeypatch):
    on = Machine({})
    monkeypatch.setattr(clock, "now", on.now)
    watch = ClockSteps(elapsed=on.elapsed)
    await on.sleep(7200, None)
    assert watch.look() == 0


def test_a_sleeping_machine_is_seen_by_a_clock_that_goes_on():
    assert clock_steps.elapsed_seconds() >= time.monotonic() - 1


@pytest.mark.parametrize("step", [-HOUR, 2 * HOUR])
async def test_a_round_keeps_its_distances_when_the_clock_is_moved(monkeypatch, step):
    on = Machine({25: step})
    monkeypatch.setattr(clock, "now", on.now)
    monkeypatch.setattr(Stop, "sleep", lambda stop, seconds: on.sleep(seconds, stop))
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=on.elapsed))
    planned = [Due(on.now() + timedelta(seconds=10 * n)) for n in range(6)]
    assert [on.seconds async for _ in jobs.of_round(planned, Stop())] == [0, 10, 20, 30, 40, 50]


async def test_a_long_wait_within_a_round_is_told(monkeypatch):
    on = Machine({})
    monkeypatch.setattr(clock, "now", on.now)
    monkeypatch.setattr(Stop, "sleep", lambda stop, seconds: on.sleep(seconds, stop))
    with structlog.testing.capture_logs() as told:
        assert len([job async for job in jobs.of_round([Due(on.now() + HOUR)], Stop())]) == 1
    assert told[0]["seconds"] == 3600
