"""Rule files of Prometheus, from the lists of alerts and recorded queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from dashboards.alert import Alert, Recording
from dashboards.alerts import ALERTS
from dashboards.filling import about_cause, about_incident, about_leaving, fill, incident_page
from dashboards.recording import GROUP_INTERVALS, RECORDING
from dashboards.runbooks import first_step

GENERATED = "# Written by `thuocdo alerts write`; what stands in {source} is changed there, not here.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicAddresses:
    """
    Where links in notifications lead: addresses that people can open, without a slash at the end.

    site: our own pages. grafana: the dashboards; empty = there are none. runbook: the page of runbooks; empty = our own, which
    needs no Internet.
    """

    site: str = "http://127.0.0.1:8321"
    grafana: str = "http://127.0.0.1:3000"
    runbook: str = ""


def rule_files(links: PublicAddresses) -> Mapping[str, str]:
    """Return the text of each rule file by its name."""
    header = GENERATED.format(source="dashboards/*_alerts.py and dashboards/recording.py")
    return {
        "recording.yml": header + _yaml({"groups": list(_groups(RECORDING, _recorded))}),
        "alerts.yml": header + _yaml({"groups": list(_groups(ALERTS, lambda alert: _alerting(alert, links)))}),
    }


def annotations(alert: Alert, links: PublicAddresses, *, asks: bool = True) -> dict[str, str]:
    """
    Return what a notification tells of an alert: texts in both languages, first step, the incident, and where to look.

    asks: whether its templates can ask Prometheus when the text is made.
    """
    variables = "&".join(f"var-{name}={{{{ $labels.{name} }}}}" for name in alert.variables)
    written = {
        "summary": (alert.vi.summary, "vi"),
        "description": (alert.vi.description, "vi"),
        "summary_en": (alert.en.summary, "en"),
        "description_en": (alert.en.description, "en"),
    }
    return {
        **{name: fill(text, language, asks=asks) for name, (text, language) in written.items()},
        "step": first_step(alert.name, "vi"),
        "step_en": first_step(alert.name, "en"),
        **({"ending": about_leaving(alert)} if "target" in alert.labels and asks else {}),
        **(about_incident(alert) if alert.about and asks else {}),
        **(about_cause(alert) if asks else {}),
        "page_url": f"{links.site}{incident_page(alert) if asks else alert.page}",
        "dashboard_url": f"{links.grafana}/d/{alert.dashboard}" + (f"?{variables}" if variables else "")
        if links.grafana
        else "",
        "runbook_url": f"{links.runbook or links.site + '/runbooks'}#{alert.anchor}",
    }


def _groups(rules: Iterable[Any], write: Any) -> Iterable[dict[str, Any]]:
    by_group: dict[str, list[Any]] = {}
    for rule in rules:
        by_group.setdefault(rule.group, []).append(write(rule))
    for name, written in by_group.items():
        interval = {"interval": GROUP_INTERVALS[name]} if name in GROUP_INTERVALS else {}
        yield {"name": name, **interval, "rules": written}


def _recorded(recording: Recording) -> dict[str, Any]:
    labels = {"labels": dict(recording.labels)} if recording.labels else {}
    return {"record": recording.name, "expr": recording.expr, **labels}


def _alerting(alert: Alert, links: PublicAddresses) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        **({"for": alert.hold} if alert.hold != "0s" else {}),
        **({"keep_firing_for": alert.keep} if alert.keep else {}),
        "labels": {"severity": alert.severity.value},
        "annotations": annotations(alert, links),
    }


def _yaml(values: Any) -> str:
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)
