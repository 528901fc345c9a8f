"""Places told from loads in the same blocks of time: by hand where that can be, by known truths where not."""

import numpy as np
import pytest
from scipy.stats import norm, trim_mean
from scipy.stats import t as student

from thuocdo.score.noise import Noise, estimated, grid, simulated, unseen_by_draws
from thuocdo.score.rank_sets import (
    by_student,
    drawn_blocks,
    levelled,
    rank_sets,
    typical,
    widening,
)

ONCE = np.ones((1, 7), dtype=np.int64)
NOISE = Noise(run=0.1, hour=0.06, day=0.03)


def generator(seed=1):
    return np.random.Generator(np.random.PCG64(seed))


def told(seconds, days, seed=1):
    values = levelled(seconds)
    estimates = typical(values, np.ones((1, len(days)), dtype=np.int64))[0]
    drawn = typical(values, drawn_blocks(days, seed, draws=400))
    return rank_sets(estimates, drawn, days=days)


def test_what_all_share_in_a_block_is_taken_off():
    levels = np.array([[1.0], [2.0], [4.0]])
    shared = np.array([[1.0, 1.5, 3.0, 0.5]])
    values = levelled(levels * shared)
    assert values == pytest.approx(np.log(levels) - np.log(2.0) + np.zeros((1, 4)))


def test_a_load_that_is_missing_shifts_nobody_else():
    seconds = np.exp(generator().standard_normal((5, 1)) + generator(2).standard_normal((1, 9)))
    whole = levelled(seconds)
    seconds[4, [2, 5]] = np.nan
    left = levelled(seconds)
    assert np.isnan(left[4, [2, 5]]).all()
    assert np.diff(left[:4], axis=0) == pytest.approx(np.diff(whole[:4], axis=0))
    assert np.delete(left[4] - left[0], [2, 5]) == pytest.approx(np.delete(whole[4] - whole[0], [2, 5]))


def test_a_block_of_which_nothing_is_known_says_nothing():
    seconds = np.array([[1.0, np.nan], [2.0, np.nan]])
    assert np.isnan(levelled(seconds)[:, 1]).all()


def test_a_target_of_which_nothing_is_known_has_no_estimate_and_is_in_nobodys_way():
    values = levelled(np.array([[1.0, 1.0], [np.nan, np.nan], [2.0, 4.0]]))
    estimates = typical(values, np.ones((1, 2), dtype=np.int64))[0]
    assert np.isnan(estimates).tolist() == [False, True, False]


@pytest.mark.parametrize("blocks", [5, 10, 20])
def test_the_trimmed_mean_is_that_of_others_where_whole_values_are_off(blocks):
    values = generator().standard_normal((4, blocks))
    assert typical(values, np.ones((1, blocks), dtype=np.int64))[0] == pytest.approx(trim_mean(values, 0.2, axis=1))


def test_a_value_drawn_twice_counts_twice():
    values = np.array([[5.0, 1.0, 3.0, 2.0, 9.0]])
    times = np.array([[2, 0, 1, 3, 4]])
    assert typical(values, times)[0, 0] == pytest.approx(trim_mean([5, 5, 3, 2, 2, 2, 9, 9, 9, 9], 0.2))


def test_days_are_drawn_as_a_whole_where_there_are_enough():
    week = drawn_blocks(grid(7, 9), seed=3, draws=50).reshape(50, 7, 9)
    assert (week == week[:, :, :1]).all()
    assert (week.sum(axis=(1, 2)) == 63).all()
    three = drawn_blocks(grid(3, 8), seed=3, draws=50).reshape(50, 3, 8)
    assert not (three == three[:, :, :1]).all()
    assert (three.sum(axis=(1, 2)) == 24).all()


def test_the_same_seed_draws_the_same_and_another_one_does_not():
    days = grid(7, 9)
    assert (drawn_blocks(days, 1) == drawn_blocks(days, 1)).all()
    assert (drawn_blocks(days, 1) != drawn_blocks(days, 2)).any()


def test_the_true_places_are_within_and_who_is_far_apart_is_told_apart():
    levels = np.log([1.0, 1.01, 2.0, 4.0, 8.0])
    sets = told(simulated(levels, NOISE, grid(7, 9), generator()), grid(7, 9))
    assert sets.first.tolist() == [1, 1, 3, 4, 5]
    assert sets.last.tolist() == [2, 2, 3, 4, 5]
    assert sets.is_before[0, 2]
    assert not sets.is_before[0, 1]


def test_places_of_one_agency_alone_are_never_more_than_those_that_hold_together():
    levels = 0.3 * generator(5).standard_normal(30)
    sets = told(simulated(levels, NOISE, grid(7, 9), generator(6)), grid(7, 9))
    assert (sets.own_first >= sets.first).all()
    assert (sets.own_last <= sets.last).all()
    assert (sets.first <= sets.last).all()


def test_nobody_is_before_itself_nor_before_one_that_is_before_it():
    levels = 0.3 * generator(5).standard_normal(30)
    sets = told(simulated(levels, NOISE, grid(3, 8), generator(6)), grid(3, 8))
    assert not (sets.is_before & sets.is_before.T).any()


