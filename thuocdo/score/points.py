"""Turns measured values into shares of a criterion's points."""

import numpy as np
import numpy.typing as npt

from thuocdo.score.criteria import Curve, Interpolation

Floats = npt.NDArray[np.float64]


def earned_ratios(curve: Curve, values: Floats) -> Floats:
    """
    Return the share of points, 0..1, that each value earns.

    Args:
        curve: of the criterion.
        values: (n,) in the metric's unit, >= 0; inf = the run never came to an end (earns nothing on a falling curve).
    """
    if curve.below is not None:
        return np.where(values < curve.below, 1.0, 0.0)
    anchors = np.array([band.at for band in curve.bands])
    ratios = np.array([band.ratio for band in curve.bands])
    if curve.interpolation is Interpolation.LOG:
        values = np.log(np.maximum(values, anchors[0]))
        anchors = np.log(anchors)
    earned: Floats = np.interp(values, anchors, ratios)
    return earned
