"""
What `/metrics` says of a commune's target: no more than MOST_SERIES, since there are thousands of them.

Told is what alerts and the boards of the country need: whether it answers and how fast, when its certificate ends, what was seen
last and when, the main time of each kind that measures one, incidents and maintenance. The rest of a commune's numbers stands on
its pages, in exports and in `/probe`. What is told follows from what the kinds declare.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cache

from exporters.blackbox import Metric
from exporters.incidents import OF_TARGET
from thuocdo.core.kinds.kind import Kind, Nature, all_kinds
from thuocdo.core.model import Block, Target, TargetRole

MOST_SERIES = 15
"""Of a commune's target, from one vantage point with one profile; a test holds what is told against it."""

AGENCY_METRICS = ("thuocdo_agency_score_ratio", "thuocdo_agency_rank")
"""What is told of a commune in a ranking."""

DUTY_SERIES = OF_TARGET + 1
"""An incident with its parts, and planned maintenance; availability and budgets of communes are not told."""

_OF_ANSWERS = ("probe_success", "probe_duration_seconds", "probe_ssl_earliest_cert_expiry")
_OF_MEASUREMENT = ("thuocdo_measurement_outcome", "thuocdo_measurement_timestamp_seconds")


def is_commune(target: Target) -> bool:
    """Tell whether a target is a commune's."""
    return target.block is Block.COMMUNE


def without_communes(targets: Mapping[str, Target]) -> Mapping[str, Target]:
    """Return the targets of which everything is told."""
    return {target.id: target for target in targets.values() if not is_commune(target)}


def tells(metric: Metric, kind_name: str, target: Target) -> bool:
    """Tell whether a metric is told of a measurement of a kind of a target."""
    return not is_commune(target) or metric.name in _told_of(kind_name, target.role)


def most_commune_series(profiles: Mapping[str, int], role: TargetRole) -> int:
    """Return how many series a commune's target can have. profiles: with how many it is measured, by kind of probe."""
    target_info = 1
    return target_info + DUTY_SERIES + sum(count * len(_told_of(kind, role)) for kind, count in profiles.items())


@cache
def _told_of(kind_name: str, role: TargetRole) -> Collection[str]:
    """Return the names of the metrics that a measurement of a kind gives of a commune's target of a role."""
    kind = all_kinds()[kind_name]
    names = list(_OF_ANSWERS) if kind.answers else [*_main_time(kind)]
    if kind_name == _leading(role):
        names += _OF_MEASUREMENT
    return frozenset(names)


def _main_time(kind: Kind) -> Iterable[str]:
    main = kind.main_value
    if main is not None and main.metric and main.nature is Nature.DURATION and not kind.needs_mandate:
        yield f"thuocdo_{kind.name}_{main.name}"


def _leading(role: TargetRole) -> str:
    """Return the kind that is run most often of a role: what it saw last is what is known of the target."""
    kinds = [kind for kind in all_kinds().values() if role in kind.roles and not kind.needs_mandate]
    return min(kinds, key=lambda kind: (kind.cadence.every_seconds, kind.name)).name
