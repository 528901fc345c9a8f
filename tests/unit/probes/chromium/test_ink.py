"""What a picture tells of a page."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from probes.chromium.drawn import Box, Drawn, Run
from probes.chromium.ink import ink_of

VIEW = Box(left=0, top=0, right=400, bottom=300)
LINE = Box(left=20, top=50, right=220, bottom=70)


def run(text="Cổng dịch vụ công", box=LINE):
    return Run(text=text, box=box, whole=text, block=(0, 0), form=False)


def drawn(*runs):
    return Drawn(view=VIEW, runs=runs, fields=())


def picture(paint=lambda draw: None, ground="white", scale=1):
    made = Image.new("RGB", (400 * scale, 300 * scale), ground)
    paint(ImageDraw.Draw(made))
    file = io.BytesIO()
    made.save(file, "PNG")
    return file.getvalue()


def words(draw, scale=1):
    for x in range(20, 220, 6):
        draw.rectangle((x * scale, 55 * scale, (x + 2) * scale, 65 * scale), fill="black")


@pytest.mark.parametrize("ground", ["white", "#0b1f3a", "#777"])
def test_one_colour_is_plain_whatever_it_is(ground):
    assert ink_of(picture(ground=ground), drawn()).is_plain


def test_noise_is_no_ink():
    noise = np.random.default_rng(1).integers(120, 136, (300, 400, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    ink = ink_of(file.getvalue(), drawn(run()))
    assert ink.is_plain
    assert ink.text == ""


@pytest.mark.parametrize("scale", [1, 2])
def test_a_text_that_is_painted_is_seen(scale):
    ink = ink_of(picture(lambda draw: words(draw, scale), scale=scale), drawn(run()))
    assert not ink.is_plain
    assert (ink.text, ink.covered_characters) == ("Cổng dịch vụ công", 0)


def test_a_text_under_a_sheet_is_not_seen_although_a_wheel_turns_over_it():
    wheel = picture(lambda draw: draw.ellipse((100, 40, 148, 88), outline="blue", width=6))
    ink = ink_of(wheel, drawn(run()))
    assert not ink.is_plain
    assert (ink.text, ink.covered_characters) == ("", len("Cổng dịch vụ công"))


def test_a_text_outside_of_the_picture_breaks_nothing():
    assert ink_of(picture(), drawn(run(box=Box(left=500, top=400, right=600, bottom=420)))).text == ""
