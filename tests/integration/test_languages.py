"""Languages are judged in a process of its own: the loop goes on meanwhile, and nothing of it stays behind."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import psutil
import pytest
import pytest_asyncio

from probes import languages
from probes.languages import MOST_CHARACTERS, Claim, Heard, LanguagesUnjudgedError, close, hear, make_ready

pytestmark = pytest.mark.turns(share=0.5)

VIETNAMESE = "Thủ tục đăng ký khai sinh được thực hiện tại Ủy ban nhân dân cấp xã nơi cư trú của cha hoặc mẹ."
ENGLISH = "The court sits in the old town hall, and hears who comes before noon without an appointment."
CLAIMS = (Claim(VIETNAMESE, "en"), Claim(ENGLISH, "vi"), Claim(ENGLISH, "en"))
HEARD = [Heard("vi"), Heard("en"), Heard("")]
LOADED_BYTES = 150e6

AN_AGENT = f"""
import asyncio, sys, psutil, uvloop
from probes.languages import Claim, hear, make_ready
async def main():
    if "starting" in sys.argv:
        make_ready()
        await asyncio.sleep(0.05)
    else:
        await hear([Claim({ENGLISH!r}, "vi")])
    print([one.pid for one in psutil.Process().children()], flush=True)
    await asyncio.sleep(600 if "killed" in sys.argv else 0)
asyncio.run(main(), **({{"loop_factory": uvloop.new_event_loop}} if sys.version_info > (3, 12) else {{}})) \
    if "asyncio" in sys.argv else uvloop.run(main())
