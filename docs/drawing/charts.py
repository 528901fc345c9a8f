"""Draws the panels that are no tables: numbers, values over time, bars, states."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from dashboards.board import Json
from docs.drawing import svg
from docs.drawing.asking import Series
from docs.drawing.frame import Answers, Frame, Look, colours, look, named, nothing
from thuocdo.core.clock import HANOI

Called = tuple[str, Series]
Point = tuple[float, float]

_LEFT, _BOTTOM, _LEGEND = 58.0, 18.0, 20.0


def number(panel: Json, frame: Frame, answers: Answers) -> str:
    """Draw one number of now."""
    found = [(target, series) for target, many in answers for series in many if series.points]
    if not found:
        return nothing(panel, frame)
    target, series = found[0]
    value = series.points[-1][1]
    seen = look(panel["fieldConfig"]["defaults"])
    mode = panel["options"]["textMode"]
    said = named(panel, target, series) if mode == "name" else seen.text(value)
    size = min(30.0, frame.height * 0.5, frame.width / max(1, len(said)) / 0.58)
    x, y = frame.x + frame.width / 2, frame.y + frame.height / 2 + size * 0.35
    parts = [svg.text(x, y, said, size=size, colour=seen.colour(value), anchor="middle", bold=True)]
    if mode == "value_and_name":
        beside = named(panel, target, series)
        parts.append(svg.text(x, y - size - 4, beside, colour=svg.QUIET, anchor="middle", width=frame.width))
    return "\n".join(parts)


def bar_gauge(panel: Json, frame: Frame, answers: Answers) -> str:
    """Draw a bar per series of now."""
    called = [
        (named(panel, target, series), series.points[-1][1])
        for target, many in answers
        for series in many
        if series.points
    ]
    if not called:
        return nothing(panel, frame)
    seen = look(panel["fieldConfig"]["defaults"])
    high = panel["fieldConfig"]["defaults"].get("max") or max(value for _, value in called) or 1.0
    step = min(30.0, frame.height / len(called))
    label = frame.width * 0.42
    parts = []
    for row, (name, value) in enumerate(called):
        y = frame.y + row * step
        room = frame.width - label - 60
        parts += [
            svg.text(frame.x, y + step * 0.62, name, width=label - 8),
            svg.box(frame.x + label, y + step * 0.2, room, step * 0.6, fill=svg.GROUND),
            svg.box(frame.x + label, y + step * 0.2, room * min(1, value / high), step * 0.6, fill=seen.colour(value)),
            svg.text(frame.x + frame.width, y + step * 0.62, seen.text(value), anchor="end", bold=True),
        ]
    return "\n".join(parts)


def state_timeline(panel: Json, frame: Frame, answers: Answers) -> str:
    """Draw which state held when, a row per series."""
    called = _called(panel, answers)
    if not called:
        return nothing(panel, frame)
    seen = look(panel["fieldConfig"]["defaults"])
    label = min(max(len(name) for name, _ in called) * 6.6 + 12, frame.width * 0.4)
    states = [(result["text"], svg.colour_of(result["color"])) for result in seen.mappings.values()]
    below, high = _legend(states, frame)
    inner = replace(frame, x=frame.x + label, width=frame.width - label, height=frame.height - _BOTTOM - high)
    step = min(44.0, inner.height / len(called))
    parts = [_times(inner, inner.y + step * len(called))]
    for row, (name, series) in enumerate(called):
        y = inner.y + row * step
        parts.append(svg.text(frame.x, y + step * 0.65, name, width=label - 8))
        parts += [
            svg.box(
                _x(inner, piece[0][0]),
                y + 2,
                _x(inner, piece[-1][0]) - _x(inner, piece[0][0]),
                step - 4,
                fill=seen.colour(value),
            )
            for value, piece in _same(series)
        ]
    parts.append(below)
    return "\n".join(parts)


def chart(panel: Json, frame: Frame, answers: Answers) -> str:
    """Draw values over time."""
    called = _called(panel, answers)
    if not called:
        return nothing(panel, frame)
    defaults = panel["fieldConfig"]["defaults"]
    seen = look(defaults)
    stacked = defaults["custom"]["stacking"]["mode"] == "normal"
    pieces = _stack(called) if stacked else [list(series.points) for _, series in called]
    dashed = "thresholdsStyle" in defaults["custom"]
    limits = [step["value"] for step in seen.steps if step["value"] is not None] if dashed else []
    within = (defaults["custom"][name] for name in ("axisSoftMin", "axisSoftMax") if name in defaults["custom"])
    values = [*(value for points in pieces for _, value in points), *within]
    low, high = _range(values, defaults.get("min"), defaults.get("max"))
    fixed = colours(panel)
    own = [fixed.get(name, svg.PALETTE[number % len(svg.PALETTE)]) for number, (name, _) in enumerate(called)]
    below, tall = _legend([(name, colour) for (name, _), colour in zip(called, own, strict=True)], frame)
    plot = replace(
        frame, x=frame.x + _LEFT, y=frame.y + 4, width=frame.width - _LEFT, height=frame.height - _BOTTOM - tall - 4
    )

    def place(points: Iterable[Point]) -> list[Point]:
        return [(_x(plot, at), _y(plot, value, low, high)) for at, value in points]

    parts = [*_grid(plot, seen, low, high), _times(plot, plot.y + plot.height)]
    for limit in limits:
        if low <= limit <= high:
            across = place([(frame.start.timestamp(), limit), (frame.end.timestamp(), limit)])
            parts.append(svg.line(across, colour=seen.colour(limit), width=1, dashed=True))
    if stacked:
        ground = [(at, low) for at, _ in pieces[0]]
        parts += [
            svg.area(place([*upper, *reversed(lower)]), colour=colour)
            for lower, upper, colour in zip([ground, *pieces], pieces, own, strict=False)
        ]
    else:
        lines = ((piece, colour) for points, colour in zip(pieces, own, strict=True) for piece in _unbroken(points))
        parts += [svg.line(place(piece), colour=colour) for piece, colour in lines]
    parts.append(below)
    return "\n".join(parts)


def _called(panel: Json, answers: Answers) -> list[Called]:
    return [(named(panel, target, series), series) for target, many in answers for series in many if series.points]


def _stack(called: Sequence[Called]) -> list[list[tuple[float, float]]]:
    """Return the upper edges: each series on top of those before it, at the instants that the first of them has."""
    total = {at: 0.0 for at, _ in max((series.points for _, series in called), key=len)}
    edges = []
    for _, series in called:
        own = dict(series.points)
        total = {at: value + own.get(at, 0.0) for at, value in total.items()}
        edges.append(list(total.items()))
    return edges


def _range(values: Sequence[float], low: float | None, high: float | None) -> tuple[float, float]:
    bottom = min(values) if low is None else min(low, *values)
    top = max(values) if high is None else high
    if low is None:
        bottom -= (top - bottom) * 0.08
    if high is None:
        top += (top - bottom) * 0.08
    return (bottom, top) if top > bottom else (bottom, bottom + 1)


def _grid(plot: Frame, seen: Look, low: float, high: float) -> Iterator[str]:
    step = _nice((high - low) / 4)
    value = math.ceil(low / step) * step
    while value <= high + step * 1e-6:
        y = _y(plot, value, low, high)
        yield svg.line([(plot.x, y), (plot.x + plot.width, y)], colour=svg.GROUND, width=1)
        yield svg.text(plot.x - 6, y + 4, seen.text(round(value, 9)), size=10, colour=svg.QUIET, anchor="end")
        value += step


def _nice(step: float) -> float:
    """Return a round number near a step: 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step)


