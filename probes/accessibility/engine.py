"""
The engine: axe-core's rules, in our own world of the page and its own frames.

Its rules keep their ids; what they claim stands in advice/engine.yaml.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playwright.async_api import Page

from probes.accessibility.barrier import Need
from probes.accessibility.by_script import tell_axe
from probes.accessibility.scripts import script
from probes.accessibility.wcag import RuleSet, rule_set
from probes.accessibility.world import IsolatedWorld

PLACES_PER_RULE = 50

NARROW_PIXELS = 320
"""WCAG 1.4.10 asks for 320 CSS px: a page of 1,280 px at 400 %."""

LAYOUT_SECONDS = 0.1

LARGE_ELEMENTS = 4000
COSTLY = (("color-contrast", "color-contrast-enhanced"), ("target-size",), ("region",))
"""Rules whose cost grows faster than the page: 24 of 29 s on 10,000 elements. On a large page they come last, group by group."""

COSTLY_RATIO = 1.0
"""What a group costs at most, as a multiple of all other rules together."""

SHARE = 0.6
"""Part of the time after which no further group is begun."""

IMPACTS = ("minor", "moderate", "serious", "critical")

_CRITERION = re.compile(r"wcag(\d)(\d)(\d+)")

NAMELESS = frozenset({"label", "select-name", "aria-input-field-name", "aria-toggle-field-name"})
"""Rules whose barrier keeps somebody from ending the task where it is on a field that must be filled in."""

REPLACED: Mapping[str, str] = {
    "avoid-inline-spacing": "text-spacing-fixed",
    "label-content-name-mismatch": "label-not-in-name",
    "identical-links-same-purpose": "same-name-on-page-other-target",
    "p-as-heading": "looks-like-heading",
}
"""
Rules of axe-core that do not run, because a rule of ours says the same with fewer false alarms.

The last one also costs the square of the paragraphs in a row: 7 of 10 s on 2,670 of them.
"""

_MORE_ACT: Mapping[str, tuple[str, ...]] = {"summary-name": ("2t702h",), "list": ("bc4a75",)}
"""ACT rules that a rule of axe-core answers without saying so."""

_NEEDS: Mapping[str, frozenset[Need]] = {
    "cat.aria": frozenset({Need.NO_SIGHT}),
    "cat.color": frozenset({Need.LOW_SIGHT, Need.NO_COLOUR}),
    "cat.forms": frozenset({Need.NO_SIGHT, Need.COGNITION}),
    "cat.keyboard": frozenset({Need.NO_SIGHT, Need.HANDS}),
    "cat.language": frozenset({Need.NO_SIGHT}),
    "cat.name-role-value": frozenset({Need.NO_SIGHT, Need.HANDS}),
    "cat.parsing": frozenset({Need.NO_SIGHT}),
    "cat.semantics": frozenset({Need.NO_SIGHT}),
    "cat.sensory-and-visual-cues": frozenset({Need.LOW_SIGHT, Need.HANDS}),
    "cat.structure": frozenset({Need.NO_SIGHT}),
    "cat.tables": frozenset({Need.NO_SIGHT}),
    "cat.text-alternatives": frozenset({Need.NO_SIGHT}),
    "cat.time-and-media": frozenset({Need.NO_HEARING, Need.NO_SIGHT, Need.COGNITION}),
}
"""Whom a rule of axe-core's categories concerns; control by voice, which goes by names, is counted with the hands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """
    What one rule found with one outcome.

    places: the first of them (selector, snippet, message), not yet redacted. required: one of all is a field that must be filled
    in.
    """

    count: int
    impact: str
    places: tuple[Mapping[str, str], ...] = ()
    required: bool = False


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

    @property
    def wcag(self) -> tuple[str, ...]:
        """WCAG success criteria of axe-core's tags: wcag1410 -> 1.4.10; conformance levels (wcag2aa) name none."""
        return tuple(".".join(found.groups()) for tag in self.tags if (found := _CRITERION.fullmatch(tag)))

    @property
    def rule_set(self) -> RuleSet:
        """The set it belongs to; what axe-core calls experimental is good practice, whatever criterion it names."""
        return RuleSet.BEST_PRACTICE if "experimental" in self.tags else rule_set(self.wcag)

    @property
    def needs(self) -> frozenset[Need]:
        """Whom its barrier stops."""
        return frozenset().union(*(_NEEDS.get(tag, frozenset()) for tag in self.tags))

    @property
    def blocks(self) -> bool:
        """Whether one of its barriers keeps somebody from ending the task."""
        return self.id in NAMELESS and self.failed is not None and self.failed.required


