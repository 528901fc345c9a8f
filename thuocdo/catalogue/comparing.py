"""
Compares a portal's list with the national one and with the agency's own, by code alone.

The national list has faults of its own, so what is told is that two lists differ, never that one is wrong. A name is no key: one
stands ten times in the national list. Of a list that is only a part nothing is said to be missing.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from probes.spelling import folded
from thuocdo.core.model import CatalogueRow, CatalogueSnapshot, OnlineLevel, ProcedureStatus
from thuocdo.core.shapes import PROCEDURE_CODE

ALIKE = 0.9
REASONS_FROM = date(2026, 7, 1)
"""From when a part that is online needs its reason. Source: NĐ 224/2026, Art. 14 (second-hand)."""

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_PROCEDURE = folded("thủ tục")


class DifferenceKind(StrEnum):
    """In which way two lists differ, in the order in which they are told."""

    EXPIRED_SHOWN = "expired_shown"
    MISSING = "missing"
    LEVEL_DIFFERS = "level_differs"
    PARTIAL_WITHOUT_REASON = "partial_without_reason"
    NAME_DIFFERS = "name_differs"
    MISSING_UNVERIFIED = "missing_unverified"
    UNKNOWN_CODE = "unknown_code"
    MALFORMED_CODE = "malformed_code"
    DUPLICATE = "duplicate"
    NAME_VARIANT = "name_variant"
    FIELD_DIFFERS = "field_differs"
    PENDING = "pending"


class Weight(StrEnum):
    """What a difference is: to be answered by the agency, to be looked into by a person, or for information."""

    FINDING = "finding"
    TO_VERIFY = "to_verify"
    INFORMATION = "information"


WEIGHTS: Mapping[DifferenceKind, Weight] = {
    **dict.fromkeys(DifferenceKind, Weight.INFORMATION),
    **dict.fromkeys(
        (
            DifferenceKind.EXPIRED_SHOWN,
            DifferenceKind.MISSING,
            DifferenceKind.LEVEL_DIFFERS,
            DifferenceKind.PARTIAL_WITHOUT_REASON,
            DifferenceKind.NAME_DIFFERS,
        ),
        Weight.FINDING,
    ),
    **dict.fromkeys(
        (DifferenceKind.MISSING_UNVERIFIED, DifferenceKind.UNKNOWN_CODE, DifferenceKind.MALFORMED_CODE),
        Weight.TO_VERIFY,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. portal, reference: what both lists say, empty where a list has nothing. where: row of the portal's file."""

    kind: DifferenceKind
    code: str
    name: str
    portal: str = ""
    reference: str = ""
    where: str = ""

    @property
    def weight(self) -> Weight:
        """What it is."""
        return WEIGHTS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsCompared:
    """
    Two lists side by side.

    listed: codes on the portal. matched: with the same code, name and level. of_national, of_approved: the other two
    denominators, None where there is no such list. levels: on the portal, by level.
    """

    portal: CatalogueSnapshot
    national: CatalogueSnapshot
    differences: tuple[Difference, ...]
    listed: int
    matched: int
    of_national: int
    of_approved: int | None
    levels: Mapping[OnlineLevel, int]

    @property
    def counts(self) -> Mapping[DifferenceKind, int]:
        """How often each kind of difference occurs."""
        return Counter(one.kind for one in self.differences)


