"""
What is in force of what people wrote: a copy beside the data, which was read without a mistake and is what a service works by.

Of registry, criteria, schedule and maintenance; settings, journeys and login sessions are read when a process starts.

Files are edited while a service starts, and stand half-written for a while. All its processes, one that is started again
included, read the copy; when they are told to read the files again there is a new one, or, with a mistake in any, the old one
stays. So they never work by different files, and none meets a mistake that nobody has told them of. A service that is begun reads
the files; where it cannot take them up it goes on by the copy that is there.
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
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreUnavailableError
from thuocdo.core.portals.files import COMMUNES
from thuocdo.core.yamltext import MOST_BYTES

IN_FORCE = "THUOCDO_IN_FORCE"
"""Folder of the copies by which a service works; set by `thuocdo run` for itself and the processes it starts."""

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
    """Let this process and those that it starts read the copy; see `settings_in_force`."""
    os.environ[IN_FORCE] = str(_folder(settings).absolute())


def settings_in_force(settings: Settings) -> Settings:
    """Return settings whose files are those of the copy in force; the settings themselves where this process serves from none."""
    folder = os.environ.get(IN_FORCE)
    return (_by_copy_in(Path(folder), settings) if folder else None) or settings


def settings_left_in_force(settings: Settings) -> Settings | None:
    """Return settings whose files are those that a service over this data folder works by, or worked by last; None = none did."""
    return _by_copy_in(_folder(settings), settings)


def differing_files(settings: Settings, copy: Settings) -> tuple[Path, ...]:
    """Return what was changed, made or taken away since a copy was made, by the names that people gave it."""
    written, copied = ({place: file for file, place in _files(each, Path())} for each in (settings, copy))
    return tuple(
        written.get(place) or Path(getattr(settings, place.parts[0]), *place.parts[1:])
        for place in sorted(written.keys() | copied.keys())
        if _content(written.get(place)) != _content(copied.get(place))
    )


def renewed(settings: Settings, check: Callable[[Settings], Checked]) -> Checked:
    """
    Copy what people wrote, check the copy, and let it be what is read from now on, in one step; older ones go.

    Args:
        settings: name the files that people write.
        check: reads them all, by settings that name those of the copy.

    Returns:
        What the check gives.

    Raises:
        ConfigurationError: mistakes, by the names of the files that people write; or nothing may be written beside the data.
        StoreUnavailableError: nothing can be written there now.

    Whatever is raised, everything is as it was, and no copy is left.
    """
    folder = _folder(settings)
    copy = folder / f"{time.time_ns()}-{uuid4().hex[:8]}"
    try:
        result = _checked(settings, copy, check)
        superseded = "" if _is_in_force(settings, copy) else _put_in_force(folder, copy)
    except BaseException as exc:
        if _current(folder) != copy.name:
            shutil.rmtree(copy, ignore_errors=True)
        if isinstance(exc, ConfigurationError):
            raise ConfigurationError([_by_written_names(one, settings, copy) for one in exc.problems]) from exc
        if isinstance(exc, OSError):
            said = f"{folder}: cannot be written: {exc.strerror}; free the disk, or mend its rights"
            raise (ConfigurationError(said) if exc.errno in _FOR_GOOD else StoreUnavailableError(said)) from exc
        raise
    _let_go(folder, superseded)
    return result


def _is_in_force(settings: Settings, copy: Path) -> bool:
    """Tell whether what is in force says the same; then a copy is one too many, and goes."""
    left = settings_left_in_force(settings)
    if left is None or differing_files(_over(settings, copy), left):
        return False
    shutil.rmtree(copy, ignore_errors=True)
    return True


def _checked(settings: Settings, copy: Path, check: Callable[[Settings], Checked]) -> Checked:
    """Fill a copy, and return what its check gives."""
    unread: Sequence[Path] = ()
    for _ in range(MOST_TRIES):
        _copy(settings, copy)
        result = check(_over(settings, copy))
        # It could be read when it was checked; a copy that leads to what people write is none.
        unread = [place for place in copy.rglob("*") if place.is_symlink()]
        if not unread:
            return result
    raise ConfigurationError(
        [f"{place}: can be read at one time and not at another; look at its disk" for place in unread]
    )


def _put_in_force(folder: Path, copy: Path) -> str:
    """Return the name of the copy that was in force before, empty where none was."""
    superseded, link = _current(folder), folder / f"{copy.name}.link"
    if superseded:
        with suppress(OSError):  # it may be read from just now: its time counts from here
            os.utime(folder / superseded)
    try:
        link.symlink_to(copy.name)
        link.replace(folder / _CURRENT)
    except OSError:
        link.unlink(missing_ok=True)
        raise
    return superseded


def _let_go(folder: Path, superseded: str) -> None:
    """Remove copies that nobody reads any more."""
    needed = (_CURRENT, _current(folder), superseded)
    for old in folder.glob("*"):  # unlike iterdir it finds nothing where the folder is gone
        with suppress(OSError):
            if old.name not in needed and time.time() - old.lstat().st_mtime > KEPT_SECONDS:
                old.unlink() if old.is_symlink() else shutil.rmtree(old)


def _current(folder: Path) -> str:
    try:
        return (folder / _CURRENT).readlink().name
    except OSError:
        return ""


def _by_copy_in(folder: Path, settings: Settings) -> Settings | None:
    current = folder / _CURRENT
    # Of one copy, whatever comes into force meanwhile.
    return _over(settings, current.resolve()) if current.is_dir() else None


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


def _content(file: Path | None) -> bytes | None:
    """Return what a file says; None = nothing that could be read."""
    try:
        return read_bounded(file, MOST_BYTES) if file else None
    except OSError:
        return None


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
        # Whoever checks the copy says what is wrong with it, beside all other mistakes.
        place.symlink_to(file.absolute())
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
