"""
What does not add up in declared figures: findings for a person, each with both numbers; none keeps a file from being taken.

The rules are of the house (docs/declared.md); no official text gives any.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from thuocdo.core.model import DeclaredRow, RateDefinition, RowKey, Span

RATE_POINTS = 0.05
"""A published share differs where it lies further from its counts than rounding to one decimal brings it."""

SUSPICIOUS_PERCENTS = (99.5, 100.0)
FEWEST_PERIODS = 3


class Doubt(StrEnum):
    """What does not add up."""

    TOTAL_DIFFERS = "total_differs"
    SOLVED_DIFFERS = "solved_differs"
    MORE_ONLINE = "more_online"
    MORE_SATISFIED = "more_satisfied"
    RATE_DIFFERS = "rate_differs"
    RATE_CONSTANT = "rate_constant"
    FALLS = "falls"
    UNITS_DIFFER = "units_differ"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFinding:
    """
    One thing that does not add up.

    told: the number as the agency gives it. counted: what it should be by the other figures, or the one before. count: whose
    number it is, empty where it is not one count's. other: the period that it is compared with, None = its own.
    """

    doubt: Doubt
    key: RowKey
    told: float
    counted: float
    count: str = ""
    other: date | None = None


def findings(rows: Iterable[DeclaredRow]) -> list[DeclaredFinding]:
    """Return all that does not add up in the rows of one agency, of each key the one that counts; by period and unit."""
    known = list(rows)
    found = [one for row in known for one in _in_a_row(row)]
    for some in _series(known).values():
        found += [*_constant(some), *_repeated(some)]
        if some[0].key.span is Span.YEAR_TO_DATE:
            found += _falls(some)
    found += _units(known)
    return sorted(found, key=lambda one: (one.key.first, one.key.unit_id, one.key.procedure_code, one.doubt, one.count))


def _in_a_row(row: DeclaredRow) -> Iterator[DeclaredFinding]:
    def differs(doubt: Doubt, told: float, counted: float, count: str) -> DeclaredFinding:
        return DeclaredFinding(doubt=doubt, key=row.key, told=told, counted=counted, count=count)

    counts, total = row.counts, row.counts.get("received_total")
    ways = [name for name in ("received_online", "received_direct", "received_post") if counts.get(name) is not None]
    parts = row.total(*ways)
    if total is not None and parts is not None and {"received_online", "received_direct"} <= set(ways):
        # Some offices count what was carried over among the received.
        if total not in (parts, parts + (counts.get("carried_over") or 0)):
            yield differs(Doubt.TOTAL_DIFFERS, total, parts, "received_total")
    elif total is not None and (online := counts.get("received_online")) is not None and online > total:
        yield differs(Doubt.MORE_ONLINE, online, total, "received_online")
    solved, ended = counts.get("solved_total"), row.total("before_due", "on_time", "late")
    if solved is not None and ended is not None and solved != ended:
        yield differs(Doubt.SOLVED_DIFFERS, solved, ended, "solved_total")
    online = counts.get("solved_online")
    if solved is not None and online is not None and online > solved:
        yield differs(Doubt.MORE_ONLINE, online, solved, "solved_online")
    rated, satisfied = counts.get("rated_total"), counts.get("rated_satisfied")
    if rated is not None and satisfied is not None and satisfied > rated:
        yield differs(Doubt.MORE_SATISFIED, satisfied, rated, "rated_satisfied")
    shares = [share for share in _rates(row) if share is not None]
    if row.published_percent is not None and shares:
        nearest = min(shares, key=lambda one: abs(one - (row.published_percent or 0.0)))
        if abs(nearest - row.published_percent) > RATE_POINTS + 1e-9:
            yield differs(Doubt.RATE_DIFFERS, row.published_percent, round(nearest, 4), "published_percent")


def _rates(row: DeclaredRow) -> Iterator[float | None]:
    """Yield the shares of files on time by each definition that the row may follow, 0 to 100."""
    well, done = row.total("before_due", "on_time"), row.total("before_due", "on_time", "late")
    if well is None or not done:
        return
    if row.rate_definition is not RateDefinition.ALL_DUE:
        yield 100 * well / done
    overdue = row.counts.get("pending_late")
    if row.rate_definition is not RateDefinition.DONE_ONLY and overdue is not None:
        yield 100 * well / (done + overdue)


def _series(rows: Iterable[DeclaredRow]) -> dict[tuple[object, ...], list[DeclaredRow]]:
    """Return rows by what they are about but for their period, in order of time."""
    found: dict[tuple[object, ...], list[DeclaredRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: one.key.first):
        found[row.key.unit_id, row.key.span, row.key.procedure_code, row.key.level].append(row)
    return found


def _constant(rows: Sequence[DeclaredRow]) -> Iterator[DeclaredFinding]:
    """Yield the last row of each run of periods in which a smooth share stays while its counts change."""
    run: list[DeclaredRow] = []
    for row in [*rows, None]:
        if row is not None and row.published_percent in SUSPICIOUS_PERCENTS:
            if run and row.published_percent != run[-1].published_percent:
                yield from _told_of_run(run)
                run = []
            run.append(row)
            continue
        yield from _told_of_run(run)
        run = []


def _told_of_run(run: Sequence[DeclaredRow]) -> Iterator[DeclaredFinding]:
    counts = [tuple(sorted(row.counts.items(), key=lambda one: one[0])) for row in run]
    # A share of 100 % that its own counts bear out is no wonder: nothing was late.
    borne_out = all(row.counts.get("late") == 0 for row in run) and run and run[0].published_percent == 100.0
    if len(run) >= FEWEST_PERIODS and len(set(counts)) == len(counts) and not borne_out:
        percent = run[-1].published_percent or 0.0
        yield DeclaredFinding(
            doubt=Doubt.RATE_CONSTANT,
            key=run[-1].key,
            told=percent,
            counted=len(run),
            count="published_percent",
            other=run[0].key.first,
        )


def _repeated(rows: Sequence[DeclaredRow]) -> Iterator[DeclaredFinding]:
    """Yield rows that say in all counts what the one before says; few and small numbers may be alike by chance."""
    for before, after in pairwise(rows):
        told = [value for value in after.counts.values() if value]
        if before.counts == after.counts and len(told) >= 3 and sum(told) >= 30:
            total = float(sum(told))
            yield DeclaredFinding(
                doubt=Doubt.REPEATED, key=after.key, told=total, counted=total, other=before.key.first
            )


def _falls(rows: Sequence[DeclaredRow]) -> Iterator[DeclaredFinding]:
    for before, after in pairwise(rows):
        if before.key.first.year != after.key.first.year:
            continue
        for name in sorted(set(before.counts) & set(after.counts)):
            was, now = before.counts[name], after.counts[name]
            # What is pending, and how many procedures there are, may well become less.
            if was is not None and now is not None and now < was and not name.startswith(("pending", "procedures")):
                yield DeclaredFinding(
                    doubt=Doubt.FALLS, key=after.key, told=now, counted=was, count=name, other=before.key.first
                )


def _units(rows: Iterable[DeclaredRow]) -> Iterator[DeclaredFinding]:
    """Yield counts of a whole agency that are not the sum of its units, where at least two units tell theirs."""
    groups: dict[tuple[object, ...], list[DeclaredRow]] = defaultdict(list)
    for row in rows:
        groups[row.key.span, row.key.first, row.key.procedure_code, row.key.level].append(row)
    for some in groups.values():
        whole = next((row for row in some if not row.key.unit_id), None)
        parts = [row for row in some if row.key.unit_id]
        if whole is None or len(parts) < 2:
            continue
        for name, told in sorted(whole.counts.items()):
            given = [row.counts[name] for row in parts if row.counts.get(name) is not None]
            if told is not None and len(given) == len(parts) and sum(one or 0 for one in given) != told:
                counted = sum(one or 0 for one in given)
                yield DeclaredFinding(doubt=Doubt.UNITS_DIFFER, key=whole.key, told=told, counted=counted, count=name)
