"""The likeness of two texts from 128 bits each."""

import random

import pytest

from probes.identity.sketch import BITS, STEADY, SteadySketches, likeness, text_sketch

WORDS = [f"{a}{b}{c}" for a in "bcdghklmnt" for b in ("a", "i", "uô", "ơ") for c in ("c", "m", "n", "ng", "t")]


def text(seed, words=600):
    drawn = random.Random(seed)
    return [drawn.choice(WORDS) for _ in range(words)]


def likeness_of(one, other):
    return likeness(text_sketch(" ".join(one)), text_sketch(" ".join(other)))


def runs(words):
    return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}


def test_the_same_text_is_alike_and_another_is_not():
    assert likeness_of(text(1), text(1)) == 1.0
    assert likeness_of(text(1), text(2)) < 0.35


@pytest.mark.parametrize("changed", [0.02, 0.1, 0.3, 0.6])
def test_the_estimate_is_near_to_the_truth(changed):
    errors = []
    for seed in range(40):
        one = text(seed)
        other = [*text(seed + 1000, int(600 * changed)), *one[int(600 * changed) :]]
        truth = len(runs(one) & runs(other)) / len(runs(one) | runs(other))
        errors.append(likeness_of(one, other) - truth)
    assert abs(sum(errors) / 40) < 0.04
    assert sum(abs(error) < 0.2 for error in errors) >= 38


def test_numbers_and_spelling_do_not_count():
    assert likeness_of(["Có", "1.234", "lượt", "truy", "cập", "hoà"], ["có", "99", "LƯỢT", "truy", "cập", "hòa"]) == 1.0


def test_a_text_without_words_has_no_sketch():
    assert text_sketch("12 34 – …") == ""
    assert likeness("", text_sketch("chào các bạn")) is None
    assert len(text_sketch("chào")) == BITS // 4


def test_none_of_its_words_can_be_read():
    assert "cảnh" not in text_sketch("cảnh báo nội bộ")


def test_a_text_that_is_nearly_the_same_keeps_its_sketch():
    kept, words = SteadySketches(), text(1)
    first = kept.steady("a", text_sketch(" ".join(words)))
    assert kept.steady("a", text_sketch(" ".join([*words, "một", "tin", "nhỏ"]))) == first
    assert kept.steady("b", text_sketch(" ".join([*words, "một", "tin", "nhỏ"]))) != ""
    assert kept.steady("a", text_sketch(" ".join(text(2)))) != first


def test_no_text_drifts_away_unseen():
    kept, words = SteadySketches(), text(1)
    for number in range(40):
        words = [*words[15:], *text(100 + number, 15)]
        told = kept.steady("a", text_sketch(" ".join(words)))
        assert likeness(told, text_sketch(" ".join(words))) >= STEADY


def test_a_page_without_words_forgets_nothing():
    kept = SteadySketches()
    first = kept.steady("a", text_sketch(" ".join(text(1))))
    assert kept.steady("a", "") == ""
    assert kept.steady("a", first) == first
