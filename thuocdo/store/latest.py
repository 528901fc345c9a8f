"""The newest measurement of every series, kept from question to question: what has arrived since is all that is read anew."""

import threading
from datetime import UTC, datetime, timedelta

from thuocdo.core.model import Measurement
from thuocdo.store.measurements import Measurements

Key = tuple[str, str, str, str]

MOST_ARRIVED = 20_000
"""After more than this many a look at every series costs less than a look at what has arrived."""


class Latest:
    """
    The newest measurement per target, kind, vantage point and profile; safe to use from several threads.

    Args:
        measurements: of a store.
    """

    def __init__(self, measurements: Measurements) -> None:
        self._measurements = measurements
        self._lock = threading.Lock()
        self._found: dict[Key, Measurement] = {}
        self._list: list[Measurement] = []
        self._is_changed = False
        self._last_id = 0
        self._until = datetime.min.replace(tzinfo=UTC)
        self._ahead_at: datetime | None = None  # the first instant of what is left out

    def at(self, until: datetime) -> list[Measurement]:
        """
        Return them in the order of their keys: the same list, which nobody may change, until something else is the newest.

        until: leaves out what is scheduled later: a clock that was ahead has left it behind.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._lock:
            last_id = self._measurements.newest()
            # Less than before: it is another file, or a server that was put back from a copy.
            is_near = self._last_id <= last_id <= self._last_id + MOST_ARRIVED
            is_due = self._ahead_at is not None and self._ahead_at <= until
            if not self._last_id or not is_near or is_due or until < self._until:
                self._found = {_key(one): one for one in self._measurements.latest(until)}
                self._ahead_at, self._is_changed = self._measurements.oldest_since(until + timedelta.resolution), True
            else:
                for one in self._measurements.arrived_whole(self._last_id, last_id):
                    self._take(one, until)
            self._last_id, self._until = last_id, until
            if self._is_changed:
                self._list, self._is_changed = [self._found[key] for key in sorted(self._found)], False
            return self._list

    def _take(self, one: Measurement, until: datetime) -> None:
        at, there = one.key.scheduled_at, self._found.get(_key(one))
        if at > until:
            self._ahead_at = at if self._ahead_at is None else min(at, self._ahead_at)
        elif there is None or at > there.key.scheduled_at:
            self._found[_key(one)], self._is_changed = one, True


def _key(measurement: Measurement) -> Key:
    key = measurement.key
    return key.target_id, key.kind, key.vantage_id, key.profile
