"""Where an agent's jobs come from: the endless plan of every day, or the bounded plan of a round."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date, datetime, timedelta

import structlog

from schedules.plan import Planner
from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Job
from thuocdo.core.stopping import SHORTEST_SLEEP_SECONDS, Stop

WINDOW_SECONDS = 1.0
LONGEST_GAP_SECONDS = 3600.0
"""After a longer sleep of the machine only this much of the past is counted as missed."""

STEP = timedelta(milliseconds=10)
"""
Jobs that are due within so long of each other are given out together. With 1,667 starts a second waking for each took 7 % of a
core, in steps of 5 ms 4-5 %, of 10 ms 4 % (2026-11-23, two runs each); p99 lateness 1-4, 6-8 and 11 ms.
"""


LONGEST_PIECE_SECONDS = 1.0
"""The wall clock is looked at again after so long, however far away the next job is."""

LONG_SECONDS = 600.0
"""Whoever waits longer for a job of a round is told so."""

log = structlog.get_logger()


def _never() -> bool:
    return False


async def every_day(
    planner_for: Callable[[date], Planner],
    stop: Stop,
    steps: ClockSteps | None = None,
    is_told: Callable[[], bool] = _never,
) -> AsyncIterator[Job]:
    """
    Yield each job when it is due, for ever; the plan is made anew when a new day begins in Hanoi, and when we are told to.

    It is made beside the running one, which stays in force until the new one is ready: what did not change is measured when it
    would have been, and nothing waits.

    Where the wall clock is moved, the plan goes on from where it then stands: what lies between was neither missed nor is it
    waited for.

    Args:
        planner_for: the plan for a day; what is valid changes with the date.
        stop: ends the stream.
        steps: notices when the clock is moved.
        is_told: whether what people wrote is to be read again; asked about once a second.
    """
    steps = steps or ClockSteps()
    making: asyncio.Task[Planner] | None = None
    known_steps = steps.look()
    end = clock.now()
    day = clock.hanoi_day(end)
    planner = planner_for(day)
    while not stop.is_set():
        now = clock.now()
        moved = known_steps != (known_steps := steps.look())
        start = now if moved else max(end, now - timedelta(seconds=LONGEST_GAP_SECONDS))
        end = max(start, now) + timedelta(seconds=WINDOW_SECONDS)
        if making is not None and making.done():
            planner, making = making.result(), None
        is_another_day = clock.hanoi_day(start) != day
        day = clock.hanoi_day(start)
        if is_another_day and moved:  # what is in force is of a day that may be far away
            planner, making = _renewed(planner, planner_for, day), None
        elif is_told() or is_another_day:
            making = asyncio.create_task(asyncio.to_thread(_renewed, planner, planner_for, day))
        for job in planner.due(start, end):
            if job.scheduled_at > now:
                await _until(job.scheduled_at + STEP, stop, steps, known_steps)
                now = clock.now()
            if stop.is_set():
                return
            if job.scheduled_at > now:  # the clock went back: its time comes again
                break
            yield job
        await _until(end, stop, steps, known_steps)


async def _until(instant: datetime, stop: Stop, steps: ClockSteps, known_steps: int) -> None:
    """Sleep until an instant of the wall clock, or until it is moved, or stop is set."""
    while not stop.is_set() and steps.look() == known_steps:
        seconds = (instant - clock.now()).total_seconds()
        if seconds < SHORTEST_SLEEP_SECONDS:
            return
        await stop.sleep(min(seconds, LONGEST_PIECE_SECONDS))


async def of_round(jobs: Iterable[Job], stop: Stop) -> AsyncIterator[Job]:
    """
    Yield the jobs of a round in order, each not before its time.

    The distances between them are kept by a clock that nobody can move: a step of the wall clock neither stops a round nor
    makes it rush.
    """
    began_at, began = clock.now(), time.monotonic()
    for job in jobs:
        seconds = (job.scheduled_at - began_at).total_seconds() - (time.monotonic() - began)
        if seconds > LONG_SECONDS:
            log.info(
                "nothing of the round is due for a while", seconds=round(seconds), scheduled_at=str(job.scheduled_at)
            )
        await stop.sleep(seconds)
        if stop.is_set():
            return
        yield job


def _renewed(planner: Planner, planner_for: Callable[[date], Planner], day: date) -> Planner:
    try:
        return planner_for(day)
    except ConfigurationError as exc:
        log.error("registry or schedule have mistakes; the plan stays as it was", cause=str(exc))  # noqa: TRY400
        return planner
