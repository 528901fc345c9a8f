"""An agent that is asked for more than it can do, on a clock that jumps from event to event."""

import asyncio
import selectors
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.cadence import Cadence, Schedule
from schedules.plan import Planner
from thuocdo.agent import admission, jobs, loop, start_queue
from thuocdo.agent.admission import Admission
from thuocdo.agent.clock_steps import ClockSteps
from thuocdo.agent.loop import Agent
from thuocdo.core import clock
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.model import (
    Block,
    Conditions,
    Job,
    Measurement,
    MissedStarts,
    Observation,
    Outcome,
    Target,
    TargetRole,
)
from thuocdo.core.stopping import Stop

START = datetime(2026, 3, 1, tzinfo=UTC)
TARGETS = 1000


class JumpingLoop(asyncio.SelectorEventLoop):
    """Its clock stands while anything can run, and jumps to the next timer when nothing can."""

    def __init__(self):
        self.passed = 0.0
        real = selectors.DefaultSelector()
        super().__init__(real)
        select = real.select

        def jump(timeout=None):
            events = select(0)
            if not events and timeout:
                self.passed += timeout
            return events

        real.select = jump

    def time(self):
        return self.passed


@contextmanager
def on_a_jumping_clock(monkeypatch):
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        present = runner.get_loop()
        monkeypatch.setattr(clock, "now", lambda: START + timedelta(seconds=present.passed))
        for module in (admission, jobs, loop, start_queue):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=present.time))
        monkeypatch.setattr(loop, "log", SimpleNamespace(debug=lambda *_, **__: None))
        yield runner


class SlowRunner:
    """Takes the same time for every probe; one at a time this is all the agent can do."""

    monitor = SimpleNamespace(stalls_total=0, worst_lag_seconds=lambda _since: 0.0, pressure_ratio=lambda _since: 0.0)
    tools = SimpleNamespace(browser=None)

    def __init__(self, seconds):
        self.seconds = seconds
        self.started = []

    async def refusal(self, _job):
        return None

    async def run(self, job, *, in_flight=1):
        lateness = (clock.now() - job.scheduled_at).total_seconds()
        self.started.append((job, lateness))
        await asyncio.sleep(self.seconds)
        return self.measured(job, lateness, in_flight)

    def measured(self, job, lateness=0.0, in_flight=1):
        return Measurement(
            key=job.key,
            agency_id="a",
            started_at=clock.now(),
            duration_seconds=self.seconds,
            observation=Observation(outcome=Outcome.OK),
            conditions=Conditions(lateness_seconds=lateness, in_flight=in_flight),
        )


class ListSink:
    unsaved = 0

    def __init__(self):
        self.records = []
        self.states = []

    def put(self, record):
        self.records.append(record)

    async def save_state(self, state):
        self.states.append(state)


class CountedPlan:
    """A plan that remembers what it gave out."""

    def __init__(self, targets, every_seconds=60, kind="http", engine=Engine.HTTP):
        cadence = Cadence(
            kind=kind,
            every_seconds=every_seconds,
            deadline_seconds=10.0,
            profiles=("desktop",),
            roles=frozenset({TargetRole.HOMEPAGE}),
            engine=engine,
        )
        self._planner = Planner(targets, Schedule(id="s", cadences=(cadence,), runs={}), {kind}, "v")

    def due(self, start, end):
        return self._planner.due(start, end)


def targets(number):
    return [
        Target(
            id=f"xa-{n}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://xa-{n}.test/",
            agency_id=f"xa-{n}",
            portal_id=f"xa-{n}",
            block=Block.PROVINCE,
        )
        for n in range(number)
    ]


def simulate(monkeypatch, *, share, minutes, number=TARGETS, engine=Engine.HTTP, every_seconds=60, kind="http"):
    """Return the runner, the sink and every job that was due."""
    due, sink = [], ListSink()
    runner = SlowRunner(every_seconds / (number * share))

    async def work():
        stop = Stop()
        asyncio.get_running_loop().call_later(minutes * 60, stop.set)
        steps = ClockSteps(elapsed=lambda: clock.now().timestamp())
        plan = CountedPlan(targets(number), every_seconds, kind, engine)
        agent = Agent(
            engine=engine,
            vantage_id="v",
            runner=runner,
            sink=sink,
            admission=Admission(most_in_flight=1, start_gap_seconds=0.005, busy_limit_ratio=None),
            steps=steps,
        )

        async def counted():
            async for job in jobs.every_day(lambda _day: plan, stop, steps):
                due.append(job)
                yield job

        await agent.run(counted(), stop)

    with on_a_jumping_clock(monkeypatch) as clockwork:
        clockwork.run(work())
    return runner, sink, due


def p95(numbers):
    ordered = sorted(numbers)
    return ordered[int(len(ordered) * 0.95)]


def test_an_agent_that_can_do_a_tenth_starts_near_the_time_and_everybody_in_turn(monkeypatch):
    minutes = 16
    runner, sink, due = simulate(monkeypatch, share=0.1, minutes=minutes)
    assert len(due) == pytest.approx(TARGETS * minutes, rel=0.01)
    started = Counter(job.key for job, _ in runner.started)
    assert len(started) == pytest.approx(len(due) / 10, rel=0.02), "the agent is never idle"
    assert max(started.values()) == 1
    assert sink.states[-1].missed_starts_total == len(due) - len(started)
    last = {one.key: one.missed for one in sink.records if isinstance(one, MissedStarts)}
    missed = Counter((job.target.id, job.scheduled_at.hour) for job in due if job.key not in started)
    assert {(key[0], key[4].hour): count for key, count in last.items()} == missed
    assert p95(lateness for _, lateness in runner.started) <= 2.0
    per_target = Counter(job.target.id for job, _ in runner.started)
    assert len(per_target) == TARGETS, "nobody starves"
    assert max(per_target.values()) <= 3, "nobody has much more than the others"


