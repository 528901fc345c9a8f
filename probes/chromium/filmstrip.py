"""
What a page looked like while it loaded: small pictures of the viewport, one for each change, with the moment it was shown.

Chromium offers two ways to the same pictures. Both tell the moment a frame was swapped, within 1 ms of each other and within one
frame (16 ms) of what element timing says in the page. We take the screencast, not a trace, because a browser has one trace at a
time and we have several pages; a trace gives nothing before its end, and no picture after the 450th. It is no dearer either: a
page of 60 resources took 0.68 CPU-s plain, 0.78 with a screencast and its Speed Index, 0.81 with a trace that nobody read
(2026-11-23, Chromium 156, all processes, means of 9 runs in turn).

A screencast has two traps. It drops a frame while two others are on their way, so that the last state of a movement may never
come: capturing is begun anew after movement, and at the end, which brings a picture of what is shown now. And 60 frames a second
cost half a core: a page that moves without end is looked at about eight times a second.

Source: chromedevtools.github.io/devtools-protocol/tot/Page (startScreencast)
"""

import asyncio
from base64 import b64decode
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from thuocdo.core.clock import now

MOST_FRAMES = 100
MOST_BYTES = 3 * 1024 * 1024
STOP_SECONDS = 1.0  # measured: 0.01 to 0.1 s; a frozen page gives no last picture

# The longer side in pixels, as in the pictures of DevTools' own traces: a picture has about 20 KB. None is stored as it is.
_LONGER_SIDE = 500
_SCREENCAST = {"format": "jpeg", "quality": 60, "maxWidth": _LONGER_SIDE, "maxHeight": _LONGER_SIDE}

_CLOSE_SECONDS = 0.1  # frames that follow so fast may have overtaken our answer to the one before
_PAUSE_SECONDS = 0.1
_LIVELY_TURNS = 10  # about a second of movement is seen frame by frame
_PICTURE_SECONDS = 0.3  # measured: 0.01 to 0.03 s; between two documents there may be none


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A picture of the viewport. at_seconds: unix time it was shown first, on the clock of the network events' wallTime."""

    at_seconds: float
    jpeg: bytes


class Filmstrip:
    """One capture of one page: start it before the navigation, stop it when the page has settled."""

    def __init__(self) -> None:
        self._session: CdpSession | None = None
        self._frames: list[Frame] = []
        self._bytes = 0
        self._newest_seconds = 0.0
        self._came = asyncio.Event()
        self._moving = False
        self._ending = False
        self._following: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, session: CdpSession) -> None:
        """Begin to capture a page; raises Error where the page is lost."""
        self._session = session
        session.on("Page.screencastFrame", lambda event: self._take(event))
        await session.send("Page.startScreencast", _SCREENCAST)

    async def stop(self) -> tuple[Frame, ...]:
        """
        End the capture.

        Returns:
            The distinct pictures in order of time, at most MOST_FRAMES and MOST_BYTES; the last is what the page shows now,
            unless it is lost or frozen. Where there were more, those that stood for the shortest time are missing.

        """
        session, tasks = self._session, tuple(self._tasks)
        if session is None:
            return ()
        self._ending = True
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(Error, TimeoutError):  # a page that is lost has shown what it has shown
            async with asyncio.timeout(STOP_SECONDS):
                await self._look_anew(session)
                await session.send("Page.stopScreencast")
        self._session = None
        return tuple(self._frames)

    def _take(self, event: dict[str, Any]) -> None:
        if self._session is None:
            return
        self._begin(self._answer(self._session, event["sessionId"]))
        frame = Frame(at_seconds=float(event["metadata"]["timestamp"]), jpeg=b64decode(event["data"]))
        self._newest_seconds = frame.at_seconds
        self._came.set()
        if not self._frames or frame.jpeg != self._frames[-1].jpeg:
            close = bool(self._frames) and frame.at_seconds - self._frames[-1].at_seconds < _CLOSE_SECONDS
            self._keep(frame)
            if close:
                self._moving = True
                if not self._ending and (self._following is None or self._following.done()):
                    self._following = self._begin(self._follow(self._session))

    def _keep(self, frame: Frame) -> None:
        self._frames.append(frame)
        self._bytes += len(frame.jpeg)
        while len(self._frames) > MOST_FRAMES or (self._bytes > MOST_BYTES and len(self._frames) > 2):
            self._bytes -= len(self._frames.pop(shortest_shown(self._frames)).jpeg)

    async def _answer(self, session: CdpSession, number: int) -> None:
        with suppress(Error):  # the page went on, or is lost
            await session.send("Page.screencastFrameAck", {"sessionId": number})

    async def _follow(self, session: CdpSession) -> None:
        """Look anew while the page moves, until it stands still."""
        turns = 0
        with suppress(Error):
            while self._moving:
                self._moving = False
                if turns >= _LIVELY_TURNS:
                    await session.send("Page.stopScreencast")
                    await asyncio.sleep(_PAUSE_SECONDS)
                await self._look_anew(session)
                if turns < _LIVELY_TURNS:
                    await asyncio.sleep(_PAUSE_SECONDS)
                turns += 1

    async def _look_anew(self, session: CdpSession) -> None:
        """Begin the capture anew and wait for the picture that comes with it; another one than the last tells of movement."""
        before = self._frames[-1] if self._frames else None
        with suppress(Error):
            await session.send("Page.stopScreencast")
        asked_seconds = now().timestamp()
        await session.send("Page.startScreencast", _SCREENCAST)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PICTURE_SECONDS):
                while self._newest_seconds < asked_seconds:  # one from before may still be on its way
                    self._came.clear()
                    await self._came.wait()
        if before is not None and self._frames[-1] is not before:
            self._moving = True

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def shortest_shown(frames: Sequence[Frame]) -> int:
    """Return the index of the frame that stood for the shortest time, neither the first nor the last of three or more."""
    return min(range(1, len(frames) - 1), key=lambda i: frames[i + 1].at_seconds - frames[i].at_seconds)
