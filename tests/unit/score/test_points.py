import numpy as np
import pytest

from thuocdo.score.criteria import Curve
from thuocdo.score.points import earned_ratios


def curve(**rest):
    return Curve.model_validate({"source": "test", "confirmed": False} | rest)


def test_threshold_is_all_or_nothing_and_strict():
    assert earned_ratios(curve(below=3.0), np.array([2.999, 3.0, np.inf])).tolist() == [1.0, 0.0, 0.0]


def test_linear_bands_run_straight_between_anchors_and_level_beyond():
    bands = [{"at": 1, "ratio": 1}, {"at": 3, "ratio": 0.5}, {"at": 5, "ratio": 0}]
    earned = earned_ratios(curve(bands=bands), np.array([0.0, 1.0, 2.0, 4.0, 5.0, np.inf]))
    assert earned.tolist() == [1.0, 1.0, 0.75, 0.25, 0.0, 0.0]


def test_log_bands_charge_every_doubling_the_same():
    bands = [{"at": 1, "ratio": 1}, {"at": 16, "ratio": 0}]
    earned = earned_ratios(curve(bands=bands, interpolation="log"), np.array([0.0, 1.0, 2.0, 4.0, 8.0, 16.0, np.inf]))
    assert earned.tolist() == pytest.approx([1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0])


def test_rising_bands_earn_more_for_more():
    bands = [{"at": 0.9, "ratio": 0}, {"at": 1.0, "ratio": 1}]
    assert earned_ratios(curve(bands=bands), np.array([0.5, 0.95, 1.0])).tolist() == pytest.approx([0.0, 0.5, 1.0])
