"""
Heads of answers that break the rules: what browsers take is read, and what they refuse is refused.

The table was made with Chromium 156 (chromium-headless-shell of Debian 12, 2026-11-30): a server that answers each form over
plain HTTP, and whether the page was shown.
"""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.net.answer import AnswerReader
from probes.net.fault import ExchangeError
from probes.net.head import LARGEST_HEAD_BYTES, BadHeadError, is_answer, is_http_2, mended
from thuocdo.core.model import Reason

PAGE = b"<html><title>T</title><h1>SEEN</h1>" + b"<p>x</p>" * 30
LENGTH = b"Content-Length: %d\r\n" % len(PAGE)
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def answer(
    more: bytes = b"", *, length: bytes = LENGTH, first: bytes = b"HTTP/1.1 200 OK", body: bytes = PAGE
) -> bytes:
    return first + b"\r\nContent-Type: text/html\r\n" + length + more + b"Connection: close\r\n\r\n" + body


SHOWN = {
    "no colon": answer(b"X-Frame-Options SAMEORIGIN\r\n"),
    "a space in the name": answer(b"X Powered By: a\r\n"),
    "a space before the colon": answer(b"X-A : b\r\n"),
    "a tab before the colon": answer(b"X-A\t: b\r\n"),
    "a space before the colon of the length": answer(length=LENGTH.replace(b":", b" :")),
    "the length twice": answer(LENGTH),
    "the length three times": answer(LENGTH * 2),
    "the length twice in one line": answer(length=LENGTH.strip() + b", %d\r\n" % len(PAGE)),
    "a length with a plus": answer(length=LENGTH.replace(b": ", b": +")),
    "a length that is a word": answer(length=b"Content-Length: abc\r\n"),
    "a length below nought": answer(length=b"Content-Length: -5\r\n"),
    "a length of nothing": answer(length=b"Content-Length:\r\n"),
    "a length with its unit": answer(length=LENGTH.strip() + b" bytes\r\n"),
    "a length in quotes": answer(length=b'Content-Length: "%d"\r\n' % len(PAGE)),
    "a length with a fraction": answer(length=b"Content-Length: %d.0\r\n" % len(PAGE)),
    "a length beyond all numbers": answer(length=b"Content-Length: 99999999999999999999999\r\n"),
    "a length with noughts": answer(length=b"Content-Length: 000%d\r\n" % len(PAGE)),
    "300 lines": answer(b"".join(b"X-%d: a\r\n" % at for at in range(300))),
    "20,000 lines": answer(b"".join(b"X-%d: a\r\n" % at for at in range(20_000))),
    "a line of 100 KB": answer(b"X: " + b"a" * 100_000 + b"\r\n"),
    "a line of 250 KB": answer(b"X: " + b"a" * 250_000 + b"\r\n"),
    "folded": answer(b"X-A: b\r\n  c\r\n"),
    "folded by a tab": answer(b"X-A: b\r\n\tc\r\n"),
    "folded from the first": b"HTTP/1.1 200 OK\r\n X: y\r\n" + LENGTH + b"\r\n" + PAGE,
    "folded and without a colon": answer(b"Warning\r\n on line 3\r\n"),
    "a control character": answer(b"X-A: a\x01b\x7f\r\n"),
    "a CR inside": answer(b"X-A: a\rb\r\n"),
    "two CR at the end": answer(b"X-A: a\r\r\n"),
    "CR for lines": answer(b"X-A: a\rX-B: c\r\n"),
    "a name that is no ASCII": answer(b"X-\xe9: b\r\n"),
    "a name in Vietnamese": answer("Máy-chủ: b\r\n".encode()),
    "no name": answer(b": b\r\n"),
    "a colon alone": answer(b":\r\n"),
    "a name in brackets": answer(b"X(A): b\r\n"),
    "a name in quotes": answer(b'"X-A": b\r\n'),
    "a name with a slash": answer(b"X/A: b\r\n"),
    "a message of a program": answer(b"<br />\n<b>Warning</b>: Undefined variable in index.php on line 3<br />\n"),
    "another status line": answer(b"HTTP/1.1 200 OK\r\n"),
    "chunks and a length": answer(CHUNKED, body=CHUNKS),
    "chunks and a wrong length": answer(CHUNKED, length=b"Content-Length: 7\r\n", body=CHUNKS),
    "chunks and two lengths": answer(CHUNKED + b"Content-Length: 9\r\n", body=CHUNKS),
    "chunks twice": answer(CHUNKED * 2, length=b"", body=CHUNKS),
    "chunks under a name with a space": answer(CHUNKED.replace(b":", b" :") + b"X Y: z\r\n", length=b"", body=CHUNKS),
    "chunks of another coding": answer(CHUNKED.replace(b"chunked", b"gzip, Chunked"), body=CHUNKS),
    "an empty transfer coding": answer(b"Transfer-Encoding:\r\n"),
    "identity for a transfer coding": answer(b"Transfer-Encoding: identity\r\n"),
    "HTTP/1.2": answer(first=b"HTTP/1.2 200 OK"),
    "HTTP/2": answer(first=b"HTTP/2 200 OK"),
    "HTTP/3": answer(first=b"HTTP/3 200"),
    "HTTP/1": answer(first=b"HTTP/1 200 OK"),
    "http/1.1": answer(first=b"http/1.1 200 OK"),
    "no version": answer(first=b"HTTP 200 OK"),
    "ICY": answer(first=b"ICY 200 OK"),
    "two spaces": answer(first=b"HTTP/1.1  200 OK"),
    "a tab behind the status": answer(first=b"HTTP/1.1 200\tOK"),
    "no status": answer(first=b"HTTP/1.1"),
    "a word for a status": answer(first=b"HTTP/1.1 OK"),
    "a word on the status": answer(first=b"HTTP/1.1 200OK"),
    "a status with a dot": answer(first=b"HTTP/1.1 200.0 OK"),
    "a byte order mark": b"\xef\xbb\xbf" + answer(),
    "garbage before": b"abcd" + answer(),
    "a space before": b" " + answer(),
    "an empty line before": b"\r\n\r\n" + answer(),
    "only a status": b"HTTP/1.1 200 OK\r\n\r\n" + PAGE,
    "an offer to change the protocol": answer(b"Upgrade: h2c\r\nConnection: Upgrade\r\n"),
    "an offer in a broken head": answer(b"Upgrade: websocket\r\nConnection: Upgrade\r\nX Y\r\n"),
}
REFUSED = {
    "two lengths": answer(b"Content-Length: 10\r\n"),
    "a length and nothing": answer(length=b"Content-Length: %d,\r\n" % len(PAGE)),
    "two lengths in one line": answer(length=LENGTH.strip() + b", 10\r\n"),
    "a line of 270 KB": answer(b"X: " + b"a" * 270_000 + b"\r\n"),
    "a zero byte": answer(b"X-A: a\0b\r\n"),
    "a zero byte in a name": answer(b"X\0A: b\r\n"),
    "more garbage before": b"abcde" + answer(),
    "no head": PAGE,
    "another protocol": answer(first=b"HTTP/1.1 101 Switching"),
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "two ways on": answer(b"Location: /a\r\nLocation: /b\r\n", first=b"HTTP/1.1 302 F"),
    "two ways on in a broken head": answer(b"Location: /a\r\nLocation : /b\r\n", first=b"HTTP/1.1 302 F"),
    "chunks that are none": answer(CHUNKED + b"X Y\r\n", length=b"", body=PAGE + b"\r\n"),
}


