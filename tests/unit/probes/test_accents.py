"""Texts whose accents can be put in order in linear time."""

import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes import accents, spelling
from probes.accents import MOST_ACCENTS, normalized
from probes.accessibility import names, words

PROBES = Path(accents.__file__).parent
FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
OUT_OF_ORDER = "\u0301\u0316"


@pytest.mark.parametrize("form", FORMS)
def test_what_people_write_is_what_unicode_makes_of_it(form):
    for text in ("Cổng dịch vụ công", unicodedata.normalize("NFD", "Thủ tục hành chính"), "", "plain", "กำ", "z͑ͫ̓ͪ̂ͫ̽͏̴̙̤a"):
        assert normalized(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("letter", ["a", "", "ệ"])
def test_nothing_is_sorted_that_is_longer_than_any_letter_has(form, letter, monkeypatch):
    longest = []

    class Watched:
        combining = unicodedata.combining

        @staticmethod
        def normalize(form, text):
            longest.append(len(text))
            return unicodedata.normalize(form, text)

    accents._runs()
    monkeypatch.setattr(accents, "unicodedata", Watched)
    assert normalized(form, letter + OUT_OF_ORDER * 100_000)
    assert max(longest) <= MOST_ACCENTS + 1


def test_all_accents_are_known():
    assert not any(unicodedata.combining(chr(code)) for code in range(accents._END, sys.maxunicode + 1, 7))


@pytest.mark.parametrize("folded", [spelling.folded, words.folded, names._words])
def test_texts_of_pages_are_folded_so(folded):
    assert folded("a" + OUT_OF_ORDER * 100_000)


@given(st.text(alphabet="a\u0301\u0316\u0344\u1100ệ", max_size=40))
def test_short_runs_are_left_alone(text):
    assert normalized("NFC", text[:MOST_ACCENTS]) == unicodedata.normalize("NFC", text[:MOST_ACCENTS])


def test_nobody_else_puts_the_accents_of_untrusted_texts_in_order():
    """One sign, or the kilobyte of a host at most, takes no time however it is written."""
    calls = {
        (str(path.relative_to(PROBES)), line.strip())
        for path in PROBES.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "unicodedata.normalize(" in line and path.name != "accents.py"
    }
    assert {path for path, _ in calls} <= {"net/addresses.py", "chromium/private_boxes.py"}
    assert ("chromium/private_boxes.py", 'plain = unicodedata.normalize("NFKC", sign)') in calls
    assert len(calls) == 2
