"""Where due jobs wait: refusals, the turns of hosts, stops."""

import asyncio
import time
from contextlib import aclosing
from datetime import timedelta

import pytest

from thuocdo.agent import start_queue
from thuocdo.agent.start_queue import StartQueue
from thuocdo.core import clock
from thuocdo.core.model import Block, Job, Target, TargetRole
from thuocdo.core.stopping import Stop


def job(name, host="a.test", expires_in_seconds=None):
    now = clock.now()
    return Job(
        target=Target(
            id=name,
            role=TargetRole.HOMEPAGE,
            url=f"https://{host}/",
            agency_id="a",
            portal_id="p",
            block=Block.PROVINCE,
        ),
        kind="http",
        vantage_id="v",
        profile="desktop",
        scheduled_at=now,
        deadline_seconds=1.0,
        expires_at=None if expires_in_seconds is None else now + timedelta(seconds=expires_in_seconds),
    )


async def stream(jobs):
    for due in jobs:
        yield due


def room_with(refusal=None, kept=None):
    return StartQueue(refusal=refusal, keep=(kept if kept is not None else []).append)


async def names_of(room, jobs, stop=None):
    async with aclosing(room.ready(stream(jobs), stop or Stop())) as ready:
        names = []
        async for due in ready:
            room.started(due)
            names.append(due.target.id)
        return names


async def test_jobs_come_in_the_order_they_were_due():
    assert await names_of(room_with(), [job(str(n), f"{n}.test") for n in range(9)]) == [str(n) for n in range(9)]


async def test_a_job_whose_host_was_just_visited_lets_others_pass(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 0.2)
    jobs = [job("1"), job("2"), job("3", "b.test"), job("4", "c.test")]
    assert await names_of(room_with(), jobs) == ["1", "3", "4", "2"]


async def test_the_gap_of_a_host_counts_from_the_start_and_not_from_the_choice(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 0.1)
    room = room_with()
    async with aclosing(room.ready(stream([job("1"), job("2")]), Stop())) as ready:
        first = await anext(ready)
        await asyncio.sleep(0.15)  # the first waits for its place
        room.started(first)
        started = time.monotonic()
        await anext(ready)
    assert time.monotonic() - started >= 0.099


async def test_this_very_machine_needs_no_gap(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 60.0)
    async with asyncio.timeout(5):
        assert await names_of(room_with(), [job("1", "127.0.0.1"), job("2", "127.0.0.1")]) == ["1", "2"]


async def test_a_job_whose_time_is_over_comes_at_once_and_is_not_asked_about(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 60.0)
    asked = []

    async def refusal(due):
        asked.append(due.target.id)

    room = room_with(refusal)
    room.started(job("0"))
    jobs = [job("1"), job("2", expires_in_seconds=-1)]
    async with asyncio.timeout(5), aclosing(room.ready(stream(jobs), Stop())) as ready:
        assert (await anext(ready)).target.id == "2"
    assert "2" not in asked


async def test_a_host_whose_rules_come_slowly_holds_up_nobody_else():
    answered = asyncio.Event()

    async def refusal(due):
        if due.target.id == "slow":
            await answered.wait()

    async with aclosing(room_with(refusal).ready(stream([job("slow"), job("2", "b.test")]), Stop())) as ready:
        assert (await anext(ready)).target.id == "2"
        answered.set()
        assert (await anext(ready)).target.id == "slow"


async def test_a_refused_job_is_kept_and_never_comes():
    async def refusal(due):
        return f"refused {due.target.id}" if due.target.id == "1" else None

    kept = []
    assert await names_of(room_with(refusal, kept), [job("1"), job("2", "b.test")]) == ["2"]
    assert kept == ["refused 1"]


async def test_only_so_many_are_asked_at_once(monkeypatch):
    monkeypatch.setattr(start_queue, "MOST_ASKED_AT_ONCE", 2)
    asked, most = set(), []

    async def refusal(due):
        asked.add(due.target.id)
        most.append(len(asked))
        await asyncio.sleep(0)
        asked.discard(due.target.id)

    assert len(await names_of(room_with(refusal), [job(str(n), f"{n}.test") for n in range(9)])) == 9
    assert max(most) == 2


async def test_a_stop_ends_the_stream_whatever_it_waits_for(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 60.0)
    given_up = []

    async def refusal(due):
        if due.target.id == "slow":
            try:
                await asyncio.Event().wait()
            finally:
                given_up.append("slow")

    stop = Stop()
    asyncio.get_running_loop().call_later(0.05, stop.set)
    async with asyncio.timeout(5):
        assert await names_of(room_with(refusal), [job("1"), job("2"), job("slow", "b.test")], stop) == ["1"]
    assert given_up == ["slow"]


async def test_what_the_plan_raises_comes_out_after_the_jobs_before_it():
    async def broken():
        yield job("1")
        raise ZeroDivisionError

    async with aclosing(room_with().ready(broken(), Stop())) as ready:
        assert (await anext(ready)).target.id == "1"
        with pytest.raises(ZeroDivisionError):
            await anext(ready)
