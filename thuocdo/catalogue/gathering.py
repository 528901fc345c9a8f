"""Which lists of an installation are compared with one another."""

from datetime import datetime, time

from thuocdo.catalogue.comparing import ListsCompared, compare_lists
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import NATIONAL, Agency, Block, ListKind
from thuocdo.rounds.working_days import WorkingCalendar
from thuocdo.store import Store

GRACE_WORKING_DAYS = {Block.MINISTRY: 10, Block.PROVINCE: 5}
"""From a decision to its entry in the national database; the same is granted to the portal. Source: NĐ 63/2010, as amended."""


def compared_of(store: Store, agency: Agency, calendar: WorkingCalendar) -> ListsCompared:
    """
    Return how the newest list of an agency's portal differs.

    Args:
        store: open.
        agency: whose.
        calendar: which days are worked, for the grace after a new national list.

    Raises:
        ConfigurationError: there is no such list, or no national one.
        StoreError: the store cannot be read.
    """
    portal = store.catalogue.of(agency.id, ListKind.PORTAL_LIST)
    if not portal:
        raise ConfigurationError(
            f"--agency: no list of the portal of '{agency.id}' was taken; `thuocdo catalogue take` takes one"
        )
    newest = portal[-1]
    known = store.catalogue.of(NATIONAL)
    national = [one for one in known if one.taken_on <= newest.taken_on] or known[:1]
    if not national:
        raise ConfigurationError("no national list was taken; `thuocdo catalogue take FILE --owner national` takes one")
    approved = store.catalogue.of(agency.id, ListKind.APPROVED_LIST)
    since, until = (datetime.combine(day, time(12), HANOI) for day in (national[-1].taken_on, newest.taken_on))
    worked = calendar.working_days_between(since, until) if since < until else 0
    return compare_lists(
        newest,
        national,
        approved=approved[-1] if approved else None,
        before=portal[-2] if len(portal) > 1 else None,
        called=(agency.name_vi,),
        is_in_grace=worked <= GRACE_WORKING_DAYS.get(agency.block, 0),
    )
