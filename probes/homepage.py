"""
How a person meets the home page: in a browser, from the click to the settled page.

A wall, a notice or a maintenance page is recognised for what it is; its times are kept and never ranked as the portal's.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from playwright.async_api import Error

from probes.chromium.filmstrip import Filmstrip, Frame
from probes.chromium.filmstrip_image import MEDIA_TYPE, filmstrip_image
from probes.chromium.interaction import interaction_seconds
from probes.chromium.neterrors import explain
from probes.chromium.picture import SECONDS as PICTURE_SECONDS
from probes.chromium.picture import Picture, take_picture
from probes.chromium.recorder import Recorder
from probes.chromium.speed_index import speed_index
from probes.chromium.summary import summarise
from probes.chromium.tab import Tab
from probes.chromium.visit import VisitResult, visit
from probes.evidence import FULL, save_evidence, save_recording, shows_fault
from probes.identity.features import features_of, glance_at
from probes.identity.known_pages import KnownPages, Look
from probes.identity.sketch import text_sketch
from probes.identity.verdict import judge_identity
from probes.markup import title_of
from probes.page import Judgement
from probes.page_parts import PageParts
from probes.redaction import known_hosts
from probes.tools import Tools
from thuocdo.core import clock
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Evidence, Job, Observation, Outcome, Reason

MOST_COUNTED = 2 * 1024 * 1024
"""Characters of a page's source in which elements are counted."""

_ELEMENT, _LINK = re.compile(r"<[a-zA-Z]"), re.compile(r"<a\s", re.IGNORECASE)


