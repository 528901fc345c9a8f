"""Reads a file that a person named, which may be anything: a pipe that nobody writes to, a device without an end."""

import errno
import os
import select
from pathlib import Path

from thuocdo.core.errors import ConfigurationError

PATIENCE_SECONDS = 5.0
"""What nothing comes out of in this time is given up."""

_PIECE_BYTES = 64 * 1024


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """
    Return the content of a file; where it is longer, no more than a little beyond `most_bytes` of it.

    Raises:
        OSError: it cannot be read, or nothing comes out of it.
    """
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        waiting = select.poll()
        waiting.register(file, select.POLLIN)
        content = bytearray()
        while len(content) <= most_bytes:
            if not waiting.poll(PATIENCE_SECONDS * 1000):
                raise TimeoutError(errno.ETIMEDOUT, "nothing comes out of it")
            piece = os.read(file, _PIECE_BYTES)
            if not piece:
                break
            content += piece
        return bytes(content)
    finally:
        os.close(file)


def content_of(file: Path, most_bytes: int) -> bytes:
    """Return the same of a file that a person named; raises ConfigurationError, which says how to mend it."""
    try:
        return read_bounded(file, most_bytes)
    except (OSError, ValueError) as exc:
        raise ConfigurationError(f"{file}: cannot be read ({exc}); check the path and its rights") from exc