def compare_lists(
    portal: CatalogueSnapshot,
    national: Sequence[CatalogueSnapshot],
    *,
    approved: CatalogueSnapshot | None = None,
    before: CatalogueSnapshot | None = None,
    called: Iterable[str] = (),
    is_in_grace: bool = False,
) -> ListsCompared:
    """
    Return how a portal's list differs.

    Args:
        portal: the agency's list, of a day.
        national: of the national database, oldest first; the newest is compared with, at least one.
        approved: the agency's own list by decision; None = not known, so what is missing is to be verified.
        before: the portal's list of an earlier day.
        called: names of the agency, by which the national list's procedures are its own.
        is_in_grace: the newest national list is so young that the portal may still follow: its news are pending.
    """
    newest = national[-1]
    comparing = _Comparing(portal, national, approved, before, [folded(one) for one in called], is_in_grace=is_in_grace)
    found = sorted(comparing.differences(), key=lambda one: (list(DifferenceKind).index(one.kind), one.code))
    differing = {one.code for one in found if one.weight is not Weight.INFORMATION}
    codes = {row.code for row in portal.rows}
    known = {row.code for row in newest.rows}
    return ListsCompared(
        portal=portal,
        national=newest,
        differences=tuple(found),
        listed=len(codes),
        matched=len((codes & known) - differing),
        of_national=len(known),
        of_approved=len({row.code for row in approved.rows}) if approved else None,
        levels=Counter(_levels(rows) for rows in _by_code(portal).values()),
    )


class _Comparing:
    """Finds the differences, kind by kind."""

    def __init__(
        self,
        portal: CatalogueSnapshot,
        national: Sequence[CatalogueSnapshot],
        approved: CatalogueSnapshot | None,
        before: CatalogueSnapshot | None,
        called: Sequence[str],
        *,
        is_in_grace: bool,
    ) -> None:
        self._portal, self._before, self._approved = portal, before, approved
        self._mine, self._called, self._is_in_grace = _by_code(portal), called, is_in_grace
        self._known = [_by_code(one) for one in national]
        self._complete = [one.is_complete for one in national]

    def differences(self) -> Iterator[Difference]:
        """Yield all of them, in no order."""
        newest = self._known[-1]
        for code, rows in self._mine.items():
            if len(rows) > 1:
                yield self._about(DifferenceKind.DUPLICATE, rows[0], f"{len(rows)}", "1")
            if not PROCEDURE_CODE.fullmatch(code):
                yield self._about(DifferenceKind.MALFORMED_CODE, rows[0], rows[0].code_raw)
                continue
            theirs = newest.get(code)
            if self._is_expired(code):
                yield self._expired(rows[0], theirs)
            elif theirs is None:
                kind = DifferenceKind.UNKNOWN_CODE
                yield self._about(kind, rows[0], rows[0].name)
            else:
                yield from self._beside(rows, theirs)
            if self._portal.taken_on >= REASONS_FROM:
                yield from self._unreasoned(rows)
        yield from self._missing()

    def _about(self, kind: DifferenceKind, row: CatalogueRow, portal: str = "", reference: str = "") -> Difference:
        return Difference(kind=kind, code=row.code, name=row.name, portal=portal, reference=reference, where=row.where)

    def _is_expired(self, code: str) -> bool:
        """Tell whether the newest list says so, or it stood in an earlier one and in neither of two later complete ones."""
        rows = self._known[-1].get(code)
        if rows is not None:
            return all(row.status is ProcedureStatus.EXPIRED for row in rows)
        complete = [known for known, is_complete in zip(self._known, self._complete, strict=True) if is_complete]
        was = [at for at, known in enumerate(complete) if code in known]
        return bool(was) and len(complete) - 1 - max(was) >= 2

    def _expired(self, row: CatalogueRow, theirs: Sequence[CatalogueRow] | None) -> Difference:
        told = theirs[0].status_raw if theirs else ""
        news = self._is_in_grace and (len(self._known) < 2 or not _was_expired(self._known[-2].get(row.code)))
        kind = DifferenceKind.PENDING if news else DifferenceKind.EXPIRED_SHOWN
        return self._about(kind, row, row.status_raw, told)

    def _beside(self, rows: Sequence[CatalogueRow], theirs: Sequence[CatalogueRow]) -> Iterator[Difference]:
        row, other = rows[0], theirs[0]
        alike = likeness(row.name, other.name)
        if alike < 1:
            kind = DifferenceKind.NAME_VARIANT if alike >= ALIKE else DifferenceKind.NAME_DIFFERS
            yield self._about(kind, row, row.name, other.name)
        mine, national = _known_levels(rows), _known_levels(theirs)
        if mine and national and mine != national:
            yield self._about(DifferenceKind.LEVEL_DIFFERS, row, _told(mine), _told(national))
        if row.field and other.field and folded(row.field) != folded(other.field):
            yield self._about(DifferenceKind.FIELD_DIFFERS, row, row.field, other.field)

    def _unreasoned(self, rows: Sequence[CatalogueRow]) -> Iterator[Difference]:
        part = next((row for row in rows if row.level is OnlineLevel.PARTIAL and not row.reason), None)
        # Where no row of the list gives a reason, the list has no such column, and nothing can be said.
        if part and any(row.reason for row in self._portal.rows):
            yield self._about(DifferenceKind.PARTIAL_WITHOUT_REASON, part, part.level_raw)

    def _missing(self) -> Iterator[Difference]:
        if not self._portal.is_complete:
            return
        newest = self._known[-1]
        own = _by_code(self._approved) if self._approved else {}
        earlier = _by_code(self._before) if self._before else {}
        for code, rows in (own | {code: rows for code, rows in earlier.items() if code in newest}).items():
            if code not in self._mine and not self._is_expired(code):
                yield self._gone(DifferenceKind.MISSING, rows[0])
        if self._approved is not None:
            return
        for code, rows in newest.items():
            if code in self._mine or code in earlier or self._is_expired(code) or not self._is_mine(rows):
                continue
            news = self._is_in_grace and len(self._known) > 1 and code not in self._known[-2]
            yield self._gone(DifferenceKind.PENDING if news else DifferenceKind.MISSING_UNVERIFIED, rows[0])

    def _gone(self, kind: DifferenceKind, row: CatalogueRow) -> Difference:
        return Difference(kind=kind, code=row.code, name=row.name, reference=row.name)

    def _is_mine(self, rows: Iterable[CatalogueRow]) -> bool:
        said = [folded(text) for row in rows for text in (row.issuing, *row.executing)]
        return any(name in text for name in self._called for text in said)


