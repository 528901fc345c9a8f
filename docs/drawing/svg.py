"""Pieces of SVG as text; every text is escaped."""

from collections.abc import Sequence
from html import escape

COLOURS = {
    "green": "#2c7a3f",
    "orange": "#b85c00",
    "red": "#c4162a",
    "blue": "#1f60c4",
    "gray": "#6e7079",
    "purple": "#8f3bb8",
}
PALETTE = ("#3871dc", "#d9730d", "#2c8f5a", "#a352cc", "#c4162a", "#0f8a97", "#8f6b00", "#6e7079")
INK, QUIET, EDGE, GROUND, PAPER = "#24292e", "#5b6067", "#d5d7da", "#f1f2f3", "#ffffff"

Point = tuple[float, float]


def text(
    x: float,
    y: float,
    said: str,
    *,
    size: float = 12,
    colour: str = INK,
    anchor: str = "start",
    bold: bool = False,
    width: float | None = None,
) -> str:
    """Return a line of text, cut to a width where one is given."""
    shown = said if width is None else cut(said, size, width)
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}>'
        f"{escape(shown)}</text>"
    )


def cut(said: str, size: float, width: float) -> str:
    """Return as much of a text as fits: letters are about 0.54 of their size wide."""
    fits = int(width / (size * 0.54))
    return said if len(said) <= fits else said[: max(1, fits - 1)].rstrip() + "…"


def box(x: float, y: float, w: float, h: float, *, fill: str, edge: str = "none", round_: float = 0) -> str:
    """Return a rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, w):.1f}" height="{max(0.0, h):.1f}" rx="{round_:g}" '
        f'fill="{fill}" stroke="{edge}"/>'
    )


def line(points: Sequence[Point], *, colour: str, width: float = 1.5, dashed: bool = False) -> str:
    """Return a line through points."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dash}/>'


def area(points: Sequence[Point], *, colour: str) -> str:
    """Return a filled area."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{path}" fill="{colour}" fill-opacity="0.55" stroke="{colour}" stroke-width="0.5"/>'


def colour_of(name: str) -> str:
    """Return the colour that a name of Grafana's palette stands for here."""
    return COLOURS.get(name, name)
