"""
Every alert, once: rule files of Prometheus, those of Grafana, and the runbook's anchors follow from this list.

Portals are judged by `thuocdo judge`, not here: an incident is confirmed before it has a metric, so its alert needs no waiting.
Only what Prometheus 2.42 and 3.x have in common is used.
"""

from dashboards.alert import Alert
from dashboards.portal_alerts import PORTAL_ALERTS
from dashboards.prober_alerts import PROBER_ALERTS

ALERTS: tuple[Alert, ...] = (*PORTAL_ALERTS, *PROBER_ALERTS)


def alert(name: str) -> Alert:
    """Return an alert by its name."""
    return next(one for one in ALERTS if one.name == name)
