"""One owner per data folder: two that measure into one would ask every portal twice as often."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from thuocdo.errors import ConfigurationError
from thuocdo.store.failures import of_file

_LARGEST_BYTES = 64

log = structlog.get_logger(__name__)


@contextmanager
def owned(data_dir: Path, what: str) -> Iterator[None]:
    """
    Own a data folder while the block runs. The kernel gives it back when this process ends, however it does.

    Args:
        data_dir: made when missing.
        what: "run" or "round": one of each may use a folder at once.

    Raises:
        ConfigurationError: another process owns it; the message names it.
        StoreError: the folder cannot be written.
    """
    path = data_dir / f"{what}.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as exc:
        raise of_file(exc, path, "cannot be opened") from exc
    try:
        _take(file, path, what)
        yield
    finally:
        os.close(file)


def try_lock(path: Path) -> int | None:
    """Return the descriptor that holds the lock of a file until it is closed; None where another process holds it."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(file)
        if exc.errno in (errno.EAGAIN, errno.EACCES):
            return None
        raise
    return file


def _take(file: int, path: Path, what: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(file, _LARGEST_BYTES, 0).decode("ascii", errors="replace").strip() or "unknown"
        raise ConfigurationError(
            f"{path}: `thuocdo {what}` with pid {owner} measures into this folder already; "
            f"stop it (kill {owner}), or choose another data_dir for this one"
        ) from None
    except OSError as exc:  # a file system without locks; then nobody can tell
        log.warning(
            "this file system has no locks: make sure that one process alone measures into the folder", cause=str(exc)
        )
        return
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
