"""Places at the gate: how many, in which order, for how long, and never lost."""

import asyncio

import pytest

from probes.net.handshake_limiter import HandshakeLimiter


async def enter_all(gate, count, order):
    async def one(number):
        ticket = await gate.enter()
        order.append(number)
        return ticket

    tasks = [asyncio.create_task(one(number)) for number in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_no_more_than_the_places_get_in_and_the_rest_in_order():
    gate, order = HandshakeLimiter(most=2, lent_seconds=60), []
    tasks = await enter_all(gate, 5, order)
    assert order == [0, 1]
    for task in tasks:
        gate.leave(await asyncio.wait_for(task, 60))
    assert order == [0, 1, 2, 3, 4]


async def test_a_place_that_is_held_too_long_is_lent_to_the_next():
    gate, order = HandshakeLimiter(most=1, lent_seconds=0.02), []
    tasks = await enter_all(gate, 4, order)
    assert order == [0]
    await asyncio.wait_for(asyncio.gather(*tasks), 60)  # nobody ever leaves
    assert order == [0, 1, 2, 3]


async def test_who_is_cancelled_while_waiting_takes_no_place():
    gate, order = HandshakeLimiter(most=1, lent_seconds=60), []
    first, second, third = await enter_all(gate, 3, order)
    second.cancel()
    gate.leave(await first)
    gate.leave(await asyncio.wait_for(third, 60))
    assert order == [0, 2]


async def test_a_turn_that_comes_in_the_moment_of_the_cancellation_is_passed_on():
    gate, order = HandshakeLimiter(most=1, lent_seconds=60), []
    first, second, third = await enter_all(gate, 3, order)
    gate.leave(first.result())  # the second has its turn now, but has not run yet
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.leave(await asyncio.wait_for(third, 60))
    assert 2 in order


async def test_leaving_twice_or_after_the_loan_gives_no_second_place():
    gate, order = HandshakeLimiter(most=1, lent_seconds=60), []
    ticket = await gate.enter()
    gate.leave(ticket)
    gate.leave(ticket)
    tasks = await enter_all(gate, 2, order)
    assert order == [0]
    for task in tasks:
        gate.leave(await asyncio.wait_for(task, 60))
