"""
Takes a page to an address, knows whether the document now shown has loaded, and asks our own script about it.

Our script lives in an isolated world: the page's scripts can neither see nor break it, whatever prototypes they patch.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession

_WORLD = "thuocdo"
_NAME = "__thuocdoCollector"
_ABORTED = "ERR_ABORTED"
_WEB = ("http:", "https:")
MOST_IN_VAIN = 10
"""A page may try for ever to go to what is no page; after so many times in a row it is taken as one that stays."""

_MOVED_ON = (
    "context was destroyed",
    "Cannot find context",
    "navigated or closed",
    "No frame for given id",
    "uniqueContextId not found",
)
"""How Chromium says that the document we asked about has made way for another one."""


class MovedOnError(Exception):
    """The document made way for another one while we asked about it; caught by probes.chromium.visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOn:
    """A document says that it will send its visitor on to `url`, `delay_seconds` after it said so, at the loop's time `due`."""

    url: str
    delay_seconds: float
    due: float


class Navigation:
    """
    The main frame of one page, with our collector in every document it goes to.

    moving_to: Chromium's id of a document that the page is going to, and the loop's time at which it began; None = it stays.
    unreachable: the address of what could not be shown, so that an error page of the browser stands in its place.
    """

    def __init__(self, session: CdpSession) -> None:
        self._session = session
        self._changed = asyncio.Event()
        self._frame = ""
        # Documents by Chromium's loader ids: the one now shown, the one whose load event came last, and
        # the one that Chromium said it had done with, which is all it says where a page went to what is no page meanwhile.
        self._shown = ""
        self._loaded = ""
        self._stopped = ""
        self.moving_to: tuple[str, float] | None = None
        self.unreachable = ""
        self._in_vain = 0
        self._announced: dict[str, SendOn] = {}

    @property
    def shown(self) -> str:
        """Chromium's id of the document that is now shown."""
        return self._shown

    @property
    def send_on(self) -> SendOn | None:
        """What the document announced, by `<meta>` or header."""
        return self._announced.get(self._frame)

    @property
    def frames_send_on(self) -> tuple[SendOn, ...]:
        """What the documents in its frames announced."""
        return tuple(one for frame, one in self._announced.items() if frame != self._frame)

    async def prepare(self) -> None:
        """Listen, and put the collector in the way of every document; raises Error where the page is lost."""
        session = self._session
        await session.send("Page.enable")
        frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]
        self._frame, self._shown = str(frame["id"]), str(frame["loaderId"])
        session.on("Page.frameNavigated", lambda event: self._navigated(event["frame"]))
        session.on("Page.lifecycleEvent", lambda event: self._lived(event))
        session.on("Page.frameStoppedLoading", lambda event: self._ended(event))
        session.on("Page.frameStartedNavigating", lambda event: self._started(event))
        session.on("Page.frameScheduledNavigation", lambda event: self._scheduled(event))
        session.on("Page.frameClearedScheduledNavigation", lambda event: self._announced.pop(event["frameId"], None))
        session.on("Page.frameDetached", lambda event: self._announced.pop(event["frameId"], None))
        await asyncio.gather(
            session.send("Page.setLifecycleEventsEnabled", {"enabled": True}),
            session.send("Page.addScriptToEvaluateOnNewDocument", {"source": _collector(), "worldName": _WORLD}),
        )

    async def go(self, url: str) -> None:
        """Navigate until the answer is committed; raises Error (net::ERR_…) where there is none to show."""
        blank = self._shown
        told = await self._session.send("Page.navigate", {"url": url, "transitionType": "typed"})
        if told.get("errorText"):
            if _ABORTED in told["errorText"]:
                # Also said where the page crashes or the browser is killed meanwhile, which is nothing about the address: then
                # nobody is there to answer this.
                await self._session.send("Page.getFrameTree")
            raise Error(str(told["errorText"]))
        if self._shown == blank:  # the answer may come before the event that says so
            self._shown = str(told["loaderId"])

    async def loaded(self, until: float) -> bool:
        """
        Wait until the document now shown has loaded, at most to the loop's time `until`; return whether it has.

        One that goes to a file to save, to another program, or to an empty answer while it loads, or stops itself, has no load
        event: it stays as it is.
        """
        try:
            async with asyncio.timeout_at(until):
                while self._shown not in (self._loaded, self._stopped):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def changes(self, until: float) -> None:
        """Wait for news of where the page goes or how far it has loaded, at most to the loop's time `until`."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._changed.wait()

    async def moves(self, until: float) -> bool:
        """Wait for the page to go on to another document, at most to the loop's time `until`; return whether it does."""
        loop, shown = asyncio.get_running_loop(), self._shown
        while self._shown == shown and not self.moving_to and loop.time() < until:
            await self.changes(until)
        return self._shown != shown or self.moving_to is not None

    async def ask(self, question: str) -> Any:
        """
        Return the JSON value of what the collector answers to a call such as "read()".

        Raises:
            MovedOnError: the document is gone; ask again.
            Error: the page is lost, or our script threw.

        """
        try:
            world = await self._session.send("Page.createIsolatedWorld", {"frameId": self._frame, "worldName": _WORLD})
            told = await self._session.send(
                "Runtime.evaluate",
                {
                    # A document without any script may have been made without ours; the browser's buffers tell it what it missed.
                    "expression": f"if (!window.{_NAME}) {{ {_collector()} }}\nwindow.{_NAME}.{question}",
                    "contextId": world["executionContextId"],
                    "awaitPromise": True,
                    "returnByValue": True,
                },
            )
        except Error as exc:
            if any(words in exc.message for words in _MOVED_ON):
                raise MovedOnError from exc
            raise
        if "exceptionDetails" in told:
            details = told["exceptionDetails"]
            raise Error(f"our script broke: {details.get('exception', {}).get('description', details['text'])}")
        return told["result"].get("value")

    def _navigated(self, frame: Mapping[str, Any]) -> None:
        self._announced.pop(frame["id"], None)
        if frame["id"] == self._frame:
            self._shown = str(frame["loaderId"])
            self.unreachable = str(frame.get("unreachableUrl", ""))
            self.moving_to = None
            self._in_vain = 0
            self._changed.set()

    def _started(self, event: Mapping[str, Any]) -> None:
        if event["frameId"] != self._frame or "sameDocument" in str(event.get("navigationType")):
            return
        self._in_vain += 1
        if str(event["url"]).startswith(_WEB) and self._in_vain <= MOST_IN_VAIN:
            self.moving_to = str(event["loaderId"]), asyncio.get_running_loop().time()
            self._changed.set()

    def _scheduled(self, event: Mapping[str, Any]) -> None:
        delay = float(event["delay"])
        due = asyncio.get_running_loop().time() + delay
        self._announced[event["frameId"]] = SendOn(url=str(event["url"]), delay_seconds=delay, due=due)

    def _ended(self, event: Mapping[str, Any]) -> None:
        if event["frameId"] == self._frame:
            self._stopped = self._shown
            self._changed.set()

    def _lived(self, event: Mapping[str, Any]) -> None:
        if event["frameId"] == self._frame and event["name"] == "load":
            self._loaded = str(event["loaderId"])
            self._changed.set()


@cache
def _collector() -> str:
    return (files("probes.chromium") / "collector.js").read_text(encoding="utf-8")
