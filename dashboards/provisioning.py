"""Files that a Grafana server reads at its start: data sources, where dashboards lie, alerting from the one list of alerts."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from dashboards.alert import Alert
from dashboards.alerts import ALERTS
from dashboards.owners import Owners, Team
from dashboards.recording import GROUP_INTERVALS, INCIDENT_GROUP
from dashboards.routes import (
    CENTRAL,
    DEAD_MAN,
    FAMILY,
    GROUP_INTERVAL,
    GROUP_WAIT,
    OF_FAMILY,
    REPEAT_INTERVAL,
    SLOW,
    SLOW_INTERVAL,
    TOGETHER,
    WATCHDOG_INTERVAL,
    receiver_name,
)
from dashboards.rules import PublicAddresses, annotations
from dashboards.variables import DATA_SOURCE_NAME, DATA_SOURCE_UID

HEADER = "# Written by `thuocdo grafana write`; what stands in {source} is changed there, not here.\n"

DASHBOARDS_ON_SERVER = "/var/lib/grafana/dashboards"
"""Where the server finds what we write into dashboards/."""

FOLDERS: Mapping[str, str] = {"vi": "Thước Đo", "en": "Thước Đo (English)"}
"""Folder on the server by language."""

ALERTMANAGER_UID = "thuocdo-alertmanager"

_UNANSWERED: Mapping[str, str] = {"ProberAbsent": "Alerting", "Watchdog": "OK"}
"""
What becomes of a rule when Prometheus does not answer: one says so, the sign of life stays away, so that its receiver makes
noise, and of all others nothing is said, neither that it begins nor that it is over.
"""

_INTERVAL = "30s"
_SHORTEST_INTERVAL = "10s"
"""Its scheduler knows none that is shorter."""
_RELATIVE_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """Addresses as the Grafana server itself reaches them; the names are those of docker-compose.yml."""

    prometheus: str = "http://prometheus:9090"
    alertmanager: str = "http://alertmanager:9093"


def provisioning_files(
    owners: Owners,
    links: PublicAddresses,
    servers: Servers,
    *,
    dashboards: str = DASHBOARDS_ON_SERVER,
    alerts_by_grafana: bool,
) -> Iterator[tuple[str, str]]:
    """
    Yield (path below the folder, text) of every file.

    Args:
        owners: who is told; becomes contact points and notification policies.
        links: where links in notifications lead.
        servers: Prometheus and Alertmanager.
        dashboards: folder on Grafana's server that holds a folder of dashboards per language.
        alerts_by_grafana: whether Grafana itself tells people. Without it the rules are there and paused: Prometheus and
            Alertmanager tell them already, and nobody is to be woken twice.

    """
    rules = {"apiVersion": 1, "groups": list(_groups(ALERTS, links, paused=not alerts_by_grafana))}
    yield "datasources/thuocdo.yaml", _text("dashboards/provisioning.py", _data_sources(servers))
    yield "dashboards/thuocdo.yaml", _text("dashboards/provisioning.py", _providers(dashboards))
    yield "alerting/rules.yaml", _text("dashboards/*_alerts.py", rules)
    yield "alerting/contact_points.yaml", _text("the file of owners", _contact_points(owners))
    yield "alerting/policies.yaml", _text("dashboards/routes.py and the file of owners", _policies(owners))


def _data_sources(servers: Servers) -> dict[str, Any]:
    prometheus = {
        "name": DATA_SOURCE_NAME,
        "uid": DATA_SOURCE_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": servers.prometheus,
        "isDefault": True,
        "editable": False,
        "jsonData": {
            "httpMethod": "POST",
            "prometheusType": "Prometheus",
            "timeInterval": "15s",
            "manageAlerts": True,
            "alertmanagerUid": ALERTMANAGER_UID,
        },
    }
    alertmanager = {
        "name": "Thước Đo Alertmanager",
        "uid": ALERTMANAGER_UID,
        "type": "alertmanager",
        "access": "proxy",
        "url": servers.alertmanager,
        "editable": False,
        "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
    }
    return {"apiVersion": 1, "datasources": [prometheus, alertmanager]}


def _providers(dashboards: str) -> dict[str, Any]:
    providers = [
        {
            "name": f"thuocdo-{language}",
            "orgId": 1,
            "folder": folder,
            "folderUid": f"thuocdo-{language}",
            "type": "file",
            "disableDeletion": True,
            "allowUiUpdates": False,
            "updateIntervalSeconds": 60,
            "options": {"path": f"{dashboards}/{language}", "foldersFromFilesStructure": False},
        }
        for language, folder in FOLDERS.items()
    ]
    return {"apiVersion": 1, "providers": providers}


def _groups(alerts: Sequence[Alert], links: PublicAddresses, *, paused: bool) -> Iterator[dict[str, Any]]:
    by_group: dict[str, list[dict[str, Any]]] = {}
    for alert in alerts:
        by_group.setdefault(alert.group, []).append(_rule(alert, links, paused=paused))
    for name, rules in by_group.items():
        interval = _SHORTEST_INTERVAL if name == INCIDENT_GROUP else GROUP_INTERVALS.get(name, _INTERVAL)
        yield {"orgId": 1, "name": name, "folder": FOLDERS["vi"], "interval": interval, "rules": rules}


def _rule(alert: Alert, links: PublicAddresses, *, paused: bool) -> dict[str, Any]:
    return {
        "uid": f"thuocdo-{alert.anchor}",
        "title": alert.name,
        "condition": "B",
        "data": [_query(alert), _above_zero()],
        # An alert's query returns nothing while all is well; that nothing comes at all is an alert of its own (ProberAbsent).
        "noDataState": "OK",
        "execErrState": _UNANSWERED.get(alert.name, "KeepLast"),
        "for": alert.hold,
        # Read from files by Grafana 12.1.2 and newer, left unread by what is older.
        **({"keepFiringFor": alert.keep} if alert.keep else {}),
        "labels": {"severity": alert.severity.value},
        "annotations": _annotations(alert, links),
        "isPaused": paused,
    }


def _query(alert: Alert) -> dict[str, Any]:
    return {
        "refId": "A",
        "relativeTimeRange": {"from": _RELATIVE_SECONDS, "to": 0},
        "datasourceUid": DATA_SOURCE_UID,
        "model": {"refId": "A", "expr": alert.expr, "instant": True, "range": False, "editorMode": "code"},
    }


def _above_zero() -> dict[str, Any]:
    condition = {"evaluator": {"type": "gt", "params": [0]}}
    return {
        "refId": "B",
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": "__expr__",
        "model": {"refId": "B", "type": "threshold", "expression": "A", "conditions": [condition]},
    }


def _annotations(alert: Alert, links: PublicAddresses) -> dict[str, str]:
    """
    Return Prometheus' annotations as Grafana fills them.

    Grafana's $value is a text about all queries, $values.A.Value the number; it cannot ask for anything when the text is made.
    """
    texts = annotations(alert, links, asks=False)
    return {name: re.sub(r"\$value\b", "$values.A.Value", text) for name, text in texts.items()}


def _contact_points(owners: Owners) -> dict[str, Any]:
    owned = ((receiver_name(owner), team) for owner, team in owners.owners.items())
    teams = [(CENTRAL, owners.central), (DEAD_MAN, owners.dead_man), *owned]
    points = [
        {"orgId": 1, "name": name, "receivers": list(_receivers(name, team, resolved=name != DEAD_MAN))}
        for name, team in teams
    ]
    return {"apiVersion": 1, "contactPoints": points}


def _receivers(name: str, team: Team, *, resolved: bool) -> Iterator[dict[str, Any]]:
    settings: list[tuple[str, dict[str, Any]]] = [
        *(("webhook", {"url": hook.url, "httpMethod": "POST", **_bearer(hook.token_file)}) for hook in team.webhooks),
        *(("email", {"addresses": mail.to, "singleEmail": True}) for mail in team.emails),
        *(("telegram", {"bottoken": _content(c.token_file), "chatid": str(c.chat_id)}) for c in team.telegram),
    ]
    short = hashlib.sha256(name.encode()).hexdigest()[:16]  # Grafana takes uids of at most 40 characters
    for number, (kind, given) in enumerate(settings, start=1):
        yield {
            "uid": f"thuocdo-{short}-{number}",
            "type": kind,
            "disableResolveMessage": not resolved,
            "settings": given,
        }


def _bearer(token_file: str) -> dict[str, Any]:
    if not token_file:
        return {}
    return {"authorization_scheme": "Bearer", "authorization_credentials": _content(token_file)}


def _content(path: str) -> str:
    """Return what Grafana replaces by a file's content when it starts: secrets stand in no file of ours."""
    return f"$__file{{{path}}}"


def _policies(owners: Owners) -> dict[str, Any]:
    watchdog = {
        "receiver": DEAD_MAN,
        "object_matchers": [["alertname", "=", "Watchdog"]],
        "group_wait": "0s",
        "repeat_interval": WATCHDOG_INTERVAL,
    }
    families = {"receiver": CENTRAL, "object_matchers": [["alertname", "=", FAMILY]], "group_by": list(OF_FAMILY)}
    slow = {"object_matchers": [["alertname", "=", SLOW]], "repeat_interval": SLOW_INTERVAL}
    routes = [
        {"receiver": receiver_name(owner), "object_matchers": [["owner", "=", owner]], "routes": [slow]}
        for owner in owners.owners
    ]
    root = {
        "orgId": 1,
        "receiver": CENTRAL,
        "group_by": list(TOGETHER),
        "group_wait": GROUP_WAIT,
        "group_interval": GROUP_INTERVAL,
        "repeat_interval": REPEAT_INTERVAL,
        "routes": [watchdog, families, *routes, {"receiver": CENTRAL, **slow}],
    }
    return {"apiVersion": 1, "policies": [root]}


def _text(source: str, values: Any) -> str:
    return HEADER.format(source=source) + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)
