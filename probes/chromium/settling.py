"""
When a page is read: once what a person would wait for is there, or will not come.

A document that has loaded and is quiet is read. It is given more of the visit's time where it is about to send its visitor on
(probes.chromium.sends_on), and where it shows nothing yet, nothing but a sign of loading, or not the text that is expected of it.
Only then is more looked at than the main document's text: all that is shown (probes.chromium.shown), and a picture of it
(probes.chromium.ink).
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.lacking import LITTLE_CHARACTERS, Lacking, broken_markup, text_lack
from probes.chromium.line import LineProxy
from probes.chromium.navigation import MovedOnError, Navigation
from probes.chromium.sends_on import announced_until, is_same, scripted_until
from probes.chromium.shown import AllShown, look_at_all
from probes.chromium.traffic import FIRST_ERROR_STATUS, Traffic
from probes.page import Judgement, judge, judge_home, lacks
from probes.page_parts import PageParts, readable, unescaped, with_pictures, words_of_pictures
from thuocdo.core.model import PageKind, Reason, Target

QUIET_SECONDS = 0.5
SETTLE_SECONDS = 3.0
PATIENCE_SECONDS = 5.0
"""A loaded page that asks for nothing for so long stays as it is."""

WRITING_SECONDS = 5.0
"""A page whose text still changes is given so much more."""

MOST_SENDS = 5
MOST_FRAME_SENDS = 2
"""A page that sends on and on is read after so many, one in whose frames something does after so few."""

MOST_SCREENS = 10
SCROLL_SECONDS = 0.2
"""So far a page is scrolled through for a text that comes only then, and so long each part of it has to come."""

_STARTS_SECONDS = 0.3  # from the word that a page goes on to its request
_LOOK_SECONDS = 0.05
_LINKS_UNDER_COVER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReading:
    """
    What was read of a page.

    told: by our script in it. parts: of the document, with the texts of all that is shown where these were looked at. judgement:
    what it is. lack: why it is not what a person came for, although it says nothing else about itself; None = it is.
    """

    told: Mapping[str, Any]
    parts: PageParts
    judgement: Judgement
    lack: tuple[Reason, str] | None = None


def parts_of(traffic: Traffic, told: Mapping[str, Any] | None) -> PageParts:
    """Return the parts of the document that was answered last; told: by our script in it, None = it could not be asked."""
    answer = traffic.answer
    assert answer is not None
    return PageParts(
        status=answer.status,
        headers=answer.headers,
        final_url=told["url"] if told else answer.url,
        text=readable(" ".join(f"{told['title']} {told['text']}".split()), told["source"]) if told else "",
        links=int(told["links"]) if told else 0,
        source=told["source"] if told else "",
        drawn=True,
    )


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
        self._target, self._until = target, until
        self._lacking = Lacking(session, traffic, target, line)
        self._idle_since: float | None = None
        self._changed_since: float | None = None
        self._said = ""
        self._loaded_at: tuple[str, float] = "", 0.0
        self._sends = 0
        self._reloaded = False

    async def read(self) -> tuple[PageReading | None, bool]:
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
                reading = await self._reading(await navigation.ask("read()"))
                if loop.time() < self._until and (await self._waits(reading) or self._is_moving()):
                    continue
                if reading.lack == text_lack(self._target) and await self._is_found_below():
                    reading = replace(reading, lack=None)
            except MovedOnError:
                continue  # a script sent the visitor on to another document, which loads now
            return reading, loaded and not self._is_moving()

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

    async def _waits(self, reading: PageReading) -> bool:
        """Wait for what may still come; return whether there is reason to read again."""
        loop, navigation = asyncio.get_running_loop(), self._navigation
        until = self._sends_until(reading) if self._sends < MOST_SENDS else None
        if until is None or until <= loop.time():
            return await self._is_awaited(reading)
        self._sends += 1
        to_itself = navigation.send_on is not None and is_same(navigation.send_on.url, reading.parts.final_url)
        self._reloaded |= await navigation.moves(min(self._until, until)) and to_itself
        return True

    def _sends_until(self, reading: PageReading) -> float | None:
        """Return until when the page is waited for because it, or what it shows in frames, goes on; None = it does not."""
        navigation, parts = self._navigation, reading.parts
        if reading.judgement.reason is Reason.BLOCKED:
            return None  # whoever refuses us is not asked again
        is_error = parts.status >= FIRST_ERROR_STATUS
        until = announced_until(navigation.send_on, parts, reloaded=self._reloaded or is_error)
        if until is None and self._sends < MOST_FRAME_SENDS and _says_little(reading.told):
            frames = [announced_until(one, parts, reloaded=True) for one in navigation.frames_send_on]
            until = max((one for one in frames if one is not None), default=None)
        if until is None and not is_error:
            until = scripted_until(parts, self._loaded_at[1])
        return until

    async def _is_awaited(self, reading: PageReading) -> bool:
        """Tell whether a page that lacks something is given more time; an error or another's page says no more."""
        loop = asyncio.get_running_loop()
        misses = reading.lack or reading.judgement.reason is Reason.CONTENT_MISMATCH
        if reading.parts.status >= FIRST_ERROR_STATUS or not misses:
            return False
        if self._traffic.in_flight or self._still_writes(reading):
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = loop.time()
        return self._idle_since is None or loop.time() - self._idle_since < PATIENCE_SECONDS

    def _still_writes(self, reading: PageReading) -> bool:
        """Tell whether a page's text still changes; one with a clock in it does so for ever, and is not waited for so long."""
        loop = asyncio.get_running_loop()
        has_changed, self._said = reading.parts.text != self._said, reading.parts.text
        self._changed_since = self._changed_since or loop.time()
        return has_changed and loop.time() - self._changed_since < WRITING_SECONDS

    async def _reading(self, told: Mapping[str, Any]) -> PageReading:
        """Return the reading, with a further look where what the script told would not do."""
        parts = parts_of(self._traffic, told)
        is_little = _says_little(told)
        is_blank = told["values"]["fcp"] is None
        is_missing, pictures = lacks(self._target.expected_text, parts.text), ""
        if is_missing:
            pictures = unescaped(" ; ".join(words_of_pictures(parts.source)))
            is_missing = lacks(self._target.expected_text, pictures)
        if not (is_little or is_blank or is_missing or told["hidden"] or told["cover"]):
            return PageReading(told=told, parts=parts, judgement=judge_home(parts, self._target))
        shown = await self._shown()
        text = readable(f"{told['title']} {shown.text}", parts.source)
        if is_little or is_missing:
            text = with_pictures(" ".join(text.split()), parts.source)
            parts = replace(parts, text=text, links=max(parts.links, shown.links))
        judgement = judge_home(parts, self._target)
        if not judgement.reason and told["cover"]:
            judgement = self._judged_by_cover(parts, told["cover"]) or judgement
        lack: tuple[Reason, str] | None = None
        if parts.status < FIRST_ERROR_STATUS and judgement.reason in (None, Reason.CONTENT_MISMATCH):
            lack = self._lacking.broken_frame(shown) or broken_markup(parts)
            if lack:  # whatever words it was answered with
                judgement = Judgement(page_kind=PageKind.PORTAL)
            elif not judgement.reason:
                lack = await self._lacking.lack(
                    shown, may_be_blank=is_blank or told["hidden"], text=f"{text} ; {pictures}"
                )
        return PageReading(told=told, parts=parts, judgement=judgement, lack=lack)

    def _judged_by_cover(self, parts: PageParts, said: str) -> Judgement | None:
        """
        Return the judgement by what is said over the whole page, where nothing in it lets people on; None = nothing against it.

        It has a page under it, so that it is judged as one with links: an announcement, or a greeting, is none.
        """
        over = replace(parts, text=" ".join(said.split()), source=escape(said, quote=False), links=_LINKS_UNDER_COVER)
        judgement = judge(over, self._target)
        return judgement if judgement.reason else None

    async def _is_found_below(self) -> bool:
        """Tell whether the expected text comes when the page is scrolled through, as a person does; it is left where it began."""
        loop, ask = asyncio.get_running_loop(), self._navigation.ask
        try:
            for _ in range(MOST_SCREENS):
                if loop.time() >= self._until or not await ask("scrollOn()"):
                    return False
                await self._traffic.quiet(SCROLL_SECONDS, until=min(self._until, loop.time() + QUIET_SECONDS))
                if not lacks(self._target.expected_text, (await self._shown()).text):
                    return True
        finally:
            with suppress(MovedOnError, Error):
                await ask("scrollBack()")
        return False

    async def _shown(self) -> AllShown:
        try:
            return await look_at_all(self._session)
        except Error as exc:
            if self._navigation.moving_to:
                raise MovedOnError from exc
            raise


def _says_little(told: Mapping[str, Any]) -> bool:
    return len(told["text"].strip()) < LITTLE_CHARACTERS
