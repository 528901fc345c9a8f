"""Incidents that are open, how availability stands against the objective, and what is under maintenance."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.panels import (
    AVAILABILITY,
    BAD,
    BUDGET,
    COVERAGE,
    GOOD,
    NONE_IS_GOOD,
    WARN,
    Column,
    Panel,
    Query,
    lines,
    number,
    rows,
)
from dashboards.queries import none_is_zero, of_fleet
from dashboards.variables import variables
from dashboards.words import OUTCOME_COLOURS, incident_states, outcomes, reasons, scopes

FLEET = 'agency=~"$agency",block=~"$block",family=~"$family",target=~"$target"'
CHOSEN = 'agency=~"$agency|",target=~"$target|",family=~"$family|",vantage=~"$vantage|"'
"""Labels that do not apply to an incident are empty, and then match."""


def board(edition: Edition) -> Board:
    """Return the board of incidents and objectives."""
    t = edition.t
    return Board(
        name="incidents",
        title=t("Incidents and objectives"),
        description=t("What is down, replaced or slow now and since when, and how much of the error budget is left."),
        variables=variables(edition, "block", "agency", "family", "target", "vantage", "web"),
        annotations=annotations(edition, where=CHOSEN),
        since="now-24h",
        pages=(),
        rows=(
            Row(title=t("Open incidents"), panels=_open(edition)),
            Row(title=t("Availability against the objective"), panels=_objective(edition)),
        ),
    )


def _open(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    since = (
        f"min by (scope, state, target, family, vantage, reason) (thuocdo_incident_start_timestamp_seconds{{{CHOSEN}}})"
    )
    return (
        _count(t("Portals down"), t("Confirmed as not answering."), 'scope="target",state="down"', BAD, width=3),
        _count(
            t("Portals replaced"),
            t("Quite another page stands at the portal's address."),
            'scope="target",state="replaced"',
            BAD,
            width=3,
        ),
        _count(
            t("Portals slow"),
            t("Answer, and far slower than usual for a long while."),
            'scope="target",state="degraded"',
            WARN,
            width=3,
        ),
        _count(
            t("Platform families down"),
            t("Portals of one family that fell together are one incident."),
            'scope="family"',
            BAD,
        ),
        _count(
            t("Lines broken"),
            t("Our own line is broken: one incident, and none of any portal."),
            'scope="vantage"',
            WARN,
        ),
        number(
            t("Confirmed in 24 hours"),
            t("Incidents of every scope that were confirmed within a day."),
            "sum(increase(thuocdo_incidents_confirmed_total[24h]))",
            unit="short",
            decimals=0,
        ),
        number(
            t("Last judged"),
            t("How long ago incidents were last judged; beyond a few minutes nobody is being watched."),
            "time() - max(thuocdo_judge_last_run_timestamp_seconds)",
            unit="s",
            width=3,
            decimals=0,
            steps=((None, GOOD), (180.0, WARN), (600.0, BAD)),
        ),
        rows(
            t("Open now"),
            t("Every open incident; the target's page has the measurements and their evidence."),
            (
                Column(title=t("Scope"), label="scope", texts=scopes(t)),
                Column(title=t("State"), label="state", texts=incident_states(t)),
                Column(title=t("Target"), label="target", link="${web}/targets/${__data.fields.target}"),
                Column(title=t("Platform family"), label="family"),
                Column(title=t("Vantage point"), label="vantage"),
                Column(title=t("Reason"), label="reason", texts=reasons(t)),
                Column(title=t("Since"), expr=f"{since} * 1000", unit="dateTimeFromNow"),
            ),
            width=14,
            height=9,
            sort=t("Since"),
        ),
        lines(
            t("Open incidents over time"),
            t("By whose they are; marks are single incidents and planned maintenance."),
            (Query(expr=f"count by (scope) (thuocdo_incident_open{{{CHOSEN}}})", legend="{{scope}}"),),
            unit="short",
            width=10,
            height=9,
            names=scopes(t),
        ),
    )


def _count(title: str, description: str, matchers: str, colour: str, width: int = 4) -> Panel:
    return number(
        title,
        description,
        none_is_zero(f"count(thuocdo_incident_open{{{matchers},{CHOSEN}}})"),
        unit="short",
        steps=((None, GOOD), (1.0, colour)),
        width=width,
    )


def _objective(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    judged = of_fleet("sum by (target, outcome) (increase(thuocdo_probes_judged_total[1h]))", "agency", where=FLEET)
    hour = of_fleet(
        'sum by (target) (increase(thuocdo_probes_judged_total{outcome="failed"}[1h]))'
        ' / sum by (target) (increase(thuocdo_probes_judged_total{outcome=~"ok|failed"}[1h]))',
        "agency",
        where=FLEET,
    )

    def per_target(metric: str) -> str:
        return of_fleet(f"max by (target) ({metric})", "agency", where=FLEET)

    return (
        number(
            t("Objective"),
            t("Availability that a target is to have in a calendar month; our own figure, no regulation asks for it."),
            "max(thuocdo_objective_ratio)",
            unit="percentunit",
            decimals=1,
            height=8,
        ),
        number(
            t("Budget overspent"),
            t("Targets that used more than this month's error budget."),
            none_is_zero(f"count({per_target('thuocdo_target_error_budget_remaining_ratio')} < 0)"),
            unit="short",
            steps=NONE_IS_GOOD,
            height=8,
        ),
        number(
            t("In maintenance"),
            t("Targets within planned maintenance now: they raise no alert, and their probes do not count."),
            none_is_zero(f"count({of_fleet('thuocdo_maintenance_active', 'agency', where=FLEET)})"),
            unit="short",
            height=8,
        ),
        lines(
            t("Probes by outcome"),
            t("HTTP probes of the last hour as availability counts them: inconclusive ones lower coverage only."),
            (Query(expr=f"sum by (outcome) ({judged})", legend="{{outcome}}"),),
            unit="short",
            stacked=True,
            height=8,
            names=outcomes(t),
            colours=OUTCOME_COLOURS,
        ),
        rows(
            t("Error budgets"),
            t("This calendar month in Hanoi; availability is ok / (ok + failed) outside planned maintenance."),
            (
                Column(
                    title=t("Target"), label="target", link=edition.link("target", target="${__data.fields.target}")
                ),
                Column(
                    title=t("Budget left"),
                    expr=per_target("thuocdo_target_error_budget_remaining_ratio"),
                    unit="percentunit",
                    decimals=0,
                    steps=BUDGET,
                ),
                Column(
                    title=t("Availability, this month"),
                    expr=per_target('thuocdo_target_availability_ratio{window="month"}'),
                    unit="percentunit",
                    decimals=2,
                    steps=AVAILABILITY,
                ),
                Column(
                    title=t("Coverage, this month"),
                    expr=per_target('thuocdo_target_coverage_ratio{window="month"}'),
                    unit="percentunit",
                    decimals=1,
                    steps=COVERAGE,
                ),
            ),
            width=12,
            height=9,
            sort=t("Budget left"),
            descending=False,
        ),
        lines(
            t("How fast the budget burns"),
            t(
                "Failures of the last hour over what the objective allows: 1 = gone in a month, 14.4 = a fiftieth in an hour."
            ),
            (
                Query(
                    expr=f"topk(5, ({hour}) / on () group_left () (1 - max(thuocdo_objective_ratio)) > 0)",
                    legend="{{target}}",
                ),
            ),
            unit="short",
            height=9,
        ),
    )
