"""
How a person meets the home page: in a browser, from the click to the settled page.

A wall, a notice or a maintenance page is recognised for what it is; its times are kept and never ranked as the portal's.
"""

from playwright.async_api import Error

from probes.chromium.interaction import interaction_seconds
from probes.chromium.neterrors import explain
from probes.chromium.visit import SCREENSHOT_SECONDS, Sight, screenshot, visit
from probes.kind import Engine, Kind, Value
from probes.tools import Tools
from thuocdo.errors import BrowserUnavailableError
from thuocdo.model import Evidence, Job, Observation, Outcome, Reason, TargetRole


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Visit the target once within the job's deadline.

    Returns:
        The observation; times are seconds since the visit began, by the browser's own clock.

    """
    if tools.browser is None:
        return _lost(Reason.BROWSER_UNAVAILABLE, "this agent has no browser; see `thuocdo doctor`")
    seconds = job.deadline_seconds
    try:
        async with tools.browser.tab(tools.profiles[job.profile], deadline_seconds=seconds) as tab:
            sight = await visit(tab.session, job, seconds=seconds - SCREENSHOT_SECONDS - 0.2)
            evidence = await screenshot(tab.session, tools) if sight.attributes else ()
            latency = await interaction_seconds(tab.session, sight.page) if sight.page else None
    except BrowserUnavailableError as exc:
        return _lost(Reason.BROWSER_UNAVAILABLE, str(exc))
    except TimeoutError:
        return _lost(Reason.TIMEOUT, f"the page did not end within {seconds:g} s")
    except Error as exc:
        return _lost(*explain(exc))
    return _observation(sight, evidence, latency)


def _lost(reason: Reason, detail: str) -> Observation:
    return Observation(outcome=reason.outcome, reason=reason, detail=detail)


def _observation(sight: Sight, evidence: tuple[Evidence, ...], latency: float | None) -> Observation:
    reason = sight.judgement.reason
    return Observation(
        outcome=reason.outcome if reason else Outcome.OK,
        reason=reason,
        detail=sight.judgement.detail,
        page_kind=sight.judgement.page_kind if sight.attributes else None,
        values=sight.values if latency is None else {**sight.values, "interaction_seconds": latency},
        attributes=sight.attributes,
        evidence=evidence,
    )


KIND = Kind(
    name="homepage",
    help="The home page in a browser: paint, shift, blocking and load times, requests and bytes",
    engine=Engine.BROWSER,
    roles=frozenset({TargetRole.HOMEPAGE}),
    deadline_seconds=20.0,
    values=(
        Value(name="ttfb_seconds", help="Time to the first byte of the document"),
        Value(name="fcp_seconds", help="Time to the first content on the screen", paint=True),
        Value(name="lcp_seconds", help="Time to the largest content on the screen", paint=True),
        Value(name="cls_ratio", help="Worst session window of unexpected layout shifts", paint=True),
        Value(
            name="tbt_seconds",
            help="Time that tasks beyond 50 ms blocked the page, from first content until settled",
            paint=True,
        ),
        Value(name="longest_task_seconds", help="Longest single task; 0 = none over 50 ms", paint=True),
        Value(name="load_seconds", help="Time to the end of the load event", paint=True),
        Value(
            name="interaction_seconds",
            help="Time from a key press on the settled page until the next frame",
            paint=True,
        ),
        Value(name="transferred_bytes", help="Bytes received by all frames, as transferred"),
        Value(name="requests", help="Requests sent by all frames, redirects counted each"),
        Value(name="failed_requests", help="Requests that broke or were answered with 4xx or 5xx"),
    ),
    probe=probe,
)
