"""
What a weak signal does to a citizen who is filling in a form: "one starts again from the beginning".

Opens the form, lets nothing pass for 20 seconds, fills three harmless fields and goes on meanwhile as people do, and tells
whether the page is still there, whether the values are, and whether the page said what was wrong. Nothing is submitted: from
before the first key until the page is gone nothing leaves this machine; when the line is back, it is we who answer what the page
asks. It keeps a form open for half a minute, so it needs a mandate.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from playwright.async_api import Error, JSHandle, Page

from probes.chromium.neterrors import explain
from probes.chromium.playwright_page import PlaywrightPage
from probes.journeys.journey import open_form
from probes.journeys.journey_result import JourneyResult
from probes.redaction import kept_words
from probes.tools import Tools
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Job, Observation, Reason

CUT_SECONDS = 20.0  # a lift, a tunnel, a handover between cells
OPEN_SECONDS = 25.0
AFTER_SECONDS = 15.0
"""For the page to come to itself once the line is back."""

MOST_FIELDS = 3
TYPED = "thunghiem"
"""Letters that no field takes for a person's data; no space among them, which would press a button that took the focus."""

ANSWER_SECONDS = 3.0
"""A page that does not answer us for so long would not answer a person either."""

_SCRIPT = (files("probes") / "resilience.js").read_text(encoding="utf-8").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aftermath:
    """
    What became of the form. survived: the same document still stands and answers. kept, typed: values still there, of those that
    were typed. told: what the page said about the line, empty = nothing. recovery_seconds: from the line's return until the page
    got an answer again, None = it did not.
    """

    survived: bool
    kept: int = 0
    typed: int = 0
    told: str = ""
    recovery_seconds: float | None = None


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Cut the line once while a form is open.

    Returns:
        ok with what became of the form: losing what was typed is a value, not a failure. Else why there was no form to try.
    """
    if tools.browser is None:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, "this agent has no browser; see `thuocdo doctor`")
    profile, seconds = tools.profiles[job.profile], job.deadline_seconds
    supplied = tools.sessions.get(job.target.portal_id)
    state = supplied.state if supplied else None
    try:
        async with tools.browser.driven_page(
            profile, deadline_seconds=seconds, target=job.target, storage_state=state, with_line=True
        ) as opened:
            result = await open_form(opened, job, tools, limit_seconds=OPEN_SECONDS)
            if result.reason:
                return Observation.ended(result.reason, result.detail, attributes=_about(result))
            aftermath = await _try(opened)
        return _observed(result, aftermath)
    except BrowserUnavailableError as exc:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, str(exc))
    except TimeoutError:
        return Observation.ended(Reason.FORM_NOT_READY, f"the page hung for {seconds:g} s")
    except Error as exc:
        return Observation.ended(*explain(exc))


async def _try(opened: PlaywrightPage) -> _Aftermath:
    page = opened.page
    person = await page.evaluate_handle(f"{_SCRIPT}()")
    document = await page.evaluate("performance.timeOrigin")
    opened.gate.stall()
    opened.set_up.line.cut()
    await _fill(page, person)
    await person.evaluate("(person) => person.listen()")
    await _go_on(page, CUT_SECONDS)
    opened.gate.shut()
    opened.gate.stand_in()
    recovery = await _recovery_seconds(page)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            if await page.evaluate("performance.timeOrigin") != document:
                return _Aftermath(survived=False, recovery_seconds=recovery)
            told = await person.evaluate("(person) => person.report()")
    except (Error, TimeoutError):
        return _Aftermath(survived=False, recovery_seconds=recovery)
    return _Aftermath(
        survived=bool(told["same"]),
        kept=told["kept"],
        typed=told["typed"],
        told=told["told"],
        recovery_seconds=recovery,
    )


async def _fill(page: Page, person: JSHandle) -> None:
    """Type into the first plain text fields; keys are typed one by one, as people do, and Enter is never among them."""
    for index in range(await person.evaluate("(person, most) => person.pick(most)", MOST_FIELDS)):
        if await person.evaluate("(person, index) => person.focus(index)", index):
            await page.keyboard.type(TYPED, delay=30)
        await person.evaluate("(person, index) => person.typed(index)", index)


async def _go_on(page: Page, seconds: float) -> None:
    """Scroll and look about for so long, as people do who wait; the page may be frozen, or go away."""
    until = time.monotonic() + seconds
    down = True
    while time.monotonic() < until:
        try:
            async with asyncio.timeout(1.0):
                await page.mouse.wheel(0, 300 if down else -300)
        except (Error, TimeoutError):
            pass
        down = not down
        await asyncio.sleep(min(1.0, max(0.0, until - time.monotonic())))


async def _recovery_seconds(page: Page) -> float | None:
    """Return how long after the line's return the page gets an answer to what it asks, None = it gets none."""
    began = time.monotonic()
    while time.monotonic() - began < AFTER_SECONDS:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await page.evaluate("fetch(location.href, { method: 'HEAD', cache: 'no-store' }).then(() => true)")
                return time.monotonic() - began
        except (Error, TimeoutError):
            await asyncio.sleep(0.2)
    return None


def _observed(result: JourneyResult, aftermath: _Aftermath) -> Observation:
    values: dict[str, float | None] = {
        "survived_ratio": float(aftermath.survived),
        "values_kept_ratio": aftermath.kept / aftermath.typed if aftermath.typed else None,
        "told_ratio": float(bool(aftermath.told)),
        "recovery_seconds": aftermath.recovery_seconds,
    }
    if not aftermath.survived:
        values["values_kept_ratio"] = 0.0
    return Observation.ended(
        None,
        values={name: value for name, value in values.items() if value is not None},
        attributes={**_about(result), "told": kept_words(aftermath.told)},
    )


def _about(result: JourneyResult) -> Mapping[str, str]:
    return {"met": result.met.value if result.met else "", "blocked_submits": str(len(result.stopped))}
