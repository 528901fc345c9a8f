"""
Takes one step of a journey: opens, follows, chooses, looks up or waits, and says when it was done.

Nothing here can submit: what is clicked is asked about first (probes.journeys.submit_guard), and a search box's form is never
sent, its address is opened.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error, Locator, Page

from probes.chromium.neterrors import explain
from probes.chromium.page_gate import PageGate
from probes.forbidden_acts import is_leading, meaning_of_address, meaning_of_words
from probes.journeys.form_ready import POLL_SECONDS, FormWatch
from probes.journeys.journey_end import NoDocumentError, StopError
from probes.journeys.journey_file import Choose, Follow, JourneyStep, Search, WaitFor, fill
from probes.journeys.submit_guard import SubmitGuard
from probes.redaction import redact_path
from thuocdo.core.model import Reason

REST_SECONDS = 1.0
"""A page that has been quiet for so long will not bring what a step with if_present needs."""

_STAMP = """(condition) => new Promise((resolve) => {
  const drawn = (element) => element.checkVisibility({ visibilityProperty: true });
  const reads = (text) => (document.body?.textContent || "").includes(text) && document.body.innerText.includes(text);
  const met = () => {
    if (condition.selector) return [...document.querySelectorAll(condition.selector)].some(drawn);
    return condition.text ? reads(condition.text) : window.thuocdoForm("").fields >= condition.fields;
  };
  // Frames are not drawn while a stylesheet blocks them: what is not drawn cannot be used.
  const look = () => (met() ? resolve(performance.timeOrigin + performance.now()) : requestAnimationFrame(look));
  requestAnimationFrame(look);
})"""
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
    being taken, for telling people.
    """

    def __init__(
        self, page: Page, variables: Mapping[str, str], guard: SubmitGuard, watch: FormWatch, gate: PageGate
    ) -> None:
        self._page = page
        self._gate = gate
        self._variables = variables
        self._guard = guard
        self._watch = watch
        self.acted_at = 0.0
        self.name = ""

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
            control = self._control(step.follow)
            return await self.click(control) if await self._stands(control, step) else None
        if step.choose is not None:
            choice = self._labelled(step.choose.label)
            return await self.choose(choice, step.choose) if await self._stands(choice, step) else None
        assert step.search is not None
        box = self._box(step.search.label)
        return await self.search(box, step.search) if await self._stands(box, step) else None

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

    async def click(self, control: Locator) -> float:
        """Click a control that leads on, once it can be seen."""

        async def act() -> None:
            await control.wait_for(state="visible")
            if await self._guard.refuses(control, going=True) or says_no(await control.aria_snapshot()):
                raise StopError(Reason.INTERNAL_ERROR, _NOT_PRESSED)
            offset = await self._watch.clock_offset()
            self._guard.clicked_at, self.acted_at = None, time.monotonic()
            await control.click(no_wait_after=True)
            # Playwright looks and scrolls before it clicks (60 ms); the page itself says when the click came.
            if self._guard.clicked_at is not None:
                self.acted_at = self._guard.clicked_at / 1000 + offset

        await self.while_it_moves(act)
        return time.monotonic()

    async def choose(self, choice: Locator, choose: Choose) -> float:
        """Choose an entry of a list, be it the browser's own or one that scripts draw."""

        async def act() -> None:
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
                if not any(sign in exc.message for sign in _MOVED):
                    raise StopError(*explain(exc)) from exc
            await asyncio.sleep(POLL_SECONDS)

    async def _wait(self, wait: WaitFor) -> float:
        text, selector = (self._filled(value) if value else None for value in (wait.text, wait.selector))
        condition = {"text": text, "selector": selector, "fields": wait.field_count}

        async def met() -> float:
            stamp = await self._page.evaluate(_STAMP, condition)
            return float(stamp) / 1000 + await self._watch.clock_offset()

        return await self.while_it_moves(met)

    async def _select(self, choice: Locator, choose: Choose) -> None:
        if await self._guard.refuses(choice, going=True):
            raise StopError(Reason.INTERNAL_ERROR, _NOT_PRESSED)
        if choose.option is not None:
            self.acted_at = time.monotonic()
            await choice.select_option(label=self._filled(choose.option))
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
            entries = self._page.get_by_role("option", name=self._filled(choose.option))
        await self.click(entries.filter(visible=True).first)

    async def _stands(self, control: Locator, step: JourneyStep) -> bool:
        """Tell whether a step can be taken; without if_present always, for it is then waited for."""
        if not step.if_present:
            return True
        while not await self.while_it_moves(control.is_visible):
            if await self._watch.rests(REST_SECONDS):
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _control(self, follow: Follow) -> Locator:
        return first_of([self._page.get_by_role(follow.role, name=self._filled(name)) for name in follow.name])

    def _labelled(self, labels: Sequence[str]) -> Locator:
        return first_of([self._page.get_by_label(self._filled(label)) for label in labels])

    def _box(self, labels: Sequence[str]) -> Locator:
        names = [self._filled(label) for label in labels]
        page = self._page
        return first_of([get(name) for name in names for get in (page.get_by_label, page.get_by_placeholder)])

    def _filled(self, template: str) -> str:
        return fill(template, self._variables)


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


def first_of(locators: Sequence[Locator]) -> Locator:
    """Return the first visible element that one of the locators finds."""
    together = locators[0]
    for other in locators[1:]:
        together = together.or_(other)
    return together.filter(visible=True).first
