"""
The probe of each kind that thuocdo.core.kinds declares: the function `probe` of the module `probes.<kind>`, or of
`probes.<kind>.probe` where the kind has a room of its own.

A module is imported when its probe is asked for, so that an agent loads what its own kinds need and no more.
"""

import importlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from probes.tools import Tools
from thuocdo.core.kinds.kind import Engine, all_kinds
from thuocdo.core.model import Job, Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """
    How a kind is measured.

    run: the one function; it returns what it saw and raises nothing for a portal's fault. corrects_lag: it takes a late event
    loop off its times by itself, so that lateness alone does not spoil them (`CORRECTS_LAG` of its module).
    """

    run: Callable[[Job, Tools], Awaitable[Observation]]
    corrects_lag: bool = False


def probe_of(kind: str) -> Probe:
    """Return the probe of a kind, by its name."""
    module = importlib.import_module(f"probes.{kind}")
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{module.__name__}.probe")
    return Probe(run=module.probe, corrects_lag=getattr(module, "CORRECTS_LAG", False))


def probes_of(engines: Collection[Engine]) -> Mapping[str, Probe]:
    """Return the probes of all kinds that need one of these engines, by kind."""
    return {kind.name: probe_of(kind.name) for kind in all_kinds().values() if kind.engine in engines}
