"""
Measurements and counts of missed starts that the store does not take just now, in files that outlive the process.

Each process appends to a file of its own and holds its lock; a file whose lock is free belonged to a process that has died, and
the next one delivers what it holds, piece by piece: there may be more of it than memory holds. Delivering twice changes nothing.
"""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

import structlog

from thuocdo.agent.folder_lock import NO_LOCKS, try_lock
from thuocdo.core.model import Measurement, MissedStarts
from thuocdo.core.wire import record_from_json, record_to_json

MOST_AT_ONCE = 1_000
"""Measurements that are handed out at a time."""

MOST_BYTES_AT_ONCE = 16 * 1024 * 1024
LONGEST_LINE_BYTES = 4 * 1024 * 1024

MOST_FILES = 32
"""Files that are open at a time: each process that died may have left one."""

REFUSED = ".refused"
"""Suffix of files with what cannot be read, or what the store takes in no way: kept for people, never delivered again."""

Record = Measurement | MissedStarts
"""What an agent hands over; of both, delivering twice changes nothing."""

log = structlog.get_logger(__name__)


class Spool:
    """
    The spool of one process.

    Args:
        folder: where the files stand; made when it is first needed.
        name: of the agent; only files of its name are taken over.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._path = self._new_path()
        self._file: int | None = None
        self._left: list[_Left] = []
        self._passed_by: set[Path] = set()

    @property
    def has_more(self) -> bool:
        """Whether there may be something that `take_over` has not handed out yet."""
        return any(not left.is_read for left in self._left) or bool(self._found(1))

    def take_over(self) -> list[Record]:
        """Return the next of what processes that have died left behind; a file goes with the `clear` after its last one."""
        self._lock_some()
        found: list[Record] = []
        bytes_left = MOST_BYTES_AT_ONCE
        for left in self._left:
            while not left.is_read and len(found) < MOST_AT_ONCE and bytes_left > 0:
                line = left.line()
                bytes_left -= len(line)
                record = left.record(line)
                if record is not None:
                    found.append(record)
        return found

    def keep(self, records: Iterable[Record]) -> None:
        """
        Append records; what was appended is there even if this process is killed.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
        """
        if self._file is None:
            self._file = self._opened(self._path)
        _append(self._file, records)

    def turn_over(self) -> None:
        """Let everything that was kept and handed out so far be handed out again: whoever had it keeps it no longer."""
        if self._file is not None:
            self._left.append(_Left(self._path, self._file))
            self._file, self._path = None, self._new_path()
        for left in self._left:
            left.rewind()

    def put_aside(self, records: Iterable[Record]) -> Path:
        """
        Keep for people what the store takes in no way, and return the file.

        Raises:
            OSError: as of `keep`.
        """
        path = self._path.with_suffix(REFUSED)
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _append(file, records)
        finally:
            os.close(file)
        return path

    def clear(self) -> None:
        """Remove our own file and those that were handed out to their end: everything in them is stored."""
        for left in [left for left in self._left if left.is_read]:
            left.leave()
            self._left.remove(left)
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def close(self) -> None:
        """Leave the files to the next process."""
        for left in self._left:
            left.close()
        self._left.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _new_path(self) -> Path:
        # Not the pid alone: in a container the next process has the same, and would meet its predecessor's file.
        return self._folder / f"{self._name}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"

    def _opened(self, path: Path) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            if exc.errno not in NO_LOCKS:
                os.close(file)
                raise
        return file

    def _found(self, most: int) -> list[Path]:
        """Return files that nobody was found to hold, and that were not taken over yet."""
        known = {self._path, *self._passed_by, *(left.path for left in self._left)}
        found = (path for path in self._folder.glob(f"{self._name}-*.jsonl") if path not in known and _is_file(path))
        return [path for path, _ in zip(found, range(most), strict=False)]

    def _lock_some(self) -> None:
        while len(self._left) < MOST_FILES:
            found = sorted(self._found(MOST_FILES - len(self._left)))
            for path in found:
                try:
                    file = try_lock(path)
                except OSError as exc:
                    log.warning("measurements that were left behind cannot be read", cause=f"{path}: {exc.strerror}")
                    file = None
                if file is None:
                    self._passed_by.add(path)
                else:
                    self._left.append(_Left(path, file))
            if not found:
                return


class _Left:
    """
    A file to hand out; its lock is ours.

    file: descriptor that holds the lock.
    """

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self.is_read = False
        self._bad = 0
        self._reader = os.fdopen(file, "rb")

    def rewind(self) -> None:
        """Begin anew."""
        self._reader.seek(0)
        self.is_read, self._bad = False, 0

    def line(self) -> bytes:
        """Return the next line, or a piece of one that is far too long; empty at the end."""
        try:
            line = self._reader.readline(LONGEST_LINE_BYTES)
        except OSError as exc:
            log.warning("measurements that were left behind cannot be read", cause=f"{self.path}: {exc.strerror}")
            line, self._bad = b"", self._bad + 1
        self.is_read = not line
        if self.is_read and self._bad:
            log.warning(
                "some measurements that were left behind cannot be read; their file is kept for you to look at",
                file=str(self.path.with_suffix(REFUSED)),
                lines=self._bad,
            )
        return line

    def record(self, line: bytes) -> Record | None:
        """Return what a line holds; None for nothing."""
        try:
            return record_from_json(line) if line else None
        except (ValueError, RecursionError):
            # Cut short by a kill or a full disk where it has no end; else of another version, or spoilt.
            self._bad += line.endswith(b"\n") or len(line) == LONGEST_LINE_BYTES
            return None

    def leave(self) -> None:
        """Remove the file, or put it aside where some of it could not be read; then give it back."""
        try:
            if self._bad:
                self.path.replace(self.path.with_suffix(REFUSED))
            else:
                self.path.unlink(missing_ok=True)
        except OSError as exc:
            log.warning(
                "what was delivered cannot be removed; it is delivered again", cause=f"{self.path}: {exc.strerror}"
            )
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._reader.close()


def _append(file: int, records: Iterable[Record]) -> None:
    lines = "".join(f"{record_to_json(record)}\n" for record in records).encode()
    while lines:
        lines = lines[os.write(file, lines) :]


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
