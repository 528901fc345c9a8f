"""
The cases of the drill on one timeline, and what is right to tell of each.

Instants are seconds after the beginning. Numbers are of troubles; those of one trouble have letters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from testbed.agencies import AGENCIES
from testbed.drill.places import Place
from testbed.drill.troubles import SLOW_SECONDS, Trouble
from thuocdo.core.model import IncidentState, Reason

END = 745.0
"""Every case has been told to be over by then, if it ever is."""

CALM = 450.0
"""From then on no case hangs on how long an answer takes: a day in virtual time may keep the machine busy beside it."""

EVERY_SECONDS, DEADLINE_SECONDS = 10, 8
FORM_EVERY_SECONDS, FORM_DEADLINE_SECONDS = 30, 15

PROMETHEUS_RESTARTS = 100.0
KILLED, STARTED_AGAIN = 130.0, 142.0
WALLS = 150.0
REMOVED = 190.0
# Prometheus sends again each minute: the mistake stands so long that this meets Alertmanager back, which then waits.
MISTAKE, MENDED = 232.0, 405.0
ALERTMANAGER_ENDS, ALERTMANAGER_BEGINS = 252.0, 300.0
LINE_CUT, LINE_BACK = 365.0, 425.0
FROZEN = 520.0
MAINTAINED, MAINTAINED_UNTIL = 180.0, 300.0
CLOCK_AHEAD, CLOCK_RIGHT = 60.0, 150.0
"""Of an agent of its own, whose clock is two hours ahead meanwhile."""

USUAL_SECONDS = 1.5
TOGETHER_OWNER = "trung-tam-cntt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One case of the table in which a portal has a trouble, and its owner is to be told of it once.

    number: of the case. what: one line for people. portal, trouble: who has what, from `begins` to `ends`; None = to the end of
    the drill. target: of whose notices and incidents it is; empty = the portal's home page. state, reason: of the incident; state
    None = there must be none. alert: by which it is told. says: that stands in the notice besides what stands in each.
    is_over_told: whether the end is told within the drill. within: seconds after the beginning by which it is told.
    """

    number: str
    what: str
    portal: str
    trouble: Trouble
    begins: float
    ends: float | None
    alert: str = "PortalDown"
    state: IncidentState | None = IncidentState.DOWN
    reason: Reason | None = None
    says: Sequence[str] = ()
    target: str = ""
    is_over_told: bool = True
    within: float = 130.0

    @property
    def target_id(self) -> str:
        """Id of the target that is told of."""
        return self.target or f"{self.portal}.home"


FORM_CODE = "1.001193"
FORM_TARGET = f"p04a.eform-{FORM_CODE}"
_SLOW = f"{SLOW_SECONDS:.1f}".replace(".", ",")

