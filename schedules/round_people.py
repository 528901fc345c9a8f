"""The people that the plan of a round lists: who may do what with it, each with a key of their own."""

import base64
import binascii
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from thuocdo.core.model import same_person
from thuocdo.core.shapes import FilledLine
from thuocdo.core.yamlfile import Strict

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


def check_people(people: Sequence[PlannedPerson]) -> None:
    """
    Look whether a round with these people can be published: somebody seals it, somebody else approves, each with an own key.

    Raises:
        ValueError: it cannot, and why not.
    """
    for index, one in enumerate(people):
        for other in people[:index]:
            if same_person(one.name, other.name):
                raise ValueError(f"'{one.name}' is listed twice; list each person once, with all roles")
            if one.key == other.key:
                raise ValueError(f"'{one.name}' and '{other.name}' have one key; give each person a key of their own")
    sealing, approving = (
        {one.name for one in people if role in one.roles} for role in (PersonRole.SEALS, PersonRole.APPROVES)
    )
    if not sealing or not approving or len(sealing | approving) < 2:
        raise ValueError("nobody could publish it: list somebody who seals, and somebody else who approves")
