"""Reads the registry's folder and gives what was valid on a day."""

import gc
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Agency, Confidence, Mandate, Portal, Procedure, Target, TargetRole
from thuocdo.core.portals.checks import check_all
from thuocdo.core.portals.entries import AgencyEntry, EformEntry, MandateEntry, PortalEntry
from thuocdo.core.portals.registry import Registry
from thuocdo.core.portals.sheets import Placed, Sheets, is_in_order
from thuocdo.core.yamlfile import YamlDocument, read

COMMUNES = "communes"
"""The folder below a registry's own in which communes stand, a file for each province."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dated:
    """A target and the days on which it is one."""

    target: Target
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFiles:
    """Everything that the registry's files hold, whenever it is valid."""

    agencies: tuple[Agency, ...]
    portals: tuple[Portal, ...]
    procedures: tuple[Procedure, ...]
    mandates: tuple[Mandate, ...]
    dated_targets: tuple[_Dated, ...]
    digest: str

    def at(self, day: date | None) -> Registry:
        """
        Return what was valid on a day.

        None gives everything that ever was, for looking things up: mandates, which belong to a day, are not attached.
        """
        mandates = {
            mandate.portal_id: mandate for mandate in self.mandates if day is not None and _is_valid(mandate, day)
        }
        targets = (dated.target for dated in self.dated_targets if _is_valid(dated, day))
        return Registry(
            agencies={agency.id: agency for agency in self.agencies if _is_valid(agency, day)},
            portals={portal.id: portal for portal in self.portals if _is_valid(portal, day)},
            procedures={procedure.code: procedure for procedure in self.procedures},
            targets={
                target.id: replace(target, mandate=mandates[target.portal_id])
                if target.portal_id in mandates
                else target
                for target in targets
            },
            digest=self.digest,
        )


def load_registry(folder: Path, *, at: date) -> Registry:
    """
    Return the registry as it was valid on a day; validity is inclusive at both ends.

    Args:
        folder: holds *.yaml files, and more of them in `communes/`, each with any of the keys agencies, procedures, mandates;
            all are merged.
        at: the day, as Hanoi counts it.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    return read_registry(folder).at(at)


def read_registry(folder: Path) -> RegistryFiles:
    """
    Read and check all files of a registry's folder.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    files = [*sorted(folder.glob("*.yaml")), *sorted((folder / COMMUNES).glob("*.yaml"))]
    if not files:
        raise ConfigurationError(f"{folder}: holds no *.yaml file; give the folder of a registry")
    with _collector_away():
        documents, unreadable = _read_files(files)
        sheets = Sheets()
        for document in documents:
            sheets.read(document)
        if not unreadable:  # else whatever stands in that file would be called unknown
            check_all(sheets)
        problems = [*unreadable, *(problem for document in documents for problem in document.problems)]
        if problems:
            raise ConfigurationError(problems)
        return _build(sheets, _digest(folder, files))


@contextmanager
def _collector_away() -> Iterator[None]:
    """
    Keep the collector of circular garbage away for a moment.

    The entries of a whole country are 200,000 objects, all of them alive: the collector would walk them again and again, which
    took a quarter of the time and made a large registry cost more per agency than a small one.
    """
    was_here = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_here:
            gc.enable()


def _read_files(files: Iterable[Path]) -> tuple[list[YamlDocument], list[str]]:
    documents: list[YamlDocument] = []
    unreadable: list[str] = []
    for file in files:
        try:
            documents.append(read(file))
        except ConfigurationError as exc:
            unreadable += exc.problems
    return documents, unreadable


