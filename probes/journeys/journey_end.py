"""
What a journey meets on its way: the form, or what stands before it.

Judged from a page's address, text and the signs that the journey names; a login or a captcha is never passed, only told.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from probes.journeys.journey_file import Journey, Signs
from thuocdo.core.model import PageKind, Reason


class JourneyEnd(StrEnum):
    """What ended a journey; stored as the attribute `met` of a measurement."""

    FORM = "form"
    LOGIN_VNEID = "login_vneid"
    LOGIN_OWN = "login_own"
    CAPTCHA = "captcha"
    MAINTENANCE = "maintenance"
    BLOCKED = "blocked"
    NOTICE = "notice"
    EXPIRED = "expired_procedure"
    NOT_ONLINE = "not_online"


REASONS: Mapping[JourneyEnd, Reason] = {
    JourneyEnd.LOGIN_VNEID: Reason.LOGIN_REQUIRED,
    JourneyEnd.LOGIN_OWN: Reason.LOGIN_REQUIRED,
    JourneyEnd.CAPTCHA: Reason.CAPTCHA,
    JourneyEnd.MAINTENANCE: Reason.MAINTENANCE_PAGE,
    JourneyEnd.BLOCKED: Reason.BLOCKED,
    JourneyEnd.NOTICE: Reason.REDIRECTED_ELSEWHERE,
    JourneyEnd.EXPIRED: Reason.PROCEDURE_EXPIRED,
    JourneyEnd.NOT_ONLINE: Reason.NOT_ONLINE,
}
"""What a journey that ends so says; a form has no reason."""

_BY_REASON: Mapping[Reason, JourneyEnd] = {
    reason: met for met, reason in REASONS.items() if reason is not Reason.LOGIN_REQUIRED
}


class StopError(Exception):
    """The journey ends here, for this reason."""

    def __init__(
        self, reason: Reason, detail: str, page_kind: PageKind | None = None, met: JourneyEnd | None = None
    ) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.page_kind = reason, detail, page_kind
        self.met = met or _BY_REASON.get(reason)


class NoDocumentError(StopError):
    """An address gave no document; what the browser says of it may not be all that is known."""


def wall(journey: Journey, url: str, text: str, selectors: Mapping[str, bool]) -> StopError | None:
    """
    Return the login or captcha that stands here, None where there is none.

    Args:
        url: of the page. text: what a person reads on it.
        selectors: "vneid", "login" and "captcha" -> whether one of the journey's selectors stands on the page.

    """

    def shown(name: str, signs: Signs) -> bool:
        return bool(selectors.get(name)) or signs.on(url, text)

    if shown("vneid", journey.vneid):
        return StopError(Reason.LOGIN_REQUIRED, "the login of VNeID stands before the form", met=JourneyEnd.LOGIN_VNEID)
    if shown("login", journey.login):
        return StopError(
            Reason.LOGIN_REQUIRED, "the portal's own login stands before the form", met=JourneyEnd.LOGIN_OWN
        )
    if shown("captcha", journey.captcha):
        return StopError(Reason.CAPTCHA, "a captcha stands before the form", PageKind.BLOCKED)
    return None


def selectors_of(journey: Journey) -> dict[str, Sequence[str]]:
    """Return the CSS selectors that a page is to be searched for, by what they are signs of."""
    return {"vneid": journey.vneid.selector, "login": journey.login.selector, "captcha": journey.captcha.selector}