"""


def judges() -> list[psutil.Process]:
    found = []
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):  # a zombie is none any more
            if "probes.languages" in one.cmdline():
                found.append(one)
    return found


def loaded(judge: psutil.Process) -> bool:
    return bool(judge.memory_info().rss > LOADED_BYTES)


async def begun() -> psutil.Process:
    """Wait for a process that has begun to load the models."""
    while True:
        for judge in judges():
            with suppress(psutil.NoSuchProcess):  # it has just ended, and another one will begin
                if judge.memory_info().rss >= 60e6:
                    return judge
        await asyncio.sleep(0.01)


@pytest_asyncio.fixture(autouse=True)
async def none_left() -> AsyncIterator[None]:
    """Each test begins without a process; the one of the loop before goes with it, which may take it a moment."""
    async with asyncio.timeout(30):
        while judges():
            await asyncio.sleep(0.01)
    yield


async def test_the_loop_goes_on_while_models_are_loaded_and_texts_judged() -> None:
    turns_of_loading = 0

    async def turn() -> None:
        nonlocal turns_of_loading
        judge = await begun()
        while not loaded(judge):
            await asyncio.sleep(0.001)
            turns_of_loading += 1

    turning = asyncio.create_task(turn())
    assert await hear(CLAIMS) == HEARD
    turning.cancel()
    assert loaded(judges()[0])
    assert turns_of_loading > 5, "while the models were loaded nothing else had a turn"


async def test_pages_share_one_process_and_what_is_too_short_asks_none() -> None:
    assert await hear([Claim("Trang chủ", "en")]) == [Heard()]
    assert await hear([]) == []
    assert judges() == []
    heard = await asyncio.gather(*(hear(CLAIMS) for _ in range(5)))
    assert heard == [HEARD] * 5
    assert len(judges()) == 1


async def test_texts_beyond_the_most_are_left_alone_and_so_are_too_many() -> None:
    claims = [*CLAIMS, Claim(VIETNAMESE * (MOST_CHARACTERS // len(VIETNAMESE)), "en"), *CLAIMS]
    assert await hear(claims) == [*HEARD, *[Heard()] * 4]
    many = await hear([Claim("một hai ba bốn năm sáu", "en")] * 30_000)
    assert len(many) == 30_000
    assert many[-1] == Heard()


async def test_half_a_letter_is_no_fault_of_anybody() -> None:
    half = "\ud83d"
    assert await hear([Claim(f"{half} {ENGLISH} {half}", "vi"), Claim(ENGLISH, f"vi-{half}")]) == [
        Heard("en"),
        Heard("en"),
    ]


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_one_that_is_ended_while_it_loads_costs_one_page_only(how: signal.Signals) -> None:
    waiting = asyncio.create_task(hear(CLAIMS))
    (await begun()).send_signal(how)
    with pytest.raises(LanguagesUnjudgedError):
        await waiting
    assert await hear(CLAIMS) == HEARD


async def test_one_that_is_ended_while_nobody_asks_costs_none() -> None:
    assert await hear(CLAIMS) == HEARD
    first = judges()[0]
    first.kill()
    while first.status() != psutil.STATUS_ZOMBIE:  # whoever asks next takes note of it
        await asyncio.sleep(0.01)
    assert await hear(CLAIMS) == HEARD


async def test_whoever_stops_waiting_leaves_its_process_to_the_next() -> None:
    waiting = asyncio.create_task(hear(CLAIMS))
    judge = await begun()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert await hear(CLAIMS) == HEARD
    assert judges() == [judge]


async def test_pages_that_gave_up_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    judged_by = languages._judged_by

    async def counted(process: asyncio.subprocess.Process, claims: list[Claim]) -> list[Heard]:
        asked.append(claims)
        return await judged_by(process, claims)

    monkeypatch.setattr(languages, "_judged_by", counted)
    waiting = [asyncio.create_task(hear(CLAIMS)) for _ in range(20)]
    await begun()
    for one in waiting:
        one.cancel()
    assert await hear(CLAIMS) == HEARD
    assert len(asked) <= 2  # the first was begun already


async def test_one_that_stands_still_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await hear(CLAIMS) == HEARD
    stopped = judges()[0]
    stopped.suspend()
    monkeypatch.setattr(languages, "JUDGING_SECONDS", 0.2)
    with pytest.raises(LanguagesUnjudgedError):
        await hear(CLAIMS)
    monkeypatch.undo()
    assert await hear(CLAIMS) == HEARD
    assert stopped not in judges()


async def test_closing_ends_it_and_tells_whoever_waits() -> None:
    waiting = [asyncio.create_task(hear(CLAIMS)) for _ in range(3)]
    judge = await begun()
    await close()
    assert [type(one) for one in await asyncio.gather(*waiting, return_exceptions=True)] == [LanguagesUnjudgedError] * 3
    assert not psutil.pid_exists(judge.pid)
    assert [one for one in asyncio.all_tasks() if one is not asyncio.current_task()] == []
    assert await hear(CLAIMS) == HEARD
    await close()
    await close()
    assert judges() == []


async def test_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    make_ready()
    judge = await begun()
    assert os.getpgid(judge.pid) != os.getpgid(0)
    assert await hear(CLAIMS) == HEARD
    assert judges() == [judge]


async def test_a_start_that_is_given_up_at_any_step_ends_at_once_and_leaves_nothing() -> None:
    """As `asyncio.run` does at its end: every task of the loop is given up in the same moment, whatever it waits for."""
    for steps in range(30):
        before = asyncio.all_tasks()
        make_ready()
        for _ in range(steps):
            await asyncio.sleep(0)
        given_up = asyncio.all_tasks() - before
        for task in given_up:
            task.cancel()
        async with asyncio.timeout(60):
            await asyncio.gather(*given_up, return_exceptions=True)
        assert judges() == []


@pytest.mark.sampled(share=0.25)
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("how", ["ends", "killed", "ends starting", "killed starting"])
def test_it_ends_with_its_agent(how: str, loop: str) -> None:
    """killed: it sees the end of what it reads from; starting: the process was not ready yet."""
    agent = subprocess.Popen(
        [sys.executable, "-c", AN_AGENT, *how.split(), loop], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert agent.stdout
    pids = [int(pid) for pid in agent.stdout.readline().strip("[]\n").split(",")]
    left = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):  # it has ended already
            left.append(psutil.Process(pid))
    if "killed" in how:
        agent.kill()
    _, told = agent.communicate(timeout=300)
    assert told == ""
    assert pids
    assert psutil.wait_procs(left, 60)[1] == []
