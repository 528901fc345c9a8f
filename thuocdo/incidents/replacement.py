"""
Another page at a portal's address: quite another one than the known one, by the readings `not_the_portal`.

Such a reading is inconclusive: it counts neither for nor against the portal, lowers coverage, and is told to the owner. The rule:

1. Two of them in a row, of one kind of probe at one vantage point, and no further apart than the gap, show another page. What is
   inconclusive for any other reason (our own line, a busy prober, a wall) counts neither way; everything else breaks the row.
2. Two readings in a row that saw no other page, the newest of them ok, show that the known page is back. Failures alone do not:
   they become an outage, or nothing.
3. A target is replaced when the majority of the vantage points that looked lately with some kind see another page by that kind.
4. Where most targets of a vantage point show other pages that were not confirmed yet, something on its line answers in the
   place of all of them, as a captive portal does: none is called replaced for it. So it is not where they are one family's, or
   another vantage point sees the same.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import MeasurementKey, Outcome, Reading, Reason
from thuocdo.incidents.falls import is_one_family
from thuocdo.incidents.judge_state import Case, ConclusiveProbe, Memory, Sighting
from thuocdo.incidents.rules import JudgingContext

IN_A_ROW = 2
"""At the shipped pace another page is certain a minute after the first answer, or 15 after the first picture."""


@cache
def page_kinds() -> frozenset[str]:
    """Return the kinds of probe that tell which page stands at a target's address."""
    return frozenset(kind.name for kind in all_kinds().values() if kind.tells_page_kind)


def tells_page(reading: Reading) -> bool:
    """Tell whether a reading says which page stands at its target's address, or that none answers there."""
    is_telling = reading.outcome is not Outcome.INCONCLUSIVE or tells_other_page(reading)
    return is_telling and reading.key.kind in page_kinds()


def tells_other_page(reading: Reading) -> bool:
    """Tell whether a reading says that quite another page stands there."""
    return reading.reason is Reason.NOT_THE_PORTAL


def take_page(memory: Memory, reading: Reading, scene: JudgingContext) -> datetime | None:
    """
    Add a reading that tells which page stands there, from a vantage point that can be trusted.

    Returns:
        Since when the known page is back, where that just became certain at this vantage point.
    """
    key, at = reading.key, reading.key.scheduled_at
    is_strange = tells_other_page(reading)
    memory.told.setdefault(key.kind, {}).setdefault(key.vantage_id, {})[key.target_id] = at
    sightings = memory.strange.get(key.kind, {}).get(key.vantage_id, {})
    sighting = sightings.get(key.target_id)
    if sighting is None:
        if not is_strange:
            return None
        sightings = memory.strange.setdefault(key.kind, {}).setdefault(key.vantage_id, sightings)
        sighting = sightings[key.target_id] = Sighting()
    sighting.row.add(at, _gap(scene, key.kind, key.target_id), is_ok=not is_strange)
    if is_strange:
        _see(sighting, memory, reading, scene)
        return None
    is_back = sighting.row.ok >= IN_A_ROW and reading.outcome is Outcome.OK
    if sighting.is_replaced and not is_back:
        return None
    del sightings[key.target_id]
    return sighting.row.ok_since if sighting.is_replaced else None


def _see(sighting: Sighting, memory: Memory, reading: Reading, scene: JudgingContext) -> None:
    """Keep what shows another page, and decide whether it is certain now."""
    if sighting.is_replaced:
        return
    if sighting.row.bad == 1:
        sighting.marks.clear()
    sighting.marks.append(
        ConclusiveProbe(
            at=reading.key.scheduled_at, reason=reading.reason, detail=reading.detail, evidence=reading.evidence
        )
    )
    del sighting.marks[:-IN_A_ROW]
    if sighting.row.bad >= IN_A_ROW and not _is_common(memory, reading.key, scene):
        sighting.is_replaced, sighting.since = True, sighting.row.bad_since


def _is_common(memory: Memory, key: MeasurementKey, scene: JudgingContext) -> bool:
    """Tell whether most targets of a vantage point, of one pace, show other pages just now: its line is the likely cause."""
    least = scene.rules.least_fallen
    sightings = memory.strange[key.kind][key.vantage_id]
    if len(sightings) < least:
        return False
    at, gap = key.scheduled_at, _gap(scene, key.kind, key.target_id)
    told = memory.told[key.kind][key.vantage_id]
    strange = _unconfirmed(told, sightings, at, gap, key.kind, scene)
    if len(strange) < least:
        return False
    seen = [*_lately(told, at, gap, key.kind, scene)]
    if len(strange) < scene.rules.fallen_share * len(seen) or is_one_family(strange, seen, scene):
        return False
    return not any(
        _sees_the_same(told_there, memory.strange.get(key.kind, {}).get(other, {}), at, gap, key.kind, scene)
        for other, told_there in memory.told[key.kind].items()
        if other != key.vantage_id and not memory.is_lost(other)
    )


