"""The reader of answers: what ends one, what is too much, and what behind an answer is none of ours."""

import pytest

from probes.net.answer import MOST_OVERHEAD_BYTES, AnswerReader
from probes.net.fault import ExchangeError
from thuocdo.core.model import Reason

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def reader(kept_bytes=1000, most_bytes=100_000):
    return AnswerReader(kept_bytes=kept_bytes, most_bytes=most_bytes)


def flooded(begin, piece, most_bytes=100_000):
    """Feed for ever; returns the fault and the bytes that had come by then."""
    read = reader(most_bytes=most_bytes)
    data = piece * max(1, 30_000 // len(piece))
    read.feed(begin) if begin else None
    fed = len(begin)
    for _ in range(10_000):
        fed += len(data)
        try:
            assert not read.feed(data)
        except ExchangeError as fault:
            return fault, fed
    raise AssertionError("no end")


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("wire", "status", "body"),
    [
        (LENGTH + b"hello", 200, b"hello"),
        (LENGTH + b"hello, and more that browsers leave alone", 200, b"hello"),
        (LENGTH + b"hello\r\n\r\n", 200, b"hello"),
        (LENGTH + b"helloHTTP/1.1 403 Forbidden\r\n\r\n", 200, b"hello"),
        (LENGTH + b"hello\x00\xff", 200, b"hello"),
        (CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", 200, b"hello"),
        (CHUNKED + b"5\r\nhello\r\n0\r\n\r\ngarbage", 200, b"hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\nhello", 204, b""),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\n\r\nhello", 304, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nhello", 200, b""),
        (b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello, lines end as they like", 200, b"hello"),
        (CONTINUE * 3 + LENGTH + b"hello", 200, b"hello"),
    ],
)
async def test_an_answer_ends_where_it_says_and_what_follows_is_left_alone(wire, status, body, size):
    read = reader()
    complete = False
    for at in range(0, len(wire), size):
        complete = read.feed(wire[at : at + size])
        if complete:
            break
    assert complete
    assert (read.status, bytes(read.body_head)) == (status, body)


@pytest.mark.parametrize(
    ("begin", "piece", "reason"),
    [
        (CHUNKED, b"1\r\na\r\n", Reason.TOO_LARGE),
        (CHUNKED, b"1;ext=1\r\na\r\n", Reason.TOO_LARGE),
        (CHUNKED + b"5;", b"x", Reason.HTTP_ERROR),
        (CHUNKED + b"0\r\n", b"X: y\r\n", Reason.TOO_LARGE),
        (b"", CONTINUE, Reason.HTTP_ERROR),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", Reason.HTTP_ERROR),
        (b"", b"\r\n", Reason.HTTP_ERROR),
        (b"", b"\n", Reason.HTTP_ERROR),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", Reason.HTTP_ERROR),
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60_000 + b"\r\n", Reason.HTTP_ERROR),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y", Reason.HTTP_ERROR),
        (b"HTTP/1.1 200 ", b"y", Reason.HTTP_ERROR),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", b" folded\r\n", Reason.HTTP_ERROR),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 1000, Reason.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b"x" * 1000, Reason.TOO_LARGE),
    ],
)
async def test_whatever_comes_without_end_ends_at_a_limit(begin, piece, reason):
    fault, fed = flooded(begin, piece)
    assert fault.reason is reason
    assert fed <= 100_000 + MOST_OVERHEAD_BYTES + 2 * 60_003


async def test_an_endless_body_of_tiny_chunks_is_stopped_by_what_stands_around_it():
    fault, fed = flooded(CHUNKED, b"1\r\na\r\n", most_bytes=10**9)
    assert fault.reason is Reason.TOO_LARGE
    assert "besides the body" in fault.detail
    assert fed < 6 * MOST_OVERHEAD_BYTES


async def test_a_page_whose_every_byte_is_a_chunk_is_still_an_answer():
    read = reader(most_bytes=10 * 1024 * 1024)
    read.feed(CHUNKED)
    for _ in range(400):
        assert not read.feed(b"1\r\na\r\n" * 1000)
    assert read.feed(b"0\r\n\r\n")
    assert read.body_bytes == 400_000


