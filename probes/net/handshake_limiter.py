"""
At most a few TLS handshakes at a time: each costs some 0.7 ms of CPU, and many at once make each other late.

A handshake that waits for a far or dead server costs nothing while it waits, so a place is only lent: after LENT_SECONDS the
next one may begin, whether the first has ended or not. Near servers are so taken MOST at a time; of far ones at most MOST per
LENT_SECONDS begin (400 per second), and their answers come back spread out in the same way. A place is taken without a timer
where there is no crowd.
"""

import asyncio
import time
from collections import OrderedDict, deque

MOST = 4
LENT_SECONDS = 0.010


class HandshakeLimiter:
    """
    Lends places, first come first served.

    Args:
        most: places.
        lent_seconds: after so long a place may be lent again.

    """

    def __init__(self, most: int = MOST, lent_seconds: float = LENT_SECONDS) -> None:
        self._most = most
        self._lent_seconds = lent_seconds
        self._lent: OrderedDict[int, float] = OrderedDict()  # by ticket, oldest first: the end of the loan
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._tickets = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return len(self._waiting)

    async def enter(self) -> int:
        """Wait for a place; returns the ticket to leave with. Cancelled while waiting, there is nothing to leave."""
        self._tickets += 1
        ticket = self._tickets
        now = time.monotonic()
        self._forget_ended(now)
        if not self._waiting and len(self._lent) < self._most:
            self._lent[ticket] = now + self._lent_seconds
            return ticket
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((ticket, turn))
        self._admit(now)
        try:
            await turn
        except asyncio.CancelledError:
            self.leave(ticket)  # the turn may have come in the same moment
            raise
        return ticket

    def leave(self, ticket: int) -> None:
        """Give a place back; also one whose loan has ended, or that was never had."""
        self._lent.pop(ticket, None)
        if self._waiting:
            self._admit(time.monotonic())

    def _admit(self, now: float) -> None:
        """Let in as many as there are places, and look again when the next loan ends."""
        self._forget_ended(now)
        while self._waiting and len(self._lent) < self._most:
            ticket, turn = self._waiting.popleft()
            if not turn.done():
                self._lent[ticket] = now + self._lent_seconds
                turn.set_result(None)
        if self._waiting and self._timer is None:
            delay = max(0.001, next(iter(self._lent.values())) - now)  # uvloop spins on less than 1 ms
            self._timer = asyncio.get_running_loop().call_later(delay, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        self._admit(time.monotonic())

    def _forget_ended(self, now: float) -> None:
        lent = self._lent
        while lent and next(iter(lent.values())) <= now:
            lent.popitem(last=False)
