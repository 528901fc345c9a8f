"""Who may do what with a round: the people that its plan lists, each with an own key, and what else it asks."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError, model_validator

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Round, same_person
from thuocdo.core.shapes import FilledLine
from thuocdo.core.yamlfile import Strict, nearest

PEOPLE, MINIMUM_COVERAGE = "people", "minimum_coverage_ratio"
"""Under which names a round freezes them, see `frozen_rules`."""

_KEY_BYTES = 42
_ALGORITHM = b"Ed"


class PersonRole(StrEnum):
    """What somebody may sign: that a round is sealed, approved, that points were assessed, how objections are decided."""

    SEALS = "seals"
    APPROVES = "approves"
    ASSESSES = "assesses"
    DECIDES = "decides"


def good_public_key(value: str) -> str:
    """Return a public key as minisign writes it, the second line of its file; raises ValueError for what is none."""
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if len(content) != _KEY_BYTES or not content.startswith(_ALGORITHM):
        raise ValueError("no public key of minisign; give the second line of the file that ends in .pub")
    return value


class PlannedPerson(Strict):
    """One of `people` in the plan of a round. key: minisign's public key, the second line of its file."""

    name: FilledLine
    roles: Annotated[tuple[PersonRole, ...], Field(min_length=1)]
    key: Annotated[str, AfterValidator(good_public_key)]


class PlannedPeople(Strict):
    """
    All of `people` in the plan of a round, each with a name and a key of their own.

    A round that is to be published needs somebody who seals, and somebody else who approves.
    """

    people: Annotated[tuple[PlannedPerson, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _are_different_people(self) -> Self:
        for index, one in enumerate(self.people):
            for other in self.people[:index]:
                if same_person(one.name, other.name):
                    raise ValueError(f"'{one.name}' is listed twice; list each person once, with all roles")
                if one.key == other.key:
                    raise ValueError(
                        f"'{one.name}' and '{other.name}' have one key; give each person a key of their own"
                    )
        sealing, approving = (
            {one.name for one in self.people if role in one.roles} for role in (PersonRole.SEALS, PersonRole.APPROVES)
        )
        if not sealing or not approving or len(sealing | approving) < 2:
            raise ValueError("nobody could publish it: list somebody who seals, and somebody else who approves")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whom the plan of a round lists. key: minisign's public key."""

    name: str
    roles: frozenset[PersonRole]
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRules:
    """What a plan asks. minimum_coverage_ratio: 0..1, of what was to be measured."""

    people: tuple[Person, ...]
    minimum_coverage_ratio: float

    def person(self, name: str) -> Person:
        """
        Return somebody by name, however it is spaced or capitalised.

        Raises:
            ConfigurationError: the plan does not list such a person.
        """
        found = next((one for one in self.people if same_person(one.name, name)), None)
        if found is None:
            names = [one.name for one in self.people]
            raise ConfigurationError(
                f"--by: the plan of the round does not list '{name}'{nearest(name, names)} (there are: {', '.join(names)})"
            )
        return found

    def those_who(self, role: PersonRole) -> tuple[str, ...]:
        """Return the names of those who have a role."""
        return tuple(one.name for one in self.people if role in one.roles)


class _FrozenPerson(BaseModel):
    name: str
    roles: tuple[PersonRole, ...]
    key: str


_PEOPLE = TypeAdapter(tuple[_FrozenPerson, ...])


def frozen_rules(people: Iterable[PlannedPerson], minimum_coverage_ratio: float) -> Mapping[str, str]:
    """Return what a round keeps of its plan's people and minimum among its frozen settings."""
    listed = [{"name": one.name, "roles": list(one.roles), "key": one.key} for one in people]
    return {
        PEOPLE: json.dumps(listed, ensure_ascii=False, sort_keys=True),
        MINIMUM_COVERAGE: f"{minimum_coverage_ratio:g}",
    }


def rules_of(round_: Round) -> RoundRules | None:
    """
    Return what a round's plan asks; None = it has no plan with people, and is published by whoever names themselves.

    Raises:
        ConfigurationError: this version cannot read what the round froze.
    """
    if PEOPLE not in round_.settings:
        return None
    try:
        people: Sequence[_FrozenPerson] = _PEOPLE.validate_json(round_.settings[PEOPLE])
        minimum = float(round_.settings.get(MINIMUM_COVERAGE, "0"))
    except (ValidationError, ValueError) as exc:
        raise ConfigurationError(
            f"round '{round_.label}': its plan's people cannot be read by this version; go on with the version that began it"
        ) from exc
    return RoundRules(
        people=tuple(Person(name=one.name, roles=frozenset(one.roles), key=one.key) for one in people),
        minimum_coverage_ratio=minimum,
    )
