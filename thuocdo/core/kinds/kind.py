"""
What a kind of probe is and what its values mean, and the one list of kinds.

A module of this package that has a `KIND` declares one. Schedules, metrics, formats, units, words and reference tables follow
from `all_kinds()`; the probe itself is `probes/<kind>.py`, which nobody needs to import to know of the kind.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

import thuocdo.core.kinds
from thuocdo.core.model import TargetRole


class Engine(StrEnum):
    """What a kind needs to run; one agent process per engine."""

    HTTP = "http"
    BROWSER = "browser"


class Nature(StrEnum):
    """
    What a number is; its unit, how it is shown, and what may be reckoned with it follow.

    INDEX: a number without a unit, such as CLS. CODE: names something, such as an HTTP status, and cannot be ordered.
    """

    DURATION = "duration"
    INSTANT = "instant"
    SIZE = "size"
    COUNT = "count"
    SHARE = "share"
    SCORE = "score"
    INDEX = "index"
    CODE = "code"

    @property
    def unit(self) -> str:
        """Its unit, in which values are stored: "s", "s since 1970", "bytes", "0..1", "0..100", or none."""
        return _UNITS[self]


_UNITS: Mapping[Nature, str] = {
    Nature.DURATION: "s",
    Nature.INSTANT: "s since 1970",
    Nature.SIZE: "bytes",
    Nature.COUNT: "",
    Nature.SHARE: "0..1",
    Nature.SCORE: "0..100",
    Nature.INDEX: "",
    Nature.CODE: "",
}


class Better(StrEnum):
    """Which direction of a number is better for a citizen."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowness:
    """
    When a time is slow for long enough to be an incident.

    last: the median of so many counts. gap: times further apart do not belong together.
    """

    last: int
    gap: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearness:
    """
    When an instant that lies ahead is so near that it is an incident.

    soon: there is time to do something about it in working hours. very_soon: somebody must do it now.
    """

    soon: timedelta
    very_soon: timedelta


CERTIFICATE_NEARNESS = Nearness(soon=timedelta(days=21), very_soon=timedelta(days=7))
"""Of every instant at which a certificate runs out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """
    One number a kind measures.

    name: with its unit (`load_seconds`); the exporter makes thuocdo_<kind>_<name> of it. vi, en: what people read. help:
    English, one sentence. metric: it has a time series of its own; else it is stored and shown, but no metric. main: the one
    value by which several runs of the kind are compared. ranked: every ranking shows its median. paint: a busy machine spoils
    it, so that a saturated measurement goes without; network phases stay within 7 % (measured). bounds: of its histogram, in
    its unit; none = it has no histogram. slowness, nearness: when it is an incident, as a time or as an instant; None = never.
    """

    name: str
    vi: str
    en: str
    help: str
    nature: Nature
    better: Better = Better.LOWER
    metric: bool = True
    main: bool = False
    ranked: bool = False
    paint: bool = False
    bounds: tuple[float, ...] = ()
    slowness: Slowness | None = None
    nearness: Nearness | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """
    A share of runs, made of outcomes and not of measured values.

    ranked: every ranking shows it.
    """

    name: str
    vi: str
    en: str
    ranked: bool = False
    nature: Nature = Nature.SHARE
    better: Better = Better.HIGHER


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultCadence:
    """
    How often a kind runs unless somebody says otherwise; the bundled schedule is made of it.

    communes_every_seconds: of communes' targets, which are thousands; 0 = as often as of others. hours: of the day in Hanoi,
    ("06:00", "23:00"); None = always. runs_in_round: of each target; 0 = it takes no part.
    """

    every_seconds: int
    communes_every_seconds: int = 0
    hours: tuple[str, str] | None = None
    runs_in_round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    A kind of probe.

    vi, en: what people call it. help: English, one sentence. roles: the targets it applies to. values: what it measures. ratios:
    what outcomes of its runs give, AVAILABILITY among them. timed: its values are times, which a busy machine spoils.
    needs_mandate: it goes beyond gentle probing, so that it runs with written permission only, or on this very machine.
    answers: its outcome says whether the portal is up; availability, incidents and `probe_success` rest on it.
    tells_page_kind: it sees what kind of page a home page is. tells_use: it uses the portal as people do, so that its failures
    are incidents. tells_steps: it tells how long each step of its journey took.
    varying_attributes: facts it tells that differ from run to run; the store keeps all others once for many measurements.
    """

    name: str
    vi: str
    en: str
    help: str
    engine: Engine
    roles: frozenset[TargetRole]
    deadline_seconds: float
    cadence: DefaultCadence
    values: tuple[Value, ...]
    ratios: tuple[Ratio, ...]
    timed: bool = True
    needs_mandate: bool = False
    answers: bool = False
    tells_page_kind: bool = False
    tells_use: bool = False
    tells_steps: bool = False
    varying_attributes: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[Value | Ratio, ...]:
        """All that a criterion could read of it: values, then ratios."""
        return (*self.values, *self.ratios)

    @property
    def ending_value(self) -> Value | None:
        """The instant whose coming is an incident."""
        return next((value for value in self.values if value.nearness), None)

    @property
    def main_value(self) -> Value | None:
        """The value by which several of its runs are compared."""
        return next((value for value in self.values if value.main), None)


AVAILABILITY = "availability_ratio"
"""Of every kind: ok / (ok + failed)."""

TLS_VALID = "tls_valid_ratio"
"""Share of the connections that came to a TLS handshake in which handshake and certificate were in order."""


def availability(vi: str, en: str = "Availability", *, ranked: bool = False) -> Ratio:
    """Return the share of a kind's conclusive runs that were ok."""
    return Ratio(name=AVAILABILITY, vi=vi, en=en, ranked=ranked)


@cache
def all_kinds() -> Mapping[str, Kind]:
    """Return every kind of probe by name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(thuocdo.core.kinds.__path__))
    modules = (importlib.import_module(f"thuocdo.core.kinds.{name}") for name in names)
    kinds = (module.KIND for module in modules if hasattr(module, "KIND"))
    return {kind.name: kind for kind in kinds}


@cache
def answering_kind() -> Kind:
    """Return the one kind whose outcome says whether a portal answers."""
    (kind,) = (kind for kind in all_kinds().values() if kind.answers)
    return kind


def meaning_of(metric: str) -> Value | Ratio | None:
    """Return what `<kind>.<value>` means, None where no kind gives it (any more)."""
    kind, _, name = metric.partition(".")
    numbers = all_kinds()[kind].numbers if kind in all_kinds() else ()
    return next((number for number in numbers if number.name == name), None)


def is_ratio(metric: str) -> bool:
    """Tell whether the metric is a share of runs, made of outcomes and not of measured values."""
    return isinstance(meaning_of(metric), Ratio)


def is_duration(metric: str) -> bool:
    """Tell whether the metric is a time, in which a failed run counts as slower than any other."""
    meaning = meaning_of(metric)
    return meaning is not None and meaning.nature is Nature.DURATION
