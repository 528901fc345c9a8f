"""
What a document is: a portal's page, a notice, a redirect elsewhere, maintenance, a wall, a captcha, a login, or an error's page.

Judged from status, headers and the visible text, the same way for the plain HTTP probe and for the browser. docs/verdicts.md
tells each verdict for people: what is changed here is changed there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from probes.hidden_parts import without_hidden
from probes.markup import MOST_CHARACTERS, read_markup
from probes.page_parts import (
    DRAWN,
    LONGEST_TITLE,
    NOTICE_TEXT_CHARACTERS,
    PageParts,
    may_show_more,
    readable,
    spellings,
    unescaped,
    with_pictures,
    words_beside,
)
from probes.redaction import known_hosts, redact_host
from probes.redaction.headers import kept_retry_after
from probes.said import Said
from probes.spelling import folded
from thuocdo.core.model import PageKind, Reason, Target, TargetRole

SHELL_CHARACTERS = 200  # a title and perhaps "loading"
MOST_PLACES = 8

_UNSEEN = (
    *(("<", ">"), ("<!--", "-->")),
    *((f"<{name}", f"</{name}") for name in ("script", "style", "template", "noscript")),
)
"""Behind the first of a pair and before the second one nothing is to be read."""
_DATA = ("application/json", "text/json")
_BEGINS_AS_DATA = re.compile(
    r"\s*(?:\{\s*(?:\"|\}\s*$)|\[\s*[\[{\"\]]|(?:<\?xml[^<>]{0,200}>\s*)?<(?:[a-z-]{1,20}:)?[a-z]{0,30}(?:error|fault|exception|envelope|exceptionreport|bucketresult)[\s>])",
    re.IGNORECASE,
)
"""JSON, or the root of an error in XML: no document of HTML begins so, whatever its type is said to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """page_kind: what it is; reason: why it is not a measurement of the portal (None = it is one)."""

    page_kind: PageKind
    reason: Reason | None = None
    detail: str = ""


def read_html(status: int, headers: Mapping[str, str], final_url: str, html: str) -> PageParts:
    """Return the document of a raw HTML answer; of a long text only the beginning."""
    source = html[:MOST_CHARACTERS]
    read = read_markup(source, NOTICE_TEXT_CHARACTERS)
    if len(read.text) < NOTICE_TEXT_CHARACTERS:
        open_to_see = without_hidden(source)
        read = read if open_to_see == source else read_markup(open_to_see, NOTICE_TEXT_CHARACTERS)
    text = readable(unescaped(read.text), source)
    if len(text) <= LONGEST_TITLE:
        text = with_pictures(text, source)
    return PageParts(
        status=status,
        headers=headers,
        final_url=final_url,
        text=text,
        links=read.links,
        source=source,
        shell=len(text) < SHELL_CHARACTERS and "<script" in source.lower(),
    )


def judge(document: PageParts, target: Target) -> Judgement:
    """
    Return what a document is.

    The order matters: what another host says is nothing about the registered one, so that comes first, and neither its content
    nor its wall counts; a wall is ours to explain before any status, maintenance often comes with 503 and is then said so.
    """
    return _judged(Said(document), target)


def _judged(said: Said, target: Target) -> Judgement:
    document = said.document
    host, status = _host(document.final_url), document.status
    if host and not _is_own(host, target):
        known = "another registered portal" if host in target.elsewhere_hosts else "another host"
        return Judgement(
            page_kind=PageKind.REDIRECT,
            reason=Reason.REDIRECTED_ELSEWHERE,
            detail=f"redirected to {known}, {redact_host(host, known_hosts(target))}",
        )
    if status in (403, 429) or said.is_challenge:
        retry = kept_retry_after(document.headers.get("Retry-After", ""))
        hint = f", Retry-After: {retry}" if retry else ""
        return Judgement(
            page_kind=PageKind.BLOCKED, reason=Reason.BLOCKED, detail=f"blocked with status {status}{hint}"
        )
    if said.is_stopped:
        return Judgement(
            page_kind=PageKind.MAINTENANCE,
            reason=Reason.MAINTENANCE_PAGE,
            detail=f"maintenance page with status {status}",
        )
    if status >= 400:
        return Judgement(page_kind=PageKind.PORTAL, reason=Reason.HTTP_ERROR, detail=f"status {status}")
    if status >= 300 and not document.text and not document.shell:
        return Judgement(
            page_kind=PageKind.PORTAL,
            reason=Reason.HTTP_ERROR,
            detail=f"status {status}, which leads nowhere and shows nothing",
        )
    if said.is_captcha:
        return Judgement(page_kind=PageKind.BLOCKED, reason=Reason.CAPTCHA, detail="a captcha stands before the page")
    instead = said.instead
    if instead:
        return Judgement(page_kind=PageKind.PORTAL, reason=Reason.CONTENT_MISMATCH, detail=instead)
    if said.light and not document.shell and said.sends_elsewhere:
        return Judgement(page_kind=PageKind.NOTICE)
    return Judgement(page_kind=PageKind.PORTAL)


