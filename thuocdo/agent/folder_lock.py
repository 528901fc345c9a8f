"""One owner per data folder: two that measure into one would ask every portal twice as often."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from thuocdo.core.errors import ConfigurationError
from thuocdo.store.failures import of_file

NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})
"""What a file system without locks answers."""

_LARGEST_BYTES = 512
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC  # a link could have any file of this user emptied

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
        file = os.open(path, _FLAGS, 0o644)
    except OSError as exc:
        raise of_file(exc, path, "cannot be opened") from exc
    try:
        _take(file, path, what)
        yield
    finally:
        os.close(file)


def try_lock(path: Path) -> int | None:
    """
    Return the descriptor that holds the lock of a file until it is closed; None where another process holds it.

    On a file system without locks nobody can tell: then nobody holds it. Raises OSError.
    """
    file = os.open(path, _FLAGS, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        if exc.errno in NO_LOCKS:
            return file
        os.close(file)
        if exc.errno in (errno.EAGAIN, errno.EACCES):
            return None
        raise
    return file


def _take(file: int, path: Path, what: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigurationError(f"{path}: {_told(file, what)}, or choose another data_dir for this one") from None
    except OSError as exc:  # a file system without locks; then nobody can tell
        log.warning(
            "this file system has no locks: make sure that one process alone measures into the folder", cause=str(exc)
        )
        return
    try:
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n{socket.gethostname()}\n".encode("utf-8", errors="replace"), 0)
    except OSError as exc:  # the disk is full; the lock is ours all the same
        log.warning("who owns the data folder cannot be noted", cause=f"{path}: {exc.strerror}")


def _told(file: int, what: str) -> str:
    """Return who holds the lock and how to end it; a pid of another machine or container names nobody here."""
    words = [
        word
        for word in os.pread(file, _LARGEST_BYTES, 0).decode("ascii", errors="replace").split()
        if word.isprintable()
    ]
    pid, host = (*words, "unknown", "")[0], (*words, "", "")[1]
    if host and host != socket.gethostname():
        return f"`thuocdo {what}` with pid {pid} on host {host} measures into this folder already; stop it there"
    return f"`thuocdo {what}` with pid {pid} measures into this folder already; stop it (kill {pid})"
