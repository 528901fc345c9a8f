"""
What a trap is, and the pages that most of them are built upon.

Pages hold marks that the server fills in for each trap: `@d@` its deed (whatever is asked for there, or below, has arrived),
`@at@` where its pages stand, `@other@` the same on another site, `@ws@` its socket (`@ws@open`
one whose handshake does not count), `@host@` its host, and `@udp@` and `@tcp@`
ports of 127.0.0.1 that count each datagram and byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

FIELDS = "".join(f"<p><label>Ô {n} <input id=o{n} name=o{n}></label></p>" for n in range(6))
HEAD = "<!doctype html><html lang=vi><meta charset=utf-8><title>Cổng dịch vụ công</title>"
TEXT = "Tổ chức, cá nhân kê khai thông tin theo mẫu và kiểm tra trước khi tiếp tục. " * 8
CODE = "1.004222"
"""The procedure that the generic journey looks for."""

CANARY = "canhtay"
"""What a page puts before a typed value that leaves in a header or cookie, where the address is no deed."""


class Probe(StrEnum):
    """
    Which probe walks into the trap.

    EFORM: a journey that opens one address, all evidence, so that the form is typed into. FOLLOW: one that also follows
    "Tiếp tục". DRAFT: one that may post to /nhap, with a mandate. GENERIC: finds its own way. RESILIENCE: types, cuts the line,
    restores it; with a mandate. HOMEPAGE: presses Tab. ACCESSIBILITY: plays the acts without a mandate. TRIED: on loopback,
    where forms are tried.
    """

    EFORM = "eform"
    FOLLOW = "follow"
    DRAFT = "draft"
    GENERIC = "generic"
    RESILIENCE = "resilience"
    HOMEPAGE = "homepage"
    ACCESSIBILITY = "accessibility"
    TRIED = "tried"


class Origin(StrEnum):
    """How a trap is served: over HTTP or TLS under a name of its own, or under the literal address of loopback."""

    NAMED = "named"
    SECURE = "secure"
    LOOPBACK = "loopback"


CARELESS: Mapping[Probe, tuple[str, ...]] = {
    Probe.EFORM: ("type", "choose"),
    Probe.FOLLOW: ("click [data-bait]", "type"),
    Probe.DRAFT: (),
    Probe.GENERIC: ("click [data-bait]",),
    Probe.RESILIENCE: ("phrase", "offline", "scroll", "online"),
    Probe.HOMEPAGE: ("tab",),
    Probe.ACCESSIBILITY: ("tab",),
    Probe.TRIED: ("submit",),
}
"""What a careless probe of each kind does on the page in the control run, where the trap says nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of a trap. headers: their values may hold marks, too."""

    text: str
    media_type: str = "text/html"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """
    One trap.

    Args:
        id: letters and digits; gNN for those of the first list of attacks.
        does: what it does and so why it is a trap, in one sentence.
        probe: who walks into it.
        pages: by path below the trap's own; "" is where the probe begins.
        origin: how it is served.
        careless: what the control run does once the page has loaded, see CARELESS; nothing is guarded there.
        opens: the form is an honest one besides, so the guarded probe must still open it.
        may_post: paths that the journey allows to be posted to, with a mandate; they do not count.
        extra_hosts: labels of further hosts under its own, for names that carry data.
        unproved: why it cannot fire in this browser even without a guard; empty = it must.

    """

    id: str
    does: str
    probe: Probe
    pages: Mapping[str, Page]
    origin: Origin = Origin.NAMED
    careless: tuple[str, ...]
    opens: bool = False
    may_post: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    unproved: str = ""

    @property
    def text(self) -> str:
        """All that its pages say, to look for marks in."""
        return " ".join(" ".join([page.text, *page.headers.values()]) for page in self.pages.values())


def form(*, inside: str = "", after: str = "", head: str = "", attributes: str = "", script: str = "") -> str:
    """Return the page of an honest declaration form of six fields, with something of the trap's in it."""
    end = f"<script>{script}</script>" if script else ""
    return f"{HEAD}{head}<body><h1>Tờ khai</h1><p>{TEXT}</p><form id=f {attributes}>{FIELDS}{inside}</form>{after}{end}</body>"


def trap(
    id: str,  # noqa: A002
    does: str,
    text: str,
    *,
    probe: Probe = Probe.EFORM,
    more: Mapping[str, Page | str] | None = None,
    careless: tuple[str, ...] | None = None,
    opens: bool | None = None,
    headers: Mapping[str, str] | None = None,
    media_type: str = "text/html",
    origin: Origin = Origin.NAMED,
    extra_hosts: tuple[str, ...] = (),
    may_post: tuple[str, ...] = (),
    unproved: str = "",
) -> Trap:
    """Return a trap whose first page has this text; more: its other pages, HTML where they are only a text."""
    pages = {"": Page(text=text, headers=headers or {}, media_type=media_type)}
    pages |= {path: Page(text=page) if isinstance(page, str) else page for path, page in (more or {}).items()}
    return Trap(
        id=id,
        does=does,
        probe=probe,
        pages=pages,
        origin=origin,
        careless=CARELESS[probe] if careless is None else careless,
        opens=probe in (Probe.EFORM, Probe.DRAFT) if opens is None else opens,
        may_post=may_post,
        extra_hosts=extra_hosts,
        unproved=unproved,
    )


def sends_when(event: str, send: str, *, on: str = "document") -> str:
    """Return a script that does `send` once something happens; `v` is then what stands in the fields."""
    values = "[...document.querySelectorAll('input,textarea')].map(e=>e.value).join('')"
    return f"{on}.addEventListener('{event}',()=>{{const v={values}||'-';{send}}},true)"
