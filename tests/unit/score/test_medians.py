from math import ceil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from thuocdo.score.medians import order_ranks, quantiles, ratios


def pieces(groups):
    """The values of each group, as a store gives them: in pieces."""
    return {name: [np.array(values[:1], dtype=float), np.array(values[1:])] for name, values in groups.items()}


@pytest.mark.parametrize("quantile", [0.5, 0.75])
@pytest.mark.parametrize("n", [1, 2, 5, 6, 9, 20, 57, 400])
def test_order_ranks_are_the_tightest_that_the_binomial_distribution_allows(n, quantile):
    lower, upper = order_ranks(n, quantile)
    assert 1 <= lower <= upper <= n
    assert lower == 1 or binom.cdf(lower - 1, n, quantile) <= 0.025
    assert binom.cdf(lower, n, quantile) > 0.025
    assert upper == n or binom.sf(upper - 1, n, quantile) <= 0.025
    assert binom.sf(upper - 2, n, quantile) > 0.025


def test_six_runs_are_the_fewest_whose_range_reaches_95_percent():
    assert 1 - 2 * 0.5**6 >= 0.95 > 1 - 2 * 0.5**5
    assert [order_ranks(n) for n in (5, 6, 9)] == [(1, 5), (1, 6), (2, 8)]


def test_hundred_thousand_runs_have_a_narrow_interval():
    lower, upper = order_ranks(100_000)
    assert (lower, upper) == (49_690, 50_311)


@pytest.mark.parametrize("n", [6, 11, 30])
def test_interval_covers_the_true_median_of_a_skewed_distribution_in_95_of_100_cases(n):
    rounds = 4000
    draws = np.random.default_rng(7).lognormal(mean=0.0, sigma=1.0, size=(rounds, n))  # true median: 1
    found = quantiles({number: [row] for number, row in enumerate(draws)}, 0.5)
    assert ((found["ci_low"] <= 1.0) & (found["ci_high"] >= 1.0)).mean() >= 0.945


def test_median_is_the_middle_run_or_the_mean_of_the_two():
    found = quantiles(pieces({"x": [3.0, 1.0, 2.0], "y": [4.0, 1.0, 2.0, 3.0]}), 0.5)
    assert found["value"].tolist() == [2.0, 2.5]
    assert found["ci_low"].tolist() == [1.0, 1.0]
    assert found["runs"].tolist() == [3, 4]


def test_median_needs_more_than_half_of_the_runs_to_end():
    found = quantiles(pieces({"x": [1.0, 2.0, np.inf], "y": [1.0, 2.0, np.inf, np.inf]}), 0.5)
    assert found["value"].tolist() == [2.0, np.inf]
    assert found["ci_high"].tolist() == [np.inf, np.inf]


def test_p75_is_the_smallest_run_at_or_above_three_quarters():
    assert quantiles(pieces({"x": [1.0, 2.0, 3.0, 4.0, 5.0]}), 0.75)["value"].tolist() == [4.0]


def test_ratio_interval_is_wilsons():
    rows = pd.DataFrame({"group": ["x", "y", "x"], "runs": [8, 3, 2], "success": [8, 3, 0]})
    found = ratios(rows, ["group"])
    assert found["value"].tolist() == [0.8, 1.0]
    assert found.loc["x", ["ci_low", "ci_high"]].tolist() == pytest.approx([0.4902, 0.9433], abs=1e-4)
    assert found.loc["y", ["ci_low", "ci_high"]].tolist() == pytest.approx([0.4385, 1.0], abs=1e-4)


def test_nothing_in_nothing_out():
    empty = pd.DataFrame(
        {"group": pd.Series(dtype=str)}
        | {"value": pd.Series(dtype=float), "runs": pd.Series(dtype=int), "success": pd.Series(dtype=int)}
    )
    assert quantiles({}, 0.5).empty
    assert quantiles({"x": []}, 0.5, above={"x": 0, "y": 0}, below={"z": 0}).empty
    assert ratios(empty, ["group"]).empty


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.tuples(st.lists(st.floats(0, 100), max_size=12), st.integers(0, 12), st.integers(0, 12)),
        min_size=1,
    ),
    st.sampled_from([0.5, 0.75]),
)
def test_further_runs_count_as_above_or_below_anything(groups, quantile):
    told = pieces({name: values for name, (values, _, _) in groups.items()})
    above = {name: number for name, (_, number, _) in groups.items()}
    below = {name: number for name, (_, _, number) in groups.items()}
    whole = pieces({name: [-np.inf] * less + values + [np.inf] * more for name, (values, more, less) in groups.items()})
    found = quantiles(told, quantile, above=above, below=below)
    ends = ["ci_low", "ci_high", "runs"]
    with np.errstate(invalid="ignore"):
        expected = quantiles(whole, quantile)
    pd.testing.assert_frame_equal(found[ends], expected[ends])
    for name, value in found["value"].items():
        ordered = sorted(np.concatenate(whole[name]))
        middle = [ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]]
        wanted = middle if quantile == 0.5 else [ordered[ceil(quantile * len(ordered)) - 1]]
        assert value == (-np.inf if wanted[0] == -np.inf else pytest.approx(sum(wanted) / len(wanted)))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.integers(0, 12))
def test_quantiles_are_those_of_sorted_runs(values, above):
    """By NumPy's own median, and by the order statistics of all runs in a row."""
    found = quantiles({1: [np.array(values)]}, 0.5, above={1: above}).loc[1]
    ordered = sorted(values) + [np.inf] * above
    lower, upper = order_ranks(len(ordered))
    assert (found["ci_low"], found["ci_high"]) == (ordered[lower - 1], ordered[upper - 1])
    assert found["value"] == pytest.approx(np.median(ordered))
    assert found["runs"] == len(ordered)


@pytest.mark.parametrize("quantile", [0.5, 0.75])
@pytest.mark.parametrize("n", [1_001, 9_999, 105_120])
def test_order_ranks_of_a_year_are_those_of_the_distribution(n, quantile):
    """Only the middle of the distribution is added up: SciPy adds up all of it."""
    lower, upper = order_ranks(n, quantile)
    assert binom.cdf(lower - 1, n, quantile) <= 0.025 < binom.cdf(lower, n, quantile)
    assert binom.sf(upper - 1, n, quantile) <= 0.025 < binom.sf(upper - 2, n, quantile)
