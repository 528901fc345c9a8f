"""A thread that notices an event loop that stands still."""

import asyncio
import threading

import pytest
import structlog

from probes import watchdog as watchdog_module
from probes.monitor import Monitor
from probes.watchdog import LOOK_SECONDS, STALL_SECONDS, Watchdog


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.seconds = 100.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def watched():
    clock = Clock()
    return Watchdog(clock), clock


def look_for(dog, clock, seconds, *, beating):
    """Let time pass, with a look every half second, and a beat before each where the loop runs."""
    for _ in range(int(seconds / LOOK_SECONDS)):
        clock.seconds += LOOK_SECONDS
        if beating:
            dog.beat()
        dog.look()


def test_a_loop_that_beats_is_no_stall(watched):
    dog, clock = watched
    look_for(dog, clock, 60, beating=True)
    assert dog.stalls_total == 0


def test_a_standstill_is_told_once_with_its_stack_and_counted(watched):
    dog, clock = watched
    with structlog.testing.capture_logs() as told:
        look_for(dog, clock, 30, beating=False)
    [line] = told
    assert line["log_level"] == "error"
    assert line["seconds"] == STALL_SECONDS
    assert "look_for" in line["stack"]
    assert dog.stalls_total == 1


def test_each_standstill_counts(watched):
    dog, clock = watched
    for _ in range(3):
        look_for(dog, clock, 5, beating=False)
        look_for(dog, clock, 5, beating=True)
    assert dog.stalls_total == 3


def test_a_standstill_in_which_not_even_the_thread_ran_counts_though_the_loop_runs_again(watched):
    dog, clock = watched
    clock.seconds += 8.0
    dog.beat()
    with structlog.testing.capture_logs() as told:
        dog.look()
    assert dog.stalls_total == 1
    assert "let no other thread run" in told[0]["stack"]


async def test_a_loop_that_is_really_blocked_is_told_while_it_is(monkeypatch):
    monkeypatch.setattr(watchdog_module, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(watchdog_module, "LOOK_SECONDS", 0.01)
    told, release = [], threading.Event()

    def error(sentence, **keys):
        told.append(keys)
        release.set()

    monkeypatch.setattr(watchdog_module, "log", type("Log", (), {"error": staticmethod(error)}))
    async with Monitor() as monitor:
        await asyncio.sleep(0)
        assert release.wait(60)  # the loop stands still here, until the watchdog has said so
        assert monitor.stalls_total >= 1
    assert any("release.wait(60)" in keys["stack"] for keys in told)


async def test_nothing_watches_a_loop_that_is_not_measured_on():
    async with Monitor():
        assert any(thread.name == "watchdog" for thread in threading.enumerate())
    assert not any(thread.name == "watchdog" for thread in threading.enumerate())
