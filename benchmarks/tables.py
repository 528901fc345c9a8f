"""Markdown for people: what stands above the numbers of a benchmark, and tables."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

from thuocdo.core import clock


def heading(title: str, versions: Mapping[str, str]) -> str:
    """
    Return title, date, machine and versions, without which no number means anything.

    Args:
        title: what is measured.
        versions: of everything that shapes the numbers, by name.
    """
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"## {title}\n\n{clock.now():%Y-%m-%d %H:%M} UTC · {machine()}\n\n{named}\n"


def machine() -> str:
    """Return what this machine is: processor, number of cores, system."""
    return f"{_processor()}, {os.cpu_count()} cores, {_distribution()}, Linux {platform.release()}"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; floats are written with three significant digits."""
    lines = [list(columns), ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _distribution() -> str:
    for line in _lines(Path("/etc/os-release")):
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
