"""
Prometheus' text format and OpenMetrics for hundreds of thousands of series, byte for byte as prometheus_client writes them.

prometheus_client builds a sample, a dict of its labels and a sorted list of them for each line, some 10 µs; here the order of the
labels is found once per family. Its own `generate_latest` is what a test holds every byte against, on any names and values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.utils import floatToGoString

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OPENMETRICS_CONTENT_TYPE = CONTENT_TYPE_LATEST
END_OF_OPENMETRICS = b"# EOF\n"

_number: Callable[[float], str] = floatToGoString

Line = Callable[[Sequence[str], float], bytes]
"""Gives the line of one series: values of the labels, in the order in which they were named, and the series' own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """
    A family as it is scraped: lines are the same in both formats, but for exemplars.

    head, open_head: what stands before the lines. open_lines: those of OpenMetrics; None = the same.
    """

    head: bytes
    open_head: bytes
    lines: bytes = b""
    open_lines: bytes | None = None


Exposition = tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemplar:
    """One of those that a bucket counted: labels, value, and when it was in seconds since 1970."""

    labels: Mapping[str, str]
    value: float
    timestamp: float


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
        self._head = _head(name, _escaped_help(text), type_)
        # OpenMetrics calls a counter by its name without the ending, and escapes quotes in a help, too.
        self._open_head = _head(name.removesuffix("_total") if type_ == "counter" else name, escaped(text), type_)
        self._line = line_of(name, labels)
        self._lines: list[bytes] = []

    def add(self, values: Sequence[str], value: float) -> None:
        """Add a series."""
        self._lines.append(self._line(values, value))

    def add_lines(self, lines: Iterable[bytes]) -> None:
        """Add series whose lines are there already; an empty one is none."""
        self._lines += filter(None, lines)

    def section(self) -> Section | None:
        """Return the family as it is scraped; None = it has no series and is left out."""
        if not self._lines:
            return None
        return Section(
            head=self._head, open_head=self._open_head, lines=b"".join(self._lines), open_lines=self._open_lines()
        )

    def _open_lines(self) -> bytes | None:
        return None


def gauge(name: str, text: str, labels: Sequence[str], series: Mapping[tuple[str, ...], float]) -> Family:
    """Return a family of gauges; series: value by the values of the labels."""
    family = Family(name, text, labels)
    for values, value in series.items():
        family.add(values, value)
    return family


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
        self._exemplars: dict[int, bytes] = {}

    def add_buckets(
        self,
        values: Sequence[str],
        buckets: Sequence[tuple[str, float]],
        sum_value: float,
        exemplars: Mapping[int, Exemplar] = MappingProxyType({}),
    ) -> None:
        """
        Add a histogram.

        Args:
            values: of the labels.
            buckets: (upper bound, number up to it), the last of them `+Inf`.
            sum_value: of all that was counted.
            exemplars: by number of the bucket; OpenMetrics alone has them.
        """
        first = len(self._lines)
        self._exemplars |= {first + index: _exemplar(one) for index, one in exemplars.items()}
        self._lines += [self._bucket((*values, bound), number) for bound, number in buckets]
        self._lines.append(self._count(values, buckets[-1][1]))
        self._lines.append(self._sum(values, sum_value))

    def _open_lines(self) -> bytes | None:
        if not self._exemplars:
            return None
        lines = list(self._lines)
        for index, exemplar in self._exemplars.items():
            lines[index] = lines[index].removesuffix(b"\n") + exemplar
        return b"".join(lines)


def exposed(families: Iterable[Family]) -> Exposition:
    """Return families as they are scraped."""
    return tuple(section for family in families if (section := family.section()) is not None)


def text_of(exposition: Exposition, *, openmetrics: bool = False) -> bytes:
    """Return the whole body of a scrape."""
    if not openmetrics:
        return b"".join(part for one in exposition for part in (one.head, one.lines))
    parts = (
        part for one in exposition for part in (one.open_head, one.lines if one.open_lines is None else one.open_lines)
    )
    return b"".join((*parts, END_OF_OPENMETRICS))


def takes_openmetrics(accept: str) -> bool:
    """Tell whether a client takes OpenMetrics 1.0, by its `Accept`; Prometheus does, who asks with a browser or curl does not."""
    return choose_encoder(accept)[1].startswith("application/openmetrics-text")


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


def _head(name: str, escaped_text: str, type_: str) -> bytes:
    return f"# HELP {name} {escaped_text}\n# TYPE {name} {type_}\n".encode()


def _exemplar(one: Exemplar) -> bytes:
    names = sorted(one.labels)
    labels = labels_of(names)([one.labels[name] for name in names])
    return f" # {labels} {_number(one.value)} {one.timestamp}\n".encode()


def _escaped_help(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
