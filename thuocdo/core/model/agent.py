"""What an agent process says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentState:
    """
    The last sign of life of an agent process, for the exporter and the doctor. Counters run since its start.

    queue_length: due probes that wait for their turn. late_starts_total: started more than 1 s after their time.
    clock_offset_seconds: how far its clock may be off, by the kernel's own estimate; None where nothing keeps it.
    due_by_kind: probes that were due and wait no more: started, refused or missed. missed_by_kind: those of them that could not
    be started in time; their sum is missed_starts_total. loop_stalls_total: times its event loop stood still for 2 s or more.
    clock_steps_total: times its wall clock was moved.
    """

    agent: str
    vantage_id: str
    pid: int
    seen_at: datetime
    started_at: datetime
    loop_lag_seconds: float = 0.0
    cpu_pressure_ratio: float = 0.0
    in_flight: int = 0
    probes_total: int = 0
    missed_starts_total: int = 0
    saturated_total: int = 0
    unsaved: int = 0
    browser_restarts_total: int = 0
    queue_length: int = 0
    late_starts_total: int = 0
    clock_offset_seconds: float | None = None
    loop_stalls_total: int = 0
    clock_steps_total: int = 0
    due_by_kind: Mapping[str, int] = field(default_factory=dict)
    missed_by_kind: Mapping[str, int] = field(default_factory=dict)
