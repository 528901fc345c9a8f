"""The one file of a backup: a tar that is written and read from its first byte to its last, compressed by gzip or zstd."""

import gzip
import hashlib
import os
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from thuocdo.core.errors import ConfigurationError, StoreError

GZIP, ZSTD = ".tar.gz", ".tar.zst"
GZIP_LEVEL = 6
BLOCK_BYTES = 1 << 20

_DEEPEST = 40


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes; none at the end."""
        ...


class Hashing:
    """Reads from a file and keeps the digest of what was read."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self.size_bytes = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes."""
        block = self._file.read(size)
        self._sha256.update(block)
        self.size_bytes += len(block)
        return block

    @property
    def sha256(self) -> str:
        """Of all that was read so far."""
        return self._sha256.hexdigest()


def ending_of(path: Path) -> str:
    """
    Return how the name of a backup ends.

    Raises:
        ConfigurationError: the name tells no compression, or the program for it is missing.
    """
    ending = next((one for one in (GZIP, ZSTD) if path.name.endswith(one) and path.name != one), None)
    if ending is None:
        raise ConfigurationError(f"{path}: the name of a backup ends in {ZSTD} or {GZIP}; or give a folder that exists")
    if ending == ZSTD and not has_zstd():
        raise ConfigurationError(
            f"{path}: {ZSTD} needs the program zstd (Debian: apt-get install zstd); install it, or choose {GZIP}"
        )
    return ending


def has_zstd() -> bool:
    """Tell whether zstd is installed."""
    return shutil.which("zstd") is not None


@contextmanager
def writing(path: Path, ending: str) -> Iterator[tarfile.TarFile]:
    """Give a tar to write into a new file that only this user can read; it is on the disk when the block ends."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(file, "wb") as out:
        if ending == ZSTD:
            with _zstd("--compress", "-3", stdin=subprocess.PIPE, stdout=out) as process:
                assert process.stdin is not None
                with tarfile.open(fileobj=process.stdin, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                    yield tar
        else:
            with (
                gzip.GzipFile(fileobj=out, mode="wb", compresslevel=GZIP_LEVEL) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield tar
        out.flush()
        os.fsync(out.fileno())


def members(path: Path) -> Iterator[tuple[str, Readable]]:
    """
    Yield the files of a backup, each with what its bytes are read from, which is over when the next one comes.

    Raises:
        ConfigurationError: there is no such file, or no program to read it.
        StoreError: it is no backup, it was cut short, or something is in it that no backup holds.
    """
    ending = ending_of(path)
    with _told(path), path.open("rb") as file:
        if ending == ZSTD:
            with _zstd("--decompress", stdin=file, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
                    yield from _files(path, tar)
        else:
            with gzip.GzipFile(fileobj=file) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
                yield from _files(path, tar)
                packed.read()  # to its end, where gzip's own sum stands


class _Content:
    """What one file of a backup is read from."""

    def __init__(self, path: Path, content: IO[bytes]) -> None:
        self._path = path
        self._content = content

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes; raises StoreError where the backup is cut short there."""
        with _told(self._path):
            return self._content.read(size)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as exc:
        raise ConfigurationError(f"{path}: there is no such backup") from exc
    except PermissionError as exc:
        raise ConfigurationError(f"{path}: cannot be read ({exc.strerror}); run this as the user who may") from exc
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as exc:
        raise StoreError(f"{path}: is no backup, or was cut short ({exc}); use another one") from exc


def _files(path: Path, tar: tarfile.TarFile) -> Iterator[tuple[str, Readable]]:
    for member in tar:
        if not member.isreg() or not _is_plain(member.name):
            raise StoreError(f"{path}: '{member.name}' is in it, which no backup holds; use another one")
        content = tar.extractfile(member)
        assert content is not None
        yield member.name, _Content(path, content)


def _is_plain(name: str) -> bool:
    """Tell whether a name leads nowhere but into the folder that it is put below."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and len(parts) <= _DEEPEST
        and not name.startswith("/")
        and "\0" not in name
        and all(part not in ("..", ".") for part in parts)
        and "/".join(parts) == name
    )


@contextmanager
def _zstd(*options: str, stdin: int | IO[bytes], stdout: int | IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    command = ["zstd", "--quiet", *options, "--stdout"]
    with subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE) as process:  # noqa: S603
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        if process.stdin is not None:
            process.stdin.close()
        if process.stdout is not None:
            process.stdout.read()
        said = process.stderr.read().decode(errors="replace").strip() if process.stderr else ""
        if process.wait() != 0:
            raise StoreError(
                f"zstd says: {said or f'exit code {process.returncode}'}; free space, or use another backup"
            )
