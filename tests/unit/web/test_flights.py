"""However many ask: one scrape is computed once, and a portal is probed no more often than manners allow."""

import asyncio

import pytest

from thuocdo.core.errors import AgentAwayError
from thuocdo.web.flights import LIVE_SECONDS, MOST_WAITING, Flights, HostBusyError, LiveProbes


class Agent:
    """Counts the probes it is asked for, and answers when it is let."""

    def __init__(self):
        self.asked = []
        self.let = asyncio.Event()
        self.error = None

    async def __call__(self, target):
        self.asked.append(target.id)
        await self.let.wait()
        if self.error:
            raise self.error
        return f"measured {target.id} {len(self.asked)}"


class Target:
    def __init__(self, name, host="a.vn"):
        self.id, self.host = name, host


@pytest.fixture
def agent():
    return Agent()


@pytest.fixture
def now():
    return [1_000.0]


@pytest.fixture
def live(agent, now):
    return LiveProbes(agent, clock=lambda: now[0])


async def many(live, target, count):
    asked = [asyncio.create_task(live.get(target)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return asked


async def test_two_hundred_who_ask_at_once_share_one_probe(live, agent):
    asked = await many(live, Target("a.home"), 200)
    agent.let.set()
    assert set(await asyncio.gather(*asked)) == {"measured a.home 1"}
    assert agent.asked == ["a.home"]


async def test_who_cannot_wait_goes_without_and_the_probe_goes_on(live, agent):
    with pytest.raises(TimeoutError):
        await live.get(Target("a.home"), 0.001)
    agent.let.set()
    assert await live.get(Target("a.home"), 600) == "measured a.home 1"
    assert agent.asked == ["a.home"]


async def test_who_asks_soon_after_gets_the_same_result_and_later_a_new_one(live, agent, now):
    agent.let.set()
    first = await live.get(Target("a.home"))
    now[0] += LIVE_SECONDS - 0.1
    assert await live.get(Target("a.home")) == first
    now[0] += 0.1
    assert await live.get(Target("a.home")) == "measured a.home 2"
    assert len(agent.asked) == 2


async def test_whatever_the_number_of_requests_the_rate_of_probes_is_bounded(live, agent, now):
    agent.let.set()
    for _ in range(6_000):  # ten a second over ten minutes
        now[0] += 0.1
        await live.get(Target("a.home"))
    assert len(agent.asked) <= 600 / LIVE_SECONDS + 1


async def test_a_host_has_few_probes_on_request_and_the_next_is_told_when_to_come_back(live, agent):
    asked = [(await many(live, Target(f"a.eform-{number}"), 1))[0] for number in range(MOST_WAITING)]
    with pytest.raises(HostBusyError) as caught:
        await live.get(Target("a.home"))
    assert caught.value.retry_after_seconds == LIVE_SECONDS
    others = await many(live, Target("b.home", "b.vn"), 1)
    agent.let.set()
    await asyncio.gather(*asked, *others)
    assert await live.get(Target("a.home")) == "measured a.home 6"


async def test_a_failure_is_told_to_all_who_wait_and_kept_for_nobody(live, agent):
    agent.error = AgentAwayError("away")
    asked = await many(live, Target("a.home"), 3)
    agent.let.set()
    assert [type(one) for one in await asyncio.gather(*asked, return_exceptions=True)] == [AgentAwayError] * 3
    agent.error = None
    assert await live.get(Target("a.home")) == "measured a.home 2"


async def test_one_who_goes_away_takes_the_probe_from_nobody(live, agent):
    gone, waiting = await many(live, Target("a.home"), 2)
    gone.cancel()
    agent.let.set()
    assert await waiting == "measured a.home 1"


async def test_after_a_flight_the_next_is_a_new_one():
    made = []

    async def make():
        made.append(1)
        return len(made)

    flights = Flights()
    assert await asyncio.gather(*(flights.get("", make) for _ in range(5))) == [1] * 5
    assert await flights.get("", make) == 2
