"""What has arrived of each trap, and who waits for it."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

READING = frozenset({"GET", "HEAD"})
UNKNOWN = "?"
"""Under it stands what arrived outside of every trap's own addresses."""


class Arrivals:
    """Keeps what arrived, by trap; each entry is one line for people."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, list[str]] = defaultdict(list)
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def note(self, trap: str, line: str) -> None:
        """Keep a line."""
        self._lines[trap].append(line[:300])
        self._events[trap].set()

    def of(self, trap: str) -> Sequence[str]:
        """Return what arrived of one trap, in order."""
        return tuple(self._lines[trap])

    async def wait(self, trap: str, seconds: float) -> bool:
        """Wait until something of a trap has arrived, at most so long; returns whether it has."""
        try:
            async with asyncio.timeout(seconds):
                await self._events[trap].wait()
        except TimeoutError:
            return False
        return True
