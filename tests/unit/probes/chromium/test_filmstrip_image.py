"""The picture of a load: readable, in order, never too large."""

import io

import numpy as np
import pytest
from PIL import Image

from probes.chromium.filmstrip import Frame
from probes.chromium.filmstrip_image import LARGEST_BYTES, MOST_PICTURES, filmstrip_image

START = 1_795_391_684.0


def jpeg(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def plain(colour, size=(281, 500)):
    return jpeg(np.full((*size, 3), colour))


def noise(seed, size):
    return jpeg(np.random.default_rng(seed).integers(0, 256, (*size, 3)))


def opened(image):
    return Image.open(io.BytesIO(image))


def test_pictures_stand_in_order_of_time():
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200)]
    frames = [Frame(at_seconds=START + n, jpeg=plain(colour)) for n, colour in enumerate(colours)]
    strip = opened(filmstrip_image(frames, START)).convert("RGB")
    assert strip.width > 3 * 200
    for n, colour in enumerate(colours):
        seen = strip.getpixel((int((n + 0.5) * strip.width / 3), 60))
        assert np.abs(np.subtract(seen, colour)).max() < 12


def test_label_stands_under_its_picture():
    strip = np.asarray(opened(filmstrip_image([Frame(at_seconds=START + 1.25, jpeg=plain(255))], START)).convert("L"))
    assert strip[:140].min() > 100  # the edge of the picture is the darkest thing in it
    assert strip[150:].min() < 60


@pytest.mark.parametrize("size", [(281, 500), (500, 231), (500, 500)])
def test_strip_of_the_worst_pictures_is_not_too_large(size):
    frames = [Frame(at_seconds=START + n, jpeg=noise(n, size)) for n in range(40)]
    strip = filmstrip_image(frames, START)
    assert 0 < len(strip) <= LARGEST_BYTES
    assert opened(strip).width <= 1400


def test_of_many_pictures_the_first_the_last_and_the_lasting_ones_are_drawn():
    moments = [0.0, *np.arange(1.0, 2.0, 0.01), 5.0, 9.0]
    grey = dict(zip(moments, np.linspace(10, 240, len(moments)), strict=True))
    frames = [Frame(at_seconds=START + at, jpeg=plain(grey[at])) for at in moments]
    strip = opened(filmstrip_image(frames, START)).convert("L")
    columns, rows = 5, 2
    assert columns * rows == MOST_PICTURES
    shades = [
        strip.getpixel((int((n % columns + 0.5) * strip.width / columns), 60 + n // columns * strip.height // rows))
        for n in range(MOST_PICTURES)
    ]
    wanted = [grey[0.0], grey[5.0], grey[9.0]]
    assert [shades[0], *shades[-2:]] == pytest.approx(wanted, abs=4)


def test_what_stood_there_before_the_start_is_not_drawn():
    frames = [Frame(at_seconds=START - 1, jpeg=plain(0)), Frame(at_seconds=START + 1, jpeg=plain(200))]
    assert filmstrip_image(frames, START) == filmstrip_image(frames[1:], START)
    assert filmstrip_image(frames[:1], START) == b""
