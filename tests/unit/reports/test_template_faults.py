from thuocdo.core.model import Finding, FindingNode, FindingOutcome
from thuocdo.reports.template_faults import faults


def finding(
    rule: str, selector: str, snippet: str = "", *, outcome: FindingOutcome = FindingOutcome.FAILED, count: int = 1
) -> Finding:
    return Finding(
        rule=rule,
        layer="engine",
        outcome=outcome,
        impact="serious",
        help="x",
        count=count,
        nodes=(FindingNode(selector=selector, snippet=snippet),),
    )


def test_the_same_place_on_forty_pages_is_one_fault_of_the_template() -> None:
    pages = {f"page{n}": [finding("image-alt", "header > img", count=2)] for n in range(40)}
    (fault,) = faults(pages)
    assert fault.is_in_template
    assert (len(fault.pages), fault.places) == (40, 80)


def test_markup_that_differs_by_numbers_and_values_only_is_the_same_fault() -> None:
    found = faults(
        {
            "a": [finding("label", "#x12", '<input id="x12" name="so-1">')],
            "b": [finding("label", "#y9", '<input id="y9" name="so-2">')],
        }
    )
    assert [(fault.is_in_template, fault.pages) for fault in found] == [(True, ("a", "b"))]


def test_markup_that_says_no_more_than_its_element_is_not_the_same_fault() -> None:
    bare = '<a href="…">…</a>'
    assert len(faults({"a": [finding("link-name", "#x", bare)], "b": [finding("link-name", "#y", bare)]})) == 2
    icon = '<a class="icon" href="…">…</a>'
    assert len(faults({"a": [finding("link-name", "#x", icon)], "b": [finding("link-name", "#y", icon)]})) == 1
    other = icon.replace("icon", "menu")
    assert len(faults({"a": [finding("link-name", "#x", icon)], "b": [finding("link-name", "#y", other)]})) == 2


def test_other_places_of_the_same_rule_are_faults_of_their_pages() -> None:
    found = faults(
        {
            "a": [finding("label", "#x", "<input>"), finding("image-alt", "img.logo")],
            "b": [finding("label", "#y", "<select>"), finding("image-alt", "img.logo")],
        }
    )
    assert [(fault.finding.rule, fault.pages) for fault in found] == [
        ("image-alt", ("a", "b")),
        ("label", ("a",)),
        ("label", ("b",)),
    ]


def test_what_is_for_review_is_no_fault() -> None:
    assert faults({"a": [finding("label", "#x", outcome=FindingOutcome.REVIEW)]}) == ()
