"""What several processes of a simulation saw, added up."""

from collections.abc import Iterable
from typing import TypeVar

Seen = TypeVar("Seen")


def added_up(whole: Seen, parts: Iterable[Seen]) -> Seen:
    """Add the lists and counts of some parts to a whole of the same slotted class, and return it."""
    for part in parts:
        for name in type(whole).__slots__:  # type: ignore[attr-defined] # every part of a simulation has them
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
    return whole
