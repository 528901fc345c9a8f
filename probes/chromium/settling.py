"""
When a page is read: once what a person would wait for is there, or will not come.

A document that has loaded and is quiet is read. It is given more of the visit's time where it is about to send its visitor on
(probes.chromium.sends_on), and where it shows nothing yet, nothing but a sign of loading, or not the text that is expected of it.
Only then is more looked at than the main document's text: all that is shown (probes.chromium.shown), and a picture of it
(probes.chromium.ink).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.ink import look_at_ink
from probes.chromium.line import LineProxy
from probes.chromium.navigation import MovedOnError, Navigation
from probes.chromium.neterrors import reason_of
from probes.chromium.sends_on import announced_until, is_same, scripted_until
from probes.chromium.shown import Shown, look_at_all
from probes.chromium.traffic import FIRST_ERROR_STATUS, Traffic
from probes.page import Judgement, PageParts, judge
from probes.spelling import Phrases, folded, stands_in
from thuocdo.core.model import Reason, Target

QUIET_SECONDS = 0.5
SETTLE_SECONDS = 3.0
PATIENCE_SECONDS = 5.0
"""A loaded page that asks for nothing for so long stays as it is."""

MOST_SENDS = 5
MOST_FRAME_SENDS = 2
"""A page that sends on and on is read after so many, one in whose frames something does after so few."""

LITTLE_CHARACTERS = 200
"""A main document that says less may have its content elsewhere: in frames, in shadow roots, in a picture, or not yet."""

COVERED_CHARACTERS = 100
"""Of texts in the viewport of which nothing is to be seen."""

_STARTS_SECONDS = 0.3  # from the word that a page goes on to its request
_LOOK_SECONDS = 0.05
_FRAME_RATIO = 0.5
_PICTURES_RATIO = 0.1
_LITTLE_INK_RATIO = 0.05
_PICTURE_INK_RATIO = 0.005  # the sign of a picture that did not come is less
_LOADING_CHARACTERS = 120
_LOADING = Phrases(
    (
        "đang tải",
        "đang xử lý",
        "đang khởi tạo",
        "đang kết nối",
        "đang chuẩn bị",
        "đang chuyển",
        "vui lòng chờ",
        "vui lòng đợi",
        "xin chờ",
        "xin đợi",
        "chờ trong giây lát",
        "đợi trong giây lát",
        "loading",
        "please wait",
        "redirecting",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """
    What was read of a page.

    told: by our script in it. parts: of the document, with the texts of all that is shown where these were looked at. judgement:
    what it is. lack: why it is not what a person came for, although it says nothing else about itself; None = it is.
    """

    told: Mapping[str, Any]
    parts: PageParts
    judgement: Judgement
    lack: tuple[Reason, str] | None = None


def lacks_expected(text: str, target: Target) -> bool:
    """Tell whether a text that a person reads lacks the one that is expected of the target."""
    return bool(target.expected_text) and not stands_in(folded(target.expected_text), folded(text))


def parts_of(traffic: Traffic, told: Mapping[str, Any] | None) -> PageParts:
    """Return the parts of the document that was answered last; told: by our script in it, None = it could not be asked."""
    answer = traffic.answer
    assert answer is not None
    return PageParts(
        status=answer.status,
        headers=answer.headers,
        final_url=told["url"] if told else answer.url,
        text=" ".join(f"{told['title']} {told['text']}".split()) if told else "",
        links=int(told["links"]) if told else 0,
        source=told["source"] if told else "",
    )


def why_not_come(error: str, host: str, line: LineProxy | None) -> tuple[Reason, str]:
    """Return why a document of a host did not come; error: Chromium's, which does not know what the line met."""
    failed = next((one for one in reversed(line.failures) if one.host == host), None) if line else None
    if failed and error.removeprefix("net::").startswith("ERR_SOCKS_"):
        return failed.reason
    name = error.removeprefix("net::") or "ERR_FAILED"
    return reason_of(name), f"the browser says {name}"


