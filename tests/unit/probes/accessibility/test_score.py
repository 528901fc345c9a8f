import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.accessibility.barrier import Need
from probes.accessibility.score import BLOCKED_AT_MOST, SEVERITIES, RuleCount, score, score_by_need

counts = st.builds(
    RuleCount,
    severity=st.sampled_from(sorted(SEVERITIES)),
    passed=st.integers(0, 1000),
    failed=st.integers(0, 1000),
    needs=st.frozensets(st.sampled_from(Need)),
    blocks=st.booleans(),
)


def of(severity: str, *, passed: int = 0, failed: int = 0, needs: frozenset[Need] = frozenset()) -> RuleCount:
    return RuleCount(severity=severity, passed=passed, failed=failed, needs=needs)


def times(rule: RuleCount, number: int) -> RuleCount:
    return RuleCount(
        severity=rule.severity,
        passed=rule.passed * number,
        failed=rule.failed * number,
        needs=rule.needs,
        blocks=rule.blocks,
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
    worse = RuleCount(severity=rule.severity, passed=rule.passed, failed=rule.failed + 1, blocks=rule.blocks)
    before, after = score([*others, rule]), score([*others, worse])
    assert before is not None
    assert after is not None
    assert after <= before + 1e-9


@settings(max_examples=50)
@given(st.lists(counts, min_size=1), st.sampled_from(sorted(SEVERITIES)), st.booleans())
def test_first_barrier_of_a_rule_never_raises_the_score(rules: list[RuleCount], severity: str, blocks: bool) -> None:
    before = score(rules)
    after = score([*rules, RuleCount(severity=severity, passed=0, failed=1, blocks=blocks)])
    assert after is not None
    assert before is None or after <= before + 1e-9


@settings(max_examples=50)
@given(st.lists(counts), st.integers(1, 50))
def test_score_does_not_depend_on_how_often_the_page_repeats_itself(rules: list[RuleCount], number: int) -> None:
    repeated = [times(rule, number) for rule in rules]
    assert score(repeated) == (None if score(rules) is None else pytest.approx(score(rules)))


@settings(max_examples=50)
@given(st.lists(counts))
def test_a_barrier_that_ends_the_task_caps_the_score(rules: list[RuleCount]) -> None:
    points = score([*rules, RuleCount(severity="minor", passed=10_000, failed=1, blocks=True)])
    assert points is not None
    assert points <= BLOCKED_AT_MOST


@settings(max_examples=50)
@given(st.lists(counts))
def test_each_need_is_scored_by_the_rules_that_concern_it_alone(rules: list[RuleCount]) -> None:
    by_need = score_by_need(rules)
    for need in Need:
        assert by_need.get(need) == score(rule for rule in rules if need in rule.needs)


def test_score_follows_its_formula() -> None:
    rules = [
        of("critical", passed=3, failed=1),  # loses 10 x (0.3 + 0.7 x 0.5) = 6.5
        of("serious", passed=5),
        of("minor"),  # nothing to test
    ]
    assert score(rules) == pytest.approx(100 * (1 - 6.5 / 17))
