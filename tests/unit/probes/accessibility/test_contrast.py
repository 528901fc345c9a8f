import numpy as np
import pytest

from probes.accessibility.contrast import judged, luminance, pixel_ratios


def test_luminance_runs_from_black_to_white() -> None:
    seen = luminance(np.array([[0, 0, 0], [255, 255, 255], [119, 119, 119]], np.uint8))
    assert seen[0] == 0.0
    assert seen[1] == pytest.approx(1.0)
    assert seen[2] == pytest.approx(0.184, abs=0.001)


def test_letters_are_what_differs_and_each_is_compared_with_what_lies_behind_it() -> None:
    bare = np.zeros((10, 20, 3), np.uint8)
    bare[:, 10:] = 255  # half of the picture is white
    text = bare.copy()
    text[4:6] = 119
    ratios = pixel_ratios(text, bare)
    assert ratios is not None
    assert ratios.min() == pytest.approx(4.48, abs=0.01)  # on white
    assert ratios.max() == pytest.approx(4.69, abs=0.01)  # on black


def test_without_letters_there_is_nothing_to_say() -> None:
    bare = np.zeros((10, 20, 3), np.uint8)
    assert pixel_ratios(bare, bare) is None
    assert pixel_ratios(bare, np.zeros((9, 20, 3), np.uint8)) is None


@pytest.mark.parametrize(
    ("ratios", "outcome"),
    [([7.0] * 10, "passed"), ([2.0] * 6 + [7.0] * 4, "failed"), ([2.0] * 3 + [7.0] * 7, "review")],
)
def test_most_of_the_letters_must_be_too_faint_before_a_text_fails(ratios: list[float], outcome: str) -> None:
    assert judged(np.array(ratios), 4.5) == outcome
