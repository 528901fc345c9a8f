"""
What `/metrics` says: the last stored result of every target, the ranking, the agents, and who is who.

Rendered from values that are handed in; there is no global state. Labels hold ids and closed sets only: no address, no error
text, no round, so the number of series is bounded: `most_series_of_target` reckons how many a target can have. To keep them few,
the http kind speaks blackbox_exporter's names only; its thuocdo_http_… stand in `/probe` and in exports. Of communes, which are
thousands, exporters.communes says what is told.
Names and helps are a public contract (tests/unit/exporters/golden/metrics.txt). A value that was not measured is absent, never 0.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from exporters.blackbox import (
    CONCLUSIVE_SUCCESS,
    HTTP_METRICS,
    MEASUREMENT_METRICS,
    STEP_METRIC,
    Families,
    Family,
    Metric,
    family,
    value_metrics,
)
from exporters.communes import AGENCY_METRICS, is_commune, most_commune_series, told
from exporters.operations import OperationsSnapshot, duty_families, most_duty_series
from thuocdo.core.kinds.kind import Kind
from thuocdo.core.model import AgentState, Block, Measurement, Target
from thuocdo.core.version import __version__
from thuocdo.score.scorecard import RankedAgency, Ranking

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

STALE_AFTER = timedelta(days=7)
"""An older result is left out: a vantage point or target that is no longer measured must not look alive, or down, for ever."""

_SERIES: Mapping[str, Callable[[Measurement], str]] = {
    "target": lambda measurement: measurement.key.target_id,
    "vantage": lambda measurement: measurement.key.vantage_id,
    "profile": lambda measurement: measurement.key.profile,
}

_AGENT_GAUGES: tuple[tuple[str, str, Callable[[AgentState], float | None]], ...] = (
    ("thuocdo_agent_loop_lag_seconds", "Worst recent lateness of the agent's event loop", lambda s: s.loop_lag_seconds),
    (
        "thuocdo_agent_cpu_pressure_ratio",
        "Share of time in which something on the agent's machine waited for a CPU, 0..1",
        lambda s: s.cpu_pressure_ratio,
    ),
    ("thuocdo_agent_probes_in_flight", "Probes running now", lambda s: s.in_flight),
    ("thuocdo_agent_queue_length", "Due probes that wait for their turn", lambda s: s.queue_length),
    ("thuocdo_agent_unsaved_measurements", "Measurements that wait to be stored", lambda s: s.unsaved),
    (
        "thuocdo_agent_last_seen_timestamp_seconds",
        "Unix time of the agent's last sign of life",
        lambda s: s.seen_at.timestamp(),
    ),
    (
        "thuocdo_agent_start_time_seconds",
        "Unix time at which the agent was started",
        lambda s: s.started_at.timestamp(),
    ),
    (
        "thuocdo_agent_clock_offset_seconds",
        "How far the clock of the agent's machine may be off, by its kernel's own estimate; absent where nothing keeps it",
        lambda s: s.clock_offset_seconds,
    ),
)
_AGENT_COUNTERS: tuple[tuple[str, str, Callable[[AgentState], float]], ...] = (
    ("thuocdo_agent_probes_total", "Probes ended since the agent was started", lambda s: s.probes_total),
    (
        "thuocdo_agent_missed_starts_total",
        "Probes that were due and not started in time, never caught up",
        lambda s: s.missed_starts_total,
    ),
    ("thuocdo_agent_late_starts_total", "Probes started more than 1 s after their time", lambda s: s.late_starts_total),
    (
        "thuocdo_agent_saturated_probes_total",
        "Probes taken while the prober was too busy to be trusted",
        lambda s: s.saturated_total,
    ),
    (
        "thuocdo_agent_browser_restarts_total",
        "Times the browser had to be started anew",
        lambda s: s.browser_restarts_total,
    ),
    (
        "thuocdo_loop_stalls_total",
        "Times the agent's event loop stood still for 2 s or more, so that no deadline held; the log has its stack",
        lambda s: s.loop_stalls_total,
    ),
    (
        "thuocdo_clock_steps_total",
        "Times the wall clock of the agent's machine was moved by more than 1 s; the plan was made anew from where it stands",
        lambda s: s.clock_steps_total,
    ),
)

_AGENT_KIND_COUNTERS: tuple[tuple[str, str, Callable[[AgentState], Mapping[str, int]]], ...] = (
    (
        "thuocdo_agent_kind_due_total",
        "Probes of a kind that were due and wait no more: started, refused or missed",
        lambda s: s.due_by_kind,
    ),
    (
        "thuocdo_agent_kind_missed_total",
        "Probes of a kind that were due and not started in time; they lower the coverage of their targets",
        lambda s: s.missed_by_kind,
    ),
)

_AGENCY_GAUGES: tuple[tuple[str, str, Callable[[RankedAgency], float | None]], ...] = (
    (
        "thuocdo_agency_score_ratio",
        "Points obtained of the points that were measured, 0..1; absent where nothing was measured",
        lambda ranked: ranked.scorecard.total_ratio,
    ),
    (
        "thuocdo_agency_score_lower_ratio",
        "Lower end of the score's interval at 95 %",
        lambda ranked: ranked.scorecard.ci_low,
    ),
    (
        "thuocdo_agency_score_upper_ratio",
        "Upper end of the score's interval at 95 %",
        lambda ranked: ranked.scorecard.ci_high,
    ),
    (
        "thuocdo_agency_rank",
        "Place within the block, 1 is best; agencies that cannot be told apart share one; absent without a rank",
        lambda ranked: ranked.rank,
    ),
    (
        "thuocdo_agency_coverage_ratio",
        "Share of the measurements that were conclusive, 0..1",
        lambda ranked: ranked.scorecard.coverage_ratio,
    ),
    (
        "thuocdo_agency_availability_ratio",
        "ok / (ok + failed) of the home pages, 0..1",
        lambda ranked: ranked.scorecard.availability_ratio,
    ),
    (
        "thuocdo_agency_measured_points",
        "Points of the criteria set that were measured for the agency",
        lambda ranked: ranked.scorecard.measured_points,
    ),
)


def render_metrics(
    *,
    measurements: Iterable[Measurement],
    targets: Mapping[str, Target],
    ranking: Ranking | None,
    agents: Sequence[AgentState],
    duty: OperationsSnapshot,
    kinds: Mapping[str, Kind],
    now: datetime,
) -> bytes:
    """
    Return the body of `/metrics` in Prometheus' text format.

    Args:
        measurements: the last one per target, kind, vantage point and profile; of unknown targets and stale ones are left out.
        targets: those that are probed, by id.
        ranking: the one that is published, or None.
        agents: last signs of life; stale ones are left out.
        duty: what is known for those on duty.
        kinds: of probes; each gives its metrics.
        now: the present instant.

    """
    fresh = [m for m in measurements if m.key.target_id in targets and now - m.started_at <= STALE_AFTER]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(
        Families(
            lambda: (
                _build_info(),
                _target_info(targets.values()),
                *_measured(fresh, kinds, targets),
                *_ranked(ranking),
                *duty_families(duty, targets),
                *_agents([state for state in agents if now - state.seen_at <= STALE_AFTER]),
            )
        )
    )
    return generate_latest(registry)


def most_series_of_target(
    profiles: Mapping[str, int], kinds: Mapping[str, Kind], *, steps: int, target: Target | None = None
) -> int:
    """
    Return how many time series of a target Prometheus can have to keep at once, from one vantage point.

    Args:
        target: of which fewer are told where it is a commune's; None = any other.
        profiles: with how many profiles it is measured, by kind of probe.
        kinds: of probes.
        steps: most that a journey to an eForm has, the form itself among them.

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


