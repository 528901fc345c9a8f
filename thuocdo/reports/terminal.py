"""Rankings for a terminal: one table per block, what was not measured and why, and what the figures rest on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from thuocdo.core.clock import HANOI
from thuocdo.core.i18n import Translate
from thuocdo.core.model import Agency, Block
from thuocdo.core.portals import Registry
from thuocdo.reports.ranking import NotMeasuredSummary, RankingRow, communes_of_province, not_measured, ranking_rows
from thuocdo.score.scorecard import Ranking

NOT_MEASURED = "–"
AGENCIES_NAMED = 4

FULL_COLUMNS = 100
"""Width of a terminal from which all columns find room beside the names."""

MOST_COMMUNES = 50
"""Of the whole country that are printed: nobody reads three thousand lines of a terminal, and files hold them all."""

_ALWAYS = ("score", "homepage", "coverage", "runs")
_WHERE_ROOM = ("score", "homepage", "eform", "accessibility", "availability", "coverage", "runs")


def print_ranking(
    console: Console,
    ranking: Ranking,
    registry: Registry,
    translate: Translate,
    *,
    blocks: Iterable[Block] = tuple(Block),
    province_id: str = "",
    simulated: bool = False,
) -> None:
    """
    Print the ranking tables, what was not measured and why, and what the figures rest on.

    Args:
        console: with fewer than FULL_COLUMNS columns the figures that explain a score are left out, which is said.
        ranking: the ranking.
        registry: the one that was ranked.
        translate: texts of the language.
        blocks: one table for each that has agencies; of communes the first MOST_COMMUNES.
        province_id: print the communes of this province alone, all of them, by their places in it; empty = everything.
        simulated: the figures come from the simulated fleet, and every reader must be told.
    """
    report = TerminalReport(translate)
    is_narrow = console.width < FULL_COLUMNS
    figures = _ALWAYS if is_narrow else _WHERE_ROOM
    if province_id:
        ranking = communes_of_province(ranking, registry, province_id)
    for block in blocks:
        rows = ranking_rows(ranking, registry, translate, [block])
        if province_id:
            rows = tuple(_placed_in_province(row) for row in rows)
        shown = rows if block is not Block.COMMUNE or province_id else rows[:MOST_COMMUNES]
        if shown:
            console.print(report.table(shown, _title(block, registry, province_id, translate), figures), "")
        if len(shown) < len(rows):
            text = translate("ranking.more_communes").format(count=len(rows) - len(shown))
            console.print(text, "", style="dim")
    if is_narrow:
        console.print(translate("ranking.narrow").format(columns=FULL_COLUMNS), "", style="dim")
    console.print(report.not_measured(not_measured(ranking), registry))
    console.print(report.notes(ranking, ranking_rows(ranking, registry, translate), registry, simulated=simulated))


class TerminalReport:
    """Rich renderables of a ranking in the language of the given translator."""

    def __init__(self, translate: Translate) -> None:
        self._ = translate
        self._lang = translate("ranking.language")

    def table(self, rows: Sequence[RankingRow], title: str, figures: Sequence[str]) -> Table:
        """Return the table of one block with a column for each figure; agencies without a rank stand below a line."""
        levels = any(row.level for row in rows)
        table = _table(title)
        table.add_column(self._("ranking.rank"), justify="right", no_wrap=True)
        table.add_column(self._("ranking.agency"))
        for name in figures:
            table.add_column(self._(f"ranking.{name}"), justify="right", no_wrap=True)
        if levels:
            table.add_column(self._("ranking.level"), justify="center", no_wrap=True)
        ranked = sum(row.rank is not None for row in rows)
        for place, row in enumerate(rows, start=1):
            cells = [*self._cells(row, figures), *([row.level or NOT_MEASURED] if levels else [])]
            table.add_row(*cells, end_section=place == ranked, style="dim" if row.rank is None else "")
        return table

    def not_measured(self, summary: NotMeasuredSummary, registry: Registry) -> RenderableType:
        """Return two tables: agencies without a rank, and why probes gave no number."""
        unranked = _table(self._("ranking.without_rank"))
        self._add_columns(unranked, "why", "number_of_agencies", "which")
        for one in summary.unranked:
            names = self._names(one.agencies, registry, most=MOST_COMMUNES)
            unranked.add_row(self._(f"unranked.{one.unranked_reason}"), str(len(one.agencies)), names)
        reasons = _table(self._("ranking.not_measured"))
        self._add_columns(reasons, "reason", "number_of_measurements", "conclusion", "kinds", "which")
        for entry in summary.reasons:
            reasons.add_row(
                self._(f"reason.{entry.reason}"),
                self._number(entry.measurements, 0),
                self._(f"outcome.{entry.outcome}"),
                ", ".join(self._(f"kind.{kind}") for kind in entry.kinds),
                self._names(entry.agencies, registry),
            )
        shown: list[RenderableType] = [table for table in (unranked, reasons) if table.row_count]
        return (
            Group(*(part for table in shown for part in (table, ""))) if shown else Text(self._("ranking.all_measured"))
        )

    def notes(
        self, ranking: Ranking, rows: Sequence[RankingRow], registry: Registry, *, simulated: bool = False
    ) -> RenderableType:
        """Return the lines that say what the figures rest on."""
        criteria = ranking.criteria
        title, note = (
            (criteria.title_vi, criteria.note_vi) if self._lang == "vi" else (criteria.title_en, criteria.note_en)
        )
        lines: list[RenderableType] = []
        if simulated:
            lines.append(Text(self._("ranking.simulated"), style="bold red"))
        if not ranking.claims_order:
            lines.append(Text(self._("ranking.short"), style="yellow"))
        lines.append(Text(self._("ranking.criteria").format(title=title, id=criteria.id, version=criteria.version)))
        if not criteria.fully_confirmed:
            lines.append(Text(self._("ranking.unconfirmed"), style="yellow"))
        lines.append(Text(note, style="dim"))
        window = self._("ranking.window").format(
            window=self._window(ranking),
            runs=self._number(ranking.runs, 0),
            all=self._number(ranking.measurements, 0),
            profiles=", ".join(self._(f"profile.{name}") for name in ranking.profiles) or NOT_MEASURED,
            method=ranking.method_version,
        )
        read_from = self._("ranking.read_from").format(
            rollups=self._number(ranking.from_rollups, 0), measurements=self._number(ranking.from_measurements, 0)
        )
        lines += [Text(window), Text(read_from), Text(self._("ranking.scale"))]
        lines += map(Text, self._not_counted(ranking, registry))
        if any(row.may_move for row in rows):
            lines.append(Text(self._("ranking.hidden")))
        if any(row.homepage_load_ci_is_range for row in rows if row.rank):
            lines.append(Text(self._("ranking.range")))
        return Group(*lines)

    def _not_counted(self, ranking: Ranking, registry: Registry) -> Iterator[str]:
        """Yield a line for each criterion that does not count in a block, with the agencies for which it says nothing."""
        for block in ranking.criteria.blocks:
            for name, agencies in ranking.told_not_counted(block).items():
                criterion = ranking.criteria.criterion(name)
                yield self._("ranking.not_counted" if agencies else "ranking.not_counted_of_none").format(
                    block=self._(f"block.{block.value}"),
                    criterion=criterion.title_vi if self._lang == "vi" else criterion.title_en,
                    agencies=self._names(agencies, registry),
                )

    def _cells(self, row: RankingRow, figures: Sequence[str]) -> list[str]:
        cells = {
            "score": self._number(row.score, 1),
            "homepage": self._interval(row),
            "eform": self._number(row.eform_ready_median_seconds, 2),
            "accessibility": self._number(row.accessibility_score, 0),
            "availability": self._percent(row.availability_ratio),
            "coverage": self._percent(row.coverage_ratio),
            "runs": self._number(row.runs, 0),
        }
        place = rank_text(row) or NOT_MEASURED
        if row.may_move:
            place += f" ({_range(row.best_rank, row.worst_rank)})"
        return [place, row.full_name(self._lang), *(cells[figure] for figure in figures)]

    def _interval(self, row: RankingRow) -> str:
        """Return median and interval; an open end is where half or more of the runs failed."""
        middle = self._number(row.homepage_load_median_seconds, 2)
        if row.homepage_load_median_seconds is None:
            return middle
        high = row.homepage_load_ci_high_seconds
        return f"{middle} [{self._number(row.homepage_load_ci_low_seconds, 2)}–{'∞' if high is None else self._number(high, 2)}]"

    def _add_columns(self, table: Table, *names: str) -> None:
        for name in names:
            table.add_column(self._(f"ranking.{name}"), justify="right" if name.startswith("number_of") else "left")

    def _names(self, agency_ids: Sequence[str], registry: Registry, *, most: int = AGENCIES_NAMED) -> str:
        agencies = [registry.agencies[name] for name in agency_ids[:most]]
        names = self._between(agencies).join(agency.full_name(self._lang) for agency in agencies)
        more = len(agency_ids) - len(agencies)
        return f"{names} {self._('ranking.and_more').format(count=more)}" if more else names

    def _between(self, agencies: Sequence[Agency]) -> str:
        """Return what parts names: a commune's has a comma in it."""
        return "; " if any(agency.parent_id for agency in agencies) else ", "

    def _window(self, ranking: Ranking) -> str:
        if ranking.first_at is None or ranking.last_at is None:
            return NOT_MEASURED
        return f"{self._instant(ranking.first_at)} – {self._instant(ranking.last_at)}"

    def _instant(self, at: datetime) -> str:
        return format_datetime(at, "dd/MM/yyyy HH:mm", tzinfo=HANOI, locale=self._lang)

    def _number(self, value: float | None, digits: int) -> str:
        if value is None:
            return NOT_MEASURED
        return format_decimal(value, format="#,##0" + ("." + "0" * digits if digits else ""), locale=self._lang)

    def _percent(self, ratio: float | None) -> str:
        """Return a ratio in percent; nothing but a full 1 is shown as 100 %."""
        if ratio is None:
            return NOT_MEASURED
        return format_percent(min(ratio, 0.999) if ratio < 1 else ratio, format="#,##0.#%", locale=self._lang)


def _placed_in_province(row: RankingRow) -> RankingRow:
    """Return a commune's row with its place in its province as its place."""
    first, last = row.rank_in_province, row.rank_in_province_to
    best, worst = row.best_rank_in_province, row.worst_rank_in_province
    return replace(row, rank=first, rank_to=last, shared=first != last, best_rank=best, worst_rank=worst)


def rank_text(row: RankingRow) -> str:
    """Return the rank as people read it: "3", "3–5" where several places are shared, empty without a rank."""
    return "" if row.rank is None else _range(row.rank, row.rank_to)


def _range(first: int | None, last: int | None) -> str:
    return f"{first}" if first == last else f"{first}–{last}"


def _title(block: Block, registry: Registry, province_id: str, translate: Translate) -> str:
    title = translate(f"block.{block.value}")
    if not province_id:
        return title
    return f"{title}: {registry.agencies[province_id].full_name(translate('ranking.language'))}"


def _table(title: str) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        collapse_padding=True,
    )
