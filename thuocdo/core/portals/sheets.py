"""All entries of the registry's files, each with its place, so that what concerns several of them can be reported there."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from thuocdo.core.portals.entries import AgencyEntry, EformEntry, FileEntry, MandateEntry, PortalEntry, ProcedureEntry
from thuocdo.core.yamlfile import Place, YamlDocument

Entry = TypeVar("Entry", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[Entry]):
    """
    An entry of good shape and where it stands.

    owner_id: the agency of a portal, the portal of an eForm. valid_from, valid_to: its own, else its owner's.
    """

    id: str
    entry: Entry
    document: YamlDocument
    place: Place
    label: str
    owner_id: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def report(self, key: str, text: str) -> None:
        """Report a mistake at one key of the entry."""
        self.document.report((*self.place, key), f"{self.label}: {text}")

    @property
    def where(self) -> str:
        """File and line, to be named in a message about another entry."""
        return _where(self.document, self.place)

    def overlaps(self, other: "Placed[Any]") -> bool:
        """Tell whether both are valid on some day."""
        return is_in_order(self.valid_from, other.valid_to) and is_in_order(other.valid_from, self.valid_to)


def is_in_order(start: date | None, end: date | None) -> bool:
    """Tell whether a span of days holds a day; both ends are inclusive, None is open."""
    return start is None or end is None or start <= end


@dataclass(slots=True, kw_only=True)
class Sheet(Generic[Entry]):
    """All entries of one sort from all files; `ids` also holds those of entries with mistakes, since others may refer to them."""

    noun: str
    model: type[Entry]
    key: str = "id"
    unique: bool = True
    placed: list[Placed[Entry]] = field(default_factory=list)
    ids: dict[str, tuple[YamlDocument, Place]] = field(default_factory=dict)

    def read(
        self,
        document: YamlDocument,
        place: Place,
        raw: object,
        owner: Placed[Any] | None = None,
        *,
        orphan: bool = False,
    ) -> Placed[Entry] | None:
        """
        Check one entry and keep it; None where its shape is wrong.

        What belongs to an entry of wrong shape (`orphan`) is checked but not kept: its validity cannot be known.
        """
        given = raw.get(self.key) if isinstance(raw, dict) else None
        name = given if isinstance(given, str) else ""
        label = f"{self.noun} '{name}'" if name else ""
        entry = document.check(self.model, place, label)
        here = (document, place)
        first = self.ids.setdefault(name, here) if name else here
        taken = self.unique and first is not here
        if taken:
            text = f"{label}: this {self.key} is taken by {_where(*first)}; give each {self.noun} its own"
            document.report((*place, self.key), text)
        if entry is None:
            return None
        placed = Placed(
            id=name,
            entry=entry,
            document=document,
            place=place,
            label=label,
            owner_id=owner.id if owner else "",
            valid_from=getattr(entry, "valid_from", None) or (owner.valid_from if owner else None),
            valid_to=getattr(entry, "valid_to", None) or (owner.valid_to if owner else None),
        )
        if not taken and not orphan:
            self.placed.append(placed)
        return placed


@dataclass(slots=True, kw_only=True)
class Sheets:
    """Everything that the files of a registry hold."""

    agencies: Sheet[AgencyEntry] = field(default_factory=lambda: Sheet(noun="agency", model=AgencyEntry))
    portals: Sheet[PortalEntry] = field(default_factory=lambda: Sheet(noun="portal", model=PortalEntry))
    eforms: Sheet[EformEntry] = field(
        default_factory=lambda: Sheet(noun="eform", model=EformEntry, key="procedure", unique=False)
    )
    procedures: Sheet[ProcedureEntry] = field(
        default_factory=lambda: Sheet(noun="procedure", model=ProcedureEntry, key="code")
    )
    mandates: Sheet[MandateEntry] = field(default_factory=lambda: Sheet(noun="mandate", model=MandateEntry))

    def read(self, document: YamlDocument) -> None:
        """Add all entries of one file and report the mistakes in their shape."""
        document.check(FileEntry)
        for place, raw in _children(document.data, (), "agencies"):
            agency = self.agencies.read(document, place, raw)
            for portal_place, raw_portal in _children(raw, place, "portals"):
                portal = self.portals.read(document, portal_place, raw_portal, agency, orphan=agency is None)
                for eform_place, raw_eform in _children(raw_portal, portal_place, "eforms"):
                    self.eforms.read(document, eform_place, raw_eform, portal, orphan=portal is None)
        for place, raw in _children(document.data, (), "procedures"):
            self.procedures.read(document, place, raw)
        for place, raw in _children(document.data, (), "mandates"):
            self.mandates.read(document, place, raw)


def _where(document: YamlDocument, place: Place) -> str:
    return f"{document.path}:{document.line(place)}"


def _children(raw: object, place: Place, key: str) -> Iterator[tuple[Place, object]]:
    """Yield the entries of a list below, even where the part around it has mistakes of its own."""
    children = raw.get(key) if isinstance(raw, dict) else None
    if isinstance(children, list):
        yield from (((*place, key, index), child) for index, child in enumerate(children))
