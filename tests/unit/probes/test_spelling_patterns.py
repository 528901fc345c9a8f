"""A pattern finds what `probes.spelling` calls the same, and nothing else."""

import unicodedata
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.spelling import folded
from probes.spelling_patterns import pattern

CASES = yaml.safe_load((Path(__file__).parent / "spelling.yaml").read_text(encoding="utf-8"))
# What is one sign in one text and several in another; nothing on the way to a form is called so.
COME_APART = {"straße", "STRASSE", "ﬁle", "FILE", "hệ thống…", "hệ thống..."}
SAME = [pair for texts in CASES["same"] for pair in permutations(texts, 2) if not COME_APART & {*pair}]
DIFFERENT = [pair for texts in CASES["different"] for pair in permutations(texts, 2)]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_reads_the_same_is_found(one: str, other: str) -> None:
    assert pattern(one).search(f"… {other} …")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_reads_otherwise_is_not(one: str, other: str) -> None:
    assert not pattern(one).fullmatch(other)


@pytest.mark.parametrize(("phrase", "text"), CASES["stands"])
def test_what_stands_in_a_text_is_found_there(phrase: str, text: str) -> None:
    assert pattern(phrase).search(text)


WORDS = (
    *("Nộp", "hồ", "sơ", "trực", "tuyến", "Đăng", "ký", "hộ", "thuỷ", "hoà", "quý", "Uỷ", "xoè", "nguyễn"),
    *("1.004.222", "(bản-sao)", "a*", "[b]", "c\\d"),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=6),
    st.sampled_from(["NFC", "NFD"]),
    st.sampled_from([str.upper, str.lower]),
)
def test_any_text_finds_itself(words: list[str], form: str, drawn: Callable[[str], str]) -> None:
    text = " ".join(words)
    assert pattern(text).search(unicodedata.normalize(form, drawn(text))), (text, folded(text))
