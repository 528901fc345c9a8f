"""A wish to stop, which whoever works looks at between two steps, and which ends every wait."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

SHORTEST_SLEEP_SECONDS = 0.001  # uvloop spins on shorter ones

Result = TypeVar("Result")


class Stop(asyncio.Event):
    """An event that is set once, when somebody asked to stop."""

    async def race(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """
        Wait for work, but not longer than until the stop.

        Returns:
            What the work gave; None where the stop came first. Then the work was cancelled and has ended.

        Raises:
            Exception: whatever the work raised.
        """
        working, asked = asyncio.ensure_future(work), asyncio.create_task(self.wait())
        try:
            await asyncio.wait([working, asked], return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            asked.cancel()
            if not working.done():
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    async def sleep(self, seconds: float) -> None:
        """Sleep for some seconds, or until the stop; not at all where a timer could not be that short."""
        if seconds < SHORTEST_SLEEP_SECONDS:
            return
        try:
            async with asyncio.timeout(seconds):
                await self.wait()
        except TimeoutError:
            return
