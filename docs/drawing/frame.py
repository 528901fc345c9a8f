"""What drawing a panel starts from: its place, the stretch of time, and how its values look."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboards.board import Json
from docs.drawing import svg
from docs.drawing.asking import Series, legend
from docs.drawing.units import shown

Answers = Sequence[tuple[Json, Sequence[Series]]]
"""What each target of a panel returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The place inside a panel, in pixels, and the stretch of time that is shown."""

    x: float
    y: float
    width: float
    height: float
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How values of a field look: its unit, decimals, colours by value, and words in place of values."""

    unit: str
    decimals: int | None
    steps: Sequence[Mapping[str, Any]]
    mappings: Mapping[str, Mapping[str, str]]

    def text(self, value: float) -> str:
        """Return a value as it is shown."""
        mapped = self.mappings.get(f"{value:g}")
        return mapped["text"] if mapped else shown(value, self.unit, self.decimals)

    def colour(self, value: float) -> str:
        """Return the colour of a value."""
        mapped = self.mappings.get(f"{value:g}")
        if mapped and mapped.get("color"):
            return svg.colour_of(mapped["color"])
        reached = [step["color"] for step in self.steps if step["value"] is None or value >= step["value"]]
        return svg.colour_of(reached[-1]) if reached else svg.INK


def look(field: Mapping[str, Any], properties: Mapping[str, Any] | None = None) -> Look:
    """Return how a field looks: the panel's defaults, and what an override sets."""
    own = properties or {}
    steps = own.get("thresholds") or field.get("thresholds") or {"steps": []}
    mappings = own.get("mappings") or field.get("mappings") or []
    return Look(
        unit=own.get("unit") or field.get("unit", "short"),
        decimals=own.get("decimals", field.get("decimals")),
        steps=steps["steps"],
        mappings={value: result for mapping in mappings for value, result in mapping["options"].items()},
    )


def names(panel: Json) -> Mapping[str, str]:
    """Return what series are called where an override gives them another name."""
    return {
        override["matcher"]["options"]: prop["value"]
        for override in panel["fieldConfig"].get("overrides", ())
        for prop in override["properties"]
        if prop["id"] == "displayName"
    }


def colours(panel: Json) -> Mapping[str, str]:
    """Return the colours of series, by what they are called, where an override fixes them."""
    called = names(panel)
    return {
        called.get(override["matcher"]["options"], override["matcher"]["options"]): svg.colour_of(
            prop["value"]["fixedColor"]
        )
        for override in panel["fieldConfig"].get("overrides", ())
        for prop in override["properties"]
        if prop["id"] == "color"
    }


def named(panel: Json, target: Json, series: Series) -> str:
    """Return what a series is called."""
    called = legend(target.get("legendFormat", ""), series.labels)
    for step in panel.get("transformations", ()):
        if step["id"] == "renameByRegex" and re.fullmatch(step["options"]["regex"], called):
            pattern = step["options"]["renamePattern"].replace("$1", r"\g<1>")
            called = re.sub(f"^{step['options']['regex']}$", pattern, called)
    return names(panel).get(called, called)


def nothing(panel: Json, frame: Frame) -> str:
    """Return what stands where there is no data."""
    said = panel["fieldConfig"]["defaults"]["noValue"]
    middle = (frame.x + frame.width / 2, frame.y + frame.height / 2)
    return svg.text(*middle, said, colour=svg.QUIET, anchor="middle", width=frame.width)
