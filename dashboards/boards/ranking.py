"""The ranking of the round that is published, or of the last days where there is none: both blocks, each for itself."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.limits import AVAILABILITY, COVERAGE, SCORE
from dashboards.panels import Panel, Query, bars, lines, number
from dashboards.queries import none_is_zero, of_agency
from dashboards.tables import Column, agency_columns, rows
from dashboards.variables import variables
from dashboards.words import INSTANT
from thuocdo.core.model import Block

SET = 'criteria_set="$criteria_set"'
RANKED = (Block.MINISTRY, Block.PROVINCE)


def board(edition: Edition) -> Board:
    """Return the ranking."""
    t = edition.t
    return Board(
        name="ranking",
        title=t("Ranking of the current round"),
        description=t("Scores and places as published; the web pages have the evidence and the method."),
        variables=variables(edition, "criteria_set", "web", single=("criteria_set",)),
        annotations=annotations(edition),
        since="now-7d",
        pages=(
            (t("Rankings"), "${web}/?criteria=${criteria_set}"),
            (t("Method"), "${web}/method?criteria=${criteria_set}"),
        ),
        rows=(
            Row(title=t("The ranking"), panels=_numbers(edition)),
            *(Row(title=t(f"block.{block}"), panels=_block(edition, block)) for block in RANKED),
        ),
    )


def _numbers(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        number(
            t("Agencies ranked"),
            t("Those with enough measurements for a place."),
            f"count(max by (agency) (thuocdo_agency_rank{{{SET}}}))",
            unit="short",
            width=6,
        ),
        number(
            t("Agencies without a place"),
            t("Scored, but measured too little to be ranked: no place is never a last place."),
            none_is_zero(
                f"count(max by (agency) (thuocdo_agency_score_ratio{{{SET}}})"
                f" unless max by (agency) (thuocdo_agency_rank{{{SET}}}))",
                f"thuocdo_agency_score_ratio{{{SET}}}",
            ),
            unit="short",
            width=6,
        ),
        number(
            t("Coverage"),
            t("Share of the measurements that were conclusive, mean over the agencies."),
            f"avg(thuocdo_agency_coverage_ratio{{{SET}}})",
            unit="percentunit",
            decimals=1,
            steps=COVERAGE,
            width=6,
        ),
        number(
            t("Computed"),
            t("When the ranking was computed from the stored measurements."),
            f"max(thuocdo_ranking_timestamp_seconds{{{SET}}}) * 1000",
            unit=INSTANT,
            width=6,
        ),
    )


def _block(edition: Edition, block: Block) -> tuple[Panel, ...]:
    t = edition.t
    own = f'{SET},block="{block}"'

    def per_agency(metric: str) -> str:
        return of_agency(f"max by (agency) ({metric}{{{own}}})")

    return (
        rows(
            t("Ranks"),
            t("The first of an agency's places; the ranking page has them all. Unmeasured is empty, never zero."),
            (
                Column(title=t("Rank"), expr=per_agency("thuocdo_agency_rank"), unit="none", width=80),
                *agency_columns(edition),
                Column(
                    title=t("Score"),
                    expr=per_agency("thuocdo_agency_score_ratio"),
                    unit="percentunit",
                    decimals=1,
                    steps=SCORE,
                ),
                Column(
                    title=t("Lower end"),
                    expr=per_agency("thuocdo_agency_score_lower_ratio"),
                    unit="percentunit",
                    decimals=1,
                ),
                Column(
                    title=t("Upper end"),
                    expr=per_agency("thuocdo_agency_score_upper_ratio"),
                    unit="percentunit",
                    decimals=1,
                ),
                Column(
                    title=t("Availability"),
                    expr=per_agency("thuocdo_agency_availability_ratio"),
                    unit="percentunit",
                    decimals=2,
                    steps=AVAILABILITY,
                ),
                Column(
                    title=t("Coverage"),
                    expr=per_agency("thuocdo_agency_coverage_ratio"),
                    unit="percentunit",
                    decimals=1,
                    steps=COVERAGE,
                ),
                Column(
                    title=t("Points measured"),
                    expr=per_agency("thuocdo_agency_measured_points"),
                    unit="short",
                    decimals=0,
                ),
            ),
            width=24,
            height=11,
            sort=t("Rank"),
            descending=False,
        ),
        bars(
            t("Lowest scores"),
            t("The ten agencies with the fewest points of those that were measured."),
            Query(expr=f"sort(bottomk(10, {per_agency('thuocdo_agency_score_ratio')}))", legend="{{name}}"),
            unit="percentunit",
            steps=SCORE,
            width=12,
            height=9,
            high=1.0,
        ),
        lines(
            t("Scores over time: the lowest now"),
            t("Scores of the five agencies that stand lowest now; marks show when the ranking was computed."),
            (
                Query(
                    expr=f"({per_agency('thuocdo_agency_score_ratio')}) and on (agency)"
                    f" bottomk(5, max by (agency) (thuocdo_agency_score_ratio{{{own}}} @ end()))",
                    legend="{{name}}",
                ),
            ),
            unit="percentunit",
            low=None,
            height=9,
        ),
    )
