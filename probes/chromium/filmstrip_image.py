"""A load as one picture for people: what the viewport showed, each with its moment under it."""

import io
from collections.abc import Sequence
from math import ceil

from PIL import Image, ImageDraw, ImageFont

from probes.chromium.filmstrip import Frame, shortest_shown

MOST_PICTURES = 10
LARGEST_BYTES = 150_000
MEDIA_TYPE = "image/jpeg"

_PICTURE_SIZE = (250, 250)  # at most; small enough to stand five in a row, large enough to tell what is there
_WIDEST = 1300
_MARGIN, _LABEL_HEIGHT, _FONT_SIZE = 8, 24, 16
_PAPER, _INK, _EDGE = "#e8e8e8", "#1a1a1a", "#8a8a8a"
_QUALITIES = (75, 60, 45, 30, 15)


def filmstrip_image(frames: Sequence[Frame], start_seconds: float) -> bytes:
    """
    Draw a filmstrip.

    Args:
        frames: in order of time; those from before the start are left out. Of more than MOST_PICTURES those that stood for the
            shortest time are left out, never the first or the last.
        start_seconds: when the visit began, unix time on the clock of the frames.

    Returns:
        A JPEG of at most LARGEST_BYTES; empty where there is no frame.

    """
    shown = [frame for frame in frames if frame.at_seconds >= start_seconds]
    while len(shown) > MOST_PICTURES:
        shown.pop(shortest_shown(shown))
    if not shown:
        return b""
    strip = _draw([(_picture(frame), f"{frame.at_seconds - start_seconds:.2f} s") for frame in shown])
    encoded = (_encode(strip, quality) for quality in _QUALITIES)
    return next((jpeg for jpeg in encoded if len(jpeg) <= LARGEST_BYTES), b"")


def _picture(frame: Frame) -> Image.Image:
    with Image.open(io.BytesIO(frame.jpeg)) as picture:
        picture.thumbnail(_PICTURE_SIZE)
        return picture.convert("RGB")


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
