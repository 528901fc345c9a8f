"""The board of a month: how each unit stands with each goal that is set for it, with what was measured beside it, never mixed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from thuocdo.core.model import Agency, DeclaredRow
from thuocdo.declared.checks import DeclaredFinding, findings
from thuocdo.declared.indicators import Indicator, all_indicators
from thuocdo.declared.progress import GoalState, Progress, Share, by_month, progress
from thuocdo.declared.units import DeclaringAgency, Goal, GoalSide
from thuocdo.periods.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured of an agency's portal in the month; None = nothing was. seconds: median time of its home page."""

    availability_ratio: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardLine:
    """One unit and one goal. findings: what does not add up in the figures that it rests on."""

    agency: Agency
    unit_vi: str
    unit_en: str
    kind: str
    indicator: Indicator
    progress: Progress
    findings: tuple[DeclaredFinding, ...] = ()

    def unit(self, lang: str) -> str:
        """Return what the unit is called."""
        return self.unit_vi if lang == "vi" else self.unit_en

    @property
    def may_be_named(self) -> bool:
        """Tell whether a unit may be praised or reminded: its share rests on enough, and nothing in it is in doubt."""
        return not self.progress.is_thin and not self.findings


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBoard:
    """
    The board of a month.

    lines: the furthest below its goal first, those without a share last. measured, findings: by agency.
    """

    month: Period
    made_at: datetime
    lines: tuple[BoardLine, ...]
    measured: Mapping[str, Measured]
    findings: Mapping[str, tuple[DeclaredFinding, ...]]
    agencies: Mapping[str, DeclaringAgency]
    synthetic: bool = False

    @property
    def praised(self) -> tuple[BoardLine, ...]:
        """Who met its goal, the furthest above it first."""
        met = [one for one in self.lines if one.progress.state is GoalState.MET and one.may_be_named]
        return tuple(sorted(met, key=lambda one: (-(one.progress.gap or 0.0) * _side(one.progress.goal), one.unit_vi)))

    @property
    def reminded(self) -> tuple[BoardLine, ...]:
        """Who did not meet it, or cannot any more, or has less than it needs; the furthest below it first."""
        behind = (GoalState.NOT_MET, GoalState.IN_TIME)
        return tuple(one for one in self.lines if one.progress.state in behind and one.may_be_named)

    @property
    def silent(self) -> tuple[BoardLine, ...]:
        """Whose figures are missing, of the month or at all."""
        return tuple(
            one
            for one in self.lines
            if one.progress.state is GoalState.NO_FIGURES or self.month.first in one.progress.missing
        )


def make_board(
    month: Period,
    declaring: Iterable[DeclaringAgency],
    rows: Mapping[str, Sequence[DeclaredRow]],
    measured: Mapping[str, Measured],
    now: datetime,
    *,
    synthetic: bool = False,
) -> MonthBoard:
    """
    Return the board of a month.

    Args:
        month: a period of one month.
        declaring: the agencies to show, with their units and goals.
        rows: by agency, of each key the one that counts.
        measured: by agency.
        now: when it is made.
        synthetic: what is measured is simulated.
    """
    agencies = {one.agency.id: one for one in declaring}
    doubts = {name: tuple(findings(rows.get(name, ()))) for name in agencies}
    lines = [
        line for name, one in agencies.items() for line in _lines(one, rows.get(name, ()), month.first, doubts[name])
    ]
    return MonthBoard(
        month=month,
        made_at=now,
        lines=tuple(sorted(lines, key=_order)),
        measured=measured,
        findings=doubts,
        agencies=agencies,
        synthetic=synthetic,
    )


def _lines(
    whose: DeclaringAgency, rows: Sequence[DeclaredRow], month: date, doubts: Sequence[DeclaredFinding]
) -> Iterable[BoardLine]:
    known = all_indicators().by_id
    for goal in whose.goals:
        # A goal that another took the place of keeps its line to the end of its year, as it stood.
        until = min(month, goal.valid_to.replace(day=1)) if goal.valid_to else month
        if goal.first.replace(day=1) > until or until.year < month.year:
            continue
        unit, indicator = whose.units.get(goal.unit_id), known[goal.indicator]
        if unit and unit.valid_to and unit.valid_to < month:
            continue
        names = _carried(whose, goal.unit_id)
        months = by_month(rows, indicator, names) if goal.unit_id else _of_all(rows, indicator, whose)
        found = progress(goal, indicator, months, until)
        yield BoardLine(
            agency=whose.agency,
            unit_vi=whose.unit_name(goal.unit_id, "vi"),
            unit_en=whose.unit_name(goal.unit_id, "en"),
            kind=unit.kind if unit else "",
            indicator=indicator,
            progress=found,
            findings=tuple(one for one in doubts if _concerns(one, names, found, indicator)),
        )


def _carried(whose: DeclaringAgency, unit_id: str) -> tuple[str, ...]:
    """Return a unit and all whose figures were carried on to it."""
    found = [unit_id]
    for name in found:
        found += [one.id for one in whose.units.values() if one.carried_to == name and one.id not in found]
    return tuple(found)


def _of_all(rows: Sequence[DeclaredRow], indicator: Indicator, whose: DeclaringAgency) -> Mapping[date, Share]:
    """Return an agency's months: its own rows, and in months without one the sum of its units."""
    return {**by_month(rows, indicator, tuple(whose.units)), **by_month(rows, indicator, ("",))}


def _concerns(doubt: DeclaredFinding, units: Sequence[str], found: Progress, indicator: Indicator) -> bool:
    used = {*indicator.numerator, *(name for way in indicator.denominators for name in way)}
    timely = {"before_due", "on_time", "late"} & used
    about = not doubt.count or doubt.count in used or (doubt.count in ("published_percent", "solved_total") and timely)
    return doubt.key.unit_id in units and doubt.key.first in found.months and bool(about)


def _side(goal: Goal) -> int:
    return 1 if goal.side is GoalSide.AT_LEAST else -1


def _order(line: BoardLine) -> tuple[object, ...]:
    gap = line.progress.gap
    return (
        gap is None,
        0.0 if gap is None else gap * _side(line.progress.goal),
        line.agency.id,
        line.unit_vi,
        line.indicator.id,
        line.progress.goal.first,
    )
