"""The verdict on a page with which nothing is wrong but that it is quite another one than is known."""

from datetime import datetime

from probes.identity.known_pages import KnownPages, Look
from probes.page import Judgement
from probes.redaction import kept_words
from thuocdo.core.model import Job, PageKind, Reason, TargetRole

ANOTHER = "quite another page than the known one stands there"


def judge_identity(judgement: Judgement, job: Job, seen: Look, known: KnownPages, now: datetime) -> Judgement:
    """
    Return the judgement on a home page with regard to what is known of it; of other targets it stays as it is.

    Args:
        judgement: on the page alone.
        job: whose page it is.
        seen: the page.
        known: what is known of all.
        now: instant.
    """
    if judgement.reason is not None or job.target.role is not TargetRole.HOMEPAGE:
        return judgement
    asked = known.look(job, seen, now)
    if asked is None:
        return judgement
    titles = {"before": kept_words(asked.title_before), "now": kept_words(asked.title_now)}
    detail = "; ".join([ANOTHER, *(f"{when} titled '{words}'" for when, words in titles.items() if words)])
    return Judgement(page_kind=PageKind.PORTAL, reason=Reason.NOT_THE_PORTAL, detail=detail)
