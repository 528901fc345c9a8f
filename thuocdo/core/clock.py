"""The one module that reads the wall clock; everything else is handed the time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

AHEAD = timedelta(minutes=5)
"""
How far the clock of a vantage point may be ahead of ours. What is later was measured under a clock that was wrong, and would hide
what is measured since until that day comes.
"""


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def hanoi_day(at: datetime) -> date:
    """Return the day that it is in Hanoi at an aware instant."""
    return at.astimezone(HANOI).date()


def today() -> date:
    """Return the present day in Hanoi."""
    return hanoi_day(now())


def not_ahead(newest_at: datetime | None, now: datetime) -> datetime | None:
    """Return the newest instant of something stored; the present one where that lies ahead, and says nothing of what is new."""
    return newest_at if newest_at is None or newest_at <= now + AHEAD else now


def iso(at: datetime) -> str:
    """Return an instant in UTC as ISO 8601 with a Z, as it stands in exports and in addresses of measurements."""
    return at.isoformat().replace("+00:00", "Z")
