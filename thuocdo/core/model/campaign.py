"""What people add to measurements: rounds that bound them, and points for what no probe can measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

MOST_TIMES = 2
"""How often a series of runs is taken at most, in planned ones: a machine that spoils more than every other is too slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """
    A bounded, labelled campaign with frozen settings that ends in a ranking.

    settings: what was frozen (criteria set id and digest, registry digest, cadence, runs), as JSON values by name.
    planned: how many probes the plan held. ended_at: None while it runs. published_at, published_by: when and by whom its
    ranking was published; None = it is not, and nobody but those who ask for it is shown it.
    """

    id: str
    label: str
    started_at: datetime
    ended_at: datetime | None = None
    planned: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    published_at: datetime | None = None
    published_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """
    Points that a person gave for what no probe can measure, with evidence. The newest per agency and criterion counts.

    points: on the criterion's own scale in that criteria set. evidence_sha256: address of the file that shows it. round_id: the
    round that it is for; None = the ranking of the last days.
    """

    agency_id: str
    criteria_set_id: str
    criterion_id: str
    points: float
    entered_by: str
    entered_at: datetime
    evidence_sha256: str
    note: str = ""
    round_id: str | None = None
