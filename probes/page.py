"""
What a document is: a portal's page, a notice, a redirect elsewhere, maintenance, a wall, a captcha or a login.

Judged from status, headers and the visible text, the same way for the plain HTTP probe and for the browser.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from thuocdo.model import PageKind, Reason, Target

NOTICE_TEXT_CHARACTERS = (
    1500  # a page that sends people elsewhere says so in a few lines; a portal's home page says more
)
NOTICE_LINKS = 12

_CHALLENGE = re.compile(
    r"(cf-chl-|challenge-platform|just a moment\.\.\.|checking your browser|attention required|request rejected|"
    r"web application firewall|access denied|incident id|yêu cầu của bạn đã bị chặn|truy cập bị từ chối|bị chặn bởi)",
    re.IGNORECASE,
)
_CAPTCHA_WALL = re.compile(
    r"(g-recaptcha|h-captcha|cf-turnstile|mã xác nhận|mã captcha|nhập captcha|i am not a robot)", re.IGNORECASE
)
_MAINTENANCE = re.compile(
    r"(đang (được )?bảo trì|bảo trì hệ thống|tạm (thời )?(ngừng|dừng) (phục vụ|hoạt động|cung cấp)|nâng cấp hệ thống|"
    r"under maintenance|scheduled maintenance|temporarily unavailable)",
    re.IGNORECASE,
)
_SENDS_ELSEWHERE = re.compile(
    r"(vui lòng truy cập|xin mời truy cập|đã (được )?(chuyển|thay thế|tích hợp)|kính mời|ngừng tiếp nhận hồ sơ|"
    r"please visit|has moved|dichvucong\.gov\.vn)",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"<(script|style|noscript|template|svg)\b.*?</\1\s*>|<!--.*?-->|<[^>]+>", re.IGNORECASE | re.DOTALL
)
_LINK = re.compile(r"<a\b[^>]*\bhref\s*=", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """
    The parts of a document that tell what it is.

    text: what a person reads, title included, white space folded. links: number of links. shell: scripts make the page, so that
    its own text says nothing yet (only a browser can judge it). source: raw HTML, for signs that are not text.
    """

    status: int
    headers: Mapping[str, str]
    final_url: str
    text: str
    links: int
    source: str = ""
    shell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """page_kind: what it is; reason: why it is not a measurement of the portal (None = it is one)."""

    page_kind: PageKind
    reason: Reason | None = None
    detail: str = ""


def read_html(status: int, headers: Mapping[str, str], final_url: str, html: str) -> Document:
    """Return the document of a raw HTML answer."""
    title = _TITLE.search(html)
    text = " ".join(f"{title.group(1) if title else ''} {_MARKUP.sub(' ', html)}".split())
    scripted = "<script" in html.lower()
    return Document(
        status=status,
        headers=headers,
        final_url=final_url,
        text=text,
        links=len(_LINK.findall(html)),
        source=html,
        shell=scripted and len(text) < 200,
    )


def judge(document: Document, target: Target) -> Judgement:
    """
    Return what a document is.

    The order matters: a wall is ours to explain before any status, maintenance often comes with 503 and is then said so,
    another agency's host is recognised before its (perfectly good) content.
    """
    host = urlsplit(document.final_url).hostname or ""
    status = document.status
    if status in (403, 429) or (_CHALLENGE.search(document.text) and len(document.text) < NOTICE_TEXT_CHARACTERS):
        retry = document.headers.get("Retry-After", "")
        hint = f", Retry-After: {retry}" if retry else ""
        return Judgement(
            page_kind=PageKind.BLOCKED, reason=Reason.BLOCKED, detail=f"blocked with status {status}{hint}"
        )
    if host and host != target.host and host not in target.own_hosts:
        known = "another registered portal" if host in target.elsewhere_hosts else "another host"
        return Judgement(
            page_kind=PageKind.REDIRECT, reason=Reason.REDIRECTED_ELSEWHERE, detail=f"redirected to {known}, {host}"
        )
    light = len(document.text) < NOTICE_TEXT_CHARACTERS and document.links <= NOTICE_LINKS
    if light and _MAINTENANCE.search(document.text):
        return Judgement(
            page_kind=PageKind.MAINTENANCE,
            reason=Reason.MAINTENANCE_PAGE,
            detail=f"maintenance page with status {status}",
        )
    if status >= 400:
        return Judgement(page_kind=PageKind.PORTAL, reason=Reason.HTTP_ERROR, detail=f"status {status}")
    if light and _CAPTCHA_WALL.search(f"{document.text} {document.source}"):
        return Judgement(page_kind=PageKind.BLOCKED, reason=Reason.CAPTCHA, detail="a captcha stands before the page")
    if light and not document.shell and _SENDS_ELSEWHERE.search(document.text):
        return Judgement(page_kind=PageKind.NOTICE)
    return Judgement(page_kind=PageKind.PORTAL)
