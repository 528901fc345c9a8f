"""What can be wrong with a simulated portal, and what each kind of probe must make of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from thuocdo.core.model import Outcome, PageKind, Reason


class Fault(StrEnum):
    """What is wrong with a portal's host or home page."""

    NONE = "none"
    NOTICE = "notice"
    REDIRECT = "redirect"
    MAINTENANCE_503 = "maintenance_503"
    MAINTENANCE_200 = "maintenance_200"
    FORBIDDEN = "forbidden"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR = "server_error"
    BURSTS_OF_ERRORS = "bursts_of_errors"
    HANG = "hang"
    EXPIRED_CERTIFICATE = "expired_certificate"
    PLAIN_TEXT = "plain_text"
    REFUSED = "refused"
    FULL_BACKLOG = "full_backlog"
    UNKNOWN_HOST = "unknown_host"
    OTHER_CONTENT = "other_content"
    ENDLESS = "endless"
    CRASH = "crash"
    ROBOTS_ALL = "robots_all"


class Wall(StrEnum):
    """What stands between a citizen and an otherwise healthy portal's eForm."""

    NONE = "none"
    CAPTCHA = "captcha"
    LOGIN = "login"
    VNEID = "vneid"
    NEVER_READY = "never_ready"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """
    What a right probe concludes. reason: None = ok.

    also: other conclusions that are as right, such as "timeout" where a browser cannot tell what it waits for; None = ok.
    """

    reason: Reason | None = None
    also: tuple[Reason | None, ...] = ()

    def to_json(self) -> Mapping[str, object]:
        """Return the outcome and the reasons by name; among `also`, ok is called "ok"."""
        return {
            "outcome": str(self.reason.outcome if self.reason else Outcome.OK),
            "reason": self.reason,
            "also": [reason or "ok" for reason in self.also],
        }


OK = Expectation()

_WHOLE_HOST: Mapping[Fault, Reason] = {
    Fault.REDIRECT: Reason.REDIRECTED_ELSEWHERE,
    Fault.MAINTENANCE_503: Reason.MAINTENANCE_PAGE,
    Fault.MAINTENANCE_200: Reason.MAINTENANCE_PAGE,
    Fault.FORBIDDEN: Reason.BLOCKED,
    Fault.TOO_MANY_REQUESTS: Reason.BLOCKED,
    Fault.SERVER_ERROR: Reason.HTTP_ERROR,
    Fault.HANG: Reason.TIMEOUT,
    Fault.EXPIRED_CERTIFICATE: Reason.CERTIFICATE_INVALID,
    Fault.PLAIN_TEXT: Reason.TLS_ERROR,
    Fault.REFUSED: Reason.CONNECTION_REFUSED,
    Fault.FULL_BACKLOG: Reason.CONNECT_TIMEOUT,
    Fault.UNKNOWN_HOST: Reason.DNS_FAILURE,
    Fault.ROBOTS_ALL: Reason.ROBOTS_DISALLOWED,
}
"""Faults that home page and eForm share, because they hang on the host."""

_PAGE_KINDS: Mapping[Fault, PageKind] = {
    Fault.NOTICE: PageKind.NOTICE,
    Fault.REDIRECT: PageKind.REDIRECT,
    Fault.MAINTENANCE_503: PageKind.MAINTENANCE,
    Fault.MAINTENANCE_200: PageKind.MAINTENANCE,
    Fault.FORBIDDEN: PageKind.BLOCKED,
    Fault.TOO_MANY_REQUESTS: PageKind.BLOCKED,
}
_NO_PAGE = frozenset(
    {
        Fault.HANG,
        Fault.EXPIRED_CERTIFICATE,
        Fault.PLAIN_TEXT,
        Fault.REFUSED,
        Fault.FULL_BACKLOG,
        Fault.UNKNOWN_HOST,
        Fault.ROBOTS_ALL,
        Fault.ENDLESS,
        Fault.CRASH,
    }
)

NOT_INJECTABLE: Mapping[Reason, str] = {
    Reason.NO_CONNECTIVITY: "our own line: the reference pages fail too; take them away to see it",
    Reason.PROBER_SATURATED: "our own state",
    Reason.BROWSER_UNAVAILABLE: "our own state",
    Reason.INTERNAL_ERROR: "our own state",
    Reason.MANDATE_MISSING: "plain probes need no mandate; load scenarios and cut lines do",
    Reason.PROTOCOL_UNSUPPORTED: "a server of HTTP/2 alone; testbed.verdicts has one",
    Reason.NOT_THE_PORTAL: "needs a history of good days; testbed.verdicts has it",
    Reason.PROCEDURE_EXPIRED: "said of one procedure; the families of testbed.families bring it about",
    Reason.NOT_ONLINE: "said of one procedure; the families of testbed.families bring it about",
}
"""Reasons that no server can bring about, and why."""


def home_expectations(fault: Fault) -> Mapping[str, Expectation]:
    """Return what each kind of probe of the home page must conclude."""
    if fault is Fault.CRASH:
        crash = Expectation(reason=Reason.PAGE_CRASH)
        return {"http": OK, "homepage": crash, "accessibility": crash}
    own = {
        Fault.OTHER_CONTENT: Expectation(reason=Reason.CONTENT_MISMATCH),
        Fault.ENDLESS: Expectation(reason=Reason.TOO_LARGE),
        Fault.BURSTS_OF_ERRORS: Expectation(also=(Reason.HTTP_ERROR,)),
    }
    return _for_all(("http", "homepage", "accessibility"), own.get(fault) or _of_host(fault), fault)


def eform_expectations(fault: Fault, wall: Wall) -> Mapping[str, Expectation]:
    """Return what each kind of probe of the eForm must conclude; http sees only the address where a citizen begins."""
    kinds = ("http", "eform", "accessibility")
    if fault is Fault.OTHER_CONTENT:
        return _for_all(kinds, Expectation(reason=Reason.HTTP_ERROR), fault)
    if fault in _WHOLE_HOST:
        return _for_all(kinds, _of_host(fault), fault)
    if wall is Wall.CAPTCHA:
        return _for_all(kinds, Expectation(reason=Reason.CAPTCHA), fault)
    if wall is Wall.ROBOTS:
        return _for_all(kinds, Expectation(reason=Reason.ROBOTS_DISALLOWED), fault)
    if wall is Wall.NONE:
        return dict.fromkeys(kinds, OK)
    reason = Reason.FORM_NOT_READY if wall is Wall.NEVER_READY else Reason.LOGIN_REQUIRED
    plain = Expectation(also=(reason,)) if wall is Wall.LOGIN else OK
    return {
        "http": plain,
        "eform": Expectation(reason=reason),
        "accessibility": Expectation(reason=reason),
    }


def page_kind(fault: Fault) -> PageKind | None:
    """Return what the home page turns out to be; None where no probe gets to see a page."""
    return None if fault in _NO_PAGE else _PAGE_KINDS.get(fault, PageKind.PORTAL)


def _of_host(fault: Fault) -> Expectation:
    return Expectation(reason=_WHOLE_HOST.get(fault))


def _for_all(kinds: tuple[str, ...], expectation: Expectation, fault: Fault) -> Mapping[str, Expectation]:
    """The same for all kinds, but a browser waits for a connection without being told so."""
    waits = Expectation(reason=expectation.reason, also=(Reason.TIMEOUT,))
    return {kind: waits if fault is Fault.FULL_BACKLOG and kind != "http" else expectation for kind in kinds}
