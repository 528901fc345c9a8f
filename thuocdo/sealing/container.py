"""
The package as a folder and as one zip: the same content gives the same zip, and what is opened may be a stranger's work.

Whatever is opened has bounds: how many files, how long their names, how much they hold, how much they may have been compressed; a
name leads nowhere but into the package, and stands once.
"""

import os
import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from thuocdo.core.errors import ConfigurationError, SealedPackageError
from thuocdo.sealing.manifest import NAME
from thuocdo.store.failures import of_file

MOST_FILES = 200_000
MOST_DEEP = 8
MOST_NAME_BYTES = 240
MOST_RATIO = 200
"""Bytes of a zip's files for each of its own: records come to 20, what is made to burst to 1,000."""

SMALL_BYTES = 10_000_000
"""So much may be compressed as well as it likes."""

SPARE_BYTES = 100_000_000
"""Left free on the disk that a zip is opened on."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
_BLOCK = 1 << 20


def zipped(folder: Path, file: Path) -> None:
    """
    Write a package into one zip; the same files give the same bytes. It appears whole or not at all.

    Args:
        folder: of the package; its name is the one folder in the zip.
        file: the zip, which must not be there.

    Raises:
        ConfigurationError: the file is there.
        StoreError: the disk does not take it; nothing is left.
    """
    if file.exists():
        raise ConfigurationError(f"{file}: is there already; choose another name, or take it away")
    fresh = file.with_name(f".{file.name}.unfinished-{os.getpid()}")
    try:
        with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as packed:
            for name in sorted(files_of(folder)):
                _pack(packed, folder / name, f"{folder.name}/{name}")
        with fresh.open("rb") as whole:
            os.fsync(whole.fileno())
        os.link(fresh, file)
    except FileExistsError as exc:
        raise ConfigurationError(f"{file}: is there already; choose another name, or take it away") from exc
    except OSError as exc:
        raise of_file(exc, file, "the package cannot be zipped") from exc
    finally:
        fresh.unlink(missing_ok=True)


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """
    Give the folder of a package; that of a zip is gone when the block ends.

    Raises:
        ConfigurationError: there is no such file or folder.
        SealedPackageError: it is no package, or one that was made to do harm.
        StoreError: the disk has no room to open it.
    """
    if path.is_dir():
        yield path
        return
    if not path.is_file():
        raise ConfigurationError(f"{path}: there is no such package; give a folder or a zip")
    with TemporaryDirectory(prefix="thuocdo-package-") as workplace:
        _unpack(path, Path(workplace))
        yield _inner(Path(workplace))


def files_of(folder: Path) -> Iterator[str]:
    """
    Yield the paths of a package's files within it.

    Raises:
        SealedPackageError: something is in it that no package holds.
    """
    number = 0
    waiting = [folder]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            name = Path(entry.path).relative_to(folder).as_posix()
            if entry.is_dir(follow_symlinks=False):
                _refuse_name(name)
                waiting.append(Path(entry.path))
                continue
            if not entry.is_file(follow_symlinks=False):
                raise SealedPackageError(
                    f"'{name}' is a link or a device, which no package holds: it could lead anywhere"
                )
            _refuse_name(name)
            number += 1
            _refuse_many(number)
            yield name


def _inner(folder: Path) -> Path:
    """Return where the manifest lies: in the folder itself, or in the one folder in it, as a zip of a folder has it."""
    if not (folder / NAME).exists():
        inside = list(folder.iterdir())
        if len(inside) == 1 and (inside[0] / NAME).is_file():
            return inside[0]
    return folder


def _pack(packed: zipfile.ZipFile, file: Path, name: str) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.file_size = file.stat().st_size
    info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - how zipfile itself hands it on
    with file.open("rb") as content, packed.open(info, "w") as out:
        shutil.copyfileobj(content, out, _BLOCK)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = [one for one in packed.infolist() if not one.is_dir()]
            _refuse_entries(entries, path, folder)
            for entry in entries:
                target = folder / entry.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(entry) as content, target.open("xb") as out:
                    shutil.copyfileobj(content, out, _BLOCK)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as exc:
        raise SealedPackageError(
            f"it is no zip, or one that was cut short or changed on the way ({exc}); get it anew"
        ) from exc
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as exc:
        raise SealedPackageError(
            "two of its names stand for one file, so that one could hide the other; trust neither"
        ) from exc
    except OSError as exc:
        raise of_file(exc, folder, "the package cannot be opened") from exc


def _refuse_entries(entries: list[zipfile.ZipInfo], path: Path, folder: Path) -> None:
    """Refuse what a zip holds before anything of it is written."""
    _refuse_many(len(entries))
    names: set[str] = set()
    for entry in entries:
        _refuse_name(entry.filename)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise SealedPackageError(
                f"'{entry.filename}' is a link or a device, which no package holds: it could lead anywhere"
            )
        if entry.flag_bits & 0x1:
            raise SealedPackageError(f"'{entry.filename}' is encrypted, so that not everybody can check it")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SealedPackageError(f"'{entry.filename}' is compressed in a way that no package is")
        folded = unicodedata.normalize("NFC", entry.filename).casefold()
        if folded in names:
            raise SealedPackageError(
                f"'{entry.filename}' stands in it twice, so that one could hide the other; trust neither"
            )
        names.add(folded)
    size_bytes, own_bytes = sum(entry.file_size for entry in entries), path.stat().st_size
    if size_bytes > SMALL_BYTES and size_bytes > MOST_RATIO * own_bytes:
        raise SealedPackageError(
            f"its {own_bytes} bytes would become {size_bytes}: it was made to fill a disk, and was not opened"
        )
    if size_bytes + SPARE_BYTES > shutil.disk_usage(folder).free:
        raise ConfigurationError(
            f"{folder}: no room for the {size_bytes} bytes of the package; free space, or set TMPDIR to a larger disk"
        )


def _refuse_many(number: int) -> None:
    if number > MOST_FILES:
        raise SealedPackageError(f"it holds more than {MOST_FILES} files, which no package does")


def _refuse_name(name: str) -> None:
    """Refuse a name that leads out of the package, or that not every system could hold."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or "\\" in name or ":" in name or any(part in ("..", ".") for part in parts):
        raise SealedPackageError(f"'{shown(name)}' leads out of the package: it was made to write where it should not")
    if (
        not parts
        or "/".join(parts) != name
        or len(parts) > MOST_DEEP
        or len(name.encode(errors="replace")) > MOST_NAME_BYTES
        or not name.isprintable()
    ):
        raise SealedPackageError(
            f"'{shown(name)}' is no name of a package's file: too long, too deep, or not plain text"
        )


def shown(name: str) -> str:
    """Return a name as a terminal may show it, not longer than a line."""
    plain = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
    return plain if len(plain) <= 80 else f"{plain[:77]}…"