def _unconfirmed(
    told: Mapping[str, datetime],
    sightings: Mapping[str, Sighting],
    at: datetime,
    gap: timedelta,
    kind: str,
    scene: JudgingContext,
) -> frozenset[str]:
    """Return the targets of one pace that show another page lately, and are not known for it."""
    lately = _lately({name: told[name] for name in sightings if name in told}, at, gap, kind, scene)
    return frozenset(name for name in lately if sightings[name].row.bad and not sightings[name].is_replaced)


def _sees_the_same(
    told: Mapping[str, datetime],
    sightings: Mapping[str, Sighting],
    at: datetime,
    gap: timedelta,
    kind: str,
    scene: JudgingContext,
) -> bool:
    """Tell whether another vantage point sees most targets of one pace replaced, confirmed or not: then it is the portals."""
    seen = [*_lately(told, at, gap, kind, scene)]
    strange = sum(name in sightings and sightings[name].row.bad > 0 for name in seen)
    return bool(seen) and strange >= scene.rules.fallen_share * len(seen)


def _lately(
    told: Mapping[str, datetime], at: datetime, gap: timedelta, kind: str, scene: JudgingContext
) -> Iterator[str]:
    """Yield the targets with this gap that were looked at within it."""
    return (name for name, last_at in told.items() if at - last_at <= gap and _gap(scene, kind, name) == gap)


def is_replaced(memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> bool | None:
    """Tell whether the majority of vantage points see another page by any kind; None where nobody can be trusted to say."""
    verdicts: list[bool | None] = []
    for kind, of_kind in memory.strange.items():
        if not any(target_id in sightings for sightings in of_kind.values()):
            continue
        told = {
            vantage_id: instants[target_id]
            for vantage_id, instants in memory.told[kind].items()
            if target_id in instants and not memory.is_lost(vantage_id)
        }
        gap = _gap(scene, kind, target_id)
        # Home pages rest at night: what stood there in the evening is not gone because nobody looks.
        voices = [name for name, last_at in told.items() if at - last_at <= gap] or [*told]
        seeing = sum(
            (sighting := of_kind.get(name, {}).get(target_id)) is not None and sighting.is_replaced for name in voices
        )
        verdicts.append(2 * seeing > len(voices) if voices else None)
    known = [verdict for verdict in verdicts if verdict is not None]
    return any(known) if known or not verdicts else None


def sightings_of(memory: Memory, target_id: str) -> Iterator[tuple[str, str, Sighting]]:
    """Yield kind, vantage point and sighting where another page is certain, in order, of vantage points that can be trusted."""
    for kind, of_kind in sorted(memory.strange.items()):
        for vantage_id, sightings in sorted(of_kind.items()):
            if target_id in sightings and sightings[target_id].is_replaced and not memory.is_lost(vantage_id):
                yield kind, vantage_id, sightings[target_id]


def note_other_pages(case: Case, memory: Memory, target_id: str) -> None:
    """Keep the readings by which each kind and vantage point sees another page; the first that says what it is tells it."""
    details = []
    for kind, vantage_id, sighting in sightings_of(memory, target_id):
        for mark in sighting.marks:
            case.note(target_id, vantage_id, mark, kind)
            details.append(mark.detail)
    case.detail = next(filter(None, details), case.detail)


def forget_rows(memory: Memory, vantage_id: str) -> None:
    """Forget all that might become a conclusion at a vantage point; what was concluded stays."""
    for of_kind in memory.strange.values():
        sightings = of_kind.get(vantage_id, {})
        for name in [name for name, sighting in sightings.items() if not sighting.is_replaced]:
            del sightings[name]
        for sighting in sightings.values():
            sighting.row.ok = 0


def forget_unregistered(memory: Memory, known: Collection[str]) -> None:
    """Forget what was seen of targets that are not registered."""
    of_kinds: list[Mapping[str, dict[str, Any]]] = [*memory.told.values(), *memory.strange.values()]
    for by_target in (by_target for of_kind in of_kinds for by_target in of_kind.values()):
        for name in [name for name in by_target if name not in known]:
            del by_target[name]


def _gap(scene: JudgingContext, kind: str, target_id: str) -> timedelta:
    return scene.rules.page_gap_for(kind, scene.targets.get(target_id))
