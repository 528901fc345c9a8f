"""
The numbers of one examination: the score of the page, and of what is asked for by each set of rules and each need.

Points are lost by rules of WCAG 2.2, levels A and AA. Other findings (good practice, level AAA) are shown and cost nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from probes.accessibility.act import Played, all_acts
from probes.accessibility.barrier import Need
from probes.accessibility.engine import AxeReport
from probes.accessibility.score import RuleCount, score_by_need, score_by_set
from probes.accessibility.wcag import RuleSet, holds, rule_set
from probes.kind import Value

ASKED = RuleSet.WCAG22
"""What `score` and the numbers of rules are about."""

_WHOM: Mapping[Need, str] = {
    Need.NO_SIGHT: "people who do not see",
    Need.LOW_SIGHT: "people who see badly",
    Need.NO_COLOUR: "people who do not tell colours apart",
    Need.NO_HEARING: "people who do not hear",
    Need.HANDS: "people with limited use of their hands",
    Need.COGNITION: "people who read or remember with difficulty",
    Need.SEIZURES: "people with photosensitive seizures",
}

_SETS: Mapping[RuleSet, str] = {
    RuleSet.WCAG20: "WCAG 2.0, levels A and AA",
    RuleSet.WCAG21: "WCAG 2.1, levels A and AA",
    RuleSet.BEST_PRACTICE: "WCAG 2.2, level AAA and good practice included",
}

VALUES = (
    Value(name="score", help="How free of barriers the page is, 0 to 100; WCAG 2.2 A and AA; review costs nothing"),
    Value(name="violations", help="Rules that found at least one barrier"),
    Value(name="needs_review", help="Rules with places that a person must look at"),
    Value(name="rules_tested", help="Rules that found something to test", detail=True),
    Value(name="rules_passed", help="Rules that found no barrier and nothing to review", detail=True),
    *(Value(name=f"score_{one}", help=f"The score by {what}", detail=True) for one, what in _SETS.items()),
    *(
        Value(name=f"score_{need}", help=f"The score over the rules that concern {whom}", detail=True)
        for need, whom in _WHOM.items()
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One applicable rule: what counts of it, and whether a person must look at some place."""

    count: RuleCount
    doubtful: bool


def values(report: AxeReport, played: Sequence[Played]) -> dict[str, float]:
    """Return the numbers of one examination, named as VALUES; scores that nothing speaks to are left out."""
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
    rules = {rule.id: rule for act in all_acts().values() for rule in act.rules}
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
