"""Who declares figures: units below an agency, and the goals that decisions set them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from thuocdo.core.model import Agency


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyUnit:
    """
    A part of an agency that figures are told of: a department (sở, ban, cục), a commune, anything else.

    carried_to: id of the unit that goes on with its figures after valid_to, empty = none.
    """

    id: str
    kind: str
    name_vi: str
    name_en: str
    valid_from: date | None = None
    valid_to: date | None = None
    carried_to: str = ""
    other_names: tuple[str, ...] = ()

    def name(self, lang: str) -> str:
        """Return what people call it."""
        return self.name_vi if lang == "vi" else self.name_en


class GoalSide(StrEnum):
    """On which side of a goal its share must be."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """
    What a decision sets for a unit ("chỉ tiêu").

    unit_id: empty = the agency as a whole. percent: 0 to 100. first: from when figures count. due: the day by which it is to be
    met. valid_to: the last day before another decision took its place, None = it stands; both keep their rows.
    decision_sha256: digest of the decision's file, empty = none was given.
    """

    unit_id: str
    indicator: str
    side: GoalSide
    percent: float
    first: date
    due: date
    decision: str
    decided_on: date
    decision_sha256: str = ""
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaringAgency:
    """An agency with its units and goals, as its file says. units: by id."""

    agency: Agency
    units: Mapping[str, AgencyUnit]
    goals: tuple[Goal, ...]

    def unit_name(self, unit_id: str, lang: str) -> str:
        """Return what a unit is called; the agency's name for the whole of it, the id where the file knows it no more."""
        if not unit_id:
            return self.agency.full_name(lang)
        return self.units[unit_id].name(lang) if unit_id in self.units else unit_id
