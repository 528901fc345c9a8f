"""What an agency declares of itself, file by file and row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Span(StrEnum):
    """What time a row tells of: a month, quarter or year, or from the year's beginning to the end of a month (luỹ kế)."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    YEAR_TO_DATE = "year_to_date"


class RateDefinition(StrEnum):
    """What a published share of files on time is a share of: of those solved, or of all that were due. Source: seen on boards."""

    DONE_ONLY = "done_only"
    ALL_DUE = "all_due"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKey:
    """
    What a row is about; of two rows of one key the newer file's counts.

    unit_id: empty = the agency as a whole. first: the first day of the month that the span ends with, or of the quarter or year.
    procedure_code: such as 1.001193, empty = all procedures. level: as the row calls it, empty = all levels.
    """

    unit_id: str
    span: Span
    first: date
    procedure_code: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRow:
    """
    One row of a file.

    counts: by id of the list, whole and not negative; None = the agency says that it does not publish it, absent = nothing was
    said. A zero is a value. published_percent: the share of files on time as the agency publishes it, 0 to 100 and more.
    where: its place in the file, such as "Sheet1!7".
    """

    key: RowKey
    counts: Mapping[str, int | None]
    published_percent: float | None = None
    rate_definition: RateDefinition = RateDefinition.UNKNOWN
    as_of: date | None = None
    source_url: str = ""
    where: str = ""

    def total(self, *names: str) -> int | None:
        """Return the sum of some counts; None where one of them is not there."""
        found = [self.counts.get(name) for name in names]
        return None if any(one is None for one in found) else sum(one or 0 for one in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFile:
    """
    A file as it was taken; it never changes.

    digest: SHA-256 of the bytes, hexadecimal. name: what the file was called. entered_by: who brought it: a person, or the name
    of a token. indicators_version: of the list that its counts are of.
    """

    agency_id: str
    digest: str
    name: str
    entered_by: str
    received_at: datetime
    rows: tuple[DeclaredRow, ...]
    indicators_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeToken:
    """
    By what an agency's program proves whose figures it brings.

    digest: SHA-256 of the token, hexadecimal; the token itself is kept nowhere. name: what it is for, as a person called it.
    """

    digest: str
    agency_id: str
    name: str
    made_by: str
    made_at: datetime
    withdrawn_at: datetime | None = None
