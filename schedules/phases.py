"""
At which phase of its period each probe starts: evenly over time, never two on a host at once, never too many on a target.

Every (target, kind, profile) repeats with a period; its phase, counted from the Unix epoch, is a function of host, targets and
schedule alone, so that every process and every restart computes the same instants. Two phases never come nearer than their
distance modulo the greatest common divisor of their periods, which turns "never within 0.5 s, for ever" into one comparison.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Self

from schedules.cadence import Cadence, Schedule, Window
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Engine
from thuocdo.core.manners import BROWSER_INTERVAL_SECONDS, HOST_GAP_SECONDS
from thuocdo.core.model import Target

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOST_GAP_MS = int(HOST_GAP_SECONDS * 1000)

_GOLDEN_RATIO = (math.sqrt(5) - 1) / 2
_RANDOM_TRIES = 64
_FEW_SLOTS = 7200  # one hour of starts; of more, this many tries find a free one unless next to none is
_WEEK_MS = 7 * 24 * 3600 * 1000
_MINUTE_MS = 60_000
_ANY_WEEK = EPOCH + timedelta(weeks=2870)  # in 2025: clocks in Hanoi showed another hour in 1970


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One target probed by one kind with one profile, again and again."""

    target: Target
    cadence: Cadence
    profile: str

    @property
    def period_ms(self) -> int:
        """Time from one start to the next."""
        return self.cadence.every_seconds * 1000


def browser_interval_seconds(target: Target) -> float:
    """Return the shortest time between two browser visits of a target: the rule, or what its mandate says."""
    granted = target.mandate.browser_interval_seconds if target.mandate else None
    return BROWSER_INTERVAL_SECONDS if granted is None else granted


