"""
Days of a small fleet, generated from a seed: what befalls portals and ourselves, and what each probe sees of it.

The truth about every notice: a portal's own trouble is an `Episode`, planned maintenance and faults of the prober are spans. All
instants are seconds since the beginning.
"""

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, MeasurementKey, Outcome, Reading, Reason, Target, TargetRole

BEGIN = datetime(2026, 9, 30, 17, 0, tzinfo=UTC)  # midnight in Hanoi
DAY = 86400.0
MINUTE = 60.0
VANTAGE = "ha-noi"
USUAL_SECONDS = 1.0
EVERY_SECONDS: Mapping[str, float] = {kind.name: kind.cadence.every_seconds for kind in all_kinds().values()}
PLAIN = "http"

REASONS = (
    (Reason.HTTP_ERROR, "status 502"),
    (Reason.HTTP_ERROR, "status 503"),
    (Reason.CONNECTION_REFUSED, ""),
    (Reason.CONNECT_TIMEOUT, ""),
    (Reason.TIMEOUT, ""),
    (Reason.DNS_FAILURE, ""),
    (Reason.CERTIFICATE_INVALID, ""),
)

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """
    One trouble of a portal's own. what: outage, flap (many short ones), brownout or slow. share: of its probes that fail.

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


class World:
    """
    A fleet and its days.

    Args:
        seed: the same gives the same.
        days: how many.
        portals: how many portals; the first half is of one family, every fourth has an eForm.
    """

    def __init__(self, seed: int, days: float, portals: int = 12) -> None:
        self.rng = random.Random(seed)
        self.length = days * DAY
        self.targets = {one.id: one for one in _targets(portals)}
        self.maintenance: dict[str, Spans] = {}
        self.line_lost, self.unscraped, self.unjudged = (
            self._faults(0.3, 20),
            self._faults(0.4, 12),
            self._faults(0.2, 8),
        )
        self.unprobed, self.late = self._faults(0.2, 30), self._faults(0.2, 10)
        self.restarts = sorted(self.rng.uniform(0, self.length) for _ in range(round(0.5 * days)))
        self.episodes: dict[tuple[str, str], list[Episode]] = {}
        for target in self.targets.values():
            home = target.role is TargetRole.HOMEPAGE
            for kind in (PLAIN, "homepage") if home else ("eform",):
                self.episodes[target.id, kind] = self._life(target.id, kind)
            self.maintenance[target.id] = self._maintained(target.id)
        # Drawn apart, so that a seed goes on giving the days it gave before there were any.
        self._of_certificates = random.Random(f"certificates {seed}")
        self.certificates = {name: self._renewed() for name, kind in self.episodes if kind == PLAIN}
        self._fell_together()

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

    def _faults(self, a_day: float, longest_minutes: float) -> Spans:
        number = int(a_day * self.length / DAY + self.rng.random())
        starts = sorted(self.rng.uniform(0, self.length) for _ in range(number))
        spans: list[Span] = []
        for start in starts:
            if not spans or start > spans[-1][1] + 30 * MINUTE:
                spans.append((start, start + self.rng.uniform(1, longest_minutes) * MINUTE))
        return Spans(spans)

    def _life(self, target_id: str, kind: str) -> list[Episode]:
        """Return what befalls a target as one kind of probe sees it, one thing after the other."""
        every, episodes, at = EVERY_SECONDS[kind], list[Episode](), 0.0
        pause = 14.0 * 3600 if kind == PLAIN else 4 * DAY
        while True:
            at += self.rng.uniform(0.02, 2.0) * pause
            if at > self.length:
                return episodes
            reason, detail = self.rng.choice(REASONS)
            whats = ("outage", "flap", "brownout", "slow") if kind == PLAIN else ("outage",)
            what = self.rng.choices(whats, weights=(10, 4, 2, 2)[: len(whats)])[0]
            parts: tuple[Span, ...] = ((at, at + self._lasting(every)),)
            share, seconds = 1.0, 0.0
            if what == "flap":
                parts = self._flaps(at)
            elif what == "brownout":
                parts, share = ((at, at + self.rng.uniform(0.5, 6) * 3600),), self.rng.uniform(0.02, 0.35)
            elif what == "slow":
                parts, seconds = ((at, at + self.rng.uniform(0.7, 10) * 3600),), self.rng.uniform(4.5, 8.0)
            episode = Episode(
                what=what,
                target_id=target_id,
                kind=kind,
                parts=parts,
                share=share,
                seconds=seconds,
                reason=reason,
                detail=detail,
            )
            episodes.append(episode)
            at = episode.end

    def _renewed(self) -> Sequence[Certificate]:
        """Return a portal's certificates, one after the other: renewed long before they run out, or at the last moment."""
        found, at, draw = list[Certificate](), 0.0, self._of_certificates
        while at < self.length:
            ends_at = at + draw.uniform(15, 60) * DAY
            end = ends_at - draw.uniform(0.5, 14) * DAY
            found.append(Certificate(start=at, end=end, ends_at=ends_at))
            at = end
        return found

    def _certificate_at(self, target_id: str, at: float) -> datetime:
        return instant(next(one.ends_at for one in self.certificates[target_id] if one.start <= at < one.end))

    def _lasting(self, every: float) -> float:
        """Return how long an outage lasts: mostly minutes, seldom hours; of seldom probes longer."""
        scale = max(1.0, every / 300)
        return min(self.rng.lognormvariate(2.0, 1.3) * MINUTE * scale, 8 * 3600 * scale) + 20

    def _flaps(self, at: float) -> tuple[Span, ...]:
        parts = []
        for _ in range(self.rng.randint(3, 9)):
            parts.append((at, at + self.rng.uniform(5, 70)))
            at = parts[-1][1] + self.rng.uniform(1, 15) * MINUTE
        return tuple(parts)

    def _maintained(self, target_id: str) -> Spans:
        """Return planned maintenance: the portal is mostly down meanwhile, some begins in an outage, some work takes longer."""
        spans: list[Span] = []
        kind = PLAIN if (target_id, PLAIN) in self.episodes else "eform"
        life = self.episodes[target_id, kind]
        for _ in range(int(self.length / DAY * 0.12 + self.rng.random())):
            start = self.rng.uniform(0, self.length)
            outages = [one for one in life if one.what == "outage" and one.end - one.start > 600]
            if outages and self.rng.random() < 0.3:
                outage = self.rng.choice(outages)
                start = self.rng.uniform(outage.start + 200, outage.end)
            spans.append((start, start + self.rng.uniform(20, 240) * MINUTE))
        spans.sort()
        apart = [one for index, one in enumerate(spans) if not index or one[0] > spans[index - 1][1] + 3600]
        for start, end in apart:
            longer = self.rng.choice((0.0, 0.0, 900.0))
            work = Episode(
                what="outage",
                target_id=target_id,
                kind=kind,
                parts=((start + 60, end - 120 + longer),),
                reason=Reason.HTTP_ERROR,
                detail="status 503",
            )
            life.append(work)
        life.sort(key=lambda one: one.start)
        return Spans(apart)

    def _fell_together(self) -> None:
        """Let the platform that half of the portals share fall now and then."""
        members = [
            one.id for one in self.targets.values() if one.family != "unknown" and one.role is TargetRole.HOMEPAGE
        ]
        for _ in range(round(self.length / DAY * 0.1)):
            start = self.rng.uniform(0, self.length)
            end = start + self.rng.uniform(6, 90) * MINUTE
            for member in members:
                own = ((start + self.rng.uniform(0, 20), end + self.rng.uniform(0, 20)),)
                self.episodes[member, PLAIN].append(Episode(what="outage", target_id=member, kind=PLAIN, parts=own))
        for life in self.episodes.values():
            life.sort(key=lambda one: one.start)

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


def instant(at: float) -> datetime:
    """Return seconds since the beginning as an instant."""
    return BEGIN + timedelta(seconds=at)


def _targets(portals: int) -> Iterator[Target]:
    for number in range(portals):
        # Two portals of one owner, now and then.
        agency = f"a{number - number % 6 % 2:02}"
        home = Target(
            id=f"p{number:02}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://p{number:02}.thuocdo.test/",
            agency_id=agency,
            portal_id=f"p{number:02}",
            block=Block.PROVINCE,
            family="igate" if number < portals // 2 else "unknown",
            owner=agency,
        )
        yield home
        if number % 4 == 0:
            yield Target(
                id=f"p{number:02}.eform-1",
                role=TargetRole.EFORM,
                url=f"https://p{number:02}.thuocdo.test/form",
                agency_id=agency,
                portal_id=home.portal_id,
                block=home.block,
                family=home.family,
                owner=agency,
            )
