"""The places we measure from: whether a number is a portal's or a line's."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.limits import BAD, COVERAGE, GOOD, NONE_IS_USUAL, SLOW_RESPONSE, WARN
from dashboards.panels import Panel, Query, bars, lines, number
from dashboards.queries import JUDGED, SEEN_FROM, age, none_is_zero, of_fleet, responses
from dashboards.tables import Column, rows, target_columns
from dashboards.variables import variables
from dashboards.words import LENGTH, reasons, seconds


def board(edition: Edition) -> Board:
    """Return the board of vantage points."""
    t = edition.t
    return Board(
        name="vantages",
        title=t("Vantage points"),
        description=t("What each vantage point sees beside the others, and how often it cannot tell."),
        variables=variables(edition, "vantage", "profile", "web"),
        annotations=annotations(edition, where='scope="vantage",vantage=~"$vantage"'),
        pages=(),
        rows=(
            Row(title=t("Now"), panels=_now(edition)),
            Row(title=t("Beside each other"), panels=_compared(edition)),
            Row(title=t("What could not be told"), panels=_inconclusive(edition)),
        ),
    )


def _now(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        number(
            t("Vantage points"),
            t("Those that measured lately: within five cadences of one kind at least."),
            f"count(count by (vantage) (thuocdo_measurement_timestamp_seconds{{{SEEN_FROM}}}))",
            unit="short",
            width=6,
        ),
        number(
            t("Lines broken"),
            t("Open incidents of vantage points: their failures count against no portal."),
            none_is_zero('count(thuocdo_incident_open{scope="vantage",vantage=~"$vantage"})', JUDGED),
            unit="short",
            steps=NONE_IS_USUAL,
            width=6,
        ),
        number(
            t("Conclusive now"),
            t("Share of the last measurements of all kinds that ended ok or failed."),
            f'count(thuocdo_measurement_outcome{{outcome!="inconclusive",{SEEN_FROM}}})'
            f" / count(thuocdo_measurement_outcome{{{SEEN_FROM}}})",
            unit="percentunit",
            decimals=1,
            steps=COVERAGE,
            width=6,
        ),
        number(
            t("Oldest newest measurement"),
            t("Of the vantage points the one that has measured nothing for longest, and for how long."),
            age(f"min(max by (vantage) (thuocdo_measurement_timestamp_seconds{{{SEEN_FROM}}}))"),
            unit=LENGTH,
            decimals=0,
            steps=((None, GOOD), (600.0, WARN), (1800.0, BAD)),
            width=6,
        ),
    )


def _compared(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t

    times = f"max by (target, vantage) ({responses(SEEN_FROM)})"
    return (
        lines(
            t("Portals that answer"),
            t(
                "Share of the last conclusive HTTP probes that ended ok: a line that leaves the others is a broken one of ours."
            ),
            (Query(expr=f"avg by (vantage) (probe_success{{{SEEN_FROM}}})", legend="{{vantage}}"),),
            unit="percentunit",
            low=None,
            high=1.0,
        ),
        lines(
            t("Median response"),
            t("Median over the targets that answered of the last HTTP response times; dashed: 4 s, slow for anybody."),
            (Query(expr=f"quantile by (vantage) (0.5, {responses(SEEN_FROM)})", legend="{{vantage}}"),),
            unit=seconds(t),
            steps=SLOW_RESPONSE,
        ),
        lines(
            t("Name lookup"),
            t("Median time to resolve a host name, with the vantage point's own name servers."),
            (
                Query(
                    expr=f"quantile by (vantage) (0.5, probe_dns_lookup_time_seconds{{{SEEN_FROM}}} > 0)",
                    legend="{{vantage}}",
                ),
            ),
            unit=seconds(t),
            width=8,
        ),
        lines(
            t("Connecting"),
            t("Median time to open the TCP connection: about the distance to the portals."),
            (
                Query(
                    expr=f'quantile by (vantage) (0.5, probe_http_duration_seconds{{phase="connect",{SEEN_FROM}}} > 0)',
                    legend="{{vantage}}",
                ),
            ),
            unit=seconds(t),
            width=8,
        ),
        rows(
            t("Where vantage points differ most"),
            t("Slowest less fastest vantage point of the same target; 0 with only one vantage point."),
            (
                *target_columns(edition),
                Column(
                    title=t("Difference"),
                    expr=of_fleet(f"topk(10, max by (target) ({times}) - min by (target) ({times}))", "name", where=""),
                    unit=seconds(t),
                    decimals=2,
                ),
            ),
            width=8,
            sort=t("Difference"),
        ),
    )


def _inconclusive(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    unknown = f'thuocdo_measurement_outcome{{outcome="inconclusive",{SEEN_FROM}}}'
    return (
        lines(
            t("Inconclusive measurements"),
            t("Share of each vantage point's last measurements that say nothing about a portal."),
            (
                Query(
                    expr=f"count by (vantage) ({unknown}) / count by (vantage) (thuocdo_measurement_outcome{{{SEEN_FROM}}})",
                    legend="{{vantage}}",
                ),
            ),
            unit="percentunit",
            high=1.0,
            empty=t("None is inconclusive."),
        ),
        bars(
            t("Why they are inconclusive"),
            t(
                "Last measurements by reason: blocks and captchas are the portal's guard, lost connections are our own line."
            ),
            Query(expr=f"sort_desc(count by (reason) ({unknown}))", legend="{{reason}}"),
            unit="short",
            width=12,
            empty=t("None is inconclusive."),
            names=reasons(t),
        ),
    )
