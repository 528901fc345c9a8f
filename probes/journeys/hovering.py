"""
Rests the pointer on what may open a menu, where the way lies in one that opens so: a person would see it, and nothing is pressed.

Only where something is called like the way and is not to be seen, or where something says that it has a menu and nothing else on
the page leads on.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files

from playwright.async_api import Error, Page

from probes.spelling import spelling_script

MOST_HOVERED = 6
"""In one document; a person would look no further either."""

HOVER_SECONDS = 1.5

CLICKABLE = (
    "a[href],area[href],button,input[type=button],input[type=image],[role=button],[role=link],[role=menuitem],[onclick]"
)

MENUS = ",".join(
    f"{one}:not(input,select,textarea)"
    for one in (
        *(
            "[aria-haspopup]:not([aria-haspopup=false])",
            "nav [aria-expanded=false]",
            "nav .dropdown",
            "[class*=has-sub]",
        ),
        *("[class*=has-children]", "[class*=has-dropdown]", "[class*=has-mega]"),
    )
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
    """

    def __init__(self, page: Page, names: Sequence[str], document: Callable[[], int]) -> None:
        self._page = page
        self._names = list(names)
        self._document = document
        self._tried: dict[int, list[str]] = {}

    async def open_next(self, *, any_menu: bool = False) -> bool:
        """Rest the pointer on the next thing that may open a menu with the way in it, or any menu; tell whether there was one."""
        tried = self._tried.setdefault(self._document(), [])
        if len(tried) >= MOST_HOVERED:
            return False
        asked = {"names": self._names, "clickable": CLICKABLE, "menus": MENUS if any_menu else None, "tried": tried}
        try:
            key = await self._page.evaluate(_SCRIPT, asked)
        except Error:  # on its way to another document
            return False
        if key is None:
            return False
        tried.append(key)
        with suppress(Error):  # it went, or something lies over it
            await self._page.locator(_MARKED).first.hover(timeout=1000 * HOVER_SECONDS)
        return True
