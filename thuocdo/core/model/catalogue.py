"""Lists of administrative procedures, as their owners gave them on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

NATIONAL = "national"
"""Owner of a list of the national database; any other owner is an agency's id."""


class OnlineLevel(StrEnum):
    """How far a procedure is online. Source: NĐ 42/2022; since 2026-07-01 NĐ 224/2026 (second-hand); old numbers: NĐ 43/2011."""

    FULL = "full"
    PARTIAL = "partial"
    INFORMATION = "information"
    UNKNOWN = "unknown"


class LevelScheme(StrEnum):
    """In which words a level was given: old numbers 1 to 4 (4 and 3 are not the same as today's), today's words, or none."""

    OLD = "old"
    NEW = "new"
    NONE = "none"


class ProcedureStatus(StrEnum):
    """Whether a list says that a procedure is in force."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class ListKind(StrEnum):
    """Where a list comes from."""

    NATIONAL_LIST = "national_list"
    PORTAL_LIST = "portal_list"
    APPROVED_LIST = "approved_list"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """
    One procedure of a list.

    code: such as 1.001193; of another form a local one. code_raw, level_raw, status_raw: as they stand there. issuing, executing:
    agencies as they are written. reason: why only a part is online, empty where none is given. where: row of the file.
    """

    code: str
    code_raw: str
    name: str
    field: str = ""
    issuing: str = ""
    executing: tuple[str, ...] = ()
    executed_at: str = ""
    level: OnlineLevel = OnlineLevel.UNKNOWN
    level_raw: str = ""
    level_scheme: LevelScheme = LevelScheme.NONE
    decision: str = ""
    status: ProcedureStatus = ProcedureStatus.UNKNOWN
    status_raw: str = ""
    reason: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueSnapshot:
    """
    A list as it was on a day; it never changes.

    digest: SHA-256 of the bytes, hexadecimal. declared_total: how many procedures the file itself says it has, None = it says
    nothing. is_truncated: a person says that it is only a part.
    """

    owner: str
    kind: ListKind
    taken_on: date
    digest: str
    name: str
    entered_by: str
    received_at: datetime
    rows: tuple[CatalogueRow, ...]
    declared_total: int | None = None
    is_truncated: bool = False

    @property
    def is_complete(self) -> bool:
        """Tell whether what is not in it is not on the list: of a part nothing can be said to be missing."""
        return not self.is_truncated and self.declared_total in (None, len(self.rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What an agency says to a difference of its list. kind: of the difference; code: of the procedure."""

    owner: str
    kind: str
    code: str
    text: str
    entered_by: str
    at: datetime