def judge_home(document: PageParts, target: Target) -> Judgement:
    """Return what a document is that stands at a target's own address: as `judge`, and there has to be a page."""
    said = Said(document)
    judgement = _judged(said, target)
    if judgement.reason or judgement.page_kind is not PageKind.PORTAL:
        return judgement
    if not (document.drawn or document.text or may_show_more(document.source) or DRAWN.search(document.source)):
        return _mismatch("the document is empty")
    if not document.drawn and said.is_blank:
        return _mismatch("the document is empty but for its title")
    if target.role is not TargetRole.HOMEPAGE:
        return judgement
    media = next((value for name, value in document.headers.items() if name.lower() == "content-type"), "")
    media = media.partition(";")[0].strip().lower()
    if media in _DATA or media.endswith("+json") or any(map(_BEGINS_AS_DATA.match, (document.source, document.text))):
        return _mismatch("data (JSON, or an error in XML) stands in the place of the page")
    if said.is_placeholder:
        return _mismatch("a word in the place of the page")
    if said.is_login:
        detail = "a login stands in the place of the home page"
        return Judgement(page_kind=PageKind.PORTAL, reason=Reason.LOGIN_REQUIRED, detail=detail)
    return judgement


def lacks(expected: str, text: str) -> bool:
    """Tell whether a text that a person reads lacks the expected one; an empty one is never lacking."""
    if not expected:  # and a page's whole text is not folded at each visit for nothing
        return False
    wanted = folded(expected)
    return not any(wanted in spelling for spelling in spellings(text))


def source_lacks(expected: str, html: str) -> bool:
    """
    Tell whether an HTML document lacks a text for certain.

    What scripts may write and frames may show is not seen in it, nor what stands behind MOST_CHARACTERS: then nobody can tell
    without a browser. What a picture is called, it may show.
    """
    if not expected or _stands_plainly(expected, html) or may_show_more(html):
        return False
    read = read_markup(html, MOST_CHARACTERS)
    if not read.is_whole or not lacks(expected, readable(unescaped(read.text), html)):
        return False
    return lacks(expected, readable(unescaped(words_beside(html)), html))


def _mismatch(detail: str) -> Judgement:
    return Judgement(page_kind=PageKind.PORTAL, reason=Reason.CONTENT_MISMATCH, detail=detail)


def _stands_plainly(expected: str, html: str) -> bool:
    """
    Tell whether a text stands in a document to be read, as it is spelt in the registry.

    A quick look for what is nearly always so: where it says no, the document is read.
    """
    at = html.find(expected)
    for _ in range(MOST_PLACES):
        if at < 0:
            break
        before = html[:at].lower()
        if all(before.rfind(begin) <= before.rfind(end) for begin, end in _UNSEEN):
            return True
        at = html.find(expected, at + 1)
    return False


def _is_own(host: str, target: Target) -> bool:
    """
    Tell whether a host is the portal's own.

    Its registered ones are, with or without a final dot (the same name to everybody) and with or without `www.`: who has the one
    name has the other, and most portals send people from one to the other, so that a stanza with the shorter one would measure
    nothing. Any other part of a name may be somebody else's, and so is one that the registry gives to another agency.
    """
    own = {_host(target.url), *target.own_hosts}
    if host in own:
        return True
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    return twin in own and host not in target.elsewhere_hosts


@lru_cache(maxsize=4096)
def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")
