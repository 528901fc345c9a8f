"""How often each process of a machine was started again: counted by whoever starts them, told by the web process."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import structlog

from thuocdo.core.bounded import read_bounded
from thuocdo.core.writing import write_whole

MOST_BYTES = 64 * 1024

log = structlog.get_logger(__name__)


class Restarts:
    """
    Counts restarts in a file of the data folder, from zero; a count that cannot be written is lost, and nothing else.

    Args:
        data_dir: there already.
        names: of the processes.
    """

    def __init__(self, data_dir: Path, names: Iterable[str]) -> None:
        self._path = _path(data_dir)
        self._counts = dict.fromkeys(names, 0)
        self._write()

    def add(self, name: str) -> None:
        """Count one more of a process."""
        self._counts[name] = self._counts.get(name, 0) + 1
        self._write()

    def forget(self) -> None:
        """Take the file away: nobody counts any more."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        try:
            write_whole(self._path, json.dumps(self._counts).encode())
        except OSError as exc:
            log.warning("restarts cannot be counted; nothing else suffers", cause=str(exc))


def restarts_in(data_dir: Path) -> Mapping[str, int]:
    """Return how often each process was started again since somebody began to count; empty where nobody does."""
    try:
        told = json.loads(read_bounded(_path(data_dir), MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {name: number for name, number in told.items() if isinstance(number, int)}


def _path(data_dir: Path) -> Path:
    return data_dir / "restarts.json"
