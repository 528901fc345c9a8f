"""How available something was: ok / (ok + failed) outside planned maintenance, with coverage and the error budget beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal

from thuocdo.core.clock import HANOI
from thuocdo.core.i18n import Translate
from thuocdo.core.model import HourTally


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityReport:
    """
    How many probes ended how. excluded: within planned maintenance, in none of the others. missed: due, and never started because
    the prober could not keep up.
    """

    ok: int = 0
    failed: int = 0
    inconclusive: int = 0
    excluded: int = 0
    missed: int = 0

    @property
    def conclusive(self) -> int:
        """Probes that say something of the portal."""
        return self.ok + self.failed

    @property
    def availability_ratio(self) -> float | None:
        """Share of ok among ok and failed, 0..1; None where no probe was conclusive."""
        return self.ok / self.conclusive if self.conclusive else None

    @property
    def coverage_ratio(self) -> float | None:
        """Share of ok and failed among all that were due but excluded, 0..1; None where none was."""
        return self.conclusive / self._due if self._due else None

    @property
    def missed_ratio(self) -> float | None:
        """Share of missed ones among all that were due but excluded, 0..1; None where none was."""
        return self.missed / self._due if self._due else None

    @property
    def _due(self) -> int:
        return self.conclusive + self.inconclusive + self.missed


def availability(tallies: Iterable[HourTally]) -> AvailabilityReport:
    """Return the sums of tallies, of whatever targets, vantage points and hours."""
    ok = failed = inconclusive = excluded = missed = 0
    for tally in tallies:
        ok += tally.ok
        failed += tally.failed
        inconclusive += tally.inconclusive
        excluded += tally.excluded
        missed += tally.missed
    return AvailabilityReport(ok=ok, failed=failed, inconclusive=inconclusive, excluded=excluded, missed=missed)


def month_of(instant: datetime) -> tuple[datetime, datetime]:
    """Return beginning and end (exclusive) of the calendar month in Hanoi that an instant lies in."""
    first = instant.astimezone(HANOI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def error_budget_remaining_ratio(tallies: Iterable[HourTally], *, objective: float, now: datetime) -> float | None:
    """
    Return what is left of this month's error budget.

    The budget is the share of the whole month's probes that may fail. How many these will be is told from how many there were
    since the first of the month that was measured; so one bad hour on the second day does not look like a lost month.

    Args:
        tallies: of one target or several; those outside the month are left out.
        objective: share that must be ok, below 1.
        now: decides the month.

    Returns:
        1 = untouched, 0 = spent, below 0 = overspent; None where no probe of the month was conclusive.
    """
    start, end = month_of(now)
    of_month = [tally for tally in tallies if start <= tally.hour < end]
    report = availability(of_month)
    if not report.conclusive:
        return None
    elapsed = now - min(tally.hour for tally in of_month)
    expected = report.conclusive * max((end - start) / elapsed, 1.0) if elapsed else report.conclusive
    return 1.0 - report.failed / ((1.0 - objective) * expected)


def availability_rule(translate: Translate) -> str:
    """Return the rule that stands beside every availability."""
    return translate(
        "Availability = ok / (ok + failed), over the HTTP probes outside planned maintenance. Inconclusive probes (our own line, "
        "a wall in between) and missed ones (due, but this system could not start them in time) count neither way and lower the "
        "coverage: (ok + failed) / all probes that were due outside maintenance."
    )


def objective_rule(translate: Translate, objective: float, lang: str) -> str:
    """Return what stands beside every error budget; lang: of the translator, for the number."""
    return translate(
        "The objective of {objective} % of a calendar month (Hanoi time) is our own; no official text has confirmed it."
    ).format(objective=format_decimal(100 * objective, locale=lang))
