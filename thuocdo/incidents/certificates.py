"""
Certificates that run out soon: known long before anything fails, and mended in working hours.

The rules, over the readings of the kinds that see a certificate and declare how near its end may come:

1. Two in a row at one vantage point, no further apart than the gap, make it certain: where several servers answer for a host, one
   of them may have an old certificate, and one answer of it is soon followed by another.
2. Two in a row that hold longer show that it was renewed. What sees no certificate (nobody answers, it is refused) says nothing;
   but of a form that opens it says that its host is another one now, which is a home page's or needs none.
3. One vantage point is enough: what a portal hands out in one place keeps citizens out there. Where none has seen it for longer
   than the gap, though the portal answers, it is over.

Once it has run out, or does not fit the name or its issuer, browsers refuse it: then the portal is down, for that reason.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from thuocdo.core.kinds.kind import all_kinds, answering_kind
from thuocdo.core.model import Outcome, Reading
from thuocdo.core.model.figures import ending_detail
from thuocdo.incidents.case import Case, ConclusiveProbe, Part
from thuocdo.incidents.judge_state import Expiry, Memory
from thuocdo.incidents.rules import JudgingContext

IN_A_ROW = 2


@cache
def _soon(kind: str) -> timedelta | None:
    """Return how near the end of a certificate must be, by what a kind declares; None = it judges none."""
    value = all_kinds()[kind].ending_value
    return value.nearness.soon if value and value.nearness else None


def take_certificate(memory: Memory, reading: Reading, scene: JudgingContext) -> datetime | None:
    """
    Add a reading that may have seen a certificate, from a vantage point that can be trusted.

    Returns:
        Since when a renewed one is seen, where that just became certain at this vantage point.
    """
    key, ends_at, soon = reading.key, reading.certificate_ends_at, _soon(reading.key.kind)
    needs_none = ends_at is None and reading.outcome is Outcome.OK and key.kind != answering_kind().name
    if soon is None or (ends_at is None and not needs_none):
        return None
    at = key.scheduled_at
    near_end = ends_at if ends_at is not None and ends_at - at < soon else None
    known = memory.expiring.get(key.vantage_id, {}).get(key.target_id)
    if known is None:
        if near_end is None:
            return None
        known = Expiry(ends_at=near_end)
        memory.expiring.setdefault(key.vantage_id, {})[key.target_id] = known
    known.row.add(at, scene.rules.page_gap_for(key.kind, scene.targets.get(key.target_id)), is_ok=near_end is None)
    if near_end is not None:
        known.ends_at = near_end
        if not known.is_certain and known.row.bad >= IN_A_ROW:
            known.is_certain, known.since = True, known.row.bad_since
        return None
    if known.is_certain and known.row.ok < IN_A_ROW:
        return None
    del memory.expiring[key.vantage_id][key.target_id]
    return known.row.ok_since if known.is_certain else None


def first_to_end(memory: Memory, scene: JudgingContext, target_id: str, at: datetime) -> Expiry | None:
    """Return the certificate of a target that runs out first, of those that are certain to run out soon; None = none does."""
    gap = scene.gap_of(target_id)
    seen = [one for vantage_id, one in _certain(memory, target_id) if not memory.is_lost(vantage_id)]
    fresh = [one for one in seen if one.row.is_fresh(at, gap)]
    if not fresh and any(view.own.ok and view.own.is_fresh(at, gap) for view in memory.views_of(target_id)):
        return None
    return min(fresh or seen, key=lambda one: one.ends_at, default=None)


def is_unknown(memory: Memory, target_id: str) -> bool:
    """Tell whether nobody can be trusted to say whether a certificate was renewed."""
    seeing = [vantage_id for vantage_id, _ in _certain(memory, target_id)]
    return bool(seeing) and all(map(memory.is_lost, seeing))


def note_certificate(case: Case, part: Part, memory: Memory) -> None:
    """Keep the first reading by which each vantage point sees it, and say when the first runs out."""
    ends = []
    for vantage_id, expiry in _certain(memory, part.target_id):
        if not memory.is_lost(vantage_id):
            case.note(part.target_id, vantage_id, ConclusiveProbe(at=expiry.since or part.started_at), part=part)
            ends.append(expiry.ends_at)
    part.detail = ending_detail(min(ends)) if ends else part.detail


def _certain(memory: Memory, target_id: str) -> Iterator[tuple[str, Expiry]]:
    """Yield vantage point and certificate where it is certain to run out soon, in order."""
    for vantage_id, here in sorted(memory.expiring.items()):
        if target_id in here and here[target_id].is_certain:
            yield vantage_id, here[target_id]
