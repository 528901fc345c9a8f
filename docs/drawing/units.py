"""Values as Grafana writes them, for the units that the boards use."""

from collections.abc import Callable, Mapping
from datetime import datetime

_SECONDS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (0.001, "ms"))
_THOUSANDS = ((1e9, "G"), (1e6, "M"), (1e3, "K"))
_BYTES = ((2.0**30, "GiB"), (2.0**20, "MiB"), (2.0**10, "KiB"))


def shown(value: float, unit: str, decimals: int | None, now: datetime) -> str:
    """
    Return a value as text.

    Args:
        value: the number.
        unit: Grafana's id of it.
        decimals: how many, None = as many as its size asks for.
        now: the present instant, which "how long ago" is counted from.

    """
    if unit == "dateTimeFromNow":
        return _seconds(now.timestamp() - value / 1000, 0)
    if unit == "percentunit":
        return f"{_rounded(value * 100, decimals)} %"
    return _BY_UNIT.get(unit, _plain)(value, decimals)


def _plain(value: float, decimals: int | None) -> str:
    return _rounded(value, decimals)


def _seconds(value: float, decimals: int | None) -> str:
    if value == 0:
        return "0 s"
    size, name = next(((size, name) for size, name in _SECONDS if abs(value) >= size), _SECONDS[-1])
    return f"{_rounded(value / size, decimals)} {name}"


def _short(value: float, decimals: int | None) -> str:
    size, name = next(((size, name) for size, name in _THOUSANDS if abs(value) >= size), (1.0, ""))
    return f"{_rounded(value / size, decimals)} {name}".strip()


def _bytes(value: float, decimals: int | None) -> str:
    size, name = next(((size, name) for size, name in _BYTES if abs(value) >= size), (1.0, "B"))
    return f"{_rounded(value / size, decimals)} {name}"


def _per_second(value: float, decimals: int | None) -> str:
    return f"{_rounded(value, decimals)} /s"


def _rounded(value: float, decimals: int | None) -> str:
    if decimals is None:
        decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
        return f"{value:.{decimals}f}".rstrip("0").rstrip(".") if decimals else f"{value:.0f}"
    return f"{value:.{decimals}f}"


_BY_UNIT: Mapping[str, Callable[[float, int | None], str]] = {
    "s": _seconds,
    "short": _short,
    "none": _plain,
    "bytes": _bytes,
    "ops": _per_second,
}
