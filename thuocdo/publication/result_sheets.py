"""The sheets that people read: the ranking, and points by criterion. Sums are formulas over the sheets they are sums of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from thuocdo.core.formats import Formats
from thuocdo.core.i18n import translator
from thuocdo.publication.content import RoundContent, TimesCompared
from thuocdo.publication.report import period
from thuocdo.publication.sheet_writing import SheetWriter
from thuocdo.publication.tables import CellValue, FilledTable, is_counted, places
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import block_called
from thuocdo.score.scorecard import RankedAgency
from thuocdo.score.typical_times import TypicalTime

HEAD = 4
"""Row of the head, from 0: title, marks, period and, of points, the most that each criterion gives stand above."""

SAME = 0.001
"""Points that rounding of the parts may make: cells hold four decimals."""

ENDINGS = ("ok", "failed", "hidden", "spoilt")

_FORMATS = Formats("vi")
_word = translator("vi")


class Sums:
    """
    Sums over the sheet of data, as formulas and as the values that these have.

    Args:
        data: the table on that sheet, its head in the first row.
        sheet: its name.
    """

    def __init__(self, data: FilledTable, sheet: str) -> None:
        self._data, self._sheet = data, sheet
        self._by_agency: dict[tuple[str, str], int] = defaultdict(int)
        of = data.column("agency_id")
        for name in ENDINGS:
            column = data.column(name)
            for row in data.rows:
                number = row[column]
                if isinstance(number, int):
                    self._by_agency[str(row[of]), name] += number

    def value(self, agency_id: str, names: Sequence[str]) -> int:
        """Return the sum of some columns over the rows of an agency."""
        return sum(self._by_agency[agency_id, name] for name in names)

    def formula(self, cell: str, names: Sequence[str]) -> str:
        """Return the formula of the same sum; cell: has the agency's id."""
        ids = self._range("agency_id")
        return "=" + "+".join(f"SUMIFS({self._range(name)},{ids},{cell})" for name in names)

    def _range(self, name: str) -> str:
        letter = xl_col_to_name(self._data.column(name))
        return f"'{self._sheet}'!${letter}$2:${letter}${max(len(self._data.rows), 1) + 1}"


def write_ranking(
    writer: SheetWriter, content: RoundContent, marks: Sequence[str], sums: Sums, rows: "PointRows"
) -> None:
    """
    Write the ranking: one table over all blocks, sums by block below.

    Args:
        writer: of the sheet.
        content: the results.
        marks: what every file says.
        sums: over the sheet of data.
        rows: where each agency's points stand.
    """
    profiles = list(dict.fromkeys(one.asked.profile for one in content.comparisons))
    titles, widths = _ranking_head(profiles)
    writer.heading(fixed_text("package.title", round=content.round.label), marks, subtitle(content))
    writer.head(HEAD, titles, widths)
    row = HEAD
    id_column = len(titles) - 1
    for order, (agency_id, place) in enumerate(content.members.items(), start=1):
        row = HEAD + order
        for column, (value, look) in enumerate(_ranking_cells(content, order, agency_id, place, profiles)):
            writer.write(row, column, value, look)
        _write_score(writer, row, place, rows)
        _write_sums(writer, row, id_column, agency_id, sums)
    writer.filtered(HEAD, len(content.members), len(titles), frozen=3)
    _write_totals(writer, row + 2, content, len(titles), sums)
    writer.sheet.set_h_pagebreaks(_breaks(content))
    writer.sheet.print_area(0, 0, row + 1 + len(content.blocks), id_column - 1)


def subtitle(content: RoundContent) -> str:
    """Return when it was measured, and by which criteria set it is ranked."""
    when = period(content)
    return fixed_text("package.sheet.subtitle", period=when[:1].upper() + when[1:], criteria=content.criteria.title_vi)


_BEFORE = (("order", 4.5), ("block", 16), ("agency", 28), ("places", 7), ("possible", 8), ("drawn_places", 9))
_SCORE = 6
_AFTER_SCORE = (("low", 7.5), ("high", 7.5), ("possible_score", 8))
_SUMS = (("planned", 8), ("taken", 8), ("conclusive", 8))
_AFTER = (*_SUMS, ("remark", 25), ("id", 22))


