"""What a probe saw against what the server did: errors per phase, and their percentiles. Pure."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PHASES = ("resolve", "connect", "tls", "processing", "transfer")
TTFB_PHASES = PHASES[:-1]
"""Up to the first byte, from the question for the address on."""

ALIKE_PHASES = ("resolve", "connect", "processing")
"""Those of them that ours and blackbox_exporter define alike: its `tls` holds its own arithmetic, ours only the server's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """
    What the server did to one probe, in seconds; None = it was never asked for it.

    late_seconds: how much later than meant its slowest answer left, which is counted in the other fields.
    """

    resolve_seconds: float | None = None
    tls_seconds: float | None = None
    processing_seconds: float | None = None
    transfer_seconds: float | None = None
    late_seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the probe came as far as the answer."""
        return self.processing_seconds is not None

    def phase(self, name: str) -> float:
        """Return what a phase took, in seconds; connecting takes nothing on loopback, nor does a name that was not asked for."""
        return getattr(self, f"{name}_seconds", None) or 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a prober said of one probe: its phases by name, in seconds; saturated: it says itself that it was too busy."""

    succeeded: bool
    phases: Mapping[str, float]
    saturated: bool = False


def phase_errors(seen: Mapping[int, Seen], truths: Mapping[int, Truth], phases: Sequence[str]) -> list[float]:
    """
    Return by how many seconds each probe's sum of some phases is off, too much being positive; probes that failed are left out.

    Args:
        seen: by number of the probe.
        truths: by the same numbers.
        phases: names of PHASES.
    """
    return [
        sum(one.phases.get(name, 0.0) for name in phases) - sum(truths[number].phase(name) for name in phases)
        for number, one in seen.items()
        if one.succeeded and number in truths and truths[number].is_complete
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """
    Return the smallest value that at least a share of the values does not exceed.

    Args:
        values: at least one.
        share: 0 < share <= 1.
    """
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * share) - 1]


def p95_of_sizes(errors: Sequence[float]) -> float:
    """Return the 95th percentile of the errors' absolute values."""
    return percentile([abs(error) for error in errors], 0.95)


def median_ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return the median over rounds of ours / others, round by round: what disturbs a round disturbs both of its numbers."""
    return statistics.median(one / other for one, other in zip(ours, others, strict=True))


def median_difference(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return the median over rounds of ours - others, round by round."""
    return statistics.median(one - other for one, other in zip(ours, others, strict=True))
