"""
Takes one step of a journey: opens, follows, chooses, looks up or waits, and says when it was done.

Nothing here can submit: what is clicked is asked about first (probes.journeys.submit_guard), and a search box's form is never
sent, its address is opened.
"""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error, Locator, Page

from probes.chromium.neterrors import explain
from probes.chromium.page_gate import PageGate
from probes.forbidden_acts import is_leading, meaning_of_address, meaning_of_words
from probes.journeys.controls import FoundControl, Place, elsewhere, labelled, named, on_pictures, place_on_picture
from probes.journeys.form_ready import POLL_SECONDS, FormWatch
from probes.journeys.hovering import Hovering
from probes.journeys.idle import Idle
from probes.journeys.journey_end import NoDocumentError, StopError
from probes.journeys.journey_file import Choose, JourneyStep, Search, WaitFor, fill
from probes.journeys.popups import click_uncovered
from probes.journeys.submit_guard import SubmitGuard
from probes.redaction import redact_path
from probes.spelling import spelling_script
from probes.spelling_patterns import pattern
from thuocdo.core.model import Reason

REST_SECONDS = 1.0
"""A page that has been quiet for so long will not bring what a step with if_present needs."""

_WAITING = (files("probes.journeys") / "waiting.js").read_text(encoding="utf-8").strip()
_STAMP = f"(condition) => ({_WAITING})(condition, {spelling_script()})"
_READS = f"""() => {{
  const {{ folded, standsIn }} = {spelling_script().replace("%", "%%")};
  return Boolean(document.body?.checkVisibility()) && standsIn(folded(%s), folded(document.body.innerText));
}}"""
# Which entry of a list is called so, -1 = none; the whole of it where one is, else the first in which it stands.
_ENTRY = f"""(list, text) => {{
  const {{ folded, standsIn }} = {spelling_script()};
  const wanted = folded(text), names = [...list.options].map((one) => folded(one.label || one.text));
  const whole = names.indexOf(wanted);
  return whole >= 0 ? whole : names.findIndex((name) => standsIn(wanted, name));
}}"""
# The address that a search form would ask for; null where scripts do the searching, or where it would post.
_SEARCH_ADDRESS = """(box, text) => {
  const form = box.form;
  if (!form || form.method !== "get" || !form.hasAttribute("action") || !box.name) return null;
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  query.set(box.name, text);
  const address = new URL(form.action, document.baseURI);
  address.search = query.toString();
  return /^https?:$/.test(address.protocol) ? address.href : null;
}"""
_MOVED = ("Execution context was destroyed", "navigat", "detached", "Cannot find context", "not attached")
_FIRST_OPTION = "option[value]:not([value='']):not([disabled])"
_NOT_PRESSED = "names a control that submits or changes something; nothing was pressed, name the step before it"
_CALLED = re.compile(r"""^\s*- '?[a-z]+ "((?:[^"\\\\]|\\\\.)*)\"""", re.MULTILINE)
_HOLDS = re.compile(r"^\s*- [a-z]+: (.*)$", re.MULTILINE)
_LED_TO = re.compile(r"^\s*- /url: (.*)$", re.MULTILINE)
_LINK = re.compile(r"\s*- link\b")
_CHOICE = re.compile(r"\s*- (?:option|combobox|listbox)\b")
_Result = TypeVar("_Result")