class Settling:
    """
    Waits for one page to become what it will be.

    Args:
        session, navigation, traffic: of the page.
        target: what is expected of it.
        until: the loop's time to read at latest.
        line: that the page's requests take.

    """

    def __init__(
        self,
        session: CdpSession,
        navigation: Navigation,
        traffic: Traffic,
        target: Target,
        until: float,
        line: LineProxy | None,
    ) -> None:
        self._session, self._navigation, self._traffic = session, navigation, traffic
        self._target, self._until, self._line = target, until, line
        self._idle_since: float | None = None
        self._loaded_at: tuple[str, float] = "", 0.0
        self._sends = 0
        self._reloaded = False

    async def read(self) -> tuple[Reading | None, bool]:
        """Return the reading of the settled page, None where it ended at an error page; and whether its load event came."""
        loop = asyncio.get_running_loop()
        navigation, traffic = self._navigation, self._traffic
        while True:
            await self._arrive()
            if navigation.unreachable:
                return None, True
            loaded = await navigation.loaded(self._until)
            if self._loaded_at[0] != navigation.shown:
                self._loaded_at = navigation.shown, loop.time()
            await traffic.quiet(QUIET_SECONDS, until=min(self._until, loop.time() + SETTLE_SECONDS))
            if self._is_moving() and loop.time() < self._until:
                continue
            try:
                told: Mapping[str, Any] = await navigation.ask("read()")
                reading = await self._reading(told)
            except MovedOnError:
                continue  # a script sent the visitor on to another document, which loads now
            if loop.time() >= self._until or not await self._waits(reading):
                return reading, loaded

    async def _arrive(self) -> None:
        """Wait for the document that the page is going to, as long as it is asked for."""
        loop = asyncio.get_running_loop()
        while self._is_moving() and loop.time() < self._until:
            await self._navigation.changes(loop.time() + _LOOK_SECONDS)

    def _is_moving(self) -> bool:
        if not self._navigation.moving_to:
            return False
        document, began = self._navigation.moving_to
        begins = asyncio.get_running_loop().time() - began < _STARTS_SECONDS
        return begins or self._traffic.is_open(document)

    async def _waits(self, reading: Reading) -> bool:
        """Wait for what may still come; return whether there is reason to read again."""
        loop, navigation = asyncio.get_running_loop(), self._navigation
        until = self._sends_until(reading) if self._sends < MOST_SENDS else None
        if until is None or until <= loop.time():
            return await self._is_awaited(reading)
        self._sends += 1
        to_itself = navigation.send_on is not None and is_same(navigation.send_on.url, reading.parts.final_url)
        self._reloaded |= await navigation.moves(min(self._until, until)) and to_itself
        return True

    def _sends_until(self, reading: Reading) -> float | None:
        """Return until when the page is waited for because it, or what it shows in frames, goes on; None = it does not."""
        navigation, parts = self._navigation, reading.parts
        until = announced_until(navigation.send_on, parts, reloaded=self._reloaded)
        if until is None and self._sends < MOST_FRAME_SENDS and _says_little(reading.told):
            frames = [announced_until(one, parts, reloaded=True) for one in navigation.frames_send_on]
            until = max((one for one in frames if one is not None), default=None)
        if until is None and parts.status < FIRST_ERROR_STATUS:
            until = scripted_until(parts, self._loaded_at[1])
        return until

    async def _is_awaited(self, reading: Reading) -> bool:
        """Tell whether a page that lacks something is given more time; an error or another's page says no more."""
        loop = asyncio.get_running_loop()
        if reading.parts.status >= FIRST_ERROR_STATUS or reading.judgement.reason or not reading.lack:
            return False
        if self._traffic.in_flight:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = loop.time()
        return self._idle_since is None or loop.time() - self._idle_since < PATIENCE_SECONDS

    async def _reading(self, told: Mapping[str, Any]) -> Reading:
        """Return the reading, with a further look where what the script told would not do."""
        parts = parts_of(self._traffic, told)
        is_little = _says_little(told)
        is_blank = told["values"]["fcp"] is None
        is_missing = lacks_expected(parts.text, self._target)
        if not (is_little or is_blank or is_missing or told["hidden"]):
            return Reading(told=told, parts=parts, judgement=judge(parts, self._target))
        shown = await self._all_shown()
        text = f"{told['title']} {shown.text}"
        if is_little or is_missing:
            parts = replace(parts, text=" ".join(text.split()), links=max(parts.links, shown.links))
        judgement = judge(parts, self._target)
        lack: tuple[Reason, str] | None = None
        if not judgement.reason and parts.status < FIRST_ERROR_STATUS:
            lack = await self._lack(shown, may_be_blank=is_blank or told["hidden"], text=text)
        return Reading(told=told, parts=parts, judgement=judgement, lack=lack)

    async def _all_shown(self) -> Shown:
        try:
            return await look_at_all(self._session)
        except Error as exc:
            if self._navigation.moving_to:
                raise MovedOnError from exc
            raise

    async def _lack(self, shown: Shown, *, may_be_blank: bool, text: str) -> tuple[Reason, str] | None:
        """Return what a page lacks; may_be_blank: its texts may not be seen. text: all that stands in it."""
        broken = self._broken_frame(shown)
        if broken:
            return broken
        if may_be_blank or _is_sign_of_loading(shown.text, shown.links + shown.controls):
            blank = await self._blank(shown)
            if blank:
                return Reason.CONTENT_MISMATCH, blank
        if lacks_expected(text, self._target):
            return Reason.CONTENT_MISMATCH, f"the page lacks the text '{self._target.expected_text}'"
        return None

    async def _blank(self, shown: Shown) -> str:
        """Return why a page shows nothing, by a picture of it; empty = it shows something."""
        ink = await look_at_ink(self._session)
        if ink is None:  # too busy to be looked at; what stands in it is all there is to go by
            return "" if len(shown.text) >= LITTLE_CHARACTERS else "the page stayed blank"
        if ink.is_plain:
            return "the page stayed blank"
        if not _is_sign_of_loading(ink.text, 0):
            return ""
        if ink.covered_characters >= COVERED_CHARACTERS and ink.ratio < _LITTLE_INK_RATIO:
            return "something lies over the whole page: nothing of its text is to be seen"
        if len(shown.text) >= LITTLE_CHARACTERS or shown.controls or shown.links:
            return ""
        if (shown.pictures_ratio >= _PICTURES_RATIO and ink.ratio >= _PICTURE_INK_RATIO) or self._is_unreadable(shown):
            return ""
        return "the page shows nothing but a sign of loading"

    def _is_unreadable(self, shown: Shown) -> bool:
        """Tell whether most of the page is a frame with a document that this browser has no viewer for."""
        media = self._traffic.frames
        return any(
            frame.ratio >= _FRAME_RATIO and frame.id in media and media[frame.id].media == "application/pdf"
            for frame in shown.frames
        )

    def _broken_frame(self, shown: Shown) -> tuple[Reason, str] | None:
        """Return why the frame that is the page did not come; None where it did, or where the page is more than that."""
        if shown.own_characters >= LITTLE_CHARACTERS:
            return None
        broken = [frame for frame in shown.frames if self._is_broken(frame.id, is_error_page=frame.is_error_page)]
        if not broken or sum(frame.ratio for frame in broken) < _FRAME_RATIO:
            return None
        answer = self._traffic.frames.get(max(broken, key=lambda frame: frame.ratio).id)
        if answer and answer.status >= FIRST_ERROR_STATUS:
            return Reason.HTTP_ERROR, f"the frame that is the page was answered with status {answer.status}"
        if answer and answer.error:
            reason, detail = why_not_come(answer.error, answer.host, self._line)
            return reason, f"the frame that is the page did not come: {detail}"
        return Reason.CONTENT_MISMATCH, "the frame that is the page shows an error page of the browser"

    def _is_broken(self, frame: str, *, is_error_page: bool) -> bool:
        answer = self._traffic.frames.get(frame)
        return is_error_page or (answer is not None and answer.status >= FIRST_ERROR_STATUS)


def _says_little(told: Mapping[str, Any]) -> bool:
    return len(told["text"].strip()) < LITTLE_CHARACTERS


def _is_sign_of_loading(text: str, things: int) -> bool:
    """Tell whether a text is nothing, or no more than what stands beside a spinner; things: links and fields beside it."""
    said = folded(text)
    if not said:
        return True
    return things == 0 and len(said) < _LOADING_CHARACTERS and _LOADING.said_in(said) is not None
