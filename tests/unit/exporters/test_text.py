"""Our lines against prometheus_client's own, byte for byte, on any names and values."""

from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Exemplar as CoreExemplar
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.registry import Collector

from exporters.text import Exemplar, Family, Histogram, exposed, takes_openmetrics, text_of

NAMES = st.builds(str.__add__, st.sampled_from("abz_"), st.text("abz_019", max_size=6))
TEXTS = st.text(st.characters(exclude_categories=("Cs",))) | st.text('\\\n"a {}%,=', max_size=6)
NUMBERS = (
    st.floats()
    | st.integers(-(10**20), 10**20)
    | st.sampled_from(
        [0.0, -0.0, inf, -inf, nan, 1e6, 999_999.5, 1e7, 123_456_789.0, 1.79533050004e9, 1e16, 1e17, 1e-5]
    )
)


class _Families(Collector):
    def __init__(self, families):
        self._families = families

    def collect(self):
        return (family for family in self._families if family.samples)


def by_prometheus_client(families, *, openmetrics=False):
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(families))
    return generate_openmetrics(registry) if openmetrics else generate_latest(registry)


@st.composite
def families(draw):
    """A family of ours and the same of prometheus_client's, without names that it takes for OpenMetrics' own."""
    name, text = (
        draw(NAMES.filter(lambda name: not name.endswith(("_total", "_created", "_gsum", "_gcount")))),
        draw(TEXTS),
    )
    labels = draw(st.lists(NAMES, max_size=4, unique=True))
    rows = draw(st.lists(st.tuples(st.tuples(*(TEXTS for _ in labels)), NUMBERS), max_size=4))
    if draw(st.booleans()):
        ours, theirs = Family(f"{name}_total", text, labels, "counter"), CounterMetricFamily(name, text, labels=labels)
    else:
        ours, theirs = Family(name, text, labels), GaugeMetricFamily(name, text, labels=labels)
    for values, value in rows:
        ours.add(values, value)
        theirs.add_metric(values, value)
    return ours, theirs


@st.composite
def histograms(draw):
    name, text = draw(NAMES), draw(TEXTS)
    labels = draw(st.lists(NAMES.filter(lambda label: label != "le"), max_size=3, unique=True))
    ours, theirs = Histogram(name, text, labels), HistogramMetricFamily(name, text, labels=labels)
    for values in draw(st.lists(st.tuples(*(TEXTS for _ in labels)), max_size=3)):
        bounds = [*map(str, sorted(draw(st.lists(st.floats(0.001, 1e9), max_size=4)))), "+Inf"]
        buckets = [(bound, draw(st.integers(0, 10**9))) for bound in bounds]
        total = draw(st.floats(allow_nan=False))
        ours.add_buckets(values, buckets, total)
        theirs.add_metric(values, buckets, sum_value=total)
    return ours, theirs


@settings(max_examples=40)
@given(st.lists(families() | histograms(), max_size=4))
def test_every_byte_is_what_prometheus_client_writes(made):
    ours, theirs = exposed(ours for ours, _ in made), [theirs for _, theirs in made]
    assert text_of(ours) == by_prometheus_client(theirs)
    assert text_of(ours, openmetrics=True) == by_prometheus_client(theirs, openmetrics=True)


def test_exemplars_stand_in_openmetrics_alone():
    family = Histogram("a_seconds", "help", ("x",))
    exemplar = Exemplar(labels={"evidence": 'a"b'}, value=0.25, timestamp=1795330500.5)
    family.add_buckets(("1",), [("0.3", 1), ("+Inf", 2)], 1.5, {0: exemplar})
    family.add_buckets(("2",), [("0.3", 0), ("+Inf", 1)], 1.5, {1: exemplar})
    theirs = HistogramMetricFamily("a_seconds", "help", labels=("x",))
    said = CoreExemplar({"evidence": 'a"b'}, 0.25, 1795330500.5)
    theirs.add_metric(("1",), [("0.3", 1, said), ("+Inf", 2, None)], 1.5)
    theirs.add_metric(("2",), [("0.3", 0, None), ("+Inf", 1, said)], 1.5)
    for openmetrics in (False, True):
        assert text_of(exposed([family]), openmetrics=openmetrics) == by_prometheus_client(
            [theirs], openmetrics=openmetrics
        )


@pytest.mark.parametrize(
    ("accept", "takes"),
    [
        ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
         "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", True),
        ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3", True),
        ("application/openmetrics-text; version=0.0.1", False),
        ("text/plain;version=0.0.4", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("*/*", False),
        ("", False),
    ],
)  # fmt: skip
def test_openmetrics_is_for_who_asks_for_it(accept, takes):
    assert takes_openmetrics(accept) is takes


def test_lines_that_are_there_already_join_those_that_are_added():
    whole, joined = Family("a", "help", ("x",)), Family("a", "help", ("x",))
    for number in range(3):
        whole.add((str(number),), number)
    joined.add_lines([b"", b'a{x="0"} 0.0\na{x="1"} 1.0\n', b'a{x="2"} 2.0\n'])
    assert joined.section() == whole.section()


@pytest.mark.parametrize("family", [Family("a", "help", ("x",)), Histogram("a", "help", ("x",))])
def test_a_family_without_a_series_is_left_out(family):
    family.add_lines([b""])
    assert exposed([family]) == ()
    assert text_of((), openmetrics=True) == b"# EOF\n"
