"""
One visit of a page with our collector in it: go there, wait until it has settled, read once.

Nothing is intercepted on the way (`page.route` costs three quarters of the load time), and `networkidle` is never waited for: a
page that polls never gets there.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.lacking import why_not_come
from probes.chromium.line import LineProxy
from probes.chromium.navigation import Navigation
from probes.chromium.neterrors import EMPTY_ERROR_ANSWER, explain, net_error, reason_of
from probes.chromium.settling import PageReading, Settling, parts_of
from probes.chromium.traffic import Traffic
from probes.page import Judgement, judge_home
from probes.page_parts import PageParts
from probes.redaction import known_hosts, redact_url
from probes.redaction.headers import kept_protocol, kept_retry_after
from thuocdo.core.model import Job, PageKind, Reason, Target

READ_SECONDS = 1.5

_NO_PAGE = frozenset({204, 205})
_TIMES = {"ttfb": "ttfb_seconds", "fcp": "fcp_seconds", "lcp": "lcp_seconds", "load": "load_seconds"}
_DURATIONS = {"tbt": "tbt_seconds", "longestTask": "longest_task_seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult:
    """
    What a visit saw.

    judgement: what the page is; its reason is None where it is a portal's page, loaded in time. values: named as the homepage
    kind names them. page: where it answered our reading, so that it can be looked at further. parts: of the document that was
    read. began_at: unix time of the first request.
    """

    judgement: Judgement
    values: Mapping[str, float]
    attributes: Mapping[str, str] = field(default_factory=dict)
    page: Navigation | None = None
    parts: PageParts | None = None
    began_at: float | None = None


async def visit(session: CdpSession, job: Job, *, seconds: float, line: LineProxy | None = None) -> VisitResult:
    """
    Go to the job's target and read what came.

    Args:
        session: of a fresh page of probes.chromium.browser.
        job: its target's address and expectations.
        seconds: for everything; the load event must come READ_SECONDS earlier.
        line: that the page's requests take; it knows better than the browser why a host did not answer.

    Raises:
        Error: Playwright's own, where page or browser are lost.

    """
    loop = asyncio.get_running_loop()
    traffic = Traffic()
    navigation = Navigation(session)
    reading: PageReading | None = None
    fault: tuple[Reason, str] | None = None
    await asyncio.gather(navigation.prepare(), traffic.watch(session))
    try:
        async with asyncio.timeout(seconds) as limit:
            traffic.on_hopeless = lambda: limit.reschedule(loop.time())
            await navigation.go(job.target.url)
            settling = Settling(session, navigation, traffic, job.target, loop.time() + seconds - READ_SECONDS, line)
            reading, loaded = await settling.read()
            if navigation.unreachable:
                fault = _why_not_shown(navigation, traffic, line)
            elif not loaded:
                fault = _why_late(traffic, seconds)
    except TimeoutError:
        fault = _why_late(traffic, seconds)
    except Error as exc:
        if not net_error(exc):
            raise
        if traffic.answer and traffic.answer.status in _NO_PAGE:
            fault = Reason.CONTENT_MISMATCH, f"answered with status {traffic.answer.status}, which is no page"
            traffic.answer = None
        elif net_error(exc) != EMPTY_ERROR_ANSWER:
            traffic.answer = None  # whatever answered, it gave no document to judge
        if traffic.answer is None and fault is None:
            fault = explain(exc)
    finally:
        traffic.on_hopeless = None
    if fault and traffic.answer is None and line:
        fault = line.explain(traffic.document_host or job.target.host) or fault
    return _sight(job.target, navigation, traffic, reading, fault)


def _why_late(traffic: Traffic, seconds: float) -> tuple[Reason, str]:
    if traffic.too_large:
        return Reason.TOO_LARGE, f"over {traffic.transferred_bytes / 1024**2:.0f} MiB and still loading"
    if traffic.broken_off:
        name = traffic.broken_off.removeprefix("net::")
        return reason_of(name), f"the document broke off in the middle: the browser says {name}"
    if traffic.answer is None:
        return Reason.TIMEOUT, f"no answer within {seconds:g} s"
    if traffic.in_flight:
        return Reason.TIMEOUT, f"not loaded within {seconds:g} s: {traffic.in_flight} requests still open"
    return Reason.TIMEOUT, f"not loaded within {seconds:g} s: the page's own scripts kept it busy"


def _why_not_shown(navigation: Navigation, traffic: Traffic, line: LineProxy | None) -> tuple[Reason, str]:
    """Return why the document that the page went on to did not come."""
    host = urlsplit(navigation.unreachable).hostname or ""
    reason, detail = why_not_come(traffic.errors.get(navigation.shown, ""), host, line)
    return reason, f"the page went on to what did not come: {detail}"


def _sight(
    target: Target,
    navigation: Navigation,
    traffic: Traffic,
    reading: PageReading | None,
    fault: tuple[Reason, str] | None,
) -> VisitResult:
    values = {
        "requests": float(traffic.requests),
        "failed_requests": float(traffic.failed_requests),
        "transferred_bytes": float(traffic.transferred_bytes),
    }
    attributes: dict[str, str] = {}
    judgement = Judgement(page_kind=PageKind.PORTAL)
    if traffic.answer:
        parts = reading.parts if reading else parts_of(traffic, None)
        if navigation.unreachable:
            parts = replace(parts, final_url=navigation.unreachable)
        attributes |= {
            "final_url": redact_url(parts.final_url, known_hosts(target)),
            "protocol": kept_protocol(traffic.answer.protocol),
        }
        if reading:
            judgement = _judgement(reading)
        elif navigation.unreachable or not fault:
            judgement = judge_home(parts, target)
        if judgement.reason is Reason.BLOCKED:
            attributes["retry_after"] = kept_retry_after(parts.headers.get("Retry-After", ""))
    if reading:
        values |= _seconds(reading.told, traffic)
    if traffic.line_lost and judgement.reason is Reason.CONTENT_MISMATCH:
        fault = Reason.NO_CONNECTIVITY, f"this machine's network went or changed meanwhile ({judgement.detail})"
        judgement = Judgement(page_kind=judgement.page_kind)
    if fault and not judgement.reason:
        judgement = Judgement(page_kind=judgement.page_kind, reason=fault[0], detail=fault[1])
    return VisitResult(
        judgement=judgement,
        values=values,
        attributes=attributes,
        page=navigation if reading else None,
        parts=reading.parts if reading else None,
        began_at=traffic.started_at,
    )


def _judgement(reading: PageReading) -> Judgement:
    if reading.judgement.reason or not reading.lack:
        return reading.judgement
    return Judgement(page_kind=PageKind.PORTAL, reason=reading.lack[0], detail=reading.lack[1])


def _seconds(reading: Mapping[str, Any], traffic: Traffic) -> dict[str, float]:
    """Return the collector's values in seconds since the visit began, not since the last of several documents did."""
    before = 0.0
    if traffic.documents > 1 and traffic.started_at is not None:
        before = traffic.seconds_before(reading["timeOrigin"] / 1000)
    seen = {name: value for name, value in reading["values"].items() if value is not None}
    values = {_TIMES[name]: before + value / 1000 for name, value in seen.items() if name in _TIMES}
    values |= {_DURATIONS[name]: value / 1000 for name, value in seen.items() if name in _DURATIONS}
    if "cls" in seen:
        values["cls_ratio"] = float(seen["cls"])
    return values
