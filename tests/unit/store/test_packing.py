import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.store.packing import packed, unpacked

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**60), 2**60).map(float),
    st.integers(-(10**15), 10**15).map(lambda millionths: millionths / 1e6),
    st.sampled_from([0.0, -0.0, 5e-324, 2.0**53, 2.0**53 - 1, 9e9, -9e9, 9e9 - 1e-6]),
)


def bits(numbers):
    return [struct.pack("<d", number) for number in numbers]


@given(st.lists(NUMBERS, max_size=20), st.integers(0, 25))
def test_every_double_comes_back_bit_for_bit(numbers, most):
    content = packed(numbers)
    assert bits(unpacked(content)) == bits(numbers)
    assert bits(unpacked(content, most)) == bits(numbers[:most])


@pytest.mark.parametrize(
    ("number", "size"),
    [(0.0, 1), (31.0, 1), (200.0, 2), (0.000_5, 2), (0.043_128, 3), (4.567_891, 4), (1_800_000_000.0, 5), (1 / 3, 9)],
)
def test_times_and_counts_are_small(number, size):
    assert len(packed([number])) == size


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_what_is_cut_off_is_refused_or_ends_between_two_numbers(numbers):
    content = packed(numbers)
    for end in range(len(content)):
        try:
            found = unpacked(content[:end])
        except ValueError:
            continue
        assert bits(found) == bits(numbers[: len(found)])
