"""Draws tables: the queries' series joined by their labels, as the panel's transformations say."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from dashboards.board import Json
from docs.drawing import svg
from docs.drawing.frame import Answers, Frame, Look, look, nothing

ROW = 22.0

Record = dict[str, Any]
"""Values by column as the transformations call them before they are named: labels, "Value" or "Value #A", …"""


def table(panel: Json, frame: Frame, answers: Answers) -> str:
    """Draw a table of now."""
    found = records(answers)
    if not found:
        return nothing(panel, frame)
    overrides = {
        o["matcher"]["options"]: {p["id"]: p["value"] for p in o["properties"]}
        for o in panel["fieldConfig"]["overrides"]
    }
    columns = {
        source: title for source, title in _columns(panel).items() if "custom.hidden" not in overrides.get(title, {})
    }
    for sort in panel["options"].get("sortBy", ()):
        source = next(source for source, title in columns.items() if title == sort["displayName"])
        known = [record for record in found if record.get(source) is not None]
        known.sort(key=itemgetter(source), reverse=sort["desc"])
        found = [*known, *(record for record in found if record.get(source) is None)]
    widths = _widths(columns, overrides, frame.width)
    parts = []
    x = frame.x
    for (source, title), width in zip(columns.items(), widths, strict=True):
        own = overrides.get(title, {})
        right = "unit" in own
        edge, anchor = (x + width - 16, "end") if right else (x, "start")
        parts.append(
            svg.text(edge, frame.y + 14, title, size=11, colour=svg.QUIET, anchor=anchor, bold=True, width=width - 10)
        )
        for number, record in enumerate(found):
            y = frame.y + ROW * (number + 1)
            if y + ROW > frame.y + frame.height:
                break
            said, colour = _cell(record.get(source), look(panel["fieldConfig"]["defaults"], own), own)
            parts.append(svg.text(edge, y + 15, said, size=12, colour=colour, anchor=anchor, width=width - 8))
        x += width
    parts += [
        svg.line([(frame.x, y), (frame.x + frame.width, y)], colour=svg.GROUND, width=1)
        for number in range(1, len(found) + 1)
        if (y := frame.y + ROW * number) < frame.y + frame.height - ROW / 2
    ]
    return "\n".join(parts)


def records(answers: Answers) -> list[Record]:
    """Return the rows: series with the same labels are one."""
    rows: dict[tuple[tuple[str, str], ...], Record] = {}
    for target, many in answers:
        value = f"Value #{target['refId']}" if len(answers) > 1 else "Value"
        for series in many:
            if series.points:
                key = tuple(sorted(item for item in series.labels.items() if item[0] != "__name__"))
                rows.setdefault(key, dict(key))[value] = series.points[-1][1]
    return list(rows.values())


def _columns(panel: Json) -> Mapping[str, str]:
    """Return the columns from left to right: what they are called before and after they are named."""
    organize = next(step["options"] for step in panel["transformations"] if step["id"] == "organize")
    order: Mapping[str, int] = organize["indexByName"]
    return {source: organize["renameByName"][source] for source in sorted(order, key=lambda source: order[source])}


def _widths(columns: Mapping[str, str], overrides: Mapping[str, Mapping[str, Any]], width: float) -> Sequence[float]:
    """Return the columns' widths: those that are fixed; of the rest, texts are wider than numbers."""
    own = [overrides.get(title, {}) for title in columns.values()]
    fixed = sum(properties.get("custom.width", 0) for properties in own)
    shares = [0.0 if "custom.width" in properties else 1.0 if "unit" in properties else 1.5 for properties in own]
    rest = (width - fixed) / sum(shares)
    return [properties.get("custom.width") or share * rest for properties, share in zip(own, shares, strict=True)]


def _cell(value: Any, seen: Look, own: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(value, float):
        return seen.text(value), seen.colour(value) if "thresholds" in own else svg.INK
    mapped = seen.mappings.get(value or "")
    link = svg.COLOURS["blue"] if "links" in own and value else svg.INK
    return (mapped["text"] if mapped else value or own["noValue"]), link
