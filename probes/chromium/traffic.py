"""
What the network did for one page, told by Chromium's own events: all frames, third parties included.

Resource timing would be cheaper but says 0 bytes for other origins; Playwright's request objects cost more than raw events.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from multidict import CIMultiDict

from probes.chromium.cdp import CdpSession

LARGEST_PAGE_BYTES = 30 * 1024 * 1024
"""Decoded bytes a page may load; the heaviest real home pages have a third of it."""

NEAR_SECONDS = 1.0
"""Farther from its own request no document begins: then the clock was set in between."""

_NEVER_ENDING = frozenset({"EventSource", "WebSocket", "Ping"})
FIRST_ERROR_STATUS = 400
_DATA = frozenset({"XHR", "Fetch", "Script"})
_LINE_ERRORS = frozenset(
    f"net::ERR_{name}" for name in ("INTERNET_DISCONNECTED", "NETWORK_CHANGED", "NETWORK_IO_SUSPENDED")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentResponse:
    """Status and headers (names in any case) of a document that the main frame went to, and over which protocol."""

    status: int
    headers: Mapping[str, str]
    url: str
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameAnswer:
    """What a frame's document was answered with: status (0 = it got no answer), media type, and Chromium's error or nothing."""

    host: str
    status: int = 0
    media: str = ""
    error: str = ""


class Traffic:
    """
    Counts requests and bytes of one page and knows when it is quiet.

    requests: sent over the network, redirects counted each. failed_requests: broken, or answered with 4xx or 5xx; those that
    the page itself gave up are not counted. started_at: unix time of the first request. documents: that the main frame
    went to, HTTP redirects not counted; document_host: that the last of them was asked from; answer: the last one's. frames: by
    Chromium's id of a frame in the page, what became of its last document; errors: by id of a document, why it did not come.
    data_fault: what became of a script or of data that the page asked the document's own host for, empty = nothing bad.
    line_lost: a request ended because this machine's network went or changed. too_large, broken_off (net error in the middle of
    the document): why nothing good will come any more; then on_hopeless is called.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.failed_requests = 0
        self.started_at: float | None = None
        self._began_at = 0.0
        self._document_at = (0.0, 0.0)
        self.documents = 0
        self.document_host = ""
        self.answer: DocumentResponse | None = None
        self.line_lost = False
        self.data_fault = ""
        self.too_large = False
        self.broken_off = ""
        self.on_hopeless: Callable[[], None] | None = None
        self.frames: dict[str, FrameAnswer] = {}
        self.errors: dict[str, str] = {}
        self._main_frame: str | None = None
        self._document = ""
        self._framed: dict[str, str] = {}
        self._open: dict[str, int] = {}
        self._loaders: dict[str, str] = {}
        self._endless: set[str] = set()
        self._ended_bytes = 0
        self._decoded_bytes = 0
        self._last_change = 0.0
        self._changed = asyncio.Event()

    @property
    def transferred_bytes(self) -> int:
        """Bytes received so far, as transferred."""
        return self._ended_bytes + sum(self._open.values())

    @property
    def in_flight(self) -> int:
        """Requests under way, streams that never end not counted."""
        return len(self._open) - len(self._endless)

    def seconds_before(self, origin: float) -> float:
        """
        Return how long the visit had gone on when its present document began, however this machine's clock was set meanwhile.

        Args:
            origin: the document's own, seconds of unix time by the clock as its process found it.

        """
        wall, steady = self._document_at
        ahead = origin - wall
        return max(0.0, steady - self._began_at + (ahead if abs(ahead) < NEAR_SECONDS else 0.0))

    def is_open(self, request: str) -> bool:
        """Tell whether a request, or that of a document by its own id, is under way."""
        return request in self._open

    async def watch(self, session: CdpSession) -> None:
        """Listen to a page's session from now on."""
        session.on("Network.requestWillBeSent", lambda event: self._sent(event))
        session.on("Network.responseReceived", lambda event: self._answered(event))
        session.on("Network.dataReceived", lambda event: self._received(event))
        session.on("Network.loadingFinished", lambda event: self._finished(event))
        session.on("Network.loadingFailed", lambda event: self._failed(event))
        # The bodies are not wanted: without a limit the browser would keep them for us, and tell those that are sent in full
        # (30 MB of upload were 70 MB of message; a limit of 0 means none).
        limits = {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0, "maxPostDataSize": 1}
        await session.send("Network.enable", limits)

    async def quiet(self, quiet_seconds: float, *, until: float) -> None:
        """Return once nothing was in flight for so long from now on, or at the loop's time `until`."""
        loop = asyncio.get_running_loop()
        self._last_change = max(self._last_change, loop.time())
        while (now := loop.time()) < until:
            wake = until if self.in_flight else min(until, self._last_change + quiet_seconds)
            if now >= wake:
                return
            self._changed.clear()
            try:
                async with asyncio.timeout_at(wake):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _touch(self) -> None:
        self._last_change = asyncio.get_running_loop().time()
        self._changed.set()

    def _sent(self, event: Mapping[str, Any]) -> None:
        if not event["request"]["url"].startswith(("http:", "https:")):
            return
        request = event["requestId"]
        self.requests += 1
        if "redirectResponse" in event:
            self._ended_bytes += int(event["redirectResponse"].get("encodedDataLength", 0))
        self._open[request] = 0
        self._loaders[request] = event.get("loaderId", "")
        if event.get("type") in _NEVER_ENDING:
            self._endless.add(request)
        if event.get("type") == "Document" and self._main_frame in (None, event.get("frameId")):
            self._main_frame = event.get("frameId")
            self.document_host = urlsplit(event["request"]["url"]).hostname or ""
            self.documents += "redirectResponse" not in event
            wall, steady = float(event["wallTime"]), float(event["timestamp"])
            if self.started_at is None:
                self.started_at, self._began_at = wall, steady
            if "redirectResponse" not in event:
                self._document_at = wall, steady
        elif event.get("type") == "Document":
            self._framed[request] = str(event.get("frameId"))
            self.frames[self._framed[request]] = FrameAnswer(host=urlsplit(event["request"]["url"]).hostname or "")
        self._touch()

    def _answered(self, event: Mapping[str, Any]) -> None:
        response = event["response"]
        if event["requestId"] not in self._open:
            return
        if response["status"] >= FIRST_ERROR_STATUS:
            self.failed_requests += 1
            self._note_fault(event, response["url"], f"was answered with status {response['status']}")
        if event.get("type") == "Document" and event.get("frameId") == self._main_frame:
            self._document = event["requestId"]
            self.answer = DocumentResponse(
                status=int(response["status"]),
                headers=CIMultiDict(response["headers"]),
                url=response["url"],
                protocol=response.get("protocol", ""),
            )
            self._abandon_others(event.get("loaderId", ""))
        elif frame := self._framed.get(event["requestId"]):
            host, media = urlsplit(response["url"]).hostname or "", str(response.get("mimeType", ""))
            self.frames[frame] = FrameAnswer(host=host, status=int(response["status"]), media=media)

    def _note_fault(self, event: Mapping[str, Any], url: str, fault: str) -> None:
        if event.get("type") in _DATA and urlsplit(url).hostname == self.document_host:
            self.data_fault = fault

    def _abandon_others(self, loader: str) -> None:
        """Count requests of an earlier document as ended: Chromium does not always say so when the page moves on."""
        for request in [request for request in self._open if self._loaders[request] != loader]:
            self._end(request, self._open[request])

    def _received(self, event: Mapping[str, Any]) -> None:
        if event["requestId"] not in self._open:
            return
        # The encoded length is often 0 until the end; the decoded one is the best there is meanwhile.
        self._open[event["requestId"]] += int(event["encodedDataLength"] or event["dataLength"])
        self._decoded_bytes += int(event["dataLength"])
        if self._decoded_bytes > LARGEST_PAGE_BYTES and not self.too_large:
            self.too_large = True
            if self.on_hopeless:
                self.on_hopeless()

    def _finished(self, event: Mapping[str, Any]) -> None:
        self._end(event["requestId"], int(event["encodedDataLength"]))

    def _failed(self, event: Mapping[str, Any]) -> None:
        if event["requestId"] in self._open and not event.get("canceled"):
            self.failed_requests += 1
            self.line_lost |= event.get("errorText", "") in _LINE_ERRORS
            if frame := self._framed.get(event["requestId"]):
                self.frames[frame] = replace(self.frames[frame], error=event.get("errorText", ""))
            elif event.get("type") == "Document":
                self.errors[event["requestId"]] = event.get("errorText", "")
            if self.answer and self._loaders[event["requestId"]] == event["requestId"] == self._document:
                self._give_up(event.get("errorText", ""))
        self._end(event["requestId"], self._open.get(event["requestId"], 0))

    def _give_up(self, error: str) -> None:
        """The document broke off in the middle: Chromium shows what came, and never says that it has loaded."""
        self.broken_off = error
        if self.on_hopeless:
            self.on_hopeless()

    def _end(self, request: str, size: int) -> None:
        if request in self._open:
            del self._open[request], self._loaders[request]
            self._endless.discard(request)
            self._framed.pop(request, None)
            self._ended_bytes += size
            self._touch()
