"""Speed Index against pictures whose progress is known exactly."""

import io
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from probes.chromium.filmstrip import Frame
from probes.chromium.speed_index import histogram, missing_seconds, progress, speed_index

START = 1_795_391_684.25
WIDTH, HEIGHT = 160, 96  # whole blocks of JPEG, so that areas are exact
BLUE = (20, 60, 140)


def picture(filled=0.0, colour=BLUE, paper=(255, 255, 255)):
    """A JPEG whose left part, a ratio of its width, has one colour."""
    pixels = np.empty((HEIGHT, WIDTH, 3), dtype=np.uint8)
    pixels[:] = paper
    pixels[:, : round(filled * WIDTH)] = colour
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, subsampling=0)
    return file.getvalue()


def strip(*moments):
    """Frames of (seconds since the start, JPEG)."""
    return tuple(Frame(at_seconds=START + seconds, jpeg=jpeg) for seconds, jpeg in moments)


def close(seconds):
    return pytest.approx(seconds, abs=0.002)


def test_page_that_is_there_at_once_has_the_index_of_that_moment():
    seen = speed_index(strip((0.02, picture()), (1.5, picture(1.0))), START)
    assert astuple(seen) == (close(1.5),) * 5


def test_linear_fill_has_the_index_of_its_middle():
    seen = speed_index(strip(*((n / 10, picture(n / 10)) for n in range(1, 11))), START)
    # Ten steps of a tenth each, at 0.1, 0.2 … 1.0 s.
    assert seen.speed_index_seconds == close(0.55)
    assert seen.first_change_seconds == close(0.1)
    assert (seen.complete_85_seconds, seen.complete_95_seconds, seen.complete_seconds) == (
        close(0.9),
        close(1.0),
        close(1.0),
    )


def test_late_banner_weighs_as_much_as_it_covers():
    seen = speed_index(strip((1.0, picture(0.9)), (5.0, picture(1.0))), START)
    assert seen.speed_index_seconds == close(1.0 + 0.1 * 4.0)
    assert (seen.complete_85_seconds, seen.complete_95_seconds, seen.complete_seconds) == (
        close(1.0),
        close(5.0),
        close(5.0),
    )


def test_late_banner_of_another_colour_counts_the_same():
    both = np.asarray(Image.open(io.BytesIO(picture(0.5)))).copy()
    both[:, WIDTH // 2 :] = (180, 30, 90)
    file = io.BytesIO()
    Image.fromarray(both).save(file, "JPEG", quality=95, subsampling=0)
    seen = speed_index(strip((1.0, picture(0.5)), (3.0, file.getvalue())), START)
    assert seen.speed_index_seconds == pytest.approx(2.0, abs=0.02)


def test_identical_frames_change_nothing():
    once = speed_index(strip((0.7, picture(0.6))), START)
    assert once == speed_index(strip((0.7, picture(0.6)), (2.0, picture(0.6)), (9.0, picture(0.6))), START)
    assert astuple(once) == (close(0.7),) * 5


def test_animation_that_overshoots_is_no_more_than_complete_and_may_fall_back():
    frames = strip((1.0, picture(0.5)), (2.0, picture(1.0)), (3.0, picture(0.25)), (4.0, picture(0.5)))
    seen = speed_index(frames, START)
    assert seen.complete_seconds == close(1.0)
    # Complete from 1 to 3 s although more was there, half of it missing again from 3 to 4 s.
    assert seen.speed_index_seconds == close(1.0 + 0.5)


def test_nothing_is_judged_where_nothing_was_shown():
    assert speed_index((), START) is None
    assert speed_index(strip((0.1, picture()), (2.0, picture())), START) is None
    assert speed_index(strip((-0.5, picture(1.0))), START) is None


def test_what_stood_there_before_the_start_is_ignored():
    frames = strip((1.0, picture(1.0)))
    assert speed_index(strip((-0.5, picture(0.3))) + frames, START) == speed_index(frames, START)


def test_white_that_is_grained_by_jpeg_is_white_still():
    seen = speed_index(strip((0.3, picture(paper=(250, 252, 249))), (1.0, picture(0.5))), START)
    assert seen.first_change_seconds == close(1.0)


def test_dark_page_is_there_once_its_background_is():
    dark = (18, 18, 18)
    frames = strip((0.4, picture(paper=dark)), (1.0, picture(0.1, colour=(200, 60, 60), paper=dark)))
    assert speed_index(frames, START).speed_index_seconds == pytest.approx(0.4 + 0.1 * 0.6, abs=0.01)


def test_histogram_leaves_out_white_only():
    pixels = np.array([[[255, 255, 255], [249, 250, 251], [255, 255, 0], [0, 0, 0]]], dtype=np.uint8)
    counts = histogram(pixels)
    assert counts.sum(axis=1).tolist() == [2, 2, 2]
    assert counts[0, [0, 255]].tolist() == [1, 1]
    assert counts[2, 0] == 2


ratios = st.floats(0.0, 1.0)
gaps = st.floats(0.001, 5.0)
loads = st.lists(st.tuples(gaps, ratios), min_size=1, max_size=30)


def load(steps):
    """Seconds and ratios of a load that ends complete."""
    return np.cumsum([gap for gap, _ in steps]), np.array([*[ratio for _, ratio in steps[:-1]], 1.0])


@given(loads)
def test_index_lies_between_nothing_and_the_end(steps):
    seconds, done = load(steps)
    assert 0.0 <= missing_seconds(seconds, done) <= seconds[-1] + 1e-9


@given(loads, st.data())
def test_earlier_change_never_raises_the_index(steps, data):
    seconds, done = load(steps)
    done = np.maximum.accumulate(done)
    moved = data.draw(st.integers(0, len(steps) - 1))
    earlier = seconds.copy()
    before = seconds[moved - 1] if moved else 0.0
    earlier[moved] = data.draw(st.floats(before, seconds[moved]))
    assert missing_seconds(earlier, done) <= missing_seconds(seconds, done) + 1e-9


@given(st.lists(st.lists(st.integers(0, 50), min_size=6, max_size=6), min_size=1, max_size=8))
def test_progress_stays_between_nothing_and_complete_and_ends_complete(counts):
    histograms = np.zeros((len(counts), 3, 256), dtype=np.int64)
    histograms[:, :, :2] = np.reshape(counts, (len(counts), 3, 2))
    done = progress(histograms)
    if not histograms[-1].any():
        assert done is None
    else:
        assert done[-1] == 1.0
        assert ((done >= 0.0) & (done <= 1.0)).all()


@settings(max_examples=20)
@given(st.floats(-1e6, 1e6))
def test_index_does_not_depend_on_the_hour(shift):
    frames = strip((0.25, picture(0.25)), (1.0, picture(0.75)), (2.0, picture(1.0)))
    moved = tuple(Frame(at_seconds=frame.at_seconds + shift, jpeg=frame.jpeg) for frame in frames)
    assert astuple(speed_index(moved, START + shift)) == pytest.approx(astuple(speed_index(frames, START)), abs=1e-5)