async def read(wire: bytes, size: int = 32_768, *, secure: bool = False) -> AnswerReader:
    reader = AnswerReader(kept_bytes=10_000, most_bytes=10**6, secure=secure)
    for at in range(0, len(wire), size):
        if reader.feed(wire[at : at + size]):
            return reader
    reader.close()
    return reader


@pytest.mark.parametrize("size", [1, 7, 32_768])
@pytest.mark.parametrize("form", SHOWN)
async def test_what_browsers_take_is_read(form, size):
    wire = SHOWN[form]
    seen = await read(wire, size if len(wire) < 20_000 else 32_768)
    assert (seen.status, bytes(seen.body_head)) == (200, PAGE)


@pytest.mark.parametrize("size", [1, 32_768])
@pytest.mark.parametrize("form", REFUSED)
async def test_what_browsers_refuse_is_an_http_error(form, size):
    wire = REFUSED[form]
    with pytest.raises(ExchangeError) as caught:
        await read(wire, size if len(wire) < 20_000 else 32_768)
    assert caught.value.reason is Reason.HTTP_ERROR
    assert caught.value.detail.startswith("no valid HTTP answer: ")


@pytest.mark.parametrize(("said", "status"), [(b"20", 20), (b"2000", 2000), (b"0", 0), (b"099", 99), (b"999", 999)])
async def test_a_status_that_does_not_exist_is_told_as_it_was_said(said, status):
    seen = await read(answer(first=b"HTTP/1.1 " + said + b" X"))
    assert (seen.status, bytes(seen.body_head)) == (status, PAGE)


