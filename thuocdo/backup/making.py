"""Makes a backup while the service runs."""

import errno
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from thuocdo.backup.manifest import FORMAT, NAME, Manifest, PackedFile
from thuocdo.backup.package import GZIP, ZSTD, Hashing, ending_of, has_zstd, writing
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.in_force import settings_left_in_force
from thuocdo.core.version import __version__
from thuocdo.sealing.daily import keys_folder
from thuocdo.store.copies import NAMES, Copies
from thuocdo.store.failures import of_file

STORE = "store"
IDENTITY, SESSIONS, EVIDENCE, SEALED, KEYS = "identity", "sessions", "evidence", "sealed", "keys"
"""Folders of a backup, and of the data folder; the last: packages of sealed rounds, and keys by which this machine signs."""

FILES = "files"
"""Folder of a backup: registry, criteria, journeys, issuing bodies, schedule, maintenance and calendar, as they are in force."""

_PREFIX = "thuocdo-"
_UNFINISHED = ".unfinished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made. gone: older ones that made room for it."""

    file: Path
    size_bytes: int
    manifest: Manifest
    gone: tuple[Path, ...] = ()


def back_up(
    settings: Settings,
    target: Path,
    now: datetime,
    *,
    sessions: bool = False,
    evidence: bool = False,
    keys: bool = False,
    keep: int = 0,
) -> Made:
    """
    Make a backup; it appears under its name whole or not at all.

    Args:
        settings: of the installation.
        target: the file, which must not be there; or a folder, in which it gets a name of its own.
        now: when this is.
        sessions: login sessions, too: whoever has the file can use them.
        evidence: the files of evidence, too.
        keys: those by which this machine signs checkpoints, too: whoever has the file can sign with them.
        keep: in a folder, so many of the newest stay and older ones go; 0 = all stay.

    Raises:
        ConfigurationError: the file is there, its name is none, or the folder is missing.
        StoreError: store or disk do not do it; nothing is left of the attempt.
    """
    if keep and not target.is_dir():
        raise ConfigurationError(
            f"--keep: {target} is no folder; give one that exists, in which backups get names of their own"
        )
    file = target / f"{_PREFIX}{now:%Y-%m-%dT%H%M%SZ}{ZSTD if has_zstd() else GZIP}" if target.is_dir() else target
    ending = ending_of(file)
    if file.exists():
        raise ConfigurationError(f"{file}: is there already; choose another name, or take it away")
    if not file.parent.is_dir():
        raise ConfigurationError(f"{file.parent}: there is no such folder; make it first")
    workplace = file.with_name(f".{file.name}{_UNFINISHED}-{os.getpid()}")
    try:
        _clear(file)
        workplace.mkdir(mode=0o700)
        manifest = _write(settings, workplace, ending, now, sessions=sessions, evidence=evidence, keys=keys)
        _appear(workplace / "backup", file)
        sync(file.parent)
    except FileExistsError as exc:
        raise ConfigurationError(f"{file}: is there already; choose another name, or take it away") from exc
    except OSError as exc:
        raise of_file(exc, file, "the backup cannot be written") from exc
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    gone = tuple(_too_old(file.parent, keep)) if keep else ()
    return Made(file=file, size_bytes=file.stat().st_size, manifest=manifest, gone=gone)


def files_in_force(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield what people wrote and this installation goes by: its name below `files`, and where it lies."""
    there = settings_left_in_force(settings) or settings
    folders = {
        "registry": there.registry_dir,
        "criteria": there.criteria_dir,
        "journeys": there.journeys_dir,
        "issuing": settings.issuing_dir,
        "goals": settings.goals_dir,
    }
    for name, folder in folders.items():
        for file in sorted(folder.rglob("*.yaml")):
            yield f"{name}/{file.relative_to(folder).as_posix()}", file
    yield f"schedule/{settings.schedule.name}", there.schedule
    yield f"maintenance/{settings.maintenance.name}", there.maintenance
    yield f"calendar/{settings.calendar.name}", settings.calendar


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _appear(made: Path, file: Path) -> None:
    """Give a whole file its name; raises FileExistsError where somebody made one of this name meanwhile."""
    try:
        os.link(made, file)
    except OSError as exc:
        if exc.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        made.rename(file)  # a disk that knows no second name, as memory sticks do


def _write(
    settings: Settings, workplace: Path, ending: str, now: datetime, *, sessions: bool, evidence: bool, keys: bool
) -> Manifest:
    copies = Copies(settings.store_url)
    revision = copies.revision()
    if revision is None:
        raise StoreError(f"{copies.name}: there is no store to back up; check data_dir or store_url")
    copy = workplace / NAMES[copies.engine]
    copies.copy_out(copy)
    with writing(workplace / "backup", ending) as tar:
        entries = [_add(tar, f"{STORE}/{copy.name}", copy)]
        copy.unlink()
        # After the database: what its rows name was saved before they were.
        for name, folder, is_wanted in (
            (IDENTITY, settings.data_dir / IDENTITY, True),
            (KEYS, keys_folder(settings.data_dir), keys),
            (SEALED, settings.sealed_dir, True),
            (SESSIONS, settings.sessions_dir, sessions),
            (EVIDENCE, settings.evidence_dir, evidence),
        ):
            for path in _files_of(folder) if is_wanted else ():
                with suppress(FileNotFoundError):  # it has just been let go, or answered
                    entries.append(_add(tar, f"{name}/{path.relative_to(folder).as_posix()}", path))
        entries += [_add(tar, f"{FILES}/{name}", path) for name, path in files_in_force(settings)]
        manifest = Manifest(
            format=FORMAT,
            version=__version__,
            engine=copies.engine,
            schema_revision=revision,
            made_at=now,
            sessions=sessions,
            evidence=evidence,
            files=tuple(entries),
        )
        content = manifest.to_json()
        tar.addfile(_info(NAME, len(content), now.timestamp()), io.BytesIO(content))
    return manifest


def _add(tar: tarfile.TarFile, name: str, path: Path) -> PackedFile:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        reader = Hashing(file)
        tar.addfile(_info(name, found.st_size, found.st_mtime), reader)
    return PackedFile(path=name, size_bytes=reader.size_bytes, sha256=reader.sha256)


def _info(name: str, size_bytes: int, changed: float) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size_bytes, int(changed), 0o600
    return info


def _files_of(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, but not what somebody is just writing."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path


def _clear(file: Path) -> None:
    """Remove what attempts left that were killed."""
    for left in file.parent.glob(f".*{_UNFINISHED}-*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _too_old(folder: Path, keep: int) -> Iterator[Path]:
    """Remove all but the newest backups that were named here; yield those that went."""
    named = sorted(
        (one for ending in (GZIP, ZSTD) for one in folder.glob(f"{_PREFIX}????-??-??T??????Z{ending}")), reverse=True
    )
    for old in named[keep:]:
        old.unlink(missing_ok=True)
        yield old