def likeness(name: str, other: str) -> float:
    """Return how alike two names of procedures are, 0 to 1, brackets and "Thủ tục" left out; words count, and not their order."""
    mine, theirs = _words(name), _words(other)
    if not mine and not theirs:
        return 1.0
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


def _words(name: str) -> frozenset[str]:
    plain = folded(_BRACKETS.sub(" ", name)).removeprefix(_PROCEDURE)
    return frozenset(re.findall(r"[\w\u0300-\u036f]+", plain))


def _by_code(snapshot: CatalogueSnapshot) -> dict[str, list[CatalogueRow]]:
    found: dict[str, list[CatalogueRow]] = defaultdict(list)
    for row in snapshot.rows:
        found[row.code].append(row)
    return dict(found)


def _known_levels(rows: Iterable[CatalogueRow]) -> frozenset[OnlineLevel]:
    """Return the levels of the services of one procedure, which may be several; empty where none is known."""
    return frozenset(row.level for row in rows) - {OnlineLevel.UNKNOWN}


def _levels(rows: Sequence[CatalogueRow]) -> OnlineLevel:
    """Return the lowest level of a procedure's services: it is wholly online where all of them are."""
    order = [OnlineLevel.INFORMATION, OnlineLevel.PARTIAL, OnlineLevel.FULL]
    known = _known_levels(rows)
    return next((level for level in order if level in known), OnlineLevel.UNKNOWN)


def _told(levels: Iterable[OnlineLevel]) -> str:
    return ", ".join(sorted(one.value for one in levels))


def _was_expired(rows: Sequence[CatalogueRow] | None) -> bool:
    return rows is None or all(row.status is ProcedureStatus.EXPIRED for row in rows)
