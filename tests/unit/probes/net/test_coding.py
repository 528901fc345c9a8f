"""What a body holds under its content coding."""

import gzip
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.net.coding import unpacked

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
        (PACKED, "gzip, identity,"),
        (gzip.compress(PACKED, mtime=0), "gzip, gzip"),
        (zlib.compress(TEXT), "deflate"),
        (RAW, "deflate"),
        (zlib.compress(PACKED), "gzip,deflate"),
        (PACKED + b"garbage behind it", "gzip"),
        (PACKED[:-8] + b"\0" * 8, "gzip"),  # a wrong checksum
        (PACKED[:-8], "gzip"),
    ],
)
def test_it_is_read_as_browsers_read_it(body, coding):
    assert unpacked(body, coding, MOST) == TEXT


def test_what_comes_before_a_break_counts():
    noise = random.Random(1).randbytes(50_000)
    packed = bytearray(gzip.compress(noise))
    packed[len(packed) // 2 :] = b"\xff" * 100
    found = unpacked(bytes(packed), "gzip", MOST)
    assert len(found) > 10_000
    assert noise.startswith(found[:10_000])


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress", "rot13", ", ".join(["gzip"] * 9)])
def test_what_was_not_offered_is_left_as_it_is(coding):
    assert unpacked(PACKED, coding, MOST) == PACKED


def test_what_is_not_packed_as_it_says_leaves_nothing():
    assert unpacked(TEXT, "gzip", MOST) == b""


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_bomb_becomes_no_more_than_is_wanted_at_any_layer(layers):
    bomb = b"\0" * 5_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb)
    assert len(unpacked(bomb, ", ".join(["gzip"] * layers), 1000)) <= 1000
    broken = bytearray(gzip.compress(b"\0" * 5_000_000))
    broken[-4:] = b"\xff" * 4
    assert len(unpacked(bytes(broken), "gzip", 10**7)) <= 10**7


@given(st.binary(max_size=200), st.text(max_size=20) | st.sampled_from(["gzip", "deflate", "gzip,deflate"]))
def test_anything_gives_something(body, coding):
    assert len(unpacked(body, coding, 500)) <= max(500, len(body))
