"""What came of a round, as the one file that anybody computes again to the byte: ket-qua.json."""

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from thuocdo.core.i18n import translator
from thuocdo.core.kinds.kind import all_kinds
from thuocdo.core.model import Block, Round
from thuocdo.core.portals import Registry
from thuocdo.reports.comparing import SEED, asked_of_round, compared
from thuocdo.reports.ranking import ranking_rows, ranking_to_json
from thuocdo.reports.times import times_document
from thuocdo.rounds.versions import without
from thuocdo.score.criteria import CriteriaSet
from thuocdo.score.published import day_of, published_ranking
from thuocdo.sealing.canonical import canonical_results
from thuocdo.sealing.frozen import Frozen, round_document
from thuocdo.store import Store

RESULTS = "ket-qua.json"

COMPARED_KIND = "homepage"

LANGUAGE = "vi"
"""Of the few texts in results."""


class RoundResults:
    """
    Computes what came of a round.

    Args:
        store: holds the round, its measurements and what people assessed for it.
        round_: that has ended.
        frozen: by what it is computed.
        now: when it is sealed; what a person assesses later does not count.
        simulated: the figures come from the simulated fleet.
        left_out: agencies that a decision on an objection left without a rank.
    """

    def __init__(
        self,
        store: Store,
        round_: Round,
        frozen: Frozen,
        *,
        now: datetime,
        simulated: bool,
        left_out: Collection[str] = (),
    ) -> None:
        self._store = store
        self._round = round_
        self._frozen = frozen
        self._now = now
        self._simulated = simulated
        self._left_out = frozenset(left_out)

    def file(self, profiles: Iterable[str], seed: str | None) -> bytes:
        """
        Return the file.

        Args:
            profiles: of which times are compared.
            seed: of the round, hex; None = it has none, and its draws are those of every comparison.

        Raises:
            StoreError: the store cannot be read.
        """
        first = self._frozen.criteria[0]
        times = [
            self._times(block, profile, draws_seed(seed)) for block in first.blocks for profile in sorted(profiles)
        ]
        return canonical_results(
            {
                "round": round_document(self._round),
                "simulated": self._simulated,
                "rankings": [self._ranking(one) for one in self._frozen.criteria],
                "times": times,
            }
        )

    def _ranking(self, criteria: CriteriaSet) -> Any:
        found = published_ranking(self._store, self._registry_at, criteria, now=self._now, round_id=self._round.id)
        rows = ranking_rows(found.ranking, found.registry, translator(LANGUAGE))
        return json.loads(ranking_to_json(found.ranking, rows, simulated=self._simulated))

    def _registry_at(self, day: date) -> Registry:
        return without(self._frozen.registry.at(day), self._left_out)

    def _times(self, block: Block, profile: str, seed: int) -> dict[str, Any]:
        registry = self._registry_at(day_of(self._round, self._now))
        asked = asked_of_round(self._round, block, all_kinds()[COMPARED_KIND], profile, until=self._now, seed=seed)
        told = compared(self._store, registry, self._frozen.criteria[0], asked, self._round)
        return times_document(asked, told, registry)


def draws_seed(seed: str | None) -> int:
    """Return what the draws of a comparison start from: 48 bits of SHA-256(seed ‖ "times"), without a seed that of every one."""
    if seed is None:
        return SEED
    return int.from_bytes(sha256(bytes.fromhex(seed) + b"times").digest()[:6])


def commitment_of(seed: str, round_id: str) -> str:
    """Return what a round publishes of its seed (hex) before it begins."""
    return sha256(bytes.fromhex(seed) + round_id.encode()).hexdigest()
