"""How often each kind of probe runs, in which hours, and how many runs a round holds: schedules/*.yaml."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.model import Block, Target, TargetRole
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.core.shapes import Id
from thuocdo.core.yamlfile import Strict, YamlDocument, nearest, read

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
LONGEST_EVERY_SECONDS = 366 * 24 * 3600
LONGEST_DEADLINE_SECONDS = 3600
MOST_RUNS = 10_000

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """
    Hours of the week in which probes may start, as clocks in Hanoi show them.

    days: 0 = Monday. from_minute, to_minute: minutes since midnight, to exclusive; from > to runs across midnight and belongs
    to the day on which it begins.
    """

    days: frozenset[int]
    from_minute: int
    to_minute: int

    def holds(self, instant: datetime) -> bool:
        """Tell whether an aware instant lies in the window."""
        local = instant.astimezone(HANOI)
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.from_minute < self.to_minute:
            return day in self.days and self.from_minute <= minute < self.to_minute
        begun_today = day in self.days and minute >= self.from_minute
        begun_yesterday = (day - 1) % 7 in self.days and minute < self.to_minute
        return begun_today or begun_yesterday

    @property
    def minutes(self) -> int:
        """Length of one opening."""
        return (self.to_minute - self.from_minute) % DAY_MINUTES or DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """
    How one kind of probe repeats over every target it applies to.

    windows: none = always. roles: of targets that it takes, among those of the kind. blocks: of agencies whose targets it takes.
    engine, needs_mandate: those of the kind.
    """

    kind: str
    every_seconds: int
    deadline_seconds: float
    profiles: tuple[str, ...]
    windows: tuple[Window, ...] = ()
    roles: frozenset[TargetRole]
    engine: Engine
    needs_mandate: bool = False
    blocks: frozenset[Block] = frozenset(Block)

    def takes(self, target: Target) -> bool:
        """Tell whether it applies to a target."""
        return (
            target.role in self.roles
            and target.block in self.blocks
            and (target.mandate is not None or not self.needs_mandate)
        )

    def is_open(self, instant: datetime) -> bool:
        """Tell whether a probe may start at an instant."""
        return not self.windows or any(window.holds(instant) for window in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """
    When to measure.

    runs: how often a round probes each target, by kind; a kind that is not named takes no part. source: the file, for messages.
    """

    id: str
    cadences: tuple[Cadence, ...]
    runs: Mapping[str, int]
    source: str = ""

    def profiles_of(self, target: Target) -> Mapping[str, int]:
        """Return with how many profiles a target is measured, by kind of probe."""
        counts: Counter[str] = Counter()
        for cadence in self.cadences:
            if cadence.takes(target):
                counts[cadence.kind] += len(cadence.profiles)
        return counts

    @property
    def where(self) -> str:
        """What a message calls it."""
        return self.source or f"schedule '{self.id}'"


def load_schedule(path: Path, kinds: Mapping[str, Kind]) -> Schedule:
    """
    Read a schedule.

    Args:
        path: the YAML file.
        kinds: every kind of probe there is, by name.

    Raises:
        ConfigurationError: every mistake, one line each.
    """
    document = read(path)
    file = document.check(_File)
    if file is None:
        raise ConfigurationError(document.problems)
    _check_names(document, file, kinds)
    if document.problems:
        raise ConfigurationError(document.problems)
    return Schedule(
        id=file.id,
        cadences=tuple(
            _cadence(entry, kinds[entry.kind], profiles, blocks)
            for entry in file.cadences
            for profiles, blocks in _blocks_by_profiles(entry, file.cadences)
        ),
        runs=dict(file.round.runs),
        source=str(path),
    )


def _minutes(value: object) -> object:
    """Return minutes since midnight; YAML reads an unquoted 23:00 as the number 1380, so quotes are asked for."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError('a time is HH:MM in quotes, "00:00" to "24:00"')
    hours, minutes = value.split(":")
    return int(hours) * 60 + int(minutes)


Minutes = Annotated[int, BeforeValidator(_minutes)]


class _WindowEntry(Strict):
    days: tuple[Weekday, ...] = Field(default=WEEKDAYS, min_length=1)
    from_: Minutes = Field(alias="from")
    to: Minutes


class _CadenceEntry(Strict):
    kind: str
    every_seconds: int = Field(ge=1, le=LONGEST_EVERY_SECONDS)
    deadline_seconds: float | None = Field(default=None, gt=0, le=LONGEST_DEADLINE_SECONDS)
    profiles: tuple[str, ...] = Field(default=(PLAIN_PROFILE,), min_length=1)
    roles: tuple[TargetRole, ...] | None = Field(default=None, min_length=1)
    blocks: tuple[Block, ...] | None = Field(default=None, min_length=1)
    windows: tuple[_WindowEntry, ...] = ()


