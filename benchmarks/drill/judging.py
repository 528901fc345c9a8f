"""What was right and what was wrong in a drill: each case held against what was seen."""

from benchmarks.drill.cases import CASES
from benchmarks.drill.judging_ours import OURS
from benchmarks.drill.judging_portals import verdict_of_portal
from benchmarks.drill.timeline import Seen
from benchmarks.drill.told import Verdict, told_in


def verdicts(seen: Seen) -> list[Verdict]:
    """Return what is to be said of each case, in their order."""
    told = list(told_in(seen))
    found = [*(verdict_of_portal(case, seen, told) for case in CASES), *(judge(seen, told) for judge in OURS)]
    return sorted(found, key=lambda one: (int("".join(filter(str.isdigit, one.number))), one.number))
