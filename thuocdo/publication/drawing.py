"""
Places drawn as bars: a thick one for those that certain points leave open, a thin one for those that are possible at all.

One drawing for all files: SVG where it can be shown, else a picture made of it. It tells nothing by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from thuocdo.publication.tables import places
from thuocdo.publication.texts import fixed_text

FONT = "'Times New Roman','Liberation Serif',Tinos,'DejaVu Serif',serif"
PIXELS_PER_INCH = 200

LONGEST_NAME = 36
"""Letters of a name that there is room for; the alternative text has all of them."""

_WIDTH = 620
_NAMES = 250
_ROOM_FOR_LABELS = 86
_ROW = 17
_TOP = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPlaces:
    """One line of a drawing: the places of an agency; best, worst: possible at all, None = the same."""

    name: str
    first: int
    last: int
    best: int | None = None
    worst: int | None = None

    @property
    def label(self) -> str:
        """What stands beside the bar, such as 4–7 (3–9)."""
        label = places(self.first, self.last)
        possible = places(self.best, self.worst)
        return f"{label} ({possible})" if possible and possible != label else label


def places_svg(lines: Sequence[DrawnPlaces], title: str) -> str:
    """
    Return a drawing of places as SVG.

    Args:
        lines: at least one, from the top.
        title: what it shows, for whoever cannot see it.
    """
    number = max(max(one.last, one.worst or 0) for one in lines)
    right = _WIDTH - _ROOM_FOR_LABELS
    step = (right - _NAMES) / number
    height = _TOP + _ROW * len(lines) + 6
    parts = [_axis(number, step, height)]
    for row, one in enumerate(lines):
        parts.append(_line(one, _TOP + _ROW * row, step, right))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        f'<g font-family="{FONT}" font-size="11.5" fill="#000">{"".join(parts)}</g></svg>'
    )


def _axis(number: int, step: float, height: int) -> str:
    every = next(one for one in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if number / one <= 18)
    marks = sorted({1, *range(every, number + 1, every), number})
    marks = [one for one in marks if one == number or number - one >= 0.75 * every]
    drawn = []
    for mark in marks:
        x = _NAMES + (mark - 0.5) * step
        drawn.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - 4}" stroke="#ccc" stroke-width="0.6"/>'
            f'<text x="{x:.1f}" y="{_TOP - 10}" text-anchor="middle">{mark}</text>'
        )
    return (
        f'<text x="{_NAMES - 8}" y="{_TOP - 10}" text-anchor="end">{escape(fixed_text("package.chart.axis"))}</text>'
        + "".join(drawn)
    )


def _line(one: DrawnPlaces, top: int, step: float, right: int) -> str:
    middle = top + _ROW / 2
    first, last = _NAMES + (one.first - 1) * step, _NAMES + one.last * step
    parts = []
    if one.best is not None and one.worst is not None:
        best, worst = _NAMES + (one.best - 1) * step, _NAMES + one.worst * step
        ends = "".join(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{middle - 3:.1f}" y2="{middle + 3:.1f}" stroke="#000"/>'
            for x in (best, worst)
        )
        parts.append(
            f'<line x1="{best:.1f}" x2="{worst:.1f}" y1="{middle:.1f}" y2="{middle:.1f}" stroke="#000"/>{ends}'
        )
    parts.append(
        f'<rect x="{first:.1f}" y="{middle - 4.5:.1f}" width="{last - first:.1f}" height="9" fill="#2b5c8a" stroke="#000" '
        'stroke-width="0.6"/>'
    )
    name = one.name if len(one.name) <= LONGEST_NAME else f"{one.name[: LONGEST_NAME - 1]}…"
    return (
        f'<text x="{_NAMES - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(name)}</text>{"".join(parts)}'
        f'<text x="{right + 6}" y="{middle + 4:.1f}">{escape(one.label)}</text>'
    )


def picture_of(svg: str, *, pixels_per_inch: float = PIXELS_PER_INCH) -> bytes:
    """Return a drawing as a PNG, sharp enough for print; its letters are those of the fonts that this machine has."""
    from vl_convert import svg_to_png  # a large library, which only those need who write office files

    return svg_to_png(svg, ppi=pixels_per_inch)
