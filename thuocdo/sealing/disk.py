"""Puts the files of a package on a disk so that a loss of power leaves whole ones."""

import os
import shutil
from contextlib import suppress
from hashlib import file_digest
from pathlib import Path

UNFINISHED = ".unfinished-"
"""In the name of what is being made, before the number of the process that makes it."""


def write(file: Path, content: bytes) -> None:
    """Write a file; raises OSError."""
    with file.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def sync(folder: Path) -> None:
    """Have all files and names below a folder on the disk; raises OSError."""
    for place, _, names in os.walk(folder):
        for name in names:
            with (Path(place) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_names(Path(place))


def sync_names(folder: Path) -> None:
    """Have the names in a folder on the disk; raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def clear(folder: Path) -> None:
    """Remove what attempts left in a folder that were killed."""
    for left in folder.glob(f".*{UNFINISHED}*"):
        if not Path(f"/proc/{left.name.rpartition('-')[2]}").exists():
            with suppress(OSError):
                shutil.rmtree(left)


def digest_of_file(file: Path) -> str:
    """Return the SHA-256 of a file as hex; raises OSError."""
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()
