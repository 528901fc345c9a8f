"""How each portal of a made-up fleet behaves: its speed, its faults, its outages; all of it follows from its name and a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from random import Random

from thuocdo.core.model import Outcome, PageKind, Reason

SEED = 2026
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=10)
"""Outages are drawn for so many days at a time, so that any day can be asked for without those before."""

OUTAGES_A_SPAN = 1.5
OUTAGE_MINUTES = 20.0
LONGEST_OUTAGE = timedelta(hours=18)

REASONS: tuple[tuple[Reason, int], ...] = (
    (Reason.TIMEOUT, 4),
    (Reason.HTTP_ERROR, 3),
    (Reason.CONNECTION_REFUSED, 2),
    (Reason.CONNECT_TIMEOUT, 2),
    (Reason.MAINTENANCE_PAGE, 1),
    (Reason.DNS_FAILURE, 1),
)
"""Why a portal is down, and how often it is that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time in which nothing of a portal answers: started_at <= instant < ended_at."""

    started_at: datetime
    ended_at: datetime
    reason: Reason

    def holds(self, instant: datetime) -> bool:
        """Tell whether an instant lies in it."""
        return self.started_at <= instant < self.ended_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """
    How one portal behaves.

    speed: its durations are those of the templates times this. spread: standard deviation of the logarithm of one run's
    durations. weight: its sizes are those of the templates times this. failing, blocked: share of runs, outages aside.
    page_kind: what its home page is. address: where its host is.
    """

    portal_id: str
    seed: int
    speed: float
    spread: float
    weight: float
    failing: float
    blocked: float
    page_kind: PageKind
    address: str

    def outage_at(self, instant: datetime) -> Outage | None:
        """Return the outage that an instant lies in."""
        number = (instant - EPOCH) // SPAN
        for span in (number, number - 1):  # the longest is shorter than a span
            for outage in _outages(self.portal_id, self.seed, span):
                if outage.holds(instant):
                    return outage
        return None

    def outages(self, since: datetime, until: datetime) -> Iterator[Outage]:
        """Yield the outages of which a part lies in a time, oldest first."""
        for span in range((since - EPOCH) // SPAN - 1, (until - EPOCH) // SPAN + 1):
            for outage in _outages(self.portal_id, self.seed, span):
                if outage.started_at < until and since < outage.ended_at:
                    yield outage

    def conclusion(self, instant: datetime, chance: float) -> Reason | None:
        """Return why a run at an instant does not end ok, None = it does; chance: evenly from 0..1, the run's own."""
        outage = self.outage_at(instant)
        if outage is not None:
            return outage.reason
        if chance < self.failing:
            return Reason.TIMEOUT if chance < self.failing / 2 else Reason.HTTP_ERROR
        return Reason.BLOCKED if chance < self.failing + self.blocked else None


@cache
def temper_of(portal_id: str, seed: int = SEED) -> Temper:
    """Return how a portal behaves."""
    rng = Random(f"{seed} {portal_id}")
    is_poor = rng.random() < 0.1
    return Temper(
        portal_id=portal_id,
        seed=seed,
        speed=rng.lognormvariate(0.0, 0.5),
        spread=rng.uniform(0.1, 0.45),
        weight=rng.lognormvariate(0.0, 0.4),
        failing=rng.uniform(0.01, 0.05) if is_poor else rng.uniform(0.0, 0.005),
        blocked=0.9 if rng.random() < 0.03 else rng.uniform(0.0, 0.004),
        page_kind=PageKind.NOTICE if rng.random() < 0.05 else PageKind.PORTAL,
        address=f"203.0.113.{rng.randrange(1, 255)}",
    )


@lru_cache(maxsize=200_000)
def _outages(portal_id: str, seed: int, span: int) -> tuple[Outage, ...]:
    rng = Random(f"{seed} {portal_id} {span}")
    found = []
    for _ in range(int(rng.random() * 2 * OUTAGES_A_SPAN + 0.5)):
        started_at = EPOCH + span * SPAN + timedelta(seconds=int(rng.random() * SPAN.total_seconds()))
        lasts = min(timedelta(minutes=1 + rng.lognormvariate(0.0, 1.2) * OUTAGE_MINUTES), LONGEST_OUTAGE)
        (reason,) = rng.choices([one for one, _ in REASONS], [often for _, often in REASONS])
        found.append(Outage(started_at=started_at, ended_at=started_at + lasts, reason=reason))
    return tuple(sorted(found, key=lambda one: one.started_at))


def is_down(reason: Reason | None) -> bool:
    """Tell whether a run that ended so failed."""
    return reason is not None and reason.outcome is Outcome.FAILED
