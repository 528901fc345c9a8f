"""
The eForm probe: how long a citizen waits until the declaration form of one procedure can be filled in.

It opens the form as a person would and looks at it; it never types, never submits. A plain HTTP time is never reported here:
the shell of a single-page application answers in milliseconds and holds no form.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace

import structlog
from playwright.async_api import Error, Page

from probes.chromium.neterrors import explain
from probes.chromium.visit import screenshot
from probes.journeys.journey import JourneyResult, open_form
from probes.kind import Engine, Kind, Value
from probes.tools import Tools
from thuocdo.errors import BrowserUnavailableError
from thuocdo.model import Evidence, Job, Observation, Outcome, Reason, TargetRole

DEADLINE_SECONDS = 25.0
MASK_SECONDS = 1.0
# Nothing is typed, but a portal may fill in what it knows about a visitor. A constructed sheet, because a content-security
# policy would refuse a style element.
_MASK = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`input, textarea, select, [contenteditable] {
    color: transparent !important; -webkit-text-security: disc !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""

log = structlog.get_logger(__name__)


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Open the target's form once.

    Returns:
        ok with entry, ready and load times and the number of fields; else the one reason why not. entry_seconds is there
        whenever the entry could be used, also where a login then stands before the form.
    """
    if tools.browser is None:
        return _inconclusive(Reason.BROWSER_UNAVAILABLE, "this agent has no browser")
    profile = tools.profiles[job.profile]
    try:
        async with tools.browser.page(profile, deadline_seconds=job.deadline_seconds) as page:
            result = await open_form(page, job, tools)
            seen = _observe(result, await _picture(page, tools) if result.final_host else ())
        return replace(seen, attributes={**seen.attributes, **tools.browser.attributes(profile)})
    except BrowserUnavailableError as exc:
        return _inconclusive(Reason.BROWSER_UNAVAILABLE, str(exc))
    except TimeoutError:
        return _failed(Reason.FORM_NOT_READY, f"the page hung for {job.deadline_seconds:.0f} s")
    except Error as exc:
        return _failed(*explain(exc))


def _observe(result: JourneyResult, evidence: tuple[Evidence, ...]) -> Observation:
    values: dict[str, float | None] = {"entry_seconds": result.entry_seconds}
    if result.form:
        values |= {
            "ready_seconds": result.form.ready_seconds,
            "load_seconds": result.form.load_seconds,
            "fields": result.form.fields,
            "required_fields": result.form.required_fields,
        }
    attributes = {
        "blocked_submits": str(len(result.stopped)),
        "final_host": result.final_host,
        "step_seconds": json.dumps(
            {name: round(seconds, 3) for name, seconds in result.step_seconds.items()}, ensure_ascii=False
        ),
        "retry_after": result.retry_after,
    }
    return Observation(
        outcome=result.reason.outcome if result.reason else Outcome.OK,
        reason=result.reason,
        detail=result.detail,
        page_kind=result.page_kind,
        values=_seen(values),
        attributes={name: value for name, value in attributes.items() if value},
        evidence=evidence,
    )


def _seen(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


async def _picture(page: Page, tools: Tools) -> tuple[Evidence, ...]:
    """Take a picture of what stands there, with anything in its fields made unreadable."""
    try:
        async with asyncio.timeout(MASK_SECONDS):
            for frame in page.frames:
                await frame.evaluate(_MASK)
    except (Error, TimeoutError) as exc:
        log.debug("no picture of the form: its fields could not be masked", cause=type(exc).__name__)
        return ()
    return await screenshot(await page.context.new_cdp_session(page), tools)


def _inconclusive(reason: Reason, detail: str) -> Observation:
    return Observation(outcome=Outcome.INCONCLUSIVE, reason=reason, detail=detail)


def _failed(reason: Reason, detail: str) -> Observation:
    return Observation(outcome=reason.outcome, reason=reason, detail=detail)


KIND = Kind(
    name="eform",
    help="How long until a procedure's declaration form can be filled in; nothing is ever submitted",
    engine=Engine.BROWSER,
    roles=frozenset({TargetRole.EFORM}),
    values=(
        Value(
            name="entry_seconds",
            help="From the first navigation until the procedure's page, or the login before the form, can be used",
        ),
        Value(
            name="ready_seconds",
            help="From the last click or navigation that opens the form until all its fields can be used",
        ),
        Value(
            name="load_seconds",
            help="From the same moment until the load event; absent where the form came into a page that stood already",
        ),
        Value(name="fields", help="Fields a person can see and use, a group of radio buttons being one"),
        Value(name="required_fields", help="Those of them that must be filled in"),
    ),
    deadline_seconds=DEADLINE_SECONDS,
    probe=probe,
)
