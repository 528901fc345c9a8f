"""When a run that a busy prober spoilt is taken again: in a round and in a check alike."""

MOST_TIMES = 2
"""A machine that spoils more than every other run is too slow for what is asked of it; the number of runs then shows it."""


def is_taken_again(*, wanted: int, taken: int, good: int) -> bool:
    """
    Tell whether one more run is taken beyond those that were.

    Args:
        wanted: how many good runs there should be.
        taken: how many there were.
        good: how many of them nobody spoilt.
    """
    return good < wanted and taken < MOST_TIMES * wanted
