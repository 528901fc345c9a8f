"""Languages are judged in a process of its own: the loop goes on meanwhile, and nothing of it stays behind."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import psutil
import pytest
import pytest_asyncio

from probes import languages
from probes.languages import MOST_CHARACTERS, Claim, Heard, LanguagesUnjudgedError, hear

VIETNAMESE = "Thủ tục đăng ký khai sinh được thực hiện tại Ủy ban nhân dân cấp xã nơi cư trú của cha hoặc mẹ."
CLAIMS = (Claim(VIETNAMESE, "en"), Claim(VIETNAMESE, "vi"))
HEARD = [Heard("vi"), Heard("")]

AN_AGENT = f"""
import asyncio
from probes import languages
from probes.languages import Claim, hear
async def main():
    print(len(await hear([Claim({VIETNAMESE!r}, "en")])), flush=True)
    await asyncio.sleep(600 if __import__("sys").argv[1] == "stays" else 0)
asyncio.run(main())
"""


def judges() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "anyio.to_process" in one.cmdline()]


@pytest_asyncio.fixture(autouse=True)
async def none_left() -> AsyncIterator[None]:
    """Each test begins with a process that has loaded nothing."""
    for one in judges():
        one.kill()
    yield


async def test_the_loop_goes_on_while_models_are_loaded_and_texts_judged() -> None:
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    turning = asyncio.create_task(turn())
    assert await hear(CLAIMS) == HEARD
    turning.cancel()
    assert turns > 50, "loading takes 2 s of a processor: nothing else had a turn"


async def test_pages_share_one_process() -> None:
    heard = await asyncio.gather(*(hear(CLAIMS) for _ in range(5)))
    assert heard == [HEARD] * 5
    assert len(judges()) == 1


async def test_texts_beyond_the_most_are_left_alone() -> None:
    claims = [*CLAIMS, Claim(VIETNAMESE * (MOST_CHARACTERS // len(VIETNAMESE)), "en"), *CLAIMS]
    assert await hear(claims) == [*HEARD, Heard(), Heard(), Heard()]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_one_that_was_ended_costs_one_page_only(how: signal.Signals) -> None:
    waiting = asyncio.create_task(hear(CLAIMS))
    while not judges():
        await asyncio.sleep(0.01)
    judges()[0].send_signal(how)
    with pytest.raises(LanguagesUnjudgedError):
        await waiting
    assert await hear(CLAIMS) == HEARD


async def test_whoever_stops_waiting_leaves_its_process_to_the_next() -> None:
    waiting = asyncio.create_task(hear(CLAIMS))
    while not judges():
        await asyncio.sleep(0.01)
    begun = judges()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert await hear(CLAIMS) == HEARD
    assert judges() == begun


async def test_one_that_stands_still_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await hear(CLAIMS) == HEARD
    stopped = judges()
    stopped[0].suspend()
    monkeypatch.setattr(languages, "MOST_SECONDS", 0.2)
    with pytest.raises(LanguagesUnjudgedError):
        await hear(CLAIMS)
    monkeypatch.undo()
    assert await hear(CLAIMS) == HEARD
    assert stopped[0] not in judges()


async def test_ctrl_c_is_not_meant_for_it() -> None:
    assert await hear(CLAIMS) == HEARD
    judge = judges()[0]
    judge.send_signal(signal.SIGINT)
    assert await hear(CLAIMS) == HEARD
    assert judges() == [judge]


@pytest.mark.parametrize("end", ["ends", "stays"])
def test_it_ends_with_its_agent(end: str) -> None:
    """stays: the agent is killed; its process sees the end of what it reads from."""
    agent = subprocess.Popen([sys.executable, "-c", AN_AGENT, end], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert agent.stdout
    assert agent.stdout.readline() == b"1\n"
    left = psutil.Process(agent.pid).children() if end == "stays" else []
    agent.kill() if end == "stays" else agent.wait(60)
    _, told = agent.communicate(timeout=60)
    assert told == b""
    assert psutil.wait_procs(left, 30)[1] == []
