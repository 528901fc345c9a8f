"""
What a page of the gallery is: what a portal may answer, what it is in truth, and what each kind of probe must say of it.

Each page has a host of its own, where it answers for every path, byte by byte: nothing between it and the probe makes its answer
better than it is. A room of the gallery is a module with a tuple PAGES; a page stands beside its twins, which look alike and are
something else.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from testbed.server import Authority
from thuocdo.core.model import Reason

Send = Callable[[bytes], Awaitable[None]]

SENTENCE = "Cổng dịch vụ công của tỉnh: nộp hồ sơ, tra cứu kết quả, đánh giá sự hài lòng của người dân. "
TITLE = "Cổng dịch vụ công tỉnh Thử Nghiệm"
EXPECTED = "Dịch vụ công trực tuyến"
"""A text that the healthy page holds."""


class Truth(StrEnum):
    """
    What a page is to a citizen.

    FINE: usable. OUTAGE: not. UNKNOWABLE: from here nobody can tell, or only a person can.
    """

    FINE = "fine"
    OUTAGE = "outage"
    UNKNOWABLE = "unknowable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    One request.

    path: without the query. headers: by name in small letters. head: as it came. base, other: addresses of the page's own
    host and of a host that is somebody else's, without a slash at their end. before: the page is shown as it was in good days.
    """

    path: str
    query: str
    headers: Mapping[str, str]
    head: bytes
    base: str
    other: str
    before: bool = False


Respond = Callable[[Asked, Send], Awaitable[None]]
"""Answers one request; the connection is closed after it."""


def ok(*others: Reason) -> frozenset[Reason | None]:
    """Return that a probe must say ok, or one of some reasons."""
    return frozenset({None, *others})


def one_of(*reasons: Reason) -> frozenset[Reason | None]:
    """Return that a probe must give one of some reasons."""
    return frozenset(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictPage:
    """
    A page of the gallery.

    does: what it is, in one sentence. truth: by kind of probe, what it is for whoever comes as that kind does (a single-page shell
    whose script fails is fine as a plain document and an outage in a browser). expected: by kind of probe, what it may say,
    None = ok; kinds that are not named are not asked. respond: answers. expected_text: of the target. journey: name of
    the journey of `testbed/verdicts/journeys/` for eform. before: answers in good days, where the verdict needs a history.
    tls: makes the server's side of TLS out of the gallery's authority and the page's host; None = plain HTTP. talk: speaks on a
    connection in the place of `respond`, for servers of something else than HTTP/1.1. variables: of the target.
    """

    name: str
    does: str
    truth: Mapping[str, Truth]
    expected: Mapping[str, frozenset[Reason | None]]
    respond: Respond
    expected_text: str = ""
    journey: str = "direct"
    before: Respond | None = None
    tls: Callable[[Authority, str], ssl.SSLContext] | None = None
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


def fine(name: str, does: str, respond: Respond, *kinds: str, **more: object) -> VerdictPage:
    """Return a page that is fine, and must be ok for each of the kinds (http and homepage where none is named)."""
    asked = kinds or ("http", "homepage")
    return _page(name, does, respond, dict.fromkeys(asked, Truth.FINE), dict.fromkeys(asked, ok()), more)


def outage(
    name: str,
    does: str,
    respond: Respond,
    *reasons: Reason,
    kinds: tuple[str, ...] = ("http", "homepage"),
    **more: object,
) -> VerdictPage:
    """Return a page that is an outage, for which each of the kinds must give one of the reasons."""
    return _page(name, does, respond, dict.fromkeys(kinds, Truth.OUTAGE), dict.fromkeys(kinds, one_of(*reasons)), more)


def unknowable(
    name: str,
    does: str,
    respond: Respond,
    *reasons: Reason,
    kinds: tuple[str, ...] = ("http", "homepage"),
    **more: object,
) -> VerdictPage:
    """Return a page of which nobody can tell from outside, for which each of the kinds must give one of the reasons."""
    return _page(
        name, does, respond, dict.fromkeys(kinds, Truth.UNKNOWABLE), dict.fromkeys(kinds, one_of(*reasons)), more
    )


def _page(
    name: str,
    does: str,
    respond: Respond,
    truth: Mapping[str, Truth],
    expected: Mapping[str, frozenset[Reason | None]],
    more: Mapping[str, object],
) -> VerdictPage:
    return VerdictPage(name=name, does=does, respond=respond, truth=truth, expected=expected, **more)  # type: ignore[arg-type]


def answer(
    body: str | bytes = "", status: str = "200 OK", media: str = "text/html; charset=utf-8", *headers: str
) -> bytes:
    """Return a whole HTTP/1.1 answer; headers: more lines of its head."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers]
    if media:
        lines.insert(1, f"Content-Type: {media}")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + content


def document(body: str, *, title: str = TITLE, head: str = "") -> str:
    """Return an HTML document."""
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f"<body>{body}</body></html>"
    )


def portal(*, head: str = "", body: str = "", title: str = TITLE) -> str:
    """Return the healthy home page of a portal, with something more in its head and behind its text."""
    links = "".join(
        f'<li><a href="/{name}">{text}</a></li>'
        for name, text in {
            "thu-tuc": "Thủ tục hành chính",
            "nop-ho-so": "Nộp hồ sơ trực tuyến",
            "tra-cuu": "Tra cứu hồ sơ",
            "danh-gia": "Đánh giá sự hài lòng",
            "hoi-dap": "Hỏi đáp",
            "lien-he": "Liên hệ",
        }.items()
    )
    main = f"<header><h1>{EXPECTED}</h1><nav><ul>{links}</ul></nav></header><main><p>{SENTENCE * 25}</p></main>"
    return document(
        f"{main}{body}<footer>Cơ quan chủ quản: Uỷ ban nhân dân tỉnh Thử Nghiệm</footer>", title=title, head=head
    )


def form(*, head: str = "", before: str = "", after: str = "", fields: int = 10) -> str:
    """Return the healthy page of an eForm with so many fields."""
    rows = "".join(
        f"<p><label for=f{number}>Thông tin {number}</label> <input id=f{number} name=f{number}></p>"
        for number in range(fields)
    )
    body = f"<h1>Tờ khai đăng ký khai sinh</h1>{before}<form>{rows}</form>{after}"
    return document(body, title="Tờ khai", head=head)


def shown(
    content: str | bytes,
    *,
    status: str = "200 OK",
    media: str = "text/html; charset=utf-8",
    headers: tuple[str, ...] = (),
) -> Respond:
    """Return what always gives the same answer."""
    whole = answer(content, status, media, *headers)
    return raw(whole)


def raw(whole: bytes) -> Respond:
    """Return what always gives the same bytes."""

    async def respond(_: Asked, send: Send) -> None:
        await send(whole)

    return respond


def by_path(answers: Mapping[str, bytes | Callable[[Asked], bytes]]) -> Respond:
    """Return what answers each path with its own bytes, any other with 404."""

    async def respond(asked: Asked, send: Send) -> None:
        found = answers.get(asked.path, answer("<h1>404</h1>", "404 Not Found"))
        await send(found(asked) if callable(found) else found)

    return respond


def made(of: Callable[[Asked], bytes]) -> Respond:
    """Return what makes an answer of each request."""

    async def respond(asked: Asked, send: Send) -> None:
        await send(of(asked))

    return respond
