"""One agency: its score and what it is made of, before and after a fix."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.boards.open_incidents import open_now, parts_now
from dashboards.edition import Edition
from dashboards.limits import (
    AVAILABILITY,
    BUDGET,
    COVERAGE,
    LARGEST_CONTENT,
    NONE_IS_GOOD,
    SCORE,
    SLOW_RESPONSE,
)
from dashboards.panels import Panel, Query, lines, number, states
from dashboards.queries import JUDGED, SEEN_FROM, none_is_zero, of_fleet, or_unseen, outcome, responses, windowed
from dashboards.tables import Column, rows, target_columns
from dashboards.variables import variables
from dashboards.words import before, conclusions, kinds, outcomes, profiles, reasons, seconds, unseen

OWN = 'agency="$agency"'
HTTP_OR_EFORM = f'kind=~"http|eform",{SEEN_FROM}'
SCORED = 'agency="$agency",criteria_set=~"$criteria_set"'


def board(edition: Edition) -> Board:
    """Return the board of one agency."""
    t = edition.t
    return Board(
        name="agency",
        title=t("One agency"),
        description=t("Score, availability and speed of one agency's portals, and their open incidents."),
        variables=variables(
            edition, "agency", "vantage", "profile", "criteria_set", "web", single=("agency", "criteria_set")
        ),
        annotations=annotations(edition, where='agency=~"$agency|"'),
        since="now-7d",
        pages=((t("The agency's page"), "${web}/agencies/${agency}"),),
        rows=(
            Row(title=t("Where it stands"), panels=_standing(edition)),
            Row(title=t("Its targets"), panels=_targets(edition)),
            Row(title=t("Over time"), panels=_times(edition)),
        ),
    )


def _standing(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        number(
            t("Score"),
            t("Certain points of the points that count, with the chosen criteria set."),
            f"max(thuocdo_agency_score_ratio{{{SCORED}}})",
            unit="percentunit",
            decimals=1,
            steps=SCORE,
            link=edition.link("ranking"),
        ),
        number(
            t("Rank"),
            t("First of its places within its block, 1 is best; the ranking page has them all."),
            f"min(thuocdo_agency_rank{{{SCORED}}})",
            unit="none",
        ),
        number(
            t("Availability, this month"),
            t("Mean over its targets of ok / (ok + failed) since the month began, probes outside planned maintenance."),
            f"avg({of_fleet(windowed('availability', 'month'), 'agency', where=OWN)})",
            unit="percentunit",
            decimals=2,
            steps=AVAILABILITY,
        ),
        number(
            t("Coverage, 1 day"),
            t(
                "Share of the probes that ended ok or failed; the rest was inconclusive, and says nothing about a portal."
            ),
            f"avg({of_fleet(windowed('coverage', '1d'), 'agency', where=OWN)})",
            unit="percentunit",
            decimals=1,
            steps=COVERAGE,
        ),
        number(
            t("Error budget that is left"),
            t("The least of its targets' budgets of this month: 100 % is untouched, below 0 % is overspent."),
            f"min({of_fleet('thuocdo_target_error_budget_remaining_ratio', 'agency', where=OWN)})",
            unit="percentunit",
            decimals=0,
            steps=BUDGET,
            link=edition.link("incidents"),
        ),
        number(
            t("Open incidents"),
            t("Of the agency's own targets; those of a platform family or a vantage point are not counted."),
            none_is_zero('count(thuocdo_incident_open{agency="$agency"})', JUDGED),
            unit="short",
            steps=NONE_IS_GOOD,
            link=edition.link("incidents"),
        ),
    )


def _targets(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    last = f"count by (target, name, kind, outcome, reason) ({_own('thuocdo_measurement_outcome', 'name')})"
    seen = f"max by (target, name) ({_own(outcome(HTTP_OR_EFORM), 'name')})"
    return (
        open_now(edition, OWN, 'family="",vantage=""', height=5),
        parts_now(edition, OWN, height=5),
        states(
            t("Which targets answered"),
            t(
                "Probes over HTTP, and of eForms; where vantage points differ the worst. Inconclusive says nothing of the portal."
            ),
            Query(expr=or_unseen(seen, "name"), legend="{{name}}"),
            texts=conclusions(t),
            renames=unseen(t),
            width=24,
        ),
        rows(
            t("Last measurements"),
            t("How the last measurement of every target and kind ended; a click on a target leads to its own board."),
            (
                *target_columns(edition),
                Column(title=t("Kind"), label="kind", texts=kinds(t)),
                Column(title=t("Outcome"), label="outcome", texts=outcomes(t)),
                Column(
                    title=t("Reason"), label="reason", texts=reasons(t), link="${web}/targets/${__data.fields.target}"
                ),
                Column(title=t("Vantage points"), expr=last, unit="none", width=140),
            ),
            width=24,
            height=7,
        ),
    )


def _times(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        lines(
            t("Score over time"),
            t("With the ends of its interval at 95 %: scores whose intervals overlap cannot be told apart."),
            (
                Query(expr=f"max(thuocdo_agency_score_ratio{{{SCORED}}})", legend=t("Score")),
                Query(expr=f"max(thuocdo_agency_score_lower_ratio{{{SCORED}}})", legend=t("Lower end")),
                Query(expr=f"max(thuocdo_agency_score_upper_ratio{{{SCORED}}})", legend=t("Upper end")),
            ),
            unit="percentunit",
            low=None,
        ),
        lines(
            t("Response"),
            t(
                "Last HTTP response time of each target, redirects included; mean over vantage points. Dashed: 4 s, beyond which "
                "a portal can be judged slow."
            ),
            (
                Query(
                    expr=f"avg by (target, name) ({of_fleet(responses(SEEN_FROM), 'name', where=OWN)})",
                    legend="{{name}}",
                ),
            ),
            unit=seconds(t),
            steps=SLOW_RESPONSE,
        ),
        lines(
            t("Largest content of home pages"),
            t(
                "Time until the largest content stands on the screen (LCP); dashed: 4 s, the criteria for state websites."
            ),
            (
                Query(
                    expr=f"avg by (target, name, profile) ({_own('thuocdo_homepage_lcp_seconds')})",
                    legend="{{profile}} {{name}}",
                ),
            ),
            renames=before(profiles(t)),
            unit=seconds(t),
            steps=LARGEST_CONTENT,
        ),
        lines(
            t("eForms ready"),
            t("From the click that opens the form until all its fields can be used."),
            (
                Query(
                    expr=f"avg by (target, name, profile) ({_own('thuocdo_eform_ready_seconds')})",
                    legend="{{profile}} {{name}}",
                ),
            ),
            renames=before(profiles(t)),
            unit=seconds(t),
            empty=t("No eForm was measured yet."),
        ),
    )


def _own(query: str, *labels: str) -> str:
    """Return the series of the agency's own targets. query: a metric, which is taken as it was seen from, or one in brackets."""
    seen = query if query.startswith("(") else f"{query}{{{SEEN_FROM}}}"
    return of_fleet(seen, *(labels or ("name",)), where=OWN)
