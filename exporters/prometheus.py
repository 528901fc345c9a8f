"""
What `/metrics` says, in three pieces: the last result of every target, with who is who; the ranking; what is for those on duty.
(A fourth is about the web process itself: exporters.process.)

Rendered from values that are handed in; there is no global state. Labels hold ids and closed sets: no error text, no round;
name and address of a target stand in thuocdo_target_info alone, those of a certificate in probe_ssl_last_chain_info, one series
each, and the figures of an incident in its start and those of its parts, as long as they last; three mistakes in files at most
are told as they are written, until they are mended. So the number of series is bounded: `most_series_of_target` reckons how
many a target can have. To keep them few, the http kind speaks blackbox_exporter's names only; its thuocdo_http_… stand in
`/probe` and in exports. Of communes, which are thousands, exporters.communes says what is told.
Names and helps are a public contract (tests/unit/exporters/golden/metrics.txt). A value that was not measured is absent, never 0,
but under blackbox_exporter's names (see exporters.blackbox).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from types import MappingProxyType

from exporters.agents import agent_families
from exporters.blackbox import (
    CONCLUSIVE_SUCCESS,
    HTTP_METRICS,
    MEASUREMENT_METRICS,
    STEP_METRIC,
    Metric,
    value_metrics,
)
from exporters.communes import is_commune, most_commune_series, tells
from exporters.freshness import STALE_AFTER
from exporters.operations import OperationsSnapshot, duty_families, most_duty_series
from exporters.ranks import ShownRanking, ranking_families
from exporters.text import Exposition, Family, exposed, gauge, labels_of, line, line_of
from thuocdo.core.kinds.kind import Kind
from thuocdo.core.model import AgentState, Measurement, Target
from thuocdo.core.version import __version__

_SERIES = ("target", "vantage", "profile")
_SERIES_AND_KIND = (*_SERIES, "kind")
_labels, _labels_with_kind = labels_of(_SERIES), labels_of(_SERIES_AND_KIND)
_OF_ANY_KIND = (*MEASUREMENT_METRICS, STEP_METRIC)

_Lines = tuple[bytes, ...]
"""What one measurement has to say: the lines of each metric of its kind, then of each of _OF_ANY_KIND."""


class TargetMetrics:
    """
    Renders the piece of targets; the lines of a series are made once for each of its measurements, which never change.

    Args:
        kinds: of probes; each gives its metrics.
    """

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._writers = {name: _Writer(kind) for name, kind in kinds.items()}
        self._known: dict[tuple[str, ...], tuple[datetime, _Lines]] = {}
        self._who: tuple[Mapping[str, Target], Exposition] = ({}, ())

    def render(
        self,
        measurements: Iterable[Measurement],
        targets: Mapping[str, Target],
        names: Mapping[str, str],
        silences: Mapping[str, tuple[datetime, timedelta]] = MappingProxyType({}),
    ) -> Exposition:
        """
        Return the piece.

        Args:
            measurements: the last one per target, kind, vantage point and profile, without the stale ones; see
                exporters.freshness.
            targets: those that are probed, by id; of unknown ones nothing is told. The same object as long as they are the same.
            names: what people call them, by id.
            silences: by vantage point, when it measured last and how long it may be silent after that.
        """
        if self._who[0] is not targets:  # thousands of lines that change with the registry only
            self._who = (targets, exposed((_build_info(), _target_info(targets.values(), names))))
        return (*self._who[1], *exposed((*self._measured(measurements, targets), *_silences(silences))))

    def _measured(self, measurements: Iterable[Measurement], targets: Mapping[str, Target]) -> Iterator[Family]:
        by_kind: dict[str, list[_Lines]] = {name: [] for name in self._kinds}
        before, self._known = self._known, {}
        for measurement in measurements:
            key = measurement.key
            if key.target_id not in targets or key.kind not in by_kind:
                continue
            series = (key.target_id, key.kind, key.vantage_id, key.profile)
            at, lines = before.get(series, (None, ()))
            if at != key.scheduled_at:
                lines = self._writers[key.kind].lines(measurement, targets[key.target_id])
            self._known[series] = (key.scheduled_at, lines)
            by_kind[key.kind].append(lines)
        columns = {name: list(zip(*found, strict=True)) for name, found in by_kind.items() if found}
        for kind in sorted(self._kinds.values(), key=lambda kind: not kind.answers):
            for metric, lines in zip(_metrics_of(kind), columns.get(kind.name, ()), strict=False):
                yield _family(metric, _SERIES, lines)
        for place, metric in enumerate(_OF_ANY_KIND, start=-len(_OF_ANY_KIND)):
            yield _family(metric, _SERIES_AND_KIND, chain.from_iterable(found[place] for found in columns.values()))


def render_ranking(shown: ShownRanking) -> Exposition:
    """Return the piece of the ranking."""
    return exposed(ranking_families(shown))


def render_operations(
    duty: OperationsSnapshot, targets: Mapping[str, Target], agents: Iterable[AgentState]
) -> Exposition:
    """
    Return the piece of those on duty.

    Args:
        duty: what is known for them.
        targets: those that are probed, by id.
        agents: last signs of life, without the stale ones; see `alive`.
    """
    return exposed((*duty_families(duty, targets), *agent_families(agents)))


def alive(agents: Iterable[AgentState], now: datetime) -> tuple[AgentState, ...]:
    """Return the agents whose last sign of life is not stale."""
    return tuple(state for state in agents if now - state.seen_at <= STALE_AFTER)


def render_metrics(
    *,
    measurements: Iterable[Measurement],
    targets: Mapping[str, Target],
    shown: ShownRanking,
    agents: Sequence[AgentState],
    duty: OperationsSnapshot,
    kinds: Mapping[str, Kind],
    now: datetime,
    names: Mapping[str, str] = MappingProxyType({}),
    silences: Mapping[str, tuple[datetime, timedelta]] = MappingProxyType({}),
) -> Exposition:
    """Return all that follows from what is handed in; see the pieces. now: agents that are not alive then are left out."""
    return (
        *TargetMetrics(kinds).render(measurements, targets, names, silences),
        *render_ranking(shown),
        *render_operations(duty, targets, alive(agents, now)),
    )


def most_series_of_target(
    profiles: Mapping[str, int], kinds: Mapping[str, Kind], *, steps: int, target: Target | None = None
) -> int:
    """
    Return how many time series of a target Prometheus can have to keep at once, from one vantage point.

    Args:
        profiles: with how many profiles it is measured, by kind of probe.
        kinds: of probes.
        steps: most that a journey to an eForm has, the form itself among them.
        target: of which fewer are told where it is a commune's; None = any other.

    """
    if target is not None and is_commune(target):
        return most_commune_series(profiles, target.role)
    measured = sum(count * _most_series_of_measurement(kinds[name], steps) for name, count in profiles.items())
    target_info = 1
    return target_info + measured + most_duty_series([kinds[name] for name in profiles])


def _most_series_of_measurement(kind: Kind, steps: int) -> int:
    most = sum(metric.most for metric in (*_metrics_of(kind), *MEASUREMENT_METRICS))
    return most + (steps if kind.tells_steps else 0)


def _metrics_of(kind: Kind) -> tuple[Metric, ...]:
    """Return what tells the values of a kind."""
    return (CONCLUSIVE_SUCCESS, *HTTP_METRICS) if kind.answers else value_metrics(kind)


class _Writer:
    """Writes all that a measurement of one kind has to say."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind.name
        self._metrics = tuple(
            (metric, labels, line_of(metric.name, (*labels, *metric.labels)))
            for metrics, labels in ((_metrics_of(kind), _SERIES), (_OF_ANY_KIND, _SERIES_AND_KIND))
            for metric in metrics
        )

    def lines(self, measurement: Measurement, target: Target) -> _Lines:
        key = measurement.key
        named = (key.target_id, key.vantage_id, key.profile, self._kind)
        # Most metrics have no label of their own: then these are all, and need not be put in order again and again.
        common = {_SERIES: _labels(named), _SERIES_AND_KIND: _labels_with_kind(named)}
        return tuple(
            b"".join(
                [
                    write((*named[: len(labels)], *own), value) if own else line(metric.name, common[labels], value)
                    for own, value in metric.told(measurement)
                ]
            )
            if tells(metric, self._kind, target)
            else b""
            for metric, labels, write in self._metrics
        )


