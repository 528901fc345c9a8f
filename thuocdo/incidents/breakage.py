"""
A portal that answers and does not work: its eForm does not open, or no browser can use its home page.

The failed readings of the probes that use a portal as people do tell it; what is inconclusive (a wall, a login, our own line, a
busy prober) says nothing of it. They come seldom: where ten minutes or more lie between two, the second failure in a row makes it
certain, else the third (`sightings.py` has the other rules). While the portal itself is down, falling, or another page stands in
its place, that explains them: they count for nothing, and one outage is told once.
"""

from datetime import timedelta
from functools import cache

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Outcome, Reading, Target
from thuocdo.incidents.judge_state import Memory
from thuocdo.incidents.rules import GAP_CADENCES, JudgingContext
from thuocdo.incidents.sightings import Concern

SELDOM = timedelta(minutes=10)
IN_A_ROW, SELDOM_IN_A_ROW = 3, 2


@cache
def usage_kinds() -> frozenset[str]:
    """Return the kinds of probe whose outcome says whether a portal works for people."""
    return frozenset(kind.name for kind in all_kinds().values() if kind.tells_use)


def tells_use(reading: Reading) -> bool:
    """Tell whether a reading says that a portal works, or that it does not."""
    return reading.outcome is not Outcome.INCONCLUSIVE and reading.key.kind in usage_kinds()


def tells_breakage(reading: Reading) -> bool:
    """Tell whether a reading says that a portal does not work."""
    return reading.outcome is Outcome.FAILED and reading.key.kind in usage_kinds()


def is_explained(memory: Memory, scene: JudgingContext, target: Target, reading: Reading) -> bool:
    """Tell whether a failure says nothing new: the portal's home page is down, may be falling, or is another page."""
    at = reading.key.scheduled_at
    for home in scene.homes.get(target.portal_id, ()):
        if home in memory.down or home in memory.replaced:
            return True
        gap = scene.gap_of(home)
        if any(view.own.bad and view.own.is_fresh(at, gap) for view in memory.views_of(home)):
            return True
    return False


def forget_explained(memory: Memory, reading: Reading) -> None:
    """Forget a row in which a failure stands that is explained; what is certain stays."""
    key = reading.key
    here = memory.failing.get(key.kind, {}).get(key.vantage_id, {})
    if key.target_id in here and not here[key.target_id].is_certain:
        del here[key.target_id]


def _in_a_row(scene: JudgingContext, kind: str, target_id: str) -> int:
    gap = scene.rules.page_gap_for(kind, scene.targets.get(target_id))
    return SELDOM_IN_A_ROW if gap >= GAP_CADENCES * SELDOM else IN_A_ROW


BREAKAGE = Concern(
    is_bad=tells_breakage,
    in_a_row=_in_a_row,
    seen=lambda memory: memory.tried,
    sightings=lambda memory: memory.failing,
)
