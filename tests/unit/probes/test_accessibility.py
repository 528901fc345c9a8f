"""The score, and what is made of an axe-core report."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.accessibility import SEVERITIES, RuleCount, criteria, findings, score
from probes.axe import AxeReport, Places, RuleResult
from thuocdo.model import FindingOutcome

counts = st.builds(
    RuleCount,
    severity=st.sampled_from(sorted(SEVERITIES)),
    passed=st.integers(0, 1000),
    failed=st.integers(0, 1000),
)


@settings(max_examples=50)
@given(st.lists(counts))
def test_score_is_between_0_and_100_or_not_there(rules: list[RuleCount]) -> None:
    points = score(rules)
    if any(rule.passed + rule.failed for rule in rules):
        assert points is not None
        assert 0 <= points <= 100
    else:
        assert points is None


@settings(max_examples=50)
@given(st.lists(counts), counts.filter(lambda rule: rule.passed + rule.failed > 0))
def test_one_more_barrier_never_raises_the_score(others: list[RuleCount], rule: RuleCount) -> None:
    worse = RuleCount(severity=rule.severity, passed=rule.passed, failed=rule.failed + 1)
    before, after = score([*others, rule]), score([*others, worse])
    assert before is not None
    assert after is not None
    assert after <= before + 1e-9


@settings(max_examples=50)
@given(st.lists(counts, min_size=1), st.sampled_from(sorted(SEVERITIES)))
def test_first_barrier_of_a_rule_never_raises_the_score(rules: list[RuleCount], severity: str) -> None:
    before, after = score(rules), score([*rules, RuleCount(severity=severity, passed=0, failed=1)])
    assert after is not None
    assert before is None or after <= before + 1e-9


@settings(max_examples=50)
@given(st.lists(counts), st.integers(1, 50))
def test_score_does_not_depend_on_how_often_the_page_repeats_itself(rules: list[RuleCount], times: int) -> None:
    repeated = [RuleCount(severity=r.severity, passed=r.passed * times, failed=r.failed * times) for r in rules]
    assert score(repeated) == (None if score(rules) is None else pytest.approx(score(rules)))


def test_score_follows_its_formula() -> None:
    rules = [
        RuleCount(severity="critical", passed=3, failed=1),  # loses 10 x (0.3 + 0.7 x 0.5) = 6.5
        RuleCount(severity="serious", passed=5, failed=0),
        RuleCount(severity="minor", passed=0, failed=0),  # nothing to test
    ]
    assert score(rules) == pytest.approx(100 * (1 - 6.5 / 17))


def test_criteria_are_read_from_tags() -> None:
    assert criteria(["cat.color", "wcag2aa", "wcag143", "wcag1410", "wcag21a", "ACT"]) == ("1.4.3", "1.4.10")


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
    found = findings(report)
    assert [(one.rule, one.outcome) for one in found] == [
        ("a", FindingOutcome.FAILED),
        ("b", FindingOutcome.FAILED),
        ("c", FindingOutcome.REVIEW),
    ]
    assert (found[0].count, len(found[0].nodes), found[0].wcag) == (80, 5, ("1.1.1",))
    node = found[0].nodes[0]
    assert len(node.snippet) == 300
    assert "Nguyễn" not in node.snippet
    assert "0912" not in node.message