@dataclass(frozen=True, slots=True, kw_only=True)
class AxeReport:
    """
    One run: version of axe-core, rules that found something to test, ids of those that did not.

    unfinished: ids of rules for which no time was left.
    """

    version: str
    rules: tuple[RuleResult, ...]
    inapplicable: tuple[str, ...]
    unfinished: tuple[str, ...] = ()


async def run_axe(page: Page, world: IsolatedWorld, *, seconds: float) -> AxeReport:
    """
    Run every rule that is neither deprecated nor REPLACED; then, NARROW_PIXELS wide, once more on what shows only there.

    Args:
        page: at rest; it gets its size back.
        world: of the page.
        seconds: for the run; measured 3 to 4 s on 2,700 elements of text.

    Raises:
        TimeoutError: not done in that time.
        WorldError: axe-core threw.
        Error: Playwright's, where the page is lost.

    """
    until = time.monotonic() + seconds
    async with asyncio.timeout(seconds):
        await tell_axe(world)
        report = await _run_wide(world, until=time.monotonic() + seconds * SHARE)
        size = page.viewport_size
        if size is None or size["width"] <= NARROW_PIXELS or (report.unfinished and time.monotonic() > until):
            return report
        try:
            await page.set_viewport_size({"width": NARROW_PIXELS, "height": size["height"]})
            await asyncio.sleep(LAYOUT_SECONDS)
            narrow = await _run(world, only_new=True)
        finally:
            await page.set_viewport_size(size)
        return merged(report, narrow) if narrow else report


async def _run_wide(world: IsolatedWorld, *, until: float) -> AxeReport:
    """Run on the page as it stands: at once, or, where it is large, its costly rules after all others while there is time."""
    if int(await world.ask("() => document.querySelectorAll('*').length")) <= LARGE_ELEMENTS:
        report = await _run(world)
        assert report is not None
        return report
    start = time.monotonic()
    report = await _run(world, without=tuple(rule for group in COSTLY for rule in group))
    assert report is not None
    took = time.monotonic() - start
    for group in COSTLY:
        more = await _run(world, only=group) if until - time.monotonic() > COSTLY_RATIO * took else None
        report = merged(report, more) if more else replace(report, unfinished=report.unfinished + group)
    return report


async def _run(
    world: IsolatedWorld, *, only: Sequence[str] | None = None, without: Sequence[str] = (), only_new: bool = False
) -> AxeReport | None:
    asked = {"places": PLACES_PER_RULE, "only": only, "without": [*REPLACED, *without], "onlyNew": only_new}
    raw = await world.ask(script("engine.js"), asked)
    return _parse(raw) if raw else None


def merged(one: AxeReport, other: AxeReport) -> AxeReport:
    """Return the report of a page with what another run found on other places, or by other rules."""
    by_id = {rule.id: rule for rule in one.rules}
    for rule in other.rules:
        before = by_id.get(rule.id)
        by_id[rule.id] = (
            rule
            if before is None
            else replace(
                before,
                passed=before.passed + rule.passed,
                failed=_both(before.failed, rule.failed),
                review=_both(before.review, rule.review),
            )
        )
    inapplicable = tuple(rule for rule in dict.fromkeys(one.inapplicable + other.inapplicable) if rule not in by_id)
    return replace(one, rules=tuple(by_id.values()), inapplicable=inapplicable)


def _both(one: Places | None, other: Places | None) -> Places | None:
    if one is None or other is None:
        return one or other
    return Places(
        count=one.count + other.count,
        impact=max(one.impact, other.impact, key=IMPACTS.index),
        places=(one.places + other.places)[:PLACES_PER_RULE],
        required=one.required or other.required,
    )


def _parse(raw: Mapping[str, Any]) -> AxeReport:
    rules = (
        RuleResult(
            id=rule["id"],
            severity=rule["severity"],
            help=rule["help"],
            help_url=rule["helpUrl"],
            tags=tuple(rule["tags"]),
            act=(*rule["act"], *_MORE_ACT.get(rule["id"], ())),
            passed=rule.get("passes", {}).get("count", 0),
            failed=_places(rule.get("violations")),
            review=_places(rule.get("incomplete")),
        )
        for rule in raw["rules"]
    )
    return AxeReport(version=raw["version"], rules=tuple(rules), inapplicable=tuple(raw["inapplicable"]))


def _places(raw: Mapping[str, Any] | None) -> Places | None:
    if raw is None:
        return None
    return Places(count=raw["count"], impact=raw["impact"], places=tuple(raw["places"]), required=raw["required"])
