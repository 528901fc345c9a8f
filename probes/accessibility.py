"""
What stands in the way of people with disabilities on a home page or an eForm, as far as an engine can tell.

Barriers are findings; a page full of them is still measured well, so the outcome is ok. Layer "engine" is axe-core; probes that
act like a person come as further layers.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from math import sqrt

from playwright.async_api import Error, Page

from probes.axe import AxeError, AxeReport, Places, RuleResult, run_axe
from probes.chromium.neterrors import explain
from probes.chromium.visit import visit
from probes.journeys.journey import open_form
from probes.kind import Engine, Kind, Value
from probes.redaction import redact_markup
from probes.tools import Tools
from thuocdo.errors import BrowserUnavailableError
from thuocdo.model import (
    Evidence,
    Finding,
    FindingNode,
    FindingOutcome,
    Job,
    Observation,
    Outcome,
    PageKind,
    Reason,
    TargetRole,
)

SHOWN_PLACES = 5
SNIPPET_CHARACTERS = 300
OPEN_RATIO = 0.5  # of the deadline may go into opening the page; the rest is axe-core's
SPARE_SECONDS = 1.0

SEVERITIES: Mapping[str, float] = {"critical": 10.0, "serious": 7.0, "moderate": 3.0, "minor": 1.0}
"""Weight of a rule by its impact. Source: the weights Lighthouse gives its accessibility audits."""

PRESENCE_SHARE = 0.3
"""Part of a rule's weight lost by its barrier being there at all; the rest grows with how common it is."""

