"""The scripts that acts and engine run in a page: files of this package, each read once."""

from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Return the text of `probes/accessibility/<name>`."""
    return (files("probes.accessibility") / name).read_text(encoding="utf-8")
