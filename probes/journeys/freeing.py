"""
Frees the fields of a form that rests with too few usable ones, as a person would without a thought.

Fields that may only be read until somebody enters them are entered and left again, for which no key is needed, as many as are
missing; what lies over the form is closed where it has what is called by closing. How long the form had rested before is ours and
no portal's.
"""

import time

from playwright.async_api import Page

from probes.journeys.form_ready import FormState, FormWatch
from probes.journeys.idle import Idle
from probes.journeys.popups import MOST_CLOSED, close_over_fields

_ENTER = "() => window.thuocdoForm?.enter({wanted}) ?? 0"


class Freeing:
    """
    Frees the fields of one page.

    Args:
        page: guarded. watch: of it. enters: fields may be entered; where a page may post, it may post what it hears of that.
    """

    def __init__(self, page: Page, watch: FormWatch, *, enters: bool) -> None:
        self._page = page
        self._watch = watch
        self._enters = enters
        self._tried: set[tuple[int, int, int, int]] = set()
        self._closings = 0
        self._idle = Idle()

    async def free(self, form: FormState, minimum_fields: int) -> bool:
        """Free more fields of a form as it stands, once; tell whether that did anything."""
        # Of two windows over a form, closing the one leaves as many fields barred.
        key = (len(self._watch.documents), form.closed, form.barred, self._closings)
        if form.fields + form.closed + form.barred < minimum_fields or key in self._tried:
            return False
        self._tried.add(key)
        missing = minimum_fields - form.fields
        if missing > form.barred:
            return await self._enter(form, missing - form.barred) or await self._close(form)
        return await self._close(form) or await self._enter(form, missing)

    async def _enter(self, form: FormState, wanted: int) -> bool:
        if not self._enters or form.closed == 0 or wanted <= 0:
            return False
        ask = _ENTER.format(wanted=wanted)
        opened = await self._watch.everywhere(ask, until=lambda so_far: sum(so_far) >= wanted)
        return any(opened)

    async def _close(self, form: FormState) -> bool:
        if form.barred == 0 or self._closings >= MOST_CLOSED:
            return False
        begun = time.monotonic()
        if not await close_over_fields(self._page):
            return False
        self._closings += 1
        self._idle.add(form.quiet_since, begun)
        return True

    def idle_between(self, begun: float, ended: float) -> float:
        """Return for how long of the time between two instants of time.monotonic() the form rested until we closed something."""
        return self._idle.between(begun, ended)

    def held_back(self, form: FormState, minimum_fields: int) -> str:
        """Return, for people, what we did not do on which a form with too few usable fields may hang; empty = nothing."""
        if form.fields >= minimum_fields:
            return ""
        if form.asks and form.barred:
            return "a window lies over the form that asks first, or is to be closed; it was not pressed"
        if not self._enters and form.closed and form.fields + form.closed >= minimum_fields:
            return "fields may only be read until they are entered; they were not, for this journey may post"
        return ""
