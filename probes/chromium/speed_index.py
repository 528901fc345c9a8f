"""
Visual progress and Speed Index of a load, from pictures of the viewport and numpy alone.

How complete a picture is: the share of the last picture's colours that it has, pixel counts of each red, green and blue value
compared. White pixels count as nothing, since every load begins with a white viewport. The Speed Index is the time that the
missing part was missing for, summed up to the last picture.

Source: Patrick Meenan, Speed Index, github.com/WPO-Foundation/webpagetest-docs (metrics/SpeedIndex); Lighthouse (speedline) and
WebPageTest (visualmetrics) leave white out and begin with a white viewport in the same way.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from probes.chromium.filmstrip import Frame

WHITE = 249  # from this value on, in all three channels: what JPEG makes of white near text. Source: speedline

Counts = NDArray[np.int64]
Ratios = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisualProgress:
    """
    How the viewport filled; seconds since the visit began.

    first_change_seconds: something is shown. complete_85, _95, complete: so many percent of the final picture are there for
    the first time; a page may fall back after it. speed_index_seconds: lower is better.
    """

    speed_index_seconds: float
    first_change_seconds: float
    complete_85_seconds: float
    complete_95_seconds: float
    complete_seconds: float


def speed_index(frames: Sequence[Frame], start_seconds: float) -> VisualProgress | None:
    """
    Judge a load by its pictures. Takes about 3 ms of CPU per picture: give it a thread where stop-watches share the loop.

    Args:
        frames: in order of time; those from before the start are ignored, the last one counts as complete.
        start_seconds: when the visit began, unix time on the clock of the frames.

    Returns:
        None where there is nothing to judge: no pictures, or a viewport that stayed white to the end.

    """
    shown = [frame for frame in frames if frame.at_seconds >= start_seconds]
    if not shown:
        return None
    ratios = progress(np.stack([histogram(_pixels(frame.jpeg)) for frame in shown]))
    if ratios is None:
        return None
    seconds = np.array([frame.at_seconds - start_seconds for frame in shown])
    return VisualProgress(
        speed_index_seconds=missing_seconds(seconds, ratios),
        first_change_seconds=_first(seconds, ratios > 0.0),
        complete_85_seconds=_first(seconds, ratios >= 0.85),
        complete_95_seconds=_first(seconds, ratios >= 0.95),
        complete_seconds=_first(seconds, ratios >= 1.0),
    )


def histogram(pixels: NDArray[np.uint8]) -> Counts:
    """Count the values of a picture's channels, (height, width, 3) -> (3, 256); pixels that are as good as white are left out."""
    channels = np.ascontiguousarray(pixels.reshape(-1, 3).T)  # a ninth of the time of pixel after pixel
    coloured = channels.min(axis=0) < WHITE
    return np.stack([np.bincount(channel[coloured], minlength=256) for channel in channels])


def progress(histograms: Counts) -> Ratios | None:
    """
    Compare pictures with the last of them.

    Args:
        histograms: (n, 3, 256) pixel counts, in order of time.

    Returns:
        (n,) ratios in 0..1, the last 1; None where the last picture is white.

    """
    final = histograms[-1]
    total = final.sum()
    if not total:
        return None
    ratios: Ratios = np.minimum(histograms, final).sum(axis=(1, 2)) / total
    return ratios


def missing_seconds(seconds: NDArray[np.float64], ratios: Ratios) -> float:
    """Sum up the missing part over time: nothing is there before the first of (n,) moments, each ratio holds until the next."""
    until = np.concatenate(([0.0], ratios[:-1]))
    return float(np.sum((1.0 - until) * np.diff(seconds, prepend=0.0)))


def _pixels(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.uint8)


def _first(seconds: NDArray[np.float64], reached: NDArray[np.bool_]) -> float:
    return float(seconds[np.argmax(reached)])
