"""
Versions of a round's rankings: the first is the draft; each accepted objection gives another, and the older ones stay readable.

An agency that is left out by a decision has no rank in the versions from then on: what was measured as its own was not, or not
fairly. It moves nobody else but by its absence.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Objection, Round, digest_of
from thuocdo.core.portals import Registry
from thuocdo.score.basis import Basis, day_digest, frozen_basis
from thuocdo.score.kept import kept_of_round, news, packed, renew_round, unpacked
from thuocdo.score.published import day_of, published_ranking
from thuocdo.score.scorecard import METHOD_VERSION, Ranking
from thuocdo.store import Store
from thuocdo.store.ranking_versions import RankingVersion, version_of
from thuocdo.store.rankings import RankingHead

DRAFT_VERSION = 1

Made = Sequence[tuple[RankingVersion, bytes]]
"""One version by each criteria set, with the bytes of its ranking."""


def draft_versions(store: Store, basis: Basis, round_: Round, now: datetime) -> Made:
    """
    Compute what is due of a round's rankings, keep it, and return the first version by each criteria set.

    Raises:
        ConfigurationError: a ranking that is kept cannot be read by this version.
        StoreError: the store cannot be read or written.
    """
    renew_round(store, store.rankings, basis, round_, news(store, now), now)
    basis = frozen_basis(store.rounds.files_of(round_.id), basis)
    made = []
    for set_id in basis.criteria:
        ranking = kept_of_round(store.rankings, set_id, round_)
        if ranking is None:
            raise ConfigurationError(
                f"round '{round_.label}': its ranking by '{set_id}' cannot be read by this version; go on with the one "
                "that made it"
            )
        made.append(_version(ranking, store.rankings.of(set_id, round_.id)[0].registry_digest, DRAFT_VERSION, ""))
    return made


def next_versions(
    store: Store, basis: Basis, round_: Round, *, objections: Collection[Objection], cause: str, now: datetime
) -> Made:
    """
    Compute the next version by each criteria set of the draft.

    Args:
        store: open.
        basis: registry and criteria sets; those by which the draft was made.
        round_: the round.
        objections: all of the round, the one that is being decided as it will be.
        cause: why there is another version: the number of an objection, or empty.
        now: the present instant.

    Raises:
        ConfigurationError: files or way of scoring are others than those of the draft: more would change than what was decided.
        StoreError: the store cannot be read.
    """
    basis = frozen_basis(store.rounds.files_of(round_.id), basis)
    known = store.ranking_versions.of(round_.id)
    drafts = [one for one in known if one.version == DRAFT_VERSION]
    left_out = {one.agency_id for one in objections if one.leaves_out}
    number = max((one.version for one in known), default=0) + 1
    made = []
    for draft in drafts:
        _refuse_other_basis(store, basis, round_, draft)
        shown = published_ranking(
            store,
            lambda day: without(basis.registry_at(day), left_out),
            basis.criteria[draft.criteria_set_id],
            now=now,
            round_id=round_.id,
        )
        made.append(_version(shown.ranking, day_digest(shown.registry), number, cause))
    return made


def _version(ranking: Ranking, registry_digest: str, number: int, cause: str) -> tuple[RankingVersion, bytes]:
    body = packed(ranking)
    version = version_of(
        body,
        round_id=ranking.round_id or "",
        criteria_set_id=ranking.criteria.id,
        version=number,
        computed_at=ranking.computed_at,
        cause=cause,
        registry=registry_digest,
    )
    return version, body


def _refuse_other_basis(store: Store, basis: Basis, round_: Round, draft: RankingVersion) -> None:
    ranking = unpacked(store.ranking_versions.body(draft) or b"")
    of_today = (
        basis.criteria_digests.get(draft.criteria_set_id),
        basis.digest_at(day_of(round_, draft.computed_at)),
        METHOD_VERSION,
    )
    if ranking is None or of_today != (ranking.criteria_digest, draft.registry_digest, ranking.method_version):
        raise ConfigurationError(
            f"round '{round_.label}': its draft was computed by another criteria set, registry or version than those of today; "
            "put the files back as they were"
        )


def without(registry: Registry, agencies: Collection[str]) -> Registry:
    """Return a registry in which some agencies have no targets, so that nothing of them counts."""
    targets = {name: target for name, target in registry.targets.items() if target.agency_id not in agencies}
    return replace(registry, targets=targets)


def newest_versions(versions: Sequence[RankingVersion]) -> Mapping[str, RankingVersion]:
    """Return the newest version by each criteria set."""
    return {one.criteria_set_id: one for one in sorted(versions, key=lambda one: one.version)}


def digest_of_versions(versions: Collection[RankingVersion]) -> str:
    """Return what the log says of one version by all criteria sets: the SHA-256 (hex) of their digests."""
    return digest_of(sorted([one.criteria_set_id, one.digest] for one in versions))


def version_ranking(store: Store, version: RankingVersion) -> Ranking:
    """
    Return the ranking of a version.

    Raises:
        ConfigurationError: this version of ours cannot read it.
    """
    ranking = unpacked(store.ranking_versions.body(version) or b"")
    if ranking is None:
        raise ConfigurationError(
            f"version {version.version} of the ranking by '{version.criteria_set_id}' cannot be read by this version; "
            "read it with the one that made it"
        )
    return ranking


def show_newest(store: Store, round_: Round) -> None:
    """Let pages, exports and metrics show the newest version of a round's rankings; what they show already stays."""
    for version in newest_versions(store.ranking_versions.of(round_.id)).values():
        ranking = version_ranking(store, version)
        head = RankingHead(
            round_id=round_.id,
            criteria_set_id=version.criteria_set_id,
            criteria_digest=ranking.criteria_digest,
            registry_digest=version.registry_digest,
            method_version=ranking.method_version,
            computed_at=ranking.computed_at,
            first_at=ranking.first_at,
            last_at=ranking.last_at,
        )
        if store.rankings.of(version.criteria_set_id, round_.id)[:1] != [head]:
            store.rankings.save(head, packed(ranking))
