"""What `/metrics` says of the agents: their last signs of life."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from exporters.text import Family
from thuocdo.core.model import AgentState

_GAUGES: tuple[tuple[str, str, Callable[[AgentState], float | None]], ...] = (
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
_COUNTERS: tuple[tuple[str, str, Callable[[AgentState], float]], ...] = (
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

_KIND_COUNTERS: tuple[tuple[str, str, Callable[[AgentState], Mapping[str, int]]], ...] = (
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


def agent_families(agents: Iterable[AgentState]) -> Iterator[Family]:
    """Yield the metric families of agents' states."""
    states, labels = tuple(agents), ("agent", "vantage")
    for name, text, read in _GAUGES:
        gauge = Family(name, text, labels)
        for state in states:
            value = read(state)
            if value is not None:
                gauge.add((state.agent, state.vantage_id), value)
        yield gauge
    for name, text, count in _COUNTERS:
        counter = Family(name, text, labels, "counter")
        for state in states:
            counter.add((state.agent, state.vantage_id), count(state))
        yield counter
    for name, text, by_kind in _KIND_COUNTERS:
        counter = Family(name, text, (*labels, "kind"), "counter")
        for state in states:
            for kind, number in sorted(by_kind(state).items()):
                counter.add((state.agent, state.vantage_id, kind), number)
        yield counter
