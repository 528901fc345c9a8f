"""What must not reach evidence or attributes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction import (
    HIDDEN,
    redact_header,
    redact_log,
    redact_markup,
    redact_name,
    redact_text,
    redact_url,
)

# What no pattern may let through, and words that may stand around it.
WORDS = st.text(alphabet="abcđêô ,.:!\n", max_size=30)
PERSONAL = st.one_of(
    st.from_regex(r"0[0-9]{11}", fullmatch=True),
    st.from_regex(r"(0|\+84 ?)[1-9][0-9]{2} ?[0-9]{3} ?[0-9]{3}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9.]{2,12}[a-z]@[a-z]{3,9}\.(com|gov)\.vn", fullmatch=True),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.from_regex(r"eyJ[A-Za-z0-9]{10,30}\.eyJ[A-Za-z0-9]{10,30}\.[A-Za-z0-9_-]{10,40}", fullmatch=True),
    st.uuids().map(str),
)
SECRET = st.from_regex(r"S[a-zA-Z0-9_.~-]{7,40}E", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://h.vn/a/b", "https://h.vn/a/b"),
        ("https://h.vn:8443/a?sid=abc&b=#top", f"https://h.vn:8443/a?sid={HIDDEN}&b={HIDDEN}"),
        ("https://u:p@h.vn/x;jsessionid=1A2B/y", "https://h.vn/x/y"),
        ("https://h.vn/apply/65f0c0ffee65f0c0ffee65f0", f"https://h.vn/apply/{HIDDEN}"),
        ("https://h.vn/?eyJhbGciOiJIUzI1NiJ9", f"https://h.vn/?{HIDDEN}"),
        ("https://h.vn/?a@b.vn=1&h%E1%BB%8D=2", f"https://h.vn/?{HIDDEN}={HIDDEN}&h%E1%BB%8D={HIDDEN}"),
        ("https://h.vn/u/a%40b.vn/anh.png", f"https://h.vn/u/{HIDDEN}/anh.png"),
        ("https://h.vn/session/abc/anh.png", f"https://h.vn/session/{HIDDEN}/anh.png"),
        ("https://h.vn/chunks/main-3f2a1b4c5d6e7f80.js", f"https://h.vn/chunks/main-{HIDDEN}.js"),
        (
            "https://h.vn/thu-tuc-1-001193-dang-ky-khai-sinh-2024",
            "https://h.vn/thu-tuc-1-001193-dang-ky-khai-sinh-2024",
        ),
        ("https://h.vn/DichVuCongTrucTuyen.aspx", "https://h.vn/DichVuCongTrucTuyen.aspx"),
        ("data:image/png;base64,iVBORw0KGgo", f"data:{HIDDEN}"),
        ("blob:https://h.vn/4b7c", f"blob:{HIDDEN}"),
        ("javascript:alert(1)", f"javascript:{HIDDEN}"),
        ("about:blank", "about:blank"),
        ("http://[", HIDDEN),
        ("", ""),
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
        "550e8400-e29b-41d4-a716-446655440000",
        "tQ7xPz2LmK9vRb4WsY1nHc8d",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
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


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("GET https://h.vn/a?sid=1&b=2 failed", f"GET https://h.vn/a?sid={HIDDEN}&b={HIDDEN} failed"),
        ("at f (https://h.vn/a.js?v=7:3:94)", f"at f (https://h.vn/a.js?v={HIDDEN}:3:94)"),
        ("at https://h.vn/a.js:3:94\n at b", "at https://h.vn/a.js:3:94\n at b"),
        ("/api?ma=H17.55 404", f"/api?ma={HIDDEN} 404"),
        ("Authorization: Bearer abc.def", f"Authorization: {HIDDEN} {HIDDEN}"),
        ("document.cookie is S=abc; T=def", f"document.cookie is S={HIDDEN}; T={HIDDEN}"),
        ("accessToken='a b c', n = 5", f"accessToken={HIDDEN}, n = 5"),
        ('{"matKhau": "x\\"y", "họ tên": "Nguyễn A"}', f'{{"matKhau": {HIDDEN}, "họ tên": {HIDDEN}}}'),
        ("sdt: 0912 345 678", f"sdt: {HIDDEN}"),
        ("author: React, inside: 3, footprint = 4", "author: React, inside: 3, footprint = 4"),
        ("TypeError: x is not a function", "TypeError: x is not a function"),
    ],
)
def test_a_line_of_the_console_keeps_its_sense_and_loses_its_secrets(text: str, clean: str) -> None:
    assert redact_log(text) == clean


@pytest.mark.parametrize(
    ("name", "value", "clean"),
    [
        ("Content-Type", "text/html; charset=utf-8", "text/html; charset=utf-8"),
        ("content-type", "multipart/form-data; boundary=----abc", f"multipart/form-data; boundary={HIDDEN}"),
        ("Cache-Control", "max-age=31536000000", "max-age=31536000000"),
        ("User-Agent", "HeadlessChrome/156.0.8078.79 a@b.vn", f"HeadlessChrome/156.0.8078.79 {HIDDEN}"),
        ("Location", "/home?sid=1", f"/home?sid={HIDDEN}"),
        ("Referer", "https://h.vn/?q=1", f"https://h.vn/?q={HIDDEN}"),
        ("Content-Security-Policy", "script-src 'nonce-abc' 'self'", f"script-src 'nonce-{HIDDEN}' 'self'"),
        ("Content-Disposition", 'inline; filename="Nguyễn A.pdf"', f"inline; filename={HIDDEN}"),
        ("Set-Cookie", "a=b", HIDDEN),
        ("Cookie", "a=b", HIDDEN),
        ("Authorization", "Basic YTpi", HIDDEN),
        ("X-Anything", "1", HIDDEN),
    ],
)
def test_headers_keep_what_tells_a_fault_and_nothing_of_those_nobody_knows(name: str, value: str, clean: str) -> None:
    assert redact_header(name, value) == clean


@pytest.mark.parametrize(("name", "clean"), [("JSESSIONID", "JSESSIONID"), ("a b", HIDDEN), ("0912345678", HIDDEN)])
def test_a_value_in_a_names_place_is_hidden(name: str, clean: str) -> None:
    assert redact_name(name) == clean


@given(WORDS, PERSONAL, WORDS)
def test_personal_data_survives_in_no_text(before: str, secret: str, after: str) -> None:
    text = f"{before} {secret} {after}"
    for redact in (redact_text, redact_log, redact_markup):
        assert secret not in redact(text)


@given(SECRET, SECRET, SECRET, SECRET)
def test_no_value_of_an_address_survives(user: str, value: str, nameless: str, fragment: str) -> None:
    url = f"https://{user}:{user}@h.vn/x;id={value}/y?a={value}&{nameless}&b=#{fragment}"
    for clean in (redact_url(url), redact_log(f"at {url} now"), redact_header("location", url)):
        assert clean.count("h.vn/x/y?a=") == 1
        for secret in (user, value, nameless, fragment):
            assert secret not in clean


@given(
    st.sampled_from(["token", "password", "matKhau", "user_cccd", "SessionId", "họ tên"]), SECRET, st.sampled_from("=:")
)
def test_no_named_secret_survives_in_a_line(name: str, secret: str, sign: str) -> None:
    for text in (f"{name}{sign} {secret}, x", f'{{"{name}": "{secret}"}}', f"{name} {sign} '{secret} {secret}'"):
        assert secret not in redact_log(text)


@given(st.text(max_size=300))
def test_whatever_stands_there_is_taken_and_twice_is_as_good_as_once(text: str) -> None:
    for redact in (redact_text, redact_url, redact_log, redact_markup, redact_name):
        once = redact(text)
        assert redact_text(once) == once
    redact_header("location", text)


@pytest.mark.parametrize("unit", ["a", "a.", "1", "a1", "?a=", "token", "h@", "=", "data:", '"', "http://", "-", "aA"])
def test_no_text_takes_long(unit: str) -> None:
    """A pattern that tries again at every letter would need minutes here, and the test's limit is 2."""
    text = unit * (20_000 // len(unit))
    assert len(redact_log(text)) <= 2 * len(text)
    redact_url(text)
    redact_markup(text)