def fraction(text: str) -> float:
    """Return a number in 0..1 that is the same for the same text on every machine."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


def assign_phases(targets: Iterable[Target], schedule: Schedule) -> list[tuple[Entry, int]]:
    """
    Return every entry of the schedule with its phase in ms, counted from the epoch, 0 <= phase < period.

    Raises:
        ConfigurationError: the schedule visits a target too often, or holds more probes of a host than fit.
    """
    by_host: dict[str, list[Target]] = defaultdict(list)
    for target in sorted(targets, key=lambda target: target.id):
        by_host[target.host].append(target)
    blocks = {
        host: [block for target in members for block in _blocks(target, schedule)] for host, members in by_host.items()
    }
    _check_politeness((block for of_host in blocks.values() for block in of_host), schedule)
    openings = {id(cadence): _Opening(cadence) for cadence in schedule.cadences}
    return [placed for host, of_host in blocks.items() for placed in _Host(host, schedule, openings).place(of_host)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """
    Entries that keep a distance among themselves: all browser visits of a target, or a single other entry.

    grid_ms: the greatest common divisor of their periods; they stand evenly in it, so that whichever repetition of one meets
    whichever of another, spacing_ms lies between them.
    """

    entries: tuple[Entry, ...]
    grid_ms: int
    spacing_ms: int

    @classmethod
    def of(cls, entries: tuple[Entry, ...]) -> Self:
        """Return the block of some entries."""
        grid_ms = math.gcd(*(entry.period_ms for entry in entries))
        return cls(entries=entries, grid_ms=grid_ms, spacing_ms=grid_ms // len(entries) // HOST_GAP_MS * HOST_GAP_MS)

    @property
    def is_browser(self) -> bool:
        return self.entries[0].cadence.engine == Engine.BROWSER


def _blocks(target: Target, schedule: Schedule) -> Iterator[_Block]:
    entries = [
        Entry(target=target, cadence=cadence, profile=profile)
        for cadence in schedule.cadences
        if cadence.takes(target)
        for profile in cadence.profiles
    ]
    visits = tuple(entry for entry in entries if entry.cadence.engine == Engine.BROWSER)
    if visits:
        yield _Block.of(visits)
    yield from (_Block.of((entry,)) for entry in entries if entry.cadence.engine != Engine.BROWSER)


def _check_politeness(blocks: Iterable[_Block], schedule: Schedule) -> None:
    """Report each way in which a target would be visited too often, once for all targets that share it."""
    broken: dict[str, list[str]] = defaultdict(list)
    for block in blocks:
        target = block.entries[0].target
        interval_seconds = browser_interval_seconds(target)
        if block.is_browser and block.spacing_ms < interval_seconds * 1000:
            broken[_politeness_text(block, interval_seconds)].append(target.id)
    if broken:
        raise ConfigurationError(
            [f"{schedule.where}: target '{ids[0]}' ({len(ids)} such target(s)): {text}" for text, ids in broken.items()]
        )


def _politeness_text(block: _Block, interval_seconds: float) -> str:
    visits = ", ".join(
        f"{entry.cadence.kind} {entry.profile} every {entry.cadence.every_seconds} s" for entry in block.entries
    )
    least = math.ceil(len(block.entries) * interval_seconds)
    return (
        f"{visits}: the browser would visit it every {block.spacing_ms / 1000:g} s, but one visit per {interval_seconds:g} s is "
        f"allowed; make each every_seconds a whole multiple of {least} or a higher number, or name fewer profiles, or "
        "register a mandate with browser_interval_seconds"
    )


class _Host:
    """Finds phases for all that is probed on one host; its starts lie on a grid of 0.5 s with an offset of the host's own."""

    def __init__(self, host: str, schedule: Schedule, openings: Mapping[int, "_Opening"]) -> None:
        self._host = host
        self._schedule = schedule
        self._openings = openings
        self._start = fraction(host)
        self._cycle = fraction(f"{host} cycle")  # apart from the start, else the hosts of one cycle bunch up within it
        self._offset_ms = int(fraction(f"{host} offset") * HOST_GAP_MS)
        self._taken: dict[int, list[int]] = defaultdict(list)

    def place(self, blocks: Sequence[_Block]) -> list[tuple[Entry, int]]:
        """Return each entry with a phase that is free."""
        placed: list[tuple[Entry, int]] = []
        for block in sorted(blocks, key=lambda block: not block.is_browser):  # the ones with most demands choose first
            phases = self._free_phases(block, len(placed))
            for entry, phase in zip(block.entries, phases, strict=True):
                self._taken[entry.period_ms].append(phase)
                placed.append((entry, phase))
        return placed

    def _free_phases(self, block: _Block, index: int) -> list[int]:
        for slot in _slots(self._start + index * _GOLDEN_RATIO, block.grid_ms // HOST_GAP_MS):
            base = slot * HOST_GAP_MS + self._offset_ms
            phases = [self._phase(block, base, number, index) for number in range(len(block.entries))]
            free = [phase for phase in phases if phase is not None]
            if len(free) == len(phases):
                return free
        entry = block.entries[0]
        raise ConfigurationError(
            f"{self._schedule.where}: host '{self._host}', target '{entry.target.id}': no start is left for {entry.cadence.kind} "
            f"every {entry.cadence.every_seconds} s that lies in its windows and 0.5 s from every other probe of the host; "
            "raise every_seconds, choose periods that are multiples of one another, or widen the windows"
        )

    def _phase(self, block: _Block, base: int, number: int, index: int) -> int | None:
        """Return a phase of one entry in the block's grid: which repetition of the grid it takes is spread as well."""
        entry = block.entries[number]
        cycles = entry.period_ms // block.grid_ms
        within = base + number * block.spacing_ms
        if not self._is_free(within, entry.period_ms, block.grid_ms):
            return None
        opening = self._openings[id(entry.cadence)]
        for cycle in _slots(self._cycle + (index + number) * _GOLDEN_RATIO, cycles):
            phase = (within + cycle * block.grid_ms) % entry.period_ms
            if opening.holds(phase) and self._is_free(phase, entry.period_ms, entry.period_ms):
                return phase
        return None

    def _is_free(self, phase: int, period_ms: int, grid_ms: int) -> bool:
        """Tell whether no start, ever, would come within 0.5 s of one that is taken."""
        for other_ms, phases in self._taken.items():
            common = math.gcd(period_ms, other_ms)
            if grid_ms % common:
                continue  # depends on the cycle, which is chosen later
            for other in phases:
                distance = (phase - other) % common
                if min(distance, common - distance) < HOST_GAP_MS:
                    return False
        return True


def _slots(start: float, count: int) -> Iterator[int]:
    """Yield numbers in 0..count-1 to try: the one meant, some at random (the same each time), then all where they are few."""
    yield int(start % 1.0 * count)
    if count == 1:
        return
    # Not golden hops: what a closed window turns away would all land in the same other hours.
    random = Random(f"{start:.12f}")
    if count <= _RANDOM_TRIES:
        yield from random.sample(range(count), count)
        return
    for _ in range(_RANDOM_TRIES if count <= _FEW_SLOTS else _FEW_SLOTS):
        yield random.randrange(count)
    if count <= _FEW_SLOTS:
        yield from range(count)


class _Opening:
    """At which phases a cadence ever starts: one a day at 03:00 would never meet a window by day."""

    def __init__(self, cadence: Cadence) -> None:
        self._period_ms = cadence.every_seconds * 1000
        longest_minutes = max((window.minutes for window in cadence.windows), default=0)
        self._is_always = not cadence.windows or self._period_ms <= longest_minutes * _MINUTE_MS
        self._is_open = () if self._is_always else _open_minutes(cadence.windows)
        self._starts = min(_WEEK_MS // math.gcd(_WEEK_MS, self._period_ms), 1000)

    def holds(self, phase: int) -> bool:
        """Tell whether some start of a phase falls into the windows."""
        if self._is_always:
            return True
        is_open, minutes = self._is_open, len(self._is_open)
        return any(is_open[(phase + n * self._period_ms) // _MINUTE_MS % minutes] for n in range(self._starts))


@cache
def _open_minutes(windows: tuple[Window, ...]) -> tuple[bool, ...]:
    """Return for each minute of a week counted from the epoch whether a window is open, by the clocks of today."""
    minutes = (_ANY_WEEK + timedelta(minutes=minute) for minute in range(_WEEK_MS // _MINUTE_MS))
    return tuple(any(window.holds(minute) for window in windows) for minute in minutes)
