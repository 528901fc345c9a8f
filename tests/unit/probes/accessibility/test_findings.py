"""What is made of an axe-core report."""

from dataclasses import replace

from probes.accessibility.engine import AxeReport, Places, RuleResult
from probes.accessibility.findings import engine_findings
from probes.accessibility.wcag import RuleSet
from thuocdo.core.model import FindingOutcome


def test_criteria_are_read_from_tags() -> None:
    tags = ("cat.color", "wcag2aa", "wcag143", "wcag1410", "wcag21a", "ACT")
    assert replace(_rule("a", "minor"), tags=tags).wcag == ("1.4.3", "1.4.10")


def test_what_the_engine_calls_experimental_is_no_duty() -> None:
    rule = _rule("a", "minor")
    assert rule.rule_set is RuleSet.WCAG20
    assert replace(rule, tags=("wcag134", "experimental")).rule_set is RuleSet.BEST_PRACTICE


def _rule(rule: str, severity: str, *, failed: int = 0, review: int = 0, passed: int = 0) -> RuleResult:
    place = {"selector": "#a", "snippet": '<input value="Nguyễn Văn A">' + "x" * 500, "message": "gọi 0912345678"}
    return RuleResult(
        id=rule,
        severity=severity,
        help="h",
        help_url="u",
        tags=("wcag111",),
        act=("23a2a8",),
        passed=passed,
        failed=Places(count=failed, impact=severity, places=(place,) * min(failed, 50)) if failed else None,
        review=Places(count=review, impact=severity, places=(place,) * min(review, 50)) if review else None,
    )


def test_findings_are_redacted_cut_and_ordered_gravest_first() -> None:
    report = AxeReport(
        version="4",
        rules=(
            _rule("b", "minor", failed=1),
            _rule("c", "critical", review=2),
            _rule("a", "serious", failed=80),
            _rule("d", "serious", passed=1),
        ),
        inapplicable=(),
    )
    found = engine_findings(report)
    assert [(one.rule, one.outcome) for one in found] == [
        ("a", FindingOutcome.FAILED),
        ("b", FindingOutcome.FAILED),
        ("c", FindingOutcome.REVIEW),
    ]
    assert (found[0].count, len(found[0].nodes), found[0].wcag) == (80, 5, ("1.1.1",))
    node = found[0].nodes[0]
    assert node.snippet == '<input value="…">…'
    assert "Nguyễn" not in node.snippet
    assert "0912" not in node.message
