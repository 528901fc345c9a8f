"""
The archive: measurements of closed days as Parquet files (zstd), one per day in Hanoi and kind, which other programs open.

A file appears whole or not at all, after its checksum (`sha256sum -c *.sha256` reads it). What came after a day's file was
written lies in a further part of it; nothing that was written is ever written anew.
"""

import hashlib
import os
import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from fcntl import LOCK_EX, flock
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from urllib.parse import quote, unquote

from thuocdo.core.errors import StoreError
from thuocdo.core.model import Measurement
from thuocdo.store.archive_columns import FORMAT, measurements_of, need_pyarrow, schema, table_of
from thuocdo.store.failures import of_file
from thuocdo.store.schema import SERIES_KEY

ROWS_AT_ONCE = 10_000
"""Of one row group, which is what memory holds while a file is written or read."""

_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.([^.]+)(?:\.(\d{1,6}))?\.parquet")
SeriesKey = tuple[str, str, str, str]
"""Target, kind, vantage point, profile."""

_EPOCH = date(1970, 1, 1)
_TEMPORARY = ".tmp-"
_LEVEL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """A file of the archive. day: in Hanoi, counted from 1970. part: 1, or more for what came later."""

    path: Path
    day: int
    kind: str
    part: int

    @property
    def date(self) -> date:
        """The day."""
        return _EPOCH + timedelta(days=self.day)

    @property
    def size_bytes(self) -> int:
        """How large it is."""
        with _told(self.path, "cannot be read"):
            return self.path.stat().st_size

    def rows(self) -> int:
        """Return how many measurements its footer says that it holds; raises StoreError where it cannot be read."""
        import pyarrow.parquet as pq

        with _told(self.path, "cannot be read"):
            return int(pq.read_metadata(self.path).num_rows)


def day_number(day: date) -> int:
    """Return a day counted from 1970."""
    return (day - _EPOCH).days


