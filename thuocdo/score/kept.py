"""
Rankings that are kept: computed once by a process that may take its time, and shown as they lie in the store.

A round that has ended is computed once by each criteria set, and stays as it was then: no changed criteria file, renamed ministry
or newer version of ours moves it. Until it is published, points that a person enters for it have it computed anew; from then on
nothing.

That of the last days is due where there is none, where registry, criteria set or method have changed since, where a person
assessed something since, and where an hour has passed and something new was measured; a young one, of less than an hour of
measuring, already when what it looked back on has doubled. While a short round runs nothing that was measured makes it due:
ranking would spoil the round's times. Of several that are kept the one by what is in force now is shown, else the newest; of a
round the newest.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter

from thuocdo.core.clock import not_ahead
from thuocdo.core.model import Round
from thuocdo.core.portals import Registry
from thuocdo.core.wire import storable_json
from thuocdo.score.basis import Basis, day_digest, frozen_basis
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.published import PublishedSide, day_of, published_ranking, published_round
from thuocdo.score.scorecard import METHOD_VERSION, Ranking
from thuocdo.store.rankings import RankingHead

LONGEST_PAUSE = timedelta(hours=1)
SHORTEST_PAUSE = timedelta(minutes=1)
"""Between two rankings of the last days."""

LONGEST_ROUND = timedelta(hours=12)
"""One that has not ended by then was given up."""

Read = TypeVar("Read")

_RANKING = TypeAdapter(Ranking)
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BETWEEN = ","  # of a metric and its statistic; neither holds one


class KeepsRankings(Protocol):
    """Where rankings are kept; see thuocdo.store.rankings."""

    def save(self, head: RankingHead, body: bytes) -> None:
        """Store a ranking."""
        ...

    def of(self, criteria_set_id: str, round_id: str | None) -> list[RankingHead]:
        """Return what is stored by one criteria set of one round, or of the last days, newest first."""
        ...

    def body(self, head: RankingHead) -> bytes | None:
        """Return the ranking itself, or None where it is not there."""
        ...


class _Measured(Protocol):
    def newest_at(self) -> datetime | None:
        """Return the newest scheduled instant of a measurement."""
        ...


class _Begun(Protocol):
    def all(self) -> Sequence[Round]:
        """Return all rounds."""
        ...


class _Assessed(Protocol):
    def newest_at(self, until: datetime) -> Mapping[tuple[str, str | None], datetime]:
        """Return by criteria set and round (None = the last days) when a person last entered something for it."""
        ...


class NewsSide(Protocol):
    """What a store must be able to tell of what is new."""

    @property
    def measurements(self) -> _Measured:
        """Knows the newest measurement."""

    @property
    def assessments(self) -> _Assessed:
        """Knows what people entered last."""

    @property
    def rounds(self) -> _Begun:
        """Knows which rounds run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    A ranking that may be shown, and by what it has to be computed.

    round: None = the last days. criteria_digest: of the set's content. registry_digest: of the registry on the day that counts.
    read_at: when registry and criteria set were read.
    """

    round: Round | None
    criteria: CriteriaSet
    criteria_digest: str
    registry_digest: str
    read_at: datetime

    @property
    def round_id(self) -> str | None:
        """Id of the round, None for the last days."""
        return self.round.id if self.round else None

    def is_answered_by(self, head: RankingHead) -> bool:
        """Tell whether a kept ranking is by what is in force, of a round that froze its files by these and our present method."""
        if self.round is not None and self.round.has_files:
            return head.method_version == METHOD_VERSION
        return (head.criteria_digest, head.registry_digest, head.method_version) == (
            self.criteria_digest,
            self.registry_digest,
            METHOD_VERSION,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """
    What came since a ranking may have been computed.

    newest_at: newest scheduled instant of a measurement. assessed_at: newest entry of a person by criteria set and round id.
    is_round_running: whether a short round has begun that may still end.
    """

    newest_at: datetime | None = None
    assessed_at: Mapping[tuple[str, str | None], datetime] = field(default_factory=dict)
    is_round_running: bool = False


def wanted(basis: Basis, rounds: Sequence[Round], now: datetime) -> Iterator[Wanted]:
    """Yield the rankings that may be shown, the published one first; that of the last days until a round is published."""
    shown = published_round(rounds)
    ended = [one for one in rounds if one.ended_at is not None]
    older = sorted((one for one in ended if one is not shown), key=lambda one: one.started_at, reverse=True)
    for round_ in (shown, *older):
        for criteria in basis.criteria.values():
            yield wanted_of(basis, criteria, round_, now)


def wanted_of(basis: Basis, criteria: CriteriaSet, round_: Round | None, now: datetime) -> Wanted:
    """Return what a ranking of a round, or of the last days, has to be computed by."""
    return Wanted(
        round=round_,
        criteria=criteria,
        criteria_digest=basis.criteria_digests[criteria.id],
        registry_digest=basis.digest_at(day_of(round_, now)),
        read_at=basis.read_at,
    )


def news(store: NewsSide, now: datetime) -> News:
    """Return what came until now; what a clock that was ahead has left behind says nothing of what is new."""
    return News(
        newest_at=not_ahead(store.measurements.newest_at(), now),
        assessed_at=store.assessments.newest_at(until=now),
        is_round_running=any(
            one.ended_at is None and not one.is_planned and now - one.started_at < LONGEST_ROUND
            for one in store.rounds.all()
        ),
    )


def first_readable(
    heads: Iterable[RankingHead], asked: Wanted, read: Callable[[RankingHead], Read]
) -> tuple[RankingHead, Read] | tuple[None, None]:
    """
    Return the kept ranking that is shown: the newest, of the last days one by what is in force before it.

    One that cannot be read counts for nothing.

    Args:
        heads: of the round and criteria set that are asked for.
        asked: what a ranking has to be computed by.
        read: looks into one; nothing = it is gone, or this version cannot read it.

    Returns:
        The head, and what was read.
    """
    is_of_round = asked.round is not None
    for head in sorted(
        heads, key=lambda head: (is_of_round or asked.is_answered_by(head), head.computed_at), reverse=True
    ):
        found = read(head)
        if found:
            return head, found
    return None, None


def due_since(head: RankingHead | None, asked: Wanted, new: News, now: datetime) -> datetime | None:
    """
    Return since when a ranking is due to be computed; None = it is not.

    Args:
        head: of the ranking that is kept; None = there is none.
        asked: what it has to be computed by.
        new: what came.
        now: the present instant.
    """
    ended_at = asked.round.ended_at if asked.round else None
    if asked.round and ended_at is None:
        return None
    if head is None:
        return max(asked.read_at, ended_at) if ended_at else asked.read_at
    if asked.round and asked.round.published_at is not None:
        return None
    if not_ahead(head.computed_at, now) != head.computed_at:  # under a clock that was wrong, and would hold for as long
        return asked.read_at
    # One that was computed after our files were read, by other ones, is by somebody who read newer ones.
    if not asked.round and not asked.is_answered_by(head) and head.computed_at < asked.read_at:
        return asked.read_at
    assessed_at = new.assessed_at.get((asked.criteria.id, asked.round_id))
    # By other files, or another way of scoring, a round is not computed anew: more would change than the points.
    if assessed_at is not None and assessed_at > head.computed_at and (not asked.round or asked.is_answered_by(head)):
        return assessed_at
    if asked.round is not None or new.is_round_running:
        return None
    if new.newest_at is not None and (head.last_at is None or new.newest_at > head.last_at):
        at = head.computed_at + _pause(head)
        return at if at <= now else None
    return None


def _pause(head: RankingHead) -> timedelta:
    looked_back = head.computed_at - head.first_at if head.first_at else SHORTEST_PAUSE
    return min(max(looked_back, SHORTEST_PAUSE), LONGEST_PAUSE)


def keep(rankings: KeepsRankings, ranking: Ranking, registry: Registry) -> None:
    """
    Store a ranking for all who show it.

    Args:
        rankings: where.
        ranking: the whole of a round or of the last days, cut by nobody's own wish.
        registry: the one that it ranks.

    Raises:
        StoreError: it cannot be written.
    """
    head = RankingHead(
        round_id=ranking.round_id,
        criteria_set_id=ranking.criteria.id,
        criteria_digest=ranking.criteria_digest,
        registry_digest=day_digest(registry),
        method_version=ranking.method_version,
        computed_at=ranking.computed_at,
        first_at=ranking.first_at,
        last_at=ranking.last_at,
    )
    rankings.save(head, packed(ranking))


def kept(rankings: KeepsRankings, head: RankingHead) -> Ranking | None:
    """Return a kept ranking; None where it is gone, or this version cannot read it: then it is as if there were none."""
    body = rankings.body(head)
    return None if body is None else unpacked(body)


def renew_round(
    store: PublishedSide, rankings: KeepsRankings, basis: Basis, round_: Round, new: News, now: datetime
) -> None:
    """
    Compute and keep every ranking of a round that has ended which is due, by all criteria sets: what is published then stays.

    Args:
        store: see PublishedSide.
        rankings: where they are kept.
        basis: by what they are computed.
        round_: the round.
        new: what came.
        now: the present instant.

    Raises:
        StoreError: the store cannot be read or written.
    """
    of_round = frozen_basis(store.rounds.files_of(round_.id), basis)
    for criteria in of_round.criteria.values():
        asked = wanted_of(of_round, criteria, round_, now)
        heads = rankings.of(criteria.id, round_.id)
        head, _ = first_readable(heads, asked, lambda one: kept(rankings, one))
        if due_since(head, asked, new, now) is not None:
            shown = published_ranking(store, of_round.registry_at, criteria, now=now, round_id=round_.id)
            keep(rankings, shown.ranking, shown.registry)


def kept_of_round(rankings: KeepsRankings, criteria_set_id: str, round_: Round) -> Ranking | None:
    """Return the ranking of a round that has ended, as it was computed then; None where none is kept yet."""
    if round_.ended_at is None:
        return None
    newest_first = rankings.of(criteria_set_id, round_.id)
    return next((found for head in newest_first if (found := kept(rankings, head)) is not None), None)


def packed(ranking: Ranking) -> bytes:
    """Return a ranking as compressed JSON."""
    document = _RANKING.dump_python(ranking, mode="json")
    for card, plain in zip(_cards(ranking), _plain_cards(document), strict=True):
        plain["summaries"] = {
            _BETWEEN.join(read): summary
            for read, summary in zip(card.summaries, plain["summaries"].values(), strict=True)
        }
    return zlib.compress(storable_json(document, _JSON).encode())


def unpacked(body: bytes) -> Ranking | None:
    """Return the ranking that bytes hold; None where this version cannot read them."""
    try:
        document = json.loads(zlib.decompress(body))
        for plain in _plain_cards(document):
            plain["summaries"] = {tuple(read.split(_BETWEEN)): summary for read, summary in plain["summaries"].items()}
        return _RANKING.validate_python(document)
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # of an older or newer version, or harmed: whoever computes will do it again


def _cards(ranking: Ranking) -> Iterator[Any]:
    return (one.scorecard for members in ranking.blocks.values() for one in members)


def _plain_cards(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return (one["scorecard"] for members in document["blocks"].values() for one in members)
