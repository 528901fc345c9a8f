"""
Evidence: files in a folder, addressed by the SHA-256 of their content, kept for a time.

Several processes write here and one of them lets old files go; nobody locks anything. What makes that safe: saving content that
is there makes its file young again, a file leaves under another name first and comes back where it turns out to have become
young meanwhile, and nothing of the last hour ever goes, since its measurement may not be stored yet.
"""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from thuocdo.core.model import Evidence
from thuocdo.store.failures import of_file

YOUNG_SECONDS = 3600.0
"""Younger files stay whatever the limits say: a store that is away takes its measurements late."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOLDER = re.compile(r"[0-9a-f]{2}")
TEMPORARY = ".tmp-"
"""How the name of a file begins that is not whole yet."""
_LEDGER = "expired"
_DAY_SECONDS = 86_400.0
_GIGABYTE = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """
    What one look at the folder let go.

    files, size_bytes: that went. left_bytes: all that is still there. kept_bytes: the part of it that never goes.
    """

    files: int
    size_bytes: int
    left_bytes: int
    kept_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """That a file expired. at: when it was let go."""

    at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _File:
    """sha256: empty = what a process that died left behind. changed: nanoseconds of unix time."""

    path: str
    changed: int
    size_bytes: int
    sha256: str


class EvidenceStore:
    """
    Content-addressed files: <folder>/ab/cdef….

    A file appears whole or not at all; the same content is kept once, whoever saves it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, kind: str, content: bytes, media_type: str) -> Evidence:
        """
        Keep the content (already redacted) and return its address; content that is there becomes young again.

        Raises:
            StoreUnavailableError: the disk is full. StoreError: the folder cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            if not _renewed(self._path(sha256), len(content)):
                _write_whole(self._path(sha256), content)
        except OSError as exc:
            raise of_file(exc, self._folder, "evidence cannot be written") from exc
        return Evidence(kind=kind, sha256=sha256, media_type=media_type, size_bytes=len(content))

    def path(self, sha256: str) -> Path | None:
        """Return the file with this address; None where there is none, or where this is no address at all."""
        if not _SHA256.fullmatch(sha256):
            return None
        path = self._path(sha256)
        return path if path.is_file() else None

    def farewell(self, sha256: str) -> Tombstone | None:
        """Return when the file with this address expired last; None where none ever did."""
        if not _SHA256.fullmatch(sha256):
            return None
        try:
            lines = (self._folder / sha256[:2] / _LEDGER).read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return None
        found: list[str] = next((line.split() for line in reversed(lines) if line.startswith(sha256[2:])), [])
        try:
            _, seconds, size_bytes = found
            return Tombstone(at=datetime.fromtimestamp(int(seconds), UTC), size_bytes=int(size_bytes))
        except (ValueError, OverflowError, OSError):  # cut short, or spoilt
            return None

    def size(self, since: datetime) -> tuple[int, int]:
        """Return the bytes of all files, and of those that were saved (again) since an instant; raises StoreError."""
        try:
            files = list(_files(self._folder))
        except OSError as exc:
            raise of_file(exc, self._folder, "evidence cannot be read") from exc
        young = sum(file.size_bytes for file in files if file.changed / 1e9 >= since.timestamp())
        return sum(file.size_bytes for file in files), young

    def expire(
        self, now: datetime, *, keep_days: float, keep_gigabytes: float, keep: Collection[str] = frozenset()
    ) -> Expired:
        """
        Let go what is too old, and the oldest where all together is too much; what went is noted in a ledger.

        Args:
            now: the present instant.
            keep_days: older files go.
            keep_gigabytes: how much all files may take (10^9 bytes each); those to keep count too, but never go.
            keep: addresses (SHA-256) that never go.

        Raises:
            StoreError: the folder cannot be read or written; what went before has gone.

        """
        limit_bytes = keep_gigabytes * _GIGABYTE
        try:
            files = sorted(_files(self._folder), key=lambda file: file.changed)
            left_bytes = sum(file.size_bytes for file in files)
            kept_bytes = sum(file.size_bytes for file in files if file.sha256 in keep)
            due: list[_File] = []
            for file in files:
                age_seconds = now.timestamp() - file.changed / 1e9
                if age_seconds < YOUNG_SECONDS:
                    break
                too_old = age_seconds > keep_days * _DAY_SECONDS or not file.sha256
                if file.sha256 not in keep and (too_old or left_bytes > limit_bytes):
                    due.append(file)
                    left_bytes -= file.size_bytes
            gone = self._let_go(due, now)
        except OSError as exc:
            raise of_file(exc, self._folder, "evidence cannot expire") from exc
        came_back = sum(file.size_bytes for file in due) - sum(file.size_bytes for file in gone)
        return Expired(
            files=len(gone),
            size_bytes=sum(file.size_bytes for file in gone),
            left_bytes=left_bytes + came_back,
            kept_bytes=kept_bytes,
        )

    def _let_go(self, due: Iterable[_File], now: datetime) -> list[_File]:
        by_folder: dict[Path, list[_File]] = defaultdict(list)
        for file in due:
            by_folder[Path(file.path).parent].append(file)
        gone: list[_File] = []
        for folder, files in by_folder.items():
            # Noted before: a file that is noted and still there is there; one that is gone without a note looks lost.
            notes = (f"{file.sha256[2:]} {int(now.timestamp())} {file.size_bytes}\n" for file in files if file.sha256)
            with (folder / _LEDGER).open("a", encoding="ascii") as ledger:
                ledger.write("".join(notes))
            gone += [file for file in files if _leaves(file)]
        return gone

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256[2:]


def _files(folder: Path) -> Iterator[_File]:
    """Yield every evidence file, and what writers that died left behind."""
    with suppress(FileNotFoundError):
        for part in os.scandir(folder):
            if _FOLDER.fullmatch(part.name):
                for entry in os.scandir(part.path):
                    is_evidence = _SHA256.fullmatch(part.name + entry.name) is not None
                    if is_evidence or entry.name.startswith(TEMPORARY):
                        with suppress(FileNotFoundError):  # it went between the list and the look
                            yield _look(entry, part.name + entry.name if is_evidence else "")


def _look(entry: os.DirEntry[str], sha256: str) -> _File:
    seen = entry.stat(follow_symlinks=False)
    # A leftover counts from its last renaming: what is just leaving has the age of its content.
    changed = seen.st_mtime_ns if sha256 else max(seen.st_mtime_ns, seen.st_ctime_ns)
    return _File(entry.path, changed, seen.st_size, sha256)


def _leaves(file: _File) -> bool:
    """Remove a file unless somebody saved its content anew since it was looked at; return whether it is gone."""
    path = Path(file.path)
    try:
        if file.sha256:
            leaving = path.replace(path.with_name(f"{TEMPORARY}leaving-{path.name}"))
            # From here on nobody can renew it under its name: who saves its content now writes it anew.
            if leaving.stat().st_mtime_ns != file.changed:
                leaving.replace(path)
                return False
            path = leaving
        path.unlink()
    except FileNotFoundError:
        return False  # another process was faster
    return True


def _renewed(path: Path, size_bytes: int) -> bool:
    """Make a whole file young again; False = there is none, or a loss of power left it cut short."""
    try:
        os.utime(path)
        return path.stat().st_size == size_bytes
    except FileNotFoundError:
        return False


def _write_whole(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=TEMPORARY, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
