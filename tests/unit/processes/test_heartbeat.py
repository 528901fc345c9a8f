"""When a child is taken for frozen; time is virtual, the pipe is real."""

import asyncio
import os
from types import SimpleNamespace

import pytest

from thuocdo.core.config import load_settings
from thuocdo.processes import heartbeat
from thuocdo.processes.heartbeat import BEAT_SECONDS, FIRST_BEAT_SECONDS, FROZEN_SECONDS, HEARTBEAT, Heartbeat
from thuocdo.processes.supervisor import READY, SUPERVISED

DAY = 86_400.0


@pytest.fixture
def watched(monkeypatch):
    """
    Listen for a day; turn(now, heartbeat) is what happens at each turn, and by how many seconds that is longer.

    Returns the instant at which the child was taken for frozen, None = it was not.
    """
    now, real_sleep = [0.0], asyncio.sleep
    monkeypatch.setattr(heartbeat, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def watch(turn):
        async def sleep(seconds):
            now[0] += seconds + (turn(now[0], one) or 0.0)
            await real_sleep(0)
            await real_sleep(0)  # what was written is heard
            if now[0] > DAY:
                raise TimeoutError

        one = Heartbeat()
        monkeypatch.setattr(heartbeat.asyncio, "sleep", sleep)
        try:
            await one.lost()
            return now[0]
        except TimeoutError:
            return None
        finally:
            one.started()
            one.close()

    return watch


def beats(one):
    os.write(one.descriptor, b".")


async def test_who_beats_is_never_lost(watched):
    assert await watched(lambda _now, one: beats(one)) is None


async def test_who_stops_beating_is_lost_after_a_minute(watched):
    at = await watched(lambda now, one: beats(one) if now < 1000 else None)
    assert 1000 + FROZEN_SECONDS < at <= 1000 + FROZEN_SECONDS + 3 * BEAT_SECONDS


async def test_who_has_not_begun_to_beat_has_time_to_load(watched):
    at = await watched(lambda _now, _one: None)
    assert FIRST_BEAT_SECONDS < at <= FIRST_BEAT_SECONDS + 2 * BEAT_SECONDS


async def test_while_the_listener_itself_stood_still_nobody_is_lost(watched):
    """The whole machine was suspended, or its processes were stopped together: each has a minute from then on."""
    at = await watched(lambda now, one: beats(one) if now < 1000 else 7200 if now < 1010 else None)
    assert 1000 + 7200 + FROZEN_SECONDS < at <= 1000 + 2 * 7200 + FROZEN_SECONDS + 3 * BEAT_SECONDS


async def test_one_that_has_ended_is_listened_to_no_longer():
    one = Heartbeat()
    one.started()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    one.close()
    one.close()


@pytest.mark.parametrize("name", [HEARTBEAT, READY, SUPERVISED])
def test_what_a_supervisor_sets_is_no_unknown_setting(name, monkeypatch, tmp_path):
    file = tmp_path / "thuocdo.yaml"
    file.write_text("data_dir: data\n")
    monkeypatch.setenv(name, "3")
    load_settings(file)
