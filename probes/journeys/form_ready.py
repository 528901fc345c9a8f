"""
When a form is ready for a person: the last of {usable field set changed, network activity ended, long task ended}.

Once at least N fields are there, nothing is in flight and the quiet time has passed; the quiet time is not counted.
Fields and long tasks are stamped inside the page (form_ready.js), requests by the browser; all stamps are brought to one
monotonic clock, which Chromium shares with Python on one machine (CLOCK_MONOTONIC on Linux).
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error

from probes.chromium.cdp import call
from probes.chromium.playwright_page import PlaywrightPage
from probes.journeys.strange_frames import StrangeFrames

POLL_SECONDS = 0.1
WITHOUT_BEARING = frozenset(
    {"EventSource", "WebSocket", "Ping", "CSPViolationReport", "Preflight", "Prefetch"}
    | {"Image", "Font", "Media", "TextTrack", "Manifest", "Other"}
)
"""
Resource types that bring no field: streams that stay open, reports, and what is only looked at ("Other" is a favicon). A style
sheet may show or hide fields.
"""

HELD_SECONDS = 8.0
"""A question of a script that is open for so long while nothing moves waits for news, as long polling does."""

_ASKED_BY_SCRIPTS = frozenset({"Fetch", "XHR"})

CLOSED_ROOTS_SECONDS = 2.0
"""So often a page that rests without a form is searched for roots that its scripts do not get to see; it takes 2 to 30 ms."""

_READY, _REACHING = (
    (files("probes.journeys") / name).read_text(encoding="utf-8").strip() for name in ("form_ready.js", "reaching.js")
)
_SCRIPT = f"({_READY})({_REACHING});"
_ASK = """({ frame, since, proving, scan }) => {
  const form = window.thuocdoForm;
  if (!form) return null;
  if (scan) form.declared();
  const asked = { since, proving: proving && form.mayProve() };
  const { list, ...told } = form(frame, asked);
  return { ...told, proved: asked.proving };
}"""
_CACHE_BUSTER = re.compile(r"\d{10,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormState:
    """
    A form as it stands now.

    Instants are seconds of time.monotonic(). fields: that a person could fill in (reaching.js), a group of radio buttons is one.
    barred: others that stand there, under a mask or cut off. doubtful: those of them that another look, scrolled to where needed,
    may find free. first_field_at: when the first of the fields that was not there before the act could be used, None where all
    were. loaded_at: load event of the page's document, None before it. pending: paths that are still awaited, but for what a
    server holds. spoilt: fields, not counted, in frames whose document is the answer to an error; status: the worst of those.
    proved: every field was tried where it stands. asks: what lies over some of them has something to press. closed: others that
    may only be read, until somebody enters them perhaps.
    """

    fields: int
    required_fields: int
    first_field_at: float | None
    quiet_since: float
    loaded_at: float | None
    pending: tuple[str, ...]
    barred: int = 0
    doubtful: int = 0
    spoilt: int = 0
    status: int = 0
    proved: bool = False
    asks: bool = False
    closed: int = 0


@dataclass(slots=True)
class _Request:
    path: str
    resource_type: str
    loader: str
    frame: str
    began_at: float
    repeated: bool
    ended_at: float | None = None


class FormWatch:
    """
    Watches one page from before its first navigation.

    Args:
        opened: has not been anywhere. clock: seconds of time.monotonic().

    latest: the form as it was last seen, for telling people why it did not become ready.
    """

    def __init__(self, opened: PlaywrightPage, clock: Callable[[], float] = time.monotonic) -> None:
        self._opened = opened
        self._clock_now = clock
        self._session = opened.session
        self._strangers = StrangeFrames(opened.session)
        self._has_strangers = False
        self._searched_at = 0.0
        self._scans = False
        self._requests: dict[str, _Request] = {}
        self._seen: set[str] = set()
        self._clock: tuple[float, float] = (0.0, 0.0)
        self._navigations: list[float] = []
        self.latest: FormState | None = None

    async def begin(self) -> None:
        """Set up; must be awaited before the first navigation."""
        self._session.on("Network.requestWillBeSent", self._note_begin)
        self._session.on("Network.loadingFinished", self._note_end)
        self._session.on("Network.loadingFailed", self._note_end)
        self._session.on("Page.frameNavigated", self._note_document)
        self._session.on("Page.frameDetached", self._note_detached)
        self._strangers.watch()
        await self._session.send("Performance.enable")
        await self._session.send("Network.enable")
        await self._opened.add_script(_SCRIPT)

    async def wait(
        self,
        *,
        minimum_fields: int,
        quiet_seconds: float,
        frame: str,
        since: float,
        free: Callable[[FormState, int], Awaitable[bool]],
    ) -> FormState:
        """
        Return the form's state once it is ready; waits without end, so the caller sets the limit.

        Args:
            minimum_fields: fewer usable fields are no form yet.
            quiet_seconds: how long nothing may happen before we believe it.
            frame: CSS selector of the frame the form stands in; empty = the page and its visible frames.
            since: the act that opened the form, seconds of time.monotonic(); what happened before does not count.
            free: of a form that rests with too few usable fields, frees more of them; tells whether it did anything.

        Returns:
            The state, with fewer fields than asked for where those of frames that are errors would have made them up.

        """
        while True:
            pause = POLL_SECONDS
            state = self.latest = await self._look(frame, since)
            missing = quiet_seconds - (time.monotonic() - state.quiet_since) if state else 0.0
            if state and not state.pending:
                is_enough = state.fields + state.doubtful + state.spoilt >= minimum_fields
                if missing > 0:
                    # The page stamps what moves, so a form that stands is not asked before it may have rested long enough.
                    pause = missing + 0.005 if is_enough else min(pause, missing + 0.005)
                elif is_enough:
                    state = await self._look(frame, since, proving=True)
                    if state and state.proved:
                        self.latest = state
                    if state and self._is_ready(state, minimum_fields, quiet_seconds):
                        return state
                elif not await free(state, minimum_fields):
                    await self._search_further()
            await asyncio.sleep(pause)

    @staticmethod
    def _is_ready(state: FormState, minimum_fields: int, quiet_seconds: float) -> bool:
        rested = time.monotonic() - state.quiet_since >= quiet_seconds
        return state.proved and state.fields + state.spoilt >= minimum_fields and not state.pending and rested

    async def _search_further(self) -> None:
        """Look for fields in roots that the document declares; scripts see none of the closed ones, and the others late."""
        self._scans = True
        if time.monotonic() - self._searched_at >= CLOSED_ROOTS_SECONDS:
            self._searched_at = time.monotonic()
            await self._strangers.adopt_closed_roots()

    async def rests(self, quiet_seconds: float) -> bool:
        """Tell whether the page is loaded, waits for nothing, and has been quiet for so long."""
        state = await self._look("", 0.0)
        if state is None or state.pending or state.loaded_at is None or self.awaited_document:
            return False
        return time.monotonic() - max(state.quiet_since, state.loaded_at) >= quiet_seconds

    async def rested_seconds(self) -> float:
        """Return how long nothing has happened in the page; 0 where it is on its way to another document."""
        state = await self._look("", 0.0)
        if state is None or state.pending:
            return 0.0
        return max(0.0, time.monotonic() - max(state.quiet_since, state.loaded_at or 0.0))

    def asked_between(self, begun: float, ended: float) -> bool:
        """Tell whether something that may bring fields was asked for between two instants, seconds of time.monotonic()."""
        return any(
            begun <= one.began_at <= ended and one.resource_type not in WITHOUT_BEARING
            for one in self._requests.values()
        )

    async def everywhere(self, function: str, until: Callable[[Sequence[Any]], bool] | None = None) -> Sequence[Any]:
        """Call a function of no arguments in the documents of the page and all its frames (`StrangeFrames.everywhere`)."""
        return await self._strangers.everywhere(function, until)

    async def usable_fields(self) -> int:
        """Return how many fields of the page, its visible frames included, can be used now."""
        state = await self.look()
        return state.fields if state else 0

    async def look(self) -> FormState | None:
        """Return what fields the page has now, its visible frames included; None while it is on its way to another document."""
        return await self._look("", 0.0)

    async def strange_fields(self) -> int:
        """Return how many fields stand where the page's own script cannot look; free where there was no such frame."""
        if not self._has_strangers:
            return 0
        return sum(part["fields"] for part in await self._strangers.reports(frame="", asked={"since": 0}))

    async def _look(self, frame: str, since: float, *, proving: bool = False) -> FormState | None:
        """Return the form's state now; None while the page is on its way to another document."""
        try:
            in_page = (since - self._clock[1]) * 1000
            asked = {"frame": frame, "since": in_page, "proving": proving, "scan": self._scans}
            seen = await call(self._session, _ASK, asked)
            if seen is None:
                return None
            offset = await self._offset(seen["timeOrigin"])
            if abs(since - offset - in_page / 1000) > 1e-3:  # asked with another document's clock
                asked["since"] = (since - offset) * 1000
                seen = await call(self._session, _ASK, asked)
            self._has_strangers = bool(seen.get("strangers"))
            if self._has_strangers:
                asked["proving"] = seen["proved"]
                seen = _together(seen, await self._strangers.reports(frame=frame, asked=asked))
        except Error:
            if self._opened.page.is_closed():
                raise
            return None
        changed_at = seen["changedAt"] / 1000 + offset
        counted = [r for r in self._requests.values() if self._counts(r, since, changed_at)]
        stamps = [r.ended_at for r in counted if r.ended_at is not None]
        quiet_since = max(since, changed_at, seen["taskEndedAt"] / 1000 + offset, *stamps)
        now = self._clock_now()
        return FormState(
            fields=int(seen["fields"]),
            required_fields=int(seen["required"]),
            first_field_at=seen["firstAt"] / 1000 + offset if seen["firstAt"] else None,
            quiet_since=quiet_since,
            loaded_at=seen["loadedAt"] / 1000 + offset if seen["loadedAt"] else None,
            pending=tuple(r.path for r in counted if r.ended_at is None and not _is_held(r, quiet_since, now)),
            barred=int(seen["barred"]),
            doubtful=int(seen["doubtful"]),
            spoilt=int(seen["spoilt"]),
            status=int(seen["status"]),
            proved=bool(seen["proved"]),
            asks=bool(seen["asks"]),
            closed=int(seen["closed"]),
        )

    def saw(self, fields: int) -> bool:
        """Tell whether the form that is waited for had so many usable fields when it was last looked at, a moment ago."""
        return self.latest is not None and self.latest.fields >= fields

    @property
    def documents(self) -> Sequence[float]:
        """When the page asked for each of its documents, seconds of time.monotonic()."""
        return tuple(self._navigations)

    @property
    def awaited_document(self) -> str | None:
        """Path of the document the page itself has asked for and not got yet."""
        waiting = (
            r
            for r in self._requests.values()
            if r.ended_at is None and r.resource_type == "Document" and r.frame == self._opened.gate.main_frame
        )
        return next((request.path for request in waiting), None)

    def navigation_after(self, instant: float) -> float:
        """Return when the page first asked for a document after an instant (time.monotonic()), or the instant itself."""
        return next((began_at for began_at in self._navigations if began_at >= instant), instant)

    async def clock_offset(self) -> float:
        """
        Return what to add to the present document's stamps, in seconds, to get seconds of time.monotonic().

        Raises:
            Error: there is no document just now.
        """
        return await self._offset(await call(self._session, "() => performance.timeOrigin"))

    async def _offset(self, time_origin: float) -> float:
        if self._clock[0] != time_origin:
            metrics = (await self._session.send("Performance.getMetrics"))["metrics"]
            began_at = next(metric["value"] for metric in metrics if metric["name"] == "NavigationStart")
            self._clock = (time_origin, began_at - time_origin / 1000)
        return self._clock[1]

    @staticmethod
    def _counts(request: _Request, since: float, changed_at: float) -> bool:
        """Polling does not count: what was asked before, and is asked again when the fields stand already."""
        if request.ended_at is not None and request.ended_at < since:
            return False
        return request.resource_type not in WITHOUT_BEARING and not (
            request.repeated and request.began_at >= changed_at
        )

    def _note_begin(self, event: Mapping[str, Any]) -> None:
        url = event["request"]["url"]
        if not url.startswith(("http:", "https:")):
            return
        main = event.get("frameId") == self._opened.gate.main_frame
        if main and event.get("type") == "Document" and "redirectResponse" not in event:
            self._navigations.append(event["timestamp"])
        key = f"{event['request']['method']} {_CACHE_BUSTER.sub('#', url)}"
        self._requests[event["requestId"]] = _Request(
            path=urlsplit(url).path,
            resource_type=event.get("type", "Other"),
            loader=event["loaderId"],
            frame=event.get("frameId", ""),
            began_at=event["timestamp"],
            repeated=key in self._seen,
        )
        self._seen.add(key)

    def _note_end(self, event: Mapping[str, Any]) -> None:
        request = self._requests.get(event["requestId"])
        if request:
            request.ended_at = event["timestamp"]

    def _note_document(self, event: Mapping[str, Any]) -> None:
        frame = event["frame"]
        if "parentId" not in frame:  # what the old document still waited for does not come any more
            self._requests = {k: r for k, r in self._requests.items() if r.loader == frame["loaderId"]}
            self._seen.clear()

    def _note_detached(self, event: Mapping[str, Any]) -> None:
        # A frame that is gone, or went on in a process of its own, does not tell us any more how its requests end.
        self._requests = {k: r for k, r in self._requests.items() if r.frame != event["frameId"]}


def _is_held(request: _Request, quiet_since: float, now: float) -> bool:
    """Tell whether a server holds a script's question until it has news."""
    still_since = max(request.began_at, quiet_since)
    return request.resource_type in _ASKED_BY_SCRIPTS and now - still_since >= HELD_SECONDS


def _together(seen: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what the page's own script saw with what was seen in frames that it cannot look into."""
    made = dict(seen)
    for part in parts:
        for name in ("fields", "required", "barred", "doubtful", "spoilt", "closed"):
            made[name] += part[name]
        for name in ("changedAt", "taskEndedAt", "status") if part["fields"] or part["spoilt"] else ():
            made[name] = max(made[name], part[name])
        made["firstAt"] = min(filter(None, (made["firstAt"], part["firstAt"])), default=0)
    return made
