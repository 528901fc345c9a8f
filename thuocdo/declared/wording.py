"""What the month board says in fixed sentences; boards are Vietnamese. Numbers are those of its tables."""

from collections.abc import Sequence

from thuocdo.core.formats import Formats
from thuocdo.core.model import RowKey, Span
from thuocdo.declared.board import BoardLine, MonthBoard
from thuocdo.declared.checks import DeclaredFinding, Doubt
from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.units import DeclaringAgency, Goal, GoalSide
from thuocdo.periods.period import Period
from thuocdo.publication.texts import fixed_text
from thuocdo.publication.wording import ABSENT

FORMATS = Formats("vi")
MOST_NAMED = 10
"""Of each list in a paragraph; the table has all."""


def percent(value: float | None, digits: int = 2) -> str:
    """Return a percentage; what is not quite 100 is never shown as 100, and a dash where there is none."""
    if value is None:
        return ABSENT
    shown = min(value, 100 - 10**-digits) if value < 100 else value
    return f"{FORMATS.fixed(shown, digits)}%"


def month_called(month: Period) -> str:
    """Return a month as people say it."""
    return fixed_text("period.month", number=month.number, year=month.first.year)


def span_called(key: RowKey) -> str:
    """Return the period of a row as people say it."""
    number = (key.first.month + 2) // 3 if key.span is Span.QUARTER else key.first.month
    return fixed_text(f"declared.span.{key.span.value}", number=number, year=key.first.year)


def goal_called(goal: Goal) -> str:
    """Return what a goal asks for, such as "từ 80,00% trở lên"."""
    return fixed_text(f"declared.goal.{goal.side.value}", percent=percent(goal.percent))


def state_called(line: BoardLine) -> str:
    """Return how a unit stands, in words."""
    return fixed_text(f"declared.state.{line.progress.state.value}")


def needed_called(line: BoardLine) -> str:
    """Return what is still needed, in words; a dash where nothing can be asked."""
    needed = line.progress.needed
    if needed is None:
        return ABSENT
    if not needed.is_possible:
        return fixed_text("declared.needed.impossible")
    key = "at_least" if line.progress.goal.side is GoalSide.AT_LEAST else "at_most"
    return fixed_text(f"declared.needed.{key}", percent=percent(needed.percent))


def finding_sentence(one: DeclaredFinding, whose: DeclaringAgency) -> str:
    """Return what does not add up, with both numbers and where."""
    is_percent = one.count == "published_percent"
    write = percent if is_percent else _number
    counted = _number(one.counted) if one.doubt is Doubt.RATE_CONSTANT else write(one.counted)
    return fixed_text(
        f"declared.doubt.{one.doubt.value}",
        unit=whose.unit_name(one.key.unit_id, "vi"),
        period=span_called(one.key),
        count=count_called(one.count),
        told=write(one.told),
        counted=counted,
        other=span_called(RowKey(unit_id="", span=one.key.span, first=one.other)) if one.other else "",
    )


def count_called(name: str) -> str:
    """Return what a count is called; a published share too."""
    if name == "published_percent":
        return fixed_text("declared.published_percent")
    return next((one.name_vi for one in all_indicators().counts if one.id == name), "")


def praise(board: MonthBoard) -> str:
    """Return the paragraph on who met its goal; an empty list is said to be so."""
    lines = board.praised
    if not lines:
        return fixed_text("declared.praise.none", month=month_called(board.month))
    return _named("declared.praise", board, lines, "declared.praise.one")


def remind(board: MonthBoard) -> str:
    """Return the paragraph on who is below its goal; an empty list is said to be so."""
    lines = board.reminded
    if not lines:
        return fixed_text("declared.remind.none", month=month_called(board.month))
    return _named("declared.remind", board, lines, "declared.remind.one")


def silence(board: MonthBoard) -> str:
    """Return the paragraph on who gave no figures; an empty list is said to be so."""
    names = list(dict.fromkeys(one.unit_vi for one in board.silent))
    if not names:
        return fixed_text("declared.silent.none", month=month_called(board.month))
    return fixed_text("declared.silent", month=month_called(board.month), number=len(names), units=_listed(names))


def left_out(board: MonthBoard) -> str:
    """Return who is named in neither list, and why; empty where there is nobody."""
    thin = [
        one.unit_vi
        for one in board.lines
        if one.progress.total and one.progress.is_thin and one.progress.gap is not None
    ]
    doubtful = [one.unit_vi for one in board.lines if one.findings]
    parts = []
    if thin:
        parts.append(fixed_text("declared.left_out.thin", units=_listed(list(dict.fromkeys(thin)))))
    if doubtful:
        parts.append(fixed_text("declared.left_out.doubtful", units=_listed(list(dict.fromkeys(doubtful)))))
    return " ".join(parts)


def marks(board: MonthBoard) -> tuple[str, ...]:
    """Return what every page must say."""
    return (fixed_text("declared.mark"), *([fixed_text("package.mark.synthetic")] if board.synthetic else []))


def rules() -> list[tuple[str, str]]:
    """Return the rules by which the board is made, each with what it is about."""
    names = ("source", "share", "state", "needed", "few", "doubts", "merged", "measured")
    return [(fixed_text(f"declared.rule.{name}"), fixed_text(f"declared.rule.{name}.text")) for name in names]


def _named(key: str, board: MonthBoard, lines: Sequence[BoardLine], each: str) -> str:
    told = [
        fixed_text(
            each,
            unit=one.unit_vi,
            indicator=one.indicator.name_vi[:1].lower() + one.indicator.name_vi[1:],
            percent=percent(one.progress.total.percent if one.progress.total else None),
            goal=goal_called(one.progress.goal),
            needed=_needed_clause(one),
        )
        for one in lines[:MOST_NAMED]
    ]
    text = fixed_text(key, month=month_called(board.month), number=len(lines), lines="; ".join(told))
    more = len(lines) - MOST_NAMED
    return f"{text} {fixed_text('declared.more', number=more)}" if more > 0 else text


def _needed_clause(line: BoardLine) -> str:
    return "" if line.progress.needed is None else f", {needed_called(line)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return fixed_text("declared.and_more", units=shown, number=more) if more > 0 else shown


def _number(value: float) -> str:
    return FORMATS.number(value)
