"""When a run that came to nothing for something at us is taken again: in a round and in a check alike."""

from thuocdo.core.model import MOST_TIMES


def is_taken_again(*, wanted: int, taken: int, good: int) -> bool:
    """
    Tell whether one more run is taken beyond those that were.

    Args:
        wanted: how many good runs there should be.
        taken: how many there were.
        good: how many of them nobody spoilt.
    """
    return good < wanted and taken < MOST_TIMES * wanted
