"""
The readings in hand: those of the last minutes, in the order in which they are judged, however they arrived.

What is judged provisionally is kept until it is certain, so that nothing is read twice; what comes late waits apart.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from thuocdo.core.model import Reading

AHEAD = timedelta(hours=1)
"""What is scheduled later than this is left in the store until its time comes: an agent's clock may be years ahead."""


@dataclass(slots=True, kw_only=True)
class Docket:
    """
    Readings that arrived and are not certain yet.

    mark: number of the last measurement that was looked at. open_since: what is scheduled earlier comes too late. taken_until:
    how far readings were taken, provisionally. horizon: what is scheduled from here on is left in the store. is_cut: something
    was.
    """

    mark: int
    open_since: datetime
    taken_until: datetime
    horizon: datetime
    is_cut: bool = False
    _taken: deque[Reading] = field(default_factory=deque)
    _late: list[Reading] = field(default_factory=list)
    _waiting: list[Reading] = field(default_factory=list)

    @property
    def has_late(self) -> bool:
        """Whether something came after later ones had been taken."""
        return bool(self._late)

    def add(self, readings: Iterable[Reading]) -> None:
        """Put readings that arrived where they belong, in whatever order they are."""
        for reading in readings:
            at = reading.key.scheduled_at
            if at >= self.horizon:
                self.is_cut = True
            elif at >= self.taken_until:
                self._waiting.append(reading)
            elif at >= self.open_since:
                self._late.append(reading)

    def take(self, until: datetime) -> list[Reading]:
        """Return what is scheduled before an instant and was not taken yet, in order, but for what came late."""
        self._waiting.sort(key=order_of)
        number = bisect_left(self._waiting, until, key=_at)
        taken = self._waiting[:number]
        del self._waiting[:number]
        self._taken += taken
        self.taken_until = max(self.taken_until, until)
        return taken

    def take_again(self, until: datetime) -> list[Reading]:
        """Return all that is not certain and scheduled before an instant, in order, with what came late."""
        self.take(until)
        if self._late:
            self._taken = deque(sorted([*self._taken, *self._late], key=order_of))
            self._late = []
        return [*self._taken]

    def close(self, until: datetime) -> list[Reading]:
        """Let go of what was taken and is scheduled before an instant; return it, in order."""
        closed = []
        while self._taken and self._taken[0].key.scheduled_at < until:
            closed.append(self._taken.popleft())
        return closed


def order_of(reading: Reading) -> tuple[datetime, str, str, str]:
    """Return what readings are sorted by: instants first, the rest only so that it is always the same order."""
    key = reading.key
    return key.scheduled_at, key.kind, key.target_id, key.vantage_id


def in_order(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield readings that are sorted by their instants alone, sorted by `order_of`."""
    for _, at_once in groupby(readings, key=_at):
        yield from sorted(at_once, key=order_of)


def _at(reading: Reading) -> datetime:
    return reading.key.scheduled_at
