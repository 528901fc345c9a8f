"""How far a unit is with its goal, in whole numbers."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.declared.conftest import goal
from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.progress import GoalState, Share, months_between, needed, progress
from thuocdo.declared.units import GoalSide

ONLINE, STOCK = all_indicators().by_id["online_share"], all_indicators().by_id["full_share"]
OCTOBER = date(2026, 10, 1)


def shares(*pairs, first=date(2026, 1, 1)):
    months = months_between(first, date(2027, 12, 1))
    return {
        month: Share(numerator=one[0], denominator=one[1]) for month, one in zip(months, pairs, strict=False) if one
    }


@pytest.mark.parametrize(
    ("months", "month", "percent", "side", "state"),
    [
        ([(8, 10)], date(2026, 1, 1), 80, "at_least", GoalState.MET),
        ([(7, 10)], date(2026, 1, 1), 80, "at_least", GoalState.IN_TIME),
        ([(7, 10)] * 12, date(2026, 12, 1), 80, "at_least", GoalState.NOT_MET),
        ([(8, 10)] * 12, date(2026, 12, 1), 80, "at_least", GoalState.MET),
        ([(2, 10)], date(2026, 1, 1), 20, "at_most", GoalState.MET),
        ([(3, 10)], date(2026, 1, 1), 20, "at_most", GoalState.IN_TIME),
        ([(3, 10)] * 12, date(2026, 12, 1), 20, "at_most", GoalState.NOT_MET),
        ([(0, 0)] * 3, date(2026, 3, 1), 80, "at_least", GoalState.NOTHING_ARISEN),
        ([], OCTOBER, 80, "at_least", GoalState.NO_FIGURES),
        ([], date(2027, 3, 1), 80, "at_least", GoalState.NO_FIGURES),
    ],
)
def test_states(months, month, percent, side, state):
    asked = goal(percent=float(percent), side=GoalSide(side))
    assert progress(asked, ONLINE, shares(*months), month).state is state


def test_months_are_added_up_and_then_divided():
    found = progress(goal(), ONLINE, shares((1, 1), (0, 99)), date(2026, 2, 1))
    assert (found.total.numerator, found.total.denominator) == (1, 100)
    assert found.gap == pytest.approx(1 - 80)


def test_of_stock_the_newest_month_counts_and_nothing_is_still_needed():
    found = progress(goal(indicator="full_share"), STOCK, shares((10, 100), (50, 100)), date(2026, 2, 1))
    assert found.total.percent == 50.0
    assert found.needed is None


def test_months_without_figures_are_named_and_are_no_zero():
    found = progress(goal(), ONLINE, shares((80, 100), None, (80, 100)), date(2026, 3, 1))
    assert found.missing == (date(2026, 2, 1),)
    assert found.total.percent == 80.0


def test_months_before_the_goal_and_after_the_board_do_not_count():
    asked = goal(first=date(2026, 3, 15))
    found = progress(asked, ONLINE, shares((0, 100), (0, 100), (90, 100), (10, 100)), date(2026, 3, 1))
    assert found.total.percent == 90.0


def test_a_due_month_asks_for_nothing_more():
    assert progress(goal(), ONLINE, shares(*[(1, 10)] * 12), date(2026, 12, 1)).needed is None


def test_what_cannot_be_done_any_more_is_said():
    found = progress(goal(), ONLINE, shares(*[(0, 100)] * 11), date(2026, 11, 1))
    assert found.needed.of == 100
    assert not found.needed.is_possible


def test_a_share_of_few_is_thin():
    assert progress(goal(), ONLINE, shares((29, 29)), date(2026, 1, 1)).is_thin
    assert not progress(goal(), ONLINE, shares((30, 30)), date(2026, 1, 1)).is_thin


COUNTS = st.integers(0, 10_000).flatmap(lambda below: st.tuples(st.integers(0, below), st.just(below)))
WANTED = st.fractions(0, 1, max_denominator=1000)


@given(COUNTS, WANTED, st.integers(1, 10_000))
def test_what_is_needed_meets_a_least_share_and_one_file_less_does_not(so_far, wanted, coming):
    total = Share(numerator=so_far[0], denominator=so_far[1])
    found = needed(total, wanted, GoalSide.AT_LEAST, coming)
    assert Fraction(total.numerator + found.files, total.denominator + coming) >= wanted
    if found.files:
        assert Fraction(total.numerator + found.files - 1, total.denominator + coming) < wanted


@given(COUNTS, WANTED, st.integers(1, 10_000))
def test_what_is_allowed_keeps_a_most_share_and_one_file_more_does_not(so_far, wanted, coming):
    total = Share(numerator=so_far[0], denominator=so_far[1])
    found = needed(total, wanted, GoalSide.AT_MOST, coming)
    if found.is_possible:
        assert Fraction(total.numerator + found.files, total.denominator + coming) <= wanted
    if found.files < coming:
        assert Fraction(total.numerator + found.files + 1, total.denominator + coming) > wanted


@given(COUNTS, WANTED)
def test_nothing_is_asked_where_nothing_comes(so_far, wanted):
    total = Share(numerator=so_far[0], denominator=so_far[1])
    assert needed(total, wanted, GoalSide.AT_LEAST, 0) is None
