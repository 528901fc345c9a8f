"""Zip files that are the same to the last byte wherever and whenever they are written."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first instant that a zip file knows."""

_LEVEL = 6
_READABLE = 0o644 << 16
_PIECE = 1 << 20


def with_fixed_times(content: bytes) -> bytes:
    """Return a zip file (such as a DOCX) with the same files in the same order, all of one fixed time."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(_entry(name), source.read(name), compresslevel=_LEVEL)
    return out.getvalue()


def zip_folder(folder: Path, paths: Iterable[str], into: Path) -> None:
    """
    Write files of a folder into a zip file, in the order of their names.

    Args:
        folder: where they are.
        paths: below it.
        into: the zip file, which is made or replaced.

    Raises:
        OSError: something cannot be read or written.
    """
    with zipfile.ZipFile(into, "w") as target:
        for path in sorted(paths):
            entry = _entry(path)
            entry.file_size = (folder / path).stat().st_size
            with (folder / path).open("rb") as file, target.open(entry, "w") as written:
                while piece := file.read(_PIECE):
                    written.write(piece)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _READABLE
    entry.create_system = 3  # else it tells the machine on which it was written
    return entry
