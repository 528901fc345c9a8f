"""What the web process is told of an agent that is away, that broke, or that knows no such target; never where its socket is."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from thuocdo.agent import ondemand
from thuocdo.core.errors import AgentAwayError, AgentBrokeError, UnknownTargetError
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def measured(target_id):
    return Measurement(
        key=MeasurementKey(target_id=target_id, kind="http", vantage_id="v", profile="desktop", scheduled_at=NOW),
        agency_id="a",
        started_at=NOW,
        duration_seconds=1.0,
        observation=Observation(outcome=Outcome.OK),
        conditions=Conditions(),
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "agent-http.sock"


async def refusal(path, kind):
    with pytest.raises(kind) as caught:
        await ondemand.probe_now(path, "a.home")
    assert str(path) not in str(caught.value)
    assert "/" not in str(caught.value)
    return str(caught.value)


@asynccontextmanager
async def answering(path, answer):
    """Answer every connection with these bytes and close it."""

    async def handle(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_unix_server(handle, str(path))
    try:
        yield
    finally:
        server.close()


async def test_a_probe_comes_back_as_it_was_measured(path):
    async def probe(target_id):
        return measured(target_id)

    async with ondemand.serve(path, probe):
        assert await ondemand.probe_now(path, "a.home") == measured("a.home")


async def test_where_nobody_listens_that_is_said(path):
    assert "no HTTP agent listens on this machine" in await refusal(path, AgentAwayError)
    path.touch()
    assert "no HTTP agent listens on this machine" in await refusal(path, AgentAwayError)


async def test_an_agent_that_broke_is_not_said_to_be_away(path):
    async def probe(_):
        raise ValueError("could not convert string to float: '²'")

    async with ondemand.serve(path, probe):
        text = await refusal(path, AgentBrokeError)
    assert text == "the HTTP agent broke on the probe of 'a.home'; its log says where, please report it"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_an_answer_that_is_no_measurement_is_the_agents_fault(path, answer):
    async with answering(path, answer):
        await refusal(path, AgentBrokeError)


async def test_an_agent_that_ends_meanwhile_is_away(path):
    async with answering(path, b""):
        assert "ended before it answered" in await refusal(path, AgentAwayError)


async def test_an_agent_that_gives_no_answer_in_time_is_told_apart(path, monkeypatch):
    monkeypatch.setattr(ondemand, "TIMEOUT_SECONDS", 0.05)

    given_up = asyncio.Event()

    async def probe(target_id):
        await given_up.wait()
        return measured(target_id)

    async with ondemand.serve(path, probe):
        assert "gave no answer within" in await refusal(path, AgentAwayError)
        given_up.set()


async def test_a_target_that_the_agent_does_not_know_is_named(path):
    async def probe(_):
        raise UnknownTargetError("target 'a.home' is not in the registry")

    async with ondemand.serve(path, probe):
        assert "not in the registry" in await refusal(path, UnknownTargetError)
