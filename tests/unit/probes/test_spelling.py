"""Text as a person compares it; tests/integration/test_spelling_in_pages.py asks the script the same."""

import unicodedata
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from probes.spelling import Phrases, folded, stands_in

CASES = yaml.safe_load((Path(__file__).parent / "spelling.yaml").read_text(encoding="utf-8"))
LETTERS = "aăâeêioôơuưyđqghklmsnt"
TONES = "\u0300\u0301\u0303\u0309\u0323"
VIETNAMESE = st.text(st.sampled_from(LETTERS + LETTERS.upper() + TONES + " .-\u00a0\u200b"), max_size=30)


@pytest.mark.parametrize("texts", CASES["same"], ids=lambda texts: texts[0])
def test_same(texts):
    assert {folded(text) for text in texts} == {folded(texts[0])}


@pytest.mark.parametrize(("one", "other"), CASES["different"])
def test_different(one, other):
    assert folded(one) != folded(other)


@pytest.mark.parametrize(("phrase", "text"), CASES["stands"])
def test_stands(phrase, text):
    assert stands_in(folded(phrase), folded(text))


@pytest.mark.parametrize(("phrase", "text"), CASES["missing"])
def test_missing(phrase, text):
    assert not stands_in(folded(phrase), folded(text))


@given(VIETNAMESE)
def test_composed_or_not_is_the_same(text):
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text))


def test_first_phrase_that_is_said():
    phrases = Phrases(["tạm ngừng phục vụ", "Đang bảo trì", ""])
    assert phrases.said_in(folded("hệ thống đang bảo trì, tạm ngừng phục vụ")) == folded("Tạm ngừng phục vụ")
    assert phrases.said_in(folded("Đang bảo trì")) == folded("đang bảo trì")
    assert phrases.said_in(folded("đang bảo trình")) is None
    assert Phrases([""]).said_in("x") is None


def test_many_accents_take_no_time():
    assert len(folded("a" + "\u0323\u0301" * 200_000)) < 100
