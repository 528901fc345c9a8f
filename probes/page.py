"""
What a document is: a portal's page, a notice, a redirect elsewhere, maintenance, a wall, a captcha, a login, or an error's page.

Judged from status, headers and the visible text, the same way for the plain HTTP probe and for the browser. docs/verdicts.md
tells each verdict for people: what is changed here is changed there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from urllib.parse import urlsplit

from probes import tcvn3, vni
from probes.markup import MOST_CHARACTERS, WITHIN, read_markup, title_of
from probes.own_words import PageSigns, by_links, is_error_title, signs_in, without_asides
from probes.page_signs import MARKS, marks
from probes.redaction import known_hosts, redact_host
from probes.redaction.headers import kept_retry_after
from probes.spelling import folded
from thuocdo.core.model import PageKind, Reason, Target, TargetRole

NOTICE_TEXT_CHARACTERS = (
    1500  # a page that sends people elsewhere says so in a few lines; a portal's home page says more
)
NOTICE_LINKS = 12
SHELL_CHARACTERS = 200  # a title and perhaps "loading"
FEW_LINKS = 4
"""A page that has stopped leads to a contact or the parent's site at most; one that goes on leads to more, or has a field."""
MENU_CHARACTERS = 600
"""A page of many links that says no more than that is a menu with a message."""
MOST_PLACES = 8
BEGINNING = 250
"""Characters within which a page says what it is: its title and heading."""

_LONG_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{9,});?")  # beyond any letter; Python would count them
_RUNS = re.compile(
    r"<script(?![^<>]{0,300}type\s{0,9}=\s{0,9}[\"']?(?:application/(?:ld\+)?json|text/(?:x-)?template))", re.IGNORECASE
)
_DRAWN = re.compile(r"<(?:img|picture|canvas|video|svg|input|button|select|textarea)[\s/>]", re.IGNORECASE)
_FRAMED = re.compile(r"<(?:i?frame|object|embed|frameset)[\s>]", re.IGNORECASE)
_SENT_ON = re.compile(r"<meta[^<>]{0,200}http-equiv\s{0,9}=\s{0,9}[\"']?refresh", re.IGNORECASE)
_FIELD = re.compile(r"<(?:input|textarea|select)\b[^<>]{0,500}", re.IGNORECASE)
_NO_FIELD = re.compile(r"type\s{0,9}=\s{0,9}[\"']?(?:hidden|submit|button|image|reset|checkbox|radio)", re.IGNORECASE)
_PASSWORD = re.compile(r"type\s{0,9}=\s{0,9}[\"']?password", re.IGNORECASE)
_UNSEEN = (
    *(("<", ">"), ("<!--", "-->")),
    *((f"<{name}", f"</{name}") for name in ("script", "style", "template", "noscript")),
)
"""Behind the first of a pair and before the second one nothing is to be read."""
_DATA = ("application/json", "text/json")
_BEGINS_AS_DATA = re.compile(
    r"\s*(?:\{\s*(?:\"|\}\s*$)|\[\s*[\[{\"\]]|(?:<\?xml[^<>]{0,200}>\s*)?<(?:error|fault|(?:soap|soapenv|s)(?:-env)?:envelope)[\s>])",
    re.IGNORECASE,
)
"""JSON, or the root of an error in XML: no document of HTML begins so, whatever its type is said to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts:
    """
    The parts of a document that tell what it is.

    text: what a person reads, title included, white space folded. links: number of links, 0 for a long text. shell: scripts
    make the page, so that its own text says nothing yet (only a browser can judge it). source: raw HTML, for signs that are
    not text. drawn: a browser shows it, so that what is not there is not there.
    """

    status: int
    headers: Mapping[str, str]
    final_url: str
    text: str
    links: int
    source: str = ""
    shell: bool = False
    drawn: bool = False


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
    text = readable(_unescaped(read.text), source)
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
    host = _host(document.final_url)
    status = document.status
    if host and not _is_own(host, target):
        known = "another registered portal" if host in target.elsewhere_hosts else "another host"
        return Judgement(
            page_kind=PageKind.REDIRECT,
            reason=Reason.REDIRECTED_ELSEWHERE,
            detail=f"redirected to {known}, {redact_host(host, known_hosts(target))}",
        )
    said = _Said(document)
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
    judgement = judge(document, target)
    if judgement.reason or judgement.page_kind is not PageKind.PORTAL:
        return judgement
    if not (document.drawn or document.text or _may_show_more(document.source) or _DRAWN.search(document.source)):
        return _mismatch("the document is empty")
    if target.role is not TargetRole.HOMEPAGE:
        return judgement
    media = next((value for name, value in document.headers.items() if name.lower() == "content-type"), "")
    media = media.partition(";")[0].strip().lower()
    if media in _DATA or media.endswith("+json") or any(map(_BEGINS_AS_DATA.match, (document.source, document.text))):
        return _mismatch("data (JSON, or an error in XML) stands in the place of the page")
    if _Said(document).is_login:
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
    without a browser.
    """
    if not expected or _stands_plainly(expected, html) or _may_show_more(html):
        return False
    read = read_markup(html, MOST_CHARACTERS)
    return read.is_whole and lacks(expected, readable(_unescaped(read.text), html))


