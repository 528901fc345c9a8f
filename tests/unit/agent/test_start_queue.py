"""Where due jobs wait: refusals, the turns of hosts, stops."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace

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


def queue_with(refusal=None, kept=None, missed=None):
    return StartQueue(
        refusal=refusal,
        keep=(kept if kept is not None else []).append,
        miss=(missed if missed is not None else []).append,
        punctual_seconds=1.0,
    )


async def next_name(queue):
    assert await queue.wait()
    return queue.take().target.id


async def names_of(queue, jobs, stop=None):
    async with queue.open(stream(jobs), stop or Stop()):
        names = []
        while await queue.wait():
            names.append(queue.take().target.id)
        return names


async def test_jobs_come_in_the_order_they_were_due():
    assert await names_of(queue_with(), [job(str(n), f"{n}.test") for n in range(9)]) == [str(n) for n in range(9)]


async def test_a_job_whose_host_was_just_visited_lets_others_pass(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 0.2)
    jobs = [job("1"), job("2"), job("3", "b.test"), job("4", "c.test")]
    assert await names_of(queue_with(), jobs) == ["1", "3", "4", "2"]


async def test_the_gap_of_a_host_counts_from_the_start_and_not_from_its_choice(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(start_queue, "time", SimpleNamespace(monotonic=lambda: now[0]))
    queue = queue_with()
    async with queue.open(stream([job("1"), job("2"), job("3", "b.test")]), Stop()):
        assert await queue.wait()
        now[0] += 3600.0  # the first waits for its place
        assert queue.take().target.id == "1"
        now[0] += start_queue.HOST_GAP_SECONDS - 0.001
        assert await next_name(queue) == "3"
        assert queue.take() is None
        now[0] += 0.002
        assert queue.take().target.id == "2"


async def test_this_very_machine_needs_no_gap(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 60.0)
    async with asyncio.timeout(60):
        assert await names_of(queue_with(), [job("1", "127.0.0.1"), job("2", "127.0.0.1")]) == ["1", "2"]


async def test_a_job_whose_time_is_over_is_missed_at_once_and_not_asked_about(monkeypatch):
    monkeypatch.setattr(start_queue, "HOST_GAP_SECONDS", 60.0)
    asked, missed = [], []

    async def refusal(due):
        asked.append(due.target.id)

    queue = queue_with(refusal, missed=missed)
    jobs = [job("1"), job("2", expires_in_seconds=-1), job("3", "b.test")]
    async with queue.open(stream(jobs), Stop()):
        assert [await next_name(queue), await next_name(queue)] == ["1", "3"]
    assert [one.target.id for one in missed] == ["2"]
    assert asked == ["1", "3"]


async def test_a_job_whose_time_passes_while_a_place_is_waited_for_is_missed(monkeypatch):
    missed, present = [], clock.now()
    monkeypatch.setattr(clock, "now", lambda: present)
    queue = queue_with(missed=missed)
    async with queue.open(stream([job("1", expires_in_seconds=30)]), Stop()):
        assert await queue.wait()
        present += timedelta(seconds=31)
        assert queue.take() is None
        assert not await queue.wait()
    assert [one.target.id for one in missed] == ["1"]


async def test_what_a_stop_keeps_from_starting_in_its_time_is_missed_and_a_job_of_a_round_is_not():
    async def refusal(due):
        if due.target.id == "asked":
            await asyncio.Event().wait()

    missed, stop = [], Stop()
    queue = queue_with(refusal, missed=missed)
    jobs = [
        job("1", "1.test"),
        job("2", "2.test", expires_in_seconds=30),
        job("asked", "3.test", expires_in_seconds=30),
    ]
    async with queue.open(stream(jobs), stop):
        assert await queue.wait()
        stop.set()
        assert not await queue.wait()
        assert queue.length == 3
    assert [one.target.id for one in missed] == ["2", "asked"]
    assert queue.length == 0


async def test_a_host_whose_rules_come_slowly_holds_up_nobody_else():
    answered = asyncio.Event()

    async def refusal(due):
        if due.target.id == "slow":
            await answered.wait()

    queue = queue_with(refusal)
    async with queue.open(stream([job("slow"), job("2", "b.test")]), Stop()):
        assert await next_name(queue) == "2"
        answered.set()
        assert await next_name(queue) == "slow"


async def test_a_refused_job_is_kept_and_never_comes():
    async def refusal(due):
        return f"refused {due.target.id}" if due.target.id == "1" else None

    kept = []
    assert await names_of(queue_with(refusal, kept), [job("1"), job("2", "b.test")]) == ["2"]
    assert kept == ["refused 1"]


async def test_only_so_many_are_asked_at_once(monkeypatch):
    monkeypatch.setattr(start_queue, "MOST_ASKED_AT_ONCE", 2)
    asked, most = set(), []

    async def refusal(due):
        asked.add(due.target.id)
        most.append(len(asked))
        await asyncio.sleep(0)
        asked.discard(due.target.id)

    assert len(await names_of(queue_with(refusal), [job(str(n), f"{n}.test") for n in range(9)])) == 9
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
    async with asyncio.timeout(60):
        assert await names_of(queue_with(refusal), [job("1"), job("2"), job("slow", "b.test")], stop) == ["1"]
    assert given_up == ["slow"]


async def test_what_the_plan_raises_comes_out_after_the_jobs_before_it():
    async def broken():
        yield job("1")
        raise ZeroDivisionError

    queue = queue_with()
    async with queue.open(broken(), Stop()):
        assert await next_name(queue) == "1"
        with pytest.raises(ZeroDivisionError):
            await queue.wait()
