"""
Reads who declares what: units below an agency, and the goals that decisions set them; one YAML file per agency, named by its id.

    agency: tinh-lao-cai
    units:
      - {id: so-tu-phap, kind: Sở, name_vi: Sở Tư pháp, name_en: Department of Justice}
    goals:
      - {unit: so-tu-phap, indicator: online_share, side: at_least, percent: 80, first: 2026-01-01, due: 2026-12-31,
         decision: 766/QĐ-UBND, decided_on: 2026-01-15}
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Agency
from thuocdo.core.shapes import FilledLine, Id, Line
from thuocdo.core.yamlfile import Strict, YamlDocument, nearest, read
from thuocdo.declared.indicators import all_indicators
from thuocdo.declared.units import AgencyUnit, DeclaringAgency, Goal, GoalSide


class UnitEntry(Strict):
    """A unit of the file."""

    id: Id
    kind: FilledLine
    name_vi: FilledLine
    name_en: FilledLine
    valid_from: date | None = None
    valid_to: date | None = None
    carried_to: Id | None = None
    other_names: tuple[FilledLine, ...] = ()


class GoalEntry(Strict):
    """A goal of the file. unit: an id, or nothing for the whole agency. kind: instead, each unit of a kind."""

    unit: Id | None = None
    kind: Line = ""
    indicator: FilledLine
    side: GoalSide = GoalSide.AT_LEAST
    percent: float = Field(ge=0, le=100)
    first: date
    due: date
    decision: FilledLine
    decided_on: date
    decision_sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    valid_to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.unit and self.kind:
            raise ValueError("give a unit or a kind of units, not both")
        if self.due < self.first:
            raise ValueError(f"due ({self.due}) lies before first ({self.first}); give the later day as due")
        if self.valid_to and self.valid_to < self.first:
            raise ValueError(f"valid_to ({self.valid_to}) lies before first ({self.first}); leave the goal out instead")
        return self


class GoalFile(Strict):
    """The shape of a file."""

    agency: Id
    units: tuple[UnitEntry, ...] = ()
    goals: tuple[GoalEntry, ...] = ()


def load_goals(folder: Path, agencies: Mapping[str, Agency]) -> Mapping[str, DeclaringAgency]:
    """
    Read all files of a folder; a folder that is not there has none.

    Args:
        folder: of the settings.
        agencies: all that were ever registered, by id.

    Raises:
        ConfigurationError: every mistake in every file, one line each.
    """
    problems: list[str] = []
    found: dict[str, DeclaringAgency] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            document = read(path)
        except ConfigurationError as exc:
            problems += exc.problems
            continue
        loaded = document.check(GoalFile)
        if loaded is not None:
            _check(document, loaded, agencies)
            if not document.problems:
                found[loaded.agency] = _declaring(agencies[loaded.agency], loaded)
        problems += document.problems
    if problems:
        raise ConfigurationError(problems)
    return found


def of_agency(declaring: Mapping[str, DeclaringAgency], agency: Agency) -> DeclaringAgency:
    """Return an agency's units and goals; without a file it has none."""
    return declaring.get(agency.id) or DeclaringAgency(agency=agency, units={}, goals=())


def _check(document: YamlDocument, file: GoalFile, agencies: Mapping[str, Agency]) -> None:
    if file.agency not in agencies:
        document.report(("agency",), f"agency: '{file.agency}' is not registered{nearest(file.agency, agencies)}")
    elif document.path.stem != file.agency:
        document.report(("agency",), f"agency: the file must be called {file.agency}.yaml, so that each has one")
    units: dict[str, UnitEntry] = {}
    for one in file.units:
        units.setdefault(one.id, one)
    names = set[str]()
    for number, unit in enumerate(file.units):
        place = ("units", number)
        if units[unit.id] is not unit:
            document.report((*place, "id"), f"unit '{unit.id}': this id stands twice; give each unit its own")
        if unit.name_vi.casefold() in names:
            document.report(
                (*place, "name_vi"), f"unit '{unit.id}': its name stands twice; rows could not be told apart"
            )
        names.add(unit.name_vi.casefold())
        if unit.carried_to and unit.carried_to not in units:
            hint = nearest(unit.carried_to, units)
            document.report((*place, "carried_to"), f"unit '{unit.id}': no unit '{unit.carried_to}'{hint}")
        elif unit.carried_to and unit.valid_to is None:
            text = f"unit '{unit.id}': its figures are carried on from no day; give valid_to, its last day"
            document.report((*place, "carried_to"), text)
        elif _is_circle(unit.id, units):
            document.report((*place, "carried_to"), f"unit '{unit.id}': it is carried on to itself; mend carried_to")
    kinds = {one.kind for one in file.units}
    for number, goal in enumerate(file.goals):
        place = ("goals", number)
        if goal.unit and goal.unit not in units:
            document.report((*place, "unit"), f"goal: no unit '{goal.unit}'{nearest(goal.unit, units)}")
        if goal.kind and goal.kind not in kinds:
            document.report((*place, "kind"), f"goal: no unit is of kind '{goal.kind}'{nearest(goal.kind, kinds)}")
        known = all_indicators().by_id
        if goal.indicator not in known:
            document.report(
                (*place, "indicator"), f"goal: no indicator '{goal.indicator}'{nearest(goal.indicator, known)}"
            )


def _is_circle(start: str, units: Mapping[str, UnitEntry]) -> bool:
    seen, at = set[str](), start
    while at and at in units and at not in seen:
        seen.add(at)
        at = units[at].carried_to or ""
    return at == start


def _declaring(agency: Agency, file: GoalFile) -> DeclaringAgency:
    units = {
        one.id: AgencyUnit(
            **one.model_dump() | {"carried_to": one.carried_to or "", "other_names": tuple(one.other_names)}
        )
        for one in file.units
    }
    goals = []
    for entry in file.goals:
        values = entry.model_dump(exclude={"unit", "kind"})
        whose = [one.id for one in file.units if one.kind == entry.kind] if entry.kind else [entry.unit or ""]
        goals += [Goal(unit_id=name, **values) for name in whose]
    return DeclaringAgency(agency=agency, units=units, goals=tuple(goals))
