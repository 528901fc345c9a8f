"""
The ranking that is shown, wherever it is: on pages, in the terminal, in exports, in /metrics.

Which one: of the round that is asked for, else of the latest that has ended, else of the last days. Over whom: the registry as it
was on the day in Hanoi on which the round began, or is today; agencies come and go.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from thuocdo.core.clock import hanoi_day
from thuocdo.core.model import Round
from thuocdo.core.portals import Registry
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.ranking import ReadSide, build_ranking
from thuocdo.score.scorecard import Ranking

RegistryAt = Callable[[date], Registry]


class UnknownRoundError(LookupError):
    """
    There is no round of this id.

    Args:
        round_id: that was asked for.
        known: ids of the rounds there are, oldest first.
    """

    def __init__(self, round_id: str, known: Iterable[str]) -> None:
        self.round_id, self.known = round_id, tuple(known)
        super().__init__(round_id)


class ReadsRounds(Protocol):
    """Where rounds are."""

    def all(self) -> list[Round]:
        """Return all rounds, oldest first."""
        ...

    def get(self, round_id: str) -> Round | None:
        """Return one round, or None where there is none of this id."""
        ...


class PublishedSide(ReadSide, Protocol):
    """What the published ranking needs of a store."""

    @property
    def rounds(self) -> ReadsRounds:
        """Gives rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A ranking, the registry that it ranks, and its round, None where it is of a window of time."""

    ranking: Ranking
    registry: Registry
    round: Round | None


def published_ranking(
    store: PublishedSide,
    registry_at: RegistryAt,
    criteria: CriteriaSet,
    *,
    now: datetime,
    round_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Published:
    """
    Return the ranking that is shown.

    Args:
        store: see PublishedSide.
        registry_at: the registry of a day.
        criteria: the criteria set.
        now: the present instant.
        round_id: the round that is asked for; None or empty = the published one.
        since, until: a window of time instead of the published round; within a round they cut it.

    Raises:
        UnknownRoundError: there is no such round.
        StoreError: the store cannot be read.
    """
    windowed = not round_id and (since is not None or until is not None)
    round_ = None if windowed else chosen_round(store.rounds, round_id)
    registry = registry_at(day_of(round_, now))
    ranking = build_ranking(
        store, registry, criteria, now=now, round_id=round_.id if round_ else None, since=since, until=until
    )
    return Published(ranking=ranking, registry=registry, round=round_)


def chosen_round(rounds: ReadsRounds, round_id: str | None) -> Round | None:
    """
    Return the round that is asked for, else the published one, None where none has ended yet.

    Raises:
        UnknownRoundError: there is no such round.
    """
    if not round_id:
        return published_round(rounds.all())
    found = rounds.get(round_id)
    if found is None:
        raise UnknownRoundError(round_id, (one.id for one in rounds.all()))
    return found


def published_round(rounds: Iterable[Round]) -> Round | None:
    """Return the round that is shown where none is asked for: the latest that has ended, else none (the last days count)."""
    return max((one for one in rounds if one.ended_at is not None), key=lambda one: one.started_at, default=None)


def day_of(round_: Round | None, now: datetime) -> date:
    """Return the day in Hanoi whose registry a round ranks: that on which it began; without a round today."""
    return hanoi_day(round_.started_at if round_ else now)
