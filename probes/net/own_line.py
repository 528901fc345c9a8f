"""
Whether this machine's own way to the network was cut, as the kernel counts it: nothing is sent.

Linux counts how often each interface lost its carrier. Only those count that a default route leads through, so that bridges and
machines within this one come and go unheard. Where a system tells nothing of it (another one than Linux, a container whose
interface never goes), no cut is ever seen here, and reference pages are all there is to go by.
"""

from pathlib import Path

PROC, SYS = Path("/proc/net"), Path("/sys/class/net")
_DEFAULT = "00000000"
_DEFAULT_6 = ("0" * 32, "00")
_LOOPBACK = "lo"

Ways = frozenset[tuple[str, int]]
"""Interfaces that a default route leads through, each with how often it has lost its carrier."""


def ways_out() -> Ways:
    """Return the ways out of this machine now; empty where there is none, or none is told of."""
    names = _names_4() or _names_6()
    return frozenset((name, _losses(name)) for name in names)


def was_cut(before: Ways, now: Ways) -> bool:
    """Tell whether the way out was cut between two looks; where there was none before, there was nothing to cut."""
    return bool(before) and before != now


def _names_4() -> set[str]:
    rows = (line.split() for line in _lines(PROC / "route"))
    return {row[0] for row in rows if len(row) > 7 and row[1] == row[7] == _DEFAULT}


def _names_6() -> set[str]:
    rows = (line.split() for line in _lines(PROC / "ipv6_route"))
    return {row[9] for row in rows if len(row) > 9 and (row[0], row[1]) == _DEFAULT_6 and row[9] != _LOOPBACK}


def _losses(name: str) -> int:
    return int(next(iter(_lines(SYS / name / "carrier_down_count")), "0"))


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeError):
        return []