class _RoundEntry(Strict):
    runs: Mapping[str, Annotated[int, Field(ge=0, le=MOST_RUNS)]] = Field(default_factory=dict)


class _File(Strict):
    id: Id
    cadences: tuple[_CadenceEntry, ...] = Field(min_length=1)
    round: _RoundEntry = _RoundEntry()


def _check_names(document: YamlDocument, file: _File, kinds: Mapping[str, Kind]) -> None:
    seen: set[tuple[str, str, Block | None]] = set()
    for index, entry in enumerate(file.cadences):
        place = ("cadences", index)
        if entry.kind not in kinds:
            document.report((*place, "kind"), f"unknown kind '{entry.kind}'{_hint(entry.kind, kinds)}")
        for profile in entry.profiles:
            if profile not in PROFILES:
                document.report((*place, "profiles"), f"unknown profile '{profile}'{_hint(profile, PROFILES)}")
            elif profile != PLAIN_PROFILE and entry.kind in kinds and kinds[entry.kind].engine == Engine.HTTP:
                text = (
                    f"kind '{entry.kind}' uses no browser, and so neither device nor line: "
                    f"profile '{profile}' would not be true of its numbers; leave profiles out (it is then '{PLAIN_PROFILE}')"
                )
                document.report((*place, "profiles"), text)
            for block in entry.blocks or (None,):
                if (entry.kind, profile, block) in seen:
                    where = f" for {block}" if block else ""
                    text = f"kind '{entry.kind}' has profile '{profile}' twice{where}; every kind and profile has one cadence"
                    document.report((*place, "profiles"), text)
                seen.add((entry.kind, profile, block))
        _check_roles(document, place, entry, kinds)
        for number, window in enumerate(entry.windows):
            if window.from_ in (window.to, DAY_MINUTES):
                text = 'no time lies in this window; the whole day is from "00:00" to "24:00"'
                document.report((*place, "windows", number), text)
    with_cadence = {entry.kind for entry in file.cadences}
    for kind in file.round.runs:
        if kind not in with_cadence:
            text = f"kind '{kind}' has runs but no cadence, which gives its profiles and deadline{_hint(kind, with_cadence)}"
            document.report(("round", "runs", kind), text)


def _check_roles(
    document: YamlDocument, place: tuple[str, int], entry: _CadenceEntry, kinds: Mapping[str, Kind]
) -> None:
    known = kinds[entry.kind].roles if entry.kind in kinds else frozenset(TargetRole)
    strange = [role for role in entry.roles or () if role not in known]
    if strange:
        there = ", ".join(sorted(known))
        text = f"kind '{entry.kind}' does not apply to targets of role {', '.join(strange)}; it does to {there}"
        document.report((*place, "roles"), text)


def _hint(name: str, valid: Mapping[str, object] | set[str]) -> str:
    return nearest(name, valid) or f"; valid are {', '.join(sorted(valid))}"


def _blocks_by_profiles(
    entry: _CadenceEntry, entries: Sequence[_CadenceEntry]
) -> Iterator[tuple[tuple[str, ...], frozenset[Block]]]:
    """Yield the entry's profiles with the blocks that it takes: those it names, else all that no other names of its kind."""
    groups: dict[frozenset[Block], list[str]] = {}
    for profile in entry.profiles:
        named = {
            block
            for other in entries
            if other.kind == entry.kind and profile in other.profiles
            for block in other.blocks or ()
        }
        blocks = frozenset(entry.blocks) if entry.blocks else frozenset(Block) - named
        groups.setdefault(blocks, []).append(profile)
    yield from ((tuple(profiles), blocks) for blocks, profiles in groups.items() if blocks)


def _cadence(entry: _CadenceEntry, kind: Kind, profiles: tuple[str, ...], blocks: frozenset[Block]) -> Cadence:
    return Cadence(
        kind=entry.kind,
        every_seconds=entry.every_seconds,
        deadline_seconds=entry.deadline_seconds or kind.deadline_seconds,
        profiles=profiles,
        blocks=blocks,
        windows=tuple(
            Window(
                days=frozenset(WEEKDAYS.index(day) for day in window.days),
                from_minute=window.from_,
                to_minute=window.to,
            )
            for window in entry.windows
        ),
        roles=kind.roles if entry.roles is None else frozenset(entry.roles),
        engine=kind.engine,
        needs_mandate=kind.needs_mandate,
    )
