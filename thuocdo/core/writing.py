"""Writes a small file that other processes read while it is replaced."""

import os
from contextlib import suppress
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """
    Write a file so that whoever reads it sees all of the old or all of the new one.

    Not for two threads of one process at once: the file beside it is named after the process.

    Raises:
        OSError: it cannot be written; what stood there still does.
    """
    fresh = path.with_suffix(f".{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise
