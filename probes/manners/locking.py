"""A file that processes share: opened so that nothing in its place can hold us, locked so that nobody keeps us waiting."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

_TRIES = 50
_PAUSE_SECONDS = 0.001
"""A lock is held for microseconds; whoever holds it longer was stopped in the middle, and must not stop us as well."""


def open_shared(path: str, flags: int) -> int:
    """
    Return the descriptor of a file; a pipe or device in its place does not keep us waiting.

    Raises:
        OSError: it cannot be opened.
    """
    return os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o644)


def lock(file: int) -> None:
    """
    Take the lock of an open file that other processes respect.

    Raises:
        OSError: somebody holds it for longer than anybody should.
    """
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        else:
            return
    raise OSError(errno.ETIMEDOUT, "another process does not give its lock back")


def unlock(file: int) -> None:
    """Give the lock back."""
    fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def locked(path: str, flags: int) -> Iterator[int]:
    """Open a file, hold its lock while the block runs, and close it; raises OSError."""
    file = open_shared(path, flags)
    try:
        lock(file)
        yield file
    finally:
        os.close(file)  # which gives the lock back as well