def _build_info() -> Family:
    gauge = GaugeMetricFamily("thuocdo_build_info", "1, with the version of the running program", labels=["version"])
    gauge.add_metric([__version__], 1.0)
    return gauge


def _target_info(targets: Iterable[Target]) -> Family:
    gauge = GaugeMetricFamily(
        "thuocdo_target_info",
        "1, with what a probed target is; join on the label target",
        labels=["target", "agency", "block", "region", "family", "portal", "role", "owner", "parent"],
    )
    for target in targets:
        described = (
            *(target.agency_id, target.block, target.region),
            *(target.family, target.portal_id, target.role, target.owner, target.parent_id),
        )
        gauge.add_metric([target.id, *described], 1.0)
    return gauge


def _measured(
    measurements: Sequence[Measurement], kinds: Mapping[str, Kind], targets: Mapping[str, Target]
) -> Iterator[Family]:
    by_kind = {name: [m for m in measurements if m.key.kind == name] for name in kinds}
    for kind in sorted(kinds.values(), key=lambda kind: not kind.answers):
        for metric in _metrics_of(kind):
            yield family(metric, told(metric, by_kind[kind.name], targets), _SERIES)
    known = [m for group in by_kind.values() for m in group]
    for metric in (*MEASUREMENT_METRICS, STEP_METRIC):
        yield family(
            metric, told(metric, known, targets), {**_SERIES, "kind": lambda measurement: measurement.key.kind}
        )


def _ranked(ranking: Ranking | None) -> Iterator[Family]:
    if ranking is None:
        return
    criteria_set = ranking.criteria.id
    for name, text, read in _AGENCY_GAUGES:
        gauge = GaugeMetricFamily(name, text, labels=["agency", "block", "criteria_set"])
        for block, agencies in ranking.blocks.items():
            for ranked in agencies if block is not Block.COMMUNE or name in AGENCY_METRICS else ():
                value = read(ranked)
                if value is not None:
                    gauge.add_metric([ranked.scorecard.agency_id, block, criteria_set], value)
        yield gauge
    computed = GaugeMetricFamily(
        "thuocdo_ranking_timestamp_seconds", "Unix time at which the ranking was computed", labels=["criteria_set"]
    )
    computed.add_metric([criteria_set], ranking.computed_at.timestamp())
    yield computed
    published = GaugeMetricFamily(
        "thuocdo_round_info", "1 where the ranking is that of a round", labels=["criteria_set"]
    )
    if ranking.round_id is not None:
        published.add_metric([criteria_set], 1.0)
    yield published


def _agents(agents: Sequence[AgentState]) -> Iterator[Family]:
    labels = ["agent", "vantage"]
    for name, text, read in _AGENT_GAUGES:
        gauge = GaugeMetricFamily(name, text, labels=labels)
        for state in agents:
            value = read(state)
            if value is not None:
                gauge.add_metric([state.agent, state.vantage_id], value)
        yield gauge
    for name, text, read in _AGENT_COUNTERS:
        counter = CounterMetricFamily(name.removesuffix("_total"), text, labels=labels)
        for state in agents:
            counter.add_metric([state.agent, state.vantage_id], read(state))
        yield counter
    for name, text, by_kind in _AGENT_KIND_COUNTERS:
        counter = CounterMetricFamily(name.removesuffix("_total"), text, labels=[*labels, "kind"])
        for state in agents:
            for kind, count in sorted(by_kind(state).items()):
                counter.add_metric([state.agent, state.vantage_id, kind], count)
        yield counter
