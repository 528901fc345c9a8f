"""
Which parts joined a portal's incident and which are fine again: one line that is stored, and read again for people.

    joined: a.form-1 (broken), certificate of a.home (expiring); fine again: a.home; removed from the registry: a.form-2
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thuocdo.core.model import IncidentAspect, IncidentPart, IncidentState

MOST_NAMED = 30
"""Of those that joined, of those that are fine again, of those that were removed."""

_JOINED, _LEFT, _REMOVED = "joined: ", "fine again: ", "removed from the registry: "
_TITLES = (_JOINED, _LEFT, _REMOVED)
_CERTIFICATE, _MORE = "certificate of ", "and {} more"
_PART = re.compile(rf"^(?P<certificate>{_CERTIFICATE})?(?P<target>\S+)(?: \((?P<state>[a-z]+)\))?$")
_AND_MORE = re.compile(r"^and (\d+) more$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPart:
    """One that joined or left. state: None where it left."""

    target_id: str
    aspect: IncidentAspect = IncidentAspect.SERVICE
    state: IncidentState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeParts:
    """Those that a section names; more: how many it does not."""

    named: Sequence[ChangedPart] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChanges:
    """What a line says. said: what stands before it, as the first part said it."""

    said: str = ""
    joined: SomeParts = SomeParts()
    left: SomeParts = SomeParts()
    removed: SomeParts = SomeParts()


def part_changes(
    joined: Iterable[IncidentPart] = (), left: Iterable[IncidentPart] = (), removed: Iterable[IncidentPart] = ()
) -> str:
    """Return the line; empty where none is named. joined, left, removed: those that it is about."""
    sections = (
        (_JOINED, [f"{_named(part)} ({part.state})" for part in joined]),
        (_LEFT, [_named(part) for part in left]),
        (_REMOVED, [_named(part) for part in removed]),
    )
    return "; ".join(title + ", ".join(_cut(names)) for title, names in sections if names)


def read_part_changes(line: str) -> PartChanges | None:
    """Return what a line says; None where it is no such line."""
    found: dict[str, SomeParts] = {}
    sections = line.split("; ")
    first = next((number for number, section in enumerate(sections) if section.startswith(_TITLES)), None)
    if first is None:
        return None
    for section in sections[first:]:
        title = next((title for title in _TITLES if section.startswith(title)), None)
        some = _read(section.removeprefix(title)) if title else None
        if title is None or some is None:
            return None
        # What several changes said that came at once is one line.
        before = found.get(title, SomeParts())
        found[title] = SomeParts(named=(*before.named, *some.named), more=before.more + some.more)
    by_name = {name: found[title] for name, title in zip(_FIELDS, _TITLES, strict=True) if title in found}
    return PartChanges(said="; ".join(sections[:first]), **by_name)


_FIELDS = ("joined", "left", "removed")


def _read(names: str) -> SomeParts | None:
    parts, more = list[ChangedPart](), 0
    for name in names.split(", "):
        if number := _AND_MORE.match(name):
            more = int(number[1])
            continue
        part = _PART.match(name)
        if part is None or (part["state"] or IncidentState.DOWN) not in [*IncidentState]:
            return None
        aspect = IncidentAspect.CERTIFICATE if part["certificate"] else IncidentAspect.SERVICE
        state = IncidentState(part["state"]) if part["state"] else None
        parts.append(ChangedPart(target_id=part["target"], aspect=aspect, state=state))
    return SomeParts(named=parts, more=more)


def _named(part: IncidentPart) -> str:
    return (_CERTIFICATE if part.aspect is IncidentAspect.CERTIFICATE else "") + part.target_id


def _cut(names: Sequence[str]) -> list[str]:
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], *([_MORE.format(more)] if more > 0 else [])]
