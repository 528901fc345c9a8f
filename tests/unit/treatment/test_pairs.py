"""Our visits beside a control's: each trick is found, and what happens to everybody is not."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from probes.identity.sketch import text_sketch
from thuocdo.core.model import Outcome, PageKind, Reason, TreatmentCause
from thuocdo.treatment.pairs import Pair, findings_of_pairs, pairs_of, sign_likelihood, surely
from thuocdo.treatment.visits import PageVisit

START = datetime(2026, 10, 1, tzinfo=UTC)
TEXT = text_sketch(" ".join(f"từ{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(400)))
OTHER = text_sketch(" ".join(f"khác{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(400)))


def visit(minutes, target="a.home", **values):
    about = {"outcome": Outcome.OK, "page_kind": PageKind.PORTAL, "host": "a.example", "sketch": TEXT}
    names = set(about) | {"reason"}
    kept = {name: values.pop(name) for name in list(values) if name in names}
    return PageVisit(target_id=target, at=START + timedelta(minutes=minutes), values=values, **about | kept)


def blocked(one):
    return replace(one, outcome=Outcome.INCONCLUSIVE, reason=Reason.BLOCKED, page_kind=PageKind.BLOCKED, values={})


def pairs(number=12, ours=None, control=None, target="a.home"):
    """Pairs a day apart: what ours and the control's are, by their number."""
    same = {"ttfb_seconds": 0.5, "load_seconds": 2.0, "transferred_bytes": 1e6, "requests": 50.0}
    return [
        Pair(
            ours=visit(1440 * n, target, **same | (ours or (lambda _: {}))(n)),
            control=visit(1440 * n + 6, target, **same | (control or (lambda _: {}))(n)),
        )
        for n in range(number)
    ]


def crowd(**more):
    """Other portals, that treat both alike; the control's line is a little longer."""
    found = {
        f"{name}.home": pairs(target=f"{name}.home", control=lambda n: {"ttfb_seconds": 0.6 + 0.01 * n})
        for name in "bcdef"
    }
    return found | more


def causes(found, target="a.home"):
    return [one.cause for one in found if one.target_id == target]


def test_each_of_ours_is_compared_once_and_none_that_failed_at_us():
    ours = [visit(0), visit(15), visit(30, outcome=Outcome.INCONCLUSIVE, reason=Reason.NO_CONNECTIVITY)]
    controls = [
        visit(6),
        visit(7),
        visit(33),
        visit(600),
        visit(14, outcome=Outcome.INCONCLUSIVE, reason=Reason.PROBER_SATURATED),
    ]
    found = pairs_of(ours, controls)["a.home"]
    assert [(one.ours.at, one.control.at) for one in found] == [
        (ours[0].at, controls[0].at),
        (ours[1].at, controls[1].at),
    ]


def test_a_longer_line_of_the_control_is_nobodys_treatment():
    assert findings_of_pairs(crowd(**{"a.home": pairs(control=lambda n: {"ttfb_seconds": 0.62})})) == []


def test_who_serves_us_faster_is_found():
    found = findings_of_pairs(crowd(**{"a.home": pairs(control=lambda n: {"load_seconds": 4.0})}))
    assert causes(found) == [TreatmentCause.FASTER_FOR_US]
    assert found[0].numbers["ratio"] == pytest.approx(2.0)
    assert found[0].numbers["pairs"] == 12


def test_who_serves_us_slower_is_left_alone():
    assert findings_of_pairs(crowd(**{"a.home": pairs(ours=lambda n: {"load_seconds": 9.0})})) == []


def test_of_few_portals_nothing_is_said_of_times():
    assert findings_of_pairs({"a.home": pairs(control=lambda n: {"load_seconds": 9.0})}) == []


def test_of_few_pairs_nothing_is_said():
    few = {name: some[:9] for name, some in crowd(**{"a.home": pairs(control=lambda n: {"load_seconds": 9.0})}).items()}
    assert findings_of_pairs(few) == []


def test_now_and_then_is_not_always():
    some = pairs(control=lambda n: {"load_seconds": 9.0 if n % 2 else 1.0})
    assert findings_of_pairs(crowd(**{"a.home": some})) == []


def test_a_lighter_page_for_us_is_found():
    found = findings_of_pairs({"a.home": pairs(control=lambda n: {"transferred_bytes": 2e6})})
    assert causes(found) == [TreatmentCause.LIGHTER_FOR_US]


def test_another_text_for_us_is_found():
    assert causes(findings_of_pairs({"a.home": pairs(control=lambda n: {"sketch": OTHER})})) == [
        TreatmentCause.OTHER_TEXT
    ]
    assert findings_of_pairs({"a.home": pairs(control=lambda n: {"sketch": OTHER if n < 2 else TEXT})}) == []


def test_a_page_that_is_never_the_same_for_anybody_is_left_alone():
    def shuffled(seed):
        return text_sketch(
            " ".join(f"{seed}w{chr(97 + (n * seed) % 26)}{chr(97 + n % 26)}" for n in range(300)).replace("1", "x")
        )

    some = pairs(ours=lambda n: {"sketch": shuffled(n + 2)}, control=lambda n: {"sketch": OTHER if n % 2 else TEXT})
    assert findings_of_pairs({"a.home": some}) == []


def test_who_turns_others_away_is_found_and_who_fails_for_both_is_not():
    turned = [Pair(ours=one.ours, control=blocked(one.control)) for one in pairs()]
    assert causes(findings_of_pairs({"a.home": turned})) == [TreatmentCause.OTHER_ANSWER]
    both = [Pair(ours=blocked(one.ours), control=blocked(one.control)) for one in pairs()]
    assert findings_of_pairs({"a.home": both}) == []
    mixed = [
        Pair(ours=one.ours, control=blocked(one.control))
        if n % 2
        else Pair(ours=blocked(one.ours), control=one.control)
        for n, one in enumerate(pairs())
    ]
    assert findings_of_pairs({"a.home": mixed}) == []


def test_who_sends_others_elsewhere_is_found():
    assert causes(findings_of_pairs({"a.home": pairs(control=lambda n: {"host": "b.example"})})) == [
        TreatmentCause.OTHER_ANSWER
    ]


@pytest.mark.parametrize(("positive", "number"), [(8, 10), (10, 10), (0, 10), (5, 9)])
def test_likelihoods_of_signs_are_those_of_coins(positive, number):
    truth = sum(math.comb(number, k) for k in range(positive, number + 1)) / 2**number
    assert sign_likelihood(positive, number) == pytest.approx(truth)


def test_of_many_the_list_is_cut():
    assert surely({"a": 0.01, "b": 0.02, "c": 0.5}) == {"a", "b"}
    assert surely({str(n): 0.04 for n in range(1)} | {f"x{n}": 0.9 for n in range(99)}) == set()
    assert surely({}) == set()
