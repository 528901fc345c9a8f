"""What a server means by Retry-After."""

from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.manners.retry_after import retry_after_seconds

NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 120\t", 120.0),
        ("0", 0.0),
        ("000", 0.0),
        ("0" * 5000 + "7", 7.0),
        ("31536000", 31536000.0),
        ("9" * 400, inf),
        ("9" * 5000, inf),
        ("1" + "0" * 300, inf),
        ("Sat, 28 Nov 2026 03:01:00 GMT", 60.0),
        ("Saturday, 28-Nov-26 03:01:00 GMT", 60.0),
        ("Sat Nov 28 03:01:00 2026", 60.0),
        ("Sat, 28 Nov 2026 10:01:00 +0700", 60.0),
    ],
)
def test_what_is_meant_is_understood(text, seconds):
    assert retry_after_seconds(text, NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "²",
        "٣",
        "３",
        "一",
        "-5",
        "+5",
        "1.5",
        "1e5",
        "0x10",
        "nan",
        "inf",
        "120 s",
        "12 0",
        "soon",
        "\x00",
        "1\n2",
        "Sat, 28 Nov 2026 02:59:00 GMT",
        "Sat, 99 Foo 2026 99:99:99 GMT",
        "Sat, 28 Nov 99999 03:01:00 GMT",
        "x" * 10**5,
        None,
        5,
        5.0,
        b"120",
        ["120"],
        True,
    ],
)
def test_what_cannot_be_meant_asks_for_nothing(text):
    assert retry_after_seconds(text, NOW) is None


@given(st.text() | st.text(alphabet="0123456789²３ -+.eE:,GMTSatNov", max_size=60))
def test_whatever_stands_there_is_a_number_or_nothing(text):
    seconds = retry_after_seconds(text, NOW)
    assert seconds is None or seconds >= 0
