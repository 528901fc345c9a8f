"""What the store says of a round that its next step depends on."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from thuocdo.core.model import Objection, Round, RoundLogEntry
from thuocdo.rounds.people import Person, RoundRules
from thuocdo.rounds.points import counting_points, digest_of_points, unsigned_points
from thuocdo.rounds.states import Obstacle, ObstacleKind, RoundFacts
from thuocdo.rounds.versions import newest_versions, version_ranking
from thuocdo.score.scorecard import Ranking, Unranked
from thuocdo.store import Store

_NOT_TO_BE_MEASURED = (Unranked.NOT_PROBED, Unranked.OTHER_BLOCK)


def facts_of(
    store: Store,
    round_: Round,
    rules: RoundRules,
    now: datetime,
    *,
    actor: Person | None = None,
    reason: str = "",
    digest: str = "",
) -> RoundFacts:
    """
    Return what is known of a round.

    Args:
        store: open.
        round_: the round.
        rules: what its plan asks.
        now: the present instant.
        actor, reason, digest: of who wants to do something, see RoundFacts.

    Raises:
        StoreError: the store cannot be read.
    """
    log = store.round_log.of(round_.id)
    points = counting_points(store.assessments.all(), round_.id)
    computed_at = max((one.computed_at for one in store.ranking_versions.of(round_.id)), default=None)
    return RoundFacts(
        round=round_,
        log=log,
        now=now,
        obstacles=tuple(_obstacles(store, round_, rules, log)),
        stale=computed_at is not None and any(one.entered_at > computed_at for one in points),
        actor=actor,
        reason=reason,
        digest=digest,
    )


def _obstacles(store: Store, round_: Round, rules: RoundRules, log: Sequence[RoundLogEntry]) -> Iterator[Obstacle]:
    for objection in store.objections.of(round_.id):
        if objection.is_open:
            yield open_objection(round_, objection)
    unsigned = unsigned_points(counting_points(store.assessments.all(), round_.id), log)
    for name, points in unsigned.items():
        told = (
            f"points that '{name}' entered are not signed; let them be signed (`thuocdo round sign-points`), or overrule it with "
            "a reason (`thuocdo round overrule`)"
        )
        yield Obstacle(kind=ObstacleKind.UNSIGNED_POINTS, subject=digest_of_points(points), told=told)
    ranking = ranking_of(store, round_)
    covered = None if ranking is None else covered_ratio(ranking)
    if covered is not None and covered < rules.minimum_coverage_ratio:
        told = (
            f"coverage is {covered:.1%}, and the plan asks for {rules.minimum_coverage_ratio:.1%}; overrule it with a reason "
            "(`thuocdo round overrule`), or do not publish this round"
        )
        yield Obstacle(kind=ObstacleKind.LOW_COVERAGE, subject=f"{covered:.6f}", told=told)


def open_objection(round_: Round, objection: Objection) -> Obstacle:
    """Return what an open objection keeps from being done."""
    number = called(round_, objection.number)
    told = (
        f"objection {number} is open; decide it (`thuocdo objection decide`), or overrule it with a reason "
        "(`thuocdo round overrule`)"
    )
    return Obstacle(kind=ObstacleKind.OPEN_OBJECTION, subject=number, told=told)


def called(round_: Round, number: int) -> str:
    """Return what people call an objection: the name of its round and its number there."""
    return f"{round_.label}/{number:03}"


def ranking_of(store: Store, round_: Round) -> Ranking | None:
    """Return the newest version of a round's ranking by its own criteria set; None where there is no draft yet."""
    newest = newest_versions(store.ranking_versions.of(round_.id))
    own = newest.get(round_.settings.get("criteria_set", "")) or next(iter(newest.values()), None)
    return None if own is None else version_ranking(store, own)


def covered_ratio(ranking: Ranking) -> float | None:
    """
    Return how much was measured of what was to be: the mean over agencies; None where nothing was to be.

    What a portal did not let us measure counts as measured: no agency may keep a round from its publication by hiding.
    """
    shares = [
        one.scorecard.reached_ratio or 0.0
        for members in ranking.blocks.values()
        for one in members
        if one.unranked_reason not in _NOT_TO_BE_MEASURED
    ]
    return sum(shares) / len(shares) if shares else None


def agencies_of(ranking: Ranking) -> list[str]:
    """Return the ids of the agencies that a round was to measure, in order."""
    return sorted(
        one.scorecard.agency_id
        for members in ranking.blocks.values()
        for one in members
        if one.unranked_reason not in _NOT_TO_BE_MEASURED
    )
