"""
A thread that notices an event loop that stands still: no deadline holds then, and nobody else can tell.

Two kinds of standstill differ in what can still run. Python code that computes lets other threads run now and then: this thread
looks at the loop's stack. A C function that keeps the interpreter to itself (a regular expression that backtracks) stops this
thread as well: then a timer of faulthandler, which needs no interpreter, writes all stacks to standard error.
"""

import faulthandler
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

import structlog

STALL_SECONDS = 2.0
LOOK_SECONDS = 0.5

log = structlog.get_logger(__name__)


class Watchdog:
    """
    Watches the event loop of the thread that makes it.

    Args:
        clock: gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._loop_thread = threading.get_ident()
        self._last_beat = self._last_look = clock()
        self._is_told = False
        self._stalls = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="watchdog", daemon=True)

    @property
    def stalls_total(self) -> int:
        """How often the loop stood still for two seconds or more."""
        return self._stalls

    def start(self) -> None:
        """Begin to look every half second."""
        _arm()  # here already: what holds the interpreter at once would keep the thread from its first line
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def beat(self) -> None:
        """Tell that the loop runs; it must do so more often than every two seconds."""
        self._last_beat = self._clock()

    def look(self) -> None:
        """Look once: a standstill is told with the loop's stack, and counted, when it is first seen."""
        now = self._clock()
        blind_seconds, self._last_look = now - self._last_look, now
        still_seconds = now - self._last_beat
        if (
            blind_seconds >= STALL_SECONDS + LOOK_SECONDS
        ):  # nothing of Python's ran at all; its stack stands above in the log
            self._tell(blind_seconds, "whatever ran let no other thread run; its stack was written to standard error")
        elif still_seconds < STALL_SECONDS:
            self._is_told = False
        elif not self._is_told:
            self._tell(still_seconds, self._stack())

    def _tell(self, seconds: float, stack: str) -> None:
        self._is_told = True
        self._stalls += 1
        log.error(
            "the event loop stands still: no probe runs and no deadline holds", seconds=round(seconds, 1), stack=stack
        )

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 - the documented way to another thread's stack
        return "".join(traceback.format_stack(frame)) if frame else ""

    def _keep_looking(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            self.look()
            _arm()
        faulthandler.cancel_dump_traceback_later()


def _arm() -> None:
    """Set the timer of faulthandler anew; it fires only where this thread does not come to do it again."""
    with suppress(OSError, ValueError, AttributeError, RuntimeError):  # no standard error, or no more threads
        faulthandler.dump_traceback_later(STALL_SECONDS, file=sys.__stderr__)  # type: ignore[arg-type]
