import pytest

from probes.accessibility.engine import AxeReport, Places, RuleResult
from probes.accessibility.values import values
from thuocdo.core.kinds.kind import all_kinds


def rule(
    name: str, *tags: str, passed: int = 0, failed: int = 0, review: int = 0, required: bool = False
) -> RuleResult:
    return RuleResult(
        id=name,
        severity="serious",
        help="",
        help_url="",
        tags=tags,
        act=(),
        passed=passed,
        failed=Places(count=failed, impact="serious", required=required) if failed else None,
        review=Places(count=review, impact="serious") if review else None,
    )


def report(*rules: RuleResult) -> AxeReport:
    return AxeReport(version="4", rules=rules, inapplicable=())


def test_good_practice_and_level_aaa_are_shown_but_cost_nothing() -> None:
    fine = rule("a", "wcag111", passed=1)
    seen = values(report(fine, rule("b", "best-practice", failed=1), rule("c", "wcag146", failed=1)), [])
    assert (seen["score"], seen["violations"], seen["rules_tested"]) == (100, 0, 1)
    assert seen["score_best_practice"] == pytest.approx(100 / 3)


def test_a_criterion_of_a_later_version_costs_nothing_in_an_earlier_set() -> None:
    seen = values(report(rule("a", "wcag111", passed=1), rule("b", "wcag258", failed=1)), [])
    assert (seen["score_wcag20"], seen["score_wcag21"], seen["score"]) == (100, 100, 50)


def test_what_a_person_must_look_at_costs_nothing() -> None:
    seen = values(report(rule("a", "wcag111", passed=1), rule("b", "wcag143", review=3)), [])
    assert (seen["score"], seen["needs_review"], seen["rules_passed"]) == (100, 1, 1)


def test_a_required_field_without_a_name_caps_the_score_and_an_optional_one_does_not() -> None:
    others = [rule(f"r{number}", "wcag111", passed=9) for number in range(30)]
    capped = values(report(*others, rule("label", "cat.forms", "wcag412", passed=9, failed=1, required=True)), [])
    free = values(report(*others, rule("label", "cat.forms", "wcag412", passed=9, failed=1)), [])
    assert capped["score"] == 40
    assert free["score"] > 90


def test_every_number_is_one_that_the_kind_names() -> None:
    seen = values(report(rule("a", "wcag111", "cat.color", "cat.time-and-media", passed=1)), [])
    assert seen.keys() <= {value.name for value in all_kinds()["accessibility"].values}
    assert {"score_no_sight", "score_no_colour", "score_no_hearing"} <= seen.keys()
