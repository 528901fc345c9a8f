"""
Files that make Thước Đo a service of systemd, and how they get where they belong without treading on what a person wrote.

Each begins with a line that holds the digest of the rest (a script has it second): so a file that nobody touched is known from
one that somebody changed, and a newer version may take its place.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile

from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError

SHIPPED_PROGRAM = "/opt/thuocdo/bin/thuocdo"
"""As the units in deploy/systemd name it; the program that is really there takes its place."""

SETTINGS, PORTALS, OWNERS = "etc/thuocdo/thuocdo.yaml", "etc/thuocdo/portals/own.yaml", "etc/thuocdo/owners.yaml"

COMMAND = "usr/local/bin/thuocdo"
"""`thuocdo` by hand, with settings, secrets and user of the service."""

PLACES = {
    "deploy/systemd/thuocdo.service": "etc/systemd/system/thuocdo.service",
    "deploy/systemd/thuocdo-backup.service": "etc/systemd/system/thuocdo-backup.service",
    "deploy/systemd/thuocdo-backup.timer": "etc/systemd/system/thuocdo-backup.timer",
    "deploy/systemd/sysusers.conf": "etc/sysusers.d/thuocdo.conf",
    "deploy/systemd/tmpfiles.conf": "etc/tmpfiles.d/thuocdo.conf",
    "deploy/systemd/thuocdo.sh": COMMAND,
}
"""File that ships -> where it goes, below the root."""

A_PERSONS = {
    "deploy/systemd/thuocdo.yaml": SETTINGS,
    "deploy/systemd/portals.yaml": PORTALS,
    "schedules/maintenance.yaml": "etc/thuocdo/maintenance.yaml",
    "dashboards/owners.yaml": OWNERS,
}
"""As above: written where there is none; never again, whatever is forced: from then on it is a person's."""

HIDDEN_FOLDERS = ("/home", "/root", "/run/user", "/tmp", "/var/tmp", "/dev")  # noqa: S108 - named, not used
"""What the service cannot see (ProtectHome, PrivateTmp, PrivateDevices), or what is gone after a restart."""

_MARK = "# thuocdo install-service sha256:"
_NO_PART_OF_A_COMMAND = frozenset(" \t\n\"'\\$;%")


class Fate(StrEnum):
    """What becomes of a file. left: a person's settings stay as they are."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFile:
    """One file. path: where it goes. is_a_persons: once there, it is left alone."""

    path: Path
    content: bytes
    is_a_persons: bool = False
    mode: int = 0o644


def service_files(root: Path, program: Path) -> list[ServiceFile]:
    """
    Return the files as they are to be.

    Args:
        root: below it they go.
        program: absolute path of `thuocdo` on the machine that they are for.

    Raises:
        ConfigurationError: no unit could name or see this program.
    """
    _refuse_odd_program(program)
    units = [
        ServiceFile(
            path=root / place,
            content=_marked(_shipped(name), program),
            mode=0o755 if place == COMMAND else 0o644,
        )
        for name, place in PLACES.items()
    ]
    persons = [
        ServiceFile(path=root / place, content=_shipped(name).encode(), is_a_persons=True)
        for name, place in A_PERSONS.items()
    ]
    return units + persons


def install(files: Iterable[ServiceFile], *, force: bool) -> dict[Path, Fate]:
    """
    Write files, all or none: nothing is written before all may be.

    Args:
        files: as they are to be.
        force: what a person changed may be replaced, their settings excepted.

    Raises:
        ConfigurationError: a file was changed by a person, or a folder takes none; all of them at once.
    """
    fates = {file.path: _fate(file) for file in files}
    wanted = [file for file in files if fates[file.path] is not Fate.UNCHANGED and fates[file.path] is not Fate.LEFT]
    problems = [] if force else [_changed(file.path) for file in wanted if _is_a_persons(file.path)]
    problems += sorted({problem for file in wanted if (problem := _unwritable(file.path))})
    if problems:
        raise ConfigurationError(problems)
    for file in wanted:
        _write(file)
    return {path: Fate(fate) for path, fate in fates.items()}


def _refuse_odd_program(program: Path) -> None:
    if not program.is_absolute():
        raise ConfigurationError(f"--program: {program} is no absolute path; systemd takes no other")
    if _NO_PART_OF_A_COMMAND & set(str(program)):
        raise ConfigurationError(
            f"--program: {program} holds a character that means something to systemd; install it elsewhere"
        )
    hidden = next((folder for folder in HIDDEN_FOLDERS if program.is_relative_to(folder)), None)
    if hidden:
        raise ConfigurationError(
            f"{program}: the service sees nothing below {hidden}; install thuocdo and its Python into /opt/thuocdo "
            "(python3 -m venv /opt/thuocdo), or name another program with --program"
        )


def _shipped(name: str) -> str:
    folder, _, below = name.partition("/")
    return (bundled(folder) / below).read_text(encoding="utf-8")


def _marked(text: str, program: Path) -> bytes:
    interpreter, body = _parted(text.replace(SHIPPED_PROGRAM, str(program)).encode())
    return interpreter + _mark_of(body) + body


def _parted(content: bytes) -> tuple[bytes, bytes]:
    """Return the line that must be a script's first, empty where there is none, and what follows it."""
    first, end, rest = content.partition(b"\n")
    return (first + end, rest) if first.startswith(b"#!") else (b"", content)


def _mark_of(body: bytes) -> bytes:
    return f"{_MARK}{hashlib.sha256(body).hexdigest()}\n".encode()


def _fate(file: ServiceFile) -> Fate:
    there = _content(file.path)
    if there == file.content:
        return Fate.UNCHANGED
    if file.is_a_persons and (file.path.exists() or file.path.is_symlink()):
        return Fate.LEFT
    return Fate.WRITTEN


def _is_a_persons(path: Path) -> bool:
    """Tell whether something is there that this program did not write as it is, such as the link of a masked unit."""
    if path.is_symlink():
        return True
    content = _content(path)
    if content is None:
        return path.exists()
    first, end, rest = _parted(content)[1].partition(b"\n")
    return first + end != _mark_of(rest)


def _content(path: Path) -> bytes | None:
    try:
        return None if path.is_symlink() else path.read_bytes()
    except OSError:
        return None


def _changed(path: Path) -> str:
    return f"{path}: a person changed or made it; change things by `systemctl edit` instead, or say --force, which replaces it"


def _unwritable(path: Path) -> str:
    """Say that the folder of a file takes none; empty where it does."""
    folder = next(one for one in path.parents if one.exists())
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return ""
    return f"{folder}: cannot be written; run this as root, or give --root DIR to write below another folder"


def _write(file: ServiceFile) -> None:
    folder = file.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        with NamedTemporaryFile(dir=folder, prefix=f".{file.path.name}.", delete=False) as fresh:
            try:
                fresh.write(file.content)
                fresh.flush()
                os.fchmod(fresh.fileno(), file.mode)
                os.fsync(fresh.fileno())
                Path(fresh.name).replace(file.path)
            except OSError:
                Path(fresh.name).unlink(missing_ok=True)
                raise
    except OSError as exc:
        raise ConfigurationError(
            f"{file.path}: cannot be written ({exc.strerror}); run this as root, or give --root DIR to write below another folder"
        ) from exc
