"""
What travels between the centre and a control: the plan there, the visits back; files that a person carries.

A control shares no store with the centre, so that nothing it measures can be counted; it is told no more than when to visit whom.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, ValidationError

from schedules.controls import ControlVisit
from thuocdo.core.bounded import content_of
from thuocdo.core.clock import iso
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Outcome, PageKind, Reason
from thuocdo.core.shapes import FilledLine, Line
from thuocdo.core.vantages import is_control
from thuocdo.core.yamlfile import Strict
from thuocdo.treatment.visits import SIZES, TIMES, PageVisit

PLAN_FORMAT, VISITS_FORMAT = "thuocdo-control-plan/1", "thuocdo-control-visits/1"
MOST_BYTES = 64 * 1024 * 1024
MOST_VISITS = 200_000

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{0,64}$")]


class PlannedVisit(Strict):
    """A line of a plan."""

    target: FilledLine
    at: AwareDatetime


class ControlPlan(Strict):
    """A plan. registry_digest: of the registry that it was made by; a control's own must be the same."""

    format: Literal["thuocdo-control-plan/1"]
    registry_digest: FilledLine
    visits: tuple[PlannedVisit, ...] = Field(max_length=MOST_VISITS)


class _Visit(Strict):
    target: FilledLine
    at: AwareDatetime
    outcome: Outcome
    reason: Reason | None = None
    page_kind: PageKind | None = None
    values: dict[str, float] = Field(default_factory=dict, max_length=len(SIZES) + len(TIMES))
    host: Line = ""
    sketch: _Hex = ""
    picture: _Hex = ""


class _Visits(Strict):
    format: Literal["thuocdo-control-visits/1"]
    vantage: FilledLine
    visits: tuple[_Visit, ...] = Field(max_length=MOST_VISITS)


def plan_text(visits: Iterable[ControlVisit], registry_digest: str) -> str:
    """Return a plan as the text of a file."""
    document = {
        "format": PLAN_FORMAT,
        "registry_digest": registry_digest,
        "visits": [{"target": one.target_id, "at": iso(one.at)} for one in visits],
    }
    return json.dumps(document, indent=1) + "\n"


def read_plan(path: Path) -> ControlPlan:
    """
    Read a plan.

    Raises:
        ConfigurationError: it cannot be read, or is none.
    """
    try:
        return ControlPlan.model_validate_json(_content(path))
    except ValidationError as exc:
        raise _broken(path, exc, "thuocdo control plan") from exc


def visits_text(visits: Iterable[PageVisit], vantage_id: str) -> str:
    """Return visits as the text of a file."""
    document = {
        "format": VISITS_FORMAT,
        "vantage": vantage_id,
        "visits": [
            {
                "target": one.target_id,
                "at": iso(one.at),
                "outcome": one.outcome.value,
                "reason": one.reason.value if one.reason else None,
                "page_kind": one.page_kind.value if one.page_kind else None,
                "values": dict(one.values),
                "host": one.host,
                "sketch": one.sketch,
                "picture": one.picture,
            }
            for one in visits
        ],
    }
    return json.dumps(document, indent=1) + "\n"


def read_visits(path: Path) -> list[PageVisit]:
    """
    Read the visits of a control.

    Raises:
        ConfigurationError: they cannot be read, are none, or no control made them.
    """
    try:
        found = _Visits.model_validate_json(_content(path))
    except ValidationError as exc:
        raise _broken(path, exc, "thuocdo control write") from exc
    if not is_control(found.vantage):
        raise ConfigurationError(f"{path}: '{found.vantage}' is no control; give the file that the control wrote")
    return [
        PageVisit(
            target_id=one.target,
            at=one.at,
            outcome=one.outcome,
            reason=one.reason,
            page_kind=one.page_kind,
            values={name: value for name, value in one.values.items() if name in (*TIMES, *SIZES)},
            host=one.host,
            sketch=one.sketch,
            picture=one.picture,
        )
        for one in found.visits
    ]


def _content(path: Path) -> bytes:
    content = content_of(path, MOST_BYTES)
    if len(content) > MOST_BYTES:
        raise ConfigurationError(f"{path}: is too large; give the file as the program wrote it")
    return content


def _broken(path: Path, exc: ValidationError, command: str) -> ConfigurationError:
    first = exc.errors()[0]
    place = ".".join(map(str, first["loc"])) or "file"
    return ConfigurationError(f"{path}: {place}: it is not what `{command}` writes; give its file unchanged")
