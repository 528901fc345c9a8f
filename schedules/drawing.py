"""
The instants of a planned round: in each block one that nobody can know beforehand, and anybody can check afterwards.

They are drawn from a seed whose hash is published before the round begins, and which is revealed when it has ended, and from what
the round froze: whatever is changed while it is measured moves none of them. A drawn run takes the place of the everyday one of
the same target, kind and profile that is nearest to it, so that no portal is visited more often than on any other day; and it
keeps every distance that everyday runs keep.
"""

import hashlib
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schedules.cadence import Schedule
from schedules.phases import EPOCH, HOST_GAP_MS, Entry, assign_phases, browser_interval_seconds
from schedules.round_plan import RoundBlock, RoundPlan
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.model import Target

Series = tuple[str, str, str]
"""Target, kind and profile."""

_TRIES = 400
"""A series that has found no instant by then lies among too many others; about one in twenty is enough where visits are dense."""

SETTLED_MS = 180_000
"""After a run was due so long ago it has ended, or will not come: only then another one is taken for it."""

_LONGEST_MADE_UP_MS = 30 * 60_000
"""
So long before its end nothing is drawn in a block: until a run has settled, and an everyday one comes that can make up for it.

The nearest everyday one is gone, so that a period and a half may pass until the next.
"""

_DIGITS = 8
_END = float(256**_DIGITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRun:
    """
    One run of a round.

    round_id: the round's. entry: what is run. at_ms: when, in ms since the epoch. instead_of_ms: when the everyday run would have
    been whose place it takes, None = it comes on top. is_spare: made only where one of this series came to nothing for something
    at us, and no everyday run comes that could make up for it.
    """

    round_id: str
    entry: Entry
    at_ms: int
    instead_of_ms: int | None
    is_spare: bool = False

    @property
    def series(self) -> Series:
        """Target, kind and profile."""
        return series_of(self.entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """
    A round of which instants are drawn.

    seed: hexadecimal, see `commitment`. frozen, schedule: targets by id, and the everyday schedule, when it was opened.
    """

    round_id: str
    seed: str
    plan: RoundPlan
    frozen: Mapping[str, Target]
    schedule: Schedule

    def unchanged(self, targets: Iterable[Target]) -> list[Target]:
        """Return the targets that are still where they were when the round began: what moved meanwhile is never mixed into it."""
        return [one for one in targets if one.id in self.frozen and self.frozen[one.id].url == one.url]


def commitment(seed: str, round_id: str) -> str:
    """Return what is published of a seed (hexadecimal) before a round begins: SHA-256(seed bytes, then the id in UTF-8)."""
    return hashlib.sha256(bytes.fromhex(seed) + round_id.encode()).hexdigest()


def series_of(entry: Entry) -> Series:
    """Return what an entry repeats."""
    return (entry.target.id, entry.cadence.kind, entry.profile)


def entries_of(
    plan: RoundPlan, targets: Iterable[Target], schedule: Schedule, kinds: Mapping[str, Kind]
) -> list[Entry]:
    """
    Return all that a round measures, in the order of target, kind and profile.

    Deadlines are those of the everyday schedule; a kind that it does not run on a target is not in the round either.
    """
    found = []
    for target in sorted(filter(plan.takes, targets), key=lambda one: one.id):
        for name in sorted(plan.loads):
            cadences = [one for one in schedule.cadences if one.kind == name and one.takes(target)]
            for profile in plan.profiles_of(kinds[name]) if cadences else ():
                cadence = next((one for one in cadences if profile in one.profiles), cadences[0])
                found.append(Entry(target=target, cadence=cadence, profile=profile))
    return found


class Drawing:
    """
    All runs of a round, by what it froze and its seed alone.

    Args:
        draw: the round.
        kinds: every kind there is, by name.

    Raises:
        ConfigurationError: the frozen schedule visits a target too often, or a host cannot take so many probes.
    """

    def __init__(self, draw: Draw, kinds: Mapping[str, Kind]) -> None:
        self._draw = draw
        self._by_host: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries_of(draw.plan, draw.frozen.values(), draw.schedule, kinds):
            self._by_host[entry.target.host].append(entry)
        self.everyday = assign_phases((one for one in draw.frozen.values() if one.probed), draw.schedule)
        """The everyday plan around which they are drawn, see `assign_phases`."""
        self._phases: dict[str, list[tuple[Entry, int]]] = defaultdict(list)
        for entry, phase in self.everyday:
            if entry.target.host in self._by_host:
                self._phases[entry.target.host].append((entry, phase))

    def runs(self, block: RoundBlock) -> list[DrawnRun]:
        """
        Return the runs in one of its blocks, the spare ones among them.

        As many of each series as the plan wants; fewer of one for which no instant is left that keeps its distances.
        """
        return [
            run
            for host, entries in self._by_host.items()
            for run in _HostBlock(self._draw, block, self._phases[host], entries).runs(entries)
        ]


@dataclass(slots=True)
class _Visits:
    """Starts of one target's browser visits, sorted, and the distance that they keep."""

    interval_ms: int
    starts: list[int] = field(default_factory=list)


class _HostBlock:
    """Finds the instants of all that a round measures on one host in one block."""

    def __init__(
        self, draw: Draw, block: RoundBlock, phases: Sequence[tuple[Entry, int]], wanted: Sequence[Entry]
    ) -> None:
        self._draw = draw
        targets = {entry.target.id: entry.target for entry in wanted}
        longest_ms = max(interval_ms(target) for target in targets.values())
        # Half a distance from either end: then what is drawn in the next block keeps it, too.
        margin_ms = longest_ms // 2
        self._first, self._last = milliseconds(block.start) + margin_ms, milliseconds(block.end) - margin_ms
        self._end = milliseconds(block.end)
        self._name = f"{milliseconds(block.start)}"
        self._starts: list[int] = []
        self._visits = {name: _Visits(interval_ms(target)) for name, target in targets.items()}
        self._own: dict[Series, list[int]] = defaultdict(list)
        around = longest_ms + margin_ms
        for entry, phase in phases:
            for at in repeats(entry, phase, self._first - around, self._last + around):
                self._take(entry, at)
                self._own[series_of(entry)].append(at)

    def runs(self, entries: Sequence[Entry]) -> Iterator[DrawnRun]:
        """Yield the runs of this host; what is spare takes the room that is left."""
        latest: dict[Series, int] = {}
        for entry in entries:
            last = self._last - min(SETTLED_MS + entry.period_ms * 3 // 2, _LONGEST_MADE_UP_MS)
            for number in range(self._draw.plan.loads[entry.cadence.kind]):
                run = self._drawn(entry, number, self._first, last)
                if run is not None:
                    latest[run.series] = max(run.at_ms, latest.get(run.series, 0))
                    yield run
        for entry in entries:
            series = series_of(entry)
            settled = latest.get(series, self._end) + SETTLED_MS
            if settled < self._last and not any(settled <= at < self._end for at in self._own[series]):
                number = self._draw.plan.loads[entry.cadence.kind]
                spare = self._drawn(entry, number, settled, self._last, is_spare=True)
                if spare is not None:
                    yield spare

    def _drawn(self, entry: Entry, number: int, first: int, last: int, *, is_spare: bool = False) -> DrawnRun | None:
        """Return the first of the instants in first..last, in the order of the seed, that keeps its distances."""
        series = series_of(entry)
        for attempt in range(_TRIES):
            at = first + int(self._fraction(series, number, attempt) * (last - first))
            replaced = None if is_spare else self._nearest(series, at)
            if replaced is not None:
                self._leave(entry, replaced)
            if self._is_free(entry, at):
                self._take(entry, at)
                if replaced is not None:
                    self._own[series].remove(replaced)
                return DrawnRun(
                    round_id=self._draw.round_id, entry=entry, at_ms=at, instead_of_ms=replaced, is_spare=is_spare
                )
            if replaced is not None:
                self._take(entry, replaced)
        return None

    def _fraction(self, series: Series, number: int, attempt: int) -> float:
        """Return a number in 0..1 that follows from the seed."""
        text = "\n".join((self._draw.round_id, self._name, *series, str(number), str(attempt)))
        drawn = hashlib.blake2b(text.encode(), key=bytes.fromhex(self._draw.seed), digest_size=_DIGITS).digest()
        return int.from_bytes(drawn) / _END

    def _nearest(self, series: Series, at: int) -> int | None:
        """Return the everyday start of a series within the block that is nearest to an instant."""
        within = [one for one in self._own[series] if self._first <= one < self._last]
        return min(within, key=lambda one: abs(one - at), default=None)

    def _is_free(self, entry: Entry, at: int) -> bool:
        if _is_near(self._starts, at, HOST_GAP_MS):
            return False
        visits = self._visits.get(entry.target.id)
        return not is_visit(entry) or visits is None or not _is_near(visits.starts, at, visits.interval_ms)

    def _take(self, entry: Entry, at: int) -> None:
        insort(self._starts, at)
        if is_visit(entry) and entry.target.id in self._visits:
            insort(self._visits[entry.target.id].starts, at)

    def _leave(self, entry: Entry, at: int) -> None:
        del self._starts[bisect_left(self._starts, at)]
        if is_visit(entry):
            starts = self._visits[entry.target.id].starts
            del starts[bisect_left(starts, at)]


def milliseconds(instant: datetime) -> int:
    """Return ms since the epoch."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def interval_ms(target: Target) -> int:
    """Return the shortest time between two browser visits of a target."""
    return max(HOST_GAP_MS, round(browser_interval_seconds(target) * 1000))


def is_visit(entry: Entry) -> bool:
    """Tell whether an entry is a visit by the browser."""
    return entry.cadence.engine == Engine.BROWSER


def _is_near(starts: Sequence[int], at: int, distance: int) -> bool:
    """Tell whether one of some sorted starts is nearer than a distance."""
    index = bisect_left(starts, at - distance + 1)
    return index < len(starts) and starts[index] < at + distance


def repeats(entry: Entry, phase: int, first: int, last: int) -> Iterator[int]:
    """Yield the starts of an entry with first <= start < last that lie in its windows."""
    period = entry.period_ms
    for at in range(first + (phase - first) % period, last, period):
        if not entry.cadence.windows or entry.cadence.is_open(EPOCH + timedelta(milliseconds=at)):
            yield at