@dataclass(slots=True, kw_only=True)
class _Visit:
    """
    One visit while it happens; what it came to know stays, however it ends.

    full: all evidence is taken. frames: of the filmstrip. picture: of what stood there at the end. latency_seconds: of a key
    press.
    """

    full: bool
    recorder: Recorder = field(default_factory=Recorder)
    sight: VisitResult | None = None
    frames: tuple[Frame, ...] = ()
    picture: Picture | None = None
    latency_seconds: float | None = None


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Visit the target once within the job's deadline.

    Returns:
        The observation; times are seconds since the visit began, by the browser's own clock. The Speed Index is there where
        all evidence was taken.

    """
    if tools.browser is None:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, "this agent has no browser; see `thuocdo doctor`")
    seconds, profile = job.deadline_seconds, tools.profiles[job.profile]
    fault: tuple[Reason, str] | None = None
    made = _Visit(full=tools.evidence_policy.takes_all(job))
    try:
        async with tools.browser.tab(profile, deadline_seconds=seconds, target=job.target) as tab:
            await _look(tab, job, made, seconds - PICTURE_SECONDS - 0.2, tools.known_pages)
    except BrowserUnavailableError as exc:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, str(exc))
    except TimeoutError:
        fault = Reason.TIMEOUT, f"the page did not end within {seconds:g} s"
    except Error as exc:
        fault = explain(exc)
    about = {**tools.browser.attributes(profile), **(FULL if made.full else {})}
    if made.sight and made.sight.parts:
        about |= await asyncio.to_thread(_sketched, made.sight.parts, job, tools)
    seen = await asyncio.to_thread(_observation, job, made, fault, about)
    return await _with_evidence(seen, made, job, tools)


async def _look(tab: Tab, job: Job, made: _Visit, seconds: float, known: KnownPages | None) -> None:
    """Visit, then look at what stands there: the picture first, since the key press may change it."""
    filmstrip = Filmstrip()
    await made.recorder.watch(tab.session, tab.set_up.line)
    if made.full:
        await filmstrip.start(tab.session)
    try:
        sight = made.sight = await visit(tab.session, job, seconds=seconds, line=tab.set_up.line)
    finally:
        made.frames = await filmstrip.stop()
    if known is not None and sight.parts is not None and sight.judgement.reason is None:
        judgement = await asyncio.to_thread(_identified, sight.judgement, sight.parts, job, known)
        sight = made.sight = replace(sight, judgement=judgement)
    fault = sight.judgement.reason
    if sight.attributes and (made.full or shows_fault(fault.outcome if fault else Outcome.OK)):
        made.picture = await take_picture(tab.session, form=False)
    if sight.page:
        made.latency_seconds = await interaction_seconds(tab, sight.page)


def _identified(judgement: Judgement, parts: PageParts, job: Job, known: KnownPages) -> Judgement:
    """Return the judgement on a page with regard to what is known of it."""
    title = title_of(parts.source)
    glance = glance_at(title, len(parts.text))
    look = Look(
        glance=glance,
        title=title,
        features=lambda: features_of(parts.source, parts.final_url, glance, parts.text),
    )
    return judge_identity(judgement, job, look, known, clock.now())


def _observation(job: Job, made: _Visit, fault: tuple[Reason, str] | None, about: Mapping[str, str]) -> Observation:
    """Return what was seen; fault: how the visit broke off, in which case only what was recorded until then is known."""
    summary = summarise(made.recorder, own_hosts={job.target.host, *job.target.own_hosts})
    sight = made.sight
    if fault or sight is None:
        reason, detail = fault or (Reason.INTERNAL_ERROR, "the visit ended without a sight")
        values = summary.values if made.recorder.exchanges else {}
        return Observation.ended(reason, detail, values=values, attributes=about)
    return Observation.ended(
        sight.judgement.reason,
        sight.judgement.detail,
        page_kind=sight.judgement.page_kind if sight.attributes else None,
        values={**sight.values, **summary.values, **_seen(made, sight), **_size(sight.parts)},
        attributes={**sight.attributes, **about},
    )


def _size(parts: PageParts | None) -> dict[str, float]:
    """Return how much there is on a page, in numbers by which a lighter one is noticed."""
    if parts is None:
        return {}
    return {
        "text_words": float(len(parts.text.split())),
        "links": float(len(_LINK.findall(parts.source, 0, MOST_COUNTED))),
        "elements": float(len(_ELEMENT.findall(parts.source, 0, MOST_COUNTED))),
    }


def _sketched(parts: PageParts, job: Job, tools: Tools) -> dict[str, str]:
    """Return what tells whether somebody else was shown the same text; none of its words can be read out of it."""
    sketch = tools.sketches.steady(job.target.id, text_sketch(parts.text))
    return {"text_sketch": sketch} if sketch else {}


def _seen(made: _Visit, sight: VisitResult) -> dict[str, float]:
    """Return what pictures and key press told."""
    values: dict[str, float] = {}
    if made.latency_seconds is not None:
        values["interaction_seconds"] = made.latency_seconds
    progress = speed_index(made.frames, sight.began_at) if sight.began_at and sight.page else None
    if progress:
        values |= {
            "speed_index_seconds": progress.speed_index_seconds,
            "visually_complete_seconds": progress.complete_seconds,
        }
    return values


async def _with_evidence(seen: Observation, made: _Visit, job: Job, tools: Tools) -> Observation:
    """Add what the visit's policy asks for; a failure has all that was recorded."""
    if not (made.full or shows_fault(seen.outcome)):
        return seen
    evidence: tuple[Evidence, ...] = ()
    if made.picture:
        evidence += await save_evidence(tools.evidence, "screenshot", made.picture.jpeg, MEDIA_TYPE)
        if tools.known_pages is not None and seen.reason in (None, Reason.NOT_THE_PORTAL):
            evidence += await asyncio.to_thread(tools.known_pages.pictured, job, evidence[-1])
    evidence += await save_recording(
        made.recorder, tools.evidence, versions=tools.versions, own=known_hosts(job.target)
    )
    if made.frames and made.sight and made.sight.began_at:
        strip = await asyncio.to_thread(filmstrip_image, made.frames, made.sight.began_at, made.picture)
        evidence += await save_evidence(tools.evidence, "filmstrip", strip, MEDIA_TYPE)
    return replace(seen, evidence=evidence)
