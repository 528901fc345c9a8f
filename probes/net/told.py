"""What an answer's head says of its body: when it was last changed, how long it is, and what it comes to once it is unpacked."""

from collections.abc import Mapping
from email.utils import mktime_tz, parsedate_tz

from probes.net.client import HopResponse
from probes.net.coding import Unpacked

_LATEST = 253_402_300_799.0  # the end of the year 9999, after which no date can be shown
_OLDEST = 2**31  # an Age is no larger. Source: RFC 9111, 1.2.2
_SIZE_BYTES = 4  # at the end of a gzip file. Source: RFC 1952, 2.3.1


def add_told(answer: HopResponse, values: dict[str, float], attributes: dict[str, str]) -> None:
    """
    Add what the head of an answer says.

    values: get `last_modified_timestamp_seconds` where there is such a date. attributes: get `body_framing` where the length was
    not told before the body: chunked, or close (it ends with the connection).
    """
    changed = instant_of(answer.headers.get("Last-Modified", ""))
    if changed is not None:
        values["last_modified_timestamp_seconds"] = changed
    framing = _framing(answer.headers)
    if framing:
        attributes["body_framing"] = framing


def unpacked_bytes(answer: HopResponse, found: Unpacked, most_bytes: int) -> int | None:
    """
    Return the size of an answer's body without its content coding; None = it cannot be known at little cost.

    A larger body is not unpacked for its size alone: it would hold up the stop-watches. What gzip says at its end is taken.

    Args:
        answer: with its body, or the head of it.
        found: its body, unpacked as far as `most_bytes`.
        most_bytes: see there.
    """
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    if coding in ("", "identity"):
        return answer.body_bytes
    if found.broken or found.unknown or answer.body_bytes > len(answer.body_head):
        return None
    if len(found.content) < most_bytes:
        return len(found.content)
    return int.from_bytes(answer.body_head[-_SIZE_BYTES:], "little") if coding in ("gzip", "x-gzip") else None


def _framing(headers: Mapping[str, str]) -> str:
    if "Transfer-Encoding" in headers:
        return "chunked"
    return "" if "Content-Length" in headers else "close"


def instant_of(text: str) -> float | None:
    """Return a date of HTTP in seconds since 1970; None = it is none."""
    try:
        told = parsedate_tz(text)
        seconds = float(mktime_tz(told)) if told else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return seconds if seconds is not None and 0 <= seconds <= _LATEST else None


def off_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """
    Return how far a clock is at least from what an answer says of its instant; None = it does not say.

    Some caches keep the Date of what they hold, which is older by its Age; others give their own, with an Age all the same.
    Source: RFC 9111, 5.1.

    Args:
        headers: of the answer.
        now: what the clock says, in seconds since 1970.
    """
    told = instant_of(headers.get("Date", ""))
    if told is None:
        return None
    return max(told - now, now - told - _age_seconds(headers.get("Age", "")), 0.0)


def _age_seconds(text: str) -> float:
    digits = text.partition(",")[0].strip()
    if not (digits.isascii() and digits.isdigit()):
        return 0.0
    return float(min(int(digits), _OLDEST)) if len(digits) <= len(str(_OLDEST)) else float(_OLDEST)
