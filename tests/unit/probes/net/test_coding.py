"""What a body holds under its content coding."""

import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.net.coding import MOST_MEMBERS, Unpacked, unpacked

TEXT = bytes(range(97, 123)) * 400
PACKED = gzip.compress(TEXT, mtime=0)  # parametrized: both workers must call the cases alike
RAW = zlib.compress(TEXT)[2:-4]
MOST = 100_000


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (TEXT, ""),
        (TEXT, "identity"),
        (PACKED, "gzip"),
        (PACKED, " GZIP "),
        (PACKED, "x-gzip"),
        (TEXT, "gzip,"),
        (TEXT, ",gzip"),
        (TEXT, ","),
        (TEXT, "gzip, identity"),
        (TEXT, "text/html"),
        (TEXT, "(none)"),
        (gzip.compress(PACKED, mtime=0), "gzip, gzip"),
        (zlib.compress(TEXT), "deflate"),
        (RAW, "deflate"),
        (zlib.compress(PACKED), "gzip,deflate"),
        (PACKED + b"garbage behind it", "gzip"),
        (PACKED[:-8] + b"\0" * 8, "gzip"),  # a wrong checksum
        (PACKED[:-8], "gzip"),
        (gzip.compress(TEXT[:20]) + gzip.compress(TEXT[20:]), "gzip"),
        (gzip.compress(b"") + PACKED, "x-gzip"),
        (b"".join(gzip.compress(TEXT[at : at + 1000]) for at in range(0, len(TEXT), 1000)), "gzip"),
        (PACKED + bytes(100), "gzip"),
        (PACKED + b"\x1f\x8b\x08 and no member", "gzip"),
        (TEXT, "utf-8"),
        (TEXT, "none"),
    ],
)
def test_it_is_read_as_browsers_read_it(body, coding):
    assert unpacked(body, coding, MOST) == Unpacked(content=TEXT)


def test_what_comes_before_a_break_is_kept_and_the_break_is_told():
    noise = random.Random(1).randbytes(50_000)
    packed = bytearray(gzip.compress(noise, mtime=0))
    packed[len(packed) // 2 :] = b"\xff" * 30_000  # the length of a stored block contradicts itself
    found = unpacked(bytes(packed), "gzip", MOST)
    assert found.broken
    assert len(found.content) > 10_000
    assert noise.startswith(found.content[:10_000])


@pytest.mark.parametrize("cut", [1, 9, 10, 11, 20, 30])
@pytest.mark.parametrize(("packed", "coding"), [(PACKED, "gzip"), (zlib.compress(TEXT), "deflate"), (RAW, "deflate")])
def test_what_ends_too_soon_is_shown_as_far_as_it_came(packed, coding, cut):
    found = unpacked(packed[:cut], coding, MOST)
    assert not found.broken
    assert TEXT.startswith(found.content)


@pytest.mark.parametrize("coding", ["compress", "rot13", "utf-8, gzip", "GZIP1"])
def test_a_coding_that_nobody_knows_leaves_the_body_as_it_is(coding):
    assert unpacked(PACKED, coding, MOST) == Unpacked(content=PACKED)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "dcb"])
def test_a_coding_that_browsers_know_and_we_do_not_is_named(coding):
    assert unpacked(PACKED, coding, MOST) == Unpacked(content=PACKED, unknown=coding.removeprefix("gzip, "))


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (TEXT, "gzip"),
        (TEXT, "x-gzip"),
        (b"<html>", "deflate"),
        (PACKED, "deflate"),
        (zlib.compress(TEXT), "gzip"),
        (PACKED, "gzip, gzip"),
        (PACKED, "gzip;q=1"),
        (PACKED, '"gzip"'),
        (PACKED, ", ".join(["gzip"] * 9)),
    ],
)
def test_what_is_not_packed_as_it_says_is_broken(body, coding):
    assert unpacked(body, coding, MOST).broken


def test_an_empty_body_is_empty_under_any_coding():
    assert unpacked(b"", "gzip", MOST) == unpacked(b"", "br", MOST) == Unpacked(content=b"")


def test_members_without_end_come_to_an_end():
    members = gzip.compress(b"x") * (MOST_MEMBERS + 50)
    assert unpacked(members, "gzip", MOST).content == b"x" * (MOST_MEMBERS + 1)
    assert len(unpacked(members, "gzip", 10).content) <= 10


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_becomes_no_more_than_is_wanted_at_any_layer(layers):
    bomb = b"\0" * 5_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    assert len(unpacked(bomb, ", ".join(["gzip"] * layers), 1000).content) <= 1000
    broken = bytearray(gzip.compress(b"\0" * 5_000_000))
    broken[-4:] = b"\xff" * 4
    assert len(unpacked(bytes(broken), "gzip", 10**7).content) <= 10**7


@given(st.binary(max_size=200), st.text(max_size=20) | st.sampled_from(["gzip", "deflate", "gzip,deflate"]))
def test_anything_gives_something(body, coding):
    assert len(unpacked(body, coding, 500).content) <= max(500, len(body))