def spellings(text: str) -> tuple[str, ...]:
    """
    Return a text folded: as its letters follow each other, and with a blank wherever markup stood within a word.

    Both are read: the letter of a style of its own belongs to its word, and the items of a menu stand apart on the screen.
    """
    glued = folded(text)
    return (glued, folded(text.replace(WITHIN, " "))) if WITHIN in text else (glued,)


class _Said:
    """What a light page says; a page of much text is a portal's, whatever it says in some place."""

    def __init__(self, document: PageParts) -> None:
        self._document = document
        self.little = len(document.text) < NOTICE_TEXT_CHARACTERS
        self.light = self.little and document.links <= NOTICE_LINKS
        self._signs = _signs_of(document.text) if self.little else _NOTHING
        self._few = document.links <= FEW_LINKS

    def _says(self, name: str) -> bool:
        return name in self._signs.anywhere

    @cached_property
    def _apart(self) -> tuple[PageSigns, PageSigns]:
        """What the page says itself, and by its links; one that leads nowhere speaks of nothing else."""
        if self._document.links <= 1:
            return self._signs, _NOTHING
        source = self._document.source
        own, linked = (readable(_unescaped(one), source) for one in by_links(source, NOTICE_TEXT_CHARACTERS))
        return _own_signs_of(own) if own else self._signs, _own_signs_of(linked)

    @property
    def _own(self) -> PageSigns:
        return self._apart[0]

    def _says_itself(self, *names: str) -> bool:
        return any(self._says(name) and name in self._own.anywhere for name in names)

    def _begins_with(self, *names: str) -> bool:
        return any(self._says(name) and name in self._own.at_the_beginning for name in names)

    @cached_property
    def _title(self) -> PageSigns:
        title = _unescaped(title_of(self._document.source))
        return _own_signs_of(title) if title else _NOTHING

    def _is_titled(self, *names: str) -> bool:
        """Whether the title says so: then it is no matter what menu is left around."""
        return not self._title.anywhere.isdisjoint(names)

    @cached_property
    def _marks(self) -> frozenset[str]:
        """What the source of a light page is marked with."""
        source = self._document.source[:MOST_CHARACTERS].lower() if self.light else ""
        return frozenset(name for name in MARKS if any(mark in source for mark in marks(name)))

    @property
    def _fields(self) -> list[str]:
        return [one for one in _FIELD.findall(self._document.source) if not _NO_FIELD.search(one)]

    @property
    def _leads_on(self) -> bool:
        """Whether a person can go on here."""
        if not self._few or self._document.links <= 1:
            return not self._few
        return bool(self._fields) or "services" in self._apart[1].anywhere

    @property
    def _is_over(self) -> bool:
        return self._document.links > 1 and self._says("over")

    @property
    def is_challenge(self) -> bool:
        return "challenge_marks" in self._marks or (self._few and self._says_itself("challenge"))

    @property
    def is_stopped(self) -> bool:
        """Whether the portal is in maintenance now: announced, over, or a piece of news is something else."""
        if not self.little or self._says("over") or not any(map(self._says, ("portal_stopped", "stopped", "stops"))):
            return False
        to_come = self._says("to_come")
        if not self.light and len(self._document.text) >= MENU_CHARACTERS:
            return False
        if self._leads_on:
            return "portal_stopped" in self._own.at_the_beginning and not to_come
        if self._says_itself("stopped"):
            return True
        return self._says_itself("stops") and not (to_come and self._document.links > 1)

    @property
    def is_captcha(self) -> bool:
        """Whether a captcha stands before the page; as a field of a login or a search it stands beside it."""
        if not self.light or not self._few:
            return False
        if self._says_itself("captcha") or "captcha_marks" in self._marks:
            return len(self._fields) <= 1
        fewest = 0 if self._document.links <= 1 else 1
        return self._says_itself("code") and fewest <= len(self._fields) <= 1

    @property
    def instead(self) -> str:
        """What stands there in the place of a page: for people, empty where it is a page."""
        if not self.light:
            return ""
        if self._begins_with("suspended") or (self._few and self._says_itself("suspended")):
            return "the account or the domain is suspended, expired or for sale"
        if (
            "default_marks" in self._marks
            or self._begins_with("default")
            or (self._few and self._begins_with("unbuilt"))
        ):
            return "the server's default page stands in the place of the portal"
        if (self._few and self._begins_with("fault") and not self._is_over) or self._is_titled("fault", "error_titles"):
            return "the page shows an error of the portal's program"
        if (self._few and self._begins_with("missing")) or self._is_titled("missing"):
            return "the page says that there is no such page"
        return ""

    @property
    def sends_elsewhere(self) -> bool:
        return self._says("sends_elsewhere")

    @property
    def is_login(self) -> bool:
        """Whether there is a login and nothing else; a home page with a login box says more than that."""
        if not self.light or not self._says("log_in"):
            return False
        if not (self._few and "log_in" in self._signs.at_the_beginning) and not self._is_titled("log_in"):
            return False
        fields = self._fields
        return len(fields) <= 3 and any(map(_PASSWORD.search, fields))


