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
    seed: hexadecimal, from which the instants of a planned round are drawn; a secret until the round is sealed.
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
    seed: str = field(default="", repr=False)

    @property
    def has_files(self) -> bool:
        """Whether the files that it is measured and ranked by are kept with it; an older version kept their digests alone."""
        return "files_digest" in self.settings

    @property
    def is_planned(self) -> bool:
        """Whether it is measured over days, among everyday probes; else it is a short one, which a person waits for."""
        return self.settings.get("type", "short") != "short"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFile:
    """
    A file as it was when a round began.

    path: within the round's own folder, such as registry/ministries.yaml. body: its bytes.
    """

    path: str
    body: bytes


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
