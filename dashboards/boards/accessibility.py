"""How free of barriers the pages are: scores, the worst pages, and what a person must still look at."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.limits import BAD, GOOD, NEUTRAL, WARN
from dashboards.panels import Panel, Query, bars, lines, number
from dashboards.queries import SEEN_FROM, of_fleet
from dashboards.tables import Column, rows, target_columns
from dashboards.variables import variables
from dashboards.words import blocks

POINTS = ((None, BAD), (50.0, WARN), (80.0, GOOD))
"""Of 100; our own."""


def board(edition: Edition) -> Board:
    """Return the board of accessibility."""
    t = edition.t
    return Board(
        name="accessibility",
        title=t("Accessibility"),
        description=t("Barriers for people with disabilities, by WCAG 2.2 A and AA, engine and acts together."),
        variables=variables(edition, "block", "region", "family", "agency", "vantage", "profile", "web"),
        annotations=annotations(edition, where='agency=~"$agency|"'),
        since="now-7d",
        pages=((t("All rules"), "${web}/rules"),),
        rows=(
            Row(title=t("Now"), panels=_now(edition)),
            Row(title=t("Tested pages"), panels=_pages(edition)),
            Row(title=t("Over time"), panels=_times(edition)),
        ),
    )


def _of(value: str, *labels: str) -> str:
    return of_fleet(f"thuocdo_accessibility_{value}{{{SEEN_FROM}}}", *(labels or ("agency",)))


def _now(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        number(
            t("Mean score"),
            t("Of all chosen pages, 0 to 100; what a person must still look at costs nothing."),
            f"avg({_of('score')})",
            unit="short",
            decimals=0,
            steps=POINTS,
            width=6,
        ),
        number(
            t("Pages tested"),
            t("Targets whose last result is not older than five cadences."),
            f"count(max by (target) ({_of('score')}))",
            unit="short",
            width=6,
        ),
        number(
            t("Pages without a barrier"),
            t("Share of the pages on which no rule found one; this alone does not make a page accessible."),
            f"avg(max by (target) ({_of('violations')}) == bool 0)",
            unit="percentunit",
            decimals=0,
            steps=NEUTRAL,
            width=6,
        ),
        number(
            t("Rules for a person to judge"),
            t("Findings over all pages that no program can decide."),
            f"sum(max by (target) ({_of('needs_review')}))",
            unit="short",
            width=6,
        ),
    )


def _pages(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t

    def per_target(value: str) -> str:
        return f"max by (target, name) ({_of(value, 'name')})"

    return (
        rows(
            t("Pages by score"),
            t("The worst first; a click on a score leads to the findings with pictures and remedies."),
            (
                *target_columns(edition, width=360),
                Column(
                    title=t("Score"),
                    expr=f"min by (target, name) ({_of('score', 'name')})",
                    decimals=0,
                    steps=POINTS,
                    link="${web}/targets/${__data.fields.target}",
                ),
                Column(title=t("Rules with barriers"), expr=per_target("violations"), decimals=0),
                Column(title=t("For a person to judge"), expr=per_target("needs_review"), decimals=0),
            ),
            width=16,
            height=9,
            sort=t("Score"),
            descending=False,
        ),
        bars(
            t("Score by platform family"),
            t("Mean score of the pages of each family: a fault of a family's template is mended once for all."),
            Query(expr=f"sort(avg by (family) ({_of('score', 'family')}))", legend="{{family}}"),
            unit="short",
            steps=POINTS,
            width=8,
            height=9,
            high=100.0,
        ),
    )


def _times(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        lines(
            t("Score by block"),
            t("Mean score of the chosen pages."),
            (Query(expr=f"avg by (block) ({_of('score', 'block')})", legend="{{block}}"),),
            unit="short",
            high=100.0,
            names=blocks(t),
        ),
        lines(
            t("Rules with barriers by block"),
            t("Mean over the chosen pages of the rules that found at least one barrier."),
            (Query(expr=f"avg by (block) ({_of('violations', 'block')})", legend="{{block}}"),),
            unit="short",
            names=blocks(t),
        ),
    )