_NOTHING = PageSigns()


@lru_cache(maxsize=2048)
def _signs_of(text: str) -> PageSigns:
    """Return what a short text says; the next visit of a page mostly finds the same one."""
    return signs_in(spellings(text), BEGINNING)


@lru_cache(maxsize=2048)
def _own_signs_of(text: str) -> PageSigns:
    """Return what a short text says of its page."""
    said = signs_in([without_asides(one) for one in spellings(text)], BEGINNING)
    return PageSigns(said.anywhere | {"error_titles"}, said.at_the_beginning) if is_error_title(folded(text)) else said


def _mismatch(detail: str) -> Judgement:
    return Judgement(page_kind=PageKind.PORTAL, reason=Reason.CONTENT_MISMATCH, detail=detail)


def _may_show_more(html: str) -> bool:
    """Whether a browser may show what does not stand in a document as text."""
    return any(pattern.search(html) for pattern in (_RUNS, _FRAMED, _SENT_ON))


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


def readable(text: str, source: str) -> str:
    """Return a text as the page's own fonts show it."""
    return vni.read(tcvn3.read(text, source), source)


def _unescaped(text: str) -> str:
    """Return a text with its character references read; older programs write each accented letter as one."""
    return " ".join(unescape(_LONG_REFERENCE.sub("\ufffd", text)).split()) if "&" in text else text


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
