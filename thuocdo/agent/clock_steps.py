"""Notices when somebody moves the wall clock: the plan lives on it, and must be made anew from where it stands."""

import time
from collections.abc import Callable

import structlog

from thuocdo.core import clock

STEP_SECONDS = 1.0
"""Between two looks, seconds apart, a clock that is kept drifts by milliseconds; what moves it further is a step."""

log = structlog.get_logger(__name__)


def elapsed_seconds() -> float:
    """Return seconds that nobody can move; they go on while the machine sleeps, which is no step of the wall clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ClockSteps:
    """
    Holds the wall clock against one that nobody can move.

    Args:
        elapsed: gives the seconds of the latter.
    """

    def __init__(self, elapsed: Callable[[], float] = elapsed_seconds) -> None:
        self._elapsed = elapsed
        self._offset = self._present_offset()
        self._total = 0

    @property
    def total(self) -> int:
        """How often the wall clock was moved since this was made, as far as it was looked at."""
        return self._total

    def look(self) -> int:
        """Look at both clocks, tell a step where there was one, and return how many there were by now."""
        offset = self._present_offset()
        moved_seconds, self._offset = offset - self._offset, offset
        if abs(moved_seconds) > STEP_SECONDS:
            self._total += 1
            log.warning(
                "the clock of this machine was moved; the plan goes on from where it stands now, look after its time server",
                moved_seconds=round(moved_seconds, 1),
            )
        return self._total

    def _present_offset(self) -> float:
        return clock.now().timestamp() - self._elapsed()
