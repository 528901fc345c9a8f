"""Which run comes next and when, and taking them: manners, retakes, stops."""

import asyncio
from dataclasses import replace

import pytest

from thuocdo.agent.admission import Admission
from thuocdo.agent.page_runs import PageRuns, take_runs
from thuocdo.core import clock
from thuocdo.core.kinds.kind import DefaultCadence, Engine, Kind
from thuocdo.core.model import Block, Conditions, Job, Outcome, Reason, Target, TargetRole
from thuocdo.core.stopping import Stop

FIVE_MINUTES = 300.0
BUSY = Conditions(saturated=True)


def kind(name, engine):
    return Kind(
        name=name, vi="", en="", help="", engine=engine, roles=frozenset(), values=(), ratios=(), deadline_seconds=1.0,
        cadence=DefaultCadence(every_seconds=60),
    )  # fmt: skip


HTTP, HOME, FORM = kind("http", Engine.HTTP), kind("homepage", Engine.BROWSER), kind("eform", Engine.BROWSER)


def target(name="a"):
    return Target(
        id=name,
        role=TargetRole.HOMEPAGE,
        url=f"https://{name}.test/",
        agency_id="a",
        portal_id="p",
        block=Block.NATIONAL,
    )


def page_with(*kinds, runs=1, interval=0.0, name="a"):
    return PageRuns(target(name), kinds, runs=runs, browser_interval_seconds=interval)


@pytest.fixture
def seen(make_measurement):
    """A measurement of a kind: ok, or with a reason."""

    def make(of_kind, reason=None, **changes):
        outcome = reason.outcome if reason else Outcome.OK
        return make_measurement(kind=of_kind, outcome=outcome, reason=reason, **changes)

    return make


def order(page, seen, started=0.0, **changes):
    names = []
    while (following := page.next_kind()) is not None:
        names.append(following.name)
        page.add(following, seen(following.name, **changes), started=started)
    return names


def test_kinds_take_turns(seen):
    assert order(page_with(HTTP, HOME, runs=2), seen) == ["http", "homepage", "http", "homepage"]


def test_what_need_not_wait_comes_before_the_next_visit_of_a_browser(seen):
    page = page_with(HOME, FORM, HTTP, runs=2, interval=FIVE_MINUTES)
    assert order(page, seen) == ["homepage", "http", "http", "eform", "homepage", "eform"]


def test_visits_of_a_browser_keep_their_distance_whatever_the_kind(seen):
    page = page_with(HOME, FORM, HTTP, interval=FIVE_MINUTES)
    page.add(HOME, seen("homepage"), started=1000.0)
    assert (page.earliest(FORM), page.earliest(HTTP)) == (1300.0, 0.0)
    assert page.shortest_wait_seconds == FIVE_MINUTES
    assert page_with(HOME, HTTP, runs=3, interval=FIVE_MINUTES).shortest_wait_seconds == 2 * FIVE_MINUTES
    assert page_with(HTTP, runs=3, interval=FIVE_MINUTES).shortest_wait_seconds == 0


@pytest.mark.parametrize(
    ("reason", "counts"), [(None, True), (Reason.TIMEOUT, True), (Reason.DNS_FAILURE, False), (Reason.BLOCKED, True)]
)
def test_only_what_reached_the_portal_is_a_visit(seen, reason, counts):
    page = page_with(HOME, FORM, interval=FIVE_MINUTES)
    page.add(HOME, seen("homepage", reason), started=1000.0)
    assert page.earliest(FORM) == (1300.0 if counts else 0.0)


def test_a_refusal_is_no_visit(seen):
    page = page_with(HOME, FORM, interval=FIVE_MINUTES)
    page.add(HOME, seen("homepage", Reason.ROBOTS_DISALLOWED), started=None)
    assert page.earliest(FORM) == 0.0