def _digest(folder: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _build(sheets: Sheets, digest: str) -> RegistryFiles:
    placed_agencies = {placed.id: placed for placed in sheets.agencies.placed}
    agencies = {placed.id: _agency(placed, placed_agencies) for placed in sheets.agencies.placed}
    portals = {placed.id: _portal(placed) for placed in sheets.portals.placed}
    entries = {placed.id: placed.entry for placed in sheets.portals.placed}
    owners = {agency_id: _owner(placed, placed_agencies) for agency_id, placed in placed_agencies.items()}
    common = _targets_by_portal(agencies, portals, entries, owners)
    homepages = (
        _Dated(target=common[placed.id], valid_from=placed.valid_from, valid_to=placed.valid_to)
        for placed in sheets.portals.placed
    )
    eforms = (
        _Dated(
            target=_eform(common[placed.owner_id], placed.entry), valid_from=placed.valid_from, valid_to=placed.valid_to
        )
        for placed in sheets.eforms.placed
    )
    return RegistryFiles(
        agencies=tuple(agencies.values()),
        portals=tuple(portals.values()),
        procedures=tuple(Procedure(**dict(placed.entry)) for placed in sheets.procedures.placed),
        mandates=tuple(_mandate(placed.entry) for placed in sheets.mandates.placed),
        dated_targets=(*homepages, *eforms),
        digest=digest,
    )


def _targets_by_portal(
    agencies: Mapping[str, Agency],
    portals: Mapping[str, Portal],
    entries: Mapping[str, PortalEntry],
    owners: Mapping[str, str],
) -> dict[str, Target]:
    """
    Return the home page of each portal.

    An agency's hosts stay its own after their portal has ended, since old addresses redirect to new ones and back. The set
    of all other hosts is one for all targets (a set for each would grow with the square of the registry), so that it
    also holds a target's own: whoever asks looks at own_hosts first.
    """
    hosts: dict[str, set[str]] = {agency_id: set() for agency_id in agencies}
    for portal in portals.values():
        hosts[portal.agency_id].add(portal.host)
    all_hosts = frozenset(chain.from_iterable(hosts.values()))
    own_hosts = {agency_id: frozenset(own) for agency_id, own in hosts.items()}
    return {
        portal.id: Target(
            id=f"{portal.id}.home",
            role=TargetRole.HOMEPAGE,
            url=portal.homepage_url,
            agency_id=portal.agency_id,
            portal_id=portal.id,
            block=agencies[portal.agency_id].block,
            region=agencies[portal.agency_id].region,
            family=portal.family,
            expected_text=entries[portal.id].expected_text,
            ip_version=entries[portal.id].ip_version,
            networks=entries[portal.id].networks,
            own_hosts=own_hosts[portal.agency_id],
            elsewhere_hosts=all_hosts,
            probed=portal.confirmed or portal.confidence is not Confidence.LOW,
            owner=owners[portal.agency_id],
            parent_id=agencies[portal.agency_id].parent_id or "",
        )
        for portal in portals.values()
    }


def _eform(homepage: Target, entry: EformEntry) -> Target:
    return replace(
        homepage,
        id=f"{homepage.portal_id}.eform-{entry.procedure}",
        role=TargetRole.EFORM,
        url=entry.url,
        expected_text="",
        procedure_code=entry.procedure,
        journey=entry.journey,
        variables=dict(entry.variables),
    )


def _owner(placed: Placed[AgencyEntry], agencies: Mapping[str, Placed[AgencyEntry]]) -> str:
    """Return who gets an agency's alerts: thousands of communes have no people on duty of their own unless it is said."""
    entry = placed.entry
    return entry.owner or (_owner(agencies[entry.parent], agencies) if entry.parent else placed.id)


def _within(province: AgencyEntry) -> str:
    """Return what follows the Vietnamese name of a commune."""
    name = province.name_vi
    if name.casefold().startswith("thành phố "):
        return name[0].lower() + name[1:]
    return f"{'thành phố' if province.city else 'tỉnh'} {name}"


def _agency(placed: Placed[AgencyEntry], agencies: Mapping[str, Placed[AgencyEntry]]) -> Agency:
    entry = placed.entry
    province = agencies[entry.parent].entry if entry.parent else None
    return Agency(
        id=entry.id,
        block=entry.block,
        name_vi=entry.name_vi,
        name_en=entry.name_en,
        region=entry.region or (province.region if province else ""),
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        successor_id=entry.successor,
        source=entry.source,
        parent_id=entry.parent,
        code=entry.code or "",
        within_vi=_within(province) if province else "",
        within_en=province.name_en if province else "",
    )


def _portal(placed: Placed[PortalEntry]) -> Portal:
    entry = placed.entry
    return Portal(
        id=entry.id,
        agency_id=placed.owner_id,
        homepage_url=entry.homepage_url,
        name_vi=entry.name_vi,
        name_en=entry.name_en,
        family=entry.family,
        confidence=entry.confidence,
        confirmed=entry.confirmed,
        allowlisted_since=entry.allowlisted_since,
        valid_from=placed.valid_from,
        valid_to=placed.valid_to,
        successor_id=entry.successor,
        source=entry.source,
    )


def _mandate(entry: MandateEntry) -> Mandate:
    return Mandate(portal_id=entry.portal, **entry.model_dump(exclude={"portal"}))


def _is_valid(thing: Agency | Portal | Mandate | _Dated, day: date | None) -> bool:
    """Tell whether something holds on a day; None asks for any day at all."""
    return day is None or (is_in_order(thing.valid_from, day) and is_in_order(day, thing.valid_to))