class Archive:
    """
    A folder of Parquet files.

    Args:
        folder: made at the first writing.

    Raises:
        ConfigurationError: pyarrow is not installed.
    """

    def __init__(self, folder: Path) -> None:
        need_pyarrow()
        self._folder = folder

    def files(self) -> list[ArchiveFile]:
        """Return what there is, by day, kind and part."""
        found = []
        with suppress(FileNotFoundError), _told(self._folder, "the archive cannot be read"):
            for path in self._folder.iterdir():
                named = _NAME.fullmatch(path.name)
                if named is not None:
                    with suppress(ValueError):  # no day of any calendar
                        day = day_number(date.fromisoformat(named[1]))
                        found.append(ArchiveFile(path=path, day=day, kind=unquote(named[2]), part=int(named[3] or 1)))
        return sorted(found, key=lambda file: (file.day, file.kind, file.part))

    def of_day(self, day: int, kind: str) -> list[ArchiveFile]:
        """Return the parts of a day and kind, in their order."""
        name = f"{_EPOCH + timedelta(days=day)}.{_quoted(kind)}"
        parts = []
        for part in range(1, 1_000_000):
            path = self._folder / (f"{name}.parquet" if part == 1 else f"{name}.{part}.parquet")
            if not path.exists():
                break
            parts.append(ArchiveFile(path=path, day=day, kind=kind, part=part))
        return parts

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else write into the folder while the block runs; raises StoreError where it cannot be made."""
        with _told(self._folder, "the archive cannot be written"):
            self._folder.mkdir(parents=True, exist_ok=True)
            folder = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with _told(self._folder, "the archive cannot be written"):
                flock(folder, LOCK_EX)
            yield
        finally:
            os.close(folder)

    def instants(self, day: int, kind: str) -> Mapping[SeriesKey, Sequence[int]]:
        """
        Return the instants of all that is archived of a day and kind, by series, in microseconds since 1970.

        Eight bytes each, since a large fleet has millions of them in a day; raises StoreError as `read`.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        found: dict[SeriesKey, array[int]] = defaultdict(lambda: array("q"))
        for file in self.of_day(day, kind):
            _check(file.path)
            with _told(file.path, "cannot be read"), pq.ParquetFile(file.path) as opened:
                for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE, columns=[*SERIES_KEY, "scheduled_at"]):
                    columns = [batch.column(name).to_pylist() for name in SERIES_KEY]
                    at = batch.column("scheduled_at").cast(pa.int64()).to_pylist()
                    for target, kind_, vantage, profile, microseconds in zip(*columns, at, strict=True):
                        found[target, kind_, vantage, profile].append(microseconds)
        return found

    def write(self, day: int, kind: str, measurements: Iterable[Measurement]) -> ArchiveFile | None:
        """
        Write measurements as the next part of a day and kind, within `locked`; None where there are none.

        Raises:
            StoreUnavailableError: the disk is full. StoreError: the folder cannot be written.
        """
        left = iter(measurements)
        first = list(islice(left, ROWS_AT_ONCE))
        if not first:
            return None
        part = len(self.of_day(day, kind)) + 1
        name = f"{_EPOCH + timedelta(days=day)}.{_quoted(kind)}"
        path = self._folder / (f"{name}.parquet" if part == 1 else f"{name}.{part}.parquet")
        with _told(self._folder, "the archive cannot be written"):
            self._forget_leftovers()
            with self._appearing(path) as file:
                _write(file, first, left)
                file.flush()
                sha256 = _sha256(Path(file.name))
                # First the sum, then what it is of: a file without one is none of ours.
                with self._appearing(_sum_of(path)) as told:
                    told.write(f"{sha256}  {path.name}\n".encode())
        return ArchiveFile(path=path, day=day, kind=kind, part=part)

    def check(self, file: ArchiveFile) -> None:
        """Raise StoreError unless a file is what was written."""
        _check(file.path)

    def read(self, file: ArchiveFile) -> Iterator[list[Measurement]]:
        """
        Yield what a file holds, series by series: all measurements of one together.

        Raises:
            StoreError: it is not what was written, or cannot be read.
        """
        import pyarrow.parquet as pq

        _check(file.path)
        with _told(file.path, "cannot be read"), pq.ParquetFile(file.path) as opened:
            of_series: list[Measurement] = []
            for batch in opened.iter_batches(batch_size=ROWS_AT_ONCE):
                for one in measurements_of(batch):
                    if of_series and series_of(of_series[0]) != series_of(one):
                        yield of_series
                        of_series = []
                    of_series.append(one)
            if of_series:
                yield of_series

    def _forget_leftovers(self) -> None:
        for path in self._folder.glob(f"{_TEMPORARY}*"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _appearing(self, path: Path) -> Iterator[IO[bytes]]:
        """Give a file to write that gets its name when the block has ended well, and is on the disk then."""
        with NamedTemporaryFile(dir=self._folder, prefix=_TEMPORARY, delete=False) as file:
            temporary = Path(file.name)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                temporary.chmod(0o644)
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        folder = os.open(self._folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(file: IO[bytes], first: list[Measurement], left: Iterator[Measurement]) -> None:
    import pyarrow.parquet as pq

    columns = schema().with_metadata({"thuocdo.format": FORMAT})
    with pq.ParquetWriter(file, columns, compression="zstd", compression_level=_LEVEL) as writer:
        piece = first
        while piece:
            writer.write_table(table_of(piece).replace_schema_metadata(columns.metadata))
            piece = list(islice(left, ROWS_AT_ONCE))


def _quoted(kind: str) -> str:
    return quote(kind, safe="").replace(".", "%2E")


def series_of(one: Measurement) -> SeriesKey:
    """Return the series that a measurement belongs to."""
    return one.key.target_id, one.key.kind, one.key.vantage_id, one.key.profile


def _sum_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path) -> None:
    """Raise StoreError unless a file is what was written."""
    with _told(path, "cannot be read"):
        sha256 = _sha256(path)
        told = _sum_of(path)
        noted = told.read_text(encoding="ascii", errors="replace").split()[:1] if told.exists() else []
    if noted != [sha256]:
        raise StoreError(
            f"{path}: does not match {_sum_of(path).name}; it was changed or cut short, put it back from a copy"
        )


@contextmanager
def _told(where: Path, doing: str) -> Iterator[None]:
    """Turn what a file system or pyarrow raises within the block into a StoreError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise of_file(exc, where, doing) from exc
    except (ValueError, TypeError, KeyError) as exc:  # pyarrow's own are of these
        what = (str(exc) or repr(exc)).splitlines()[0]
        raise StoreError(f"{where}: {doing}: {what}; it is no file of this archive, put it back from a copy") from exc
