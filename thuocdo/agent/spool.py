"""
Measurements that the store does not take just now, in files that outlive the process.

Each process appends to a file of its own and holds its lock; a file whose lock is free belonged to a process that has died, and
the next one delivers what it holds. Delivering twice changes nothing.
"""

import fcntl
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from thuocdo.agent.folder_lock import try_lock
from thuocdo.model import Measurement
from thuocdo.wire import measurement_from_json, measurement_to_json

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
        self._path = folder / f"{name}-{os.getpid()}.jsonl"
        self._file: int | None = None
        self._taken_over: list[tuple[Path, int]] = []

    def take_over(self) -> list[Measurement]:
        """Return what processes that have died left behind; their files go with the next `clear`."""
        found: list[Measurement] = []
        for path in sorted(self._folder.glob(f"{self._name}-*.jsonl")):
            if not path.is_file():
                continue
            try:
                file = try_lock(path)
                lines = path.read_bytes().splitlines() if file is not None else ()
            except OSError as exc:
                log.warning("measurements that were left behind cannot be read", cause=f"{path}: {exc.strerror}")
                continue
            if file is not None:
                self._taken_over.append((path, file))
                found += _measurements(lines, path)
        return found

    def keep(self, measurements: Iterable[Measurement]) -> None:
        """
        Append measurements; what was appended is there even if this process is killed.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
        """
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lines = "".join(f"{measurement_to_json(measurement)}\n" for measurement in measurements).encode()
        while lines:
            lines = lines[os.write(self._file, lines) :]

    def clear(self) -> None:
        """Remove all files of ours: everything in them is stored."""
        for path, _ in self._taken_over:
            path.unlink(missing_ok=True)
        if self._file is not None:
            self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Leave the files to the next process."""
        for _, file in self._taken_over:
            os.close(file)
        self._taken_over.clear()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _measurements(lines: Sequence[bytes], path: Path) -> list[Measurement]:
    found, bad = [], 0
    for line in lines:
        try:
            found.append(measurement_from_json(line))
        except ValueError:  # cut short by a kill or a full disk
            bad += 1
    if bad:
        log.warning("some measurements that were left behind cannot be read", file=str(path), lines=bad)
    return found
