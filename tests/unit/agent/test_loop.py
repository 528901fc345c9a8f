"""Due job -> probe -> store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.agent import loop as loop_module
from thuocdo.agent.admission import Admission
from thuocdo.agent.loop import Agent
from thuocdo.core import clock
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import Block, Conditions, Job, Measurement, Observation, Outcome, Reason, Target, TargetRole
from thuocdo.core.stopping import Stop


class QuietMonitor:
    stalls_total = 3

    def worst_lag_seconds(self, since):
        return 0.0

    def pressure_ratio(self, since):
        return 0.0


class FakeTools:
    browser = None


class FakeRunner:
    monitor = QuietMonitor()
    tools = FakeTools()

    def __init__(self, seconds=0.0, refused=(), lateness_seconds=0.0):
        self.seconds = seconds
        self.lateness_seconds = lateness_seconds
        self.refused = refused
        self.in_flight = []
        self.started = asyncio.Event()

    async def refusal(self, job):
        if job.target.id not in self.refused:
            return None
        return measured(job, Observation(outcome=Outcome.INCONCLUSIVE, reason=Reason.ROBOTS_DISALLOWED))

    async def run(self, job, *, in_flight=1):
        self.in_flight.append(in_flight)
        self.started.set()
        await asyncio.sleep(self.seconds)
        return measured(job, Observation(outcome=Outcome.OK), saturated=True, lateness_seconds=self.lateness_seconds)


def measured(job, observation, saturated=False, lateness_seconds=0.0):
    return Measurement(
        key=job.key,
        agency_id="a",
        started_at=clock.now(),
        duration_seconds=0.0,
        observation=observation,
        conditions=Conditions(saturated=saturated, lateness_seconds=lateness_seconds),
    )


class ListSink:
    unsaved = 0

    def __init__(self):
        self.measurements = []
        self.missed = []
        self.states = []

    def put(self, record):
        (self.measurements if isinstance(record, Measurement) else self.missed).append(record)

    async def save_state(self, state):
        self.states.append(state)


def job(index, expires_in_seconds=None):
    now = clock.now()
    return Job(
        target=Target(
            id=f"p{index}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://p{index}.test/",
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


def agent_with(runner, sink, most_in_flight=2, engine=Engine.HTTP):
    admission = Admission(most_in_flight=most_in_flight, start_gap_seconds=0.0, busy_limit_ratio=None)
    return Agent(engine=engine, vantage_id="v", runner=runner, sink=sink, admission=admission)


async def test_every_due_job_gives_one_measurement():
    sink = ListSink()
    jobs = [job(n) for n in range(5)]
    await agent_with(FakeRunner(), sink).run(stream(jobs), Stop())
    assert {m.key for m in sink.measurements} == {j.key for j in jobs}
    assert (sink.states[-1].probes_total, sink.states[-1].saturated_total) == (5, 5)


async def test_no_more_probes_run_at_once_than_allowed():
    runner = FakeRunner(seconds=0.02)
    await agent_with(runner, ListSink(), most_in_flight=2).run(stream([job(n) for n in range(6)]), Stop())
    assert max(runner.in_flight) == 2


async def test_a_start_that_comes_too_late_is_counted_and_never_caught_up():
    sink = ListSink()
    await agent_with(FakeRunner(), sink).run(stream([job(1, expires_in_seconds=-1), job(2)]), Stop())
    assert [m.key.target_id for m in sink.measurements] == ["p2.home"]
    assert sink.states[-1].missed_starts_total == 1


async def test_missed_starts_are_counted_by_kind_and_handed_over_by_series_and_hour():
    sink = ListSink()
    late = replace(job(1, expires_in_seconds=-1), kind="homepage", round_id=None)
    before = replace(late, scheduled_at=late.scheduled_at - timedelta(hours=1))
    jobs = [late, replace(late, profile="mobile"), before, replace(before, kind="http"), job(2)]
    await agent_with(FakeRunner(), sink).run(stream(jobs), Stop())
    state = sink.states[-1]
    assert state.missed_by_kind == {"homepage": 3, "http": 1}
    assert state.due_by_kind == {"homepage": 3, "http": 2}
    assert state.missed_starts_total == 4
    last = {one.key: one for one in sink.missed}
    assert {(one.target_id, one.kind, one.profile, one.hour, one.missed) for one in last.values()} == {
        ("p1.home", due.kind, due.profile, due.scheduled_at.replace(minute=0, second=0, microsecond=0), 1)
        for due in jobs[:4]
    }
    assert {(one.vantage_id, one.agency_id) for one in sink.missed} == {("v", "a")}
    assert len({one.counted_by for one in sink.missed}) == 1


async def test_a_refused_job_was_due_and_not_missed():
    sink = ListSink()
    agent = agent_with(FakeRunner(refused={"p1.home"}), sink, engine=Engine.BROWSER)
    await agent.run(stream([job(1), job(2)]), Stop())
    assert (sink.states[-1].due_by_kind, sink.states[-1].missed_by_kind) == ({"http": 2}, {"http": 0})


async def test_what_a_stop_keeps_from_starting_is_handed_over_as_missed():
    sink, stop = ListSink(), Stop()
    runner = FakeRunner(seconds=0.05)
    agent = agent_with(runner, sink, most_in_flight=1)
    running = asyncio.create_task(agent.run(stream([job(n, expires_in_seconds=300) for n in range(5)]), stop))
    await runner.started.wait()
    stop.set()
    await running
    assert len(sink.measurements) == 1
    assert {one.target_id: one.missed for one in sink.missed} == {f"p{n}.home": 1 for n in range(1, 5)}
    assert sink.states[-1].missed_starts_total == 4


async def test_a_start_whose_time_passed_while_it_waited_for_a_place_is_missed():
    sink = ListSink()
    jobs = [job(1), job(2, expires_in_seconds=0.02)]
    await agent_with(FakeRunner(seconds=0.1), sink, most_in_flight=1).run(stream(jobs), Stop())
    assert [m.key.target_id for m in sink.measurements] == ["p1.home"]
    assert sink.states[-1].missed_starts_total == 1


async def test_a_refused_job_is_kept_while_every_place_is_taken():
    sink, stop = ListSink(), Stop()
    runner = FakeRunner(seconds=60.0, refused={"p3.home"})
    agent = agent_with(runner, sink, most_in_flight=1, engine=Engine.BROWSER)
    running = asyncio.create_task(agent.run(stream([job(1), job(2), job(3)]), stop))
    async with asyncio.timeout(60):
        while not (sink.measurements and runner.in_flight):
            await asyncio.sleep(0.001)
    assert [(m.key.target_id, m.observation.reason) for m in sink.measurements] == [
        ("p3.home", Reason.ROBOTS_DISALLOWED)
    ]
    assert runner.in_flight == [1]
    running.cancel()


async def test_a_refused_job_takes_neither_a_place_nor_the_pace_of_starts():
    sink = ListSink()
    admission = Admission(most_in_flight=1, start_gap_seconds=3600.0, busy_limit_ratio=None)
    jobs = [job(n) for n in range(3)]
    runner = FakeRunner(refused={j.target.id for j in jobs})
    agent = Agent(engine=Engine.BROWSER, vantage_id="v", runner=runner, sink=sink, admission=admission)
    async with asyncio.timeout(60):
        await agent.run(stream(jobs), Stop())
    assert (len(sink.measurements), runner.in_flight) == (3, [])


async def test_a_broken_plan_ends_the_agent():
    async def broken():
        yield job(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await agent_with(FakeRunner(), ListSink()).run(broken(), Stop())


async def test_a_stop_lets_probes_in_flight_end_but_starts_no_more():
    sink, stop, runner = ListSink(), Stop(), FakeRunner(seconds=0.05)
    running = asyncio.create_task(agent_with(runner, sink, most_in_flight=1).run(stream([job(1), job(2)]), stop))
    await runner.started.wait()
    stop.set()
    await running
    assert [m.key.target_id for m in sink.measurements] == ["p1.home"]


async def test_a_probe_that_does_not_end_after_a_stop_is_given_up(monkeypatch):
    monkeypatch.setattr(loop_module, "STOP_GRACE_SECONDS", 0.05)
    sink, stop, runner = ListSink(), Stop(), FakeRunner(seconds=60.0)
    running = asyncio.create_task(agent_with(runner, sink).run(stream([job(1)]), stop))
    await runner.started.wait()
    stop.set()
    async with asyncio.timeout(60):
        await running
    assert sink.measurements == []


@pytest.mark.parametrize("engine", list(Engine))
async def test_the_state_names_the_engine(engine):
    sink = ListSink()
    admission = Admission(most_in_flight=1, start_gap_seconds=0.0, busy_limit_ratio=None)
    agent = Agent(engine=engine, vantage_id="v", runner=FakeRunner(), sink=sink, admission=admission)
    await agent.run(stream([]), Stop())
    assert sink.states[-1].agent == engine.value


@pytest.mark.parametrize(("lateness_seconds", "late"), [(0.9, 0), (1.1, 3)])
async def test_probes_that_start_more_than_a_second_late_are_counted(lateness_seconds, late):
    sink = ListSink()
    runner = FakeRunner(lateness_seconds=lateness_seconds)
    await agent_with(runner, sink).run(stream([job(n) for n in range(3)]), Stop())
    assert sink.states[-1].late_starts_total == late


async def test_due_probes_that_wait_for_their_turn_are_told():
    sink = ListSink()
    agent = agent_with(FakeRunner(seconds=0.2), sink, most_in_flight=1)
    running = asyncio.create_task(agent.run(stream([job(n) for n in range(5)]), Stop()))
    while not agent._running:
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert agent._state().queue_length == 4
    await running
    assert sink.states[-1].queue_length == 0


async def test_the_state_tells_standstills_of_the_loop_and_moved_clocks(monkeypatch):
    sink = ListSink()
    agent = agent_with(FakeRunner(), sink)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() - timedelta(hours=1))
    await agent.run(stream([]), Stop())
    assert (sink.states[-1].loop_stalls_total, sink.states[-1].clock_steps_total) == (3, 1)


async def test_draining_meets_a_probe_that_ends_at_that_very_moment():
    agent = agent_with(FakeRunner(), ListSink())
    for turns in range(6):

        async def probe(turns=turns):
            for _ in range(turns):
                await asyncio.sleep(0)

        task = asyncio.create_task(probe())
        agent._running.add(task)
        task.add_done_callback(agent._running.discard)
        await agent._drain(Stop())
        assert agent._running == set()
