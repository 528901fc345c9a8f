"""
The ranking that is shown, wherever it is: on pages, in the terminal, in exports, in /metrics.

Which one: of the round that is asked for, else of the latest that was published, else of the last days. Over whom: the registry
as it was on the day in Hanoi on which the round began, or is today; agencies come and go.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from typing import Protocol

from thuocdo.core.clock import hanoi_day
from thuocdo.core.model import Agency, Round, RoundFile
from thuocdo.core.portals import Registry
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.drawn_points import points_seed
from thuocdo.score.ranking import ReadSide, build_ranking
from thuocdo.score.scorecard import Ranking

RegistryAt = Callable[[date], Registry]


class UnknownRoundError(LookupError):
    """
    There is no round of this name or id.

    Args:
        asked: the name or id that was asked for.
        known: names of the rounds there are, oldest first; of planned ones the ids as well, which a person chose.
    """

    def __init__(self, asked: str, known: Iterable[str]) -> None:
        self.asked, self.known = asked, tuple(known)
        super().__init__(asked)


class ReadsRounds(Protocol):
    """Where rounds are."""

    def all(self) -> list[Round]:
        """Return all rounds, oldest first."""
        ...

    def files_of(self, round_id: str) -> list[RoundFile]:
        """Return the files that a round froze."""
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
        round_id: name or id of the round that is asked for; None or empty = the published one.
        since, until: a window of time instead of the published round; within a round they cut it.

    Raises:
        UnknownRoundError: there is no such round.
        StoreError: the store cannot be read.
    """
    windowed = not round_id and (since is not None or until is not None)
    round_ = None if windowed else chosen_round(store.rounds, round_id)
    registry = registry_at(day_of(round_, now))
    ranking = build_ranking(
        store,
        registry,
        criteria,
        now=now,
        round_id=round_.id if round_ else None,
        since=since,
        until=until,
        planned=_planned_runs(round_) if round_ and since is None and until is None else None,
        provisional=round_ is not None and round_.ended_at is None,
        draws_seed=_draws_seed(round_) if round_ and since is None and until is None else None,
    )
    ranking = replace(ranking, claims_order=round_ is None or round_.is_planned)
    return Published(ranking=ranking, registry=registry, round=round_)


def _planned_runs(round_: Round) -> Mapping[str, int] | None:
    """Return how many runs of each target and profile a round had, by kind; None while it runs, and where it did not keep it."""
    if round_.ended_at is None:
        return None
    return json.loads(round_.settings.get("runs", "{}")) or None


def _draws_seed(round_: Round) -> int | None:
    """Return the seed of the draws of points: of planned rounds that have ended, by their own seed."""
    return points_seed(round_.seed) if round_.seed and round_.is_planned and round_.ended_at is not None else None


def with_every_agency(of_day: Registry, ranking: Ranking | None, known: Mapping[str, Agency]) -> Registry:
    """
    Return a registry with every agency of a ranking, those of a round as they were called then: files change, a round does not.

    Args:
        of_day: the registry of the ranking's day, as the files have it now.
        ranking: the ranking; None = there is none.
        known: every agency that the files ever had, by id.
    """
    if ranking is None:
        return of_day
    kept = ranking.agencies
    gone = {
        card.agency_id: known.get(card.agency_id)
        or Agency(id=card.agency_id, block=card.block, name_vi=card.agency_id, name_en=card.agency_id)
        for members in ranking.blocks.values()
        for card in (one.scorecard for one in members)
        if card.agency_id not in of_day.agencies and card.agency_id not in kept
    }
    then = kept if ranking.round_id else {name: one for name, one in kept.items() if name not in of_day.agencies}
    changed = {name: one for name, one in then.items() if of_day.agencies.get(name) != one}
    return replace(of_day, agencies={**of_day.agencies, **gone, **changed}) if gone or changed else of_day


def chosen_round(rounds: ReadsRounds, asked: str | None) -> Round | None:
    """
    Return the round that is asked for by its name or id, else the published one, None where none was published yet.

    Raises:
        UnknownRoundError: there is no such round.
    """
    known = rounds.all()
    if not asked:
        return published_round(known)
    found = [one for one in known if asked == one.label] + [one for one in known if asked == one.id]
    if not found:
        names = ((one.label, one.id) if one.is_planned else (one.label,) for one in known)
        raise UnknownRoundError(asked, chain.from_iterable(names))
    return found[-1]


def published_round(rounds: Iterable[Round]) -> Round | None:
    """Return the round that is shown where none is asked for: the latest that was published, else none (the last days count)."""
    return max((one for one in rounds if one.published_at is not None), key=lambda one: one.started_at, default=None)


def day_of(round_: Round | None, now: datetime) -> date:
    """Return the day in Hanoi whose registry a round ranks: that on which it began; without a round today."""
    return hanoi_day(round_.started_at if round_ else now)
