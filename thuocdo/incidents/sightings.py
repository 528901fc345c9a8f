"""
Rows of readings in which a kind of probe sees at a target, from one vantage point, what should not be there.

Two concerns are kept so: another page at a portal's address (`replacement.py`), and a portal that answers and does not work
(`breakage.py`). Both are seen by probes that come seldom; the rules:

1. So many bad readings in a row, no further apart than the gap, make it certain. What tells nothing of it counts neither way.
2. Two others in a row, the newest of them ok, show that it is over.
3. It holds of a target when the majority of the vantage points that looked lately with some kind see it.
4. Where most targets of a vantage point, of one pace and of several portals, show it and none of it was certain, the vantage
   point is the likely cause: it is called certain of none. So it is not where they are one family's, or another vantage point
   sees the same.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from thuocdo.core.model import MeasurementKey, Outcome, Reading
from thuocdo.incidents.case import Case, ConclusiveProbe, Part
from thuocdo.incidents.falls import is_one_family, portals_of
from thuocdo.incidents.judge_state import Memory, Seen, Sighting, Sightings
from thuocdo.incidents.rules import JudgingContext

OVER_IN_A_ROW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """
    What may be wrong with a target.

    is_bad: whether a reading shows it. in_a_row: so many of a kind at a target make it certain. seen, sightings: where the memory
    keeps when each target was looked at last, and the rows; by kind, vantage point, target.
    """

    is_bad: Callable[[Reading], bool]
    in_a_row: Callable[[JudgingContext, str, str], int]
    seen: Callable[[Memory], Seen]
    sightings: Callable[[Memory], Sightings]

    def take(self, memory: Memory, reading: Reading, scene: JudgingContext) -> datetime | None:
        """
        Add a reading that tells whether it is so, from a vantage point that can be trusted.

        Returns:
            Since when it is over, where that just became certain at this vantage point.
        """
        key, at, is_bad = reading.key, reading.key.scheduled_at, self.is_bad(reading)
        self.seen(memory).setdefault(key.kind, {}).setdefault(key.vantage_id, {})[key.target_id] = at
        all_of_it = self.sightings(memory)
        here = all_of_it.get(key.kind, {}).get(key.vantage_id, {})
        sighting = here.get(key.target_id)
        if sighting is None:
            if not is_bad:
                return None
            here = all_of_it.setdefault(key.kind, {}).setdefault(key.vantage_id, here)
            sighting = here[key.target_id] = Sighting()
        sighting.row.add(at, _gap(scene, key.kind, key.target_id), is_ok=not is_bad)
        if is_bad:
            self._see(sighting, memory, reading, scene)
            return None
        is_over = sighting.row.ok >= OVER_IN_A_ROW and reading.outcome is Outcome.OK
        if sighting.is_certain and not is_over:
            return None
        del here[key.target_id]
        return sighting.row.ok_since if sighting.is_certain else None

    def holds(self, memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> bool | None:
        """Tell whether the majority of vantage points see it by any kind; None where nobody can be trusted to say."""
        verdicts: list[bool | None] = []
        for kind, of_kind in self.sightings(memory).items():
            if not any(target_id in sightings for sightings in of_kind.values()):
                continue
            told = {
                vantage_id: instants[target_id]
                for vantage_id, instants in self.seen(memory)[kind].items()
                if target_id in instants and not memory.is_lost(vantage_id)
            }
            gap = _gap(scene, kind, target_id)
            # Home pages rest at night: what was there in the evening is not gone because nobody looks.
            voices = [name for name, last_at in told.items() if at - last_at <= gap] or [*told]
            seeing = sum(
                (sighting := of_kind.get(name, {}).get(target_id)) is not None and sighting.is_certain
                for name in voices
            )
            verdicts.append(2 * seeing > len(voices) if voices else None)
        known = [verdict for verdict in verdicts if verdict is not None]
        return any(known) if known or not verdicts else None

    def certain(self, memory: Memory, target_id: str) -> Iterator[tuple[str, str, Sighting]]:
        """Yield kind, vantage point and sighting where it is certain, in order, of vantage points that can be trusted."""
        for kind, of_kind in sorted(self.sightings(memory).items()):
            for vantage_id, sightings in sorted(of_kind.items()):
                if target_id in sightings and sightings[target_id].is_certain and not memory.is_lost(vantage_id):
                    yield kind, vantage_id, sightings[target_id]

    def begun_at(self, memory: Memory, target_id: str) -> datetime | None:
        """Return since when it is so, as first seen from anywhere; None where that is not known."""
        return min((one.since for _, _, one in self.certain(memory, target_id) if one.since is not None), default=None)

    def note(self, case: Case, part: Part, memory: Memory) -> None:
        """Keep the readings by which each kind and vantage point sees it; the first that says what it is tells it."""
        details = []
        for kind, vantage_id, sighting in self.certain(memory, part.target_id):
            for mark in sighting.marks:
                case.note(part.target_id, vantage_id, mark, kind, part)
                details.append(mark.detail)
        part.detail = next(filter(None, details), part.detail)

    def forget_rows(self, memory: Memory, vantage_id: str) -> None:
        """Forget all that might become certain at a vantage point; what is certain stays."""
        for of_kind in self.sightings(memory).values():
            sightings = of_kind.get(vantage_id, {})
            for name in [name for name, sighting in sightings.items() if not sighting.is_certain]:
                del sightings[name]
            for sighting in sightings.values():
                sighting.row.ok = 0

    def forget_unregistered(self, memory: Memory, known: Collection[str]) -> None:
        """Forget what was seen of targets that are not registered."""
        of_kinds: list[Mapping[str, dict[str, Any]]] = [*self.seen(memory).values(), *self.sightings(memory).values()]
        for by_target in (by_target for of_kind in of_kinds for by_target in of_kind.values()):
            for name in [name for name in by_target if name not in known]:
                del by_target[name]

    def _see(self, sighting: Sighting, memory: Memory, reading: Reading, scene: JudgingContext) -> None:
        """Keep what shows it, and decide whether it is certain now."""
        if sighting.is_certain:
            return
        key, wanted = reading.key, self.in_a_row(scene, reading.key.kind, reading.key.target_id)
        if sighting.row.bad == 1:
            sighting.marks.clear()
        sighting.marks.append(ConclusiveProbe.of(reading))
        del sighting.marks[:-wanted]
        if sighting.row.bad >= wanted and not self._is_common(memory, key, scene):
            sighting.is_certain, sighting.since = True, sighting.row.bad_since

    def _is_common(self, memory: Memory, key: MeasurementKey, scene: JudgingContext) -> bool:
        """Tell whether most targets of a vantage point, of one pace, show it just now: then the vantage point is the cause."""
        least, kind = scene.rules.least_fallen, key.kind
        seen, of_kind = self.seen(memory)[kind], self.sightings(memory)[kind]
        sightings = of_kind[key.vantage_id]
        if len(sightings) < least:
            return False
        lately = partial(_lately, at=key.scheduled_at, gap=_gap(scene, kind, key.target_id), kind=kind, scene=scene)
        told = seen[key.vantage_id]
        bad = frozenset(
            name
            for name in lately({name: told[name] for name in sightings if name in told})
            if sightings[name].row.bad and not sightings[name].is_certain
        )
        if len(portals_of(bad, scene)) < least:
            return False
        looked_at = lately(told)
        if len(bad) < scene.rules.fallen_share * len(looked_at) or is_one_family(bad, looked_at, scene):
            return False
        for other, told_there in seen.items():
            if other == key.vantage_id or memory.is_lost(other):
                continue
            names, there = lately(told_there), of_kind.get(other, {})
            showing = sum(name in there and there[name].row.bad > 0 for name in names)
            if names and showing >= scene.rules.fallen_share * len(names):
                return False
        return True


def _lately(
    told: Mapping[str, datetime], *, at: datetime, gap: timedelta, kind: str, scene: JudgingContext
) -> list[str]:
    """Return the targets with this gap that were looked at within it."""
    return [name for name, last_at in told.items() if at - last_at <= gap and _gap(scene, kind, name) == gap]


def _gap(scene: JudgingContext, kind: str, target_id: str) -> timedelta:
    return scene.rules.page_gap_for(kind, scene.targets.get(target_id))
