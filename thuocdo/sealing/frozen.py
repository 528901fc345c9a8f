"""What was frozen when a round began: round, registry, criteria sets, schedule, whose signatures count. The folder `plan`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import CRITERIA, REGISTRY, SCHEDULE
from thuocdo.core.model import Round
from thuocdo.core.portals import RegistryFiles, read_registry
from thuocdo.rounds.people import rules_of
from thuocdo.score.basis import load_criteria_sets
from thuocdo.score.criteria import CriteriaSet
from thuocdo.sealing.canonical import canonical
from thuocdo.sealing.keys import PublicKey

PLAN = "plan"
ROUND, KEYS = "round.json", "keys.json"

MACHINE_KEY, MACHINE_NAME = "machine_key", "máy đo"
"""Of a round's settings: by which the machine signs checkpoints; and what it is called among people."""

COMMITMENT = "seed_commitment"
"""Of a round's settings: SHA-256(seed ‖ round id), published before it began."""

MOST_KEYS_BYTES = 1 << 20

_LEFT_OUT = ("published_at", "published_by", "seed")
"""What changes after the end; and the seed, which stands in the manifest."""


class KeyRole(StrEnum):
    """What somebody, or a machine, signs."""

    SEALS = "seals"
    APPROVES = "approves"
    ASSESSES = "assesses"
    DECIDES = "decides"
    MEASURES = "measures"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """A key that the plan of a round lists. name: of the person or machine. key: as minisign writes it."""

    name: Annotated[str, Field(min_length=1)]
    role: KeyRole
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What a round is computed by. criteria: the set of the round first. keys: empty = the plan lists none."""

    registry: RegistryFiles
    criteria: tuple[CriteriaSet, ...]
    digests: Mapping[str, str]
    keys: tuple[ListedKey, ...]


_ROUND = TypeAdapter(Round)
_KEYS = TypeAdapter(tuple[ListedKey, ...])


def round_to_json(round_: Round) -> bytes:
    """Return a round as canonical JSON; see `round_document`."""
    return canonical(round_document(round_))


def round_document(round_: Round) -> dict[str, object]:
    """Return a round as JSON values by name, without what changes after its end, and without its seed."""
    told = _ROUND.dump_python(round_, mode="json")
    return {name: part for name, part in told.items() if name not in _LEFT_OUT}


def round_from_json(content: bytes) -> Round:
    """Return the round that a file tells; raises ValueError where it tells none."""
    try:
        return _ROUND.validate_json(content)
    except ValidationError as exc:
        raise ValueError(f"it tells no round ({exc.error_count()} mistakes)") from exc


def listed_keys(round_: Round) -> tuple[ListedKey, ...]:
    """Return whose signatures count for a round, as its plan lists them, and the machine's; none of a short one."""
    rules = rules_of(round_)
    people = rules.people if rules else ()
    machine = round_.settings.get(MACHINE_KEY)
    machines = (ListedKey(name=MACHINE_NAME, role=KeyRole.MEASURES, key=machine),) if machine else ()
    return (
        *machines,
        *(ListedKey(name=one.name, role=KeyRole(role), key=one.key) for one in people for role in sorted(one.roles)),
    )


def keys_to_json(keys: tuple[ListedKey, ...]) -> bytes:
    """Return listed keys as canonical JSON."""
    return canonical(_KEYS.dump_python(keys, mode="json"))


def read_frozen(folder: Path, round_: Round) -> Frozen:
    """
    Read what is frozen.

    Args:
        folder: `plan` of a package.
        round_: whose it is.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    criteria = load_criteria_sets(folder / CRITERIA, round_.settings.get("criteria_set", ""))
    registry = read_registry(folder / REGISTRY)
    schedule = folder / SCHEDULE
    first = next(iter(criteria.values()))
    return Frozen(
        registry=registry,
        criteria=tuple(criteria.values()),
        digests={
            "registry_digest": registry.digest,
            "criteria_digest": first.digest,
            "schedule_digest": sha256(schedule.read_bytes()).hexdigest() if schedule.is_file() else "",
        },
        keys=_listed_keys(folder / KEYS),
    )


def changed_since(frozen: Frozen, round_: Round) -> list[str]:
    """Return the names of the digests that are not those that the round froze when it began; one that it lacks is not told."""
    return [name for name, digest in frozen.digests.items() if round_.settings.get(name, digest) != digest]


def _listed_keys(file: Path) -> tuple[ListedKey, ...]:
    if not file.is_file():
        return ()
    try:
        keys = _KEYS.validate_json(read_bounded(file, MOST_KEYS_BYTES))
        for one in keys:
            PublicKey(one.key)
    except ValidationError as exc:
        raise ConfigurationError(f"{file}: it lists no keys ({exc.error_count()} mistakes); correct it") from exc
    except ValueError as exc:
        raise ConfigurationError(f"{file}: {exc}; correct it") from exc
    return keys
