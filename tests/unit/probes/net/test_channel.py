"""A socket on the loop: it lets others have their turn, and its time ends by the clock as well."""

import asyncio
import socket
import time

import pytest

from probes.net.channel import TURN_BYTES, TURN_READS, Channel


class Paired(Channel):
    """A channel over one end of a pair of sockets."""

    __slots__ = ()

    def __init__(self, sock, **arguments):
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM, **arguments)
        self._sock.close()
        self._sock, self._fd = sock, sock.fileno()


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    for one in (ours, theirs):
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    yield ours, theirs
    theirs.close()


async def reads_between_turns(channel, reads, most_bytes):
    """Read what is there already; returns how many reads and bytes came between two turns of the loop."""
    turns = []
    loop = asyncio.get_running_loop()

    def turn():
        turns.append((0, 0))
        loop.call_soon(turn)

    turn()
    for _ in range(reads):
        received = await channel.receive(most_bytes, at_once=True)
        count, size = turns[-1]
        turns[-1] = (count + 1, size + len(received.data))
    return turns


@pytest.mark.parametrize("most_bytes", [1, 32768])
async def test_reading_what_is_always_there_leaves_turns_to_others(pair, most_bytes):
    ours, theirs = pair
    sent = theirs.send(b"x" * 500_000)
    channel = Paired(ours)
    reads = min(200, sent // most_bytes)
    turns = await reads_between_turns(channel, reads, most_bytes)
    channel.close()
    assert len(turns) > 1
    assert max(count for count, _ in turns) <= TURN_READS
    assert max(size for _, size in turns) <= TURN_BYTES + most_bytes


async def test_a_timer_gets_its_turn_while_data_is_always_there(pair):
    ours, theirs = pair
    channel = Paired(ours)

    async def read_for_ever():
        while True:  # without turns this had no end
            theirs.send(b"x")
            await channel.receive(1, at_once=True)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read_for_ever(), 0.001)
    channel.close()


@pytest.mark.parametrize("at_once", [False, True])
async def test_reading_ends_by_the_clock_even_where_no_timer_is_looked_at(pair, at_once):
    ours, theirs = pair
    theirs.send(b"x")
    channel = Paired(ours, until=time.monotonic() - 1)
    with pytest.raises(TimeoutError):
        await channel.receive(1, at_once=at_once)
    channel.close()
