"""
Reads a list of procedures that a person has: the national database's, a portal's, an agency's own, the annex of a decision.

The heading is found by its words, below whatever title. Such lists have many columns; those that nobody knows are passed over and
told. A code that a spreadsheet made a number of is refused: its zeros are gone, and a list of thousands is exported again in a
minute.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from unicodedata import normalize

from probes.spelling import folded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import (
    CatalogueRow,
    CatalogueSnapshot,
    LevelScheme,
    ListKind,
    OnlineLevel,
    ProcedureStatus,
)
from thuocdo.core.shapes import PROCEDURE_CODE
from thuocdo.declared.grid import Cell, Grid, of_sheet, read_grids, refuse, rows_below

SEARCHED_ROWS = 40

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "code": ("mã số", "mã", "mã tthc", "mã số tthc", "mã thủ tục", "mã thủ tục hành chính", "mã số hồ sơ tthc"),
    "name": ("tên", "tên tthc", "tên thủ tục", "tên thủ tục hành chính", "thủ tục hành chính"),
    "field": ("lĩnh vực", "tên lĩnh vực"),
    "issuing": ("cơ quan ban hành", "cơ quan công bố", "cơ quan công khai", "bộ, ngành"),
    "executing": ("cơ quan thực hiện", "cơ quan giải quyết"),
    "executed_at": ("cấp thực hiện", "cấp giải quyết"),
    "level": (
        "mức độ",
        "mức độ dvc",
        "mức độ cung cấp",
        "mức độ dịch vụ công",
        "mức độ cung cấp dịch vụ công",
        "loại dvctt",
    ),
    "full": ("dvc_toan_trinh", "toàn trình", "dvc toàn trình", "dvctt toàn trình"),
    "partial": ("dvc_mot_phan", "một phần", "dvc một phần", "dvctt một phần"),
    "information": ("dvc_cung_cap_tt", "cung cấp thông tin", "dvc cung cấp thông tin"),
    "decision": (
        "số quyết định",
        "so_quyet_dinh",
        "qđ công bố",
        "quyết định công bố",
        "số qđ công bố",
        "văn bản công bố",
    ),
    "status": ("tình trạng", "trạng thái", "hiệu lực", "tình trạng hiệu lực"),
    "reason": ("lý do", "lý do một phần", "lý do cung cấp một phần", "căn cứ cung cấp một phần"),
}
"""What columns are called, compared as people compare texts."""

_NEEDED = ("code", "name")
_CODE = re.compile(rf"({PROCEDURE_CODE.pattern})(?:\.\d{{3}}\.\d{{2}}\.\d{{2}}(?:\.[A-Z]\d{{1,3}})?)?", re.ASCII)
_LOCAL = re.compile(r"[\w.\-/]{2,40}")
_TOTAL = re.compile(rf"{folded('tổng số')}[^0-9]{{0,30}}?(\d{{1,3}}(?:[.,]\d{{3}})*|\d+)")
_MARKED = frozenset(map(folded, ("x", "1", "có", "true", "✓", "v", "yes")))
_LEVELS: Mapping[str, tuple[OnlineLevel, LevelScheme]] = {
    folded(text): (level, scheme)
    for level, scheme, texts in (
        (OnlineLevel.FULL, LevelScheme.NEW, ("toàn trình", "dvc toàn trình", "dịch vụ công trực tuyến toàn trình")),
        (OnlineLevel.PARTIAL, LevelScheme.NEW, ("một phần", "dvc một phần", "dịch vụ công trực tuyến một phần")),
        (
            OnlineLevel.INFORMATION,
            LevelScheme.NEW,
            ("cung cấp thông tin", "còn lại", "dịch vụ công", "dvc cung cấp thông tin trực tuyến"),
        ),
        (OnlineLevel.FULL, LevelScheme.OLD, ("mức độ 4", "mức 4", "4")),
        (OnlineLevel.PARTIAL, LevelScheme.OLD, ("mức độ 3", "mức 3", "3")),
        (OnlineLevel.INFORMATION, LevelScheme.OLD, ("mức độ 2", "mức 2", "2", "mức độ 1", "mức 1", "1")),
    )
    for text in texts
}
_STATUSES: Mapping[str, ProcedureStatus] = {
    folded(text): status
    for status, texts in {
        ProcedureStatus.IN_FORCE: (
            "còn hiệu lực",
            "đang hiệu lực",
            "có hiệu lực",
            "hiệu lực",
            "đã công khai",
            "công khai",
        ),
        ProcedureStatus.NOT_YET: ("chưa có hiệu lực", "chưa hiệu lực"),
        ProcedureStatus.EXPIRED: ("hết hiệu lực", "bị bãi bỏ", "bãi bỏ", "đã bãi bỏ", "không công khai", "bị thay thế"),
    }.items()
    for text in texts
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBrought:
    """A list as it comes. taken_on: the day that it is of. is_truncated: whoever brings it says that it is a part."""

    name: str
    content: bytes
    owner: str
    kind: ListKind
    taken_on: date
    entered_by: str
    received_at: datetime
    sheet: str = ""
    is_truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """A list without mistakes; passed_over: headings of columns that nobody knows."""

    snapshot: CatalogueSnapshot
    passed_over: tuple[str, ...] = ()


def read_list(brought: ListBrought) -> ListRead:
    """
    Return a list of procedures.

    Raises:
        ConfigurationError: all mistakes, each with its cell, of very many the first.
    """
    grid, row, places, unknown = _table_of(brought)
    reading = _Reading(name=brought.name, places=places)
    for cells, where in rows_below(grid, row + 1):
        reading.read(cells, where)
    if not reading.rows and not reading.problems:
        reading.problems.append(f"{brought.name}: there is no procedure below the heading; export the list again")
    refuse(brought.name, reading.problems)
    snapshot = CatalogueSnapshot(
        owner=brought.owner,
        kind=brought.kind,
        taken_on=brought.taken_on,
        digest=hashlib.sha256(brought.content).hexdigest(),
        name=brought.name,
        entered_by=brought.entered_by,
        received_at=brought.received_at,
        rows=tuple(reading.rows),
        declared_total=_declared_total(grid, row, reading.last),
        is_truncated=brought.is_truncated,
    )
    return ListRead(snapshot=snapshot, passed_over=unknown)


_Table = tuple[Grid, int, Mapping[str, int], tuple[str, ...]]


def _table_of(brought: ListBrought) -> _Table:
    chosen = of_sheet(brought.name, read_grids(brought.name, brought.content), brought.sheet)
    found = [table for grid in chosen if (table := _heading(brought.name, grid))]
    if not found:
        raise ConfigurationError(
            f"{brought.name}: no row is a heading with the columns Mã số and Tên; export the list again"
        )
    if len(found) > 1:
        several = ", ".join(table[0].name for table in found)
        raise ConfigurationError(f"{brought.name}: several sheets hold a list ({several}); say which by --sheet")
    return found[0]


def _heading(name: str, grid: Grid) -> _Table | None:
    known = {folded(text.replace("_", " ")): column for column, texts in HEADINGS.items() for text in texts}
    for row, cells in enumerate(grid.rows[:SEARCHED_ROWS]):
        places: dict[str, int] = {}
        unknown = []
        for at, cell in enumerate(cells):
            column = known.get(folded(cell.text.replace("_", " ")).rstrip(".:* "))
            if column is None:
                unknown += [cell.text] if cell.text else []
            elif column in places and all(one in places for one in _NEEDED):
                first = cells[places[column]].place
                raise ConfigurationError(
                    f"{name}, {cell.place}: this column says the same as {first}; keep one of them"
                )
            else:
                places.setdefault(column, at)
        if all(one in places for one in _NEEDED):
            return grid, row, places, tuple(one for one in unknown if folded(one) not in ("stt", "tt"))
    return None


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Reads row after row; last: how many rows below the heading hold a procedure or a mistake."""

    name: str
    places: Mapping[str, int]
    rows: list[CatalogueRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    last: int = 0
    _number: int = 0

    def read(self, cells: Sequence[Cell], where: str) -> None:
        """Keep a procedure, or note what is wrong with it; what has neither code nor name is beside the list."""
        self._number += 1
        said = {column: cells[at] for column, at in self.places.items() if at < len(cells)}
        code, called = said.get("code"), said.get("name")
        if code is None or called is None or not (code.text or called.text):
            return
        if not called.text or not code.text:
            # A line under the list ("Tổng số: 2.149") fills one of both at most.
            if (code.text and not _CODE.fullmatch(_plain(code.text))) or (
                called.text and _TOTAL.search(folded(called.text))
            ):
                return
            missing = code if not code.text else called
            self.problems.append(
                f"{self.name}, {missing.place}: code and name belong together, and one is missing; fill it in"
            )
            return
        self.last = self._number
        if isinstance(code.value, int | float):
            self.problems.append(
                f"{self.name}, {code.place}: '{code.text}' is a number, which has lost the code's zeros; make the column text "
                "before the list is exported"
            )
            return
        found = _code_of(code.text)
        if found is None:
            self.problems.append(
                f"{self.name}, {code.place}: '{code.text}' is no code; look whether the columns have shifted"
            )
            return
        self.rows.append(self._row(said, found, where))

    def _row(self, said: Mapping[str, Cell], code: str, where: str) -> CatalogueRow:
        def text(column: str) -> str:
            return said[column].text if column in said else ""

        level, scheme, raw = _level_of({name: text(name) for name in ("level", "full", "partial", "information")})
        executing = str(said["executing"].value or "") if "executing" in said else ""
        return CatalogueRow(
            code=code,
            code_raw=text("code"),
            name=text("name"),
            field=text("field"),
            issuing=text("issuing"),
            executing=tuple(filter(None, (" ".join(one.split()) for one in re.split(r"[\n;]", executing)))),
            executed_at=text("executed_at"),
            level=level,
            level_raw=raw,
            level_scheme=scheme,
            decision=text("decision"),
            status=_STATUSES.get(folded(text("status")), ProcedureStatus.UNKNOWN),
            status_raw=text("status"),
            reason=text("reason"),
            where=where,
        )


def _plain(text: str) -> str:
    return normalize("NFKC", text).strip()


def _code_of(text: str) -> str | None:
    """Return the code without its suffix; one of another form as it stands; None for what is none."""
    plain = _plain(text)
    if found := _CODE.fullmatch(plain):
        return found[1]
    has_digit = any(letter.isdigit() for letter in plain)
    return plain if has_digit and " " not in plain and _LOCAL.fullmatch(plain) else None


def _level_of(said: Mapping[str, str]) -> tuple[OnlineLevel, LevelScheme, str]:
    if said["level"]:
        level, scheme = _LEVELS.get(folded(said["level"]), (OnlineLevel.UNKNOWN, LevelScheme.NONE))
        return level, scheme, said["level"]
    marked = [name for name in ("full", "partial", "information") if folded(said[name]) in _MARKED]
    if len(marked) == 1:
        return OnlineLevel(marked[0]), LevelScheme.NEW, marked[0]
    return OnlineLevel.UNKNOWN, LevelScheme.NONE, ", ".join(marked)


def _declared_total(grid: Grid, heading: int, last: int) -> int | None:
    """Return how many procedures the file says that it has, above its heading or below its last row."""
    around = [*grid.rows[:heading], *grid.rows[heading + 1 + last :]]
    for cells in around:
        if found := _TOTAL.search(folded(" ".join(cell.text for cell in cells))):
            return int(re.sub(r"[.,]", "", found[1]))
    return None
