"""
How a journey finds the control that it names: as a person reads it, wherever in the page it stands.

By name or label in any spelling, in the page and its open roots; where the page has come to rest without it, in its frames, and
among the places of its image maps.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Error, Frame, Locator, Page

from probes.spelling_patterns import pattern

Place = Page | Frame
"""Where something is looked for."""

FRAME_SECONDS = 1.0
"""A frame that does not say in so long whether it is seen is on its way to another document."""

CLICKABLE = (
    "a[href],area[href],button,input[type=button],input[type=submit],input[type=image],[role=button],[role=link],[role=tab],"
    "[role=menuitem],summary,[onclick]:not(html,body,form,main,table,input,select,textarea)"
)
"""A selector of what a person could click on the way."""

_PLACE_ON_PICTURE = """(area) => {
  const map = area.closest("map"), root = area.getRootNode(), name = `#${map?.name || map?.id}`;
  const picture = [...root.querySelectorAll("img[usemap],object[usemap]")].find((one) => one.useMap === name);
  for (const one of root.querySelectorAll("[data-thuocdo-picture]")) one.removeAttribute("data-thuocdo-picture");
  if (!picture) return null;
  picture.scrollIntoView({ block: "center", behavior: "instant" });
  const box = picture.getBoundingClientRect(), found = [];
  for (let right = 0.5; right < 32; right += 1) for (let down = 0.5; down < 32; down += 1) {
    const x = box.left + (box.width * right) / 32, y = box.top + (box.height * down) / 32;
    const place = { x: x - box.left - picture.clientLeft, y: y - box.top - picture.clientTop };
    if (root.elementFromPoint(x, y) === area) found.push(place);
  }
  picture.setAttribute("data-thuocdo-picture", "");
  return found[Math.floor(found.length / 2)] ?? null;
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundControl:
    """
    A control that stands there.

    on_picture: a place of an image map, which has no box of its own. in_frame: whoever follows it leaves the page as it is.
    """

    control: Locator
    on_picture: bool = False
    in_frame: bool = False


def first_of(locators: Sequence[Locator]) -> Locator:
    """Return the first visible element that one of the locators finds."""
    together = locators[0]
    for other in locators[1:]:
        together = together.or_(other)
    return together.filter(visible=True).first


def named(role: str, names: Sequence[str]) -> Callable[[Place], Locator]:
    """Return what finds the first visible control of a role that has one of some names."""
    return lambda place: first_of([place.get_by_role(role, name=pattern(name)) for name in names])  # type: ignore[arg-type]


def labelled(labels: Sequence[str], *, placeholders: bool = False) -> Callable[[Place], Locator]:
    """Return what finds the first visible field with one of some labels; placeholders: those count as well."""

    def find(place: Place) -> Locator:
        found = [place.get_by_label(pattern(label)) for label in labels]
        return first_of(found + [place.get_by_placeholder(pattern(label)) for label in labels if placeholders])

    return find


def on_pictures(names: Sequence[str]) -> Callable[[Place], Locator]:
    """Return what finds places of image maps with one of some names."""

    def find(place: Place) -> Locator:
        together = place.get_by_alt_text(pattern(names[0]))
        for name in names[1:]:
            together = together.or_(place.get_by_alt_text(pattern(name)))
        return together.and_(place.locator("area[href]")).first

    return find


async def shown_frames(page: Page) -> AsyncIterator[Frame]:
    """Go through the frames of a page that are drawn."""
    for frame in page.frames[1:]:
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(FRAME_SECONDS):
                seen = await (await frame.frame_element()).is_visible()
            if seen:
                yield frame


async def elsewhere(
    page: Page, find: Callable[[Place], Locator], pictures: Callable[[Place], Locator] | None
) -> FoundControl | None:
    """Return what stands in a frame of the page, or on a picture; None where nothing does."""
    if pictures and await _stands(pictures(page).count):
        return FoundControl(control=pictures(page), on_picture=True)
    async for frame in shown_frames(page):
        if await _stands(find(frame).is_visible):
            return FoundControl(control=find(frame), in_frame=True)
        if pictures and await _stands(pictures(frame).count):
            return FoundControl(control=pictures(frame), on_picture=True, in_frame=True)
    return None


async def place_on_picture(area: Locator) -> tuple[Locator, tuple[float, float]] | None:
    """Return the picture of a place of an image map and a point on it that leads there; None where the pointer finds none."""
    place = await area.evaluate(_PLACE_ON_PICTURE)
    picture = area.locator("xpath=ancestor::html").locator("[data-thuocdo-picture]").first
    return (picture, (float(place["x"]), float(place["y"]))) if place else None


async def _stands(ask: Callable[[], Awaitable[object]]) -> bool:
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(FRAME_SECONDS):
            return bool(await ask())
    return False
