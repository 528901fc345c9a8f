"""One target: every phase of its answers, what a browser saw, and the way to the evidence."""

from dashboards.annotations import annotations
from dashboards.board import Board, Row
from dashboards.edition import Edition
from dashboards.limits import (
    AVAILABILITY,
    BUDGET,
    CERTIFICATE_DAYS,
    FIRST_CONTENT,
    HOME_PAGE,
    LAYOUT_SHIFT,
    RESPONSE,
    SLOW_RESPONSE,
)
from dashboards.panels import Panel, Query, lines, number, states
from dashboards.queries import SEEN_FROM, or_unseen, outcome
from dashboards.tables import Column, rows
from dashboards.variables import variables
from dashboards.words import (
    INSTANT,
    before,
    conclusions,
    days,
    kinds,
    no_fault,
    outcomes,
    profiles,
    reasons,
    seconds,
    steps,
    unseen,
)

OWN = f'target="$target",{SEEN_FROM}'
HTTP_OR_EFORM = f'kind=~"http|eform",{OWN}'
DAY = 86400


def _evidence(edition: Edition, kind: str) -> tuple[str, str]:
    """Return a link from a point to what was measured until then, the newest first."""
    return edition.t(
        "Measurements and evidence up to here"
    ), f"${{web}}/targets/${{target}}?kind={kind}&until=${{__value.time}}"


def board(edition: Edition) -> Board:
    """Return the board of one target."""
    t = edition.t
    return Board(
        name="target",
        title=t("One target"),
        description=t("Phases, web vitals, eForm and page weight of one target, with links to the evidence."),
        variables=variables(edition, "target", "vantage", "profile", "web", single=("target",)),
        annotations=annotations(edition, where='target=~"$target|"', targets='target="$target"'),
        since="now-24h",
        pages=((t("Measurements and evidence"), "${web}/targets/${target}"),),
        rows=(
            Row(title=t("Now"), panels=(*_now(edition), *_seen(edition))),
            Row(title=t("Connection"), panels=_connection(edition)),
            Row(title=t("In the browser"), panels=_browser(edition)),
            Row(title="eForm", panels=_eform(edition)),
        ),
    )


def _now(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        number(
            t("State"),
            t(
                "How the last probe ended, over HTTP or of the eForm, and why; where vantage points differ the worst of them."
            ),
            f"topk(1, max by (reason) ({_with_reason(HTTP_OR_EFORM)}))",
            unit="short",
            texts=conclusions(t),
            legend="{{reason}}",
            names=no_fault(t),
        ),
        number(
            t("Response"),
            t("Last HTTP response time, redirects included; mean over vantage points."),
            f"avg(probe_duration_seconds{{{OWN}}})",
            unit=seconds(t),
            decimals=2,
            steps=RESPONSE,
        ),
        number(
            t("Availability, 30 days"),
            t("ok / (ok + failed) of the HTTP probes outside planned maintenance."),
            'max(thuocdo_target_availability_ratio{target="$target",window="30d"})',
            unit="percentunit",
            decimals=2,
            steps=AVAILABILITY,
        ),
        number(
            t("Error budget that is left"),
            t("Of this month: 100 % is untouched, below 0 % is overspent."),
            'max(thuocdo_target_error_budget_remaining_ratio{target="$target"})',
            unit="percentunit",
            decimals=0,
            steps=BUDGET,
        ),
        number(
            t("Certificate"),
            t("Time until the first certificate of the chain expires; alerts at 21 and 7 days."),
            f"(min(probe_ssl_earliest_cert_expiry{{{OWN}}}) - time()) / {DAY}",
            unit=days(t),
            decimals=0,
            steps=CERTIFICATE_DAYS,
        ),
        number(
            t("HTTP status"),
            t("Of the last answer; where vantage points differ, the highest. 0 = there was no answer."),
            f"max(probe_http_status_code{{{OWN}}})",
            unit="none",
            steps=((None, "red"), (1.0, "green"), (400.0, "red")),
        ),
    )


