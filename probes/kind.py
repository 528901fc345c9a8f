"""
What a kind of probe is, and the one list of kinds.

A module of this package that has a `KIND` is a kind of probe; configuration, CLI choices, metric names and reference tables
are derived from `all_kinds()`.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import probes
from probes.tools import Tools
from thuocdo.core.model import Job, Observation, TargetRole


class Engine(StrEnum):
    """What a kind needs to run; one agent process per engine."""

    HTTP = "http"
    BROWSER = "browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """
    One number a kind measures.

    name: with its unit (`load_seconds`); the exporter makes thuocdo_<kind>_<name> of it. help: English, one sentence.
    detail: worth reading in one measurement, not worth a time series of its own: it is stored and shown, but no metric.
    paint: a busy machine spoils it, so that a saturated measurement goes without; network phases stay within 7 % (measured).
    """

    name: str
    help: str
    detail: bool = False
    paint: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    A kind of probe.

    roles: the targets it applies to. timed: its values are times, which a busy machine spoils. corrects_lag: it takes a late
    event loop off its times by itself, so that lateness alone does not spoil them.
    needs_mandate: it goes beyond gentle probing, so that it runs with written permission only, or on this very machine.
    probe: the one function; it returns what it saw and raises nothing for a portal's fault.
    """

    name: str
    help: str
    engine: Engine
    roles: frozenset[TargetRole]
    values: tuple[Value, ...]
    deadline_seconds: float
    timed: bool = True
    corrects_lag: bool = False
    needs_mandate: bool = False
    probe: Callable[[Job, Tools], Awaitable[Observation]]


@cache
def all_kinds() -> Mapping[str, Kind]:
    """Return every kind of probe by name, in alphabetical order."""
    names = sorted(module.name for module in pkgutil.iter_modules(probes.__path__))
    modules = (importlib.import_module(f"probes.{name}") for name in names)
    kinds = (module.KIND for module in modules if hasattr(module, "KIND"))
    return {kind.name: kind for kind in kinds}
