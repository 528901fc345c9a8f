"""
Runs axe-core on a page, in an isolated world.

There the page's own scripts cannot break it (patched prototypes, a loader that swallows modules, an axe of their own), and no
content-security policy applies. Third parties' frames are left alone: they are not the agency's to mend.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import CDPSession, Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
PLACES_PER_RULE = 50
_WORLD = "thuocdo-axe"
_INHERITED_ORIGIN = "://"  # Chromium's way to say about:blank and srcdoc, which belong to their parent


class AxeError(Exception):
    """axe-core itself broke; caught by the accessibility probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What one rule found with one outcome. places: the first of them (selector, snippet, message), not yet redacted."""

    count: int
    impact: str
    places: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """
    What one applicable rule said.

    severity: the rule's own impact, whatever it found (minor, moderate, serious, critical). passed: places in order.
    """

    id: str
    severity: str
    help: str
    help_url: str
    tags: tuple[str, ...]
    act: tuple[str, ...]
    passed: int
    failed: Places | None
    review: Places | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AxeReport:
    """One run: version of axe-core, rules that found something to test, ids of those that did not."""

    version: str
    rules: tuple[RuleResult, ...]
    inapplicable: tuple[str, ...]


async def run_axe(page: Page, *, seconds: float) -> AxeReport:
    """
    Run the WCAG 2.0 to 2.2 A and AA rules on the page and its own frames.

    Args:
        page: loaded and at rest.
        seconds: for injection and run together; measured 1 s on 2,700 elements.

    Raises:
        TimeoutError: not done in that time.
        AxeError: axe-core threw.
        Error: Playwright's, where the page is lost.

    """
    async with asyncio.timeout(seconds):
        session = await page.context.new_cdp_session(page)
        tree = (await session.send("Page.getFrameTree"))["frameTree"]
        own = list(_own_frames(tree, tree["frame"]["securityOrigin"]))
        worlds = [await _inject(session, frame) for frame in own]
        options = json.dumps({"tags": TAGS, "places": PLACES_PER_RULE})
        raw = await _evaluate(session, worlds[0], f"({_report_script()})({options})")
    return _parse(json.loads(raw))


def _own_frames(tree: Mapping[str, Any], origin: str) -> Iterator[str]:
    """Yield the ids of the main frame and of all frames under it that belong to the same origin."""
    if tree["frame"]["securityOrigin"] not in (origin, _INHERITED_ORIGIN):
        return
    yield tree["frame"]["id"]
    for child in tree.get("childFrames", ()):
        yield from _own_frames(child, origin)


async def _inject(session: CDPSession, frame: str) -> int:
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": _WORLD})
    context = int(world["executionContextId"])
    await _evaluate(session, context, f"{_axe_source()};''")
    return context


async def _evaluate(session: CDPSession, context: int, expression: str) -> str:
    answer = await session.send(
        "Runtime.evaluate",
        {"contextId": context, "expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    if "exceptionDetails" in answer:
        details = answer["exceptionDetails"]
        raise AxeError(str(details.get("exception", {}).get("description", details["text"])).splitlines()[0])
    return str(answer["result"]["value"])


def _parse(raw: Mapping[str, Any]) -> AxeReport:
    rules = (
        RuleResult(
            id=rule["id"],
            severity=rule["severity"],
            help=rule["help"],
            help_url=rule["helpUrl"],
            tags=tuple(rule["tags"]),
            act=tuple(rule["act"]),
            passed=rule.get("passes", {}).get("count", 0),
            failed=_places(rule.get("violations")),
            review=_places(rule.get("incomplete")),
        )
        for rule in raw["rules"]
    )
    return AxeReport(version=raw["version"], rules=tuple(rules), inapplicable=tuple(raw["inapplicable"]))


def _places(raw: Mapping[str, Any] | None) -> Places | None:
    return Places(count=raw["count"], impact=raw["impact"], places=tuple(raw["places"])) if raw else None


@cache
def _axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@cache
def _report_script() -> str:
    return (files("probes") / "axe_report.js").read_text(encoding="utf-8")