@pytest.mark.parametrize("days", [grid(5, 1), grid(1, 12), grid(2, 12)])
def test_few_blocks_or_days_tell_no_order(days):
    levels = np.log([1.0, 10.0, 100.0])
    sets = told(simulated(levels, NOISE, days, generator()), days)
    assert (sets.first.tolist(), sets.last.tolist()) == ([1, 1, 1], [3, 3, 3])
    assert (sets.own_first.tolist(), sets.own_last.tolist()) == ([1, 1, 1], [3, 3, 3])


def test_equal_times_are_told_apart_by_nobody_and_constant_ones_by_everybody():
    days = grid(7, 9)
    same = told(np.full((3, 63), 2.0), days)
    assert (same.first.tolist(), same.last.tolist()) == ([1, 1, 1], [3, 3, 3])
    apart = told(np.array([[1.0], [2.0], [3.0]]) + np.zeros((1, 63)), days)
    assert (apart.first.tolist(), apart.last.tolist()) == ([1, 2, 3], [1, 2, 3])


def test_one_agency_has_the_first_place_and_none_has_none():
    days = grid(7, 9)
    assert told(np.full((1, 63), 2.0), days).last.tolist() == [1]
    none = rank_sets(np.zeros(0), np.zeros((400, 0)), days=grid(7, 9))
    assert none.first.shape == (0,)


def test_how_likely_somebody_is_among_the_first_and_the_last():
    levels = np.log(1.5 ** np.arange(12.0))
    sets = told(simulated(levels, NOISE, grid(7, 9), generator()), grid(7, 9))
    assert sets.among_first[[0, 11]].tolist() == [1.0, 0.0]
    assert sets.among_last[[0, 11]].tolist() == [0.0, 1.0]
    assert sets.among_first.sum() == pytest.approx(5)


def test_order_and_names_of_agencies_change_nothing():
    days, turned = grid(7, 9), generator(9).permutation(20)
    seconds = simulated(0.3 * generator(5).standard_normal(20), NOISE, days, generator(6))
    one, other = told(seconds, days), told(seconds[turned], days)
    assert (one.first[turned] == other.first).all()
    assert (one.last[turned] == other.last).all()


@pytest.mark.parametrize("days", [grid(7, 9), grid(3, 8)])
def test_portals_that_are_alike_are_hardly_ever_told_apart(days):
    """Of 40 rounds two at most are told wrongly where five of a hundred may be; without Student's limit it is most of them."""
    wrong = 0
    for seed in range(40):
        seconds = simulated(np.zeros(16), NOISE, days, generator(seed))
        values = levelled(seconds)
        estimates = typical(values, np.ones((1, len(days)), dtype=np.int64))[0]
        drawn = typical(values, drawn_blocks(days, seed, draws=200))
        unseen = unseen_by_draws(estimated(seconds, days), days)
        wrong += bool(rank_sets(estimates, drawn, days=days, unseen=unseen).is_before.any())
    assert wrong <= 2


def test_who_is_faster_than_another_at_its_best_is_faster_than_it():
    days = grid(7, 9)
    seconds = simulated(np.log([1.0, 1.0, 1.3]), Noise(run=0.05, hour=0.0, day=0.0), days, generator())
    ones = np.ones((1, 63), dtype=np.int64)
    failing, times = seconds.copy(), drawn_blocks(days, 1, draws=400)
    failing[2, :12] = 60.0
    whole, best = levelled(failing), levelled(failing)
    best[2, :12] = np.nan
    alone = rank_sets(typical(whole, ones)[0], typical(whole, times), days=days)
    assert not alone.is_before[0, 2]
    both = rank_sets(
        typical(whole, ones)[0],
        typical(whole, times),
        days=days,
        at_best=(typical(best, ones)[0], typical(best, times)),
    )
    assert both.is_before[:2, 2].all()
    assert (both.first[2], both.last[2]) == (3, 3)


def test_differences_that_are_the_computers_are_none():
    estimates = np.array([0.1 + 0.2, 0.3, 1.0])
    sets = rank_sets(estimates, np.tile(estimates, (50, 1)), days=grid(7, 9))
    assert sets.is_before.tolist() == [[False, False, True], [False, False, True], [False, False, False]]


def test_alike_ones_share_the_first_places():
    sets = rank_sets(np.zeros(20), np.zeros((50, 20)), days=grid(7, 9))
    assert sets.among_first == pytest.approx(np.full(20, 0.25))
    assert sets.among_last == pytest.approx(np.full(20, 0.25))


@pytest.mark.parametrize("freedom", [4, 6, 12, 23])
@pytest.mark.parametrize("far", [1.96, 3.0, 4.0])
def test_limits_are_students(freedom, far):
    assert by_student(far, freedom) == pytest.approx(student.isf(norm.sf(far), freedom), rel=0.1)
    assert by_student(0.0, freedom) == pytest.approx(student.isf(0.025, freedom), rel=0.02)


def test_spreads_of_few_days_are_widened():
    assert widening(grid(7, 9)) == pytest.approx(7 / 6)
    assert widening(grid(3, 8)) == pytest.approx(24 / 23)
