"""What rankings rest on besides measurements: registry and criteria sets, as they were last read without a mistake."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.frozen import CRITERIA, REGISTRY, laid_out
from thuocdo.core.model import RoundFile
from thuocdo.core.portals import Registry, RegistryFiles, read_registry
from thuocdo.score.criteria import CriteriaSet, criteria_set_ids, load_criteria_set

Read = TypeVar("Read")


class Basis:
    """
    Registry and criteria sets in force.

    Args:
        files: the registry's.
        criteria: every set by id, the one of the settings first.
        read_at: when all this was read.

    """

    def __init__(self, files: RegistryFiles, criteria: Mapping[str, CriteriaSet], read_at: datetime) -> None:
        self.criteria = criteria
        self.criteria_digests = {set_id: one.digest for set_id, one in criteria.items()}
        self.read_at = read_at
        self.registry_at = cache(files.at)
        self._digest_at = cache(lambda day: day_digest(self.registry_at(day)))

    def digest_at(self, day: date) -> str:
        """Return the digest of what the registry held on a day; see `day_digest`."""
        return self._digest_at(day)


def read_basis(registry_dir: Path, criteria_dir: Path, criteria_set: str, now: datetime) -> Basis:
    """
    Read registry and criteria sets.

    Args:
        registry_dir, criteria_dir: folders of YAML files.
        criteria_set: id of the set that is shown where none is asked for; it must be there.
        now: the present instant.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    problems: list[str] = []
    files = attempt(lambda: read_registry(registry_dir), problems)
    criteria = attempt(lambda: load_criteria_sets(criteria_dir, criteria_set), problems)
    if files is None or criteria is None:
        raise ConfigurationError(problems)
    return Basis(files, criteria, now)


def attempt(read: Callable[[], Read], problems: list[str]) -> Read | None:
    """Return what is read; None where it has mistakes, which are added to the problems: what comes after is read all the same."""
    try:
        return read()
    except ConfigurationError as exc:
        problems += exc.problems
        return None


def frozen_basis(files: Sequence[RoundFile], present: Basis) -> Basis:
    """
    Return what a round is ranked by: the registry and the criteria sets that it froze, and sets that came since.

    Args:
        files: of the round; none = an older version began it, and what is in force counts.
        present: what is in force.

    Raises:
        ConfigurationError: this version cannot read what the round froze.
    """
    if not files:
        return present
    with laid_out(files) as folder:
        registry = read_registry(folder / REGISTRY)
        sets = {name: load_criteria_set(folder / CRITERIA, name) for name in criteria_set_ids(folder / CRITERIA)}
    return Basis(registry, {**present.criteria, **sets}, present.read_at)


def load_criteria_sets(folder: Path, first: str) -> dict[str, CriteriaSet]:
    """
    Read every criteria set of a folder.

    Args:
        folder: of YAML files.
        first: id of the set that comes first and must be there.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    problems: list[str] = []
    read = {
        set_id: attempt(partial(load_criteria_set, folder, set_id), problems)
        for set_id in dict.fromkeys([first, *criteria_set_ids(folder)])
    }
    if problems:
        raise ConfigurationError(problems)
    return {set_id: criteria for set_id, criteria in read.items() if criteria is not None}


def day_digest(registry: Registry) -> str:
    """
    Return the SHA-256 of all that a ranking takes from a registry of one day.

    Not that of its files: what is registered from tomorrow on must not have the rounds of years computed anew.
    """
    digest = hashlib.sha256()
    ranked = registry.ranked_targets()
    for agency in registry.agencies.values():
        digest.update(f"{agency!r}\n".encode())
    for target in registry.targets.values():
        told = (target.id, target.agency_id, target.portal_id, target.role, target.probed, target.id in ranked)
        digest.update(f"{told!r}\n".encode())
    return digest.hexdigest()