def test_from_one_start_of_a_target_to_the_next_it_is_not_much_longer_than_a_fair_share(monkeypatch):
    runner, _, _ = simulate(monkeypatch, share=0.2, minutes=30, number=250)
    instants = defaultdict(list)
    for job, _ in runner.started:
        instants[job.target.id].append(job.scheduled_at)
    longest = max(after - before for each in instants.values() for before, after in zip(each, each[1:], strict=False))
    assert longest <= timedelta(minutes=10)


@pytest.mark.parametrize(("share", "most_seconds"), [(0.5, 2.0), (0.8, 2.0), (0.95, 5.0)])
def test_an_agent_that_can_do_nearly_all_starts_near_the_time(monkeypatch, share, most_seconds):
    """The nearer to all, the more moments are left for late ones: they are better started than missed."""
    runner, sink, due = simulate(monkeypatch, share=share, minutes=4, number=400)
    assert len(runner.started) == pytest.approx(len(due) * share, rel=0.03)
    assert sink.states[-1].missed_starts_total == len(due) - len(runner.started)
    assert p95(lateness for _, lateness in runner.started) <= most_seconds


def test_an_agent_that_can_do_all_starts_them_as_they_come(monkeypatch):
    runner, sink, due = simulate(monkeypatch, share=3.0, minutes=3, number=500)
    assert [job.key for job, _ in runner.started] == [job.key for job in due]
    assert sink.states[-1].missed_starts_total == 0


def test_visits_that_are_too_many_start_near_the_time_too(monkeypatch):
    runner, sink, due = simulate(
        monkeypatch, share=0.3, minutes=90, number=450, engine=Engine.BROWSER, every_seconds=900, kind="homepage"
    )
    assert sink.states[-1].missed_starts_total == len(due) - len(runner.started)
    assert p95(lateness for _, lateness in runner.started) <= start_queue.PUNCTUAL_SECONDS[Engine.BROWSER]
    assert len({job.target.id for job, _ in runner.started}) == 450


class FickleRunner(SlowRunner):
    """Thinks about each job for a while, refuses some, and takes a time of its own for every probe."""

    def __init__(self, fates):
        super().__init__(0.0)
        self._fates = fates
        self.refused = []

    async def refusal(self, job):
        asking_seconds, is_refused, _ = self._fates[job.target.id]
        await asyncio.sleep(asking_seconds)
        if is_refused:
            self.refused.append(job.target.id)
            return self.measured(job)
        return None

    async def run(self, job, *, in_flight=1):
        self.seconds = self._fates[job.target.id][2]
        return await super().run(job, in_flight=in_flight)


SECONDS = st.sampled_from([0.0, 0.05, 0.4, 1.5, 7.0])
DUE = st.lists(
    st.tuples(SECONDS, st.integers(0, 4), st.sampled_from([None, 0.3, 2.0, 30.0]), SECONDS, st.booleans(), SECONDS),
    max_size=25,
)


@given(DUE, st.sampled_from(list(Engine)), st.sampled_from([0.5, 4.0, 40.0, 4000.0]))
@settings(max_examples=40, deadline=None)
def test_every_due_job_is_exactly_one_of_started_missed_refused_or_still_waiting(plan, engine, stop_after_seconds):
    came = []
    runner = FickleRunner({f"t{n}": fate for n, (_, _, _, *fate) in enumerate(plan)})
    sink = ListSink()

    async def stream():
        for number, (pause_seconds, host, lives_seconds, *_) in enumerate(plan):
            await asyncio.sleep(pause_seconds)
            now = clock.now()
            target = replace(targets(1)[0], id=f"t{number}", url=f"https://h{host}.test/")
            expires_at = None if lives_seconds is None else now + timedelta(seconds=lives_seconds)
            job = Job(
                target=target,
                kind="http",
                vantage_id="v",
                profile="desktop",
                scheduled_at=now,
                deadline_seconds=10.0,
                expires_at=expires_at,
            )
            came.append(job)
            yield job

    async def work():
        stop = Stop()
        asyncio.get_running_loop().call_later(stop_after_seconds, stop.set)
        pace = Admission(most_in_flight=2, start_gap_seconds=0.005, busy_limit_ratio=None)
        agent = Agent(engine=engine, vantage_id="v", runner=runner, sink=sink, admission=pace)
        await agent.run(stream(), stop)

    with pytest.MonkeyPatch.context() as patch, on_a_jumping_clock(patch) as clockwork:
        patch.setattr(start_queue, "MOST_ASKED_AT_ONCE", 3)
        clockwork.run(work())
    refused = set(runner.refused)
    started = {job.target.id for job, _ in runner.started}
    last = {one.key: one for one in sink.records if isinstance(one, MissedStarts)}
    missed = {one.target_id for one in last.values()}
    assert all(one.missed == 1 for one in last.values())
    assert len(runner.started) + len(runner.refused) == len(started | refused), "none twice"
    assert not missed & (started | refused)
    left = {job.target.id: job for job in came if job.target.id not in started | missed | refused}
    assert all(job.expires_at is None for job in left.values()), "only a job of a round can wait for another process"
    if stop_after_seconds > 3000.0:
        assert not left
    state = sink.states[-1]
    assert state.missed_starts_total == len(missed)
    assert sum(state.due_by_kind.values()) == len(came) - len(left)