def test_spoilt_runs_are_taken_again_after_the_others(seen):
    page = page_with(HOME, FORM, runs=2)
    page.add(HOME, seen("homepage", conditions=BUSY), started=0.0)
    assert order(page, seen) == ["eform", "homepage", "eform", "homepage"]


def test_a_machine_that_stays_busy_is_given_up_after_twice_the_runs(seen):
    assert order(page_with(HOME, runs=3), seen, conditions=BUSY) == ["homepage"] * 6


def test_a_single_look_is_repeated_only_where_nobody_has_to_wait(seen):
    assert order(page_with(HOME, HTTP), seen, conditions=BUSY) == ["homepage", "http", "homepage", "http"]
    elsewhere = page_with(HOME, HTTP, interval=FIVE_MINUTES)
    assert order(elsewhere, seen, conditions=BUSY) == ["homepage", "http", "http"]


class FakeRunner:
    def __init__(self, make_measurement, *, refused=frozenset(), endless=frozenset()):
        self.make = make_measurement
        self.refused, self.endless = refused, endless
        self.ran = []

    async def refusal(self, job):
        if job.target.id not in self.refused:
            return None
        return self.make(kind=job.kind, outcome=Outcome.INCONCLUSIVE, reason=Reason.ROBOTS_DISALLOWED)

    async def run(self, job):
        if refused := await self.refusal(job):
            return refused
        self.ran.append((job.target.id, job.kind))
        if job.target.id in self.endless:
            await asyncio.Event().wait()
        return replace(self.make(kind=job.kind), duration_seconds=0.0)


def job_for(of_target, of_kind):
    return Job(
        target=of_target,
        kind=of_kind.name,
        vantage_id="v",
        profile="desktop",
        scheduled_at=clock.now(),
        deadline_seconds=1.0,
    )


def taking(pages, runner, stop=None, waiting=lambda seconds: None):
    admission = Admission(most_in_flight=1, start_gap_seconds=0.0, busy_limit_ratio=None)
    return take_runs(pages, runner, job_for, admission, stop or Stop(), waiting)


async def test_without_waiting_a_page_is_finished_before_the_next_begins(make_measurement):
    runner = FakeRunner(make_measurement)
    pages = [page_with(HTTP, HOME, name="a"), page_with(HTTP, HOME, name="b")]
    assert [page.target.id async for page in taking(pages, runner)] == ["a", "a", "b", "b"]


async def test_while_one_page_waits_another_has_its_visit(make_measurement):
    runner = FakeRunner(make_measurement)
    pages = [page_with(HOME, runs=2, interval=0.1, name=name) for name in "ab"]
    waited = []
    assert [page.target.id async for page in taking(pages, runner, waiting=waited.append)] == ["a", "b", "a", "b"]
    assert waited
    assert all(0 < seconds <= 0.1 for seconds in waited)


async def test_what_is_refused_does_not_wait_for_its_visit(make_measurement):
    runner = FakeRunner(make_measurement, refused={"a"})
    async with asyncio.timeout(60):
        assert len([page async for page in taking([page_with(HOME, runs=3, interval=3600.0)], runner)]) == 3
    assert runner.ran == []


async def test_a_stop_ends_the_waiting_and_leaves_what_was_measured(make_measurement):
    stop, page = Stop(), page_with(HOME, runs=3, interval=3600.0)
    async with asyncio.timeout(60):
        async for _ in taking([page], FakeRunner(make_measurement), stop, waiting=lambda seconds: stop.set()):
            pass
    assert len(page.measurements) == 1


async def test_a_stop_gives_up_the_probe_in_progress(make_measurement):
    stop, runner = Stop(), FakeRunner(make_measurement, endless={"b"})
    pages = [page_with(HTTP, name="a"), page_with(HTTP, name="b")]
    async with asyncio.timeout(60):
        async for _ in taking(pages, runner, stop):
            asyncio.get_running_loop().call_later(0.02, stop.set)
    assert runner.ran == [("a", "http"), ("b", "http")]
    assert [len(page.measurements) for page in pages] == [1, 0]
