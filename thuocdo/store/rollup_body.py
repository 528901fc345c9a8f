"""
How the roll-up of a series and day lies in a row: a header as JSON, then the values as arrays.

Format, which stored rows rely on: four bytes, little-endian, with the length of the header; the header; the arrays in the order
in which it names them. An array holds the values of one name and one way of ending, block after block, sorted within each:
"i" = as int32 millionths, "d" = as IEEE doubles, where one is no whole number of millionths or too large. Both little-endian.

NumPy is imported where it is needed: agents and the judge, which open a store as well, are to start without.
"""

import json
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from thuocdo.store.runs import (
    BLOCKS,
    DAY_MICROSECONDS,
    HANOI_MICROSECONDS,
    Ending,
    RunGroup,
    Tallies,
    Tally,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

_LENGTH = 4
_MILLIONTHS, _DOUBLES = "i", "d"
_DTYPES = {_MILLIONTHS: "<i4", _DOUBLES: "<f8"}
_BYTES = {_MILLIONTHS: 4, _DOUBLES: 8}
_LARGEST = 2**31 - 1


def day_of(microseconds: int) -> int:
    """Return the number of the day in Hanoi that an instant lies in, counted from 1970."""
    return (microseconds + HANOI_MICROSECONDS) // DAY_MICROSECONDS


def day_start(number: int) -> int:
    """Return the instant at which a day begins in Hanoi, microseconds since 1970."""
    return number * DAY_MICROSECONDS - HANOI_MICROSECONDS


def merged(into: Tallies, other: Tallies) -> Tallies:
    """Add one count to another, which is changed, and return it."""
    for place, tally in other.items():
        there = into.get(place)
        if there is None:
            into[place] = tally
            continue
        there.runs += tally.runs
        there.first_at, there.last_at = min(there.first_at, tally.first_at), max(there.last_at, tally.last_at)
        for name, number in tally.present.items():
            there.present[name] = there.present.get(name, 0) + number
        for name, values in tally.values.items():
            there.values.setdefault(name, []).extend(values)
    return into


def encoded(day: int, tallies: Tallies, names: Sequence[str]) -> bytes:
    """Return the body of a day; names: of all values that were looked for in every run."""
    import numpy as np

    first = BLOCKS * day
    endings = sorted({ended for _, ended in tallies}, key=lambda ended: [str(part) for part in ended])
    groups, arrays = [], []
    start = day_start(day)
    for ended in endings:
        of_blocks = [tallies.get((first + block, ended)) for block in range(BLOCKS)]
        told: dict[str, Any] = {
            "ended": list(ended),
            "runs": [tally.runs if tally else 0 for tally in of_blocks],
            "at": [[tally.first_at - start, tally.last_at - start] for tally in of_blocks if tally],
            "present": {},
            "arrays": {},
        }
        for name in names:
            present = [tally.present.get(name, 0) if tally else 0 for tally in of_blocks]
            if any(present):
                told["present"][name] = present
            values = [np.sort(np.array(tally.values[name])) for tally in of_blocks if tally and tally.values.get(name)]
            if values:
                told["arrays"][name], content = _array(np.concatenate(values))
                arrays.append(content)
        groups.append(told)
    header = json.dumps({"names": list(names), "groups": groups}, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join([len(header).to_bytes(_LENGTH, "little"), header, *arrays])


def _array(values: "Floats") -> tuple[str, bytes]:
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        millionths = np.round(values * 1e6)
        fits = bool(np.all(np.abs(millionths) <= _LARGEST)) and bool(np.all(millionths / 1e6 == values))
        fits = fits and not bool(np.any((values == 0) & np.signbit(values)))
    kept = _MILLIONTHS if fits else _DOUBLES
    return kept, (millionths if fits else values).astype(_DTYPES[kept]).tobytes()


def names_in(body: bytes) -> tuple[str, ...]:
    """Return the names of the values that were looked for in every run of a body."""
    return tuple(_header(body)[0]["names"])


def runs_in(body: bytes) -> int:
    """Return how many runs a body tells of."""
    return sum(sum(group["runs"]) for group in _header(body)[0]["groups"])


@lru_cache(maxsize=1)
def _header(body: bytes) -> tuple[dict[str, Any], int]:
    """Return what stands before the arrays, and where these begin; the same body is asked for what it names and what it tells."""
    end = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    told: dict[str, Any] = from_json(body[_LENGTH:end])
    return told, end


def _groups(
    body: bytes, wanted: Container[str] | None = None
) -> "Iterator[tuple[Ending, dict[str, Any], dict[str, Floats]]]":
    """Yield what the header tells of each way of ending, with its arrays; wanted: of these values, None = of all."""
    import numpy as np

    header, place = _header(body)
    for told in header["groups"]:
        arrays = {}
        for name, kept in told["arrays"].items():
            length = sum(told["present"][name])
            if wanted is None or name in wanted:
                values = np.frombuffer(body, dtype=_DTYPES[kept], count=length, offset=place)
                arrays[name] = values / 1e6 if kept == _MILLIONTHS else values.astype(np.float64)
            place += length * _BYTES[kept]
        yield Ending(*told["ended"]), told, arrays


def decoded(day: int, body: bytes, wanted: Container[str] | None = None) -> Tallies:
    """Return what a body tells, block by block, to be added to; wanted: of these values, None = of all."""
    tallies: Tallies = {}
    start = day_start(day)
    for ended, told, arrays in _groups(body, wanted):
        used = dict.fromkeys(arrays, 0)
        at = iter(told["at"])
        for block, runs in enumerate(told["runs"]):
            if not runs:
                continue
            first_at, last_at = next(at)
            present = {
                name: counts[block] for name, counts in told["present"].items() if wanted is None or name in wanted
            }
            values = {}
            for name, array in arrays.items():
                values[name] = array[used[name] : used[name] + present[name]].tolist()
                used[name] += present[name]
            tallies[BLOCKS * day + block, ended] = Tally(
                runs=runs, first_at=start + first_at, last_at=start + last_at, present=present, values=values
            )
    return tallies


def groups_between(
    key: tuple[str, str, str, str],
    day: int,
    body: bytes,
    names: Sequence[str],
    first: int,
    last: int,
    *,
    counted: Sequence[str] = (),
) -> Iterator[RunGroup]:
    """
    Yield the groups of a body, each of all its blocks from first to last, both included.

    Args:
        key: of the series.
        day: of the body.
        body: from `encoded`.
        names: values that are wanted.
        first, last: numbers of blocks, as `runs.block_of` counts them.
        counted: values of which only is wanted how many runs have one.
    """
    begin, end = max(first - BLOCKS * day, 0), min(last - BLOCKS * day, BLOCKS - 1) + 1
    is_whole = begin == 0 and end == BLOCKS
    start = day_start(day)
    for ended, told, arrays in _groups(body, names):
        counts, at = told["runs"], told["at"]
        if not is_whole:
            before = sum(1 for count in counts[:begin] if count)
            counts = counts[begin:end]
            at = at[before : before + sum(1 for count in counts if count)]
        runs = sum(counts)
        if not runs:
            continue
        present, values = {}, {}
        for name in dict.fromkeys((*names, *counted)):
            there = told["present"].get(name)
            if there is None:
                continue
            present[name] = sum(there[begin:end])
            if name in arrays:
                skipped = 0 if is_whole else sum(there[:begin])
                values[name] = arrays[name][skipped : skipped + present[name]]
        yield RunGroup(
            key=key,
            ended=ended,
            runs=runs,
            first_at=start + min(first for first, _ in at),
            last_at=start + max(last for _, last in at),
            present=present,
            values=values,
        )
