"""What must not reach evidence or attributes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction import HIDDEN, redact_markup, redact_text, redact_url


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://h.vn/a/b", "https://h.vn/a/b"),
        ("https://h.vn:8443/a?sid=abc&b=#top", f"https://h.vn:8443/a?sid={HIDDEN}&b={HIDDEN}"),
        ("https://u:p@h.vn/x;jsessionid=1A2B/y", "https://h.vn/x/y"),
        ("https://h.vn/apply/65f0c0ffee65f0c0ffee65f0", f"https://h.vn/apply/{HIDDEN}"),
    ],
)
def test_address_keeps_its_shape_and_loses_its_values(url: str, clean: str) -> None:
    assert redact_url(url) == clean


@pytest.mark.parametrize(
    "secret",
    [
        "nguyen.van-a@example.com.vn",
        "0912 345 678",
        "+84912345678",
        "001099012345",
        "eyJhbGciOi.eyJzdWIi.c2ln",
        "a" * 32,
    ],
)
def test_personal_data_and_tokens_are_taken_out_of_text(secret: str) -> None:
    assert redact_text(f"trước {secret} sau") == f"trước {HIDDEN} sau"


def test_ordinary_numbers_stay() -> None:
    text = "Thủ tục 1.001193, 24 x 24 điểm ảnh, tổng đài 1900 1096, năm 2026"
    assert redact_text(text) == text


@given(st.text(alphabet=st.characters(exclude_characters="\"'<>&", exclude_categories=("Cs", "Cc")), min_size=4))
def test_no_form_value_survives_in_markup(value: str) -> None:
    secret = f"bí mật {value}"
    snippet = f'<input name="n" value="{secret}"><textarea rows=2>{secret}</textarea><meta content=\'{secret}\'>'
    clean = redact_markup(snippet)
    assert secret not in clean
    assert 'name="n"' in clean


def test_query_of_a_link_is_taken_out_of_markup() -> None:
    assert redact_markup('<a class="x" href="/tra-cuu?ma=H17.55&token=t#a">Tra cứu</a>') == (
        f'<a class="x" href="/tra-cuu?{HIDDEN}">Tra cứu</a>'
    )
