"""Streams of jobs: every day, or one round."""

import asyncio
from datetime import timedelta

from thuocdo import clock
from thuocdo.agent import jobs
from thuocdo.errors import ConfigurationError


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
    planner, stop = EveryTenth(), asyncio.Event()
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
    stop = asyncio.Event()
    far = [Due(clock.now() + timedelta(hours=1))]
    asyncio.get_running_loop().call_later(0.02, stop.set)
    async with asyncio.timeout(1):
        assert [job async for job in jobs.of_round(far, stop)] == []


async def test_a_registry_broken_overnight_leaves_the_plan_in_force(monkeypatch):
    days = iter(["monday", "tuesday", "tuesday", "tuesday", "tuesday", "tuesday", "tuesday"])
    monkeypatch.setattr(jobs, "_hanoi_day", lambda instant: next(days, "tuesday"))
    monkeypatch.setattr(jobs, "WINDOW_SECONDS", 0.01)
    planner, stop = EveryTenth(), asyncio.Event()

    def planner_for(day):
        if day != "monday":
            raise ConfigurationError("portals/x.yaml: broken")
        return planner

    async for _ in jobs.every_day(planner_for, stop):
        if len(planner.windows) >= 2:
            stop.set()
    assert len(planner.windows) >= 2
