"""
Pages that became lighter, emptier, or a notice, while a round was measured, and went back after it.

A page that changes stays changed, or changes on days of its own. One that is light from the day a round begins to the day it
ends, was heavy for four weeks before and is so again within a week, is for a person to look at.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from thuocdo.core.clock import hanoi_day
from thuocdo.core.model import PageKind, TreatmentCause
from thuocdo.treatment.visits import PageVisit, by_day

BEFORE = timedelta(days=28)
AFTER = timedelta(days=7)
FEWEST_BEFORE, FEWEST_INSIDE, FEWEST_AFTER = 7, 2, 2
"""Days with visits; of fewer nothing can be said."""

RECENT = 7
"""Days before a round that tell what is usual; all of them tell what is unusual."""

LIGHTER = 0.7
BACK = 0.85
UNUSUAL = 0.1
"""So seldom a page may be as light on days before; else that is nothing of the round's."""

EMPTY = 0.5
NOTICES, NOTICES_BEFORE = 0.2, 0.02
_NOTICES = frozenset({PageKind.NOTICE, PageKind.MAINTENANCE, PageKind.REDIRECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class InRound:
    """What became of a page while a round was measured. numbers: what it rests on."""

    target_id: str
    cause: TreatmentCause
    numbers: Mapping[str, float]
    visits: tuple[PageVisit, ...]


def findings_of_round(visits: Iterable[PageVisit], start: datetime, end: datetime) -> Iterator[InRound]:
    """
    Yield what became of the pages of some targets while a round was measured.

    Args:
        visits: from BEFORE the round to AFTER it, all there are.
        start, end: of the round, aware; whole days in Hanoi count.
    """
    by_target: dict[str, list[PageVisit]] = {}
    for one in visits:
        by_target.setdefault(one.target_id, []).append(one)
    days = _Days.of(start, end)
    for name, some in sorted(by_target.items()):
        found = _emptied(name, some, days) or _lighter(name, some, days)
        if found:
            yield found
        if notice := _notices(name, some, days):
            yield notice


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Ordinals of the days before, inside and after a round."""

    before: range
    inside: range
    after: range

    @classmethod
    def of(cls, start: datetime, end: datetime) -> "_Days":
        first, last = hanoi_day(start).toordinal(), hanoi_day(end - timedelta(microseconds=1)).toordinal()
        return cls(
            before=range(first - BEFORE.days, first),
            inside=range(first, last + 1),
            after=range(last + 1, last + 1 + AFTER.days),
        )

    def visits(self, visits: Iterable[PageVisit], days: range) -> list[PageVisit]:
        """Return the visits of some days."""
        return [one for one in visits if hanoi_day(one.at).toordinal() in days]


def _lighter(name: str, visits: Sequence[PageVisit], days: _Days) -> InRound | None:
    for value in ("transferred_bytes", "requests", "elements"):
        numbers = _dropped(visits, value, days, LIGHTER)
        if numbers:
            told = numbers | {f"is_{value}": 1.0}
            return _found(name, TreatmentCause.LIGHTER_IN_ROUND, told, days.visits(visits, days.inside))
    return None


def _emptied(name: str, visits: Sequence[PageVisit], days: _Days) -> InRound | None:
    """Return a finding where a page said and led to less than half of what it did."""
    words, links = (_dropped(visits, value, days, EMPTY) for value in ("text_words", "links"))
    if words and links:
        inside = days.visits(visits, days.inside)
        return _found(name, TreatmentCause.EMPTIED_IN_ROUND, words | {"links_ratio": links["ratio"]}, inside)
    return None


def _dropped(visits: Sequence[PageVisit], value: str, days: _Days, least: float) -> dict[str, float] | None:
    """Return the numbers of a value that was surely less in the round alone, by days; None where it was not."""
    by = by_day(visits, value)
    before, inside, after = ([by[day] for day in some if day in by] for some in (days.before, days.inside, days.after))
    if len(before) < FEWEST_BEFORE or len(inside) < FEWEST_INSIDE or len(after) < FEWEST_AFTER:
        return None
    usual = median(before[-RECENT:])  # a redesign weeks before is none of the round's
    is_less = usual > 0 and sum(one < least * usual for one in inside) >= 0.8 * len(inside)
    is_unusual = sum(one < least * usual for one in before) <= UNUSUAL * len(before)
    # Back at once or within the week: the last days of it count.
    is_back = median(after[-3:]) >= BACK * usual
    if not (is_less and is_unusual and is_back):
        return None
    return {"before": usual, "inside": median(inside), "after": median(after[-3:]), "ratio": median(inside) / usual}


def _notices(name: str, visits: Sequence[PageVisit], days: _Days) -> InRound | None:
    """Return a finding where a notice stood in the place of the page in the round, and hardly ever before."""
    before, inside = (_told(days.visits(visits, some)) for some in (days.before, days.inside))
    if len(before) < FEWEST_BEFORE or not inside:
        return None
    shares = [sum(one.page_kind in _NOTICES for one in some) / len(some) for some in (before, inside)]
    if shares[1] >= NOTICES and shares[0] <= NOTICES_BEFORE:
        shown = [one for one in inside if one.page_kind in _NOTICES]
        numbers = {"before": shares[0], "inside": shares[1], "visits": float(len(inside))}
        return _found(name, TreatmentCause.NOTICE_IN_ROUND, numbers, shown)
    return None


def _told(visits: Iterable[PageVisit]) -> list[PageVisit]:
    return [one for one in visits if one.page_kind is not None]


def _found(name: str, cause: TreatmentCause, numbers: Mapping[str, float], visits: Collection[PageVisit]) -> InRound:
    return InRound(target_id=name, cause=cause, numbers=numbers, visits=tuple(sorted(visits, key=lambda one: one.at)))


def can_be_told(end: datetime, today: date) -> bool:
    """Tell whether enough days after a round are over to see whether pages went back, and it is not long ago."""
    days = (today - hanoi_day(end)).days
    return FEWEST_AFTER < days <= AFTER.days + 2
