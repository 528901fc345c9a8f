"""A stop ends every wait, and leaves no work running behind."""

import asyncio
import gc

import pytest

from thuocdo.core.stopping import Stop


async def test_what_ends_before_the_stop_gives_its_result():
    async def work():
        return 7

    assert await Stop().race(work()) == 7


async def test_the_stop_ends_what_still_works_and_waits_for_its_end():
    stop, ended = Stop(), []

    async def work():
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            ended.append("work")

    racing = asyncio.create_task(stop.race(work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    stop.set()
    assert await racing is None
    assert ended == ["work"]


async def test_what_the_work_raises_comes_through():
    async def work():
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        await Stop().race(work())


async def test_whoever_gives_a_race_up_ends_its_work_too():
    ended = []

    async def work():
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("work")

    racing = asyncio.create_task(Stop().race(work()))
    for _ in range(3):
        await asyncio.sleep(0)
    racing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await racing
    assert ended == ["work"]
    assert len(asyncio.all_tasks()) == 1


async def test_a_sleep_ends_with_the_stop_or_with_its_time():
    stop = Stop()
    await stop.sleep(0.002)
    assert not stop.is_set()
    sleeping = asyncio.create_task(stop.sleep(3600))
    await asyncio.sleep(0)
    stop.set()
    await sleeping
    await stop.sleep(3600)


async def test_work_that_breaks_while_it_is_ended_leaves_no_word_behind():
    loop, told = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, context: told.append(context))

    async def work():
        try:
            await asyncio.sleep(3600)
        finally:
            raise OSError("cannot be closed")

    stop = Stop()
    loop.call_soon(stop.set)
    assert await stop.race(work()) is None
    gc.collect()
    await asyncio.sleep(0)
    assert told == []
