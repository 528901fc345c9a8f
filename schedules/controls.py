"""
When a control visits: in one block of ten, a few minutes from a visit of ours, and never nearer to any than manners allow.

A control says who it is as every probe does, and comes from another network. Which blocks and which side of our visits it takes
is drawn from a seed, so that nobody can tell beforehand.
"""

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.phases import browser_interval_seconds
from thuocdo.core.model import Job

BLOCK = timedelta(hours=2)
ONE_OF = 10
FARTHEST = timedelta(minutes=10)
"""From the visit that it is compared with."""

_STEP = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlVisit:
    """A visit of a control. beside: the scheduled instant of the visit of ours that it is compared with."""

    target_id: str
    at: datetime
    beside: datetime


def draw_controls(jobs: Iterable[Job], kind: str, profile: str, seed: str, start: datetime) -> list[ControlVisit]:
    """
    Return the visits of a control, in order of time.

    Args:
        jobs: all jobs in a browser that are planned from start on; those of kind and profile are compared with.
        kind, profile: of the visits that are compared.
        seed: of the draw.
        start: where blocks are counted from, aware.
    """
    by_target: dict[str, list[Job]] = defaultdict(list)
    for job in sorted(jobs, key=lambda job: job.scheduled_at):
        by_target[job.target.id].append(job)
    found = [
        visit
        for target_id in sorted(by_target)
        for visit in _of_target(by_target[target_id], kind, profile, random.Random(f"{seed} {target_id}"), start)
    ]
    return sorted(found, key=lambda one: (one.at, one.target_id))


def _of_target(
    jobs: Sequence[Job], kind: str, profile: str, drawn: random.Random, start: datetime
) -> Iterator[ControlVisit]:
    apart = timedelta(seconds=browser_interval_seconds(jobs[0].target))
    taken = [job.scheduled_at for job in jobs]
    blocks: dict[int, list[datetime]] = defaultdict(list)
    for job in jobs:
        if (job.kind, job.profile) == (kind, profile):
            blocks[(job.scheduled_at - start) // BLOCK].append(job.scheduled_at)
    last = max(blocks, default=-1)
    for first in range(0, last + 1, ONE_OF):
        # In an order that is drawn: a block at night, in which nothing is due, gives way to another of the ten.
        for block in drawn.sample(range(first, first + ONE_OF), ONE_OF):
            visit = _beside(blocks.get(block, ()), taken, apart, drawn)
            if visit:
                at, beside = visit
                yield ControlVisit(target_id=jobs[0].target.id, at=at, beside=beside)
                break


def _beside(
    ours: Sequence[datetime], taken: Sequence[datetime], apart: timedelta, drawn: random.Random
) -> tuple[datetime, datetime] | None:
    """Return a polite instant near one of our visits, and that visit; None where there is none."""
    for beside in drawn.sample(ours, len(ours)):
        steps = range(int(apart / _STEP), int(FARTHEST / _STEP) + 1)
        near = [beside + sign * step * _STEP for step in steps for sign in drawn.sample((1, -1), 2)]
        for at in near:
            if _is_polite(at, taken, apart):
                return at, beside
    return None


def _is_polite(at: datetime, taken: Sequence[datetime], apart: timedelta) -> bool:
    place = bisect_left(taken, at)
    # Before the first and after the last visit that is known others may be due.
    return 0 < place < len(taken) and all(abs(other - at) >= apart for other in taken[place - 1 : place + 1])
