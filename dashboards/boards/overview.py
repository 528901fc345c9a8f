"""The country at a glance: who is down, how many portals answer, how fast, in both blocks, and who moved for the worse."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.boards.open_incidents import open_now
from dashboards.edition import Edition
from dashboards.limits import (
    AVAILABILITY,
    BAD,
    COVERAGE,
    GOOD,
    LARGEST_CONTENT,
    NONE_IS_GOOD,
    NONE_IS_USUAL,
    RESPONSE,
    SLOW_RESPONSE,
    WARN,
)
from dashboards.panels import Panel, Query, bars, lines, number
from dashboards.queries import JUDGED, SEEN_FROM, none_is_zero, of_agency, of_fleet, outcome, responses, windowed
from dashboards.tables import Column, agency_columns, rows, target_columns
from dashboards.variables import variables
from dashboards.words import conclusions, reasons, seconds
from thuocdo.core.model import Block

FLEET = 'block=~"$block",region=~"$region",family=~"$family"'
RANKED = (Block.MINISTRY, Block.PROVINCE)
"""The blocks that are ranked, each for itself."""


def board(edition: Edition) -> Board:
    """Return the national overview."""
    t = edition.t
    return Board(
        name="overview",
        title=t("National overview"),
        description=t("Who has an incident now, and all probed portals at a glance, ministries and provinces apart."),
        variables=variables(edition, "block", "region", "family", "vantage", "profile", "web"),
        annotations=annotations(edition, where='family=~"$family|"'),
        since="now-24h",
        pages=((t("Rankings"), "${web}/"),),
        rows=(
            Row(title=t("Now"), panels=(*_now(edition), *_who(edition))),
            Row(title=t("Both blocks"), panels=_blocks(edition)),
            Row(title=t("Worst movers"), panels=_movers(edition)),
            Row(title=t("All portals"), panels=_all(edition)),
        ),
    )


def _now(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        number(
            t("Probed targets"),
            t("Home pages and eForms that are probed and that the variables choose."),
            f"count(max by (target) (thuocdo_target_info{{{FLEET}}}))",
            unit="short",
            width=3,
        ),
        number(
            t("Portals down"),
            t("Open incidents of state down: confirmed by several failures, and not a fault of our own line."),
            _open("down"),
            unit="short",
            steps=NONE_IS_GOOD,
            width=3,
            link=edition.link("incidents"),
        ),
        number(
            t("Not usable"),
            t(
                "Open incidents of portals that answer and do not work, answer in turn, or have another page in their place."
            ),
            _open("broken|flapping|replaced"),
            unit="short",
            steps=NONE_IS_GOOD,
            width=3,
            link=edition.link("incidents"),
        ),
        number(
            t("Portals slow"),
            t("Open incidents of state degraded: answers, and far slower than usual for a long while."),
            _open("degraded"),
            unit="short",
            steps=NONE_IS_USUAL,
            width=3,
            link=edition.link("incidents"),
        ),
        number(
            t("Availability, 30 days"),
            t("Mean over the targets of ok / (ok + failed), probes outside planned maintenance."),
            f"avg({of_fleet(windowed('availability', '30d'), 'block', where=FLEET)})",
            unit="percentunit",
            decimals=2,
            steps=AVAILABILITY,
        ),
        number(
            t("Coverage, 1 day"),
            t(
                "Share of the probes that ended ok or failed; the rest was inconclusive, and says nothing about a portal."
            ),
            f"avg({of_fleet(windowed('coverage', '1d'), 'block', where=FLEET)})",
            unit="percentunit",
            decimals=1,
            steps=COVERAGE,
        ),
        number(
            t("Median response"),
            t("Median of the last HTTP response times, redirects included, of those that answered."),
            f"quantile(0.5, {of_fleet(responses(SEEN_FROM), 'block', where=FLEET)})",
            unit=seconds(t),
            decimals=2,
            steps=RESPONSE,
        ),
    )


def _who(edition: Edition) -> tuple[Panel, ...]:
    return (open_now(edition, FLEET, 'family=~"$family|"', height=9),)


def _open(states: str) -> str:
    incidents = of_fleet(f'thuocdo_incident_open{{scope="target",state=~"{states}"}}', "block", where=FLEET)
    return none_is_zero(f"count({incidents})", JUDGED)


def _blocks(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t

    def both(expression: str) -> list[Query]:
        return [Query(expr=expression.replace("BLOCK", block), legend=t(f"block.{block}")) for block in RANKED]

    success = of_fleet(f"probe_success{{{SEEN_FROM}}}", "block", where=f'{FLEET},block="BLOCK"')
    response = of_fleet(responses(SEEN_FROM), "block", where=f'{FLEET},block="BLOCK"')
    paint = of_fleet(f"thuocdo_homepage_lcp_seconds{{{SEEN_FROM}}}", "block", where=f'{FLEET},block="BLOCK"')
    unwell = of_fleet(f'thuocdo_measurement_outcome{{outcome!="ok",{SEEN_FROM}}}', "block", where=FLEET)
    return (
        lines(
            t("Portals that answer"),
            t("Share of the last conclusive HTTP probes that ended ok."),
            both(f"avg({success})"),
            unit="percentunit",
            high=1.0,
            low=None,
        ),
        lines(
            t("Median response"),
            t(
                "Median of the last HTTP response times of each block, redirects included, of those that answered; "
                "dashed: 4 s, beyond which a portal can be judged slow."
            ),
            both(f"quantile(0.5, {response})"),
            unit=seconds(t),
            steps=SLOW_RESPONSE,
        ),
        lines(
            t("Median largest content"),
            t("Median time to the largest content of home pages (LCP); dashed: 4 s, the criteria for state websites."),
            both(f"quantile(0.5, {paint})"),
            unit=seconds(t),
            steps=LARGEST_CONTENT,
        ),
        bars(
            t("What is wrong now"),
            t(
                "Targets by the reasons for which their last measurements of any kind did not end ok, each target once for each "
                "reason; with some of them the fault is not the portal's."
            ),
            Query(expr=f"sort_desc(count by (reason) (max by (target, reason) ({unwell})))", legend="{{reason}}"),
            unit="short",
            width=12,
            names=reasons(t),
            empty=t("Nothing wrong was found."),
        ),
    )


def _movers(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    score = 'max by (agency) (thuocdo_agency_score_ratio{block=~"$block"}'
    day, month = (f'max by (target) (thuocdo_target_availability_ratio{{window="{w}"}})' for w in ("1d", "30d"))
    hour, week = (f"avg by (target) (avg_over_time(probe_duration_seconds{{{SEEN_FROM}}}[{w}]))" for w in ("1h", "7d"))
    return (
        rows(
            t("Scores that fell"),
            t("Change of the score within 7 days, the worst first."),
            (
                *agency_columns(edition),
                Column(
                    title=t("Change"),
                    expr=of_agency(f"(bottomk(10, {score}) - {score} offset 7d)) < 0)"),
                    unit="percentunit",
                    decimals=1,
                ),
            ),
            width=8,
            sort=t("Change"),
            descending=False,
            empty=t("No score was seen to fall."),
        ),
        rows(
            t("Slower than usual"),
            t("Response of the last hour over that of the last 7 days; 2 = twice as slow; waiting in vain counts too."),
            (
                *target_columns(edition),
                Column(
                    title=t("Times"),
                    expr=of_fleet(f"topk(10, {hour} / {week} > 1)", "name", where=FLEET),
                    unit="short",
                    decimals=2,
                    steps=((None, GOOD), (1.5, WARN), (2.0, BAD)),
                ),
            ),
            width=8,
            sort=t("Times"),
            empty=t("None was found slower than usual."),
        ),
        rows(
            t("Less available than usual"),
            t("Availability of the last day less that of the last 30 days, the worst first."),
            (
                *target_columns(edition),
                Column(
                    title=t("Change"),
                    expr=of_fleet(f"bottomk(10, {day} - {month} < 0)", "name", where=FLEET),
                    unit="percentunit",
                    decimals=2,
                ),
            ),
            width=8,
            sort=t("Change"),
            descending=False,
            empty=t("None was found less available than usual."),
        ),
    )


def _all(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t

    def each(query: str) -> str:
        return of_fleet(query, "name", "url", where=FLEET)

    last = outcome(f'kind=~"http|eform",{SEEN_FROM}')
    return (
        rows(
            t("Every target"),
            t(
                "The worst first: how the last probe over HTTP, or of the eForm, ended, where vantage points differ the worst."
            ),
            (
                *target_columns(edition, width=300),
                Column(title=t("Address"), label="url", link="${__value.raw}"),
                Column(
                    title=t("Outcome"),
                    expr=each(f"max by (target) ({last})"),
                    texts={value: text for value, (text, _) in conclusions(t).items()},
                    steps=((None, GOOD), (2.0, WARN), (3.0, BAD)),
                    width=170,
                ),
                Column(
                    title=t("Response"),
                    expr=each(f"avg by (target) ({responses(SEEN_FROM)})"),
                    unit=seconds(t),
                    decimals=2,
                    steps=RESPONSE,
                    width=180,
                ),
                Column(
                    title=t("Availability, 1 day"),
                    expr=each(f"max by (target) ({windowed('availability', '1d')})"),
                    unit="percentunit",
                    decimals=2,
                    steps=AVAILABILITY,
                    width=200,
                ),
                Column(
                    title=t("Coverage, 1 day"),
                    expr=each(f"max by (target) ({windowed('coverage', '1d')})"),
                    unit="percentunit",
                    decimals=1,
                    steps=COVERAGE,
                    width=200,
                ),
            ),
            width=24,
            height=12,
            sort=t("Outcome"),
        ),
    )