def _times(plot: Frame, y: float) -> str:
    """Return the hours below a plot, in Hanoi."""
    marks = []
    hours = (plot.end - plot.start) / timedelta(hours=1)
    step = max(1, math.ceil(hours / (plot.width / 62)))
    at = plot.start.replace(minute=0, second=0, microsecond=0)
    while at <= plot.end:
        if at >= plot.start:
            hour = at.astimezone(HANOI).strftime("%H:%M")
            x = min(max(_x(plot, at.timestamp()), plot.x + 14), plot.x + plot.width - 14)
            marks.append(svg.text(x, y + 14, hour, size=10, colour=svg.QUIET, anchor="middle"))
        at += timedelta(hours=step)
    return "\n".join(marks)


def _legend(entries: Sequence[tuple[str, str]], frame: Frame) -> tuple[str, float]:
    """Return what the series are called, below a plot and on as many lines as it takes, and how high that is."""
    places = []
    right, line = frame.x, 0
    for name, _ in entries:
        wide = len(name) * 6.1 + 26
        if right > frame.x and right + wide > frame.x + frame.width:
            right, line = frame.x, line + 1
        places.append((right, line))
        right += wide
    top = frame.y + frame.height - 3 - _LEGEND * 0.8 * line
    parts = []
    for (name, colour), (x, number) in zip(entries, places, strict=True):
        y = top + _LEGEND * 0.8 * number
        parts += [
            svg.box(x, y - 6, 12, 4, fill=colour),
            svg.text(x + 16, y, name, size=11, colour=svg.QUIET, width=frame.width - 16),
        ]
    return "\n".join(parts), _LEGEND + _LEGEND * 0.8 * line


def _same(series: Series) -> Iterator[tuple[float, list[tuple[float, float]]]]:
    """Yield stretches of one value; each lasts until the next begins."""
    for piece in _unbroken(series.points):
        start = 0
        for position in range(1, len(piece) + 1):
            if position == len(piece) or piece[position][1] != piece[start][1]:
                yield piece[start][1], piece[start : position + 1]
                start = position


def _unbroken(points: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Yield stretches without a gap: nothing is drawn where nothing was measured."""
    step = min((later[0] - earlier[0] for earlier, later in itertools.pairwise(points)), default=0.0)
    piece: list[tuple[float, float]] = []
    for point in points:
        if piece and point[0] - piece[-1][0] > 1.5 * step:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece


def _x(plot: Frame, at: float) -> float:
    return plot.x + plot.width * (at - plot.start.timestamp()) / (plot.end - plot.start).total_seconds()


def _y(plot: Frame, value: float, low: float, high: float) -> float:
    return plot.y + plot.height * (1 - (value - low) / (high - low))
