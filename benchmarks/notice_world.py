"""
Days of a small fleet, generated from a seed: what befalls portals and ourselves is drawn by lot.
"""

import random
from collections.abc import Iterator, Sequence

from benchmarks.notice_days import DAY, EVERY_SECONDS, MINUTE, PLAIN, Certificate, Days, Episode, Span, Spans
from thuocdo.core.model import Block, Reason, Target, TargetRole

REASONS = (
    (Reason.HTTP_ERROR, "status 502"),
    (Reason.HTTP_ERROR, "status 503"),
    (Reason.CONNECTION_REFUSED, ""),
    (Reason.CONNECT_TIMEOUT, ""),
    (Reason.TIMEOUT, ""),
    (Reason.DNS_FAILURE, ""),
    (Reason.CERTIFICATE_INVALID, ""),
)


class World(Days):
    """
    A fleet and its days.

    Args:
        seed: the same gives the same.
        days: how many.
        portals: how many portals; the first half is of one family, every fourth has an eForm.
    """

    def __init__(self, seed: int, days: float, portals: int = 12) -> None:
        super().__init__(random.Random(seed), days * DAY, _targets(portals))
        self.line_lost, self.unscraped, self.unjudged = (
            self._faults(0.3, 20),
            self._faults(0.4, 12),
            self._faults(0.2, 8),
        )
        self.unprobed, self.late = self._faults(0.2, 30), self._faults(0.2, 10)
        self.restarts = sorted(self.rng.uniform(0, self.length) for _ in range(round(0.5 * days)))
        for target in self.targets.values():
            home = target.role is TargetRole.HOMEPAGE
            for kind in (PLAIN, "homepage") if home else ("eform",):
                self.episodes[target.id, kind] = self._life(target.id, kind)
            self.maintenance[target.id] = self._maintained(target.id)
        # Drawn apart, so that a seed goes on giving the days it gave before there were any.
        self._of_certificates = random.Random(f"certificates {seed}")
        self.certificates = {name: self._renewed() for name, kind in self.episodes if kind == PLAIN}
        self._fell_together()

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
