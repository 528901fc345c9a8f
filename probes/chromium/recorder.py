"""
Keeps what Chromium tells about one visit, so that evidence can be made of it afterwards, when its outcome is known.

It only remembers: each event costs a look-up and an assignment. Bodies of requests are let go at once, and what a page can
make us remember is bounded; what was left out is counted.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.console import Console
from probes.chromium.line import LineProxy

MOST_EXCHANGES = 2_000
MOST_CHARACTERS = 16_000_000
"""Of addresses and headers together; a heavy real page has some 500,000."""

_OF_THE_LINE = ("net::ERR_SOCKS", "net::ERR_PROXY")
_OVER_HTTP = ("http:", "https:")


@dataclass(slots=True, kw_only=True, eq=False)
class Exchange:
    """
    One request over HTTP and what became of it, as Chromium told it and not redacted; each redirect is an exchange of its own.

    type: Chromium's resource type (Document, Script, XHR, …). sent_at, ended_at: the browser's own clock in seconds; None =
    still open. wall_time: unix time when sent. response: Chromium's description of the answer. wired: whether headers as they
    were on the line were told for it. transferred_bytes: as received, headers included. body_bytes: decoded. error: net::ERR_…
    given_up: the page itself no longer wanted it.
    """

    request_id: str
    url: str
    method: str
    type: str
    headers: Mapping[str, str]
    priority: str
    has_body: bool
    initiator_type: str
    initiator_url: str
    sent_at: float
    wall_time: float
    response: Mapping[str, Any] | None = None
    wired: bool = False
    from_cache: bool = False
    transferred_bytes: int = 0
    body_bytes: int = 0
    ended_at: float | None = None
    error: str = ""
    blocked_reason: str = ""
    given_up: bool = False

    @property
    def status(self) -> int:
        """Status of the answer; 0 where there is none."""
        return int(self.response["status"]) if self.response else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """An answer's head as it was on the line. size_bytes: of the head; -1 where it was no text (HTTP/2)."""

    status: int
    headers: Mapping[str, str]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WireHeads:
    """Heads of one request id as they were on the line, one per exchange that came to it, in order."""

    requests: list[Mapping[str, str]] = field(default_factory=list)
    answers: list[WireAnswer] = field(default_factory=list)


