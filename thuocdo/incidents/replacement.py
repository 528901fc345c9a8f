"""
Another page at a portal's address: quite another one than the known one, by the readings `not_the_portal`.

Such a reading is inconclusive: it counts neither for nor against the portal, lowers coverage, and is told to the owner. Two of
them in a row, of one kind of probe at one vantage point, show another page (`sightings.py` has the rules). What is inconclusive
for any other reason (our own line, a busy prober, a wall) counts neither way; failures break the row, and do not show that the
known page is back: they become an outage, or nothing. Where most targets of a vantage point show other pages, something on its
line answers in the place of all of them, as a captive portal does.
"""

from functools import cache

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Outcome, Reading, Reason
from thuocdo.incidents.sightings import Concern

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


ANOTHER_PAGE = Concern(
    is_bad=tells_other_page,
    in_a_row=lambda _scene, _kind, _target_id: IN_A_ROW,
    seen=lambda memory: memory.told,
    sightings=lambda memory: memory.strange,
)
