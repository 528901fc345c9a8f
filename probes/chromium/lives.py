"""The lives of one browser, one after the other: begun when a page is wanted, relaunched when it dies, recycled after many."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from probes.chromium.life import Life
from thuocdo.core.errors import BrowserUnavailableError

PAGES_PER_LIFE = 500  # Playwright's driver keeps memory per page: measured 200 MB after 300

log = structlog.get_logger(__name__)


class Lives:
    """
    The present life and those whose last pages are still open.

    Args:
        begin: begins a life.

    present: None where none has been wanted yet. is_closed: none is begun any more. restarts_total: unplanned relaunches;
    recycling after many pages is not counted.
    """

    def __init__(self, begin: Callable[[], Awaitable[Life]]) -> None:
        self._begin = begin
        self._retired: set[Life] = set()
        self._lock = asyncio.Lock()
        self._renewals: set[asyncio.Task[Life]] = set()
        self.is_closed = False
        self.present: Life | None = None
        self.restarts_total = 0

    async def living(self) -> Life:
        """
        Return a living browser; whoever is cancelled while one is begun leaves none half begun behind.

        Raises:
            BrowserUnavailableError: it does not start, or `close` was called.

        """
        while not (self._serves(self.present) and not self.is_closed):
            renewal = asyncio.create_task(self._renew())
            self._renewals.add(renewal)
            renewal.add_done_callback(self._renewed)
            life = await asyncio.shield(renewal)
            if life is self.present:
                return life
        assert self.present is not None
        return self.present

    async def _renew(self) -> Life:
        async with self._lock:
            if self.is_closed:
                raise BrowserUnavailableError("the browser is closed; start the agent again")
            life = self.present
            if life and self._serves(life):
                return life  # another one has seen to it
            self.present = None
            if life and life.alive and not life.stands_still:
                self._retired.add(life)  # its last page ends it
                await self._end_if_idle(life)
            elif life:
                self.restarts_total += 1
                log.warning("browser is relaunched", pid=life.process.pid, restarts_total=self.restarts_total)
                life.kill("a part of it was stopped")
                await life.end()
            self.present = await self._begin()
            return self.present

    def _renewed(self, renewal: asyncio.Task[Life]) -> None:
        self._renewals.discard(renewal)
        if not renewal.cancelled():
            renewal.exception()  # asked for here, or asyncio would complain where nobody waits for it any more

    @staticmethod
    def _serves(life: Life | None) -> bool:
        return life is not None and life.alive and not life.stands_still and life.pages_total < PAGES_PER_LIFE

    async def leave(self, life: Life) -> None:
        """Note that a page of a life is gone."""
        life.pages_open -= 1
        async with self._lock:
            await self._end_if_idle(life)

    async def close(self) -> None:
        """End them all; nothing is left behind."""
        self.is_closed = True
        async with self._lock:
            lives = {*self._retired, *([self.present] if self.present else [])}
            self.present = None
            self._retired.clear()
            for life in lives:
                if life.pages_open:
                    life.kill("it is closed with pages open")  # closed in peace, it would call their loads aborted
                await life.end()

    async def _end_if_idle(self, life: Life) -> None:
        if life in self._retired and life.pages_open == 0:
            self._retired.discard(life)
            await life.end()
