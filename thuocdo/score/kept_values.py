"""Which values roll-ups keep one by one: those that people compare by, and those that some ranking reads."""

from collections.abc import Iterable

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.ranking import names_counted, names_read


def kept_values(criteria_sets: Iterable[CriteriaSet]) -> dict[str, tuple[str, ...]]:
    """
    Return names of values by kind of probe, in alphabetical order; of every kind there is.

    What a set reads that is not among them when a day is rolled up is read from the day's measurements, as long as they are kept.
    """
    names = {
        kind.name: {value.name for value in kind.values if value.main or value.ranked} for kind in all_kinds().values()
    }
    for criteria in criteria_sets:
        for kind, read in names_read(criteria).items():
            names[kind].update(read)
    for kind, counted in names_counted().items():
        names[kind].update(counted)
    return {kind: tuple(sorted(some)) for kind, some in names.items()}
