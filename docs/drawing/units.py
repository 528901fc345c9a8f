"""Values as Grafana writes them, for the units that the boards use."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from thuocdo.core.clock import HANOI

_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "K"))
_BYTES = ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))


def shown(value: float, unit: str, decimals: int | None) -> str:
    """
    Return a value as text.

    Args:
        value: the number.
        unit: Grafana's id of it.
        decimals: how many, None = as many as its size asks for.

    """
    kind, _, rest = unit.partition(":")
    if kind == "time":
        return datetime.fromtimestamp(value / 1000, tz=UTC).astimezone(HANOI).strftime(_strftime(rest))
    if kind == "suffix":
        return f"{_rounded(value, decimals)} {rest}"
    if unit == "percentunit":
        return f"{_rounded(value * 100, decimals)} %"
    return _BY_UNIT.get(unit, _plain)(value, decimals)


def _strftime(form: str) -> str:
    """Return Python's form of an instant for one of moment.js."""
    for ours, theirs in (("HH", "%H"), ("mm", "%M"), ("DD", "%d"), ("MM", "%m"), ("YYYY", "%Y")):
        form = form.replace(ours, theirs)
    return form


def _clock(value: float, decimals: int | None) -> str:  # noqa: ARG001 - has none
    """Return hours, minutes and seconds, as 01:50:04."""
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def _plain(value: float, decimals: int | None) -> str:
    return _rounded(value, decimals)


def _short(value: float, decimals: int | None) -> str:
    size, name = next(((size, name) for size, name in _THOUSANDS if abs(value) >= size), (1.0, ""))
    return f"{_rounded(value / size, decimals)} {name}".strip()


def _bytes(value: float, decimals: int | None) -> str:
    size, name = next(((size, name) for size, name in _BYTES if abs(value) >= size), (1.0, "B"))
    return f"{_rounded(value / size, decimals)} {name}"


def _rounded(value: float, decimals: int | None) -> str:
    if decimals is None:
        decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
        return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return f"{value:.{decimals}f}"


_BY_UNIT: Mapping[str, Callable[[float, int | None], str]] = {
    "dthms": _clock,
    "short": _short,
    "none": _plain,
    "bytes": _bytes,
}
