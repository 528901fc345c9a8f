"""What `/metrics` says of the ranking that is shown, and of one that is not there yet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from exporters.communes import AGENCY_METRICS
from exporters.text import Family
from thuocdo.core.model import Block
from thuocdo.score.scorecard import RankedAgency, Ranking

_GAUGES: tuple[tuple[str, str, Callable[[RankedAgency], float | None]], ...] = (
    (
        "thuocdo_agency_score_ratio",
        "Certain points of the points that count, 0..1; absent where nothing was measured",
        lambda ranked: ranked.scorecard.total_ratio,
    ),
    (
        "thuocdo_agency_score_lower_ratio",
        "Lower end of the score's interval at 95 %",
        lambda ranked: ranked.scorecard.ci_low,
    ),
    (
        "thuocdo_agency_score_upper_ratio",
        "Upper end of the score's interval at 95 %",
        lambda ranked: ranked.scorecard.ci_high,
    ),
    (
        "thuocdo_agency_rank",
        "First place within the block that the certain points may have, 1 is best; absent without a rank",
        lambda ranked: ranked.rank,
    ),
    (
        "thuocdo_agency_coverage_ratio",
        "Share of the measurements that were conclusive, 0..1",
        lambda ranked: ranked.scorecard.coverage_ratio,
    ),
    (
        "thuocdo_agency_availability_ratio",
        "ok / (ok + failed) of the home pages, 0..1",
        lambda ranked: ranked.scorecard.availability_ratio,
    ),
    (
        "thuocdo_agency_measured_points",
        "Points of the criteria set that were measured for the agency",
        lambda ranked: ranked.scorecard.measured_points,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRanking:
    """
    What is shown by one criteria set.

    ranking: as it is kept; None = none yet. due_since: since when it is due to be computed, for the first time or again; None =
    it is not.
    """

    criteria_set_id: str
    ranking: Ranking | None
    due_since: datetime | None = None


def ranking_families(shown: ShownRanking) -> Iterator[Family]:
    """Yield the metric families of a ranking; of one that is not there, that it is not."""
    of_set = (shown.criteria_set_id,)
    if shown.ranking is not None:
        yield from _ranked(shown.ranking)
    there = Family(
        "thuocdo_ranking_stored", "1 where there is a ranking to show, 0 where none is computed yet", ("criteria_set",)
    )
    there.add(of_set, float(shown.ranking is not None))
    yield there
    due = Family(
        "thuocdo_ranking_due_timestamp_seconds",
        "Unix time since which the ranking is due to be computed, for the first time or again; absent while it is not due",
        ("criteria_set",),
    )
    if shown.due_since is not None:
        due.add(of_set, shown.due_since.timestamp())
    yield due


def _ranked(ranking: Ranking) -> Iterator[Family]:
    criteria_set = ranking.criteria.id
    for name, text, read in _GAUGES:
        gauge = Family(name, text, ("agency", "block", "criteria_set"))
        for block, agencies in ranking.blocks.items():
            for ranked in agencies if block is not Block.COMMUNE or name in AGENCY_METRICS else ():
                value = read(ranked)
                if value is not None:
                    gauge.add((ranked.scorecard.agency_id, block, criteria_set), value)
        yield gauge
    computed = Family(
        "thuocdo_ranking_timestamp_seconds", "Unix time at which the ranking was computed", ("criteria_set",)
    )
    computed.add((criteria_set,), ranking.computed_at.timestamp())
    yield computed
    published = Family("thuocdo_round_info", "1 where the ranking is that of a round", ("criteria_set",))
    if ranking.round_id is not None:
        published.add((criteria_set,), 1.0)
    yield published
