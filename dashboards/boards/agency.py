"""One agency: its score and what it is made of, before and after a fix."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.panels import (
    AVAILABILITY,
    BUDGET,
    COVERAGE,
    LARGEST_CONTENT,
    NONE_IS_GOOD,
    SCORE,
    Column,
    Panel,
    Query,
    lines,
    number,
    rows,
    states,
)
from dashboards.queries import SEEN_FROM, none_is_zero, of_fleet, responses, windowed
from dashboards.variables import variables
from dashboards.words import answers, incident_states, kinds, outcomes, reasons

OWN = 'agency="$agency"'
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
            t("Points obtained of the points that were measured, with the chosen criteria set."),
            f"max(thuocdo_agency_score_ratio{{{SCORED}}})",
            unit="percentunit",
            decimals=1,
            steps=SCORE,
            link=edition.link("ranking"),
        ),
        number(
            t("Rank"),
            t("Place within its block, 1 is best; agencies that cannot be told apart share one."),
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
            none_is_zero('count(thuocdo_incident_open{agency="$agency"})'),
            unit="short",
            steps=NONE_IS_GOOD,
            link=edition.link("incidents"),
        ),
    )


def _targets(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    last = f"count by (target, kind, outcome, reason) ({_own('thuocdo_measurement_outcome')})"
    started = 'min by (scope, target, state, reason) (thuocdo_incident_start_timestamp_seconds{agency="$agency"})'
    to_target = edition.link("target", target="${__data.fields.target}")
    return (
        states(
            t("Which targets answered"),
            t("Conclusive HTTP probes; gaps are inconclusive ones, or none at all."),
            Query(expr=f"min by (target) ({_own('probe_success')})", legend="{{target}}"),
            texts=answers(t),
            width=24,
        ),
        rows(
            t("Last measurements"),
            t("How the last measurement of every target and kind ended; a click on a target leads to its own board."),
            (
                Column(title=t("Target"), label="target", link=to_target),
                Column(title=t("Kind"), label="kind", texts=kinds(t)),
                Column(title=t("Outcome"), label="outcome", texts=outcomes(t)),
                Column(
                    title=t("Reason"), label="reason", texts=reasons(t), link="${web}/targets/${__data.fields.target}"
                ),
                Column(title=t("Vantage points"), expr=last, unit="none"),
            ),
            width=16,
            height=9,
        ),
        rows(
            t("Its open incidents"),
            t("Confirmed and not over; the reason is the one that most failures gave."),
            (
                Column(title=t("Target"), label="target", link=to_target),
                Column(title=t("State"), label="state", texts=incident_states(t)),
                Column(title=t("Reason"), label="reason", texts=reasons(t)),
                Column(title=t("Since"), expr=f"{started} * 1000", unit="dateTimeFromNow"),
            ),
            width=8,
            height=9,
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
            t("Last HTTP response time of each target, redirects included; mean over vantage points."),
            (
                Query(
                    expr=f"avg by (target) ({of_fleet(responses(SEEN_FROM), 'agency', where=OWN)})", legend="{{target}}"
                ),
            ),
            unit="s",
        ),
        lines(
            t("Largest content of home pages"),
            t(
                "Time until the largest content stands on the screen (LCP); dashed: 4 s, the criteria for state websites."
            ),
            (
                Query(
                    expr=f"avg by (target, profile) ({_own('thuocdo_homepage_lcp_seconds')})",
                    legend="{{target}} {{profile}}",
                ),
            ),
            unit="s",
            steps=LARGEST_CONTENT,
        ),
        lines(
            t("eForms ready"),
            t("From the click that opens the form until all its fields can be used."),
            (
                Query(
                    expr=f"avg by (target, profile) ({_own('thuocdo_eform_ready_seconds')})",
                    legend="{{target}} {{profile}}",
                ),
            ),
            unit="s",
        ),
    )


def _own(metric: str) -> str:
    return of_fleet(f"{metric}{{{SEEN_FROM}}}", "agency", where=OWN)
