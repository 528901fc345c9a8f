"""What an act is given: a loaded page, our world in it, keys, pictures, and the guard that keeps anything from being sent."""

import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from playwright.async_api import Error, Page

from probes.accessibility.barrier import Place, Rule, Verdict
from probes.accessibility.world import IsolatedWorld, WorldError
from probes.chromium.cdp import CdpSession
from probes.chromium.keys import press
from probes.chromium.picture import take_part
from probes.chromium.playwright_page import PlaywrightPage
from probes.journeys.submit_guard import SubmitGuard

SHOWN_PLACES = 5
"""Places of a rule that get a picture and are stored one by one."""

MARGIN_PIXELS = 24
REOPEN_SECONDS = 10.0
_SCROLL = """({ x, y }) => {
  const before = { x: scrollX, y: scrollY };
  scrollTo({ left: x, top: y, behavior: "instant" });
  return before;
}"""


def clip_of(box: Mapping[str, float]) -> dict[str, float]:
    """Return the part of the document to show of a place: its box, not too large, with a margin."""
    return {
        "x": max(0.0, box["x"] - MARGIN_PIXELS),
        "y": max(0.0, box["y"] - MARGIN_PIXELS),
        "width": min(box["width"], 1600.0) + 2 * MARGIN_PIXELS,
        "height": min(box["height"], 1200.0) + 2 * MARGIN_PIXELS,
    }


@dataclass(slots=True, kw_only=True)
class Standing:
    """A page as it stands open. opened: itself. guard: ask `guard.refuses` before pressing anything. world: ours in it."""

    opened: PlaywrightPage
    guard: SubmitGuard
    world: IsolatedWorld


@dataclass(slots=True, kw_only=True)
class ActContext:
    """
    One page to act on.

    standing: the page as it is now. reopen: opens the page anew, in a context of its own, as it was opened first (a form by its
    journey), within so many seconds. until: when all must be done, seconds of time.monotonic(). may_try: forms may be tried out,
    because this is our own machine or its owner gave a mandate. may_press: keys and controls may be pressed at all, not so in a
    citizen's session without a mandate. is_form: the page is a form, whose text is in no picture that is kept. readings: act ->
    what it read of the portal before anything was pressed.
    """

    standing: Standing
    reopen: Callable[[float], Awaitable[Standing]]
    until: float
    may_try: bool
    may_press: bool = True
    is_form: bool = False
    readings: dict[str, Any] = field(default_factory=dict)
    _shut: bool = field(default=False)
    _spoilt: bool = field(default=False)

    @property
    def page(self) -> Page:
        """The page, for what only Playwright can do with it."""
        return self.standing.opened.page

    @property
    def session(self) -> CdpSession:
        """A session of the page."""
        return self.standing.opened.session

    @property
    def world(self) -> IsolatedWorld:
        """Our world in the document now shown."""
        return self.standing.world

    @property
    def guard(self) -> SubmitGuard:
        """What says of a control whether it may be pressed."""
        return self.standing.guard

    def shut(self) -> None:
        """Let nothing leave the page any more, whatever becomes of it; to be called before anything is pressed."""
        self._shut = True
        self.standing.opened.gate.shut()

    @property
    def seconds_left(self) -> float:
        """Time that is left for all acts."""
        return self.until - time.monotonic()

    async def ask(self, function: str, argument: object = None, *, frame: str | None = None) -> Any:
        """Call a function in our world (see IsolatedWorld.ask); `thuocdo` (stage.js) and `axe` stand in it."""
        return await self.world.ask(function, argument, frame=frame)

    async def ask_all(self, function: str, argument: object = None) -> list[Any]:
        """
        Call a function in our world of every own frame.

        Returns:
            The answers, the main frame's first. A frame under it that is gone, or whose answer failed, is left out.

        """
        main, *others = self.world.frames
        answers = [await self.world.ask(function, argument, frame=main)]
        for frame in others:
            with suppress(Error, WorldError):
                answers.append(await self.world.ask(function, argument, frame=frame))
        return answers

    async def press(self, key: str) -> None:
        """Press a key as a person does ("Tab", "Shift+Tab", "Escape", "Enter", " ")."""
        await press(self.page, self.session, key)

    async def picture(self, box: Mapping[str, float]) -> bytes | None:
        """
        Take a PNG of a part of the page.

        Args:
            box: x, y, width, height in CSS px of the document.

        Returns:
            None where it has no size, or the page gives no picture.

        """
        if box["width"] < 1 or box["height"] < 1:
            return None
        clip = {**clip_of(box), "scale": 1}
        try:
            shot = await self.session.send(
                "Page.captureScreenshot", {"format": "png", "clip": clip, "captureBeyondViewport": True}
            )
        except Error:
            return None
        return b64decode(shot["data"])

    async def _kept_picture(self, box: Mapping[str, float]) -> bytes | None:
        """Take a picture of a place that may be kept: scrolled to, without what tells of persons."""
        clip = clip_of(box)
        scrolled = await self.ask(_SCROLL, {"x": 0, "y": clip["y"]})
        try:
            return await take_part(self.session, clip, form=self.is_form)
        finally:
            await self.ask(_SCROLL, scrolled)

    async def places(self, seen: Iterable[Mapping[str, Any]], *, pictures: bool = True) -> tuple[Place, ...]:
        """Make places of what thuocdo.place() gave in the main frame, the first of them with a picture."""
        made = []
        for index, one in enumerate(seen):
            place = Place(selector=one["selector"], snippet=one["snippet"], message=one["message"])
            if pictures and index < SHOWN_PLACES:
                place = replace(place, picture=await self._kept_picture(one["box"]))
            made.append(place)
        return tuple(made)

    async def verdict(self, rule: Rule, answers: Iterable[Mapping[str, Any]]) -> Verdict:
        """
        Make a rule's verdict of what its script said in each frame (`ask_all`), with pictures of what failed in the main one.

        Args:
            rule: whose verdict.
            answers: each the `said` of thuocdo.tally(): passed (a number), failed and review (places) by rule id. A frame that
                says nothing of the rule had nothing to test.

        """
        passed, failed, review = 0, list[Place](), list[Place]()
        for index, answer in enumerate(answers):
            said = answer.get(rule.id, {})
            passed += int(said.get("passed", 0))
            failed += await self.places(said.get("failed", ()), pictures=index == 0)
            review += await self.places(said.get("review", ()), pictures=False)
        return Verdict(rule=rule.id, passed=passed, failed=tuple(failed), review=tuple(review))

    def spoil(self) -> None:
        """Say that the page is not as it was and must be loaded anew before the next act."""
        self._spoilt = True

    async def restore(self) -> None:
        """Put the page back in order: scrolled to its top, nothing focused, mouse away; opened anew where an act spoilt it."""
        if self._spoilt:
            self.standing = await self.reopen(min(REOPEN_SECONDS, self.seconds_left))
            if self._shut:
                self.standing.opened.gate.shut()
            self._spoilt = False
            return
        await self.page.mouse.move(0, 0)
        await self.ask("() => { document.activeElement?.blur?.(); scrollTo(0, 0); }")
