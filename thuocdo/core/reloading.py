"""
That what people wrote is to be read again: told to all processes of a machine by a small file beside the data.

Nobody reads the files of registry, schedule, maintenance and criteria because they changed: whoever edits them says when they are
ready. Who is told so (the pages, a signal, `thuocdo reload`) reads all of them first. With a mistake in any, everything stays as
it was for everybody, and the mistake is what is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import TypeAdapter

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.writing import write_whole

LOOKED_AT_SECONDS = 2.0
"""How often a process looks whether it was told."""

_LARGEST_BYTES = 256 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """That the files were read. problems: mistakes in them, one line each; with any, what was in force stays so."""

    at: datetime
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A mistake in a file. file, suggestion: empty where it names none. line: None where it names none. text: the whole of it."""

    file: str = ""
    line: int | None = None
    suggestion: str = ""
    text: str


_PLACE = re.compile(r"^(?P<file>[^:\n]+\.ya?ml)(?::(?P<line>\d+))?:")
_SUGGESTION = re.compile(r"did you mean '([^']+)'")


def mistake_of(problem: str) -> Mistake:
    """Return what a problem says of its place, as loaders write it: file, or file:line, then what is wrong."""
    place, suggestion = _PLACE.match(problem), _SUGGESTION.search(problem)
    return Mistake(
        file=place["file"] if place else "",
        line=int(place["line"]) if place and place["line"] else None,
        suggestion=suggestion[1] if suggestion else "",
        text=" ".join(problem.split()),
    )


_RELOAD = TypeAdapter(Reload)


def tell_reload(data_dir: Path, at: datetime, problems: Sequence[str] = ()) -> None:
    """
    Tell all processes over a data folder.

    Raises:
        StoreUnavailableError: the file cannot be written.
    """
    path = _path(data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        write_whole(path, _RELOAD.dump_json(Reload(at=at, problems=tuple(problems))))
    except OSError as exc:
        raise StoreUnavailableError(
            f"{path}: cannot be written, so nobody reads the files again: {exc.strerror}"
        ) from exc


class ReloadWatch:
    """
    What a process that began at some time has not been told yet.

    Args:
        data_dir: of the settings.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = _path(data_dir)
        self._mark = self._look()

    def news(self) -> Reload | None:
        """Return the newest that was told since the last time; None = nothing was."""
        mark = self._look()
        if mark == self._mark:
            return None
        self._mark = mark
        return self.last()

    def last(self) -> Reload | None:
        """Return what was told last, whoever has heard it; None = nothing was, or it cannot be read."""
        try:
            with self._path.open("rb") as file:
                return _RELOAD.validate_json(file.read(_LARGEST_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as exc:
            log.warning(
                "that files are to be read again cannot be read; tell it again", file=str(self._path), cause=str(exc)
            )
            return None

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def _path(data_dir: Path) -> Path:
    return data_dir / "reload.json"
