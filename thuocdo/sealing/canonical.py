"""
Canonical JSON (RFC 8785): one text for one value, so that its digest is the value's.

Texts are in NFC, instants are ISO 8601 texts, integers beyond 2^53 are texts (a reader that keeps numbers as doubles would change
them), and nothing is infinite or no number. What is rounded differs by what a file is for:

- a *record* of a measurement is not rounded: doubles are written so that they come back as they were, because the ranking is
  computed from them again, and a median may sit on the very edge of a threshold;
- *results* are rounded to six significant digits: sums of logarithms differ in their last digits from one version of numpy, or
  one processor, to the next, and a result that nobody can compute again to the byte proves nothing.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import rfc8785

from thuocdo.core.clock import iso
from thuocdo.core.errors import ThuocdoError

SIGNIFICANT_DIGITS = 6
"""Of numbers in results."""

_EXACT = 2**53
"""Integers nearer to zero are doubles of their own."""


def canonical(value: Any) -> bytes:
    """
    Return JSON values as canonical JSON, in full precision.

    Args:
        value: mappings, sequences, texts, finite numbers, instants, None.

    Raises:
        ThuocdoError: it cannot be written so: a number is none, or two names of a mapping are one in NFC.
    """
    try:
        written = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return _dumped(_plain(value))
    # Most values need nothing of it, and looking at their text costs a tenth of going through them.
    if written.isascii() or unicodedata.is_normalized("NFC", written.decode()):
        return written
    return _dumped(_plain(value))


def canonical_results(value: Any) -> bytes:
    """Return results as canonical JSON, numbers that are no integers rounded; raises as `canonical`."""
    return _dumped(_plain(value, SIGNIFICANT_DIGITS))


def _dumped(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as exc:
        raise ThuocdoError(f"canonical JSON: {exc}; this is a fault of the program, please report it") from exc


def _plain(value: Any, digits: int | None = None) -> Any:
    """Return a value as RFC 8785 knows them; digits: of numbers that are no integers, None = all."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_EXACT < value < _EXACT else str(value)
    if isinstance(value, float) and digits is not None and isfinite(value):
        return float(f"{value:.{digits}g}")
    if isinstance(value, datetime):
        return iso(value.astimezone(UTC))
    if isinstance(value, Mapping):
        named = {unicodedata.normalize("NFC", name): _plain(part, digits) for name, part in value.items()}
        if len(named) < len(value):
            raise ThuocdoError("canonical JSON: two names of one mapping are the same text; call one of them otherwise")
        return named
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_plain(part, digits) for part in value]
    return value