class Steps:
    """
    Takes the steps of one walk.

    acted_at: seconds of time.monotonic() at which the last act reached the page, 0 before the first. name: of the step that is
    being taken, for telling people. idle: what of the time was ours.
    """

    def __init__(
        self, page: Page, variables: Mapping[str, str], guard: SubmitGuard, watch: FormWatch, gate: PageGate
    ) -> None:
        self._page = page
        self._gate = gate
        self._variables = variables
        self._guard = guard
        self._watch = watch
        self._seen: Locator | None = None  # what a step has just waited for, and need not again
        self.acted_at = 0.0
        self.name = ""
        self.idle = Idle()

    def hovering(self, names: Sequence[str]) -> Hovering:
        """Return what opens menus in which something called so lies."""
        rested_seconds, idle = self._watch.rested_seconds, self.idle
        return Hovering(self._page, names, lambda: len(self._watch.documents), rested_seconds=rested_seconds, idle=idle)

    async def take(self, step: JourneyStep) -> float | None:
        """
        Take one step that is no `seek`.

        Returns:
            When it was done, seconds of time.monotonic(); None = the page has no use for it (if_present).

        Raises:
            StopError: the journey cannot go on.

        """
        if step.open is not None:
            return await self.open(self._filled(step.open))
        if step.wait is not None:
            return await self._wait(step.wait)
        if step.follow is not None:
            names = self._all_filled(step.follow.name)
            pictures = on_pictures(names) if step.follow.role == "link" else None
            hovering = None if step.if_present else self.hovering(names)
            found = await self._found(named(step.follow.role, names), step, pictures, hovering)
            if hovering:
                hovering.came()
            return await self.follow(found) if found else None
        if step.choose is not None:
            found = await self._found(labelled(self._all_filled(step.choose.label)), step)
            return await self.choose(found.control, step.choose) if found else None
        assert step.search is not None
        found = await self._found(labelled(self._all_filled(step.search.label), placeholders=True), step)
        return await self.search(found.control, step.search) if found else None

    async def open(self, url: str) -> float:
        """Go to an address and return when its document began to come."""
        asked_at = time.monotonic()
        self._gate.expect(url)
        try:
            await self._page.goto(url, wait_until="commit")
        except Error as exc:
            self.acted_at = self._watch.navigation_after(asked_at)
            raise NoDocumentError(*explain(exc)) from exc
        self.acted_at = self._watch.navigation_after(asked_at)
        return time.monotonic()

    async def follow(self, found: FoundControl) -> float:
        """Click what leads on, wherever it was found; where only a frame goes there, robots.txt is asked here."""
        if found.in_frame:
            address = str(await self.while_it_moves(lambda: found.control.evaluate("one => one.href || ''")))
            visits = self._gate.may_visit
            if visits and address.startswith("http") and not await visits(address):
                raise StopError(Reason.ROBOTS_DISALLOWED, f"robots.txt forbids {redact_path(urlsplit(address).path)}")
        return await self.click(found.control, on_picture=found.on_picture)

    async def click(self, control: Locator, *, on_picture: bool = False) -> float:
        """Click a control that leads on, once it can be seen; the address of one that would send a form is opened instead."""

        async def act() -> str:
            if self._seen is not control and not on_picture:
                await control.wait_for(state="visible")
            refused = await self._guard.refuses(control, going=True)
            address = await self._guard.address_of(control) if refused else ""
            if (refused and not address) or says_no(await control.aria_snapshot()) or meaning_of_address(address):
                raise StopError(Reason.INTERNAL_ERROR, _NOT_PRESSED)
            if address:
                return address
            offset = await self._watch.clock_offset()
            place = await place_on_picture(control) if on_picture else None
            if on_picture and place is None:
                raise StopError(Reason.FORM_NOT_READY, "the pointer does not find the place on its picture")
            self._guard.clicked_at, self.acted_at = None, time.monotonic()
            if place:
                # The place is what the pointer finds there, and was asked about; Playwright would want the picture itself.
                picture, (x, y) = place
                await picture.click(position={"x": x, "y": y}, force=True, no_wait_after=True)
            else:
                await click_uncovered(control)
            # Playwright looks and scrolls before it clicks (60 ms); the page itself says when the click came.
            if self._guard.clicked_at is not None:
                self.acted_at = self._guard.clicked_at / 1000 + offset
            return ""

        address = await self.while_it_moves(act)
        return await self.open(address) if address else time.monotonic()

    async def choose(self, choice: Locator, choose: Choose) -> float:
        """Choose an entry of a list, be it the browser's own or one that scripts draw."""

        async def act() -> None:
            if self._seen is not choice:
                await choice.wait_for(state="visible")
            if await choice.evaluate("element => element instanceof HTMLSelectElement"):
                await self._select(choice, choose)
            else:
                await self._pick(choice, choose)

        await self.while_it_moves(act)
        return time.monotonic()

    async def search(self, box: Locator, search: Search) -> float:
        """Look a text up in a search box."""
        text = self._filled(search.text)

        async def act() -> str | None:
            if self._seen is not box:
                await box.wait_for(state="visible")
            address = await box.evaluate(_SEARCH_ADDRESS, text)
            if address is None:
                self.acted_at = time.monotonic()
                await box.fill(text)
            return str(address) if address else None

        address = await self.while_it_moves(act)
        if address and meaning_of_address(address):
            path = redact_path(urlsplit(address).path)
            raise StopError(Reason.FORM_NOT_READY, f"a search that would do more than look up was not made: {path}")
        return await self.open(address) if address else time.monotonic()

    async def while_it_moves(self, act: Callable[[], Awaitable[_Result]]) -> _Result:
        """Do something with a page that may be on its way to the next document, which makes Playwright lose hold of it."""
        while True:
            try:
                return await act()
            except Error as exc:
                self._seen = None
                if not any(sign in exc.message for sign in _MOVED):
                    raise StopError(*explain(exc)) from exc
            await asyncio.sleep(POLL_SECONDS)

    async def _wait(self, wait: WaitFor) -> float:
        text, selector = (self._filled(value) if value else None for value in (wait.text, wait.selector))
        condition: dict[str, object] = {"text": text, "selector": selector, "fields": wait.field_count}

        async def met() -> float:
            stamp = None
            while stamp is None:
                strange = await self._watch.strange_fields() if wait.field_count else 0
                stamp = await self._page.evaluate(_STAMP, {**condition, "strange": strange})
                if stamp is None and text and any(await self._watch.everywhere(_READS % json.dumps(text))):
                    return time.monotonic()  # in a frame that the page itself cannot look into
            return float(stamp) / 1000 + await self._watch.clock_offset()

        return await self.while_it_moves(met)

    async def _select(self, choice: Locator, choose: Choose) -> None:
        if await self._guard.refuses(choice, going=True):
            raise StopError(Reason.INTERNAL_ERROR, _NOT_PRESSED)
        if choose.option is not None:
            text = self._filled(choose.option)
            while (index := int(await choice.evaluate(_ENTRY, text))) < 0:  # noqa: ASYNC110 - the page draws it
                await asyncio.sleep(POLL_SECONDS)
            self.acted_at = time.monotonic()
            await choice.select_option(index=index)
            return
        option = choice.locator(_FIRST_OPTION).first
        await option.wait_for(state="attached")
        if await self._guard.refuses(option, going=True):
            raise StopError(Reason.INTERNAL_ERROR, _NOT_PRESSED)
        value = await option.get_attribute("value")
        self.acted_at = time.monotonic()
        await choice.select_option(value=value)

    async def _pick(self, choice: Locator, choose: Choose) -> None:
        """Open a list that scripts draw (role combobox) and click an entry (role option)."""
        await self.click(choice)
        entries = self._page.get_by_role("option", disabled=False)
        if choose.option is not None:
            entries = self._page.get_by_role("option", name=pattern(self._filled(choose.option)))
        await self.click(entries.filter(visible=True).first)

    async def _found(
        self,
        find: Callable[[Place], Locator],
        step: JourneyStep,
        pictures: Callable[[Place], Locator] | None = None,
        hovering: Hovering | None = None,
    ) -> FoundControl | None:
        """Return what a step needs once it stands there; with if_present, None where the page rests without it."""
        here = find(self._page)
        seen = asyncio.ensure_future(self.while_it_moves(lambda: here.wait_for(state="visible")))
        try:
            while True:
                await asyncio.wait({seen}, timeout=POLL_SECONDS if step.if_present else REST_SECONDS)
                if seen.done():
                    seen.result()
                    self._seen = here
                    return FoundControl(control=here)
                if await self._watch.rests(REST_SECONDS):
                    if await self.while_it_moves(here.is_visible):  # what waits for it may be slower to say so
                        return FoundControl(control=here)
                    there = await elsewhere(self._page, find, pictures)
                    if there or step.if_present:
                        return there
                    if hovering:
                        await _unless_done(seen, hovering.open_next())
        finally:
            seen.cancel()
            await asyncio.gather(seen, return_exceptions=True)

    def _all_filled(self, templates: Sequence[str]) -> Sequence[str]:
        return [self._filled(template) for template in templates]

    def _filled(self, template: str) -> str:
        return fill(template, self._variables)


async def _unless_done(seen: asyncio.Future[None], act: Coroutine[Any, Any, object]) -> None:
    """Do something until it is done, or what is waited for is there."""
    doing: asyncio.Future[Any] = asyncio.ensure_future(act)
    both: set[asyncio.Future[Any]] = {seen, doing}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            doing.result()
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)


def says_no(snapshot: str) -> bool:
    """
    Tell whether a control is called, or leads, like what must not be pressed.

    Args:
        snapshot: of the control, as Playwright tells it from a world of its own: what the page's scripts make of their own world
            does not matter to it.

    """
    is_choice = _CHOICE.match(snapshot) is not None
    for address in _LED_TO.findall(snapshot):
        if meaning_of_address(address.strip('"')):
            return True
    is_link = _LINK.match(snapshot) is not None
    for label in (*_CALLED.findall(snapshot), *_HOLDS.findall(snapshot)):
        meaning = meaning_of_words(label)
        if meaning and not is_choice and not is_leading(label, link=is_link):
            return True
    return False
