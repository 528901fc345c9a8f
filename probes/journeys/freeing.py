"""
Frees the fields of a form that rests with too few usable ones, as a person would without a thought.

Fields that may only be read until somebody enters them are entered and left again, for which no key is needed; what lies over the
form is closed where it has what is called by closing. How long the form had rested before is ours and no portal's.
"""

import time

from playwright.async_api import Page

from probes.journeys.form_ready import FormState, FormWatch
from probes.journeys.popups import MOST_CLOSED, close_over_fields

_ENTER = "() => window.thuocdoForm?.enter() ?? 0"


class Freeing:
    """Frees the fields of one page. watch: of it."""

    def __init__(self, page: Page, watch: FormWatch) -> None:
        self._page = page
        self._watch = watch
        self._tried: set[tuple[int, int, int]] = set()
        self._closings: list[tuple[float, float]] = []

    async def free(self, form: FormState, minimum_fields: int) -> bool:
        """Free more fields of a form as it stands, once; tell whether that did anything."""
        key = (len(self._watch.documents), form.closed, form.barred)
        if form.fields + form.closed + form.barred < minimum_fields or key in self._tried:
            return False
        self._tried.add(key)
        if form.closed and sum(await self._watch.everywhere(_ENTER)):
            return True
        return form.barred > 0 and await self._close(form)

    async def _close(self, form: FormState) -> bool:
        if len(self._closings) >= MOST_CLOSED:
            return False
        begun = time.monotonic()
        if not await close_over_fields(self._page):
            return False
        self._closings.append((form.quiet_since, begun))
        return True

    def idle_between(self, begun: float, ended: float) -> float:
        """Return for how long of the time between two instants of time.monotonic() the form rested until we closed something."""
        return sum(max(0.0, at - max(rested_at, begun)) for rested_at, at in self._closings if at <= ended)
