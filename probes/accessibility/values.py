"""
The numbers of one examination: the score of the page, and of what is asked for by each set of rules and each need.

Points are lost by rules of WCAG 2.2, levels A and AA. Other findings (good practice, level AAA) are shown and cost nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from probes.accessibility.act import Played
from probes.accessibility.engine import AxeReport
from probes.accessibility.rules import all_rules
from probes.accessibility.score import RuleCount, score_by_need, score_by_set
from probes.accessibility.wcag import RuleSet, holds, rule_set

ASKED = RuleSet.WCAG22
"""What `score` and the numbers of rules are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One applicable rule: what counts of it, and whether a person must look at some place."""

    count: RuleCount
    doubtful: bool


def values(report: AxeReport, played: Sequence[Played]) -> dict[str, float]:
    """Return the numbers of one examination, as the kind declares them; scores that nothing speaks to are left out."""
    found = [*_of_engine(report), *_of_acts(played)]
    asked = [one for one in found if holds(ASKED, one.count.rule_set)]
    by_set = score_by_set(one.count for one in found)
    scores = {("score" if one is ASKED else f"score_{one}"): points for one, points in by_set.items()}
    scores |= {f"score_{need}": points for need, points in score_by_need(one.count for one in asked).items()}
    return scores | {
        "violations": float(sum(bool(one.count.failed) for one in asked)),
        "needs_review": float(sum(one.doubtful for one in asked)),
        "rules_tested": float(len(asked)),
        "rules_passed": float(sum(not one.count.failed and not one.doubtful for one in asked)),
    }


def _of_engine(report: AxeReport) -> Iterator[_Found]:
    for rule in report.rules:
        count = RuleCount(
            severity=rule.severity,
            passed=rule.passed,
            failed=rule.failed.count if rule.failed else 0,
            needs=rule.needs,
            rule_set=rule.rule_set,
            blocks=rule.blocks,
        )
        yield _Found(count=count, doubtful=rule.review is not None)


def _of_acts(played: Sequence[Played]) -> Iterator[_Found]:
    rules = all_rules()
    for verdict in (verdict for one in played for verdict in one.verdicts if verdict.applies):
        rule = rules[verdict.rule]
        count = RuleCount(
            severity=rule.impact,
            passed=verdict.passed,
            failed=len(verdict.failed),
            needs=rule.needs,
            rule_set=rule_set(rule.wcag),
            blocks=rule.blocks and bool(verdict.failed),
        )
        yield _Found(count=count, doubtful=bool(verdict.review))
