"""
How free of barriers a page is: one number that does not depend on the page's size, and the same for each kind of need.

Only places that were decided count. What a person must still look at costs nothing, and a rule with nothing to test says nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from probes.accessibility.barrier import Need
from probes.accessibility.wcag import RuleSet, holds

SEVERITIES: Mapping[str, float] = {"critical": 10.0, "serious": 7.0, "moderate": 3.0, "minor": 1.0}
"""Weight of a rule by its impact. Source: the weights Lighthouse gives its accessibility audits."""

PRESENCE_SHARE = 0.3
"""Part of a rule's weight lost by its barrier being there at all; the rest grows with how common it is."""

BLOCKED_AT_MOST = 40.0
"""What a page can have at most where somebody cannot end the task, however good its rest. Ours: no official source has a cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """
    Decided places of one rule on one page.

    severity: a key of SEVERITIES. passed, failed: numbers of places. needs: whom its barrier stops. rule_set: the first that
    holds the rule. blocks: a failed place keeps somebody from ending the task.
    """

    severity: str
    passed: int
    failed: int
    needs: frozenset[Need] = frozenset()
    rule_set: RuleSet = RuleSet.WCAG20
    blocks: bool = False


def score(rules: Iterable[RuleCount]) -> float | None:
    """
    Return how free of barriers a page is, 0..100, higher is better; None where no rule applied.

    Each rule loses severity x (0.3 + 0.7 x sqrt(failed / applicable)) of its severity once one place fails, so that a page is
    not judged by its size: the same barrier on 10 or 800 repeated cards gave 0.80 to 0.81. A barrier that ends the task leaves at
    most BLOCKED_AT_MOST. Source: docs of the project's own measurements; axe-core's makers give no score.
    """
    lost = total = 0.0
    most = 100.0
    for rule in rules:
        applicable = rule.passed + rule.failed
        if applicable == 0:
            continue
        severity = SEVERITIES[rule.severity]
        total += severity
        if rule.failed:
            lost += severity * (PRESENCE_SHARE + (1 - PRESENCE_SHARE) * sqrt(rule.failed / applicable))
            most = BLOCKED_AT_MOST if rule.blocks else most
    return min(most, 100.0 * max(0.0, 1 - lost / total)) if total else None


def score_by_need(rules: Iterable[RuleCount]) -> Mapping[Need, float]:
    """Return the score for each need, over the rules that concern it; a need that no applicable rule concerns is left out."""
    counted = list(rules)
    scores = {need: score(rule for rule in counted if need in rule.needs) for need in Need}
    return {need: points for need, points in scores.items() if points is not None}


def score_by_set(rules: Iterable[RuleCount]) -> Mapping[RuleSet, float]:
    """Return the score for each set, over the rules that it holds; a set without an applicable rule is left out."""
    counted = list(rules)
    scores = {wanted: score(rule for rule in counted if holds(wanted, rule.rule_set)) for wanted in RuleSet}
    return {wanted: points for wanted, points in scores.items() if points is not None}