CASES: Sequence[Case] = (
    Case(
        number="1",
        what="refuses connections; killing and restarting of ours meanwhile",
        portal="p01",
        trouble=Trouble.REFUSED,
        begins=0,
        ends=180,
        reason=Reason.CONNECTION_REFUSED,
    ),
    Case(
        number="2",
        what="every second request fails",
        portal="p02",
        trouble=Trouble.FLAPPING,
        begins=0,
        ends=120,
        alert="PortalFlapping",
        state=IncidentState.FLAPPING,
        reason=Reason.HTTP_ERROR,
        says=("503",),
        within=170,
    ),
    Case(
        number="3a",
        what="1.5 s, then 4.6 s",
        portal="p03",
        trouble=Trouble.SLOW,
        begins=0,
        ends=240,
        alert="PortalDegraded",
        state=IncidentState.DEGRADED,
        says=(f"{_SLOW} giây, thường là 1,5 giây",),
        within=200,
    ),
    Case(
        number="3b",
        what="4.6 s on its first day",
        portal="p24",
        trouble=Trouble.SLOW,
        begins=0,
        ends=240,
        alert="PortalDegraded",
        state=IncidentState.DEGRADED,
        says=(f"{_SLOW} giây, chậm với bất kỳ ai",),
        within=200,
    ),
    Case(
        number="4a",
        what="hangs, another portal of the agency is fine",
        portal="p04b",
        trouble=Trouble.HANGING,
        begins=20,
        ends=200,
        reason=Reason.TIMEOUT,
    ),
    Case(
        number="4b",
        what="the eForm answers 500, the home page is fine",
        portal="p04a",
        trouble=Trouble.FORM_FAILS,
        begins=20,
        ends=220,
        alert="PortalBroken",
        state=IncidentState.BROKEN,
        reason=Reason.HTTP_ERROR,
        target=FORM_TARGET,
        says=("500",),
        within=230,
    ),
    Case(
        number="6",
        what="certificate of another host",
        portal="p06",
        trouble=Trouble.WRONG_CERTIFICATE,
        begins=20,
        ends=200,
        reason=Reason.CERTIFICATE_INVALID,
    ),
    Case(
        number="7",
        what="the name does not exist",
        portal="p07",
        trouble=Trouble.NO_NAME,
        begins=30,
        ends=210,
        reason=Reason.DNS_FAILURE,
    ),
    Case(
        number="8",
        what="nginx, the application behind it is dead",
        portal="p08",
        trouble=Trouble.NO_UPSTREAM,
        begins=35,
        ends=215,
        reason=Reason.HTTP_ERROR,
        says=("HTTP 502",),
    ),
    Case(
        number="9",
        what='200 and "chưa sẵn sàng do … công tác kỹ thuật"',
        portal="p09",
        trouble=Trouble.NOT_READY,
        begins=40,
        ends=220,
        reason=Reason.MAINTENANCE_PAGE,
    ),
    Case(
        number="10",
        what="200 and nothing",
        portal="p10",
        trouble=Trouble.EMPTY,
        begins=45,
        ends=225,
        reason=Reason.CONTENT_MISMATCH,
    ),
    *(
        Case(
            number=number,
            what=what,
            portal=portal,
            trouble=trouble,
            begins=WALLS,
            ends=None,
            alert="PortalUnseen",
            state=None,
            reason=reason,
            is_over_told=False,
            within=230,
        )
        for number, what, portal, trouble, reason in (
            ("11a", "home page sends to a login elsewhere", "p11a", Trouble.SENT_TO_LOGIN, Reason.REDIRECTED_ELSEWHERE),
            ("11b", "login form in the place of the home page", "p11b", Trouble.LOGIN_IN_PLACE, Reason.LOGIN_REQUIRED),
            ("12", "firewall refuses after three requests", "p12", Trouble.WALL, Reason.BLOCKED),
        )
    ),
    Case(
        number="13",
        what="down before, while and after our own line is cut",
        portal="p23",
        trouble=Trouble.REFUSED,
        begins=320,
        ends=445,
        reason=Reason.CONNECTION_REFUSED,
    ),
    Case(
        number="14",
        what="falls while our agent is frozen",
        portal="p20",
        trouble=Trouble.REFUSED,
        begins=FROZEN + 10,
        ends=None,
        reason=Reason.CONNECTION_REFUSED,
        is_over_told=False,
        within=190,
    ),
    Case(
        number="16",
        what="falls while Alertmanager is down",
        portal="p17",
        trouble=Trouble.REFUSED,
        begins=245,
        ends=345,
        reason=Reason.CONNECTION_REFUSED,
        within=190,
    ),
    Case(
        number="17",
        what="down when the supervisor is killed by -9",
        portal="p21",
        trouble=Trouble.REFUSED,
        begins=60,
        ends=250,
        reason=Reason.CONNECTION_REFUSED,
    ),
    Case(
        number="19",
        what="planned maintenance begins in its outage",
        portal="p16",
        trouble=Trouble.REFUSED,
        begins=30,
        ends=470,
        reason=Reason.CONNECTION_REFUSED,
    ),
    Case(
        number="21",
        what="its agency is removed in its outage",
        portal="p15",
        trouble=Trouble.REFUSED,
        begins=60,
        ends=None,
        reason=Reason.CONNECTION_REFUSED,
    ),
    *(
        Case(
            number=f"20{letter}",
            what="two agencies of one owner fall together",
            portal=portal,
            trouble=Trouble.REFUSED,
            begins=55,
            ends=230,
            reason=Reason.CONNECTION_REFUSED,
        )
        for letter, portal in (("a", "p13"), ("b", "p14"))
    ),
)
"""Cases in which a portal has a trouble; what befalls ourselves, and what has no trouble, is judged apart."""

EXPIRING, ADDED, CONTROLS = "p05", "p25", ("p18", "p22")
CERTIFICATE_DAYS = 5
_FILLERS = 18
"""Portals that are well all the time, so that what falls within a minute is never most of what a vantage point sees."""

_OWN: Mapping[str, str] = {"p04a": "so-04", "p04b": "so-04", "p11a": "so-11", "p11b": "so-26"}


def portal_ids() -> list[str]:
    """Return the portals of the drill, in order; ADDED among them."""
    numbered = [f"p{number:02}" for number in range(1, 26) if number not in (4, 11)]
    return sorted([*numbered, *_OWN, *(f"p{number}" for number in range(30, 30 + _FILLERS))])


def agency_of(portal: str) -> str:
    """Return the id of a portal's agency."""
    return _OWN.get(portal, f"so-{portal[1:]}")


def owner_of(portal: str) -> str:
    """Return who is told of a portal."""
    return TOGETHER_OWNER if portal in ("p13", "p14") else agency_of(portal)


def agency_names() -> Mapping[str, str]:
    """Return the Vietnamese name of each agency of the drill: those of real ones."""
    agencies = dict.fromkeys(agency_of(portal) for portal in portal_ids())
    return {agency: real.name_vi for agency, real in zip(agencies, AGENCIES, strict=False)}


def places() -> list[Place]:
    """Return where all portals stand."""
    names = agency_names()
    return [
        Place(
            id=portal,
            name=names[agency_of(portal)],
            address=f"10.66.1.{number}",
            usual_seconds=USUAL_SECONDS if portal == "p03" else 0.03,
            certificate_days=CERTIFICATE_DAYS if portal == EXPIRING else 90,
            is_behind_nginx=portal == "p08",
        )
        for number, portal in enumerate(portal_ids(), start=1)
    ]
