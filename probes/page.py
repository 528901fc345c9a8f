"""
What a document is: a portal's page, a notice, a redirect elsewhere, maintenance, a wall, a captcha or a login.

Judged from status, headers and the visible text, the same way for the plain HTTP probe and for the browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import urlsplit

from probes.markup import MOST_CHARACTERS, read_markup
from probes.redaction import known_hosts, redact_host
from probes.redaction.headers import kept_retry_after
from thuocdo.core.model import PageKind, Reason, Target

NOTICE_TEXT_CHARACTERS = (
    1500  # a page that sends people elsewhere says so in a few lines; a portal's home page says more
)
NOTICE_LINKS = 12
_MOST_UNESCAPED = 4000
"""Characters; a number of more digits is an error for Python, and a longer text is no notice."""

# Lowercase phrases, looked for as they stand: ten times faster than a pattern that ignores case (measured).
_CHALLENGE = (
    "cf-chl-",
    "challenge-platform",
    "just a moment...",
    "checking your browser",
    "attention required",
    "request rejected",
    "web application firewall",
    "access denied",
    "incident id",
    "yêu cầu của bạn đã bị chặn",
    "truy cập bị từ chối",
    "bị chặn bởi",
)
_CAPTCHA_WALL = (
    "g-recaptcha",
    "h-captcha",
    "cf-turnstile",
    "mã xác nhận",
    "mã captcha",
    "nhập captcha",
    "i am not a robot",
)
_MAINTENANCE = (
    "đang bảo trì",
    "đang được bảo trì",
    "bảo trì hệ thống",
    *(
        f"tạm {soon}{stop} {what}"
        for soon in ("", "thời ")
        for stop in ("ngừng", "dừng")
        for what in ("phục vụ", "hoạt động", "cung cấp")
    ),
    "nâng cấp hệ thống",
    "under maintenance",
    "scheduled maintenance",
    "temporarily unavailable",
)
_SENDS_ELSEWHERE = (
    "vui lòng truy cập",
    "xin mời truy cập",
    *(f"đã {passive}{what}" for passive in ("", "được ") for what in ("chuyển", "thay thế", "tích hợp")),
    "kính mời",
    "ngừng tiếp nhận hồ sơ",
    "please visit",
    "has moved",
    "dichvucong.gov.vn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts:
    """
    The parts of a document that tell what it is.

    text: what a person reads, title included, white space folded. links: number of links, 0 for a long text. shell: scripts
    make the page, so that its own text says nothing yet (only a browser can judge it). source: raw HTML, for signs that are
    not text.
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


def read_html(status: int, headers: Mapping[str, str], final_url: str, html: str) -> PageParts:
    """Return the document of a raw HTML answer; of a long text only the beginning."""
    source = html[:MOST_CHARACTERS]
    read = read_markup(source, NOTICE_TEXT_CHARACTERS)
    text = read.text
    if "&" in text and len(text) <= _MOST_UNESCAPED:  # older programs write each accented letter as an entity
        text = " ".join(unescape(text).split())
    return PageParts(
        status=status,
        headers=headers,
        final_url=final_url,
        text=text,
        links=read.links,
        source=source,
        shell=len(text) < 200 and "<script" in source.lower(),
    )


def judge(document: PageParts, target: Target) -> Judgement:
    """
    Return what a document is.

    The order matters: what another host says is nothing about the registered one, so that comes first, and neither its content
    nor its wall counts; a wall is ours to explain before any status, maintenance often comes with 503 and is then said so.
    """
    host = _host(document.final_url)
    status = document.status
    little = len(document.text) < NOTICE_TEXT_CHARACTERS
    text = document.text.lower() if little else ""
    if host and host != _host(target.url) and host not in target.own_hosts:
        known = "another registered portal" if host in target.elsewhere_hosts else "another host"
        return Judgement(
            page_kind=PageKind.REDIRECT,
            reason=Reason.REDIRECTED_ELSEWHERE,
            detail=f"redirected to {known}, {redact_host(host, known_hosts(target))}",
        )
    if status in (403, 429) or (little and _says(text, _CHALLENGE)):
        retry = kept_retry_after(document.headers.get("Retry-After", ""))
        hint = f", Retry-After: {retry}" if retry else ""
        return Judgement(
            page_kind=PageKind.BLOCKED, reason=Reason.BLOCKED, detail=f"blocked with status {status}{hint}"
        )
    light = little and document.links <= NOTICE_LINKS
    if light and _says(text, _MAINTENANCE):
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
    if light and (_says(text, _CAPTCHA_WALL) or _says(document.source.lower(), _CAPTCHA_WALL)):
        return Judgement(page_kind=PageKind.BLOCKED, reason=Reason.CAPTCHA, detail="a captcha stands before the page")
    if light and not document.shell and _says(text, _SENDS_ELSEWHERE):
        return Judgement(page_kind=PageKind.NOTICE)
    return Judgement(page_kind=PageKind.PORTAL)


@lru_cache(maxsize=4096)
def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    return any(phrase in text for phrase in phrases)