def _ranking_head(profiles: Sequence[str]) -> tuple[list[str], list[float]]:
    def called(name: str) -> str:
        return (
            fixed_text(f"package.column.{name}")
            if name in ("agency", "places", "possible")
            else fixed_text(f"package.sheet.{name}")
        )

    head: list[tuple[str, float]] = [(called(name), width) for name, width in _BEFORE]
    head.append((fixed_text("package.column.score"), 7))
    head += [(called(name), width) for name, width in _AFTER_SCORE]
    for profile in profiles:
        name = _word(f"profile.{profile}")
        head += [
            (fixed_text("package.sheet.typical", profile=name), 10.5),
            (fixed_text("package.sheet.times_places", profile=name), 9),
        ]
    head += [(fixed_text("package.column.availability"), 8), (fixed_text("package.column.coverage"), 8)]
    head += [(called(name), width) for name, width in _AFTER]
    return [title for title, _ in head], [width for _, width in head]


def _ranking_cells(
    content: RoundContent, order: int, agency_id: str, place: RankedAgency, profiles: Sequence[str]
) -> list[tuple[CellValue, str]]:
    card = place.scorecard
    cells: list[tuple[CellValue, str]] = [
        (order, "centre"),
        (fixed_text(f"package.block_short.{card.block.value}"), "text"),
        (content.agency_name(agency_id), "text"),
        (places(place.rank, place.rank_to) or None, "centre"),
        (places(place.best_rank, place.worst_rank) or None, "centre"),
        (places(place.drawn.first, place.drawn.last) if place.drawn else None, "centre"),
        (None, "number"),
        (_percent(card.ci_low), "number"),
        (_percent(card.ci_high), "number"),
        (_percent(card.possible_ratio), "number"),
    ]
    for profile in profiles:
        time = _time_of(content.compared_times(card.block), profile, agency_id)
        is_known = time is not None and time.seconds != float("inf")
        cells += [
            (round(time.seconds, 4) if time and is_known else None, "number"),
            (places(time.first, time.last) if time else None, "centre"),
        ]
    covered = content.covered.get(agency_id)
    why = place.unranked_reason
    return [
        *cells,
        (card.availability_ratio, "share"),
        (card.coverage_ratio, "share"),
        (covered.planned if covered else None, "whole"),
        (None, "whole"),
        (None, "whole"),
        (_word(f"unranked.{why.value}") if why else "", "text"),
        (agency_id, "line"),
    ]


def _time_of(comparisons: Sequence[TimesCompared], profile: str, agency_id: str) -> TypicalTime | None:
    found = (one.times.agencies for one in comparisons if one.asked.profile == profile)
    return next((agency for agencies in found for agency in agencies if agency.agency_id == agency_id), None)


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio * 100, 4)


def _write_score(writer: SheetWriter, row: int, place: RankedAgency, rows: "PointRows") -> None:
    card = place.scorecard
    if card.total_ratio is None or not card.counted_points:
        return
    obtained, counted = rows.cells(card.agency_id)
    writer.formula(
        row, _SCORE, f"=100*{obtained}/{counted}", 100 * round(card.points_obtained, 4) / card.counted_points, "number"
    )


def _write_sums(writer: SheetWriter, row: int, id_column: int, agency_id: str, sums: Sums) -> None:
    cell = xl_rowcol_to_cell(row, id_column, col_abs=True)
    for column, names in ((id_column - 3, ENDINGS), (id_column - 2, ENDINGS[:2])):
        writer.formula(row, column, sums.formula(cell, names), sums.value(agency_id, names))


def _write_totals(writer: SheetWriter, row: int, content: RoundContent, width: int, sums: Sums) -> None:
    """Write the sums of each block: over its rows, whatever is filtered."""
    first = HEAD + 1
    id_column = width - 1
    for block in content.blocks:
        members = content.ranking.blocks[block]
        last = first + len(members) - 1
        for column in range(width):
            writer.write(row, column, "", "total_text")
        writer.write(row, 2, fixed_text("package.sheet.total", block=block_called(block)), "total_text")
        values = (
            sum(
                one.planned for name, one in content.covered.items() if name in {m.scorecard.agency_id for m in members}
            ),
            sum(sums.value(one.scorecard.agency_id, ENDINGS) for one in members),
            sum(sums.value(one.scorecard.agency_id, ENDINGS[:2]) for one in members),
        )
        for column, value in zip(range(id_column - 4, id_column - 1), values, strict=True):
            letter = xl_col_to_name(column)
            writer.formula(row, column, f"=SUM({letter}{first + 1}:{letter}{last + 1})", value, "total")
        first, row = last + 1, row + 1


