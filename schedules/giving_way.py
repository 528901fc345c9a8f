"""
Which everyday runs give way to those of a round.

What a round draws follows from what it froze alone, so that nobody moves its instants by changing registry or schedule while it
is measured. So everyday runs, which follow from what is in force today, are the ones that yield: the one whose place a drawn run
takes, and each that would come too near to it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from schedules.drawing import DrawnRun, Series, interval_ms, is_visit, milliseconds, repeats, series_of
from schedules.phases import HOST_GAP_MS, Entry
from schedules.round_plan import RoundBlock

Placed = tuple[Entry, int]
"""An entry with its phase, see `assign_phases`."""


def left_out(
    block: RoundBlock, runs: Iterable[DrawnRun], everyday: Iterable[Placed], frozen: Iterable[Placed]
) -> set[tuple[Series, int]]:
    """
    Return the everyday runs, each by its series and its instant in ms since the epoch, that are not made.

    Args:
        block: of the round.
        runs: drawn in it.
        everyday: the plan in force.
        frozen: the everyday plan of the files that the round froze, around which its runs were drawn.
    """
    by_host: dict[str, list[DrawnRun]] = defaultdict(list)
    for run in runs:
        by_host[run.entry.target.host].append(run)
    now, then = (_by_host(placed, by_host) for placed in (everyday, frozen))
    found: set[tuple[Series, int]] = set()
    for host, drawn in by_host.items():
        if _times(now[host]) == _times(then[host]):
            found |= {(run.series, run.instead_of_ms) for run in drawn if run.instead_of_ms is not None}
        else:
            found |= set(_OnHost(block, now[host], drawn).left_out(drawn))
    return found


def _by_host(placed: Iterable[Placed], hosts: Mapping[str, object]) -> Mapping[str, Sequence[Placed]]:
    found: dict[str, list[Placed]] = defaultdict(list)
    for entry, phase in placed:
        if entry.target.host in hosts:
            found[entry.target.host].append((entry, phase))
    return found


def _times(placed: Sequence[Placed]) -> set[tuple[object, ...]]:
    """Return all that tells when some entries start, and how far from one another they must."""
    return {
        (*series_of(entry), phase, entry.period_ms, entry.cadence.windows, interval_ms(entry.target))
        for entry, phase in placed
    }


class _OnHost:
    """The everyday starts on one host in a block and around it."""

    def __init__(self, block: RoundBlock, placed: Sequence[Placed], drawn: Sequence[DrawnRun]) -> None:
        reach = max(interval_ms(run.entry.target) for run in drawn)
        self._first, self._last = milliseconds(block.start), milliseconds(block.end)
        self._all: list[tuple[int, Series]] = []
        self._visits: dict[str, list[tuple[int, Series]]] = defaultdict(list)
        self._own: dict[Series, list[int]] = defaultdict(list)
        for entry, phase in placed:
            series = series_of(entry)
            for at in repeats(entry, phase, self._first - reach, self._last + reach):
                self._all.append((at, series))
                if self._first <= at < self._last:
                    self._own[series].append(at)
                if is_visit(entry):
                    self._visits[entry.target.id].append((at, series))
        self._all.sort()
        for visits in self._visits.values():
            visits.sort()

    def left_out(self, drawn: Sequence[DrawnRun]) -> Iterator[tuple[Series, int]]:
        """Yield the everyday runs that are not made."""
        for run in drawn:
            replaced = self._replaced(run)
            if replaced is not None:
                self._own[run.series].remove(replaced)
                yield run.series, replaced
            yield from _near(self._all, run.at_ms, HOST_GAP_MS)
            if is_visit(run.entry):
                target = run.entry.target
                yield from _near(self._visits[target.id], run.at_ms, interval_ms(target))

    def _replaced(self, run: DrawnRun) -> int | None:
        """Return the start whose place a run takes: the nearest of its series in the block."""
        if run.is_spare:
            return None
        return min(self._own[run.series], key=lambda at: abs(at - run.at_ms), default=None)


def _near(starts: Sequence[tuple[int, Series]], at: int, distance: int) -> Iterator[tuple[Series, int]]:
    """Yield those of some sorted starts that are nearer than a distance."""
    index = bisect_left(starts, (at - distance + 1,))
    while index < len(starts) and starts[index][0] < at + distance:
        yield starts[index][1], starts[index][0]
        index += 1
