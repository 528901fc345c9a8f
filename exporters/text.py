"""
Prometheus' text format for hundreds of thousands of series, byte for byte as prometheus_client writes it.

prometheus_client builds a sample, a dict of its labels and a sorted list of them for each line, some 10 µs; here the order of the
labels is found once per family. Its own `generate_latest` is what a test holds every byte against, on any names and values.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.utils import floatToGoString

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

_number: Callable[[float], str] = floatToGoString

Line = Callable[[Sequence[str], float], bytes]
"""Gives the line of one series: values of the labels, in the order in which they were named, and the series' own."""


class Family:
    """
    A metric family: its header, and the lines of its series as they are added.

    Args:
        name: as it is scraped; of a counter with its `_total`.
        text: the help.
        labels: names.
        type_: gauge, counter or histogram.
    """

    def __init__(self, name: str, text: str, labels: Sequence[str] = (), type_: str = "gauge") -> None:
        self._head = f"# HELP {name} {_escaped_help(text)}\n# TYPE {name} {type_}\n".encode()
        self._line = line_of(name, labels)
        self._lines: list[bytes] = []

    def add(self, values: Sequence[str], value: float) -> None:
        """Add a series."""
        self._lines.append(self._line(values, value))

    def add_lines(self, lines: Iterable[bytes]) -> None:
        """Add series whose lines are there already; an empty one is none."""
        self._lines += filter(None, lines)

    def text(self) -> bytes:
        """Return the family as it is scraped; one without a series is left out."""
        return self._head + b"".join(self._lines) if self._lines else b""


class Histogram(Family):
    """
    A family of histograms.

    Args:
        name, text, labels: as of Family.
    """

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        super().__init__(name, text, labels, "histogram")
        self._bucket = line_of(f"{name}_bucket", (*labels, "le"))
        self._count = line_of(f"{name}_count", labels)
        self._sum = line_of(f"{name}_sum", labels)

    def add_buckets(self, values: Sequence[str], buckets: Sequence[tuple[str, float]], sum_value: float) -> None:
        """Add a histogram: (upper bound, number up to it), the last of them `+Inf`; and the sum of what was counted."""
        self._lines += [self._bucket((*values, bound), number) for bound, number in buckets]
        self._lines.append(self._count(values, buckets[-1][1]))
        self._lines.append(self._sum(values, sum_value))


def text_of(families: Iterable[Family]) -> bytes:
    """Return families as they are scraped."""
    return b"".join(family.text() for family in families)


def line_of(name: str, labels: Sequence[str]) -> Line:
    """Return what writes the lines of one name."""
    between = labels_of(labels)
    return lambda values, value: line(name, between(values), value)


def line(name: str, labels: str, value: float) -> bytes:
    """Return the line of one series; labels: as `labels_of` gives them."""
    return f"{name}{labels} {_number(value)}\n".encode()


def labels_of(names: Sequence[str]) -> Callable[[Sequence[str]], str]:
    """Return what writes the labels of these names, in alphabetical order, with the values in the order of the names."""
    if not names:
        return lambda _: ""
    order = sorted(range(len(names)), key=names.__getitem__)
    template = "{" + ",".join(f'{names[index]}="%s"' for index in order) + "}"
    if len(names) == 1:
        return lambda values: template % escaped(values[0])
    sort = itemgetter(*order)
    return lambda values: template % tuple(map(escaped, sort(values)))


def escaped(text: str) -> str:
    """Return the value of a label as it stands between quotes."""
    if "\\" in text or '"' in text or "\n" in text:
        return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
    return text


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
