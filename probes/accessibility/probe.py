"""
What stands in the way of people with disabilities on a home page or an eForm.

The page is opened and comes to rest; then the engine looks at it (layer "engine"), and the acts do on it what a person does
(layer "person"). Barriers are findings; a page full of them is still measured well, so the outcome is ok.
"""

import asyncio
import json
import time
from dataclasses import asdict, dataclass, field

from playwright.async_api import Error

from probes.accessibility.act import Played, all_acts, play_all, read_all
from probes.accessibility.engine import AxeReport, run_axe
from probes.accessibility.findings import engine_findings, engine_node, person_findings
from probes.accessibility.opening import Opened, Opener
from probes.accessibility.stage import ActContext
from probes.accessibility.values import values
from probes.accessibility.world import WorldError
from probes.chromium.neterrors import explain
from probes.languages import make_ready
from probes.manners.politeness import is_loopback
from probes.redaction.errors import kept_error
from probes.tools import Tools
from thuocdo.core.errors import BrowserUnavailableError
from thuocdo.core.model import Evidence, Job, Observation, Reason, TargetRole

OPEN_RATIO = 0.4  # of the deadline may go into opening the page; the rest is for engine and acts
SPARE_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class _Examination:
    """One examination while it happens; what it came to know stays, however it ends."""

    opened: Opened | None = None
    frames_left_out: int = 0
    report: AxeReport | None = None
    played: list[Played] = field(default_factory=list)


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Open the page, let it settle, run axe-core on it, and play the acts.

    A page that is no portal page ends with the reasons of the homepage and eform kinds; a blank one, too, but what was found
    on it is told. When axe-core does not finish on a page that had answered before, or the page crashes under it, the work was
    too much for us: prober_saturated, never a fault of the portal. A page whose own scripts keep it busy does not answer
    before and ends with timeout. An act that does not end leaves its rules untested, and the rest stands.
    """
    if tools.browser is None:
        return Observation.ended(Reason.BROWSER_UNAVAILABLE, "this agent has no browser")
    made = _Examination()
    broken: Observation | None = None
    start = time.monotonic()
    try:
        async with Opener(job, tools, tools.browser) as opener:
            await _examine(opener, job, tools, made, until=start + job.deadline_seconds - SPARE_SECONDS)
    except BrowserUnavailableError as exc:
        broken = Observation.ended(Reason.BROWSER_UNAVAILABLE, str(exc))
    except WorldError as exc:
        broken = Observation.ended(Reason.INTERNAL_ERROR, f"our own script broke: {kept_error(str(exc))}")
    except (Error, TimeoutError) as exc:
        broken = _broken(exc, made)
    if made.report is None:
        return broken or _not_examined(made.opened)
    evidence = await asyncio.to_thread(_save, made.report, tools)
    return await _observation(made, evidence, tools)


async def _examine(opener: Opener, job: Job, tools: Tools, made: _Examination, *, until: float) -> None:
    make_ready()  # while the page comes
    made.opened = await opener.open(job.deadline_seconds * OPEN_RATIO)
    if not made.opened.is_there:
        return
    standing = await opener.standing()
    made.frames_left_out = standing.world.left_out
    made.report = await run_axe(standing.opened.page, standing.world, seconds=until - time.monotonic())
    is_ours = job.target.mandate is not None or is_loopback(job.target.host)
    stage = ActContext(
        standing=standing,
        reopen=opener.reopen,
        until=until,
        is_form=job.target.role is TargetRole.EFORM,
        may_try=is_ours,
        may_press=is_ours or job.target.portal_id not in tools.sessions,
    )
    await read_all(all_acts().values(), stage)
    await play_all(all_acts().values(), stage, made.played)


def _broken(exc: Error | TimeoutError, made: _Examination) -> Observation:
    reason, detail = explain(exc) if isinstance(exc, Error) else (Reason.TIMEOUT, "the page hung while it was opened")
    if made.opened and reason in (Reason.TIMEOUT, Reason.PAGE_CRASH):
        return Observation.ended(Reason.PROBER_SATURATED, "axe-core did not finish on a page that had loaded well")
    return Observation.ended(reason, detail)


def _save(report: AxeReport, tools: Tools) -> Evidence:
    """Store the engine's whole report, redacted, for whoever contests a finding."""
    document = asdict(report)
    for rule in document["rules"]:
        for places in (rule["failed"], rule["review"]):
            if places:
                places["places"] = [asdict(engine_node(place)) for place in places["places"]]
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return tools.evidence.save("axe", content, "application/json")


def _not_examined(opened: Opened | None) -> Observation:
    assert opened is not None
    return Observation.ended(
        opened.reason or Reason.INTERNAL_ERROR,
        opened.detail,
        page_kind=opened.page_kind,
        attributes=opened.attributes,
    )


async def _observation(made: _Examination, evidence: Evidence, tools: Tools) -> Observation:
    opened, report = made.opened, made.report
    assert opened is not None
    assert report is not None
    assert tools.browser is not None
    found, pictures = await asyncio.to_thread(person_findings, made.played, tools.evidence)
    verdicts = [verdict for played in made.played for verdict in played.verdicts]
    untested = {
        **dict.fromkeys((*report.inapplicable, *report.unfinished)),
        **{verdict.rule: None for verdict in verdicts if not verdict.applies},
        **{rule: None for played in made.played for rule in played.untested},
    }
    engine = [f"engine: time ({', '.join(report.unfinished)})"] if report.unfinished else []
    not_played = "; ".join([*engine, *(f"{played.act}: {played.why}" for played in made.played if played.why)])
    attributes = {
        **opened.attributes,
        "axe_version": report.version,
        "browser_version": tools.browser.version,
        **({"frames_left_out": str(made.frames_left_out)} if made.frames_left_out else {}),
        **({"unfinished_acts": not_played} if not_played else {}),
    }
    return Observation.ended(
        opened.reason,
        opened.detail,
        page_kind=opened.page_kind,
        values={} if opened.reason else values(report, made.played),
        attributes=attributes,
        findings=engine_findings(report) + found,
        tested=tuple(sorted({rule.id for rule in report.rules} | {v.rule for v in verdicts if v.applies})),
        not_testable=tuple(sorted(untested)),
        evidence=(evidence, *pictures),
    )
