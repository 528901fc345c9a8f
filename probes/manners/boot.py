"""Which start of this machine it is: instants of the monotonic clock mean something only within one."""

from functools import cache
from pathlib import Path

_FILE = Path("/proc/sys/kernel/random/boot_id")


@cache
def boot_id() -> str:
    """Return the kernel's name of the present boot; empty where it does not tell."""
    try:
        return _FILE.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