def _breaks(content: RoundContent) -> list[int]:
    """Return the rows above which a page ends: each block begins on one of its own."""
    ends, row = [], HEAD + 1
    for block in content.blocks[:-1]:
        row += len(content.ranking.blocks[block])
        ends.append(row)
    return ends


class PointRows:
    """
    Where each agency's points stand on their sheet.

    Args:
        content: the results.
        sheet: name of the sheet.
    """

    def __init__(self, content: RoundContent, sheet: str) -> None:
        self._rows: Mapping[str, int] = {name: HEAD + number for number, name in enumerate(content.members, start=1)}
        self._sheet = sheet
        self.first = 3
        self.obtained = self.first + len(content.criteria.criteria)

    def row(self, agency_id: str) -> int:
        """Return the row of an agency, from 0."""
        return self._rows[agency_id]

    def cells(self, agency_id: str) -> tuple[str, str]:
        """Return the cells of the points obtained, and of those that count, as another sheet names them."""
        row = self._rows[agency_id]
        obtained, counted = (xl_rowcol_to_cell(row, self.obtained + number) for number in (0, 1))
        return f"'{self._sheet}'!{obtained}", f"'{self._sheet}'!{counted}"


def write_points(writer: SheetWriter, content: RoundContent, marks: Sequence[str], rows: PointRows) -> None:
    """Write points by criterion; a criterion that does not count for an agency is in italics, and in no sum."""
    criteria = content.criteria.criteria
    titles = [
        *(fixed_text("package.sheet.order"), fixed_text("package.sheet.block"), fixed_text("package.column.agency")),
        *(
            fixed_text("package.sheet.points_of", criterion=one.title_vi, points=_FORMATS.number(one.points))
            for one in criteria
        ),
        *(fixed_text("package.sheet.obtained"), fixed_text("package.sheet.counted"), fixed_text("package.sheet.id")),
    ]
    writer.heading(fixed_text("package.title", round=content.round.label), marks, subtitle(content))
    writer.write(HEAD - 1, 2, fixed_text("package.column.points_of"), "total_text")
    for number, one in enumerate(criteria):
        writer.write(HEAD - 1, rows.first + number, one.points, "number")
    writer.head(HEAD, titles, [5, 16, 34, *([13.0] * len(criteria)), 11, 11, 18])
    for order, (agency_id, place) in enumerate(content.members.items(), start=1):
        _write_points_row(writer, content, order, agency_id, place, rows)
    writer.filtered(HEAD, len(content.members), len(titles), frozen=3)
    writer.note(HEAD + len(content.members) + 2, fixed_text("package.sheet.not_counted"))


def _write_points_row(
    writer: SheetWriter, content: RoundContent, order: int, agency_id: str, place: RankedAgency, rows: PointRows
) -> None:
    card, row = place.scorecard, rows.row(agency_id)
    writer.write(row, 0, order, "centre")
    writer.write(row, 1, fixed_text(f"package.block_short.{card.block.value}"))
    writer.write(row, 2, content.agency_name(agency_id))
    counted, obtained, most = [], 0.0, 0.0
    for number, criterion in enumerate(content.criteria.criteria):
        points = card.points.get(criterion.id)
        is_in = is_counted(place, criterion.id) and card.counted_points > 0
        shown = None if points is None else round(points, 4)
        writer.write(row, rows.first + number, shown, "number" if is_in else "aside")
        if is_in:
            counted.append(rows.first + number)
            obtained, most = obtained + (shown or 0.0), most + criterion.points
    _write_sum(
        writer, row, rows.obtained, [xl_rowcol_to_cell(row, one) for one in counted], obtained, card.points_obtained
    )
    heads = [xl_rowcol_to_cell(HEAD - 1, one, row_abs=True) for one in counted]
    _write_sum(writer, row, rows.obtained + 1, heads, most, card.counted_points)
    writer.write(row, rows.obtained + 2, agency_id, "line")


def _write_sum(writer: SheetWriter, row: int, column: int, cells: Sequence[str], found: float, kept: float) -> None:
    """Write the sum of cells as a formula; the kept figure alone where it is another, as older ways of counting gave it."""
    if cells and abs(found - kept) < SAME:
        writer.formula(row, column, f"=SUM({','.join(cells)})", round(kept, 4), "number")
    else:
        writer.write(row, column, round(kept, 4), "number")
