"""
The one place where it is decided what a page that we press, type into or walk through may ask of anybody.

Every request of every frame, worker, beacon, ping and download of such a browser is held by the browser process itself before it
leaves, and let go only by `PageGate.decides`; the page's scripts have no part in it. A request whose page is not known is not
let go: shared and service workers have none. What the browser cannot hold is not there at all: sockets cannot connect
(probes.chromium.playwright_page), and what is sent by other parts of the browser is switched off (probes.chromium.life). Whatever
is forgotten in all that still has one way out, the page's line, which `PageGate.shut` closes below it.

Seen with Chromium 156, 2026-11-29: fetch, XMLHttpRequest, EventSource, beacon, ping, download and link prefetch are all held, in
pages, frames, workers, nested, shared and service workers; a navigation that a page asks for is announced beforehand with its
reason, a download and our own navigations are not.

Source: chromedevtools.github.io/devtools-protocol, domains Fetch and Page.
"""

import asyncio
import re
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urldefrag, urlsplit

from ada_url import normalize_url

from probes.chromium.cdp import CdpSession
from probes.chromium.line import LineProxy
from probes.forbidden_acts import Meaning, meaning_of_address
from probes.forbidden_requests import means_another_method, says_more_than_a_draft

READING = frozenset({"GET", "HEAD", "OPTIONS"})
SENDING_TYPES = frozenset({"Ping", "CSPViolationReport"})
"""Nothing a page shows depends on these: they only tell somebody something."""

AWAITED_TYPES = frozenset({"Document", "XHR", "Fetch"})
"""Of these, a page may need the answer to go on."""

OPENING_MEANINGS = frozenset({Meaning.SEND, Meaning.REGISTER, Meaning.PROCEED})
"""To ask for what is called so opens a form in which one would do it; everything else on the list would be done by asking."""

NAMED_MEANINGS = OPENING_MEANINGS | {Meaning.SAVE}
"""What a path may be called that the journey lets be posted to: drafts are saved."""

OURS = "ours"
LEADING_REASONS = frozenset(
    {OURS, "anchorClick", "scriptInitiated", "httpHeaderRefresh", "metaTagRefresh", "initialFrameNavigation", "reload"}
)
"""Why a document may be asked for; what is missing here is the submission of a form, and what Chromium may add."""

FIRST_REASONS = LEADING_REASONS | {"other"}
"""Why the first document of a frame may be: Chromium names no reason where it puts it off until somebody looks (loading=lazy)."""

ANNOUNCED_SECONDS = 2.0
"""A document or a frame that has not been announced by then is not let go; it takes 1 to 10 ms."""

MOST_POSTS = 20
"""That a journey names and one page may make; each may leave a draft."""

MOST_FRAMES = 2_000
MOST_ANNOUNCED = 2_000
"""Of one page, that are kept; what a page asks for beyond them does not go."""

_DISGUISED = re.compile(r"%(?:2f|5c|2e|3b|25|00)|[;\\]", re.IGNORECASE)


