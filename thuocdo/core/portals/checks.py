"""What must hold between the entries of a registry; every breach is reported at its place."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar
from unicodedata import normalize
from urllib.parse import urlsplit

from pydantic import BaseModel

from thuocdo.core.model import Block
from thuocdo.core.portals.entries import AgencyEntry, EformEntry, PortalEntry
from thuocdo.core.portals.sheets import Placed, Sheet, Sheets, is_in_order
from thuocdo.core.yamlfile import hinting

Entry = TypeVar("Entry", bound=BaseModel)

_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_all(sheets: Sheets) -> None:
    """Report everything that does not hold between entries, in all files."""
    _check_parents(sheets.agencies)
    _check_successors(sheets.agencies)
    _check_successors(sheets.portals)
    _check_lifetimes(sheets.portals.placed, {agency.id: agency for agency in sheets.agencies.placed})
    _check_lifetimes(sheets.eforms.placed, {portal.id: portal for portal in sheets.portals.placed})
    _check_one_at_a_time(sheets.agencies.placed, "name_vi", _name, "this name")
    coded = [agency for agency in sheets.agencies.placed if agency.entry.code]
    _check_one_at_a_time(coded, "code", lambda agency: agency.entry.code, "this code")
    _check_one_at_a_time(sheets.portals.placed, "homepage_url", _host, "this host")
    _check_one_at_a_time(sheets.eforms.placed, "procedure", _procedure_of_portal, "this procedure on this portal")
    _check_one_at_a_time(sheets.mandates.placed, "portal", lambda mandate: mandate.entry.portal, "this portal")
    _check_known(sheets.eforms.placed, "procedure", sheets.procedures)
    _check_known(sheets.mandates.placed, "portal", sheets.portals)


def _name(agency: Placed[AgencyEntry]) -> Hashable:
    """Return what no other agency may be called at that time; a commune's name is its own within its province alone."""
    return (agency.entry.parent, normalize("NFC", agency.entry.name_vi).casefold())


def _host(portal: Placed[PortalEntry]) -> Hashable:
    parts = urlsplit(portal.entry.homepage_url)
    # http and https on their usual ports are one host in two schemes, not two hosts.
    port = None if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else parts.port
    return (parts.hostname, port)


def _procedure_of_portal(eform: Placed[EformEntry]) -> Hashable:
    return (eform.document.path, eform.place[:-2], eform.entry.procedure)


def _check_one_at_a_time(entries: Iterable[Placed[Any]], key: str, group: Any, what: str) -> None:
    """Report entries of one group that are valid on the same day."""
    groups: dict[Hashable, list[Placed[Any]]] = defaultdict(list)
    for entry in entries:
        groups[group(entry)].append(entry)
    for first, second in (pair for members in groups.values() if len(members) > 1 for pair in _overlapping(members)):
        text = (
            f"{what} is also that of {first.label} ({first.where}), valid {_span(first)}, while this one is valid "
            f"{_span(second)}; end one before the other begins, or remove one"
        )
        second.report(key, text)


def _overlapping(members: Iterable[Placed[Any]]) -> Iterator[tuple[Placed[Any], Placed[Any]]]:
    """Yield pairs that are valid on the same day, in the order of the files: each entry with one other, in a single sweep."""
    last: tuple[int, Placed[Any]] | None = None
    for index, entry in sorted(enumerate(members), key=lambda one: one[1].valid_from or date.min):
        if last is not None and last[1].overlaps(entry):
            yield (last[1], entry) if last[0] < index else (entry, last[1])
        if last is None or (last[1].valid_to or date.max) < (entry.valid_to or date.max):
            last = index, entry


def _check_known(entries: Iterable[Placed[Any]], key: str, others: Sheet[Any]) -> None:
    near = hinting(others.ids)
    for entry in entries:
        name = getattr(entry.entry, key)
        if name not in others.ids:
            hint = near(name) or f"; no {others.noun} has it, add one or correct it"
            entry.report(key, f"unknown {others.noun} '{name}'{hint}")


def _check_lifetimes(entries: Iterable[Placed[Any]], owners: Mapping[str, Placed[Any]]) -> None:
    """Report what is said to live longer than what it belongs to."""
    for entry in entries:
        owner = owners.get(entry.owner_id)
        if owner is None:
            continue
        for key, in_order in (
            ("valid_from", is_in_order(owner.valid_from, entry.valid_from)),
            ("valid_to", is_in_order(entry.valid_to, owner.valid_to)),
        ):
            if not in_order:
                text = f"valid {_span(entry)}, but its {owner.label} only {_span(owner)}; correct one of them"
                entry.report(key, text)


def _check_parents(sheet: Sheet[AgencyEntry]) -> None:
    """Report communes whose province is none, or was none on some of their days: a unit of a merged province ends with it."""
    by_id = {placed.id: placed for placed in sheet.placed}
    near = hinting(placed.id for placed in sheet.placed if placed.entry.block is Block.PROVINCE)
    for commune in (placed for placed in sheet.placed if placed.entry.parent is not None):
        name = str(commune.entry.parent)
        if name not in sheet.ids:
            hint = near(name) or "; add the province first, or correct it"
            commune.report("parent", f"unknown province '{name}'{hint}")
            continue
        parent = by_id.get(name)
        if parent is None:
            continue  # it has mistakes of its own
        if parent.entry.block is not Block.PROVINCE:
            commune.report(
                "parent", f"{parent.label} is a {parent.entry.block}, not a province{near(name)}; correct it"
            )
        elif not is_in_order(parent.valid_from, commune.valid_from) or _outlives(commune, parent):
            text = f"valid {_span(commune)}, but its province '{name}' only {_span(parent)}; correct one of them"
            commune.report("parent", text)


def _outlives(commune: Placed[AgencyEntry], parent: Placed[AgencyEntry]) -> bool:
    return parent.valid_to is not None and (commune.valid_to is None or commune.valid_to > parent.valid_to)


def _check_successors(sheet: Sheet[Any]) -> None:
    by_id: dict[str, Placed[Any]] = {placed.id: placed for placed in sheet.placed}
    followed = [placed for placed in sheet.placed if placed.entry.successor is not None]
    _check_known(followed, "successor", sheet)
    for placed in followed:
        successor = by_id.get(placed.entry.successor)
        # A body that takes over another one may well be older: then it has no valid_from. One that has must wait its turn.
        if successor and successor.valid_from and placed.valid_to and successor.valid_from <= placed.valid_to:
            text = (
                f"successor '{successor.id}' begins on {successor.valid_from}, before {placed.id} ends on {placed.valid_to}; "
                "correct one of the dates"
            )
            placed.report("successor", text)
    _check_circles(by_id)


def _check_circles(by_id: Mapping[str, Placed[Any]]) -> None:
    seen: set[str] = set()
    for start in by_id:
        path: list[str] = []
        current: str | None = start
        while current is not None and current in by_id and current not in seen:
            seen.add(current)
            path.append(current)
            current = by_id[current].entry.successor
        if current in path:
            circle = path[path.index(current) :]
            text = f"successors run in a circle: {' → '.join((*circle, circle[0]))}; the last of them has no successor"
            by_id[circle[0]].report("successor", text)


def _span(placed: Placed[Any]) -> str:
    return f"{placed.valid_from or '…'} to {placed.valid_to or '…'}"
