"""Who may do what with a round: the people that its plan lists, each with an own key, and what else it asks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, TypeAdapter, ValidationError

from schedules.round_people import PersonRole, PlannedPerson
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Round, same_person
from thuocdo.core.yamlfile import nearest

PEOPLE, MINIMUM_COVERAGE = "people", "minimum_coverage_ratio"
"""Under which names a round freezes them, see `frozen_rules`."""


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