def _with_reason(where: str) -> str:
    """Return how measurements ended, with `-` as the reason of those that are ok."""
    return f'label_replace({outcome(where)}, "reason", "-", "reason", "")'


def _seen(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    why = f"max by (reason) ({_with_reason(OWN)})"
    return (
        states(
            t("Seen from each vantage point"),
            t(
                "How the measurements of each kind ended: ok, failed (the portal's fault), or inconclusive (ours, or "
                "unknowable). Empty: nothing was measured."
            ),
            Query(expr=or_unseen(f"max by (kind, vantage) ({outcome(OWN)})", "vantage"), legend="{{kind}} {{vantage}}"),
            texts=conclusions(t),
            renames={**unseen(t), **before(kinds(t))},
            width=12,
            height=8,
        ),
        states(
            t("Why, over time"),
            t(
                "The reasons of the last measurements that did not end ok, at any vantage point, in the colour of their outcome."
            ),
            Query(expr=or_unseen(why, "reason"), legend="{{reason}}"),
            texts=conclusions(t),
            renames={**unseen(t), **no_fault(t)},
            width=12,
            height=8,
        ),
        rows(
            t("Last measurements"),
            t("How the last measurement of every kind ended; a click on the outcome leads to the evidence."),
            (
                Column(title=t("Kind"), label="kind", texts=kinds(t)),
                Column(title=t("Vantage point"), label="vantage"),
                Column(title=t("Profile"), label="profile", texts=profiles(t)),
                Column(title=t("Outcome"), label="outcome", texts=outcomes(t), link="${web}/targets/${target}"),
                Column(title=t("Reason"), label="reason", texts=reasons(t)),
                Column(
                    title=t("Measured"),
                    expr=f"thuocdo_measurement_timestamp_seconds{{{OWN}}} * 1000 * on (target, kind, vantage, profile)"
                    f" group_left (outcome, reason) thuocdo_measurement_outcome{{{OWN}}}",
                    unit=INSTANT,
                    width=160,
                ),
            ),
            width=24,
            height=7,
            sort=t("Measured"),
        ),
    )


def _connection(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    phases = {
        "resolve": t("Name lookup"),
        "connect": t("Connecting"),
        "tls": t("TLS handshake"),
        "processing": t("Server at work"),
        "transfer": t("Transfer"),
    }
    return (
        lines(
            t("Phases of the answer"),
            t("What the response time is made of, summed over redirects; mean over vantage points."),
            [
                Query(expr=f'avg(probe_http_duration_seconds{{{OWN},phase="{phase}"}} > 0)', legend=text)
                for phase, text in phases.items()
            ],
            unit=seconds(t),
            link=_evidence(edition, "http"),
            width=8,
            stacked=True,
        ),
        lines(
            t("Response from each vantage point"),
            t(
                "Whole HTTP exchange, redirects included: a line far above the others is that vantage point's. Dashed: 4 s, "
                "beyond which a portal can be judged slow."
            ),
            (Query(expr=f"avg by (vantage) (probe_duration_seconds{{{OWN}}})", legend="{{vantage}}"),),
            unit=seconds(t),
            link=_evidence(edition, "http"),
            steps=SLOW_RESPONSE,
            width=8,
        ),
        lines(
            t("Share of fast answers"),
            t("HTTP probes of the last hour that were answered within 1 and 3 seconds."),
            [
                Query(
                    expr=f'sum(rate(thuocdo_response_seconds_bucket{{target="$target",kind="http",le="{bound}"}}[1h]))'
                    ' / sum(rate(thuocdo_response_seconds_count{target="$target",kind="http"}[1h]))',
                    legend=text,
                )
                for bound, text in (("1.0", t("Within 1 s")), ("3.0", t("Within 3 s")))
            ],
            unit="percentunit",
            link=_evidence(edition, "http"),
            width=8,
            high=1.0,
        ),
    )


def _browser(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        lines(
            t("What people see, and when"),
            t(
                "Home page: first byte, first and largest content, end of loading; mean over what the variables choose. Dashed: "
                "3 s for the first content, 4 s for the largest, 5.8 s for all of it, by the criteria for state websites."
            ),
            [
                Query(expr=f"avg(thuocdo_homepage_{value}_seconds{{{OWN}}})", legend=text)
                for value, text in (
                    ("ttfb", t("First byte (TTFB)")),
                    ("fcp", t("First content (FCP)")),
                    ("lcp", t("Largest content (LCP)")),
                    ("speed_index", "Speed Index"),
                    ("load", t("Page loaded")),
                )
            ],
            unit=seconds(t),
            link=_evidence(edition, "homepage"),
            steps=HOME_PAGE,
        ),
        lines(
            t("First content by profile"),
            t("Time to the first content of each profile; dashed: 3 s, the criteria for state websites."),
            (Query(expr=f"avg by (profile) (thuocdo_homepage_fcp_seconds{{{OWN}}})", legend="{{profile}}"),),
            names=profiles(t),
            unit=seconds(t),
            link=_evidence(edition, "homepage"),
            steps=FIRST_CONTENT,
        ),
        lines(
            t("How well it answers a person"),
            t("Time the page was blocked by its own scripts, and time from a key press to the next frame."),
            [
                Query(expr=f"avg(thuocdo_homepage_{value}_seconds{{{OWN}}})", legend=text)
                for value, text in (
                    ("tbt", t("Blocked (TBT)")),
                    ("interaction", t("Key press to frame")),
                )
            ],
            unit=seconds(t),
            link=_evidence(edition, "homepage"),
            width=8,
        ),
        lines(
            t("Layout shifts"),
            t("Worst window of unexpected shifts (CLS); dashed: below 0.1 is good, above 0.25 poor."),
            (Query(expr=f"avg by (profile) (thuocdo_homepage_cls_ratio{{{OWN}}})", legend="{{profile}}"),),
            names=profiles(t),
            unit="none",
            link=_evidence(edition, "homepage"),
            steps=LAYOUT_SHIFT,
            width=4,
        ),
        lines(
            t("Page weight"),
            t("Bytes received by all frames, as transferred."),
            (Query(expr=f"avg by (profile) (thuocdo_homepage_transferred_bytes{{{OWN}}})", legend="{{profile}}"),),
            names=profiles(t),
            unit="bytes",
            link=_evidence(edition, "homepage"),
            width=6,
        ),
        lines(
            t("Requests and errors"),
            t("Requests of all frames, those that failed, hosts of third parties, and errors of scripts."),
            [
                Query(expr=f"avg(thuocdo_homepage_{value}{{{OWN}}})", legend=text)
                for value, text in (
                    ("requests", t("Requests")),
                    ("failed_requests", t("Failed requests")),
                    ("third_party_hosts", t("Third-party hosts")),
                    ("javascript_errors", t("JavaScript errors")),
                )
            ],
            unit="short",
            link=_evidence(edition, "homepage"),
            width=6,
        ),
    )


def _eform(edition: Edition) -> tuple[Panel, ...]:
    t = edition.t
    return (
        lines(
            t("Way to the form"),
            t(
                "Entry: until the procedure's page can be used; first field and ready: from the click that opens the form."
            ),
            [
                Query(expr=f"avg(thuocdo_eform_{value}_seconds{{{OWN}}})", legend=text)
                for value, text in (
                    ("entry", t("Entry")),
                    ("first_field", t("First field")),
                    ("ready", t("All fields ready")),
                )
            ],
            unit=seconds(t),
            link=_evidence(edition, "eform"),
        ),
        lines(
            t("Steps of the journey"),
            t("Time that each step took, our own handling included."),
            (Query(expr=f"avg by (step) (thuocdo_step_duration_seconds{{{OWN}}})", legend="{{step}}"),),
            names=steps(t),
            unit=seconds(t),
            link=_evidence(edition, "eform"),
            stacked=True,
        ),
    )
