"""Incidents that are open, how availability stands against the objective, and what is under maintenance."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.boards.open_incidents import open_now, parts_now
from dashboards.edition import Edition
from dashboards.limits import AVAILABILITY, BAD, BUDGET, BURN, COVERAGE, GOOD, JUDGED_AGO, NONE_IS_GOOD, WARN
from dashboards.panels import Panel, Query, lines, number
from dashboards.portal_alerts import FAST_BURN
from dashboards.queries import JUDGED, age, none_is_zero, of_fleet, windowed
from dashboards.tables import Column, rows, target_columns
from dashboards.variables import variables
from dashboards.words import LENGTH, OUTCOME_COLOURS, outcomes, scopes

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
    return (
        _count(t("Portals down"), t("Confirmed as not answering."), 'scope="target",state="down"', BAD, width=3),
        _count(
            t("Not usable"),
            t("Answer and do not work, answer in turn, or have quite another page in their place."),
            'scope="target",state=~"broken|flapping|replaced"',
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
            t(
                "How long ago incidents were last judged; beyond two minutes nobody is being watched, and an alert says so."
            ),
            age("max(thuocdo_judge_last_run_timestamp_seconds)"),
            unit=LENGTH,
            width=3,
            decimals=0,
            steps=JUDGED_AGO,
            empty=t("Never judged yet"),
        ),
        open_now(edition, FLEET, 'family=~"$family|",vantage=~"$vantage|"', height=9),
        parts_now(edition, FLEET, height=8),
        lines(
            t("Open incidents over time"),
            t("By whose they are; marks are single incidents and planned maintenance."),
            (Query(expr=f"count by (scope) (thuocdo_incident_open{{{CHOSEN}}})", legend="{{scope}}"),),
            unit="short",
            width=24,
            height=6,
            names=scopes(t),
            empty=t("No incident is confirmed."),
        ),
    )


def _count(title: str, description: str, matchers: str, colour: str, width: int = 4) -> Panel:
    return number(
        title,
        description,
        none_is_zero(f"count(thuocdo_incident_open{{{matchers},{CHOSEN}}})", JUDGED),
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
        "name",
        where=FLEET,
    )

    def per_target(metric: str) -> str:
        return of_fleet(f"max by (target) ({metric})", "name", where=FLEET)

    least = per_target("thuocdo_target_error_budget_remaining_ratio")
    burning = f"({hour}) / on () group_left () (1 - max(thuocdo_objective_ratio))"
    return (
        number(
            t("Objective"),
            t("Availability that a target is to have in a calendar month; our own figure, no regulation asks for it."),
            "max(thuocdo_objective_ratio)",
            unit="percentunit",
            decimals=1,
        ),
        number(
            t("Availability, this month"),
            t("Mean over the targets of ok / (ok + failed) since the month began, outside planned maintenance."),
            f"avg({per_target(windowed('availability', 'month'))})",
            unit="percentunit",
            decimals=2,
            steps=AVAILABILITY,
        ),
        number(
            t("Coverage, this month"),
            t("Share of the probes that ended ok or failed; the rest was inconclusive or missed."),
            f"avg({per_target(windowed('coverage', 'month'))})",
            unit="percentunit",
            decimals=1,
            steps=COVERAGE,
        ),
        number(
            t("Budget overspent"),
            t("Targets that used more than this month's error budget."),
            none_is_zero(f"count({least} < 0)", least),
            unit="short",
            steps=NONE_IS_GOOD,
        ),
        number(
            t("Burning fast"),
            t("Targets that fail over the last hour at more than 14.4 times the pace that the objective allows."),
            none_is_zero(f"count({burning} > {FAST_BURN:g})", burning),
            unit="short",
            steps=NONE_IS_GOOD,
        ),
        number(
            t("In maintenance"),
            t("Targets within planned maintenance now: they raise no alert, and their probes do not count."),
            none_is_zero(
                f"count({of_fleet('thuocdo_maintenance_active', 'agency', where=FLEET)})", "thuocdo_build_info"
            ),
            unit="short",
        ),
        lines(
            t("Probes by outcome"),
            t("HTTP probes of the last hour as availability counts them: inconclusive ones lower coverage only."),
            (Query(expr=f"sum by (outcome) ({judged})", legend="{{outcome}}"),),
            unit="short",
            stacked=True,
            height=9,
            names=outcomes(t),
            colours=OUTCOME_COLOURS,
        ),
        lines(
            t("How fast the budget burns"),
            t(
                "Failures of the last hour over what the objective allows: 1 = gone in a month. Dashed: 3, at which it is told "
                "in the morning, and 14.4 (a fiftieth of the month in an hour), at which somebody is woken."
            ),
            (Query(expr=f"topk(5, {burning} > 0)", legend="{{name}}"),),
            unit="short",
            height=9,
            steps=BURN,
            empty=t("No failure was found."),
        ),
        rows(
            t("Error budgets"),
            t("This calendar month in Hanoi; availability is ok / (ok + failed) outside planned maintenance."),
            (
                *target_columns(edition),
                Column(title=t("Budget left"), expr=least, unit="percentunit", decimals=0, steps=BUDGET),
                Column(
                    title=t("Availability, this month"),
                    expr=per_target(windowed("availability", "month")),
                    unit="percentunit",
                    decimals=2,
                    steps=AVAILABILITY,
                ),
                Column(
                    title=t("Coverage, this month"),
                    expr=per_target(windowed("coverage", "month")),
                    unit="percentunit",
                    decimals=1,
                    steps=COVERAGE,
                ),
            ),
            width=24,
            height=10,
            sort=t("Budget left"),
            descending=False,
        ),
    )
