"""Where an agent's jobs come from: the endless plan of every day, or the bounded plan of a round."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date, datetime, timedelta

import structlog

from schedules.plan import Planner
from thuocdo import clock
from thuocdo.errors import ConfigurationError
from thuocdo.model import Job

WINDOW_SECONDS = 1.0
LONGEST_GAP_SECONDS = 3600.0
"""After a longer sleep of the machine only this much of the past is counted as missed."""

STEP = timedelta(milliseconds=10)
"""
Jobs that are due within so long of each other are given out together. With 1,667 starts a second waking for each took 7 % of a
core, in steps of 5 ms 4-5 %, of 10 ms 4 % (2026-11-23, two runs each); p99 lateness 1-4, 6-8 and 11 ms.
"""

SHORTEST_SLEEP_SECONDS = 0.001  # uvloop spins on shorter ones

log = structlog.get_logger()


async def every_day(planner_for: Callable[[date], Planner], stop: asyncio.Event) -> AsyncIterator[Job]:
    """
    Yield each job when it is due, for ever; the plan is made anew when a new day begins in Hanoi.

    Args:
        planner_for: the plan for a day; what is valid changes with the date.
        stop: ends the stream.
    """
    end = clock.now()
    day = _hanoi_day(end)
    planner = planner_for(day)
    while not stop.is_set():
        start, end = max(end, clock.now() - timedelta(seconds=LONGEST_GAP_SECONDS)), clock.now()
        end = max(start, end) + timedelta(seconds=WINDOW_SECONDS)
        if _hanoi_day(start) != day:
            day = _hanoi_day(start)
            planner = _renewed(planner, planner_for, day)
        now = clock.now()
        for job in planner.due(start, end):
            if job.scheduled_at > now:
                await sleep_until(job.scheduled_at + STEP, stop)
                now = clock.now()
            if stop.is_set():
                return
            yield job
        await sleep_until(end, stop)


async def of_round(jobs: Iterable[Job], stop: asyncio.Event) -> AsyncIterator[Job]:
    """Yield the jobs of a round in order, each not before its time."""
    for job in jobs:
        await sleep_until(job.scheduled_at, stop)
        if stop.is_set():
            return
        yield job


async def sleep_until(instant: datetime, stop: asyncio.Event) -> None:
    """Sleep until an instant, or until stop is set."""
    seconds = (instant - clock.now()).total_seconds()
    if seconds < SHORTEST_SLEEP_SECONDS:
        return
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


def _renewed(planner: Planner, planner_for: Callable[[date], Planner], day: date) -> Planner:
    try:
        return planner_for(day)
    except ConfigurationError as exc:
        log.error("the registry has mistakes; yesterday's plan stays in force", cause=str(exc))  # noqa: TRY400
        return planner


def _hanoi_day(instant: datetime) -> date:
    return instant.astimezone(clock.HANOI).date()
