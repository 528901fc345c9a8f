"""
What is in force of what people wrote: a copy beside the data, which was read without a mistake and is what a service works by.

Of registry, criteria, schedule and maintenance; settings, journeys and login sessions are read when a process starts.

Files are edited while a service starts, and stand half-written for a while. All its processes, one that is started again
included, read the copy; when they are told to read the files again there is a new one, or, with a mistake in any, the old one
stays. So they never work by different files, and none meets a mistake that nobody has told them of.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from thuocdo.core.bounded import read_bounded
from thuocdo.core.config import IN_FORCE, Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.portals.files import COMMUNES
from thuocdo.core.yamltext import MOST_BYTES

FOLDER = "in-force"
_CURRENT = "current"

_FOLDERS = ("registry_dir", "criteria_dir")
_FILES = ("schedule", "maintenance")

KEPT_SECONDS = 3600.0
"""A copy that is no longer in force may be read from just now, and one that is being made is not in force yet."""

_FOR_GOOD = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
"""What no waiting mends."""

MOST_TRIES = 5
"""So often files are copied that change meanwhile; whoever writes them all the time has them read as they are."""

Checked = TypeVar("Checked")


def serve_from_copy(settings: Settings) -> None:
    """Let this process and those that it starts read the copy; see `in_force`."""
    os.environ[IN_FORCE] = str(_folder(settings).absolute())


def in_force(settings: Settings) -> Settings:
    """Return settings whose files are those of the copy in force; the settings themselves where this process serves from none."""
    folder = os.environ.get(IN_FORCE)
    current = Path(folder, _CURRENT) if folder else None
    if current is None or not current.is_dir():
        return settings
    return _over(settings, current.resolve())  # of one copy, whatever comes into force meanwhile


def checked_copy(settings: Settings, check: Callable[[Settings], Checked]) -> tuple[Checked, Path]:
    """
    Copy what people wrote, and check the copy.

    Args:
        settings: name the files that people write.
        check: reads them all, by settings that name those of the copy.

    Returns:
        What the check gives, and the copy, for `put_in_force`.

    Raises:
        ConfigurationError: mistakes, by the names of the files that people write; or nothing may be written beside the data.
        StoreUnavailableError: nothing can be written there now.
    """
    copy = _folder(settings) / f"{time.time_ns()}-{uuid4().hex[:8]}"
    try:
        _copy(settings, copy)
        return check(_over(settings, copy)), copy
    except ConfigurationError as exc:
        shutil.rmtree(copy, ignore_errors=True)
        raise ConfigurationError([_by_written_names(one, settings, copy) for one in exc.problems]) from exc
    except OSError as exc:
        shutil.rmtree(copy, ignore_errors=True)
        said = f"{copy.parent}: cannot be written: {exc.strerror}; free the disk, or mend its rights"
        raise (ConfigurationError(said) if exc.errno in _FOR_GOOD else StoreUnavailableError(said)) from exc


def put_in_force(settings: Settings, copy: Path) -> None:
    """
    Let a copy be what is read from now on, in one step; older ones go.

    Raises:
        StoreUnavailableError: nothing can be written beside the data.
    """
    folder = _folder(settings)
    link = folder / f"{copy.name}.link"
    try:
        link.symlink_to(copy.name)
        link.replace(folder / _CURRENT)
    except OSError as exc:
        raise StoreUnavailableError(f"{folder}: cannot be written: {exc.strerror}; everything stays as it was") from exc
    for old in folder.iterdir():
        with suppress(OSError):
            if old.name not in (_CURRENT, copy.name) and time.time() - old.lstat().st_mtime > KEPT_SECONDS:
                old.unlink() if old.is_symlink() else shutil.rmtree(old)


def renewed(settings: Settings, check: Callable[[Settings], Checked]) -> Checked:
    """Copy what people wrote, and let it be in force; returns and raises as `checked_copy`, and then nothing has changed."""
    result, copy = checked_copy(settings, check)
    put_in_force(settings, copy)
    return result


def _folder(settings: Settings) -> Path:
    return settings.data_dir / FOLDER


def _places(copy: Path) -> Mapping[str, Path]:
    """Return where each setting's files lie in a copy."""
    return {name: copy / name for name in _FOLDERS} | {name: copy / f"{name}.yaml" for name in _FILES}


def _over(settings: Settings, copy: Path) -> Settings:
    return settings.model_copy(update=dict(_places(copy)))


def _by_written_names(problem: str, settings: Settings, copy: Path) -> str:
    for name, place in _places(copy).items():
        problem = problem.replace(str(place), str(getattr(settings, name)))
    return problem


def _copy(settings: Settings, copy: Path) -> None:
    """Copy all files as they stood at one instant; raises OSError where nothing can be written."""
    for _ in range(MOST_TRIES):
        before = _signs(settings)
        shutil.rmtree(copy, ignore_errors=True)
        for name in _FOLDERS:  # also where nothing lies in one
            _places(copy)[name].mkdir(parents=True)
        for file, place in _files(settings, copy):
            place.parent.mkdir(exist_ok=True)
            _copy_file(file, place)
        if _signs(settings) == before:
            return


def _copy_file(file: Path, place: Path) -> None:
    try:
        content = read_bounded(file, MOST_BYTES)
    except OSError:
        place.symlink_to(
            file.absolute()
        )  # whoever checks the copy says what is wrong with it, beside all other mistakes
    else:
        place.write_bytes(content)


def _files(settings: Settings, copy: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each file with its place in a copy."""
    places = _places(copy)
    for name in _FOLDERS:
        folder: Path = getattr(settings, name)
        below = folder / COMMUNES if name == "registry_dir" else None
        for file in (*sorted(folder.glob("*.yaml")), *(sorted(below.glob("*.yaml")) if below else ())):
            yield file, places[name] / file.relative_to(folder)
    yield from ((getattr(settings, name), places[name]) for name in _FILES)


def _signs(settings: Settings) -> Sequence[tuple[Path, int, int, int]]:
    """Return what tells changed files from unchanged ones, without a look into them."""
    found = []
    for file, _ in _files(settings, Path()):
        with suppress(OSError):  # gone, or never there: whoever reads it says so
            state = file.stat()
            found.append((file, state.st_ino, state.st_size, state.st_mtime_ns))
    return found
