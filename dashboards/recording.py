"""Queries that Prometheus records, because alerts and dashboards ask them again and again."""

from dashboards.alert import Recording

BUDGET_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
"""Over which the error budget's burning is watched."""

LONG_WINDOWS = frozenset({"6h", "1d", "3d"})
"""Windows that move slowly and cost much: recorded in a group of their own."""

LONG_GROUP = "thuocdo-budget-long"

GROUP_INTERVALS = {LONG_GROUP: "1m", "thuocdo-certificates": "5m"}
"""Groups that are evaluated less often than Prometheus' own evaluation_interval: they look far back, and nothing hurries."""


def error_ratio(window: str) -> str:
    """Return the name under which a target's share of failed probes over a window is recorded."""
    return f"target:thuocdo_probes_failed:ratio_rate{window}"


def _error_ratio(window: str) -> Recording:
    def judged(outcomes: str) -> str:
        return f"sum by (target) (rate(thuocdo_probes_judged_total{{outcome{outcomes}}}[{window}]))"

    return Recording(
        name=error_ratio(window),
        group=LONG_GROUP if window in LONG_WINDOWS else "thuocdo-budget",
        expr=judged('="failed"') + " / " + judged('=~"ok|failed"'),
    )


_INFO = "max by (target, agency, block, family) (thuocdo_target_info)"


def _answering(level: str) -> Recording:
    """Record the share of home pages of a level that answered when last probed."""
    of_target = f"(avg by (target) (probe_success) * on (target) group_left (agency, block, family) {_INFO})"
    return Recording(name=f"{level}:probe_success:avg", group="thuocdo-levels", expr=f"avg by ({level}) {of_target}")


RECORDING: tuple[Recording, ...] = (
    *(_error_ratio(window) for window in BUDGET_WINDOWS),
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
