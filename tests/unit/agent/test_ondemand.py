"""Probing on request: one process of a data folder answers, and nobody takes its place away."""

import asyncio
import stat

import pytest

from thuocdo.agent import ondemand
from thuocdo.core.errors import AgentAwayError, UnknownTargetError


@pytest.fixture
def answering(make_measurement):
    """A maker of what an agent does when it is asked; the measurement names the agent."""

    def named(name):
        async def probe(target_id):
            if target_id == "nobody":
                raise UnknownTargetError("no such target")
            return make_measurement(agency_id=name)

        return probe

    return named


async def who(path):
    return (await ondemand.probe_now(path, "x.home")).agency_id


async def test_a_request_is_answered(tmp_path, answering):
    path = tmp_path / "agent.sock"
    async with ondemand.serve(path, answering("first")):
        assert await who(path) == "first"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(UnknownTargetError, match="no such target"):
            await ondemand.probe_now(path, "nobody")
    assert not path.exists()
    with pytest.raises(AgentAwayError):
        await who(path)


async def test_a_second_agent_takes_nothing_away_and_takes_over_when_the_first_ends(tmp_path, answering, monkeypatch):
    monkeypatch.setattr(ondemand, "STAND_BY_SECONDS", 0.01)
    path = tmp_path / "agent.sock"
    first = ondemand.serve(path, answering("first"))
    await first.__aenter__()
    async with ondemand.serve(path, answering("second")):
        assert await who(path) == "first"
        await first.__aexit__(None, None, None)
        async with asyncio.timeout(60):
            while not path.exists():
                await asyncio.sleep(0.01)
        assert await who(path) == "second"
    assert not path.exists()


async def test_a_second_one_that_ends_leaves_the_first_its_place(tmp_path, answering):
    path = tmp_path / "agent.sock"
    async with ondemand.serve(path, answering("first")):
        async with ondemand.serve(path, answering("second")):
            pass
        assert await who(path) == "first"


async def test_what_a_killed_agent_left_is_no_hindrance(tmp_path, answering):
    path = tmp_path / "agent.sock"
    path.write_text("left behind")
    (tmp_path / "agent.lock").write_text("")
    async with ondemand.serve(path, answering("next")):
        assert await who(path) == "next"


async def test_a_place_that_cannot_be_had_keeps_no_agent_from_measuring(tmp_path, answering):
    path = tmp_path / "agent.sock"
    path.mkdir()
    async with ondemand.serve(path, answering("first")):
        assert path.is_dir()


async def test_a_folder_whose_name_is_too_long_for_the_kernel_is_no_reason_to_listen_elsewhere(tmp_path, answering):
    folder = tmp_path / ("Thừa Thiên Huế " * 10)
    folder.mkdir()
    path = ondemand.socket_path(folder)
    assert path.parent == folder
    with pytest.raises(AgentAwayError):
        await who(path)
    async with ondemand.serve(path, answering("far")):
        assert path.is_socket()
        assert await who(path) == "far"
    assert not path.exists()


async def test_a_folder_that_is_not_there_is_an_agent_that_is_away(tmp_path):
    with pytest.raises(AgentAwayError, match="no HTTP agent listens"):
        await who(tmp_path / ("missing" * 30) / "agent.sock")
