"""Queries that Prometheus records, because alerts and dashboards ask them again and again."""

from dashboards.alert import Recording

BUDGET_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"""Over which the error budget's burning is watched."""

UNEXPLAINED_WINDOWS = ("5m", "1h", "2h", "1d")
"""Over which the part of it that no incident explains is: of this alone people are told."""

LONG_WINDOWS = frozenset({"6h", "1d", "3d"})
"""Windows that move slowly and cost much: recorded in a group of their own."""

LONG_GROUP = "thuocdo-budget-long"

INCIDENT_GROUP = "thuocdo-incidents"
"""Alerts of incidents, which are told within a minute (see GROUP_WAIT in routes.py)."""

GROUP_INTERVALS = {LONG_GROUP: "1m", INCIDENT_GROUP: "3s"}
"""
Groups that are evaluated at a pace of their own, whatever Prometheus' evaluation_interval: less often what looks far back, where
nothing hurries; more often what wakes people, which asks for little.
"""


def error_ratio(window: str) -> str:
    """Return the name under which a target's share of failed probes over a window is recorded."""
    return f"target:thuocdo_probes_failed:ratio_rate{window}"


def unexplained_ratio(window: str) -> str:
    """Return the name under which a target's share of failed probes that no incident explains is recorded."""
    return f"target:thuocdo_probes_unexplained:ratio_rate{window}"


def unexplained_increase(window: str) -> str:
    """Return the name under which their number is recorded."""
    return f"target:thuocdo_probes_unexplained:increase{window}"


def _error_ratio(window: str) -> Recording:
    return Recording(
        name=error_ratio(window),
        group=_group(window),
        expr=f"{_judged('failed', window)} / {_judged('ok|failed', window)}",
    )


def _unexplained_ratio(window: str) -> Recording:
    counted = f"sum by (target) (rate(thuocdo_probes_unexplained_total[{window}]))"
    return Recording(
        name=unexplained_ratio(window), group=_group(window), expr=f"{counted} / {_judged('ok|failed', window)}"
    )


def _unexplained_increase(window: str) -> Recording:
    counted = f"sum by (target) (increase(thuocdo_probes_unexplained_total[{window}]))"
    return Recording(name=unexplained_increase(window), group=_group(window), expr=counted)


def _judged(outcomes: str, window: str) -> str:
    matcher = f'=~"{outcomes}"' if "|" in outcomes else f'="{outcomes}"'
    return f"sum by (target) (rate(thuocdo_probes_judged_total{{outcome{matcher}}}[{window}]))"


def _group(window: str) -> str:
    return LONG_GROUP if window in LONG_WINDOWS else "thuocdo-budget"


_INFO = "max by (target, agency, block, family) (thuocdo_target_info)"


def _answering(level: str) -> Recording:
    """Record the share of home pages of a level that answered when last probed."""
    of_target = f"(avg by (target) (probe_success) * on (target) group_left (agency, block, family) {_INFO})"
    return Recording(name=f"{level}:probe_success:avg", group="thuocdo-levels", expr=f"avg by ({level}) {of_target}")


RECORDING: tuple[Recording, ...] = (
    *(_error_ratio(window) for window in BUDGET_WINDOWS),
    *(_unexplained_ratio(window) for window in UNEXPLAINED_WINDOWS),
    *(_unexplained_increase(window) for window in UNEXPLAINED_WINDOWS if window in ("1h", "1d")),
    *(_answering(level) for level in ("agency", "block", "family")),
    Recording(name="vantage:probe_success:avg", group="thuocdo-levels", expr="avg by (vantage) (probe_success)"),
    Recording(
        name="vantage:thuocdo_measurement_outcome:inconclusive_ratio",
        group="thuocdo-levels",
        expr='(sum by (vantage) (thuocdo_measurement_outcome{kind="http",outcome="inconclusive"}) '
        'or 0 * sum by (vantage) (thuocdo_measurement_outcome{kind="http"})) '
        '/ sum by (vantage) (thuocdo_measurement_outcome{kind="http"})',
    ),
    Recording(
        name="target:thuocdo_response_seconds:p75_rate1h",
        group="thuocdo-levels",
        expr="histogram_quantile(0.75, sum by (target, kind, le) (rate(thuocdo_response_seconds_bucket[1h])))",
    ),
    Recording(
        name="target:thuocdo_homepage_lcp_seconds:p75_1d",
        group=LONG_GROUP,
        expr="max by (target, profile) (quantile_over_time(0.75, thuocdo_homepage_lcp_seconds[1d]))",
    ),
)
