"""
Bodies whose framing breaks the rules: what browsers take is taken apart, and what they refuse is refused.

The table was made with Chromium 156 (chromium-headless-shell of Debian 12, 2026-11-30), as that of test_head.py.
"""

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.net.answer import MOST_AGAIN_BYTES, AnswerReader
from probes.net.chunks import BadChunksError, ChunkReader
from probes.net.fault import ExchangeError
from thuocdo.core.model import Reason

PAGE = b"<html><h1>SEEN</h1>" + b"<p>x</p>\n" * 300
SIZE = b"%x" % len(PAGE)
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

SHOWN = {
    "as it should be": SIZE + b"\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "LF alone": SIZE + b"\n" + PAGE + b"\n0\n\n",
    "spaces behind the size": SIZE + b"   \r\n" + PAGE + b"\r\n0\r\n\r\n",
    "noughts before the size": b"0000000" + SIZE + b"\r\n" + PAGE + b"\r\n000\r\n\r\n",
    "a size in capitals": SIZE.upper() + b"\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "an extension": SIZE + b";a=b\r\n" + PAGE + b"\r\n0;x\r\n\r\n",
    "spaces before an extension": SIZE + b" ; a\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "an extension that is no ASCII": SIZE + b";\xe9\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "an extension with half a quote": SIZE + b';a="b\r\n' + PAGE + b"\r\n0\r\n\r\n",
    "a trailer": SIZE + b"\r\n" + PAGE + b"\r\n0\r\nX: y\r\n\r\n",
    "a trailer that is none": SIZE + b"\r\n" + PAGE + b"\r\n0\r\nX y\r\n\r\n",
    "markup for a trailer": SIZE + b"\r\n" + PAGE + b"\r\n0\r\n<!-- x -->\r\n\r\n",
    "something behind the end": SIZE + b"\n" + PAGE + b"\r\n0\r\n\r\njunk",
    "two chunks": b"5\n" + PAGE[:5] + b"\n%x \r\n" % (len(PAGE) - 5) + PAGE[5:] + b"\r\n0\n\n",
    "an odd one behind a good one": b"5\r\n" + PAGE[:5] + b"\r\n%x ;\n" % (len(PAGE) - 5) + PAGE[5:] + b"\r\n0\r\n\r\n",
}
REFUSED = {
    "a space before the size": b" " + SIZE + b"\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "0x": b"0x" + SIZE + b"\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "a plus": b"+" + SIZE + b"\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "no line between": SIZE + b"\r\n" + PAGE + b"0\r\n\r\n",
    "no end": SIZE + b"\n" + PAGE + b"\r\n",
    "half an end": SIZE + b"\n" + PAGE + b"\r\n0\r\n",
    "two CR": SIZE + b"\r\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "an empty line first": b"\r\n" + SIZE + b"\r\n" + PAGE + b"\r\n0\r\n\r\n",
    "a size beyond all numbers": b"f" * 40 + b"\r\n" + PAGE,
    "a line without end": b"1;" + b"x" * 100_000,
}


async def read(wire, size, kept_bytes=100_000):
    reader = AnswerReader(kept_bytes=kept_bytes, most_bytes=10**6)
    for at in range(0, len(wire), size):
        if reader.feed(wire[at : at + size]):
            return reader
    reader.close()
    return reader


@pytest.mark.parametrize("size", [1, 7, 100, 32_768])
@pytest.mark.parametrize("form", SHOWN)
async def test_what_browsers_take_is_taken_apart(form, size):
    seen = await read(HEAD + SHOWN[form], size)
    assert (seen.status, bytes(seen.body_head), seen.body_bytes) == (200, PAGE, len(PAGE))


@pytest.mark.parametrize("size", [7, 32_768])
@pytest.mark.parametrize("form", REFUSED)
async def test_what_browsers_refuse_is_an_http_error(form, size):
    with pytest.raises(ExchangeError) as caught:
        await read(HEAD + REFUSED[form], size)
    assert caught.value.reason is Reason.HTTP_ERROR


async def test_of_a_body_taken_apart_again_no_more_is_kept_than_is_wanted():
    seen = await read(HEAD + SHOWN["LF alone"], 100, kept_bytes=10)
    assert (bytes(seen.body_head), seen.body_bytes) == (PAGE[:10], len(PAGE))


async def test_a_body_is_not_held_in_hand_for_ever():
    piece = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    reader = AnswerReader(kept_bytes=10, most_bytes=10**8)
    reader.feed(HEAD)
    for _ in range(2 * MOST_AGAIN_BYTES // len(piece)):
        reader.feed(piece)
    assert reader._pieces == []


@pytest.mark.parametrize("end", [b"0\r\n<!-- x -->\r\n\r\n", b"0  \r\n\r\n", b"1\n \n0\n\n"])
async def test_a_long_body_is_read_as_browsers_do_to_its_end(end):
    piece = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    reader = AnswerReader(kept_bytes=10, most_bytes=10**8)
    reader.feed(HEAD)
    for _ in range(200):
        assert not reader.feed(piece)
    assert reader.feed(end)
    assert reader.body_bytes in (200 * 4096, 200 * 4096 + 1)
    assert bytes(reader.body_head) == b"x" * 10


@pytest.mark.parametrize("coding", ["gzip", "x-gzip"])
@pytest.mark.parametrize(("more", "whole"), [(0, True), (1, False), (-1, False)])
async def test_a_length_that_is_told_of_what_was_packed_counts_where_it_is_exact(coding, more, whole):
    packed = gzip.compress(PAGE)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(PAGE) + more}\r\n\r\n".encode()
    if whole:
        assert bytes((await read(head + packed, 1000)).body_head) == packed
    else:
        with pytest.raises(ExchangeError, match="without a complete answer"):
            await read(head + packed, 1000)


async def test_a_length_that_is_no_number_of_anything_packed_is_no_excuse():
    for coding, length in (("", 5000), ("br", 5000), ("gzip", 99_999_999), ("gzip", 10**15)):
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n".encode()
        with pytest.raises(ExchangeError, match="without a complete answer"):
            await read(head + gzip.compress(bytes(10**6)), 1000)


def test_lines_without_number_are_read_in_no_time():
    reader, begin = ChunkReader(), time.process_time()
    reader.feed(b"0\n")
    for _ in range(20):
        reader.feed(b"x\n" * 25_000)
    assert time.process_time() - begin < 10


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_taken_apart_alike_however_they_come(data, size):
    whole, parts = _outcome([data]), _outcome([data[at : at + size] for at in range(0, len(data), size)])
    assert whole == parts or "refused" in (whole, parts)


def _outcome(pieces):
    reader = ChunkReader()
    try:
        return b"".join(map(reader.feed, pieces)), reader.is_complete
    except BadChunksError:
        return "refused"