_CRITERION = re.compile(r"wcag(\d)(\d)(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """Decided places of one rule on one page. severity: a key of SEVERITIES; passed, failed: numbers of places."""

    severity: str
    passed: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """How opening the page went; reason None = it stands there to be examined."""

    reason: Reason | None
    detail: str
    page_kind: PageKind | None
    attributes: Mapping[str, str]


def score(rules: Iterable[RuleCount]) -> float | None:
    """
    Return how free of barriers a page is, 0..100, higher is better; None where no rule applied.

    Each rule loses severity x (0.3 + 0.7 x sqrt(failed / applicable)) of its severity once one place fails, so that a page is
    not judged by its size: the same barrier on 10 or 800 repeated cards gave 0.80 to 0.81. Places that need a person's review
    are not counted at all, neither as barriers nor as passed. Source: docs of the project's own measurements; axe-core's
    makers give no score.
    """
    lost = total = 0.0
    for rule in rules:
        applicable = rule.passed + rule.failed
        if applicable == 0:
            continue
        severity = SEVERITIES[rule.severity]
        total += severity
        if rule.failed:
            lost += severity * (PRESENCE_SHARE + (1 - PRESENCE_SHARE) * sqrt(rule.failed / applicable))
    return 100.0 * max(0.0, 1 - lost / total) if total else None


async def probe(job: Job, tools: Tools) -> Observation:
    """
    Open the page, let it settle, and run axe-core on it.

    A page that is no portal page ends with the reasons of the homepage and eform kinds. When axe-core does not finish on a
    page that had answered before, or the page crashes under it, the work was too much for us: prober_saturated, never a
    fault of the portal. A page whose own scripts keep it busy does not answer before and ends with timeout.
    """
    if tools.browser is None:
        return _unmeasured(Reason.BROWSER_UNAVAILABLE, "this agent has no browser")
    opened: _Opened | None = None
    start = time.monotonic()
    try:
        async with tools.browser.page(tools.profiles[job.profile], deadline_seconds=job.deadline_seconds) as page:
            opened = await _open(page, job, tools)
            if opened.reason:
                return _observation(opened)
            spent = time.monotonic() - start
            report = await run_axe(page, seconds=job.deadline_seconds - spent - SPARE_SECONDS)
    except BrowserUnavailableError as exc:
        return _unmeasured(Reason.BROWSER_UNAVAILABLE, str(exc))
    except AxeError as exc:
        return _unmeasured(Reason.INTERNAL_ERROR, f"axe-core broke: {exc}")
    except (Error, TimeoutError) as exc:
        reason, detail = (
            explain(exc) if isinstance(exc, Error) else (Reason.TIMEOUT, "the page hung while it was opened")
        )
        if opened and reason in (Reason.TIMEOUT, Reason.PAGE_CRASH):
            return _unmeasured(Reason.PROBER_SATURATED, "axe-core did not finish on a page that had loaded well")
        return _unmeasured(reason, detail)
    evidence = await asyncio.to_thread(_save, report, tools)
    return _observation(opened, report, evidence, browser_version=tools.browser.version)


async def _open(page: Page, job: Job, tools: Tools) -> _Opened:
    seconds = job.deadline_seconds * OPEN_RATIO
    if job.target.role is TargetRole.EFORM:
        form = await open_form(page, replace(job, deadline_seconds=seconds), tools)
        attributes = {"final_host": form.final_host, "retry_after": form.retry_after}
        seen = {name: value for name, value in attributes.items() if value}
        return _Opened(reason=form.reason, detail=form.detail, page_kind=form.page_kind, attributes=seen)
    sight = await visit(await page.context.new_cdp_session(page), job, seconds=seconds)
    judgement = sight.judgement
    kind = judgement.page_kind if sight.attributes else None
    return _Opened(reason=judgement.reason, detail=judgement.detail, page_kind=kind, attributes=sight.attributes)


def findings(report: AxeReport) -> tuple[Finding, ...]:
    """Return what the engine found, redacted: barriers first, then what a person must look at; the gravest first."""
    found = [
        _finding(rule, places, outcome)
        for outcome, of in ((FindingOutcome.FAILED, "failed"), (FindingOutcome.REVIEW, "review"))
        for rule in report.rules
        if (places := getattr(rule, of))
    ]
    return tuple(
        sorted(found, key=lambda one: (one.outcome is FindingOutcome.REVIEW, -SEVERITIES[one.impact], one.rule))
    )


def criteria(tags: Iterable[str]) -> tuple[str, ...]:
    """Return WCAG success criteria of axe-core's tags: wcag1410 -> 1.4.10; conformance levels (wcag2aa) name none."""
    return tuple(".".join(found.groups()) for tag in tags if (found := _CRITERION.fullmatch(tag)))


def _finding(rule: RuleResult, places: Places, outcome: FindingOutcome) -> Finding:
    return Finding(
        rule=rule.id,
        layer="engine",
        outcome=outcome,
        impact=places.impact,
        help=rule.help,
        wcag=criteria(rule.tags),
        act=rule.act,
        count=places.count,
        nodes=tuple(_node(place) for place in places.places[:SHOWN_PLACES]),
        help_url=rule.help_url,
    )


def _node(place: Mapping[str, str]) -> FindingNode:
    clean = {name: " ".join(redact_markup(text).split())[:SNIPPET_CHARACTERS] for name, text in place.items()}
    return FindingNode(selector=clean["selector"], snippet=clean["snippet"], message=clean["message"])


def _save(report: AxeReport, tools: Tools) -> Evidence:
    """Store the whole report, redacted, for whoever contests a finding."""
    document = asdict(report)
    for rule in document["rules"]:
        for places in (rule["failed"], rule["review"]):
            if places:
                places["places"] = [asdict(_node(place)) for place in places["places"]]
    content = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return tools.evidence.save("axe", content, "application/json")


def _unmeasured(reason: Reason, detail: str) -> Observation:
    return Observation(outcome=reason.outcome, reason=reason, detail=detail)


def _observation(
    opened: _Opened, report: AxeReport | None = None, evidence: Evidence | None = None, browser_version: str = ""
) -> Observation:
    if report is None:
        return replace(
            _unmeasured(opened.reason or Reason.INTERNAL_ERROR, opened.detail),
            page_kind=opened.page_kind,
            attributes=opened.attributes,
        )
    return Observation(
        outcome=Outcome.OK,
        detail=opened.detail,
        page_kind=opened.page_kind,
        values=_values(report),
        attributes={**opened.attributes, "axe_version": report.version, "browser_version": browser_version},
        findings=findings(report),
        tested=tuple(sorted(rule.id for rule in report.rules)),
        not_testable=tuple(sorted(report.inapplicable)),
        evidence=(evidence,) if evidence else (),
    )


def _values(report: AxeReport) -> dict[str, float]:
    counts = (
        RuleCount(severity=rule.severity, passed=rule.passed, failed=rule.failed.count if rule.failed else 0)
        for rule in report.rules
    )
    values = {
        "violations": float(sum(1 for rule in report.rules if rule.failed)),
        "needs_review": float(sum(1 for rule in report.rules if rule.review)),
        "rules_tested": float(len(report.rules)),
        "rules_passed": float(sum(1 for rule in report.rules if not rule.failed and not rule.review)),
    }
    total = score(counts)
    return values if total is None else {"score": total, **values}


KIND = Kind(
    name="accessibility",
    help="Barriers for people with disabilities: WCAG 2.0 to 2.2, A and AA, as far as axe-core can tell",
    engine=Engine.BROWSER,
    roles=frozenset({TargetRole.HOMEPAGE, TargetRole.EFORM}),
    deadline_seconds=45.0,
    values=(
        Value(name="score", help="How free of barriers the page is, 0 to 100; review costs nothing"),
        Value(name="violations", help="Rules that found at least one barrier"),
        Value(name="needs_review", help="Rules with places that a person must look at"),
        Value(name="rules_tested", help="Rules that found something to test"),
        Value(name="rules_passed", help="Rules that found no barrier and nothing to review"),
    ),
    timed=False,
    probe=probe,
)
