"""Canonical JSON: one text for one value, exact for records, rounded for results."""

import json
import math
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core.errors import ThuocdoError
from thuocdo.sealing.canonical import canonical, canonical_results

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | NUMBERS
    | st.integers(-(2**70), 2**70)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text("abcĐéệ", max_size=4), parts, max_size=4),
    max_leaves=12,
)


def read(content):
    """Read JSON as RFC 8785 has it: every number is a double."""
    return json.loads(content, parse_int=lambda text: int(text) if abs(int(text)) < 2**53 else float(text))


def test_members_stand_in_order_and_nothing_is_between():
    assert canonical({"b": [1.0, None], "a": {"d": True, "c": "é"}}) == '{"a":{"c":"é","d":true},"b":[1,null]}'.encode()


@given(NUMBERS)
def test_every_double_of_a_record_comes_back(number):
    assert float(json.loads(canonical([number]))[0]) == number


@pytest.mark.parametrize(("number", "written"), [(1e21, "1e+21"), (1e-7, "1e-7"), (0.00001, "0.00001"), (-0.0, "0")])
def test_numbers_are_written_as_rfc_8785_has_them(number, written):
    assert canonical([number]).decode() == f"[{written}]"


@given(VALUES)
def test_what_is_read_back_is_written_the_same(value):
    once = canonical(value)
    assert canonical(read(once)) == once


@given(st.dictionaries(st.text("abc", max_size=3), VALUES, max_size=4))
def test_the_order_of_members_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_texts_are_in_nfc():
    apart = unicodedata.normalize("NFD", "Đợt đo")
    assert apart != "Đợt đo"
    assert canonical({apart: apart}) == canonical({"Đợt đo": "Đợt đo"})
    assert canonical_results([apart]) == canonical(["Đợt đo"])


def test_two_names_that_are_one_text_are_refused():
    with pytest.raises(ThuocdoError, match="two names of one mapping are the same text"):
        canonical({"\u00e9": 1, "e\u0301": 2})


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**30])
def test_integers_that_doubles_do_not_hold_are_texts(number):
    assert canonical([number]).decode() == f'["{number}"]'
    assert canonical([2**53 - 1]) == b"[9007199254740991]"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("write", [canonical, canonical_results])
def test_what_is_no_number_is_refused(write, number):
    with pytest.raises(ThuocdoError, match="canonical JSON"):
        write({"a": [number]})


def test_instants_are_iso_texts_in_utc():
    at = datetime(2026, 12, 1, 7, 0, 0, 5, tzinfo=UTC)
    assert canonical([at]) == b'["2026-12-01T07:00:00.000005Z"]'
    assert canonical([at.astimezone(timezone(timedelta(hours=7)))]) == canonical([at])


@pytest.mark.parametrize(
    ("number", "written"), [(0.1 + 0.2, "0.3"), (1234567.8, "1234570"), (1 / 3, "0.333333"), (12345678, "12345678")]
)
def test_results_are_rounded_to_six_digits_and_integers_are_not(number, written):
    assert canonical_results([number]).decode() == f"[{written}]"


@given(NUMBERS)
def test_results_are_rounded_once(number):
    once = canonical_results([number])
    assert canonical_results(read(once)) == once
