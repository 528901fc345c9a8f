"""How much disk measurements, roll-ups, archive and evidence will take, and when it is full; pure reckoning."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from schedules.cadence import Cadence, Schedule
from thuocdo.core.clock import HANOI
from thuocdo.core.kinds.kind import answering_kind
from thuocdo.core.model import Target
from thuocdo.store.room import Room

DAY_SECONDS = 86_400
HOURS = 24
YEAR_DAYS = 365
FARTHEST_DAYS = 10 * YEAR_DAYS

ROW_BYTES = {"sqlite": (150.0, 235.0), "postgresql": (260.0, 395.0)}
"""Of a measurement of the kind that answers, and of one of any other kind, with all their indexes."""

ROLLUP_ROW_BYTES = 9.0
ROLLUP_DAY_BYTES = 900.0
"""What a measurement adds to the roll-up of its series and day, and what each of these takes besides, on its page of the disk."""

TALLY_BYTES = 170.0
"""Of the tally of a target's hour with its indexes. They are the history of availability and are never let go."""

ARCHIVE_ROW_BYTES = 90.0
LEAST_ROWS = 10_000
"""From so many measurements on, what one takes is measured, not assumed: before, the tables are mostly empty pages."""

_MONDAY = datetime(2026, 11, 30, tzinfo=HANOI)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflow:
    """What comes in. rows: measurements a day, by kind. series: how many series there are, by kind."""

    rows: Mapping[str, float]
    series: Mapping[str, int]

    @property
    def rows_a_day(self) -> float:
        """Measurements of all kinds."""
        return sum(self.rows.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    What the settings keep.

    room_days: of the days whose measurements went, so many still take their room: PostgreSQL's tables are of whole months.
    evidence_bytes: at most.
    """

    raw_days: int
    rollup_days: int
    evidence_bytes: float
    is_archived: bool
    room_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """
    What comes in each day, in bytes, by where it stays.

    row_bytes: of a measurement in the store. tallies: of hours, which stay.
    """

    raw: float
    rollups: float
    archive: float
    tallies: float = 0.0
    evidence: float = 0.0
    row_bytes: float

    def after(self, days: float, limits: Limits) -> float:
        """Return the bytes of all but evidence after so many days from nothing, the archive's among them."""
        raw_days, rollup_days = min(days, limits.raw_days + limits.room_days), min(days, limits.rollup_days)
        kept = self.raw * raw_days + self.rollups * rollup_days + self.tallies * days
        return kept + (self.archive * days if limits.is_archived else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is there. raw_days: of measurements that are kept. rollup_days: of roll-ups. evidence_bytes: of all evidence."""

    raw_days: float
    rollup_days: float
    evidence_bytes: float = 0.0


def planned_inflow(targets: Iterable[Target], schedule: Schedule) -> Inflow:
    """Return what a schedule makes of targets, from one vantage point."""
    rows: dict[str, float] = {}
    series: Counter[str] = Counter()
    probed = list(targets)
    for cadence in schedule.cadences:
        taken = sum(1 for target in probed if cadence.takes(target)) * len(cadence.profiles)
        series[cadence.kind] += taken
        rows[cadence.kind] = rows.get(cadence.kind, 0.0) + taken * runs_a_day(cadence)
    return Inflow(rows={kind: number for kind, number in rows.items() if number}, series=+series)


def runs_a_day(cadence: Cadence) -> float:
    """Return how often a cadence runs in a day of the mean week, for each target and profile."""
    if cadence.every_seconds >= DAY_SECONDS or not cadence.windows:
        return DAY_SECONDS / cadence.every_seconds
    minutes = range(7 * 24 * 60)
    is_open = sum(1 for minute in minutes if cadence.is_open(_MONDAY + timedelta(minutes=minute)))
    return is_open / len(minutes) * DAY_SECONDS / cadence.every_seconds


def growth_of(flow: Inflow, row_bytes: float, *, evidence: float = 0.0) -> Growth:
    """Return the bytes a day that a flow comes to; evidence: of these, a day."""
    rows = flow.rows_a_day
    return Growth(
        raw=rows * row_bytes,
        rollups=rows * ROLLUP_ROW_BYTES + sum(flow.series.values()) * ROLLUP_DAY_BYTES,
        archive=rows * ARCHIVE_ROW_BYTES,
        tallies=HOURS * TALLY_BYTES * flow.series.get(answering_kind().name, 0),
        evidence=evidence,
        row_bytes=row_bytes,
    )


def row_bytes(room: Room | None, rows: int, engine: str, flow: Inflow) -> tuple[float, bool]:
    """
    Return the bytes of a measurement in a store, and whether they were measured.

    Args:
        room: what the store takes; None = there is no store yet.
        rows: measurements in it.
        engine: "sqlite" or "postgresql".
        flow: what comes in, of which the mean is told as long as nothing was measured.
    """
    if room is None or rows < LEAST_ROWS:
        answering, other = ROW_BYTES[engine]
        share = flow.rows.get(answering_kind().name, 0.0) / flow.rows_a_day if flow.rows else 1.0
        return share * answering + (1 - share) * other, False
    return (room.bytes - room.rollup_bytes) / rows, True


def days_until_full(free_bytes: float, growth: Growth, limits: Limits, present: Present) -> int | None:
    """Return in how many days so much is used up; None = not within ten years."""
    for day in range(1, FARTHEST_DAYS + 1):
        more = growth.raw * _more(present.raw_days, day, limits.raw_days)
        more += growth.tallies * day
        more += growth.rollups * _more(present.rollup_days, day, limits.rollup_days)
        more += min(growth.evidence * day, max(0.0, limits.evidence_bytes - present.evidence_bytes))
        if limits.is_archived:
            more += growth.archive * day
        if more > free_bytes:
            return day
    return None


def _more(there: float, day: int, most: int) -> float:
    """Return how many days more than now are there after so many."""
    return max(0.0, min(there + day, most) - there)
