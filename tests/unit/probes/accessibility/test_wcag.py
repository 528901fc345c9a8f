from collections import Counter

import pytest

from probes.accessibility.wcag import CRITERIA, RuleSet, holds, rule_set


def test_every_criterion_of_wcag_2_2_has_its_level() -> None:
    assert Counter(level for level, _ in CRITERIA.values()) == {"A": 31, "AA": 24, "AAA": 31}
    assert Counter(version for _, version in CRITERIA.values()) == {"2.0": 60, "2.1": 17, "2.2": 9}


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (["1.1.1"], RuleSet.WCAG20),
        (["2.5.8"], RuleSet.WCAG22),
        (["1.4.12", "2.5.8"], RuleSet.WCAG21),
        (["1.4.6"], RuleSet.BEST_PRACTICE),  # AAA
        ([], RuleSet.BEST_PRACTICE),
        (["9.9.9"], RuleSet.BEST_PRACTICE),
    ],
)
def test_a_rule_belongs_to_the_first_version_that_asks_for_it(criteria: list[str], expected: RuleSet) -> None:
    assert rule_set(criteria) is expected


def test_a_later_set_holds_the_earlier_ones() -> None:
    assert holds(RuleSet.WCAG22, RuleSet.WCAG20)
    assert not holds(RuleSet.WCAG20, RuleSet.WCAG21)
    assert holds(RuleSet.BEST_PRACTICE, RuleSet.WCAG22)