@pytest.mark.parametrize(
    ("head", "location"),
    [
        (b"Location : /a\r\n", "/a"),
        (b"Location:\r\n /a\r\n", "/a"),
        (b"LOCATION: /a\r\nlocation: /a\r\n", "/a"),
        (b"Location: /a\xe9\r\n", "/a%E9"),
        ("Location: /hồ-sơ\r\nX Y\r\n".encode(), "/h%E1%BB%93-s%C6%A1"),
        (b"Location:\r\n", ""),
        (b"", ""),
    ],
)
@pytest.mark.parametrize("many", [0, 2000])
async def test_where_a_redirect_leads_is_read_from_any_head(head, location, many):
    seen = await read(answer(b"X-A: b\r\n" * many + head, first=b"HTTP/1.1 302 Found"))
    assert (seen.status, seen.location) == (302, location)


async def test_what_the_answer_means_is_kept_however_many_lines_there_are():
    told = b"Retry-After: 7\r\nSet-Cookie: a=b\r\nContent-Encoding: gzip\r\n"
    seen = await read(answer(b"X: y\r\n" * 5000 + told))
    assert [seen.headers[name] for name in ("Retry-After", "Set-Cookie", "Content-Encoding")] == ["7", "a=b", "gzip"]
    assert len(seen.headers) < 1000


@pytest.mark.parametrize("size", [1, 9, 1000])
async def test_http_2_unasked_is_ours_to_explain_over_tls_only(size):
    settings_frame = bytes.fromhex("00000c040000000000 000300000064 000400100000".replace(" ", ""))
    with pytest.raises(ExchangeError) as caught:
        await read(settings_frame + bytes(9), size, secure=True)
    assert caught.value.reason is Reason.PROTOCOL_UNSUPPORTED
    with pytest.raises(ExchangeError) as caught:
        await read(settings_frame + bytes(9), size)
    assert caught.value.reason is Reason.HTTP_ERROR
    assert "HTTP/2" in caught.value.detail


def test_the_first_bytes_tell_the_protocol():
    assert is_answer(b"HTTP/1.1 200") is is_answer(b"\r\n\r\nhttp") is is_answer(b"\xef\xbb\xbfHTTP") is True
    assert is_answer(b"") is is_answer(b"\r\n\r\n\r\n") is is_answer(b"HT") is None
    assert is_answer(b"<html><body>") is False
    assert not is_http_2(b"HTTP/1.1 200 OK")
    assert not is_http_2(bytes(8))


@pytest.mark.parametrize(
    "piece",
    [b":", b"a:\n", b"\n ", b"\r", b"a\r\n", b"Content-Length: 1,", b"Content-Length: 5\n", b"http", b" ", b"\t:"],
)
def test_the_longest_head_is_mended_in_no_time(piece):
    """A pass whose time grew with the square of the length would take minutes."""
    head = b"HTTP/1.1 200 OK\r\n" + piece * ((LARGEST_HEAD_BYTES - 50) // len(piece)) + b"\r\n\r\n"
    begin = time.process_time()
    with suppress(BadHeadError):
        mended(head)
    assert time.process_time() - begin < 5


@given(st.binary(max_size=300))
@settings(max_examples=300)
async def test_any_head_is_read_or_refused(noise):
    for wire in (noise, b"HTTP/1.1 200 OK\r\n" + noise, answer(noise + b"\r\n")):
        try:
            await read(wire, 50)
        except ExchangeError:
            continue
