"""What a store and its evidence grow by: seen in their last days where there are some, else reckoned from the schedule."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.cadence import load_schedule
from thuocdo.core.config import Settings
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.portals import load_registry
from thuocdo.reports.storage import Growth, Inflow, Limits, Present, growth_of, planned_inflow, row_bytes
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore
from thuocdo.store.room import Room

LOOK_BACK_DAYS = 7
LEAST_DAYS = 1.0
"""Of measurements; from less than that no day can be told."""

SQLITE = "sqlite"
LONGEST_MONTH_DAYS = 31

_GIGABYTE = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    What there is and what comes in.

    days: that the growth was seen in; 0 = it is the schedule's. is_measured: whether the size of a measurement was.
    """

    growth: Growth
    present: Present
    limits: Limits
    days: float
    is_measured: bool
    room: Room | None


def limits_of(settings: Settings) -> Limits:
    """Return what the settings keep."""
    return Limits(
        raw_days=settings.keep.raw_days,
        rollup_days=settings.keep.rollup_days,
        evidence_bytes=settings.evidence.keep_gigabytes * _GIGABYTE,
        is_archived=settings.archive_dir is not None,
        room_days=0 if engine_of(settings) == SQLITE else LONGEST_MONTH_DAYS,
    )


def inflow_of(settings: Settings, now: datetime) -> Inflow:
    """Return what the schedule makes of the registry; raises ConfigurationError where these have mistakes."""
    registry = load_registry(settings.registry_dir, at=now.date())
    return planned_inflow(registry.probed_targets(), load_schedule(settings.schedule, all_kinds()))


def engine_of(settings: Settings) -> str:
    """Return "sqlite" or "postgresql"."""
    return SQLITE if settings.store_url.startswith("sqlite") else "postgresql"


def look(settings: Settings, store: Store | None, now: datetime) -> Seen:
    """
    Look at what there is.

    Args:
        settings: of this process.
        store: open; None = there is none yet.
        now: the present instant.

    Raises:
        ConfigurationError: registry or schedule have mistakes. StoreError: store or evidence cannot be read.
    """
    since = now - timedelta(days=LOOK_BACK_DAYS)
    flow, days, kept_days, rows, room = inflow_of(settings, now), 0.0, 0.0, 0, None
    if store is not None:
        room, rows = store.room(), store.measurements.count()
        first = store.measurements.oldest_since(since)
        days = 0.0 if first is None else max(0.0, (now - first) / timedelta(days=1))
        if days >= LEAST_DAYS:
            seen = store.measurements.counts(since, now)
            flow = Inflow(rows={kind: count / days for kind, count in seen.items()}, series=flow.series)
        else:
            days = 0.0
        oldest = store.measurements.oldest_since(now - timedelta(days=settings.keep.raw_days))
        kept_days = 0.0 if oldest is None else (now - oldest) / timedelta(days=1)
    evidence_bytes, young_bytes = EvidenceStore(settings.evidence_dir).size(since)
    # As long as nothing shows how much comes in, it is taken to fill what it may within the time that it is kept.
    limits = limits_of(settings)
    a_day = young_bytes / days if days else limits.evidence_bytes / settings.evidence.keep_days
    size, is_measured = row_bytes(room, rows, engine_of(settings), flow)
    return Seen(
        growth=growth_of(flow, size, evidence=a_day),
        present=Present(raw_days=kept_days, rollup_days=_rollup_days(room, flow), evidence_bytes=evidence_bytes),
        limits=limits,
        days=days,
        is_measured=is_measured,
        room=room,
    )


def _rollup_days(room: Room | None, flow: Inflow) -> float:
    """Return about how many days of roll-ups there are, by what they take."""
    a_day = growth_of(flow, 0.0).rollups
    return room.rollup_bytes / a_day if room is not None and a_day else 0.0
