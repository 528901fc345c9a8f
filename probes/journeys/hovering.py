"""
Rests the pointer on what may open a menu, where the way lies in one that opens so: a person would see it, and nothing is pressed.

Only where something is called like the way and is not to be seen, or where something says that it has a menu and nothing else on
the page leads on.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files

from playwright.async_api import Error, Page
from playwright.async_api import TimeoutError as LateError

from probes.journeys.controls import CLICKABLE
from probes.journeys.idle import Idle
from probes.spelling import spelling_script

MOST_HOVERED = 6
"""In one document; a person would look no further either."""

HOVER_SECONDS = 1.5

TRY_SECONDS = 0.5
"""The browser goes on with a try for so long, whoever waits for it no more."""

SOON_SECONDS = 1.0
"""What is seen so soon after the pointer came to rest was opened by it."""

MENUS = (
    ":is([aria-haspopup]:not([aria-haspopup=false]),nav [aria-expanded=false],nav .dropdown,[class*=has-sub],"
    "[class*=has-children],[class*=has-dropdown],[class*=has-mega]):not(input,select,textarea)"
)
"""What says that it has a menu, which may not even be there yet."""

_MARKED = "[data-thuocdo-hover]"
_HOVERING = (files("probes.journeys") / "hovering.js").read_text(encoding="utf-8").strip()
_SCRIPT = f"(asked) => ({_HOVERING})(asked, {spelling_script()})"


class Hovering:
    """
    Opens menus of one page by the pointer.

    Args:
        page: guarded. names: what the way may be called. document: tells which document of the walk the page shows.
        rested_seconds: tells how long nothing has happened in the page. idle: is told of the time that was ours.
    """

    def __init__(
        self,
        page: Page,
        names: Sequence[str],
        document: Callable[[], int],
        *,
        rested_seconds: Callable[[], Awaitable[float]],
        idle: Idle,
    ) -> None:
        self._page = page
        self._names = list(names)
        self._document = document
        self._rested_seconds = rested_seconds
        self._idle = idle
        self._tried: dict[int, list[str]] = {}
        self._spans: list[tuple[float, float]] = []

    async def open_next(self, *, any_menu: bool = False) -> bool:
        """Rest the pointer on the next thing that may open a menu with the way in it, or any menu; tell whether there was one."""
        tried = self._tried.setdefault(self._document(), [])
        if len(tried) >= MOST_HOVERED:
            return False
        asked = {"names": self._names, "clickable": CLICKABLE, "menus": MENUS if any_menu else None, "tried": tried}
        begun = time.monotonic()
        try:
            rested_at = begun - await self._rested_seconds()
            key = await self._page.evaluate(_SCRIPT, asked)
        except Error:  # on its way to another document
            return False
        if key is None:
            return False
        tried.append(key)
        try:
            await self._hover(begun + HOVER_SECONDS)
        finally:
            self._spans.append((rested_at, time.monotonic()))
        return True

    async def _hover(self, until: float) -> None:
        while time.monotonic() < until:
            try:
                await self._page.locator(_MARKED).first.hover(timeout=1000 * TRY_SECONDS)
            except LateError:  # something lies over it, or it moves
                continue
            except Error:  # it went
                return
            return

    def came(self) -> None:
        """
        Hear that the way is seen now; where the pointer has just opened it, how long the page had rested before that was ours.

        A person would have looked through the menus at once. A way that comes by itself later was awaited from the portal.
        """
        if self._spans and time.monotonic() - self._spans[-1][1] <= SOON_SECONDS:
            for span in self._spans:
                self._idle.add(*span)
        self._spans.clear()
