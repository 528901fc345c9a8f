"""What differs, as a workbook that goes to an agency and comes back with its explanations, and as JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from probes.spelling import folded
from thuocdo.catalogue.comparing import Difference, DifferenceKind, ListsCompared
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Agency, CatalogueSnapshot, Explanation, OnlineLevel
from thuocdo.core.shapes import good_line
from thuocdo.declared.grid import Cell, read_grids
from thuocdo.publication.dictionary import TableMeaning, tables_of
from thuocdo.publication.plain_workbook import plain_workbook
from thuocdo.publication.tables import CellValue, FilledTable
from thuocdo.publication.texts import fixed_text

_ROOM = "thuocdo.catalogue"
_Explained = Mapping[tuple[str, str], Explanation]


def difference_tables(agency: Agency, found: ListsCompared, explained: _Explained) -> list[FilledTable]:
    """Return what differs and the figures as flat tables."""
    differences, figures = tables_of(_ROOM)
    return [
        _filled(differences, agency, (_difference(one, explained) for one in found.differences)),
        _filled(figures, agency, _figures(found)),
    ]


def difference_workbook(agency: Agency, found: ListsCompared, explained: _Explained, now: datetime) -> bytes:
    """Return a workbook; the agency fills in its last column and sends it back."""
    title = fixed_text("catalogue.title", agency=agency.full_name("vi"))
    rules = [(fixed_text(f"catalogue.rule.{name}"), fixed_text(f"catalogue.rule.{name}.text")) for name in _RULES]
    return plain_workbook(title, difference_tables(agency, found, explained), rules, now)


def difference_json(agency: Agency, found: ListsCompared, explained: _Explained) -> str:
    """Return all of it as one JSON object."""
    tables = {table.meaning.name: table.documents() for table in difference_tables(agency, found, explained)}
    document = {
        "agency_id": agency.id,
        "portal": _told(found.portal),
        "national": _told(found.national),
        "counts": {kind.value: number for kind, number in sorted(found.counts.items())},
        "levels": {level.value: found.levels.get(level, 0) for level in OnlineLevel},
        "differences": tables["khac-biet"],
        "figures": tables["tong-hop"],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read_explanations(
    name: str, content: bytes, agency: Agency, found: ListsCompared, entered_by: str, now: datetime
) -> list[Explanation]:
    """
    Return what an agency wrote into the workbook that it was sent.

    Args:
        name: of the file.
        content: its bytes.
        agency: whose it is.
        found: the differences as they are now; only these can be explained.
        entered_by: who brings it.
        now: the present instant.

    Raises:
        ConfigurationError: all mistakes with sheet and cell; nothing is taken then.
    """
    table = next(one for one in tables_of(_ROOM) if one.name == "khac-biet")
    heads = {column.name: folded(column.title_vi) for column in table.columns}
    wanted = ("agency_id", "difference", "code", "explanation")
    for grid in read_grids(name, content):
        texts = [folded(cell.text) for cell in grid.rows[0]] if grid.rows else []
        if all(heads[one] in texts for one in wanted):
            places = {one: texts.index(heads[one]) for one in wanted}
            return list(_explanations(name, grid.rows[1:], places, agency, found, entered_by, now))
    raise ConfigurationError(
        f"{name}: no sheet has the columns Mã loại, Mã thủ tục and Giải trình; send back the file that was sent"
    )


def _explanations(
    name: str,
    rows: Iterable[Sequence[Cell]],
    places: Mapping[str, int],
    agency: Agency,
    found: ListsCompared,
    entered_by: str,
    now: datetime,
) -> Iterator[Explanation]:
    known = {(one.kind.value, one.code) for one in found.differences}
    problems, explained = [], []
    for cells in rows:
        said = {one: cells[at] for one, at in places.items() if at < len(cells)}
        text = said.get("explanation")
        if text is None or not text.text:
            continue
        key = (said["difference"].text, said["code"].text)
        whose, code = said["agency_id"], said["code"]
        if whose.text != agency.id:
            problems.append(f"{name}, {whose.place}: '{whose.text}' is another agency; send each its own file")
        elif key not in known:
            problems.append(
                f"{name}, {code.place}: there is no such difference of '{code.text}'; leave the columns of the file as they are"
            )
        else:
            try:
                good_line(text.text)
            except ValueError as exc:
                problems.append(f"{name}, {text.place}: {exc}")
            explained.append((key, text.text))
    if problems:
        raise ConfigurationError(problems)
    for (kind, number), line in explained:
        yield Explanation(owner=agency.id, kind=kind, code=number, text=line, entered_by=entered_by, at=now)


_RULES = ("differs", "denominators", "missing", "expired", "names", "reasons", "grace")


def _filled(meaning: TableMeaning, agency: Agency, rows: Iterable[Mapping[str, CellValue]]) -> FilledTable:
    whose: dict[str, CellValue] = {"agency_id": agency.id, "agency_vi": agency.full_name("vi")}
    return FilledTable.of(meaning, (whose | dict(row) for row in rows))


def _difference(one: Difference, explained: _Explained) -> dict[str, CellValue]:
    said = explained.get((one.kind.value, one.code))
    is_level = one.kind is DifferenceKind.LEVEL_DIFFERS
    return {
        "difference": one.kind.value,
        "difference_vi": fixed_text(f"catalogue.difference.{one.kind.value}"),
        "weight_vi": fixed_text(f"catalogue.weight.{one.weight.value}"),
        "code": one.code,
        "name": one.name or None,
        "on_portal": (_levels_called(one.portal) if is_level else one.portal) or None,
        "on_reference": (_levels_called(one.reference) if is_level else one.reference) or None,
        "row": one.where or None,
        "explanation": said.text if said else None,
    }


def _levels_called(levels: str) -> str:
    return ", ".join(fixed_text(f"catalogue.level.{one}") for one in levels.split(", ") if one)


def _figures(found: ListsCompared) -> Iterator[dict[str, CellValue]]:
    days = {"portal": f"{found.portal.taken_on:%d/%m/%Y}", "national": f"{found.national.taken_on:%d/%m/%Y}"}
    told: dict[str, int | None] = {
        "listed": found.listed,
        "matched": found.matched,
        "of_national": found.of_national,
        "of_approved": found.of_approved,
        **{f"level.{level.value}": found.levels.get(level, 0) for level in OnlineLevel},
    }
    for name, number in told.items():
        yield {"figure": name, "figure_vi": fixed_text(f"catalogue.figure.{name}", **days), "number": number}


def _told(snapshot: CatalogueSnapshot) -> dict[str, object]:
    return {
        "name": snapshot.name,
        "taken_on": snapshot.taken_on.isoformat(),
        "sha256": snapshot.digest,
        "rows": len(snapshot.rows),
        "declared_total": snapshot.declared_total,
        "is_complete": snapshot.is_complete,
    }
