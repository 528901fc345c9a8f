"""Messages of the console: the browser's phrases stay, what a page wrote goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction.errors import kept_class, kept_error
from probes.redaction.words import HIDDEN


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Người nộp Phạm Văn Đức", HIDDEN),
        ("password=hush", HIDDEN),
        ("TypeError: hoTen is not a function", f"TypeError {HIDDEN} is not a function"),
        (
            "Uncaught TypeError: Cannot read properties of undefined (reading 'lan')",
            f"Uncaught TypeError Cannot read properties of undefined {HIDDEN}",
        ),
        ("Uncaught (in promise) Error: Trần Thị B", f"Uncaught (in promise) Error {HIDDEN}"),
        ("Failed to load resource: net::ERR_NAME_NOT_RESOLVED", "Failed to load resource net::ERR_NAME_NOT_RESOLVED"),
        (
            "Failed to load resource: the server responded with a status of 404 (Nguyễn A)",
            f"Failed to load resource the server responded with a status of 404 {HIDDEN}",
        ),
        ("net::ERR_NGUYEN_VAN_AN", HIDDEN),
        ("NguyenError: x", HIDDEN),
        ("", ""),
    ],
)
def test_what_the_browser_says_is_told(text: str, clean: str) -> None:
    assert kept_error(text) == clean


def test_a_class_of_the_pages_own_is_an_object() -> None:
    assert [kept_class(name) for name in ("Promise", "HTMLInputElement", "NguyenVanAn")] == [
        "Promise",
        "HTMLInputElement",
        "Object",
    ]


@given(
    st.from_regex(r"[QWXZ][qwxz]{5,30}", fullmatch=True),
    st.sampled_from(["Uncaught Error: {}", "{} is not defined", "at {} (http://h.vn/{}.js)"]),
)
def test_no_word_of_a_page_survives(word: str, around: str) -> None:
    assert word not in kept_error(around.format(word, word) if around.count("{}") > 1 else around.format(word))
