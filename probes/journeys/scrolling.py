"""
Scrolls once through a page that rests without what is looked for: a person does, and much is drawn only where somebody looks.

Nothing is pressed; the page's own gate and guard hold as always. How long the page had rested before is ours and no portal's.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from probes.journeys.form_ready import FormState, FormWatch

AFTER_SECONDS = 2.0
"""A page that has rested for so long without what is looked for brings nothing more by itself."""

LATEST_SECONDS = 6.0
"""After so long in one step a page that never rests is scrolled through all the same."""

PAUSE_SECONDS = 0.12
"""At each sight: for what watches the window, and for its first request to be on its way."""

SOON_SECONDS = 1.0
"""What is drawn so soon after the last sight was waiting for it."""

MOST_SIGHTS = 40

_ON = """() => {
  const isLong = (one) => one.scrollHeight > one.clientHeight + 40 && one.clientHeight > innerHeight / 3;
  const rolls = (one) => /auto|scroll/.test(getComputedStyle(one).overflowY);
  const inside = [...document.querySelectorAll("*")].filter((one) => isLong(one) && rolls(one));
  // A page whose window is locked cannot be scrolled by anybody; its style is the root's, or the body's where that says nothing.
  const { documentElement: root, body } = document;
  const own = getComputedStyle(root).overflow === "visible" && body ? body : root;
  const locked = /hidden|clip/.test(getComputedStyle(own).overflowY);
  for (const one of new Set([...(locked ? [] : [document.scrollingElement ?? root]), ...inside])) {
    const before = one.scrollTop;
    one.scrollTo({ top: before + one.clientHeight * 0.8, behavior: "instant" });
    if (one.scrollTop > before + 1) return true;
  }
  return false;
}"""
_BACK = """() => {
  for (const one of document.querySelectorAll("*")) if (one.scrollTop) one.scrollTo({ top: 0, behavior: "instant" });
}"""


class Scrolling:
    """
    Scrolls through each document of a walk once, and once more for each step.

    Args:
        watch: of the page. step: names the step that is being taken. is_there: tells whether the form has come.
    """

    def __init__(self, watch: FormWatch, step: Callable[[], str], is_there: Callable[[], Awaitable[bool]]) -> None:
        self._watch = watch
        self._step = step
        self._is_there = is_there
        self._done: set[tuple[int, str]] = set()
        self._in_step: tuple[tuple[int, str], float] = ((-1, ""), 0.0)
        self._busy = False
        self._idle_seconds = 0.0
        self._at = (math.inf, math.inf)

    def idle_before(self, form: FormState, since: float) -> float:
        """
        Return how long the page had rested before we scrolled, where that brought the form; it is ours and not the portal's.

        Fields that come with the sight, or with what was asked for at the sight, are brought by it; others come by themselves.
        since: of the last act of the journey, seconds of time.monotonic(). What was before it made nothing longer: the way was
        found by scrolling through the page before, or that page had rested long before it was pressed.
        """
        first, (begun, ended) = form.first_field_at or 0.0, self._at
        brought = begun <= first <= ended + SOON_SECONDS or self._watch.asked_between(begun, ended + PAUSE_SECONDS)
        return min(self._idle_seconds, max(0.0, begun - since)) if begun <= first and brought else 0.0

    async def if_due(self) -> None:
        """Scroll where the page has rested long enough in this step; to be asked now and then."""
        key, now = (len(self._watch.documents), self._step()), time.monotonic()
        if self._in_step[0] != key:
            self._in_step = (key, now)
        waited = now - self._in_step[1]
        if key in self._done or self._busy or waited < AFTER_SECONDS:
            return
        if waited >= LATEST_SECONDS or await self._watch.rests(AFTER_SECONDS):
            await self.through()

    async def through(self) -> bool:
        """Scroll through the page as it stands; tell whether that was not done before and there was something to scroll."""
        key = (len(self._watch.documents), self._step())
        if key in self._done or self._busy:
            return False
        self._done.add(key)
        self._busy = True
        try:
            state = self._watch.latest
            begun = time.monotonic()
            # What stands there under a mask needs no scrolling, and is no later for it.
            self._idle_seconds = 0.0 if state and state.barred else await self._watch.rested_seconds()
            self._at = (begun, math.inf)
            return await self._through()
        finally:
            self._at = (self._at[0], time.monotonic())
            self._busy = False

    async def _through(self) -> bool:
        sights = 0
        while sights < MOST_SIGHTS and any(await self._watch.everywhere(_ON)):
            sights += 1
            await asyncio.sleep(PAUSE_SECONDS)
            if await self._is_there():
                return True
        if sights:
            await self._watch.everywhere(_BACK)
        return sights > 0
