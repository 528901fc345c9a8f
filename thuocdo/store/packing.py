"""
The numbers of a measurement as few bytes: about three for a time in microseconds, one for a small count.

Format, which stored rows rely on: one number after the other, each as an unsigned integer of 7 bits a byte, lowest first, the
high bit set on all bytes but the last (LEB128). Its two lowest bits say what the rest is: 0 an integer, 1 a number of millionths,
2 a negative number of millionths, 3 nothing, and the number follows as a little-endian IEEE double. Nothing is rounded here: what
is no whole number of millionths takes nine bytes.
"""

from collections.abc import Iterable
from math import copysign
from struct import Struct

_DOUBLE = Struct("<d")
_INTEGER, _MILLIONTHS, _NEGATIVE, _RAW = range(4)

_MOST_MILLIONS = 9e9
"""Numbers below this have fewer than 2**53 millionths, so that each is a double of its own."""

_EXACT = 2**53
"""Up to here every integer is a double of its own."""


def packed(numbers: Iterable[float]) -> bytes:
    """Return finite numbers as bytes; each comes back as the same double, -0.0 included."""
    out = bytearray()
    for number in numbers:
        code = _code(number)
        if code is None:
            out.append(_RAW)
            out += _DOUBLE.pack(number)
            continue
        while code > 0x7F:
            out.append(code & 0x7F | 0x80)
            code >>= 7
        out.append(code)
    return bytes(out)


def _code(number: float) -> int | None:
    """Return number and tag as one integer; None where only the double itself will do."""
    if 0 <= number < _EXACT:
        whole = int(number)
        if whole == number:
            return whole << 2 if whole or copysign(1, number) > 0 else None
    if not -_MOST_MILLIONS < number < _MOST_MILLIONS:
        return None
    millionths = round(number * 1e6)
    if millionths / 1e6 != number:
        return None
    return millionths << 2 | _MILLIONTHS if millionths > 0 else -millionths << 2 | _NEGATIVE


def unpacked(content: bytes, most: int | None = None) -> list[float]:
    """
    Return the numbers that `packed` was given, as floats.

    Args:
        content: of `packed`.
        most: so many of them are enough; None = all.

    Raises:
        ValueError: content was not made by `packed`.
    """
    numbers: list[float] = []
    place, end = 0, len(content)
    while place < end and len(numbers) != most:
        byte = content[place]
        place += 1
        code, shift = byte & 0x7F, 7
        while byte > 0x7F:
            if place == end:
                raise ValueError("packed numbers: the last one is cut off")
            byte = content[place]
            place += 1
            code |= (byte & 0x7F) << shift
            shift += 7
        tag = code & 3
        if tag == _INTEGER:
            numbers.append(float(code >> 2))
        elif tag == _MILLIONTHS:
            numbers.append((code >> 2) / 1e6)
        elif tag == _NEGATIVE:
            numbers.append(-(code >> 2) / 1e6)
        elif place + _DOUBLE.size <= end:
            numbers.append(_DOUBLE.unpack_from(content, place)[0])
            place += _DOUBLE.size
        else:
            raise ValueError("packed numbers: the last one is cut off")
    return numbers
