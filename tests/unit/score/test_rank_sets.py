"""Places told from loads in the same blocks of time: by hand where that can be, by known truths where not."""

import numpy as np
import pytest
from scipy.stats import trim_mean

from thuocdo.score.noise import Noise, grid, simulated
from thuocdo.score.rank_sets import (
    FEWEST_BLOCKS,
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
    return rank_sets(estimates, drawn, blocks=len(days), widened=widening(days))


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


def test_few_blocks_tell_no_order():
    levels = np.log([1.0, 10.0, 100.0])
    sets = told(simulated(levels, NOISE, grid(1, FEWEST_BLOCKS - 1), generator()), grid(1, FEWEST_BLOCKS - 1))
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
    none = rank_sets(np.zeros(0), np.zeros((400, 0)), blocks=63)
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
