"""
PromQL as far as our alerts go: parsed from the very expressions of the rule files, evaluated over samples in memory.

Sixty days of evaluations take promtool hours; this takes minutes. tests/integration/test_replay.py holds it against promtool.
Behaves as Prometheus 2.42: lookback of five minutes, staleness, rates that are extrapolated.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

Labels = tuple[tuple[str, str], ...]
"""Sorted by name; without the name of the metric."""

Vector = dict[Labels, float]
Value = Vector | float

LOOKBACK_SECONDS = 300.0

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|=~|!~|!=|>=|<=|==|[A-Za-z_:][\w:]*|\d[\d.]*[a-z]*|[-+*/(){}\[\],<>=])')
_MATCHER = Callable[[Labels], bool]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PRECEDENCE = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys((">", "<", ">=", "<=", "=="), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/"), 5),
}
_AGGREGATIONS: Mapping[str, Callable[[Iterable[float]], float]] = {"sum": sum, "min": min, "max": max}
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
}
_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else float("nan"),
}


@dataclass(slots=True)
class Series:
    """
    Samples of one series, oldest first.

    times: seconds. values: as they came. risen: of a counter, with what was lost in resets put back. stale: when it was gone.
    """

    labels: Labels
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    risen: list[float] = field(default_factory=list)
    stale: list[float] = field(default_factory=list)

    def add(self, at: float, value: float) -> None:
        """Append a sample."""
        before = self.values[-1] if self.values else 0.0
        grown = (self.risen[-1] if self.risen else 0.0) + (value - before if value >= before else value)
        self.times.append(at)
        self.values.append(value)
        self.risen.append(grown)

    def at(self, instant: float) -> float | None:
        """Return the value as of an instant; None where there is none, or it is stale."""
        index = bisect_right(self.times, instant) - 1
        if index < 0 or instant - self.times[index] >= LOOKBACK_SECONDS:
            return None
        gone = bisect_right(self.stale, instant) - 1
        return None if gone >= 0 and self.stale[gone] > self.times[index] else self.values[index]

    def forget(self, before: float) -> None:
        """Let go of older samples."""
        index = bisect_left(self.times, before)
        del self.times[:index], self.values[:index], self.risen[:index]
        del self.stale[: bisect_left(self.stale, before)]


class Samples:
    """All series, by name and labels."""

    def __init__(self) -> None:
        self._series: dict[str, dict[Labels, Series]] = {}
        self._present: dict[str, set[tuple[str, Labels]]] = {}

    def scrape(self, at: float, samples: Mapping[tuple[str, Labels], float], source: str = "scrape") -> None:
        """Take what a source gives at an instant; what it gave before and does not any more is stale. Nothing = it is gone."""
        present = set(samples)
        for name, labels in self._present.get(source, set()) - present:
            self._series[name][labels].stale.append(at)
        for (name, labels), value in samples.items():
            of_name = self._series.setdefault(name, {})
            series = of_name.get(labels)
            if series is None:
                series = of_name[labels] = Series(labels)
            series.add(at, value)
        self._present[source] = present

    def of(self, name: str) -> Iterable[Series]:
        """Return the series of a name."""
        return self._series.get(name, {}).values()

    def forget(self, before: float) -> None:
        """Let go of what is older than any expression looks back."""
        for of_name in self._series.values():
            for labels, series in [*of_name.items()]:
                series.forget(before)
                if not series.times:
                    del of_name[labels]


Node = Callable[[Samples, float], Value]


@lru_cache(maxsize=256)
def parsed(expr: str) -> Node:
    """Return what evaluates an expression at an instant."""
    parser = _Parser(_TOKEN.findall(expr))
    if "".join(parser.tokens) != re.sub(r"\s", "", expr):
        raise ValueError(f"not understood: {expr}")
    node = parser.expression(0)
    if parser.tokens[parser.place :]:
        raise ValueError(f"not understood: {parser.tokens[parser.place :]} in {expr}")
    return node


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.place = 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def next(self, wanted: str = "") -> str:
        token = self.peek()
        if wanted and token != wanted:
            raise ValueError(f"{wanted} wanted, {token} found")
        self.place += 1
        return token

    def expression(self, least: int) -> Node:
        left = self.operand()
        while (precedence := _PRECEDENCE.get(self.peek(), 0)) > least:
            operator = self.next()
            on = self.names() if self._took("on") else None
            extra = self.names() if self._took("group_left") else None
            left = _binary(operator, left, self.expression(precedence), on, extra)
        return left

    def operand(self) -> Node:
        token = self.next()
        if token == "(":
            inner = self.expression(0)
            self.next(")")
            return inner
        if token[0].isdigit():
            number = float(token)
            return lambda _samples, _at: number
        if token in _AGGREGATIONS:
            by = self.names() if self._took("by") else ()
            self.next("(")
            inner = self.expression(0)
            self.next(")")
            return _aggregated(_AGGREGATIONS[token], by, inner)
        if self.peek() == "(":
            return self._call(token)
        return self._selector(token)

    def names(self) -> tuple[str, ...]:
        self.next("(")
        found = []
        while (token := self.next()) != ")":
            if token != ",":
                found.append(token)
        return tuple(found)

    def _took(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.place += 1
        return True

    def _call(self, name: str) -> Node:
        self.next("(")
        arguments = []
        while self.peek() != ")":
            if name in _OVER_TIME:
                arguments.append(self._range(name))
            else:
                arguments.append(self.expression(0))
            self._took(",")
        self.next(")")
        return arguments[0] if name in _OVER_TIME else _FUNCTIONS[name](*arguments)

    def _range(self, function: str) -> Node:
        name = self.next()
        matches = self._matchers()
        self.next("[")
        seconds = _seconds(self.next())
        self.next("]")
        offset = _seconds(self.next()) if self._took("offset") else 0.0
        over = _OVER_TIME[function]

        def node(samples: Samples, at: float) -> Vector:
            found: Vector = {}
            for series in samples.of(name):
                if matches(series.labels):
                    value = over(series, at - offset - seconds, at - offset)
                    if value is not None:
                        found[series.labels] = value
            return found

        return node

    def _selector(self, name: str) -> Node:
        matches = self._matchers()
        offset = _seconds(self.next()) if self._took("offset") else 0.0

        def node(samples: Samples, at: float) -> Vector:
            return {
                series.labels: value
                for series in samples.of(name)
                if (value := series.at(at - offset)) is not None and matches(series.labels)
            }

        return node

    def _matchers(self) -> _MATCHER:
        if not self._took("{"):
            return lambda _labels: True
        wanted = []
        while not self._took("}"):
            label, operator, text = self.next(), self.next(), self.next()[1:-1]
            pattern = re.compile(text if operator in ("=~", "!~") else re.escape(text))
            wanted.append((label, operator, pattern))
            self._took(",")

        @lru_cache(maxsize=10_000)
        def matches(labels: Labels) -> bool:
            found = dict(labels)
            return all(
                (pattern.fullmatch(found.get(label, "")) is not None) is (operator not in ("!=", "!~"))
                for label, operator, pattern in wanted
            )

        return matches


def _seconds(text: str) -> float:
    return float(text[:-1]) * _UNITS[text[-1]]


def _increase(series: Series, since: float, until: float) -> float | None:
    """Return how much a counter rose, reckoned to the edges of the window as Prometheus does (extrapolatedRate)."""
    first, last = bisect_left(series.times, since), bisect_right(series.times, until) - 1
    if last <= first:
        return None
    rise = series.risen[last] - series.risen[first]
    sampled = series.times[last] - series.times[first]
    average = sampled / (last - first)
    to_start, to_end = series.times[first] - since, until - series.times[last]
    if rise > 0 and series.values[first] >= 0:
        to_start = min(to_start, sampled * series.values[first] / rise)
    reach = sampled
    reach += to_start if to_start < 1.1 * average else average / 2
    reach += to_end if to_end < 1.1 * average else average / 2
    return rise * reach / sampled


def _rate(series: Series, since: float, until: float) -> float | None:
    rise = _increase(series, since, until)
    return None if rise is None else rise / (until - since)


def _within(series: Series, since: float, until: float) -> list[float]:
    return series.values[bisect_left(series.times, since) : bisect_right(series.times, until)]


_OVER_TIME: Mapping[str, Callable[[Series, float, float], float | None]] = {
    "rate": _rate,
    "increase": _increase,
    "last_over_time": lambda series, since, until: next(reversed(_within(series, since, until)), None),
    "max_over_time": lambda series, since, until: max(_within(series, since, until), default=None),
}


def _clamp_min(inner: Node, least: Node) -> Node:
    def node(samples: Samples, at: float) -> Value:
        limit = _number(least(samples, at))
        return {labels: max(value, limit) for labels, value in _vector(inner(samples, at)).items()}

    return node


def _scalar(inner: Node) -> Node:
    def node(samples: Samples, at: float) -> Value:
        found = _vector(inner(samples, at))
        return next(iter(found.values())) if len(found) == 1 else float("nan")

    return node


_FUNCTIONS: Mapping[str, Callable[..., Node]] = {
    "time": lambda: lambda _samples, at: at,
    "clamp_min": _clamp_min,
    "scalar": _scalar,
    "absent": lambda inner: lambda samples, at: {} if inner(samples, at) else {(): 1.0},
}


def _aggregated(how: Callable[[Iterable[float]], float], by: tuple[str, ...], inner: Node) -> Node:
    def node(samples: Samples, at: float) -> Vector:
        groups: dict[Labels, list[float]] = {}
        for labels, value in _vector(inner(samples, at)).items():
            groups.setdefault(_only(labels, by), []).append(value)
        return {labels: how(values) for labels, values in groups.items()}

    return node


def _binary(operator: str, left: Node, right: Node, on: tuple[str, ...] | None, extra: tuple[str, ...] | None) -> Node:
    def node(samples: Samples, at: float) -> Value:
        first = left(samples, at)
        if operator in ("and", "or", "unless"):
            return _set(operator, _vector(first), _vector(right(samples, at)) if first or operator == "or" else {}, on)
        if first == {}:
            return {}
        return _computed(operator, first, right(samples, at), on, extra)

    return node


def _set(operator: str, first: Vector, second: Vector, on: tuple[str, ...] | None) -> Vector:
    def key(labels: Labels) -> Labels:
        return labels if on is None else _only(labels, on)

    if operator == "or":
        known = {key(labels) for labels in first}
        return first | {labels: value for labels, value in second.items() if key(labels) not in known}
    known = {key(labels) for labels in second}
    return {labels: value for labels, value in first.items() if (key(labels) in known) is (operator == "and")}


def _computed(
    operator: str, first: Value, second: Value, on: tuple[str, ...] | None, extra: tuple[str, ...] | None
) -> Value:
    compare, compute = _COMPARISONS.get(operator), _ARITHMETIC.get(operator)
    if isinstance(first, float) and isinstance(second, float):
        assert compute is not None, "two numbers are not compared"
        return compute(first, second)
    pairs: list[tuple[Labels, float, float]] = []
    if isinstance(second, float):
        pairs = [(labels, value, second) for labels, value in _vector(first).items()]
    elif isinstance(first, float):
        pairs = [(labels, first, value) for labels, value in second.items()]
    else:
        others = {labels if on is None else _only(labels, on): (labels, value) for labels, value in second.items()}
        if len(others) != len(second):
            raise ValueError(f"more than one series matches in {operator}")
        for labels, value in first.items():
            met = others.get(labels if on is None else _only(labels, on))
            if met is not None:
                kept = labels if on is None or extra is not None else _only(labels, on)
                given = tuple(pair for pair in met[0] if pair[0] in (extra or ()))
                pairs.append((tuple(sorted((*kept, *given))), value, met[1]))
    if compare is not None:
        return {labels: a if isinstance(first, dict) else b for labels, a, b in pairs if compare(a, b)}
    assert compute is not None
    return {labels: compute(a, b) for labels, a, b in pairs}


@lru_cache(maxsize=10_000)
def _only(labels: Labels, names: tuple[str, ...]) -> Labels:
    return tuple(pair for pair in labels if pair[0] in names)


def _vector(value: Value) -> Vector:
    assert isinstance(value, dict)
    return value


def _number(value: Value) -> float:
    assert isinstance(value, float)
    return value
