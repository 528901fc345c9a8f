"""
A round that is planned: a file (rounds/*.yaml) that says in which blocks of which days each portal is measured, and by whom.

What the plan leaves open on purpose is the instant within a block, see `schedules.drawing`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator

from schedules.cadence import DAY_MINUTES, Minutes
from schedules.round_people import PlannedPerson, check_people
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.kinds.kind import Engine, Kind
from thuocdo.core.model import Block, Target
from thuocdo.core.profiles import PLAIN_PROFILE, PROFILES
from thuocdo.core.shapes import CalendarDay, FilledLine, Id
from thuocdo.core.yamlfile import Strict, YamlDocument, nearest, read

BLOCK_LENGTH = timedelta(hours=2)
_BLOCK_MINUTES = BLOCK_LENGTH // timedelta(minutes=1)

MOST_DAYS = 31
MOST_LOADS = 20
"""Of one target by one kind and profile in a block: a browser may come once in five minutes."""

_FORENOON_TO_NIGHT = tuple(hour * 60 for hour in range(6, 22, 2))
_NIGHT = 2 * 60


class RoundType(StrEnum):
    """
    What a round is good for.

    OFFICIAL: a week, by day and by night; its order can be defended. QUICK: three days. SHORT: minutes, without a plan; it tells
    that everything works, and no order.
    """

    OFFICIAL = "official"
    QUICK = "quick"
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class _Usual:
    """What a type says where the file does not: days, and minutes of the day at which blocks begin."""

    days: int
    starts: tuple[int, ...]


# Source: simulated, docs/method.md: days count for more than loads, and a night tells of servers rather than of crowds.
_USUAL = {
    RoundType.OFFICIAL: _Usual(7, (_NIGHT, *_FORENOON_TO_NIGHT)),
    RoundType.QUICK: _Usual(3, _FORENOON_TO_NIGHT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundBlock:
    """Two hours of a round. day: counted from 0. start, end: aware, end exclusive."""

    day: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundPlan:
    """
    When each portal is measured in a round, how often, and what follows of it.

    first_day: in Hanoi. starts: minutes of each day at which a block of two hours begins. loads: by kind, of each target and
    profile in each block. profiles: of the kinds that use a browser. vantage_ids: where it is measured from. ranked: blocks of
    agencies. without: ids of agencies that take no part. minimum_coverage: of what was planned, 0..1; below it nothing is
    published. reply_working_days: how long agencies have to answer. people: who does what afterwards. text: the file.
    """

    id: str
    label: str
    type: RoundType
    first_day: date
    days: int
    starts: tuple[int, ...]
    loads: Mapping[str, int]
    profiles: tuple[str, ...]
    vantage_ids: tuple[str, ...]
    criteria_set_id: str
    ranked: frozenset[Block]
    without: frozenset[str] = frozenset()
    minimum_coverage: float = 0.8
    reply_working_days: int = 10
    people: tuple[PlannedPerson, ...] = ()
    text: bytes = b""

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def blocks(self) -> tuple[RoundBlock, ...]:
        """Every block, in order."""
        midnight = datetime.combine(self.first_day, time(), HANOI)
        starts = [
            (day, midnight + timedelta(days=day, minutes=start)) for day in range(self.days) for start in self.starts
        ]
        return tuple(RoundBlock(day=day, start=start, end=start + BLOCK_LENGTH) for day, start in starts)

    @property
    def begins_at(self) -> datetime:
        """When the first block begins."""
        return self.blocks[0].start

    @property
    def ends_at(self) -> datetime:
        """When the last block ends."""
        return self.blocks[-1].end

    def takes(self, target: Target) -> bool:
        """Tell whether a target is measured."""
        return target.probed and target.block in self.ranked and target.agency_id not in self.without

    def profiles_of(self, kind: Kind) -> tuple[str, ...]:
        """Return the profiles with which a kind is run."""
        return self.profiles if kind.engine is Engine.BROWSER else (PLAIN_PROFILE,)

    def extended(self, days: int) -> Self:
        """Return the plan with more days at its end."""
        return replace(self, days=self.days + days)


def load_round_plan(path: Path, kinds: Mapping[str, Kind]) -> RoundPlan:
    """
    Read the plan of a round.

    Args:
        path: the YAML file; its name without .yaml is the round's id.
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
    usual = _USUAL[RoundType(file.type)]
    return RoundPlan(
        id=file.id,
        label=file.label,
        type=RoundType(file.type),
        first_day=file.from_,
        days=file.days or usual.days,
        starts=tuple(sorted(file.hours)) or usual.starts,
        loads=dict(file.loads),
        profiles=file.profiles,
        vantage_ids=file.vantages,
        criteria_set_id=file.criteria,
        ranked=frozenset(file.agencies.blocks),
        without=frozenset(file.agencies.without),
        minimum_coverage=file.minimum_coverage,
        reply_working_days=file.reply_working_days,
        people=file.people,
        text=path.read_bytes(),
    )


