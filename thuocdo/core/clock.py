"""The one module that reads the wall clock; everything else is handed the time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)
