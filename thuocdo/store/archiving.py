"""Writes measurements of a database into an archive, and puts them back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select

from thuocdo.core.errors import StoreError
from thuocdo.core.model import Measurement
from thuocdo.store.archive import Archive, ArchiveFile, series_of
from thuocdo.store.database import Database
from thuocdo.store.query import MeasurementQuery, select_kinds, select_series, whole_rows, within
from thuocdo.store.restoring import PutBack, Restoring
from thuocdo.store.retention import LATE
from thuocdo.store.rollup_body import day_of, day_start
from thuocdo.store.rows import measurement_of
from thuocdo.store.schema import instant_of, measurements, microseconds_of

ROWS_AT_ONCE = 10_000
"""Most measurements that are put back in one transaction, unless one series has more of them in a day."""

_CANNOT = "measurements cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A file that was written; rows: of it."""

    file: ArchiveFile
    rows: int


class Archiving:
    """
    One database and its archive.

    Args:
        database: open.
        archive: its folder.
    """

    def __init__(self, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive

    def write_closed(self, now: datetime) -> Iterator[Archived]:
        """Write the days that are closed, 48 hours after their end, and not archived yet; yields each file."""
        until = instant_of(day_start(day_of(microseconds_of(now - LATE))))
        for day, kind in self._days_until(until):
            if not self._archive.of_day(day, kind):
                written = self.write_day(day, kind)
                if written is not None:
                    yield written

    def write_day(self, day: int, kind: str) -> Archived | None:
        """Write what a day has of a kind and the archive has not; None where that is nothing."""
        counted = 0

        def missing() -> Iterator[Measurement]:
            nonlocal counted
            known = self._archive.instants(day, kind)
            for key, of_series in groupby(self._of_day(day, kind), key=series_of):
                there = set(known.get(key, ()))
                for one in of_series:
                    if microseconds_of(one.key.scheduled_at) not in there:
                        counted += 1
                        yield one

        with self._archive.locked():
            file = self._archive.write(day, kind, missing())
        return None if file is None else Archived(file=file, rows=counted)

    def restore(self, day: int, now: datetime) -> PutBack:
        """
        Put back what the archive has of a day; for some days retention leaves it alone.

        Raises:
            StoreError: there is nothing of this day, a file is not what was written, or the database cannot be written; the
                transactions before that one are done, and doing it again goes on.
        """
        files = [file for file in self._archive.files() if file.day == day]
        restoring, done = Restoring(self._database), PutBack()
        if not files:
            raise StoreError("the archive has nothing of this day; `thuocdo archive list` shows what there is")
        for file in files:
            self._archive.check(file)
        restoring.note(day, now)
        for file in files:
            batch: list[Measurement] = []
            for of_series in self._archive.read(file):
                if batch and len(batch) + len(of_series) > ROWS_AT_ONCE:
                    done += restoring.put_back(batch)
                    batch = []
                batch += of_series
            done += restoring.put_back(batch)
        return done

    def _days_until(self, until: datetime) -> Iterator[tuple[int, str]]:
        """Yield the days, and kinds of them, that have measurements; one search in the index for each."""
        with self._database.reading(_CANNOT) as connection:
            kinds = list(connection.execute(select_kinds()).scalars())
        at = measurements.c.scheduled_at
        for kind in kinds:
            since = instant_of(-(2**55))
            while True:
                of_kind = select(at).where(measurements.c.kind == kind, at >= since, at < until).order_by(at).limit(1)
                with self._database.reading(_CANNOT) as connection:
                    found: datetime | None = connection.execute(of_kind).scalar()
                if found is None:
                    break
                day = day_of(microseconds_of(found))
                yield day, kind
                since = instant_of(day_start(day + 1))

    def _of_day(self, day: int, kind: str) -> Iterator[Measurement]:
        """Yield the measurements of a day and kind, series by series, each in the order of its instants."""
        window = MeasurementQuery(kind=kind, since=instant_of(day_start(day)), until=instant_of(day_start(day + 1)))
        with self._database.reading(_CANNOT) as connection:
            for number in [row.id for row in connection.execute(select_series(window))]:
                statement = within(whole_rows().where(measurements.c.series_id == number), window)
                for row in connection.execute(statement.order_by(measurements.c.scheduled_at)):
                    yield measurement_of(row)