class GateRefusal(StrEnum):
    """Why a request was not let go."""

    SHUT = "nothing passes once the page has been tried"
    METHOD = "its method is not one of reading, and the journey does not name it"
    SENDING = "it only tells somebody something"
    OVERRIDE = "a header or its query makes another method or an act of it"
    BODY = "its body or query says, or may say, that more is done than a draft is made"
    TOO_MANY = "no form takes so many posts to open"
    FORM = "it submits a form"
    UNANNOUNCED = "nothing that leads on asked for it"
    FORBIDDEN = "its address is one of an act that changes something"
    NOT_TO_BE_VISITED = "robots.txt or the act under way forbids it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """
    A request that waits for its decision. resource_type: Chromium's word. is_redirect: of a request that was let go. body: None
    where there is one that Chromium does not tell.
    """

    url: str
    method: str
    resource_type: str
    frame: str
    headers: Mapping[str, str]
    is_redirect: bool = False
    body: str | None = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Held":
        """Make one of what Chromium says with Fetch.requestPaused."""
        request = event["request"]
        return cls(
            url=request["url"],
            method=request["method"].upper(),
            resource_type=event["resourceType"],
            frame=event.get("frameId", ""),
            headers=request.get("headers", {}),
            is_redirect="redirectedRequestId" in event,
            body=_body(request),
        )

    @property
    def reads(self) -> bool:
        """Whether its method is one of reading; OPTIONS is where the browser asks before it reads of another site."""
        if self.method == "OPTIONS":
            return any(name.lower() == "access-control-request-method" for name in self.headers)
        return self.method in READING

    @property
    def told(self) -> str:
        """Method and path, for people."""
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(slots=True, kw_only=True, eq=False)
class PageGate:
    """
    What one page may ask for.

    main_frame: id of its main frame. line: its way out. allowed_posts: globs of paths that may be posted to, on `post_hosts`
    only, because the form does not open without. may_visit: asked for every address that the
    page itself goes to.

    stopped: what was not let go, in order. let_through: what was asked with another method than GET because the journey names
    it. held_back: those of `stopped` whose answer the page may need to go on, as (time.monotonic(), URL).
    """

    main_frame: str
    line: LineProxy
    allowed_posts: Collection[str] = ()
    post_hosts: Collection[str] = ()
    post_port: int | None = None
    may_visit: Callable[[str], Awaitable[bool]] | None = None
    stopped: list[str] = field(default_factory=list)
    let_through: list[str] = field(default_factory=list)
    held_back: list[tuple[float, str]] = field(default_factory=list)
    _frames: set[str] = field(init=False)
    _empty_frames: set[str] = field(default_factory=set)
    _announced: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _stalled: bool = False
    _shut: bool = False
    _stands_in: bool = False

    def __post_init__(self) -> None:
        self._frames = {self.main_frame}

    @property
    def is_shut(self) -> bool:
        """Whether nothing passes any more."""
        return self._shut

    def shut(self) -> None:
        """Let nothing pass from now on until the page is gone; to be called before the first key or press that tries it."""
        self._shut = True
        self.line.shut()
        self._tell()

    def stall(self) -> None:
        """Keep every request waiting, as on a line that is gone, until the gate is shut; to be called before the first key."""
        self._stalled = True

    def stand_in(self) -> None:
        """Answer by ourselves, from now on, whatever the shut page asks with HEAD: it can ask again, and nothing leaves."""
        self._stands_in = True

    def answers(self, held: Held) -> bool:
        """Whether a request that may not go is answered here."""
        return self._stands_in and held.method == "HEAD"

    def expect(self, url: str) -> None:
        """Say that we take the page to an address ourselves, written as people write it; nothing else announces it."""
        with suppress(ValueError):  # no address: nothing will be asked for
            self._announce(self.main_frame, normalize_url(url), OURS)

    def watch(self, session: CdpSession) -> None:
        """Hear from a session of the page what its frames are about to ask for."""
        session.on("Page.frameAttached", lambda event: self.take("Page.frameAttached", event))
        session.on("Page.frameRequestedNavigation", lambda event: self.take("Page.frameRequestedNavigation", event))

    def take(self, event: str, about: Mapping[str, Any]) -> None:
        """Take one of the events of `watch`."""
        if event not in ("Page.frameAttached", "Page.frameRequestedNavigation") or len(self._frames) >= MOST_FRAMES:
            return
        self._frames.add(about["frameId"])
        if event == "Page.frameAttached":
            self._empty_frames.add(about["frameId"])
        if event == "Page.frameRequestedNavigation" and about.get("disposition") == "currentTab":
            self._announce(about["frameId"], about["url"], about["reason"])
        self._tell()

    def knows(self, frame: str) -> bool:
        """Tell whether a frame is one of this page."""
        return frame in self._frames

    def needs_time(self, held: Held) -> bool:
        """Whether a request can only be decided upon once something else is known."""
        return self._stalled or (held.resource_type == "Document" and self.decides_at_once(held) is None)

    async def decides(self, held: Held) -> GateRefusal | None:
        """Return why a request may not go, once that is known; None = it may."""
        while self._stalled and not self._shut:
            await self.changed()
        refusal = self.decides_at_once(held)
        if refusal is None and held.resource_type == "Document":
            refusal = await self._refuses_document(held)
        # Another one may have shut the gate while this one waited.
        return GateRefusal.SHUT if self._shut else refusal

    def note(self, held: Held, refusal: GateRefusal | None) -> None:
        """Keep account of a decision."""
        if refusal is None:
            self.line.expect(held.url)
            if held.method not in READING:
                self.let_through.append(held.told)
        elif refusal is not GateRefusal.NOT_TO_BE_VISITED:
            self.stopped.append(held.told)
            if held.resource_type in AWAITED_TYPES:
                self.held_back.append((time.monotonic(), held.url))

    def decides_at_once(self, held: Held) -> GateRefusal | None:
        """Return why a request that needs no time may not go; None = it may."""
        if self._shut:
            return GateRefusal.SHUT
        if held.resource_type in SENDING_TYPES:
            return GateRefusal.SENDING
        if means_another_method(held.url, held.headers):
            return GateRefusal.OVERRIDE
        is_named = held.method not in READING and self._is_named_post(held)
        if not (is_named or held.reads):
            return GateRefusal.METHOD
        if is_named and says_more_than_a_draft(held.url, held.headers, held.body):
            return GateRefusal.BODY
        if is_named and len(self.let_through) >= MOST_POSTS:
            return GateRefusal.TOO_MANY
        if held.resource_type == "Document" and OURS in self._announced.get((held.frame, _plain(held.url)), ()):
            return None  # people who registered the address, or wrote the journey, have looked at it
        meaning = meaning_of_address(held.url)
        if meaning is Meaning.DOWNLOAD and held.resource_type != "Document":
            return None  # many portals serve their pictures so
        opens = meaning is None or meaning in (NAMED_MEANINGS if is_named else OPENING_MEANINGS)
        return None if opens else GateRefusal.FORBIDDEN

    def _is_named_post(self, held: Held) -> bool:
        address = urlsplit(held.url)
        named = held.method == "POST" and any(_matches(address.path, pattern) for pattern in self.allowed_posts)
        return named and address.hostname in self.post_hosts and address.port in (None, self.post_port)

    async def _refuses_document(self, held: Held) -> GateRefusal | None:
        """Refuse what nothing that leads on has announced: the submission of a form, a download, what we have not thought of."""
        if not held.is_redirect:
            reasons = await self._announcements(held)
            if not reasons:
                return GateRefusal.UNANNOUNCED
            leading = FIRST_REASONS if held.frame in self._empty_frames else LEADING_REASONS
            if held.method in READING and not leading.issuperset(reasons):
                return GateRefusal.FORM
            self._empty_frames.discard(held.frame)
        if self.may_visit and held.frame == self.main_frame and not await self.may_visit(held.url):
            return GateRefusal.NOT_TO_BE_VISITED
        return None

    async def _announcements(self, held: Held) -> list[str]:
        """Return why a document is asked for; renderer and browser say so in ways of their own, so it may come a little later."""
        key = (held.frame, _plain(held.url))
        with suppress(TimeoutError):
            async with asyncio.timeout(ANNOUNCED_SECONDS):
                while key not in self._announced and not self._shut:
                    await self.changed()
        return self._announced.pop(key, [])

    def _announce(self, frame: str, url: str, reason: str) -> None:
        if len(self._announced) < MOST_ANNOUNCED:
            self._announced.setdefault((frame, _plain(url)), []).append(reason)
        self._tell()

    async def changed(self) -> bool:
        """Return when something more is known."""
        return await self._changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _body(request: Mapping[str, Any]) -> str | None:
    """Return a request's body; None where it is a stream, or no text. Chromium's "postData" lacks the bytes that are none."""
    if not request.get("hasPostData"):
        return ""
    parts = request.get("postDataEntries") or [{}]
    try:
        return b"".join(b64decode(part["bytes"], validate=True) for part in parts).decode("utf-8")
    except (KeyError, ValueError):
        return None


def _matches(path: str, pattern: str) -> bool:
    """
    Tell whether a path is one of a glob's; a star stands for a part of it, or some of one, never for several.

    Nor for what a server may read as several: slashes and dots in other writing, parameters of a part.
    """
    if _DISGUISED.search(path):
        return False
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _plain(url: str) -> str:
    """Return an address as it is asked for: a fragment never leaves the browser, and a page may have its links made secure."""
    plain = urldefrag(url).url
    return f"https:{plain.removeprefix('http:')}" if plain.startswith("http:") else plain
