"""What a server means by Retry-After: a header that anybody may fill with anything."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf

LONGEST_TEXT = 64
"""An HTTP date has 29 characters; nothing longer is one."""

_SECONDS = re.compile(r"0*([0-9]*)", re.ASCII)
_MOST_DIGITS = 15
"""Whatever has more is longer than anybody waits, and need not become a number."""


def retry_after_seconds(text: object, now: datetime) -> float | None:
    """
    Return for how long a server asks to be left alone.

    Args:
        text: value of the header.
        now: the present instant.

    Returns:
        Seconds >= 0, infinity where there are more digits than anybody counts; None where it asks for nothing that can be
        understood, or for an instant that has passed (its clock or ours is off).

    Source: RFC 9110, 10.2.3: a number of seconds in ASCII digits, or an HTTP date.
    """
    if not isinstance(text, str):
        return None
    text = text.strip(" \t")
    digits = _SECONDS.fullmatch(text)
    if text and digits:
        return float(digits[1] or 0) if len(digits[1]) <= _MOST_DIGITS else inf
    return _until_date(text, now) if len(text) <= LONGEST_TEXT else None


def _until_date(text: str, now: datetime) -> float | None:
    try:
        instant = parsedate_to_datetime(text)
        if instant.tzinfo is None:  # "-0000" says that the place is unknown; HTTP knows no time but UTC
            instant = instant.replace(tzinfo=UTC)
        seconds = (instant - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):  # the library raises what its parts raise
        return None
    return seconds if seconds > 0 else None