def _family(metric: Metric, labels: tuple[str, ...], lines: Iterable[bytes]) -> Family:
    family = Family(metric.name, metric.help, (*labels, *metric.labels))
    family.add_lines(lines)
    return family


def _silences(silences: Mapping[str, tuple[datetime, timedelta]]) -> Iterator[Family]:
    yield gauge(
        "thuocdo_vantage_last_measurement_timestamp_seconds",
        "Unix time of the newest measurement of a vantage point that the schedule asked for",
        ("vantage",),
        {(vantage_id,): at.timestamp() for vantage_id, (at, _) in silences.items()},
    )
    yield gauge(
        "thuocdo_vantage_silence_limit_seconds",
        "How old that may be: five cadences of what is measured there most often, and the hours in which it rests",
        ("vantage",),
        {(vantage_id,): limit.total_seconds() for vantage_id, (_, limit) in silences.items()},
    )


def _build_info() -> Family:
    gauge = Family("thuocdo_build_info", "1, with the version of the running program", ("version",))
    gauge.add((__version__,), 1.0)
    return gauge


def _target_info(targets: Iterable[Target], names: Mapping[str, str]) -> Family:
    gauge = Family(
        "thuocdo_target_info",
        "1, with what a probed target is, what people call it, and its address; join on the label target",
        ("target", "agency", "block", "region", "family", "portal", "role", "owner", "parent", "name", "url"),
    )
    for target in targets:
        described = (
            *(target.agency_id, target.block, target.region),
            *(target.family, target.portal_id, target.role, target.owner, target.parent_id),
            *(names.get(target.id, target.id), target.url),
        )
        gauge.add((target.id, *described), 1.0)
    return gauge
