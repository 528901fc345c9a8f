"""
The eForm probe: how long a citizen waits until the declaration form of one procedure can be filled in.

It opens the form as a person would and looks at it; it never submits, and what it types to see how soon the form answers is
taken out again. A plain HTTP time is never reported here: the shell of a single-page application answers in milliseconds and
holds no form.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from playwright.async_api import Error

from probes.chromium.neterrors import explain
from probes.chromium.picture import take_picture
from probes.chromium.playwright_page import PlaywrightPage
from probes.chromium.recorder import Recorder
from probes.evidence import FULL, save_evidence, save_recording, shows_fault
from probes.journeys.journey import open_form
from probes.journeys.journey_result import JourneyResult
from probes.journeys.liveliness import Liveliness, liveliness
from probes.journeys.session import LoginSession
from probes.redaction import known_hosts
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Evidence, Job, Observation, Outcome, Reason, Target


@dataclass(slots=True, kw_only=True)
class _Opening:
    """
    One opening of a form while it happens; what it came to know stays, however it ends.

    full: all evidence is taken, and it is tried how soon the form answers, a third of a visit's CPU. session: that was used,
    None = anonymous.
    """

    full: bool
    session: LoginSession | None
    recorder: Recorder = field(default_factory=Recorder)
    result: JourneyResult | None = None
    lively: Liveliness = field(default_factory=Liveliness)
    evidence: tuple[Evidence, ...] = ()


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Open the target's form once.

    Returns:
        ok with entry, ready and load times and the number of fields; else the one reason why not. entry_seconds is there
        whenever the entry could be used, also where a login then stands before the form.
    """
    if tools.browser is None:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, "this agent has no browser; see `thuocdo doctor`")
    profile, seconds = tools.profiles[job.profile], job.deadline_seconds
    supplied = tools.sessions.get(job.target.portal_id)
    session = None if supplied is None or supplied.is_over(clock.now()) else supplied
    made = _Opening(full=tools.evidence_policy.takes_all(job), session=session)
    state = session.state if session else None
    fault: Observation | None = None
    try:
        async with tools.browser.driven_page(
            profile, deadline_seconds=seconds, target=job.target, storage_state=state
        ) as opened:
            await _open(opened, job, tools, made)
    except BrowserUnavailableError as exc:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, str(exc))
    except TimeoutError:
        fault = Observation.ended(Reason.FORM_NOT_READY, f"the page hung for {seconds:g} s")
    except Error as exc:
        fault = Observation.ended(*explain(exc))
    seen = fault or _observe(made, job.target)
    about = {**tools.browser.attributes(profile), **(FULL if made.full else {}), **_about_session(supplied, made)}
    return await _with_evidence(replace(seen, attributes={**seen.attributes, **about}), made, job, tools)


async def _open(opened: PlaywrightPage, job: Job, tools: Tools, made: _Opening) -> None:
    """Walk the journey, take the picture, then try how soon the form answers, which may change what it shows."""
    result = await open_form(opened, job, tools, recorder=made.recorder)
    if result.reason and not result.final_host:
        better = opened.set_up.line.explain(job.target.host)
        result = replace(result, reason=better[0], detail=better[1]) if better else result
    made.result = result
    if result.final_host and (made.full or shows_fault(_outcome(result))):
        made.evidence = await _picture(opened, tools, outlines=made.session is not None)
    if result.form and made.full:
        made.lively = await liveliness(opened)


def _outcome(result: JourneyResult) -> Outcome:
    return result.reason.outcome if result.reason else Outcome.OK


def _observe(made: _Opening, target: Target) -> Observation:
    result = made.result
    assert result is not None
    values: dict[str, float | None] = {"entry_seconds": result.entry_seconds}
    if result.form:
        values |= {
            "ready_seconds": result.form.ready_seconds,
            "first_field_seconds": result.form.first_field_seconds,
            "load_seconds": result.form.load_seconds,
            "fields": result.form.fields,
            "required_fields": result.form.required_fields,
            "typing_seconds": made.lively.typing_seconds,
            "choosing_seconds": made.lively.choosing_seconds,
        }
    if made.session and made.session.expires_at:
        values["session_expiry_timestamp_seconds"] = made.session.expires_at.timestamp()
    if target.host not in target.own_hosts:  # else the http kind sees it every minute
        values["certificate_expiry_timestamp_seconds"] = made.recorder.certificate_ends_at(target.host)
    idle = result.form.idle_seconds if result.form else 0.0
    attributes = {
        "met": result.met.value if result.met else "",
        "blocked_submits": str(len(result.stopped)),
        "draft_created": "1" if result.draft_created else "",
        "dialogs": str(result.questions) if result.questions else "",
        "scrolled_after_seconds": f"{idle:.1f}" if idle else "",
        "final_host": result.final_host,
        "step_seconds": json.dumps(
            {name: round(seconds, 3) for name, seconds in result.step_seconds.items()}, ensure_ascii=False
        ),
        "retry_after": result.retry_after,
    }
    return Observation.ended(
        result.reason,
        result.detail,
        page_kind=result.page_kind,
        values=_seen(values),
        attributes={name: value for name, value in attributes.items() if value},
    )


def _seen(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


def _about_session(supplied: LoginSession | None, made: _Opening) -> dict[str, str]:
    """Return what a login session that a person supplied had to do with it; nothing where there is none."""
    if supplied is None:
        return {}
    if made.session is None:
        return {"session": "expired"}
    refused = made.result is not None and made.result.reason is Reason.LOGIN_REQUIRED
    return {"session": "refused" if refused else "used"}


async def _with_evidence(seen: Observation, made: _Opening, job: Job, tools: Tools) -> Observation:
    """Add what the policy asks for; a failure has all that was recorded."""
    if not (made.full or shows_fault(seen.outcome)):
        return seen
    secrets = made.session.secrets if made.session else frozenset()
    recorded = await save_recording(
        made.recorder, tools.evidence, versions=tools.versions, secrets=secrets, own=known_hosts(job.target)
    )
    return replace(seen, evidence=made.evidence + recorded)


async def _picture(opened: PlaywrightPage, tools: Tools, *, outlines: bool) -> tuple[Evidence, ...]:
    """
    Save a picture of what stands there, with anything in its fields and any text of a person made unreadable.

    outlines: only where things stand, for a page that knows who is logged in shows more than can be told apart.
    """
    picture = await take_picture(opened.session, form=True, outlines=outlines)
    return await save_evidence(tools.evidence, "screenshot", picture.jpeg, "image/jpeg") if picture else ()
