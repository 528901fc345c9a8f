"""Rolls up what was measured, now and then; thuocdo.store.rollups says what is kept, and how nothing is counted twice."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from thuocdo.core.stopping import Stop
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.kept_values import kept_values
from thuocdo.store import Store

EVERY_SECONDS = 900.0
"""What has arrived since is read one by one by every ranking; and each time all roll-ups of the day are written anew."""

log = structlog.get_logger(__name__)


class Rolling:
    """
    Rolls up when it is time.

    Args:
        store: open.
        now: gives the present instant.
        monotonic: seconds of a clock that nobody sets.
    """

    def __init__(
        self, store: Store, now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._now = now
        self._monotonic = monotonic
        self._due_at = 0.0

    def once(self, criteria_sets: Iterable[CriteriaSet], stop: Stop | None = None) -> int:
        """
        Roll up all that waits, if it is time, in pieces; stop: is heeded between two of them.

        Returns:
            How many measurements that were.

        Raises:
            StoreError: the store cannot do it now; what was rolled up stays so, and the rest is done the next time.
        """
        if self._monotonic() < self._due_at:
            return 0
        names, rolled = kept_values(criteria_sets), 0
        most = self._store.rollups.rows_at_once()
        while stop is None or not stop.is_set():
            number = self._store.rollups.roll(names, self._now(), most=most)
            rolled += number
            if number < most:
                self._due_at = self._monotonic() + EVERY_SECONDS
                break
        if rolled > most:
            log.info("measurements rolled up", measurements=rolled)
        return rolled
