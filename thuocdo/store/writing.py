"""How measurements become rows: what needs no database first, then the numbers of what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Self

from sqlalchemy import Connection

from thuocdo.core.model import Measurement, MeasurementKey
from thuocdo.core.wire import storable
from thuocdo.store.database import Database
from thuocdo.store.interning import facts_numbers, note_agencies, series_numbers
from thuocdo.store.partitions import make_room
from thuocdo.store.rows import Facts, parts_of
from thuocdo.store.schema import SERIES_KEY, agency_series, facts, measurements, series

Parts = tuple[tuple[str, ...], Facts, dict[str, Any]]
"""Key of the series, what is in common with others, the columns that are a measurement's own."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Measurements on their way into rows; texts: of their facts, at: the newest instant."""

    parts: Sequence[Parts]
    texts: Sequence[str]
    at: datetime

    @classmethod
    def of(cls, batch: Sequence[Measurement]) -> Self:
        """Return what can be done of it without a database; batch: at least one."""
        parts = [(series_key(measurement.key), *parts_of(measurement)) for measurement in batch]
        texts = [common.to_json() for _, common, _ in parts]
        return cls(parts, texts, max(measurement.key.scheduled_at for measurement in batch))

    def rows(self, connection: Connection, database: Database) -> list[dict[str, Any]]:
        """Return the rows, in the same order, within the transaction that is to write them; series and facts are written."""
        make_room(connection, (row["scheduled_at"] for _, _, row in self.parts))
        of_series = series_numbers(
            connection, database.insert_new(series, SERIES_KEY), (key for key, _, _ in self.parts)
        )
        known = {text: common for text, (_, common, _) in zip(self.texts, self.parts, strict=True)}
        of_facts = facts_numbers(connection, database.insert_new(facts, ["digest"]), known, self.at)
        rows = [
            {"series_id": of_series[key], "facts_id": of_facts[text], **row}
            for text, (key, _, row) in zip(self.texts, self.parts, strict=True)
        ]
        pairs = {(one.agency_id, row["series_id"]) for (_, one, _), row in zip(self.parts, rows, strict=True)}
        note_agencies(connection, database.insert_new(agency_series), pairs)
        return rows


def insert_new_rows(connection: Connection, database: Database, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows of measurements; those whose key is there stay as they are. Return how many are new."""
    insert = database.insert_new(measurements, ["series_id", "scheduled_at"])
    return connection.execute(insert, rows, execution_options={"preserve_rowcount": True}).rowcount


def series_key(key: MeasurementKey) -> tuple[str, ...]:
    """Return the key of the series that a measurement belongs to, as it is stored."""
    return _stored(_series_of(key))


_series_of = attrgetter(*SERIES_KEY)


@lru_cache(maxsize=65_536)
def _stored(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(storable, texts))
