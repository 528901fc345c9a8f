"""
Draws a board as SVG: every panel where it lies, with what a Prometheus answered, so that a person can look at a dashboard where
there is no Grafana. It shows the layout, the words and the values; it is no second Grafana.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from dashboards.board import Json
from docs.drawing import svg
from docs.drawing.asking import Series
from docs.drawing.charts import bar_gauge, chart, number, state_timeline
from docs.drawing.frame import Frame
from docs.drawing.tables import table

Ask = Callable[[Json], Sequence[Series]]
"""Gives what one target of a panel (one query) returns."""

COLUMN, ROW, GAP, TOP = 60, 34, 8, 84

_DRAWN: Mapping[str, Callable[..., str]] = {
    "stat": number,
    "timeseries": chart,
    "bargauge": bar_gauge,
    "state-timeline": state_timeline,
    "table": table,
}


def draw(board: Json, ask: Ask, *, variables: Mapping[str, str], end: datetime, span: timedelta) -> str:
    """
    Return a board as an SVG document.

    Args:
        board: its JSON.
        ask: answers queries.
        variables: what is shown as chosen.
        end: the last instant shown.
        span: how long the shown stretch is.

    """
    height = TOP + ROW * max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in board["panels"]) + GAP
    width = 24 * COLUMN + 2 * GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        "font-family=\"Inter, 'Noto Sans', 'DejaVu Sans', Arial, sans-serif\">",
        svg.box(0, 0, width, height, fill=svg.GROUND),
        *_head(board, variables),
        *(_panel(panel, ask, end, span) for panel in board["panels"]),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _head(board: Json, variables: Mapping[str, str]) -> list[str]:
    parts = [
        svg.text(GAP * 2, 26, board["title"], size=20, bold=True),
        svg.text(GAP * 2, 46, board["description"], size=12, colour=svg.QUIET),
    ]
    x = GAP * 2.0
    for variable in board["templating"]["list"]:
        chosen = variables.get(variable["name"], "")
        current = variable.get("current", {}).get("text", "")
        said = chosen if chosen not in ("", ".*") else current[0] if isinstance(current, list) else current
        label = f"{variable['label']}: {said}"
        wide = len(label) * 6.4 + 16
        parts += [
            svg.box(x, 56, wide, 20, fill=svg.PAPER, edge=svg.EDGE, round_=3),
            svg.text(x + 8, 70, label, size=11),
        ]
        x += wide + GAP
    return parts


def _panel(panel: Json, ask: Ask, end: datetime, span: timedelta) -> str:
    place = panel["gridPos"]
    x, y = GAP + place["x"] * COLUMN, TOP + place["y"] * ROW
    width, height = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
    if panel["type"] == "row":
        return svg.text(x + 4, y + ROW * 0.62, f"▾ {panel['title']}", size=14, bold=True)
    frame = Frame(x=x + 10, y=y + 28, width=width - 20, height=height - 36, start=end - span, end=end)
    answers = [(target, ask(target)) for target in panel["targets"]]
    inside = _DRAWN[panel["type"]](panel, frame, answers)
    return "\n".join(
        (
            f"<g><title>{escape(panel['title'])}: {escape(panel['description'])}</title>",
            svg.box(x, y, width, height, fill=svg.PAPER, edge=svg.EDGE, round_=3),
            svg.text(x + 10, y + 19, panel["title"], size=13, bold=True, width=width - 20),
            inside,
            "</g>",
        )
    )
