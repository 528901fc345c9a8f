"""
Finds the way to a form without being told the family: by what Vietnamese portals call the controls on the way.

On each page: is the form there? Else choose the first entry of the list that asks which office; follow what is called exactly as
the way to it is, or stands by the procedure's code, be it in a menu that opens under the pointer; look the code up; follow what
is called somewhat like it. Nothing is followed twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from importlib.resources import files

from playwright.async_api import Error, Page

from probes.journeys.controls import CLICKABLE, FRAME_SECONDS, FoundControl, Place, labelled, shown_frames
from probes.journeys.form_ready import POLL_SECONDS, FormState, FormWatch
from probes.journeys.hovering import MENUS
from probes.journeys.journey_end import StopError
from probes.journeys.journey_file import Choose, Search, Seek
from probes.journeys.steps import Steps
from probes.redaction import kept_words
from probes.spelling import spelling_script
from thuocdo.core.model import Reason

REST_SECONDS = 0.6
"""What leads on is looked for once a page has been quiet for so long: scripts may still be drawing it."""

PATIENCE_SECONDS = 6.0
"""A page that never rests is looked at as it stands."""

LATE_SECONDS = 4.0
"""So long a page that rests is waited for where nothing on it leads on, before that is said."""

_NEXT = "[data-thuocdo-next]"
_SEEKING = (files("probes.journeys") / "seeking.js").read_text(encoding="utf-8").strip()
_SCRIPT = f"(asked) => ({_SEEKING})(asked, {spelling_script()})"


class Seeker:
    """
    Seeks the form of one procedure.

    Args:
        page: guarded. seek: what to go by. variables: with the procedure's code. minimum_fields: fewer are no form. look_further:
            scrolls through a page where nothing leads on; tells whether it did. free: as of `FormWatch.wait`.

    path: what was followed, for telling people.
    """

    def __init__(
        self,
        page: Page,
        seek: Seek,
        *,
        steps: Steps,
        watch: FormWatch,
        variables: Mapping[str, str],
        minimum_fields: int,
        look_further: Callable[[], Awaitable[bool]],
        free: Callable[[FormState, int], Awaitable[bool]],
    ) -> None:
        self._page = page
        self._seek = seek
        self._steps = steps
        self._watch = watch
        self._code = variables.get("procedure_code", "")
        self._minimum_fields = minimum_fields
        self._look_further = look_further
        self._free = free
        self._hovering = steps.hovering(seek.names)
        self._withheld = self._unseen = self._has_menus = False
        self._searched = False
        self._waited_at: set[str] = set()
        self._chosen: set[str] = set()
        self._followed: list[str] = []
        self._visited: list[str] = []
        self.path: list[str] = []

    async def find(self) -> None:
        """
        Return when the form stands, ready or not.

        Raises:
            StopError: there is no way on, or it is too long.

        """
        while True:
            await self._settle()
            form = await self._watch.look()
            if form and form.fields >= self._minimum_fields:
                return
            if form and await self._free(form, self._minimum_fields):
                continue
            if len(self._followed) >= self._seek.at_most:
                way = " > ".join(self.path)
                raise StopError(Reason.FORM_NOT_READY, f"no form after {self._seek.at_most} steps: {way}")
            if not (
                await self._choose()
                or await self._follow(sure=True)
                or (self._unseen and await self._hovering.open_next())
                or await self._search()
                or await self._follow(sure=False)
                or (self._has_menus and await self._hovering.open_next(any_menu=True))
                or await self._look_further()
                or await self._wait_once()
            ):
                raise self._at_the_end()

    async def _wait_once(self) -> bool:
        """Give a page in which nothing leads on the time in which late ones draw it, once; returns whether it was given."""
        if self._page.url in self._waited_at:
            return False
        self._waited_at.add(self._page.url)
        await asyncio.sleep(LATE_SECONDS)
        return True

    def _at_the_end(self) -> StopError:
        way = " > ".join(self.path) or "the start"
        if self._withheld:
            return StopError(
                Reason.INTERNAL_ERROR, f"what leads on asks first whether to go on; not pressed, after {way}"
            )
        return StopError(Reason.FORM_NOT_READY, f"nothing on the page leads on to a form, after {way}")

    async def _settle(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        while loop.time() < until or self._watch.awaited_document:
            if await self._watch.rests(REST_SECONDS):
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _follow(self, *, sure: bool) -> bool:
        address = self._page.url.partition("#")[0]
        if address not in self._visited:
            self._visited.append(address)
        asked = {
            "names": list(self._seek.names),
            "clickable": CLICKABLE,
            "code": self._code.casefold(),
            "followed": self._followed,
            "visited": self._visited,
            "sure": sure,
            "menus": MENUS,
        }
        place: Place = self._page
        best = await self._steps.while_it_moves(lambda: self._page.evaluate(_SCRIPT, asked))
        self._withheld, self._unseen, self._has_menus = (bool(best[name]) for name in ("withheld", "unseen", "menus"))
        async for frame in shown_frames(self._page):
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(FRAME_SECONDS):
                    found = await frame.evaluate(_SCRIPT, asked)
                self._withheld = self._withheld or bool(found["withheld"])
                if found.get("score", -1) > best.get("score", -1):
                    place, best = frame, found
        if "key" not in best:
            return False
        self._hovering.came()
        self._followed.append(best["key"])
        self.path.append(kept_words(best["said"])[:60])
        control = place.locator(_NEXT).first
        await self._steps.follow(
            FoundControl(control=control, on_picture=best["onPicture"], in_frame=place is not self._page)
        )
        return True

    async def _search(self) -> bool:
        if self._searched or not self._code or not self._seek.search:
            return False
        box = labelled(self._seek.search, placeholders=True)(self._page)
        if not await self._steps.while_it_moves(box.is_visible):
            return False
        self._searched = True
        self.path.append(f"search {self._code}")
        await self._steps.search(box, Search(label=self._seek.search, text=self._code))
        return True

    async def _choose(self) -> bool:
        """Choose the office where a list asks for it and nothing is chosen yet; each list once."""
        if not self._seek.choose:
            return False
        choice = labelled(self._seek.choose)(self._page)
        if not await self._steps.while_it_moves(choice.is_visible):
            return False
        key = f"{self._page.url} {await self._steps.while_it_moves(lambda: choice.evaluate(_IDENTITY))}"
        if key in self._chosen or not await self._steps.while_it_moves(lambda: choice.evaluate(_IS_EMPTY)):
            return False
        self._chosen.add(key)
        self.path.append("first entry of a list")
        await self._steps.choose(choice, Choose(label=self._seek.choose, first=True))
        return True


_IDENTITY = "element => element.id || element.getAttribute('name') || element.getAttribute('aria-label') || ''"
_IS_EMPTY = """element => element instanceof HTMLSelectElement
  ? !element.value && [...element.options].some((option) => option.value && !option.disabled)
  : element.getAttribute("role") === "combobox" && !element.matches("input") &&
    /^\\s*$|chọn|select/iu.test(element.textContent.normalize("NFC"))"""
