"""
A load as one picture for people: what the viewport showed, each with its moment under it.

What was on the screen on the way cannot be looked through for what tells of persons. So a part of it is shown only where it is as
in the picture of the end, from which all that was taken out; every other part is coarse, a square for each ten pixels.
"""

import io
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from probes.chromium.filmstrip import Frame, shortest_shown
from probes.chromium.picture import Picture

MOST_PICTURES = 10
LARGEST_BYTES = 150_000
MEDIA_TYPE = "image/jpeg"

_PICTURE_SIZE = (250, 250)  # at most; small enough to stand five in a row, large enough to tell what is there
_WIDEST = 1300
_MARGIN, _LABEL_HEIGHT, _FONT_SIZE = 8, 24, 16
_PAPER, _INK, _EDGE = "#e8e8e8", "#1a1a1a", "#8a8a8a"
_SQUARE = 10
_ALIKE = 12.0
"""Mean difference of a square's colours, of 255, up to which it is as in the picture of the end: JPEG's own is below 5."""

_QUALITIES = (75, 60, 45, 30, 15)


def filmstrip_image(frames: Sequence[Frame], start_seconds: float, end: Picture | None = None) -> bytes:
    """
    Draw a filmstrip.

    Args:
        frames: in order of time; those from before the start are left out. Of more than MOST_PICTURES those that stood for the
            shortest time are left out, never the first or the last.
        start_seconds: when the visit began, unix time on the clock of the frames.
        end: the picture of what stood there at the end, to be kept and as it was taken; without it all is coarse.

    Returns:
        A JPEG of at most LARGEST_BYTES; empty where there is no frame.

    """
    shown = [frame for frame in frames if frame.at_seconds >= start_seconds]
    while len(shown) > MOST_PICTURES:
        shown.pop(shortest_shown(shown))
    if not shown:
        return b""
    last = _End(end) if end and end.raw else None
    strip = _draw([(_picture(frame, last), f"{frame.at_seconds - start_seconds:.2f} s") for frame in shown])
    encoded = (_encode(strip, quality) for quality in _QUALITIES)
    return next((jpeg for jpeg in encoded if len(jpeg) <= LARGEST_BYTES), b"")


class _End:
    """The picture of the end: as it was taken, to compare with, and as it may be shown."""

    def __init__(self, picture: Picture) -> None:
        assert picture.raw is not None
        self._taken, self._shown = _opened(picture.raw), _opened(picture.jpeg)

    def sized(self, size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return both in a size, as colours."""
        return _colours(self._taken.resize(size)), _colours(self._shown.resize(size))


def _opened(jpeg: bytes) -> Image.Image:
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.thumbnail((2 * _PICTURE_SIZE[0], 2 * _PICTURE_SIZE[1]))
        return picture.convert("RGB")


def _picture(frame: Frame, end: _End | None) -> Image.Image:
    with Image.open(io.BytesIO(frame.jpeg)) as picture:
        picture.thumbnail(_PICTURE_SIZE)
        colours = _colours(picture.convert("RGB"))
    means = _means(colours)
    coarse = _spread(means, colours.shape)
    if end is not None:
        taken, shown = end.sized((colours.shape[1], colours.shape[0]))
        alike = _means(np.abs(colours - taken)).max(axis=2) <= _ALIKE
        coarse = np.where(_spread(alike[:, :, None], (*colours.shape[:2], 1)), shown, coarse)
    return Image.fromarray(coarse.astype(np.uint8))


def _colours(picture: Image.Image) -> NDArray[np.float32]:
    return np.asarray(picture, dtype=np.float32)


def _means(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean colour of each square of a picture, those at its right and lower edge being smaller."""
    height, width = colours.shape[:2]
    rows, columns = np.arange(0, height, _SQUARE), np.arange(0, width, _SQUARE)
    sums = np.add.reduceat(np.add.reduceat(colours, rows, axis=0), columns, axis=1)
    sizes = np.outer(np.minimum(_SQUARE, height - rows), np.minimum(_SQUARE, width - columns))
    return (sums / sizes[:, :, None]).astype(np.float32)


def _spread(squares: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a picture in which each square has one colour."""
    return squares.repeat(_SQUARE, axis=0).repeat(_SQUARE, axis=1)[: shape[0], : shape[1]]


def _draw(pictures: Sequence[tuple[Image.Image, str]]) -> Image.Image:
    """Lay pictures out from left to right in as few rows as fit, a label under each."""
    width = max(picture.width for picture, _ in pictures) + _MARGIN
    height = max(picture.height for picture, _ in pictures) + _LABEL_HEIGHT + _MARGIN
    rows = ceil(len(pictures) / max(1, (_WIDEST - _MARGIN) // width))
    columns = ceil(len(pictures) / rows)
    strip = Image.new("RGB", (columns * width + _MARGIN, rows * height + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(strip)
    font = ImageFont.load_default(_FONT_SIZE)
    for number, (picture, label) in enumerate(pictures):
        left = _MARGIN + number % columns * width
        top = _MARGIN + number // columns * height
        strip.paste(picture, (left, top))
        draw.rectangle((left - 1, top - 1, left + picture.width, top + picture.height), outline=_EDGE)
        draw.text((left + picture.width / 2, top + picture.height + 4), label, fill=_INK, font=font, anchor="ma")
    return strip


def _encode(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()
