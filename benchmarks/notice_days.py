"""
Days of a small fleet: what befalls portals and ourselves, and what each probe sees of it.

The truth about every notice: a portal's own trouble is an `Episode`, planned maintenance and faults of the prober are spans. All
instants are seconds since the beginning.
"""

import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import MeasurementKey, Outcome, Reading, Reason, Target

BEGIN = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)  # midnight in Hanoi
DAY = 86400.0
MINUTE = 60.0
VANTAGE = "ha-noi"
USUAL_SECONDS = 1.0
EVERY_SECONDS: Mapping[str, float] = {kind.name: kind.cadence.every_seconds for kind in all_kinds().values()}
PLAIN = "http"

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """
    One trouble of a portal's own. what: outage, flap (many short ones), brownout, slow or wall (who keeps us out, which says
    nothing of the portal). share: of its probes that fail.

    kind: of the probes that see it. parts: when it is so; of a flap several spans.
    """

    what: str
    target_id: str
    kind: str
    parts: tuple[Span, ...]
    share: float = 1.0
    seconds: float = 0.0
    reason: Reason = Reason.TIMEOUT
    detail: str = ""

    @property
    def start(self) -> float:
        """Its first instant."""
        return self.parts[0][0]

    @property
    def end(self) -> float:
        """Its end."""
        return self.parts[-1][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one probe saw, when it is heard of, and whether the portal's own trouble made it fail."""

    at: float
    heard_at: float
    reading: Reading
    is_own_failure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate of a portal: from when to when it is in use, and when it runs out, which is later."""

    start: float
    end: float
    ends_at: float


@dataclass(slots=True)
class Spans:
    """Spans of time, in order, that do not overlap."""

    spans: list[Span] = field(default_factory=list)

    def holds(self, at: float) -> bool:
        """Tell whether an instant lies in one."""
        index = bisect_right(self.spans, (at, float("inf"))) - 1
        return index >= 0 and at < self.spans[index][1]


class Days:
    """
    What happens to a fleet, and what each probe sees of it; whoever makes the days fills in what befalls whom.

    Args:
        rng: small accidents of probes follow from it.
        length: seconds.
        targets: all that is probed.

    episodes: by target and kind. maintenance: of each target. certificates: of targets of which any is seen, one after the other.
    line_lost, unscraped, unjudged, unprobed, late: our own faults. restarts: of the web process.
    """

    def __init__(self, rng: random.Random, length: float, targets: Iterable[Target]) -> None:
        self.rng, self.length = rng, length
        self.targets = {one.id: one for one in targets}
        self.maintenance: dict[str, Spans] = {name: Spans() for name in self.targets}
        self.line_lost, self.unscraped, self.unjudged, self.unprobed, self.late = (Spans() for _ in range(5))
        self.restarts: list[float] = []
        self.certificates: dict[str, Sequence[Certificate]] = {}
        self.episodes: dict[tuple[str, str], list[Episode]] = {}

    def probes(self, since: float, until: float) -> Iterator[Seen]:
        """Yield what probes see that are due from an instant on, in order of their instants."""
        found = [seen for series in self._series for seen in self._probes_of(*series, since, until)]
        yield from sorted(found, key=lambda seen: (seen.at, seen.reading.key.target_id))

    def is_maintained(self, target_id: str, at: float) -> bool:
        """Tell whether planned maintenance of a target holds."""
        return self.maintenance[target_id].holds(at)

    def is_blind(self, at: float) -> bool:
        """Tell whether our own fault kept us from seeing, judging or telling."""
        ours = (self.line_lost, self.unscraped, self.unjudged, self.unprobed, self.late)
        return any(one.holds(at) for one in ours)

    @property
    def _series(self) -> Sequence[tuple[str, str]]:
        return list(self.episodes)

    def _probes_of(self, target_id: str, kind: str, since: float, until: float) -> Iterator[Seen]:
        every = EVERY_SECONDS[kind]
        names = [*self.targets]
        phase = every * (names.index(target_id) + 0.5) / len(names)
        number = max(0, -int((phase - since) // every))
        life = [one for one in self.episodes[target_id, kind] if one.end > since - 1 and one.start < until + 1]
        while (at := phase + number * every) < until:
            number += 1
            if at >= since and not self.unprobed.holds(at):
                yield self._probe(target_id, kind, at, life)

    def _probe(self, target_id: str, kind: str, at: float, life: Sequence[Episode]) -> Seen:
        reason, detail, seconds, is_own = None, "", USUAL_SECONDS * self.rng.uniform(0.8, 1.3), False
        for episode in life:
            if any(start <= at < end for start, end in episode.parts):
                if episode.what == "slow":
                    seconds = episode.seconds * self.rng.uniform(0.9, 1.1)
                elif episode.what == "wall":
                    reason, detail = episode.reason, episode.detail
                elif self.rng.random() < episode.share:
                    reason, detail, is_own = episode.reason, episode.detail, True
        chance = self.rng.random()
        if reason is None and chance < 0.0003:
            reason, is_own = Reason.TIMEOUT, True
        elif reason is None and chance < 0.002:
            reason = Reason.BLOCKED
        if self.line_lost.holds(at):
            reason = Reason.NO_CONNECTIVITY if self.rng.random() < 0.95 else Reason.CONNECT_TIMEOUT
            detail, is_own = "", False
        key = MeasurementKey(
            target_id=target_id, kind=kind, vantage_id=VANTAGE, profile="desktop", scheduled_at=instant(at)
        )
        reading = Reading(
            key=key,
            agency_id=self.targets[target_id].agency_id,
            outcome=reason.outcome if reason else Outcome.OK,
            reason=reason,
            detail=detail,
            seconds=seconds if reason is None else None,
            certificate_ends_at=self._certificate_at(target_id, at) if reason is None and kind == PLAIN else None,
        )
        heard_at = at + self.rng.uniform(1, 9)
        held = [end for start, end in self.late.spans if start <= at < end]
        return Seen(at=at, heard_at=max([heard_at, *held]), reading=reading, is_own_failure=is_own)

    def _certificate_at(self, target_id: str, at: float) -> datetime | None:
        in_use = (one for one in self.certificates.get(target_id, ()) if one.start <= at < one.end)
        return next((instant(one.ends_at) for one in in_use), None)


def instant(at: float) -> datetime:
    """Return seconds since the beginning as an instant."""
    return BEGIN + timedelta(seconds=at)
