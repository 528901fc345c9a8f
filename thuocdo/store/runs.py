"""
Measurements counted and put together by what may be made of them: what rankings and periods are computed from.

A group of runs is what one series saw within one two-hour block of a day in Hanoi, with one outcome, reason and page kind. Its
values are kept one by one, so that a median over months, and its interval, are those of the single measurements to the last
digit; that they are kept by block lets intervals be drawn from blocks. Values are told of runs whose times count, ok and not
saturated; of all others only how many had the value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from thuocdo.core.model import PASSING_REASONS, Outcome
from thuocdo.store.columns import places_of
from thuocdo.store.packing import unpacked
from thuocdo.store.rows import Facts

BLOCK = timedelta(hours=2)
BLOCKS = 12
"""Blocks of a day."""

BLOCK_MICROSECONDS = BLOCK // timedelta(microseconds=1)
DAY_MICROSECONDS = BLOCKS * BLOCK_MICROSECONDS
HANOI_MICROSECONDS = 7 * 3_600_000_000
"""How much earlier a day begins in Hanoi than in UTC; there is no summer time."""

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Ending(NamedTuple):
    """How runs ended, and for whom: what makes a group within a block of a series. Texts as in the model, None = none."""

    agency_id: str
    outcome: str
    reason: str | None
    page_kind: str | None
    saturated: bool

    @property
    def tells_times(self) -> bool:
        """Whether the values of these runs are kept one by one."""
        return self.outcome == Outcome.OK and not self.saturated

    @property
    def is_lost_by_us(self) -> bool:
        """Whether the runs came to nothing for something at us that may have passed by the next time."""
        return (self.outcome == Outcome.OK and self.saturated) or self.reason in PASSING_REASONS


@dataclass(frozen=True, slots=True, kw_only=True)
class RunGroup:
    """
    Runs of one series that ended alike, of one block or of several.

    key: target, kind, vantage point, profile. first_at, last_at: scheduled, microseconds since 1970 in UTC. present: of how many
    runs there is a value, by its name. values: these values in no order, by name, in the value's own unit; empty where the times
    of such runs do not count.
    """

    key: tuple[str, str, str, str]
    ended: Ending
    runs: int
    first_at: int
    last_at: int
    present: Mapping[str, int]
    values: "Mapping[str, npt.NDArray[np.float64]]"

    @property
    def block(self) -> int:
        """The number of its block; of a group of several the first."""
        return block_of(self.first_at)


def block_of(microseconds: int) -> int:
    """Return the number of the block that an instant lies in; blocks are counted through all days."""
    return (microseconds + HANOI_MICROSECONDS) // BLOCK_MICROSECONDS


def block_start(number: int) -> int:
    """Return the instant at which a block begins, microseconds since 1970."""
    return number * BLOCK_MICROSECONDS - HANOI_MICROSECONDS


def block_floor(instant: datetime) -> datetime:
    """Return the beginning of the block that an instant lies in."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    number = block_of((instant - epoch) // timedelta(microseconds=1))
    return epoch + timedelta(microseconds=block_start(number))


@dataclass(slots=True)
class Tally:
    """Runs of a block that ended alike, while they are counted."""

    first_at: int
    last_at: int
    present: dict[str, int]
    values: dict[str, list[float]]
    runs: int = 0


Tallies = dict[tuple[int, Ending], Tally]
"""By block and how runs ended."""


def tallied(
    rows: Iterable[Sequence[Any]],
    names: Sequence[str],
    facts: Callable[[Iterable[int]], Mapping[int, Facts]],
    counted: Sequence[str] = (),
) -> Tallies:
    """
    Count rows of one series.

    Args:
        rows: of `columns.COLUMNS`.
        names: values to take along.
        facts: gives those of some numbers.
        counted: values of which only is counted how many runs have one.
    """
    found = list(rows)
    known = facts({row[1] for row in found})
    places = {number: places_of(common, names) for number, common in known.items()}
    looked_for = dict.fromkeys((*names, *counted))
    there = {number: [name for name in looked_for if name in common.values] for number, common in known.items()}
    endings: dict[tuple[Any, ...], Ending] = {}
    tallies: Tallies = {}
    for _, number, outcome, reason, page_kind, at, saturated, content in found:
        same = (number, outcome, reason, page_kind, saturated)
        ended = endings.get(same)
        if ended is None:
            ended = endings[same] = Ending(known[number].agency_id, outcome, reason, page_kind, bool(saturated))
        place = (at + HANOI_MICROSECONDS) // BLOCK_MICROSECONDS, ended
        tally = tallies.get(place)
        if tally is None:
            tally = tallies[place] = Tally(
                first_at=at, last_at=at, present=dict.fromkeys(looked_for, 0), values={name: [] for name in names}
            )
        tally.runs += 1
        if at < tally.first_at:
            tally.first_at = at
        elif at > tally.last_at:
            tally.last_at = at
        for name in there[number]:
            tally.present[name] += 1
        wanted, most = places[number]
        if most and ended.tells_times:
            numbers = unpacked(content, most)
            for name, index in zip(names, wanted, strict=True):
                if index is not None:
                    tally.values[name].append(numbers[index])
    return tallies


def groups_of(key: tuple[str, str, str, str], tallies: Tallies) -> Iterator[RunGroup]:
    """Yield what was counted of a series."""
    import numpy as np  # only whoever reads runs needs it; agents and the judge are to start without

    for (_, ended), tally in tallies.items():
        yield RunGroup(
            key=key,
            ended=ended,
            runs=tally.runs,
            first_at=tally.first_at,
            last_at=tally.last_at,
            present=tally.present,
            values={name: np.array(values) for name, values in tally.values.items() if values},
        )
