"""
Flapping: a portal that answers now and fails then, again and again, and no outage of which is ever long enough to be one.

The rules, at one vantage point, over the conclusive probes of the kind that tells whether a portal answers:

1. At least WORST of the last WINDOW failed, in at least LEAST_SPELLS spells with answers between them. Where one probe in a
   hundred fails, that comes once in 600,000 windows; where every fifth does, soon.
2. It is over when the whole window is ok; it was over at the first of these.
3. An outage that is told as one is none of it: what failed until it was confirmed counts for nothing. While a portal flaps, only
   a whole row of failures is an outage, and that is the end of it: nobody is told of what was before he was told of more.
4. A target flaps when the majority of the vantage points that probed it lately see it. Where most targets of a vantage point
   fail in spells, its line loses packets: it is called so of none.
"""

from collections.abc import Iterator
from datetime import datetime

from thuocdo.core.model import MeasurementKey, Outcome, Reading
from thuocdo.incidents.case import Case, ConclusiveProbe, Part
from thuocdo.incidents.judge_state import Memory, View, Wobble
from thuocdo.incidents.rules import JudgingContext

WINDOW, WORST, LEAST_SPELLS = 20, 5, 3
COMMON_SPELLS = 2
"""A target takes part in a common flapping before its own is certain."""


def take_answer(
    memory: Memory, reading: Reading, scene: JudgingContext, view: View, up_at: datetime | None
) -> datetime | None:
    """
    Add a conclusive probe of a portal from a vantage point that can be trusted.

    Args:
        memory: what is known; changed in place.
        reading: the probe.
        scene: targets and rules.
        view: of the target from there, the probe included.
        up_at: since when it is up again, where it just came up.

    Returns:
        Since when the portal answers steadily again, where that just became certain at this vantage point.
    """
    key, is_ok = reading.key, reading.outcome is Outcome.OK
    here = memory.wobbles.setdefault(key.vantage_id, {})
    if up_at is not None:
        here.pop(key.target_id, None)
    wobble = here.get(key.target_id)
    if wobble is None:
        if is_ok or view.is_down:
            return None
        wobble = here[key.target_id] = Wobble()
    elif view.is_down and not wobble.is_flapping:
        del here[key.target_id]
        return None
    if wobble.answers and key.scheduled_at - wobble.answers[-1][0] > scene.gap_of(key.target_id):
        wobble.answers.clear()
    wobble.answers.append((key.scheduled_at, is_ok))
    del wobble.answers[:-WINDOW]
    if not is_ok:
        wobble.marks = [*wobble.marks, ConclusiveProbe.of(reading)][-WORST:]
    is_steady = all(answered for _, answered in wobble.answers)
    if wobble.is_flapping:
        if is_steady and len(wobble.answers) == WINDOW:
            del here[key.target_id]
            return wobble.answers[0][0]
    elif is_steady:
        del here[key.target_id]
    elif not is_ok and _is_flapping(wobble) and not _is_common(memory, key.vantage_id, key.scheduled_at, scene):
        wobble.is_flapping = True
        wobble.since = next(at for at, answered in wobble.answers if not answered)
    return None


def is_flapping(memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> bool | None:
    """Tell whether the majority of vantage points see a target flap; None where nobody can be trusted to say."""
    seeing = [here[target_id].is_flapping for here in memory.wobbles.values() if target_id in here]
    if not any(seeing):
        return False if memory.views else None
    gap = scene.gap_of(target_id)
    voices = [
        vantage_id
        for vantage_id, views in memory.views.items()
        if target_id in views and not memory.is_lost(vantage_id) and views[target_id].own.is_fresh(at, gap)
    ]
    flapping = sum(
        (wobble := memory.wobbles.get(vantage_id, {}).get(target_id)) is not None and wobble.is_flapping
        for vantage_id in voices
    )
    return 2 * flapping > len(voices) if voices else None


def flapping_since(memory: Memory, target_id: str) -> datetime | None:
    """Return the first failure of a target that flaps, as seen from anywhere; None where that is not known."""
    return min((one.since for _, one in _wobbles(memory, target_id) if one.since is not None), default=None)


def note_flapping(case: Case, part: Part, memory: Memory) -> None:
    """Keep the failures by which each vantage point sees a target flap, and say how many they are, and which answer all were."""
    for vantage_id, wobble in _wobbles(memory, part.target_id):
        for mark in wobble.marks:
            case.note(part.target_id, vantage_id, mark, part=part)
        failed = sum(not answered for _, answered in wobble.answers)
        said = {mark.detail for mark in wobble.marks}
        status = f": {said.pop()}" if len(said) == 1 and min(said).startswith("status ") else ""
        part.detail = f"{failed} of {len(wobble.answers)} probes failed, in turn with answers{status}"


def _wobbles(memory: Memory, target_id: str) -> Iterator[tuple[str, Wobble]]:
    """Yield vantage point and wobble where a target is known to flap, in order."""
    for vantage_id, here in sorted(memory.wobbles.items()):
        if target_id in here and here[target_id].is_flapping:
            yield vantage_id, here[target_id]


def flaps(memory: Memory, key: MeasurementKey) -> bool:
    """Tell whether a target flaps as seen from one vantage point."""
    wobble = memory.wobbles.get(key.vantage_id, {}).get(key.target_id)
    return wobble is not None and wobble.is_flapping


def forget_answers(memory: Memory, key: MeasurementKey) -> None:
    """Forget what a target answered before planned maintenance: after it nothing of that is known to be so still."""
    memory.wobbles.get(key.vantage_id, {}).pop(key.target_id, None)


def forget_wobbles(memory: Memory, vantage_id: str) -> None:
    """Forget what failed at a vantage point whose line was lost; what is certain stays."""
    here = memory.wobbles.get(vantage_id, {})
    for name in [name for name, wobble in here.items() if not wobble.is_flapping]:
        del here[name]


def _is_flapping(wobble: Wobble) -> bool:
    failed = sum(not answered for _, answered in wobble.answers)
    return failed >= WORST and _spells(wobble) >= LEAST_SPELLS


def _spells(wobble: Wobble) -> int:
    """Return in how many rows the failures of the window stand."""
    oks = [answered for _, answered in wobble.answers]
    return sum(not now and (index == 0 or oks[index - 1]) for index, now in enumerate(oks))


def _is_common(memory: Memory, vantage_id: str, at: datetime, scene: JudgingContext) -> bool:
    """Tell whether most targets that a vantage point probed lately fail in spells and did not before: then it loses packets."""
    wobbles, least = memory.wobbles[vantage_id], scene.rules.least_fallen
    shaky = sum(not one.is_flapping and _spells(one) >= COMMON_SPELLS for one in wobbles.values())
    if shaky < least:
        return False
    fresh = sum(view.own.is_fresh(at, scene.gap_of(name)) for name, view in memory.views.get(vantage_id, {}).items())
    return shaky >= scene.rules.fallen_share * fresh