async def test_a_server_that_says_every_second_that_it_thinks_is_waited_for():
    read = reader()
    for _ in range(100):
        assert not read.feed(b"HTTP/1.1 102 Processing\r\n\r\n")
    assert read.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert read.status == 200


async def test_another_protocol_that_nobody_asked_for_is_one_more_interim_answer():
    read = reader()
    assert not read.feed(b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    assert read.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert (read.status, bytes(read.body_head)) == (200, b"ok")


async def test_a_page_without_a_head_is_an_answer_at_the_usual_port_only():
    page = b"\n<!DOCTYPE html><html>\r\n\r\nhello</html>"
    read = AnswerReader(kept_bytes=100, most_bytes=1000, bare=True)
    assert not read.feed(page[:20])
    assert not read.feed(page[20:])
    read.close()
    assert (read.status, bytes(read.body_head)) == (200, page)
    for bare, first in ((False, page), (True, b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), (True, b"hello <html>\r\n\r\n")):
        with pytest.raises(ExchangeError):
            AnswerReader(kept_bytes=100, most_bytes=1000, bare=bare).feed(first)


@pytest.mark.parametrize(
    ("head", "body", "whole"),
    [
        (b"", b"<html></html>\n", True),
        (b"", b"<html></HTML>", True),
        (b"", b"<html>", False),
        (b"Content-Length: 99\r\n", b"<html></html>", False),
        (b"Transfer-Encoding: chunked\r\n", b"d\r\n<html></html>\r\n", False),
        (b"", b"<html>" + b" " * 2000 + b"</html>", False),
    ],
)
async def test_what_ends_as_a_document_does_may_be_reset(head, body, whole):
    read = reader()
    assert not read.feed(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)
    assert read.is_whole_page() is whole


async def test_the_cookies_of_a_redirect_are_kept_byte_for_byte():
    read = reader()
    assert read.feed(b"HTTP/1.1 302 Found\r\nLocation: /a\r\nSet-Cookie: a=\xe9\r\n\r\n")
    assert [one.encode("utf-8", "surrogateescape") for one in read.cookies] == [b"a=\xe9"]


async def test_a_large_body_in_small_chunks_is_still_an_answer():
    piece = b"40\r\n" + b"x" * 64 + b"\r\n"
    read = reader(most_bytes=10 * 1024 * 1024)
    read.feed(CHUNKED)
    for _ in range(8 * 1024 * 1024 // 64 // 100):
        assert not read.feed(piece * 100)
    assert read.feed(b"0\r\n\r\n")
    assert read.body_bytes > 8_000_000


async def test_what_came_around_the_answer_counts_too():
    read = reader()
    with pytest.raises(ExchangeError) as caught:
        read.feed(LENGTH, overhead_bytes=MOST_OVERHEAD_BYTES)
    assert caught.value.reason is Reason.TOO_LARGE


async def test_headers_that_are_no_utf_8_can_be_stored():
    read = reader()
    read.feed(b"HTTP/1.1 403 No\r\nRetry-After: \xff\xb2\r\nX: \xc3\xa0\r\nContent-Length: 0\r\n\r\n")
    assert read.headers["Retry-After"] == "\ufffd\ufffd"
    assert read.headers["X"] == "à"


async def test_what_a_fault_quotes_can_be_stored():
    read = reader()
    with pytest.raises(ExchangeError) as caught:
        read.feed(b"HTTP/1.1 200 \x00\xff\r\nX\x00\xff: y\r\n\r\n")
    caught.value.detail.encode()
    assert caught.value.detail.isprintable()


@pytest.mark.parametrize(
    "line",
    [
        "HTTP/1.1 200 Nguyen Van An\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "Nguyen Van An\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNguyen Van An: \0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, Nguyen\r\n\r\n",
        "HTTP/1.1 302 OK\r\nLocation: /Nguyen\r\nLocation: /Van\r\n\r\n",
    ],
)
async def test_a_fault_repeats_nothing_of_it(line: str) -> None:
    reader = AnswerReader(kept_bytes=100, most_bytes=1000)
    with pytest.raises(ExchangeError) as fault:
        reader.feed(line.encode())
    assert "Nguyen" not in fault.value.detail
    assert fault.value.detail.startswith("no valid HTTP answer: ")
