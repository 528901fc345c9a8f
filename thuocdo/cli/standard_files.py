"""Standard input, output and error: there whatever we were started with, and no reason to fail when they fail."""

import os
import sys
from contextlib import suppress


def open_standard_files() -> None:
    """
    Let what was closed lead nowhere.

    Else the next file that is opened would take its number, and what is said would be written into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)  # the first free number, which is this one
            os.set_inheritable(nowhere, True)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as the process


def give_up_output() -> None:
    """Let standard output lead nowhere: what is left for it must not fail again when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    with suppress(OSError):
        sys.stdout.flush()


class LogFile:
    """
    Standard error, for what a program says while it works.

    A full disk, or a reader that went away, takes the words; it must not take the program with them.
    """

    def write(self, text: str) -> int:
        """Write as far as that is possible."""
        with suppress(OSError, ValueError):
            return sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        """Write out what was written."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()
