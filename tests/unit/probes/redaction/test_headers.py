"""Headers keep what machines say in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction.headers import (
    kept_method,
    kept_protocol,
    kept_retry_after,
    kept_status_text,
    redact_header,
    redact_media_type,
)
from probes.redaction.words import HIDDEN

AGENT = "Mozilla/5.0 (X11; Linux x86) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.8078.79 Safari/537.36"


@pytest.mark.parametrize(
    ("name", "value", "clean"),
    [
        ("Content-Type", "text/html; charset=utf-8", "text/html; charset=utf-8"),
        ("content-type", "multipart/form-data; boundary=----abc", "multipart/form-data"),
        ("content-type", "application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("content-type", "text/nguyen-van-an", f"text/{HIDDEN}"),
        ("content-type", "Nguyễn Văn An", HIDDEN),
        ("Cache-Control", "public, max-age=31536000", "public, max-age=31536000"),
        ("Cache-Control", "max-age=079203001234", f"max-age={HIDDEN}"),
        ("Content-Length", "12345678", "12345678"),
        ("Content-Length", "0912345678", HIDDEN),
        ("User-Agent", AGENT, AGENT),
        ("User-Agent", "HeadlessChrome/156.0.8078.79 nguyen@b.vn", f"HeadlessChrome/156.0.8078.79 {HIDDEN}b.vn"),
        ("Server", "nginx/1.18.0 (Ubuntu)", "nginx/1.18.0 (Ubuntu)"),
        ("Server", "Microsoft-IIS/10.0", "Microsoft-IIS/10.0"),
        ("Server", "Le Thi Hoa/079.203.001.234", f"{HIDDEN} {HIDDEN} {HIDDEN}/{HIDDEN}"),
        ("X-AspNet-Version", "4.0.30319", "4.0.30319"),
        ("Location", "/home?sid=1", f"/home?sid={HIDDEN}"),
        ("Referer", "https://h.vn/?q=1", f"https://h.vn/?q={HIDDEN}"),
        ("Access-Control-Allow-Origin", "*", "*"),
        (
            "Content-Security-Policy",
            "script-src 'nonce-abc' 'self' https://tranthib.vn",
            f"script-src {HIDDEN} 'self' {HIDDEN}",
        ),
        ("Content-Disposition", 'inline; filename="Nguyễn Ân.pdf"', f'inline; filename="{HIDDEN} {HIDDEN}.pdf"'),
        ("Last-Modified", "Sun, 29 Nov 2026 00:00:00 GMT", "Sun, 29 Nov 2026 00:00:00 GMT"),
        ("Last-Modified", "của Nguyễn Văn An", HIDDEN),
        ("Retry-After", "120", "120"),
        ("Retry-After", "079203001234", "100000000"),
        ("Server-Timing", 'id;desc="79 203 456 789"', f'id;desc="79 {HIDDEN} {HIDDEN} {HIDDEN}"'),
        ("Server-Timing", "db;dur=12.5, app;dur=31", f"{HIDDEN};{HIDDEN}=12.5, app;{HIDDEN}=31"),
        ("Server-Timing", "app;dur=912345.678", f"app;{HIDDEN}={HIDDEN}"),
        (
            "Content-Disposition",
            "inline; filename=79 20 34 56 78 90.pdf",
            f"inline; filename=79 {' '.join([HIDDEN] * 5)}.pdf",
        ),
        ("X-Powered-By", "001 203 012 345", " ".join([HIDDEN] * 4)),
        ("X-Powered-By", "PHP/912 345 678", f"PHP/912 {HIDDEN} {HIDDEN}"),
        ("Server", "Apache/2.4.6 (CentOS) OpenSSL/1.0.2 PHP/5.4.16", "Apache/2.4.6 (CentOS) OpenSSL/1.0.2 PHP/5.4.16"),
        ("Via", "1.1 varnish, 1.1 google", "1.1 varnish, 1.1 google"),
        ("Accept", "text/html;q=0.9,*/*;q=0.8", "text/html;q=0.9,*/*;q=0.8"),
        ("Alt-Svc", 'h3=":443"; ma=2592000', f'h3=":443"; {HIDDEN}=2592000'),
        ("Content-Range", "bytes 0-499/1234", "bytes 0-499/1234"),
        ("Content-Range", "bytes 79-203/456 789 012", HIDDEN),
        ("Set-Cookie", "a=b", HIDDEN),
        ("Cookie", "a=b", HIDDEN),
        ("Authorization", "Basic YTpi", HIDDEN),
        ("X-Anything", "1", HIDDEN),
    ],
)
def test_headers_keep_what_tells_a_fault_and_nothing_of_those_nobody_knows(name: str, value: str, clean: str) -> None:
    assert redact_header(name, value) == clean


def test_status_method_and_protocol_are_those_that_are_known() -> None:
    assert (kept_status_text(404), kept_status_text(799)) == ("Not Found", "")
    assert (kept_method("GET"), kept_method("NGUYEN")) == ("GET", HIDDEN)
    assert (kept_protocol("h2"), kept_protocol("nguyen"), kept_protocol("")) == ("h2", HIDDEN, "")


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("120", "120"),
        ("000120", "120"),
        ("0", "0"),
        ("31536000", "31536000"),
        ("0912345678", "100000000"),
        ("9" * 5_000, "100000000"),
        ("Sun, 29 Nov 2026 00:00:00 GMT", "Sun, 29 Nov 2026 00:00:00 GMT"),
        ("Sunday, 29-Nov-26 00:00:00 GMT", "Sun, 29 Nov 2026 00:00:00 GMT"),
        ("Sun Nov 29 00:00:00 2026", "Sun, 29 Nov 2026 00:00:00 GMT"),
        ("Sun, 29 Nov 2026 07:00:00 +0700", "Sun, 29 Nov 2026 00:00:00 GMT"),
        ("Sun, 29 Nov 2026 00:00:00 -0000", "Sun, 29 Nov 2026 00:00:00 GMT"),
        ("Fri, 31 Dec 9999 23:59:00 -1400", ""),
        (" 007\t", "7"),
        ("000", "0"),
        ("1" + "0" * 400, "100000000"),
        ("Nguyễn", ""),
        ("²", ""),
        ("", ""),
    ],
)
def test_a_wait_is_seconds_or_a_date(value: str, clean: str) -> None:
    assert kept_retry_after(value) == clean


@given(
    st.sampled_from(["server", "location", "cache-control", "content-type", "vary", "date", "via", "host"]),
    st.text(max_size=200),
)
def test_whatever_a_server_sends_is_taken(name: str, value: str) -> None:
    redact_header(name, value)
    redact_media_type(value)
