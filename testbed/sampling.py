"""A part of a large gallery that has some of every kind; the same seed gives the same part."""

import random
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=Hashable)


def half(kind: object, number: int) -> int:  # noqa: ARG001 - the same of every kind
    """Return half of a number, rounded up."""
    return -(-number // 2)


def of_every_kind(
    items: Iterable[Item], *, kind: Callable[[Item], Kind], number: Callable[[Kind, int], int], seed: str
) -> list[Item]:
    """
    Choose some of each kind by chance.

    Args:
        items: all there are.
        kind: gives an item's kind.
        number: gives how many are chosen of a kind that has so many.
        seed: of the choice.

    Returns:
        The chosen, in the order they came in.
    """
    gallery = list(items)
    places: defaultdict[Kind, list[int]] = defaultdict(list)
    for place, one in enumerate(gallery):
        places[kind(one)].append(place)
    chance = random.Random(seed)
    chosen = {
        place for of_kind, several in places.items() for place in chance.sample(several, number(of_kind, len(several)))
    }
    return [gallery[place] for place in sorted(chosen)]
