"""The one module that reads the wall clock; everything else is handed the time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def hanoi_day(at: datetime) -> date:
    """Return the day that it is in Hanoi at an aware instant."""
    return at.astimezone(HANOI).date()


def today() -> date:
    """Return the present day in Hanoi."""
    return hanoi_day(now())


def iso(at: datetime) -> str:
    """Return an instant in UTC as ISO 8601 with a Z, as it stands in exports and in addresses of measurements."""
    return at.isoformat().replace("+00:00", "Z")
