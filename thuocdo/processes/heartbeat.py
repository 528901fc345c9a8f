"""
Signs of life of a process to the one that started it: a byte through a pipe every few seconds, from the loop that does the work.

A process that is stopped, or whose loop is stuck, ends by nothing that its supervisor would see: it is alive and does nothing.
"""

import asyncio
import os
import time
from contextlib import suppress

BEAT_SECONDS = 5.0
FROZEN_SECONDS = 60.0
"""So long without a beat is no busy machine any more. Not shorter: who is taken for frozen loses what it has under way."""

FIRST_BEAT_SECONDS = 300.0
"""What a program takes to load from a slow disk lies far below."""

HEARTBEAT = "THUOCDO_HEARTBEAT"
"""Set in the environment of every child: the descriptor to which it writes."""


def beat() -> None:
    """Write from the running loop, for ever, where somebody who started this process listens."""
    descriptor = os.environ.pop(HEARTBEAT, None)
    if descriptor is None:
        return
    loop, number = asyncio.get_running_loop(), int(descriptor)
    os.set_inheritable(number, False)  # noqa: FBT003 - the function takes it so
    os.set_blocking(number, False)

    def again() -> None:
        with suppress(OSError):  # nobody listens any more, or has read for a while
            os.write(number, b".")
        loop.call_later(BEAT_SECONDS, again)

    again()


class Heartbeat:
    """
    The listening side: one for each start of a child.

    descriptor: the end of the pipe that the child inherits; whoever has started it calls `started`.
    """

    def __init__(self) -> None:
        self._ours, self.descriptor = os.pipe()
        os.set_blocking(self._ours, False)
        self._last = time.monotonic()
        self._has_beaten = False
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def started(self) -> None:
        """Close the child's end here, so that it ends with the child."""
        os.close(self.descriptor)

    def close(self) -> None:
        """Listen no longer."""
        if self._ours >= 0:
            asyncio.get_running_loop().remove_reader(self._ours)
            os.close(self._ours)
            self._ours = -1

    async def lost(self) -> float:
        """Return once there has been no beat for too long: for how many seconds."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(BEAT_SECONDS)
            now = time.monotonic()
            if now - before > 2 * BEAT_SECONDS:  # this process itself was stopped: the others may have been, too
                self._last = now
            silent_seconds = now - self._last
            if silent_seconds > (FROZEN_SECONDS if self._has_beaten else FIRST_BEAT_SECONDS):
                return silent_seconds

    def _read(self) -> None:
        try:
            heard = os.read(self._ours, 4096)
        except BlockingIOError:
            return
        if not heard:  # the child has ended, or closed it
            self.close()
            return
        self._last, self._has_beaten = time.monotonic(), True
