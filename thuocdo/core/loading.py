"""Ctrl-C while modules are being loaded: it ends the program at once, for there is nothing to tidy up and nothing to tell."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def stopped_without_a_word() -> Iterator[None]:
    """
    Have SIGINT end the program, where it would raise KeyboardInterrupt.

    Raised within an import it may come out in a callback of Python's own, which prints a traceback whatever we catch.
    """
    interrupt = signal.getsignal(signal.SIGINT)
    if interrupt is not signal.default_int_handler:  # somebody chose otherwise, as nohup and shells do
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)


def lose_no_interrupt() -> None:
    """Have a Ctrl-C that comes in a callback of Python's own end the program: nobody can catch it there, and it would be lost."""
    told = sys.unraisablehook

    def end(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        told(unraisable)

    sys.unraisablehook = end