class _AgenciesEntry(Strict):
    blocks: tuple[Block, ...] = Field(default=(Block.MINISTRY, Block.PROVINCE), min_length=1)
    without: tuple[Id, ...] = ()


class _File(Strict):
    id: Id
    label: FilledLine
    type: RoundType
    from_: CalendarDay = Field(alias="from")
    days: int | None = Field(default=None, ge=1, le=MOST_DAYS)
    hours: tuple[Minutes, ...] = ()
    loads: Mapping[str, Annotated[int, Field(ge=1, le=MOST_LOADS)]] = Field(
        default={"http": 1, "homepage": 1, "eform": 1}, min_length=1
    )
    profiles: tuple[str, ...] = Field(default=(PLAIN_PROFILE,), min_length=1)
    vantages: tuple[Id, ...] = Field(min_length=1)
    criteria: Id
    agencies: _AgenciesEntry = _AgenciesEntry()
    minimum_coverage: float = Field(default=0.8, gt=0, le=1)
    reply_working_days: int = Field(default=10, ge=1, le=90)
    people: tuple[PlannedPerson, ...] = ()

    @field_validator("type")
    @classmethod
    def _has_a_plan(cls, value: RoundType) -> RoundType:
        if value is RoundType.SHORT:
            raise ValueError("a short round needs no plan: `thuocdo round LABEL` measures one; give official or quick")
        return value

    @field_validator("hours")
    @classmethod
    def _are_blocks(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(minute % _BLOCK_MINUTES or minute == DAY_MINUTES for minute in value):
            raise ValueError('a block begins at an even hour and lasts two: "00:00", "02:00", to "22:00"')
        if len(set(value)) < len(value):
            raise ValueError("an hour stands twice; name each block once")
        return value

    @field_validator("people")
    @classmethod
    def _can_publish(cls, value: tuple[PlannedPerson, ...]) -> tuple[PlannedPerson, ...]:
        if value:
            check_people(value)
        return value


def _check_names(document: YamlDocument, file: _File, kinds: Mapping[str, Kind]) -> None:
    if file.id != document.path.stem:
        text = f"the file is called {document.path.name}, the round '{file.id}'; give both one name"
        document.report(("id",), text)
    for name in file.loads:
        if name not in kinds:
            hint = nearest(name, kinds) or f"; valid are {', '.join(sorted(kinds))}"
            document.report(("loads", name), f"unknown kind '{name}'{hint}")
    for name in file.profiles:
        if name not in PROFILES:
            hint = nearest(name, PROFILES) or f"; valid are {', '.join(sorted(PROFILES))}"
            document.report(("profiles",), f"unknown profile '{name}'{hint}")
    for key, names in (("profiles", file.profiles), ("vantages", file.vantages)):
        if len(set(names)) < len(names):
            document.report((key,), "a name stands twice; give each once")