class Recorder:
    """
    What one visit was made of.

    exchanges: in the order they were sent. left_out_requests: those beyond what is kept. content_loaded_at, loaded_at: when the
    last document had its DOMContentLoaded and load events, by the browser's own clock.
    """

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.wires: dict[str, WireHeads] = {}
        self.console = Console()
        self.left_out_requests = 0
        self.content_loaded_at: float | None = None
        self.loaded_at: float | None = None
        self._last: dict[str, Exchange] = {}
        self._room = MOST_CHARACTERS
        self._silencing: asyncio.Task[None] | None = None
        self._line: LineProxy | None = None

    async def watch(self, session: CdpSession, line: LineProxy | None = None) -> None:
        """
        Listen to a page's session from now on.

        line: that its requests take; Chromium knows only that it did not connect, the line knows why.

        Its Network and Page domains are the caller's to enable (probes.chromium.traffic, probes.chromium.navigation). The
        Runtime and Log domains are enabled here: no cost could be measured on a page that writes little (2026-11-23: CPU of a
        visit x 0.995 to 1.009 in pairs).
        """
        self._line = line
        for event, take in (
            ("Network.requestWillBeSent", self._sent),
            ("Network.requestWillBeSentExtraInfo", self._sent_on_wire),
            ("Network.requestServedFromCache", self._cached),
            ("Network.responseReceived", self._answered),
            ("Network.responseReceivedExtraInfo", self._answered_on_wire),
            ("Network.dataReceived", self._received),
            ("Network.loadingFinished", self._finished),
            ("Network.loadingFailed", self._failed),
            ("Page.domContentEventFired", self._content_loaded),
            ("Page.loadEventFired", self._loaded),
        ):
            session.on(event, _plain(take))
        for event, take in (
            ("Runtime.consoleAPICalled", self.console.take_call),
            ("Runtime.exceptionThrown", self.console.take_exception),
            ("Runtime.exceptionRevoked", self.console.take_back),
            ("Log.entryAdded", self.console.take_entry),
        ):
            session.on(event, self._until_full(take, session))
        await asyncio.gather(session.send("Runtime.enable"), session.send("Log.enable"))

    def certificate_ends_at(self, host: str) -> float | None:
        """Return the Unix time at which the certificate of a host runs out, of several the first; None = none was seen."""
        shown = (
            exchange.response["securityDetails"]["validTo"]
            for exchange in self.exchanges
            if exchange.response and not exchange.from_cache and urlsplit(exchange.url).hostname == host
            if exchange.response.get("securityDetails")
        )
        return min(map(float, shown), default=None)

    def _until_full(self, take: Callable[[Mapping[str, Any]], None], session: CdpSession) -> Callable[[Any], None]:
        def handler(event: Mapping[str, Any]) -> None:
            if self.console.is_full:
                return
            take(event)
            if self.console.is_full and self._silencing is None:
                self._silencing = asyncio.ensure_future(_silence(session))

        return handler

    def _sent(self, event: Mapping[str, Any]) -> None:
        request = event["request"]
        if not request["url"].startswith(_OVER_HTTP):
            return
        request_id = event["requestId"]
        before = self._last.pop(request_id, None)
        if before and "redirectResponse" in event:
            before.response = event["redirectResponse"]
            before.wired = event.get("redirectHasExtraInfo", False)
            before.transferred_bytes = int(event["redirectResponse"].get("encodedDataLength", 0))
            before.ended_at = event["timestamp"]
        if len(self.exchanges) >= MOST_EXCHANGES or not self._fits(request["url"], request["headers"]):
            self.left_out_requests += 1
            return
        initiator = event.get("initiator", {})
        exchange = Exchange(
            request_id=request_id,
            url=request["url"],
            method=request["method"],
            type=event.get("type", "Other"),
            headers=request["headers"],
            priority=request.get("initialPriority", ""),
            has_body=request.get("hasPostData", False),
            initiator_type=initiator.get("type", ""),
            initiator_url=_initiator_url(initiator),
            sent_at=event["timestamp"],
            wall_time=event["wallTime"],
        )
        self.exchanges.append(exchange)
        self._last[request_id] = exchange

    def _sent_on_wire(self, event: Mapping[str, Any]) -> None:
        # The cookies' own list is not kept, and the event may come before the one that says what was asked for.
        if len(self.wires) < MOST_EXCHANGES and self._fits("", event["headers"]):
            self.wires.setdefault(event["requestId"], WireHeads()).requests.append(event["headers"])

    def _answered_on_wire(self, event: Mapping[str, Any]) -> None:
        if len(self.wires) < MOST_EXCHANGES and self._fits("", event["headers"]):
            text = event.get("headersText", "")
            answer = WireAnswer(status=event["statusCode"], headers=event["headers"], size_bytes=len(text) or -1)
            self.wires.setdefault(event["requestId"], WireHeads()).answers.append(answer)

    def _cached(self, event: Mapping[str, Any]) -> None:
        exchange = self._last.get(event["requestId"])
        if exchange:
            exchange.from_cache = True

    def _answered(self, event: Mapping[str, Any]) -> None:
        exchange = self._last.get(event["requestId"])
        if exchange and self._fits("", event["response"]["headers"]):
            exchange.response = event["response"]
            exchange.wired = event.get("hasExtraInfo", False)
            exchange.type = event.get("type", exchange.type)
            exchange.from_cache = exchange.from_cache or event["response"].get("fromDiskCache", False)

    def _received(self, event: Mapping[str, Any]) -> None:
        exchange = self._last.get(event["requestId"])
        if exchange:
            # As probes.chromium.traffic does: the encoded length is often 0 until the end.
            exchange.transferred_bytes += int(event["encodedDataLength"] or event["dataLength"])
            exchange.body_bytes += int(event["dataLength"])

    def _finished(self, event: Mapping[str, Any]) -> None:
        exchange = self._last.get(event["requestId"])
        if exchange:
            exchange.transferred_bytes = int(event["encodedDataLength"])
            exchange.ended_at = event["timestamp"]

    def _failed(self, event: Mapping[str, Any]) -> None:
        exchange = self._last.get(event["requestId"])
        if exchange:
            exchange.ended_at = event["timestamp"]
            exchange.error = self._cause(event["errorText"], exchange.url)
            exchange.blocked_reason = event.get("blockedReason", "")
            exchange.given_up = event.get("canceled", False)

    def _cause(self, error: str, url: str) -> str:
        known = None
        if self._line and error.startswith(_OF_THE_LINE):
            known = self._line.net_error(urlsplit(url).hostname or "")
        return known or error or "net::ERR_FAILED"

    def _content_loaded(self, event: Mapping[str, Any]) -> None:
        self.content_loaded_at = event["timestamp"]

    def _loaded(self, event: Mapping[str, Any]) -> None:
        self.loaded_at = event["timestamp"]

    def _fits(self, url: str, headers: Mapping[str, str]) -> bool:
        """Tell whether an address and headers still find room, and take it."""
        size = len(url) + sum(map(len, headers)) + sum(map(len, headers.values()))
        if size > self._room:
            return False
        self._room -= size
        return True


def _plain(take: Callable[[Mapping[str, Any]], None]) -> Callable[[Any], None]:
    """Return a handler that is no bound method: Playwright marks its handlers."""
    return lambda event: take(event)


async def _silence(session: CdpSession) -> None:
    with suppress(Error):  # the page is gone: then it is silent
        await asyncio.gather(session.send("Runtime.disable"), session.send("Log.disable"))


def _initiator_url(initiator: Mapping[str, Any]) -> str:
    """Return the document or the script that asked; the rest of a stack is not kept."""
    frames = initiator.get("stack", {}).get("callFrames", [])
    return str(initiator.get("url") or (frames[0].get("url", "") if frames else ""))
